//! Needles through a whole text, many side by side.

use std::borrow::Cow;

use super::reach::Reach;
use super::{Needle, Window};
use crate::distance::{Anchor, Pattern, Sweep};
use crate::lanes::{Block, Hit, Letters, Path, Text, Word};
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

/// Numbers of needles that are sent through a text side by side.
const FEW: usize = 8;
const SOME: usize = 16;
const MANY: usize = 32;

/// The number of bits of a word.
const fn bits<W: Word>() -> usize {
    W::BITS as usize
}

/// Puts needles into wider lanes if there is room beside others: one block of those is less work than two
/// blocks.
fn join(narrower: &mut Vec<usize>, wider: &mut Vec<usize>) {
    if !wider.is_empty() && narrower.len() + wider.len() <= FEW {
        wider.append(narrower);
    }
}

impl Coded<'_> {
    /// Whether it can be looked for in lanes of a word: as a whole, or by an end of it to which little
    /// is similar by chance. (In English, half of 16 letters are found behind one word of 700.)
    fn fits<W: Word>(&self) -> bool {
        let length = self.skeleton.len();
        length <= bits::<W>() || length <= bits::<u64>() && 2 * self.reach.limit <= bits::<W>()
    }
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
    pub(super) fn run(&self, letters: &mut Letters, windows: &mut Vec<Window>) {
        let narrowest = |needle: &Coded<'_>| match needle.skeleton.len() {
            _ if needle.fits::<u16>() => 0,
            _ if needle.fits::<u32>() => 1,
            0..=64 => 2,
            _ => 3,
        };
        let mut widths: [Vec<usize>; 4] = Default::default();
        for (number, needle) in self.needles.iter().enumerate() {
            widths[narrowest(needle)].push(number);
        }
        let [mut narrow, mut middle, mut wide, long] = widths;
        join(&mut narrow, &mut middle);
        join(&mut middle, &mut wide);
        for numbers in narrow.chunks(MANY) {
            if numbers.len() <= FEW {
                self.block::<u16, FEW>(numbers, letters, windows);
            } else if numbers.len() <= SOME {
                self.block::<u16, SOME>(numbers, letters, windows);
            } else {
                self.block::<u16, MANY>(numbers, letters, windows);
            }
        }
        for numbers in middle.chunks(SOME) {
            if numbers.len() <= FEW {
                self.block::<u32, FEW>(numbers, letters, windows);
            } else {
                self.block::<u32, SOME>(numbers, letters, windows);
            }
        }
        for numbers in wide.chunks(FEW) {
            self.block::<u64, FEW>(numbers, letters, windows);
        }
        for number in long {
            self.one(number, windows);
        }
    }

    /// Looks for needles side by side by as many of their last characters as a lane holds; what ends
    /// within the limit of those is read back with all of them.
    fn block<W: Word, const LANES: usize>(
        &self,
        numbers: &[usize],
        letters: &mut Letters,
        windows: &mut Vec<Window>,
    ) {
        let needle = |number: &usize| {
            let Coded { rows, reach, .. } = &self.needles[*number];
            (&rows[rows.len().saturating_sub(bits::<W>())..], reach.limit)
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
        hits.sort_unstable();
        for hits in hits.chunk_by(|one, next| one.needle == next.needle) {
            let number = numbers[hits[0].needle];
            letters.fill(&self.needles[number].rows, true);
            for Hit { end, distance, .. } in hits {
                let Some(longest) = self.longest(*end, *distance, number) else {
                    continue;
                };
                let mut lane = letters.lane();
                let back = self.text[..*end].iter().rev();
                for (before, row) in (1..).zip(back.take(longest)) {
                    lane.read(*row);
                    self.consider((*end, before), (number, lane.distance), windows);
                }
            }
        }
    }

    /// Looks for a needle of any length.
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
