//! Needles side by side.

use std::ops::Range;

use super::column::Column;
use super::lane::top;
use super::vector::Vector;
use super::{Hit, Lane, Path, Text, Word};

/// Characters that are read before the least distance is looked at.
const STRIDE: usize = 8;

/// The distances in some lanes behind some characters.
struct Distances<W, const LANES: usize>([[W; LANES]; STRIDE]);

impl<W: Word, const LANES: usize> Default for Distances<W, LANES> {
    fn default() -> Self {
        Self([[W::default(); LANES]; STRIDE])
    }
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
