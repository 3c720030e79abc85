//! Many needles through one text at a time: the bit-parallel search of Myers (1999) with the
//! transpositions of Hyyrö (2003), a needle in each lane of a vector register.
//!
//! There is one algorithm for all vectors: those of AVX-512, of AVX2, and plain arrays of 128 bits,
//! which the compiler puts into the registers that every processor of the target has (SSE2, NEON).
//! All give the same answers.
#![expect(
    clippy::inline_always,
    reason = "vector instructions can be used only where everything is inlined"
)]

mod lane;
mod path;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::ops::Range;

pub(crate) use lane::Lane;
use lane::top;
pub(crate) use path::Path;
use vector::Vector;
pub(crate) use vector::Word;

/// Characters that are read before the least distance is looked at.
const STRIDE: usize = 8;

/// A text that is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'t> {
    /// Its characters by their rows.
    pub(crate) rows: &'t [u8],
    /// For each of them whether a needle may end behind it: the lowest bit.
    pub(crate) stops: &'t [u8],
}

/// The distances in some lanes behind some characters.
struct Distances<W, const LANES: usize>([[W; LANES]; STRIDE]);

impl<W: Word, const LANES: usize> Default for Distances<W, LANES> {
    fn default() -> Self {
        Self([[W::default(); LANES]; STRIDE])
    }
}

/// A needle that ends somewhere in the text within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Which needle.
    pub(crate) needle: usize,
    /// The position behind the last character.
    pub(crate) end: usize,
    /// The least distance between the needle and what ends there.
    pub(crate) distance: usize,
}

/// Up to `LANES` needles of up to `W::BITS` characters, and not as many as the largest `W`.
///
/// Needles end at the highest bit; the bits below them match everything, at no cost.
#[derive(Debug)]
pub(crate) struct Block<W, const LANES: usize> {
    /// For each row of characters where in the needles they stand.
    masks: Vec<[W; LANES]>,
    lengths: Vec<usize>,
    /// The lengths in their lanes, and the limits.
    starts: [W; LANES],
    limits: [W; LANES],
}

impl<W: Word, const LANES: usize> Block<W, LANES> {
    /// Puts `needles`, characters by their rows with their limits, into lanes.
    pub(crate) fn new(needles: &[(&[u8], usize)], rows: usize) -> Self {
        let (mut starts, mut limits) = ([W::default(); LANES], [W::default(); LANES]);
        let mut below = [W::default(); LANES];
        for (lane, (needle, limit)) in needles.iter().enumerate() {
            starts[lane] = W::from_length(needle.len());
            limits[lane] = W::from_length(*limit);
            below[lane] = W::of((1u64 << free::<W>(needle.len())) - 1);
        }
        // A lane without a needle is never within its limit.
        for start in &mut starts[needles.len()..] {
            *start = W::of(1);
        }
        let mut masks = vec![below; rows];
        for (lane, (needle, _)) in needles.iter().enumerate() {
            for (bit, row) in (free::<W>(needle.len())..).zip(*needle) {
                let mask = &mut masks[usize::from(*row)][lane];
                *mask = W::of(mask.number() | 1 << bit);
            }
        }
        let lengths = needles.iter().map(|(needle, _)| needle.len()).collect();
        Self {
            masks,
            lengths,
            starts,
            limits,
        }
    }

    /// Where the needles end within their limits; those of a needle in document order.
    pub(crate) fn search(&self, path: Path, text: Text<'_>, found: &mut Vec<Hit>) {
        match path {
            Path::Plain => self.sweep_all::<W::Plain>(text, found),
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

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn sweep_avx2(&self, text: Text<'_>, found: &mut Vec<Hit>) {
        self.sweep_all::<W::Half>(text, found);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn sweep_avx512(&self, text: Text<'_>, found: &mut Vec<Hit>) {
        if LANES < <W::Full as Vector>::LANES {
            self.sweep_all::<W::Half>(text, found);
        } else {
            self.sweep_all::<W::Full>(text, found);
        }
    }

    #[inline(always)]
    fn sweep_all<V: Vector<Word = W>>(&self, text: Text<'_>, found: &mut Vec<Hit>) {
        let mut first = 0;
        while first < self.lengths.len() {
            self.sweep::<V>(first, text, found);
            first += V::LANES;
        }
    }

    /// Reads the two halves of a long text at the same time, which keeps the processor busy: the
    /// steps of one half do not wait for those of the other.
    #[inline(always)]
    fn sweep<V: Vector<Word = W>>(&self, first: usize, text: Text<'_>, found: &mut Vec<Hit>) {
        // What ends in the second half within its limit begins at most so far before it.
        let reach = self.lengths.iter().zip(&self.limits);
        let reach = reach
            .map(|(length, limit)| length + limit.length())
            .max()
            .unwrap_or(0);
        let all = text.rows.len();
        let half = (all / 2).next_multiple_of(STRIDE);
        if half < reach + STRIDE {
            self.sweep_from(first, self.column::<V>(first), text, 0..all, found);
            return;
        }
        let start = (half - reach) / STRIDE * STRIDE;
        let (mut left, mut right) = (self.column::<V>(first), self.column::<V>(first));
        let mut behind = Vec::new();
        let limits = V::load(&self.limits[first..]);
        let (mut one, mut two) = (Distances::default(), Distances::default());
        let mut at = 0;
        while at + STRIDE <= half.min(all - start) {
            let parts = (&text.rows[at..at + STRIDE], &text.rows[start + at..]);
            let mut least = (left.distance, right.distance);
            let rows = parts.0.iter().zip(parts.1);
            for ((row, other), (one, two)) in rows.zip(one.0.iter_mut().zip(&mut two.0)) {
                left = left.step(self.mask(first, *row));
                right = right.step(self.mask(first, *other));
                left.distance.store(one);
                right.distance.store(two);
                least.0 = least.0.lesser(left.distance);
                least.1 = least.1.lesser(right.distance);
            }
            if least.0.is_near(limits) {
                self.report::<V>(first, &one, &text.stops[at..at + STRIDE], at, found);
            }
            if least.1.is_near(limits) {
                let stops = &text.stops[start + at..start + at + STRIDE];
                self.report::<V>(first, &two, stops, start + at, &mut behind);
            }
            at += STRIDE;
        }
        self.sweep_from(first, left, text, at..half, found);
        self.sweep_from(first, right, text, start + at..all, &mut behind);
        found.extend(behind.into_iter().filter(|hit| hit.end > half));
    }

    /// Reads a range of a text.
    #[inline(always)]
    fn sweep_from<V: Vector<Word = W>>(
        &self,
        first: usize,
        mut column: Column<V>,
        text: Text<'_>,
        range: Range<usize>,
        found: &mut Vec<Hit>,
    ) {
        let limits = V::load(&self.limits[first..]);
        let mut distances = Distances::default();
        for (number, part) in text.rows[range.clone()].chunks(STRIDE).enumerate() {
            let mut least = column.distance;
            for (row, distance) in part.iter().zip(&mut distances.0) {
                column = column.step(self.mask(first, *row));
                column.distance.store(distance);
                least = least.lesser(column.distance);
            }
            if least.is_near(limits) {
                let at = range.start + number * STRIDE;
                let stops = &text.stops[at..at + part.len()];
                self.report::<V>(first, &distances, stops, at, found);
            }
        }
    }

    #[inline(always)]
    fn mask<V: Vector<Word = W>>(&self, first: usize, row: u8) -> V {
        V::load(&self.masks[usize::from(row)][first..])
    }

    /// Collects what is near where needles may end, given the distances behind the characters from
    /// `at` on. Not a part of the loop that calls it, all of whose registers it would need.
    #[inline(never)]
    fn report<V: Vector<Word = W>>(
        &self,
        first: usize,
        distances: &Distances<W, LANES>,
        stops: &[u8],
        at: usize,
        found: &mut Vec<Hit>,
    ) {
        let needles = first..self.lengths.len().min(first + V::LANES);
        let limits = &self.limits[needles.clone()];
        for ((end, distances), stop) in (at + 1..).zip(&distances.0).zip(stops) {
            if stop & 1 == 0 {
                continue;
            }
            for (needle, (distance, limit)) in needles.clone().zip(distances.iter().zip(limits)) {
                if distance <= limit {
                    let distance = distance.length();
                    found.push(Hit {
                        needle,
                        end,
                        distance,
                    });
                }
            }
        }
    }

    /// The columns before anything was read, in the lanes from `first` on.
    #[inline(always)]
    fn column<V: Vector<Word = W>>(&self, first: usize) -> Column<V> {
        let none = V::load(&[W::default(); LANES]);
        let rises = V::load(&self.masks[0][first..]).nor(none);
        let distance = V::load(&self.starts[first..]);
        Column {
            rises,
            falls: none,
            same: none,
            equal: none,
            distance,
        }
    }

    /// Visits the last 1, 2, … up to `longest` characters of `text`: their number, and the distance
    /// between them and a needle.
    pub(crate) fn read_back(
        &self,
        needle: usize,
        text: &[u8],
        longest: usize,
        mut visit: impl FnMut(usize, usize),
    ) {
        let (mut lane, top) = Lane::new(self.lengths[needle]);
        for (before, row) in text.iter().rev().take(longest).enumerate() {
            let mask = self.masks[usize::from(*row)][needle].number();
            let turned = (mask << (u64::BITS - W::BITS)).reverse_bits();
            lane.step(turned, top, 1);
            visit(before + 1, lane.distance);
        }
    }
}

/// The number of bits that a needle leaves free.
fn free<W: Word>(length: usize) -> u32 {
    W::BITS - 1 - top(length)
}

/// The current column of each lane's table of distances.
#[derive(Clone, Copy)]
struct Column<V> {
    /// Rows that are one more than the row above.
    rises: V,
    /// Rows that are one less than the row above.
    falls: V,
    /// Rows that were the same as the row above one column before.
    same: V,
    /// Rows of the last character.
    equal: V,
    /// The last row.
    distance: V,
}

impl<V: Vector> Column<V> {
    /// The column after one more character, by where that stands in the needles; the names of the
    /// bit vectors in Hyyrö's paper are in brackets.
    #[inline(always)]
    #[must_use]
    fn step(self, equal: V) -> Self {
        let (rises, falls) = (self.rises, self.falls);
        let crossed = self.same.and_not(equal);
        let swapped = crossed.sum(crossed).and(self.equal); // [TR]
        let carried = equal.and(rises).sum(rises).xor(rises);
        let same = carried.or(equal).or(falls).or(swapped); // [D0]
        let rise = falls.or(same.nor(rises)); // [HP]
        let fall = rises.and(same); // [HN]
        let distance = self.distance.sum(rise.top()).difference(fall.top());
        let (rise, fall) = (rise.sum(rise), fall.sum(fall));
        Self {
            rises: fall.or(same.nor(rise)), // [VP]
            falls: rise.and(same),          // [VN]
            same,
            equal,
            distance,
        }
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

    fn expected(needles: &[(&[u8], usize)], text: &Text<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (number, (needle, limit)) in needles.iter().enumerate() {
            for (end, distance) in (1..).zip(table(needle, text.rows, true)) {
                if distance <= *limit && text.stops[end - 1] & 1 == 1 {
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

    /// Some places where needles may end, if `seed` is not 0, otherwise all.
    fn stops(length: usize, seed: u64) -> Vec<u8> {
        let bits =
            |at| seed.wrapping_mul(at | 1).rotate_left(17).to_le_bytes()[0] ^ u8::from(seed == 0);
        (0..length as u64).map(bits).collect()
    }

    fn check<W: Word, const LANES: usize>(needles: &[(&[u8], usize)], text: &[u8], seed: u64) {
        let block = Block::<W, LANES>::new(needles, 6);
        let stops = stops(text.len(), seed);
        let swept = Text {
            rows: text,
            stops: &stops,
        };
        for path in Path::all() {
            let mut found = Vec::new();
            block.search(path, swept, &mut found);
            found.sort_unstable();
            assert_eq!(found, expected(needles, &swept), "{path:?}");
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
            text in proptest::collection::vec(0u8..6, 0..700), seed in 0u64..9,
        ) {
            let needles: Vec<_> = needles.iter().map(|(n, limit)| (&n[..], *limit)).collect();
            check::<u32, 16>(&needles, &text, seed);
            check::<u64, 16>(&needles, &text, seed);
            check::<u32, 8>(&needles[..needles.len().min(8)], &text, seed);
        }

        #[test]
        fn needles_may_fill_a_word(
            needle in proptest::collection::vec(1u8..5, 33..=64),
            text in proptest::collection::vec(0u8..6, 0..700), seed in 0u64..9,
        ) {
            check::<u64, 8>(&[(&needle, 40), (&needle[1..], 7)], &text, seed);
        }
    }
}
