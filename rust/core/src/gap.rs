//! Words that a model left out or put in.

use std::ops::Range;

use crate::distance::ratio;
use crate::index::{LETTERS, bits};
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

/// Where words of a needle begin and end, to be used for one needle after the other.
#[derive(Debug, Default)]
pub(crate) struct Room {
    /// Whether that of the needle at hand was read.
    read: bool,
    /// Where a word ends and another one begins, with enough letters before it.
    splits: Vec<usize>,
    /// The words that may be the one too many.
    words: Vec<Range<usize>>,
}

impl Room {
    fn fill(&mut self, needle: &Skeleton<'_>) {
        self.read = true;
        self.splits.clear();
        self.words.clear();
        // A word that may be the one too many lies between two splits with no end between them.
        let mut start = None;
        let mut base = 0;
        for part in needle.flags[..needle.len()].chunks(u64::BITS as usize) {
            let (starts, mut ends) = (bits(part, WORD_START), bits(part, WORD_END));
            while ends != 0 {
                let at = base + ends.trailing_zeros() as usize;
                let split = starts & ends & ends.wrapping_neg() != 0;
                ends &= ends - 1;
                if at < LETTERS {
                    continue;
                }
                if split {
                    self.words.extend(start.map(|start| start..at));
                    self.splits.push(at);
                }
                start = split.then_some(at);
            }
            base += part.len();
        }
    }
}

/// Visits the windows of the source that are equal to `needle` but for such a word, as positions in
/// the skeleton with their similarity.
pub(crate) fn windows(
    source: &Source<'_>,
    needle: &Skeleton<'_>,
    room: &mut Room,
    mut visit: impl FnMut(Range<usize>, f64),
) {
    let text = &source.skeleton;
    room.read = false;
    for place in source.index.places(needle.bytes) {
        let pairs = needle.bytes.iter().zip(&text.bytes[place..]);
        let alike = pairs.take_while(|(a, b)| a == b).count();
        if alike < LETTERS || !text.is(place, WORD_START) {
            continue;
        }
        if !room.read {
            room.fill(needle);
        }
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
        for word in room.words.iter().take_while(|word| word.start <= alike) {
            if splits(text, place + word.start) {
                add(word.start, word.end..needle.len(), place + word.start);
            }
        }
        for at in room.splits.iter().take_while(|at| **at <= alike) {
            if let Some(end) = word_after(text, place + at) {
                add(*at, *at..needle.len(), end);
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
