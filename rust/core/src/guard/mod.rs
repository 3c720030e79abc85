//! What a fuzzy match must not change.

mod opposites;

use crate::character::is_unsegmented;
use crate::distance::edits;
use crate::skeleton::Skeleton;
use opposites::{are_opposed, has_opposite};

/// Words that deny.
pub(crate) const DENIALS: [&str; 7] = ["no", "non", "not", "nor", "never", "neither", "without"];

/// The length of the longest of them and of Roman numerals with a letter.
const LONGEST_MARKER: usize = 7;

/// Beginnings that deny a word.
const DENYING: [&str; 4] = ["non", "un", "in", "im"];

/// Words shorter than this may be exchanged for others.
const EXCHANGEABLE: usize = 4;

/// The most words that differ where texts are compared word by word.
const FEW: usize = 4;

/// The words of a text, to be compared with those of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'s> {
    /// The text in which the skeleton's characters have their places.
    text: &'s str,
    skeleton: Skeleton<'s>,
}

impl<'s> Words<'s> {
    /// The words of a skeleton that was read from `text`.
    pub(crate) fn new(text: &'s str, skeleton: Skeleton<'s>) -> Self {
        Self { text, skeleton }
    }

    fn all(&self) -> impl Iterator<Item = Skeleton<'s>> + Clone {
        self.skeleton.pieces()
    }

    /// Whether two texts can stand for the same thing: their markers agree, neither has only the
    /// opposite of a word of the other, and no word was exchanged for one of which less than three
    /// fifths are the same.
    pub(crate) fn agree(&self, other: &Self) -> bool {
        self.agree_in_words(other)
            .unwrap_or_else(|| self.agree_as_texts(other))
    }

    fn agree_as_texts(&self, other: &Self) -> bool {
        let plain = || self.all().chain(other.all()).all(|word| is_plain(&word));
        !self.exchanges(other)
            && (plain() || (self.markers() == other.markers() && !are_opposed(self, other)))
    }

    /// Whether the two agree, if that depends only on few words that differ, in the same places.
    fn agree_in_words(&self, other: &Self) -> Option<bool> {
        let mut others = other.all();
        let mut different = [None; FEW];
        let (mut count, mut differ) = (0, 0);
        for word in self.all() {
            let pair = (word, others.next()?);
            count += 1;
            if !pair.0.equals(&pair.1) {
                *different.get_mut(differ)? = Some(pair);
                differ += 1;
            } else if is_article(&word) {
                return None;
            }
        }
        if others.next().is_some() {
            return None;
        }
        let mut different = different.iter().flatten();
        if different
            .clone()
            .any(|(one, two)| is_other(one, two, count > 1))
        {
            return Some(false);
        }
        different
            .all(|(one, two)| is_plain(one) && is_plain(two))
            .then_some(true)
    }

    /// The words that distinguish a text from similar ones, in order.
    ///
    /// These are the runs of digits, with one letter that ends the word after them ("2a"); Roman
    /// numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia");
    /// words of one letter ("hepatitis B"), except the article "a"; and words that deny.
    fn markers(&self) -> Vec<char> {
        let mut markers = Vec::new();
        let mut rest = self.all();
        while let Some(word) = rest.next() {
            if word.chars().any(char::is_numeric) {
                numbers(word, &mut markers);
            } else if is_denial(&word) {
                markers.push(' ');
                markers.extend(word.chars());
                markers.push(' ');
            } else if is_single(word) || is_roman(word.bytes) {
                let small = is_article(&word) && self.text[word.start(0)..].starts_with('a');
                if !small || rest.clone().next().is_none() {
                    markers.extend(word.chars());
                }
            }
        }
        markers
    }

    fn exchanges(&self, other: &Self) -> bool {
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

/// Whether a word neither is a marker nor has an opposite, as most words.
fn is_plain(word: &Skeleton<'_>) -> bool {
    !is_marker(word) && !has_opposite(word)
}

/// Whether a word distinguishes a text from similar ones, unless it is an article.
fn is_marker(word: &Skeleton<'_>) -> bool {
    word.bytes.iter().any(u8::is_ascii_digit)
        || (!word.is_ascii() && word.chars().any(char::is_numeric))
        || (word.len() <= LONGEST_MARKER
            && (is_denial(word) || is_single(*word) || is_roman(word.bytes)))
}

fn is_denial(word: &Skeleton<'_>) -> bool {
    matches!(word.bytes.first(), Some(b'n' | b'w'))
        && DENIALS.iter().any(|denial| word.bytes == denial.as_bytes())
}

fn is_article(word: &Skeleton<'_>) -> bool {
    word.bytes == b"a"
}

/// Whether one word was exchanged for the other, or is its denial; a word that stands alone cannot
/// be exchanged.
fn is_other(a: &Skeleton<'_>, b: &Skeleton<'_>, among_others: bool) -> bool {
    if a.equals(b) {
        return false;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let letters = long.len() - short.len();
    let denies = |denial: &str| long.bytes[..letters] == *denial.as_bytes();
    let rest = || long.part(letters..long.len()).equals(short);
    DENYING.into_iter().any(denies) && rest()
        || (among_others
            && long.len() >= EXCHANGEABLE
            && 5 * distance(short, long) > 2 * long.len())
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

fn numbers(word: Skeleton<'_>, markers: &mut Vec<char>) {
    let mut chars = word.chars().peekable();
    let mut after_digit = false;
    while let Some(c) = chars.next() {
        let digit = c.is_numeric();
        if digit || (after_digit && chars.peek().is_none()) {
            if digit && !after_digit && markers.last().is_some_and(|last| last.is_numeric()) {
                // "1 2" is not "12".
                markers.push(' ');
            }
            markers.push(c);
        }
        after_digit = digit;
    }
}

fn is_single(word: Skeleton<'_>) -> bool {
    let letter = |c: char| c.is_alphabetic() && !is_unsegmented(c);
    word.len() == 1 && word.chars().all(letter)
}

fn is_roman(word: &[u8]) -> bool {
    let numeral = match word {
        [numeral @ .., b'a'..=b'd'] => numeral,
        _ => word,
    };
    (1..=5).contains(&numeral.len()) && numeral.iter().all(|c| matches!(c, b'i' | b'v' | b'x'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::skeleton::Skeletons;

    fn with_words<R>(text: &str, then: impl FnOnce(Words<'_>) -> R) -> R {
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        let skeleton = skeletons.get(range);
        then(Words::new(text, skeleton))
    }

    proptest! {
        #[test]
        fn texts_agree_in_words_as_they_do_as_texts(
            one in "(hyper|hypo|tens|a|A|1|12|ii|v|no|non|n|pre|unstable|stable|é| |'|-){1,9}",
            other in "(hyper|hypo|tens|a|A|1|12|ii|v|no|non|n|pre|unstable|stable|é| |'|-){1,9}",
            same in 0usize..9,
        ) {
            let same = one.char_indices().nth(same).map_or(0, |(at, _)| at);
            for other in [other.clone(), format!("{}{other}", &one[..same])] {
                with_words(&one, |one| with_words(&other, |other| {
                    let in_words = one.agree_in_words(&other);
                    let as_texts = one.agree_as_texts(&other);
                    prop_assert!(in_words.is_none_or(|agree| agree == as_texts));
                    Ok(())
                }))?;
            }
        }
    }

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("no marker", "ataxia telangiectasia", ""),
            ("number", "5 mg", "5"),
            ("numbers", "1.5 mg 20", "1 5 20"),
            ("number inside a word", "COL1A1", "1 1"),
            ("number and letter", "stage T2a", "2a"),
            ("number and letter apart", "stage T2 A", "2a"),
            ("number and unit", "5mg", "5"),
            ("comma", "1,5 mg", "1 5"),
            ("possessive letter", "5's", "5s"),
            ("superscript", "m²", "2"),
            ("numeral", "type II", "ii"),
            ("numeral and letter", "stage IIIA", "iiia"),
            ("single letter", "hepatitis B", "b"),
            ("Greek letter", "interferon β", "β"),
            ("letter after an apostrophe", "Crohn’s disease", ""),
            ("article", "a tumour", ""),
            ("small letter at the end", "hepatitis a", "a"),
            ("capital letter", "hepatitis A", "a"),
            ("ideograph", "発 熱", ""),
            ("denial", "non-small cell", " non "),
        ] {
            let markers: String = with_words(text, |words| words.markers().into_iter().collect());
            assert_eq!(markers, expected, "{name}");
        }
    }

    #[test]
    fn agreement() {
        for (one, other, agree) in [
            ("hypertension", "hypertenson", true),
            ("hypertension", "hypotension", false),
            ("hypertension", "hipertension", true),
            ("stable angina", "unstable angina", false),
            ("stable angina", "stabel angina", true),
            ("asymptomatic", "symptomatic", false),
            ("right upper lobe", "left upper lobe", false),
            (
                "chronic lymphocytic leukaemia",
                "chronic lymphocytic leukemia",
                true,
            ),
            ("end-stage renal failure", "end-stage heart failure", false),
            ("cancer of lung", "cancer in lung", true),
            ("small cell cancer", "non-small cell cancer", false),
            ("with pain", "without pain", false),
            ("preoperative", "postoperative", false),
            ("left upper quadrant pain", "upper quadrant pain", false),
            ("нет тяжёлой гипертонии", "тяжёлой гипертонии", false),
            ("тяжёлой гипертонии нет", "тяжёлой гипертонии", false),
            ("nonsmall cell cancer", "non small cell cancers", false),
            ("T cell lymphoma", "Tcell lymphoma", false),
            ("hyper- and hypotension", "hyper- and hypotensions", true),
            ("hepatitis A virus", "hepatitis a virs", false),
        ] {
            let agrees = |a: &str, b: &str| with_words(a, |a| with_words(b, |b| a.agree(&b)));
            assert_eq!(agrees(one, other), agree, "{one} / {other}");
            assert_eq!(agrees(other, one), agree, "{other} / {one}");
        }
    }
}
