//! Many needles through one text at a time: the bit-parallel search of Myers (1999) with the
//! transpositions of Hyyrö (2003), a needle in each lane of a vector register.
//!
//! The loops are plain Rust over arrays of one machine word for each lane, compiled once for each
//! instruction set: AVX-512, AVX2, and the target's own (SSE2, NEON). All give the same answers.

#![expect(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "loops over lanes become vector instructions only where they are inlined and plain"
)]

use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

/// Characters that are read before the least distance is looked at.
const STRIDE: usize = 16;

/// A needle that ends somewhere in the text within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Which needle.
    pub(crate) needle: u32,
    /// The position behind the last character.
    pub(crate) end: u32,
    /// The least distance between the needle and what ends there.
    pub(crate) distance: u32,
}

/// A machine word, one bit for each character of a needle.
pub(crate) trait Word:
    Copy
    + Ord
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
{
    /// Its number of bits: the longest needle.
    const BITS: u32;
    /// No bit.
    const ZERO: Self;
    /// Bit 0.
    const ONE: Self;
    /// The bits in the other order.
    fn reversed(self) -> Self;
    /// The sum without the carry.
    fn sum(self, other: Self) -> Self;
    /// The difference without the borrow.
    fn difference(self, other: Self) -> Self;
    /// The number, which fits.
    fn from_length(length: usize) -> Self;
    /// The number, which fits.
    fn to_length(self) -> u32;
}

macro_rules! word {
    ($word:ty) => {
        impl Word for $word {
            const BITS: u32 = <$word>::BITS;
            const ZERO: Self = 0;
            const ONE: Self = 1;

            #[inline(always)]
            fn reversed(self) -> Self {
                self.reverse_bits()
            }

            #[inline(always)]
            fn sum(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn difference(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            fn from_length(length: usize) -> Self {
                Self::try_from(length).unwrap_or(Self::MAX)
            }

            fn to_length(self) -> u32 {
                u32::try_from(self).unwrap_or(u32::MAX)
            }
        }
    };
}

word!(u32);
word!(u64);

/// Up to `LANES` needles of up to `W::BITS` characters.
///
/// Needles end at the highest bit; the bits below them match everything, at no cost.
#[derive(Debug)]
pub(crate) struct Block<W, const LANES: usize> {
    /// For each row of characters where in the needles they stand.
    masks: Vec<[W; LANES]>,
    lengths: [W; LANES],
    limits: [W; LANES],
    used: usize,
}

impl<W: Word, const LANES: usize> Block<W, LANES> {
    /// Puts `needles`, characters by their rows with their limits, into lanes.
    pub(crate) fn new(needles: &[(&[u8], usize)], rows: usize) -> Self {
        let (mut lengths, mut limits) = ([W::ZERO; LANES], [W::ZERO; LANES]);
        let mut below = [W::ZERO; LANES];
        for (lane, (needle, limit)) in needles.iter().enumerate() {
            lengths[lane] = W::from_length(needle.len());
            limits[lane] = W::from_length(*limit);
            below[lane] = lowest(W::BITS - lengths[lane].to_length());
        }
        let mut masks = vec![below; rows];
        for (lane, (needle, _)) in needles.iter().enumerate() {
            for (bit, row) in (W::BITS - lengths[lane].to_length()..).zip(*needle) {
                let mask = &mut masks[usize::from(*row)][lane];
                *mask = *mask | W::ONE << bit;
            }
        }
        Self {
            masks,
            lengths,
            limits,
            used: needles.len(),
        }
    }

    /// Where the needles end within their limits; those of a needle in document order.
    pub(crate) fn search(&self, path: Path, text: &[u8], found: &mut Vec<Hit>) {
        match path {
            Path::Plain => self.sweep(text, found),
            #[cfg(target_arch = "x86_64")]
            // Safety: a path is made only where the processor has its instructions.
            #[expect(unsafe_code, reason = "the instructions were found on this processor")]
            Path::Avx2 => unsafe { self.sweep_avx2(text, found) },
            #[cfg(target_arch = "x86_64")]
            // Safety: as above.
            #[expect(unsafe_code, reason = "the instructions were found on this processor")]
            Path::Avx512 => unsafe { self.sweep_avx512(text, found) },
        }
    }

    /// Visits the last 1, 2, … up to `longest` characters of `text`: their number, and the distance
    /// between them and the needle in `lane`.
    pub(crate) fn read_back(
        &self,
        lane: usize,
        text: &[u8],
        longest: usize,
        mut visit: impl FnMut(usize, usize),
    ) {
        let length = self.lengths[lane];
        let top = length.to_length() - 1;
        let (mut rises, mut falls, mut distance) = (!W::ZERO, W::ZERO, length);
        let mut last = (W::ZERO, W::ZERO);
        for (before, row) in text.iter().rev().take(longest).enumerate() {
            let equal = self.masks[usize::from(*row)][lane].reversed();
            let swapped = (!last.0 & equal) << 1 & last.1;
            let same = ((equal & rises).sum(rises) ^ rises) | equal | falls | swapped;
            last = (same, equal);
            let rise = falls | !(same | rises);
            let fall = rises & same;
            distance = distance
                .sum(rise >> top & W::ONE)
                .difference(fall >> top & W::ONE);
            let (rise, fall) = (rise << 1 | W::ONE, fall << 1);
            rises = fall | !(same | rise);
            falls = rise & same;
            visit(before + 1, distance.to_length() as usize);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn sweep_avx2(&self, text: &[u8], found: &mut Vec<Hit>) {
        self.sweep(text, found);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn sweep_avx512(&self, text: &[u8], found: &mut Vec<Hit>) {
        self.sweep(text, found);
    }

    /// Reads the two halves of a long text at the same time, which keeps the processor busy: the
    /// steps of one half do not wait for each other.
    #[inline(always)]
    fn sweep(&self, text: &[u8], found: &mut Vec<Hit>) {
        // What ends in the second half within its limit begins at most so far before it.
        let overlap = self
            .lengths
            .iter()
            .zip(&self.limits)
            .map(|(a, b)| a.sum(*b).to_length());
        let overlap = overlap.max().unwrap_or(0) as usize;
        let half = (text.len() / 2).next_multiple_of(STRIDE);
        if half < 2 * overlap + STRIDE {
            let mut columns = Columns::new(&self.lengths);
            return self.sweep_from(&mut columns, text, 0, found);
        }
        let start = (half - overlap) / STRIDE * STRIDE;
        let (mut left, mut right) = (Columns::new(&self.lengths), Columns::new(&self.lengths));
        let mut behind = Vec::new();
        let mut at = 0;
        while at + STRIDE <= half.min(text.len() - start) {
            let parts = (
                &text[at..at + STRIDE],
                &text[start + at..start + at + STRIDE],
            );
            let before = (left, right);
            let least = left.read_beside(&mut right, &self.masks, parts);
            if self.is_near(&least.0) {
                self.report(&before.0, &least.0, parts.0, at, found);
            }
            if self.is_near(&least.1) {
                self.report(&before.1, &least.1, parts.1, start + at, &mut behind);
            }
            at += STRIDE;
        }
        self.sweep_from(&mut left, &text[..half], at, found);
        self.sweep_from(&mut right, text, start + at, &mut behind);
        found.extend(behind.into_iter().filter(|hit| hit.end as usize > half));
    }

    /// Reads `text` from `at` on.
    #[inline(always)]
    fn sweep_from(
        &self,
        columns: &mut Columns<W, LANES>,
        text: &[u8],
        at: usize,
        found: &mut Vec<Hit>,
    ) {
        for (number, part) in text[at..].chunks(STRIDE).enumerate() {
            let before = *columns;
            let least = columns.read(&self.masks, part);
            if self.is_near(&least) {
                self.report(&before, &least, part, at + number * STRIDE, found);
            }
        }
    }

    /// Whether some distance is within the limit of its needle.
    #[inline(always)]
    fn is_near(&self, least: &[W; LANES]) -> bool {
        let mut near = false;
        for lane in 0..LANES {
            near |= least[lane] <= self.limits[lane];
        }
        near
    }

    /// Reads a part once more, lane by lane, to see where the distances are.
    #[inline(never)]
    fn report(
        &self,
        before: &Columns<W, LANES>,
        least: &[W; LANES],
        part: &[u8],
        offset: usize,
        found: &mut Vec<Hit>,
    ) {
        for lane in (0..self.used).filter(|lane| least[*lane] <= self.limits[*lane]) {
            let mut column = Columns {
                rises: [before.rises[lane]],
                falls: [before.falls[lane]],
                same: [before.same[lane]],
                equal: [before.equal[lane]],
                distances: [before.distances[lane]],
            };
            for (position, row) in part.iter().enumerate() {
                column = column.step(&[self.masks[usize::from(*row)][lane]]);
                if column.distances[0] <= self.limits[lane] {
                    found.push(Hit {
                        needle: u32::from_length(lane),
                        end: u32::from_length(offset + position + 1),
                        distance: column.distances[0].to_length(),
                    });
                }
            }
        }
    }
}

#[inline(always)]
fn lesser<W: Word, const LANES: usize>(mut a: [W; LANES], b: [W; LANES]) -> [W; LANES] {
    for lane in 0..LANES {
        a[lane] = a[lane].min(b[lane]);
    }
    a
}

/// The `count` lowest bits.
fn lowest<W: Word>(count: u32) -> W {
    if count >= W::BITS {
        !W::ZERO
    } else {
        (W::ONE << count).difference(W::ONE)
    }
}

/// The current column of each lane's table of distances.
#[derive(Debug, Clone, Copy)]
struct Columns<W, const LANES: usize> {
    /// Rows that are one more than the row above.
    rises: [W; LANES],
    /// Rows that are one less than the row above.
    falls: [W; LANES],
    /// Rows that are the same as the row above one column before.
    same: [W; LANES],
    /// Rows of the last character.
    equal: [W; LANES],
    /// The last row.
    distances: [W; LANES],
}

impl<W: Word, const LANES: usize> Columns<W, LANES> {
    fn new(lengths: &[W; LANES]) -> Self {
        let rises = |length: W| !lowest::<W>(W::BITS - length.to_length());
        Self {
            rises: lengths.map(rises),
            falls: [W::ZERO; LANES],
            same: [W::ZERO; LANES],
            equal: [W::ZERO; LANES],
            distances: *lengths,
        }
    }

    /// Reads `part` and returns the least distances on the way.
    #[inline(always)]
    fn read(&mut self, masks: &[[W; LANES]], part: &[u8]) -> [W; LANES] {
        let mut columns = *self;
        let mut least = columns.distances;
        for row in part {
            columns = columns.step(&masks[usize::from(*row)]);
            least = lesser(least, columns.distances);
        }
        *self = columns;
        least
    }

    /// [`Self::read`] for two columns and parts of equal length at the same time.
    #[inline(always)]
    fn read_beside(
        &mut self,
        other: &mut Self,
        masks: &[[W; LANES]],
        parts: (&[u8], &[u8]),
    ) -> ([W; LANES], [W; LANES]) {
        let (mut left, mut right) = (*self, *other);
        let mut least = (left.distances, right.distances);
        for (one, two) in parts.0.iter().zip(parts.1) {
            left = left.step(&masks[usize::from(*one)]);
            right = right.step(&masks[usize::from(*two)]);
            least.0 = lesser(least.0, left.distances);
            least.1 = lesser(least.1, right.distances);
        }
        (*self, *other) = (left, right);
        least
    }

    /// The column after one more character, by where that stands in the needles; the names of the
    /// bit vectors in Hyyrö's paper are in brackets.
    #[inline(always)]
    #[must_use]
    fn step(self, equal: &[W; LANES]) -> Self {
        let mut next = self;
        for lane in 0..LANES {
            let (equal, rises, falls) = (equal[lane], self.rises[lane], self.falls[lane]);
            let swapped = (!self.same[lane] & equal) << 1 & self.equal[lane]; // [TR]
            let same = ((equal & rises).sum(rises) ^ rises) | equal | falls | swapped; // [D0]
            let rise = falls | !(same | rises); // [HP]
            let fall = rises & same; // [HN]
            let top = W::BITS - 1;
            next.distances[lane] = self.distances[lane]
                .sum(rise >> top)
                .difference(fall >> top);
            let (rise, fall) = (rise << 1, fall << 1);
            next.rises[lane] = fall | !(same | rise); // [VP]
            next.falls[lane] = rise & same; // [VN]
            (next.same[lane], next.equal[lane]) = (same, equal);
        }
        next
    }
}

/// The instructions that a search uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// Those that every processor of the target has.
    Plain,
    /// 256 bits at a time.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits at a time.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Path {
    /// All that this processor can go, the best first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = [
            (is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl"))
            .then_some(Self::Avx512),
            is_x86_feature_detected!("avx2").then_some(Self::Avx2),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let wide: [Option<Self>; 0] = [];
        wide.into_iter().flatten().chain([Self::Plain])
    }

    /// The best one.
    pub(crate) fn best() -> Self {
        Self::all().next().unwrap_or(Self::Plain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::distance::tests::distances;

    /// The textbook's table: the least distance to what ends at each position, or the distance to
    /// all that was read.
    fn table(needle: &[u8], text: &[u8], free: bool) -> Vec<usize> {
        distances(needle, text, free)[1..].to_vec()
    }

    fn expected(needles: &[(&[u8], usize)], text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (number, (needle, limit)) in (0..).zip(needles) {
            for (end, distance) in (1..).zip(table(needle, text, true)) {
                if distance <= *limit {
                    let distance = u32::from_length(distance);
                    hits.push(Hit {
                        needle: number,
                        end,
                        distance,
                    });
                }
            }
        }
        hits
    }

    fn check<W: Word, const LANES: usize>(needles: &[(&[u8], usize)], text: &[u8]) {
        let block = Block::<W, LANES>::new(needles, 6);
        for path in Path::all() {
            let mut found = Vec::new();
            block.search(path, text, &mut found);
            found.sort_unstable();
            assert_eq!(found, expected(needles, text), "{path:?}");
        }
        for (lane, (needle, _)) in needles.iter().enumerate() {
            let mut distances = Vec::new();
            block.read_back(lane, text, 40, |_, distance| distances.push(distance));
            let turned = |row: &[u8]| row.iter().rev().copied().collect::<Vec<_>>();
            let all = table(&turned(needle), &turned(text), false);
            assert_eq!(distances, all[..all.len().min(40)]);
        }
    }

    proptest! {
        #[test]
        fn every_path_finds_what_the_table_holds(
            needles in proptest::collection::vec(
                (proptest::collection::vec(1u8..5, 1..=32), 0usize..12), 1..=16
            ),
            text in proptest::collection::vec(0u8..6, 0..700),
        ) {
            let needles: Vec<_> = needles.iter().map(|(n, limit)| (&n[..], *limit)).collect();
            check::<u32, 16>(&needles, &text);
            check::<u64, 16>(&needles, &text);
            check::<u32, 8>(&needles[..needles.len().min(8)], &text);
        }

        #[test]
        fn needles_may_fill_a_word(
            needle in proptest::collection::vec(1u8..5, 33..=64),
            text in proptest::collection::vec(0u8..6, 0..700),
        ) {
            check::<u64, 8>(&[(&needle, 40), (&needle[1..], 7)], &text);
        }
    }
}
