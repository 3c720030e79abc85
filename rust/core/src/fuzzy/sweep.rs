//! Needles through a whole text, many side by side.

use std::borrow::Cow;
use std::ops::{RangeFrom, RangeInclusive};

use super::{Needle, Window, most};
use crate::distance::{Anchor, Pattern, Sweep, ratio};
use crate::lanes::{Block, Hit, Path, Word};
use crate::rows::Rows;
use crate::skeleton::{Skeleton, WORD_END, WORD_START};
use crate::source::Source;

/// A source and needles, by the rows of their characters.
pub(super) struct Search<'s> {
    skeleton: Skeleton<'s>,
    threshold: f64,
    rows: Rows,
    text: Cow<'s, [u8]>,
    needles: Vec<Coded<'s>>,
}

/// A needle by the rows of its characters.
struct Coded<'s> {
    /// Its number among all.
    number: usize,
    skeleton: Skeleton<'s>,
    rows: Cow<'s, [u8]>,
}

impl<'s> Search<'s> {
    /// Takes as many of the `needles`, given with their numbers, as have different characters
    /// enough, and at least one, off the front.
    pub(super) fn new(
        source: &Source<'s>,
        needles: &mut &[(usize, Needle<'s>)],
        threshold: f64,
    ) -> Self {
        let mut rows = Rows::default();
        let fit = needles
            .iter()
            .take_while(|(_, needle)| rows.add(&needle.skeleton));
        let (fit, rest) = needles.split_at(fit.count().max(1));
        *needles = rest;
        let coded = |(number, needle): &(usize, Needle<'s>)| Coded {
            number: *number,
            skeleton: needle.skeleton,
            rows: rows.read(&needle.skeleton),
        };
        Self {
            skeleton: source.skeleton,
            threshold,
            text: rows.read(&source.skeleton),
            needles: fit.iter().map(coded).collect(),
            rows,
        }
    }

    /// Looks for all needles.
    pub(super) fn run(&self, windows: &mut Vec<Window>) {
        let mut lengths = self.needles.iter().map(|needle| needle.skeleton.len());
        let wide = lengths.any(|length| (33..=64).contains(&length));
        if wide && self.needles.len() <= 8 {
            // One block of wide lanes is less work than two blocks.
            self.lanes::<u64, 8, 8>(1..=64, windows);
        } else {
            self.lanes::<u32, 8, 16>(1..=32, windows);
            self.lanes::<u64, 8, 8>(33..=64, windows);
        }
        self.long(65.., windows);
    }

    /// Looks for the needles of the given lengths, `MANY` or, if there are no more, `FEW` at a time.
    fn lanes<W: Word, const FEW: usize, const MANY: usize>(
        &self,
        lengths: RangeInclusive<usize>,
        windows: &mut Vec<Window>,
    ) {
        let numbers = 0..self.needles.len();
        let fits = |number: &usize| lengths.contains(&self.needles[*number].skeleton.len());
        let numbers: Vec<usize> = numbers.filter(fits).collect();
        for numbers in numbers.chunks(MANY) {
            if numbers.len() <= FEW {
                self.block::<W, FEW>(numbers, windows);
            } else {
                self.block::<W, MANY>(numbers, windows);
            }
        }
    }

    fn block<W: Word, const LANES: usize>(&self, numbers: &[usize], windows: &mut Vec<Window>) {
        let needle = |number: &usize| {
            let needle = &self.needles[*number].rows[..];
            (needle, most(needle.len(), self.threshold))
        };
        let needles: Vec<_> = numbers.iter().map(needle).collect();
        let block = Block::<W, LANES>::new(&needles, self.rows.count());
        let mut hits = Vec::new();
        block.search(Path::best(), &self.text, &mut hits);
        for Hit {
            needle: lane, end, ..
        } in hits
        {
            let (needle, limit) = needles[lane];
            let longest = || self.longest(end, needle.len(), limit);
            let ends = self.skeleton.is(end, WORD_END);
            if let Some(longest) = ends.then(longest).flatten() {
                block.read_back(lane, &self.text[..end], longest, |count, distance| {
                    self.consider((end, count), (numbers[lane], distance), windows);
                });
            }
        }
    }

    /// As [`Self::lanes`], for needles of any length.
    fn long(&self, lengths: RangeFrom<usize>, windows: &mut Vec<Window>) {
        for (number, needle) in self.needles.iter().enumerate() {
            if lengths.contains(&needle.skeleton.len()) {
                self.one(number, windows);
            }
        }
    }

    fn one(&self, number: usize, windows: &mut Vec<Window>) {
        let text: Vec<char> = self.skeleton.chars().collect();
        let needle: Vec<char> = self.needles[number].skeleton.chars().collect();
        let reversed: Vec<char> = needle.iter().rev().copied().collect();
        let (pattern, back) = (Pattern::new(&needle), Pattern::new(&reversed));
        let (rows, back_rows) = (pattern.rows(&text), back.rows(&text));
        let limit = most(needle.len(), self.threshold);
        let mut sweep = Sweep::new(&pattern, Anchor::Anywhere);
        for (last, row) in rows.into_iter().enumerate() {
            let end = last + 1;
            if sweep.read(row) <= limit && self.skeleton.is(end, WORD_END) {
                let Some(longest) = self.longest(end, needle.len(), limit) else {
                    continue;
                };
                let mut sweep = Sweep::new(&back, Anchor::Start);
                for (before, row) in back_rows[..end].iter().rev().take(longest).enumerate() {
                    let distance = sweep.read(*row);
                    self.consider((end, before + 1), (number, distance), windows);
                }
            }
        }
    }

    /// How many characters the longest window of words has that ends at `end` and may be similar to
    /// a needle of `length`.
    fn longest(&self, end: usize, length: usize, limit: usize) -> Option<usize> {
        let first = end.saturating_sub(length + limit);
        let last = end.checked_sub(length.saturating_sub(limit).max(1))?;
        let start = (first..=last).find(|start| self.skeleton.is(*start, WORD_START))?;
        Some(end - start)
    }

    /// Collects the window of the last `count` characters before `end` if it is similar enough to a
    /// needle, given by its number here, from which it has `distance`.
    fn consider(
        &self,
        (end, count): (usize, usize),
        (number, distance): (usize, usize),
        windows: &mut Vec<Window>,
    ) {
        if !self.skeleton.is(end - count, WORD_START) {
            return;
        }
        let longer = count.max(self.needles[number].skeleton.len());
        let score = ratio(longer - distance, longer);
        if score >= self.threshold {
            windows.push(Window {
                needle: self.needles[number].number,
                range: end - count..end,
                score,
            });
        }
    }
}
