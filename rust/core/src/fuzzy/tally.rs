//! Windows of words that have the letters of a needle.
//!
//! A window that is near a needle has nearly the same letters, in whatever order: with `n` letters
//! of the needle missing or too many, `n` edits at least turn one into the other. Letters are
//! counted for many windows in the time in which one is compared, so that in a short text this is
//! less work than to send the needle through it.

use std::ops::Range;

use super::LONGEST_WINDOW;
use super::reach::{Margins, Reach};
use crate::index::bits;
use crate::lanes::Letters;
use crate::skeleton::{Skeleton, WORD_END, WORD_START};

/// Kinds of letters that are told apart: the most frequent ones, and all others.
const KINDS: usize = 16;
const FREQUENT: [u8; KINDS - 1] = *b"etaoinsrhldcmup";

/// The longest needles, and the most lengths of windows, that are counted: a bit for each character of
/// a needle, and for each length.
const LONGEST_NEEDLE: usize = 64;
const MOST_LENGTHS: usize = 64;

/// How many letters of each kind there are, but for multiples of 256.
#[derive(Debug, Default, Clone, Copy)]
#[repr(align(16))]
struct Tally([u8; KINDS]);

/// What each byte adds.
static ONE: [Tally; 256] = {
    let mut one = [Tally([0; KINDS]); 256];
    let mut byte = 0;
    while byte < 256 {
        let mut kind = 0;
        while kind < KINDS - 1 && FREQUENT[kind] as usize != byte {
            kind += 1;
        }
        one[byte].0[kind] = 1;
        byte += 1;
    }
    one
};

/// The letters of a text, counted, to be used for one text after the other.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    /// What stands before each position; as long as there is room.
    room: Vec<Tally>,
    /// The last position.
    last: usize,
    /// Where words begin and where they end, a bit for each position.
    starts: Vec<u64>,
    ends: Vec<u64>,
}

/// A needle with its letters counted.
#[derive(Debug, Clone)]
pub(super) struct Counted<'n> {
    needle: &'n [u8],
    tally: Tally,
    reach: Reach,
    margins: &'n [usize],
}

impl<'n> Counted<'n> {
    /// `None` for a needle that is too long or not ASCII, or whose windows have too many lengths.
    pub(super) fn new(
        needle: &Skeleton<'n>,
        (reach, margins): &'n (Reach, Margins),
    ) -> Option<Self> {
        let fits = needle.is_ascii()
            && needle.len() <= LONGEST_NEEDLE
            && reach.longest() <= LONGEST_WINDOW
            && reach.longest() - reach.least < MOST_LENGTHS;
        fits.then(|| Self {
            needle: needle.bytes,
            tally: count(needle.bytes),
            reach: *reach,
            margins,
        })
    }
}

impl Tallies {
    /// Counts the letters of `text` in place of what was counted before.
    pub(super) fn fill(&mut self, text: &Skeleton<'_>) {
        self.last = text.len();
        if self.room.len() <= self.last {
            self.room.resize(2 * self.last + 1, Tally::default());
        }
        let mut tally = Tally::default();
        for (before, byte) in self.room.iter_mut().zip(text.bytes) {
            *before = tally;
            tally.add(*byte);
        }
        self.room[self.last] = tally;
        let parts = || text.flags.chunks(64);
        self.starts.clear();
        self.starts
            .extend(parts().map(|part| bits(part, WORD_START)));
        self.ends.clear();
        self.ends.extend(parts().map(|part| bits(part, WORD_END)));
    }

    /// What stands before each position.
    fn before(&self) -> &[Tally] {
        &self.room[..=self.last]
    }

    /// Visits the windows of whole words of `text`, which was counted, that are similar enough to a
    /// needle, with their similarity.
    pub(super) fn search(
        &self,
        text: &[u8],
        counted: &Counted<'_>,
        letters: &mut Letters,
        mut visit: impl FnMut(Range<usize>, f64),
    ) {
        let mut filled = false;
        for (word, starts) in self.starts.iter().enumerate() {
            for bit in each(self.near(64 * word, *starts, counted)) {
                let start = 64 * word + bit;
                let ends = self.ends(start, counted);
                if ends != 0 {
                    if !std::mem::replace(&mut filled, true) {
                        letters.fill(counted.needle, false);
                    }
                    read(&text[start..], ends, counted, letters, |length, score| {
                        visit(start..start + length, score);
                    });
                }
            }
        }
    }

    /// Those of `starts`, a bit for each position from `base` on, from which on the longest window has
    /// the letters of the needle: what it lacks they all lack.
    fn near(&self, base: usize, starts: u64, counted: &Counted<'_>) -> u64 {
        let Reach { length, least, .. } = counted.reach;
        let (last, longest) = (self.last, counted.reach.longest());
        // From so many on there is room for the shortest window.
        let Some(room) = (last + 1)
            .checked_sub(base + least)
            .filter(|room| *room > 0)
        else {
            return 0;
        };
        let starts = starts & u64::MAX >> (64 - room.min(64));
        let (before, last, most) = (&self.before()[base..], last - base, length - least);
        // One is judged beside the other: which are near cannot be foreseen.
        each(starts).fold(0, |near, bit| {
            let (from, to) = (&before[bit], &before[last.min(bit + longest)]);
            near | u64::from(lost(&counted.tally, from, to) <= most) << bit
        })
    }

    /// Where the windows from `start` on end that have the letters of the needle; the lowest bit
    /// is that of the shortest one.
    fn ends(&self, start: usize, counted: &Counted<'_>) -> u64 {
        let Reach { length, least, .. } = counted.reach;
        let longest = (self.last - start).min(counted.reach.longest());
        let (tally, before) = (&counted.tally, &self.before()[start..]);
        // No window may lack more letters than one of the needle's length may: a longer one has as
        // many more that are too many.
        let most = length - least;
        let (word, bit) = ((start + least) / 64, (start + least) % 64);
        let next = self.ends.get(word + 1).copied().unwrap_or(0);
        let ends =
            self.ends[word] >> bit | next.unbounded_shl(64 - u32::try_from(bit).unwrap_or(0));
        let ends = ends & (u64::MAX >> (63 - (longest - least)));
        let near = |bit: &usize| {
            let window = least + bit;
            let lost = lost(tally, &before[0], &before[window]);
            let surplus = window.saturating_sub(length);
            lost <= most && lost + surplus <= counted.margins[*bit]
        };
        each(ends).filter(near).fold(0, |near, bit| near | 1 << bit)
    }
}

/// Reads a text from its start and visits the lengths of the windows that end at `ends`, if they are similar.
fn read(
    text: &[u8],
    ends: u64,
    counted: &Counted<'_>,
    letters: &Letters,
    mut visit: impl FnMut(usize, f64),
) {
    let mut lane = letters.lane();
    let mut at = 0;
    for bit in each(ends) {
        let end = counted.reach.least + bit;
        for byte in &text[at..end] {
            lane.read(*byte);
        }
        at = end;
        if let Some(score) = counted.reach.score(lane.distance, end) {
            visit(end, score);
        }
    }
}

/// The positions of the bits of `word` that are set.
fn each(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

/// How many letters of each kind there are in `text`.
fn count(text: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for byte in text {
        tally.add(*byte);
    }
    tally
}

impl Tally {
    #[inline]
    fn add(&mut self, byte: u8) {
        for (count, one) in self.0.iter_mut().zip(&ONE[usize::from(byte)].0) {
            *count = count.wrapping_add(*one);
        }
    }
}

/// How many letters of a tally are missing between two positions.
#[inline]
fn lost(tally: &Tally, from: &Tally, to: &Tally) -> usize {
    let there = to.0.iter().zip(&from.0);
    let there = there.map(|(to, from)| to.wrapping_sub(*from));
    let lost = tally.0.iter().zip(there);
    let lost = lost.map(|(one, other)| one.saturating_sub(other));
    lost.map(u32::from).sum::<u32>() as usize
}
