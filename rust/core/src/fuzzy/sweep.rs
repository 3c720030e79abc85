//! Needles through a whole text, many side by side.

use std::borrow::Cow;
use std::ops::{RangeFrom, RangeInclusive};

use super::reach::Reach;
use super::{Needle, Window};
use crate::distance::{Anchor, Pattern, Sweep};
use crate::lanes::{Block, Hit, Path, Text, Word};
use crate::rows::Rows;
use crate::skeleton::{Skeleton, WORD_END, WORD_START};

const _: () = assert!(WORD_END == 1);
use crate::source::Source;

/// A source and needles, by the rows of their characters.
pub(super) struct Search<'s> {
    skeleton: Skeleton<'s>,
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
    reach: Reach,
}

impl<'s> Search<'s> {
    /// Takes as many of the `needles`, those of the numbers `left`, as have no more different
    /// characters than there are rows, and at least one, off the front.
    pub(super) fn new(
        source: &Source<'s>,
        needles: &[Needle<'s>],
        left: &mut &[(usize, Reach)],
    ) -> Self {
        let mut rows = Rows::default();
        let fit = left
            .iter()
            .take_while(|(number, _)| rows.add(&needles[*number].skeleton));
        let (fit, rest) = left.split_at(fit.count().max(1));
        *left = rest;
        let coded = |(number, reach): &(usize, Reach)| Coded {
            number: *number,
            skeleton: needles[*number].skeleton,
            rows: rows.read(&needles[*number].skeleton),
            reach: *reach,
        };
        Self {
            skeleton: source.skeleton,
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
            let needle = &self.needles[*number];
            (&needle.rows[..], needle.reach.limit)
        };
        let needles: Vec<_> = numbers.iter().map(needle).collect();
        let block = Block::<W, LANES>::new(&needles, self.rows.count());
        let mut hits = Vec::new();
        let text = Text {
            rows: &self.text,
            // Words end where the lowest bit is set.
            stops: &self.skeleton.flags[1..],
        };
        block.search(Path::best(), text, &mut hits);
        for Hit {
            needle: lane,
            end,
            distance,
        } in hits
        {
            let number = numbers[lane];
            if let Some(longest) = self.longest(end, distance, number) {
                block.read_back(lane, &self.text[..end], longest, |count, distance| {
                    self.consider((end, count), (number, distance), windows);
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
        let limit = self.needles[number].reach.limit;
        let mut sweep = Sweep::new(&pattern, Anchor::Anywhere);
        for (last, row) in rows.into_iter().enumerate() {
            let end = last + 1;
            let distance = sweep.read(row);
            if distance <= limit && self.skeleton.is(end, WORD_END) {
                let Some(longest) = self.longest(end, distance, number) else {
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
    /// a needle, if nothing that ends there is nearer than `distance`.
    fn longest(&self, end: usize, distance: usize, number: usize) -> Option<usize> {
        let reach = &self.needles[number].reach;
        let first = end.saturating_sub(reach.longest());
        let last = end.checked_sub(reach.shortest(distance)?)?;
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
        let needle = &self.needles[number];
        if !self.skeleton.is(end - count, WORD_START) {
            return;
        }
        if let Some(score) = needle.reach.score(distance, count) {
            windows.push(Window {
                needle: needle.number,
                range: end - count..end,
                score,
            });
        }
    }
}
