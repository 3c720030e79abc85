//! Words that a model left out or put in.

use std::ops::Range;

use crate::distance::ratio;
use crate::index::LETTERS;
use crate::skeleton::{Skeleton, WORD_END, WORD_START};
use crate::source::Source;

/// The similarity of two skeletons that are equal but for a word inside of one of them.
///
/// The word costs half of its letters. Before it there are three letters or more in both, after it
/// another word.
pub(crate) fn similarity(a: &Skeleton<'_>, b: &Skeleton<'_>) -> Option<f64> {
    let (long, short) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let fits = |word: &Range<usize>| {
        is_inside(long, word)
            && long.len() - word.len() == short.len()
            && splits(short, word.start)
            && are_equal(long, 0..word.start, short, 0)
            && are_equal(long, word.end..long.len(), short, word.start)
    };
    let mut words = long.words().take_while(|_| long.len() > short.len());
    words.find(fits).map(|_| score(short.len(), long.len()))
}

/// Visits the windows of the source that are equal to `needle` but for such a word, as positions in
/// the skeleton with their similarity.
pub(crate) fn windows(
    source: &Source<'_>,
    needle: &Skeleton<'_>,
    mut visit: impl FnMut(Range<usize>, f64),
) {
    let text = &source.skeleton;
    let mut extra = None;
    for place in source.index.places(needle.bytes) {
        let pairs = needle.bytes.iter().zip(&text.bytes[place..]);
        let alike = pairs.take_while(|(a, b)| a == b).count();
        if alike < LETTERS || !text.is(place, WORD_START) {
            continue;
        }
        let words = || needle.words().filter(|word| is_inside(needle, word));
        let extra = extra.get_or_insert_with(|| words().collect::<Vec<_>>());
        // The needle up to `kept`, then its `rest`, which stands at `behind` in the text.
        let mut add = |kept: usize, rest: Range<usize>, behind: usize| {
            let end = behind + rest.len();
            let fits = end <= text.len()
                && text.is(end, WORD_END)
                && are_equal(needle, rest, text, behind)
                && are_equal(needle, 0..kept, text, place);
            if fits {
                let (a, b) = (needle.len(), end - place);
                visit(place..end, score(a.min(b), a.max(b)));
            }
        };
        for word in extra.iter().filter(|word| word.start <= alike) {
            if splits(text, place + word.start) {
                add(word.start, word.end..needle.len(), place + word.start);
            }
        }
        for at in (LETTERS..needle.len().min(alike + 1)).filter(|at| splits(needle, *at)) {
            if let Some(end) = word_after(text, place + at) {
                add(at, at..needle.len(), end);
            }
        }
    }
}

/// Whether a part of one skeleton is equal to what stands at `place` of another.
pub(crate) fn are_equal(
    one: &Skeleton<'_>,
    part: Range<usize>,
    other: &Skeleton<'_>,
    place: usize,
) -> bool {
    let end = place + part.len();
    end <= other.len()
        && one.bytes[part.clone()] == other.bytes[place..end]
        && (one.is_ascii() || one.part(part).equals(&other.part(place..end)))
}

/// Whether a word of `skeleton` may be the one too many.
fn is_inside(skeleton: &Skeleton<'_>, word: &Range<usize>) -> bool {
    word.start >= LETTERS && splits(skeleton, word.start) && splits(skeleton, word.end)
}

/// Whether a word ends and another one begins at `position`.
fn splits(skeleton: &Skeleton<'_>, position: usize) -> bool {
    position < skeleton.len()
        && skeleton.is(position, WORD_START)
        && skeleton.is(position, WORD_END)
}

/// The end of the word that begins at `position`, if another one follows.
fn word_after(skeleton: &Skeleton<'_>, position: usize) -> Option<usize> {
    if !splits(skeleton, position) {
        return None;
    }
    let end = (position + 1..skeleton.len()).find(|at| skeleton.is(*at, WORD_END))?;
    splits(skeleton, end).then_some(end)
}

fn score(short: usize, long: usize) -> f64 {
    ratio(long + short, 2 * long)
}
