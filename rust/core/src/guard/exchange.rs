//! Words that were exchanged for others.

use super::Words;
use crate::character::{is_ideograph, is_syllable};
use crate::distance::edits;
use crate::skeleton::Skeleton;

/// Beginnings that deny a word.
const DENYING: [&str; 4] = ["non", "un", "in", "im"];

/// Words shorter than this may be exchanged for others.
const EXCHANGEABLE: usize = 4;

impl<'s> Words<'s> {
    /// Whether a word was exchanged for another, or one at the edge has nothing to do with the other.
    pub(super) fn exchanges(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (self.edges(), other.edges()) else {
            return false;
        };
        if own.count == others.count {
            let mut pairs = self.all().zip(other.all());
            return pairs.any(|(one, two)| is_other(&one, &two, own.count > 1));
        }
        own.count > 1
            && others.count > 1
            && (is_elsewhere(&own.first, &others.first, |longer, length| {
                longer.part(0..length)
            }) || is_elsewhere(&own.last, &others.last, |longer, length| {
                longer.part(longer.len() - length..longer.len())
            }))
    }

    fn edges(&self) -> Option<Edges<'s>> {
        let mut words = self.all();
        let first = words.next()?;
        let (count, last) = words.fold((1, first), |(count, _), word| (count + 1, word));
        Some(Edges { first, last, count })
    }
}

/// The words at the edges of a text, and how many there are.
struct Edges<'s> {
    first: Skeleton<'s>,
    last: Skeleton<'s>,
    count: usize,
}

/// Whether one word was exchanged for the other, or is its denial; a word that stands alone cannot
/// be exchanged.
pub(super) fn is_other(a: &Skeleton<'_>, b: &Skeleton<'_>, among_others: bool) -> bool {
    if a.equals(b) {
        return false;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let letters = long.len() - short.len();
    let denies = |denial: &str| long.bytes[..letters] == *denial.as_bytes();
    let rest = || long.part(letters..long.len()).equals(short);
    (among_others && (is_whole(a) || is_whole(b)))
        || (matches!(letters, 2 | 3) && DENYING.into_iter().any(denies) && rest())
        || (among_others
            && long.len() >= EXCHANGEABLE
            && 5 * at_most(short, long) > 2 * long.len()
            && 5 * distance(short, long) > 2 * long.len())
}

/// Whether a word is an ideograph or a Korean syllable, which is not misspelled but another one.
fn is_whole(word: &Skeleton<'_>) -> bool {
    !word.is_ascii()
        && word
            .chars()
            .next()
            .is_some_and(|c| is_ideograph(c) || is_syllable(c))
}

/// What the distance is not more than: the characters between what both begin and end with.
fn at_most(short: &Skeleton<'_>, long: &Skeleton<'_>) -> usize {
    if !short.is_ascii() || !long.is_ascii() {
        return long.len();
    }
    let equal = |(a, b): &(&u8, &u8)| a == b;
    let before = short.bytes.iter().zip(long.bytes);
    let before = before.take_while(equal).count();
    let behind = short.bytes[before..]
        .iter()
        .rev()
        .zip(long.bytes.iter().rev());
    let behind = behind.take_while(equal).count();
    long.len() - before - behind
}

fn distance(a: &Skeleton<'_>, b: &Skeleton<'_>) -> usize {
    if a.is_ascii() && b.is_ascii() {
        return edits(a.bytes, b.bytes);
    }
    let chars = |word: &Skeleton<'_>| word.chars().collect::<Vec<char>>();
    edits(&chars(a), &chars(b))
}

/// Whether two words at the edge of texts with different numbers of words have nothing to do with
/// each other: `edge` is the part of the longer that is the shorter if it consists of that and more.
fn is_elsewhere<'s>(
    a: &Skeleton<'s>,
    b: &Skeleton<'s>,
    edge: fn(&Skeleton<'s>, usize) -> Skeleton<'s>,
) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    !edge(long, short.len()).equals(short) && is_other(a, b, true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::skeleton::Skeletons;

    proptest! {
        #[test]
        fn no_distance_is_more_than_what_it_is_not_more_than(one in "[abé]{0,9}", other in "[abé]{0,9}") {
            let mut skeletons = Skeletons::default();
            let (one, other) = (skeletons.push(&one), skeletons.push(&other));
            let (one, other) = (skeletons.get(one), skeletons.get(other));
            let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
            prop_assert!(distance(&short, &long) <= at_most(&short, &long));
        }
    }
}
