//! Needles side by side.

use super::column::Column;
use super::lane::top;
use super::vector::Vector;
use super::{Hit, Path, Text, Word};
use crate::index::bits;

/// Characters that are read before the least distance is looked at.
const STRIDE: usize = 8;

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

    /// Where the needles end within their limits, in any order.
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
            let lanes = Lanes::new(self, first);
            if let Some(parts) = self.parts::<V>(first, text.rows.len()) {
                self.sweep_parts::<V>(&lanes, &parts, text, found);
            } else {
                self.sweep::<V>(&lanes, text, found);
            }
            first += V::LANES;
        }
    }

    /// The parts in which a text of a length can be read in less time than as a whole.
    #[inline(always)]
    fn parts<V: Vector<Word = W>>(&self, first: usize, all: usize) -> Option<Parts> {
        // What ends in a part within its limit begins at most so far before it.
        let reach = self.lengths.iter().zip(&self.limits).skip(first);
        let reach = reach.map(|(length, limit)| length + limit.length()).max()?;
        let count = 2 * V::LANES.div_ceil(LANES);
        let length = (all + (count - 1) * reach)
            .div_ceil(count)
            .next_multiple_of(STRIDE);
        (4 * length <= 3 * all).then(|| Parts {
            starts: std::array::from_fn(|part| (part * (length - reach)).min(all - length)),
            length,
        })
    }

    /// Reads the parts of a text at the same time, which keeps the processor busy: the steps of two
    /// columns do not wait for each other, and a vector with more lanes than there are reads two parts.
    #[inline(always)]
    fn sweep_parts<V: Vector<Word = W>>(
        &self,
        lanes: &Lanes<V>,
        parts: &Parts,
        text: Text<'_>,
        found: &mut Vec<Hit>,
    ) {
        let folds = V::LANES.div_ceil(LANES);
        let mut columns = [lanes.column; 2];
        let mut distances = [[lanes.limits; STRIDE]; 2];
        for at in (0..parts.length).step_by(STRIDE) {
            let rows = parts.starts.map(|start| &text.rows[start + at..][..STRIDE]);
            let mut least = columns.map(|column| column.distance);
            for step in 0..STRIDE {
                for (number, column) in columns.iter_mut().enumerate() {
                    let row = rows[folds * number][step];
                    let other = rows[folds * number + folds - 1][step];
                    *column = column.step(self.masks::<V>(lanes.first, row, other));
                    distances[number][step] = column.distance;
                    least[number] = least[number].lesser(column.distance);
                }
            }
            for (number, distances) in distances.iter().enumerate() {
                if !least[number].is_near(lanes.limits) {
                    continue;
                }
                let near = near(distances, lanes.limits);
                for fold in 0..folds {
                    let part = folds * number + fold;
                    let start = parts.starts[part] + at;
                    let near = near & bits(&text.stops[start..][..STRIDE], 1);
                    if near != 0 {
                        let lane = fold * LANES;
                        let read = Read {
                            distances,
                            near,
                            lane,
                            start,
                            known: parts.known(part),
                        };
                        self.report(lanes.first, &read, found);
                    }
                }
            }
        }
    }

    /// Reads a text from its beginning to its end.
    #[inline(always)]
    fn sweep<V: Vector<Word = W>>(&self, lanes: &Lanes<V>, text: Text<'_>, found: &mut Vec<Hit>) {
        let mut column = lanes.column;
        let mut distances = [lanes.limits; STRIDE];
        for (number, part) in text.rows.chunks(STRIDE).enumerate() {
            let mut least = column.distance;
            for (row, distance) in part.iter().zip(&mut distances) {
                column = column.step(self.masks::<V>(lanes.first, *row, *row));
                *distance = column.distance;
                least = least.lesser(column.distance);
            }
            if !least.is_near(lanes.limits) {
                continue;
            }
            let start = number * STRIDE;
            let near = near(&distances, lanes.limits) & bits(&text.stops[start..][..part.len()], 1);
            if near != 0 {
                let read = Read {
                    distances: &distances,
                    near,
                    lane: 0,
                    start,
                    known: 0,
                };
                self.report(lanes.first, &read, found);
            }
        }
    }

    /// Where the characters of a row stand in the needles from `first` on; in a vector with twice as
    /// many lanes, then those of another row.
    #[inline(always)]
    fn masks<V: Vector<Word = W>>(&self, first: usize, row: u8, other: u8) -> V {
        let [row, other] = [row, other].map(|row| &self.masks[usize::from(row)]);
        load(first, row, other)
    }

    /// Collects what is near where needles may end. Not a part of the loop that calls it, all of whose
    /// registers it would need.
    #[inline(never)]
    fn report<V: Vector<Word = W>>(&self, first: usize, read: &Read<'_, V>, found: &mut Vec<Hit>) {
        let needles = first..self.lengths.len().min(first + V::LANES);
        let limits = &self.limits[needles.clone()];
        for (number, distances) in read.distances.iter().enumerate() {
            let end = read.start + number + 1;
            if read.near >> number & 1 == 0 || end <= read.known {
                continue;
            }
            let distances = &distances.words()[read.lane..];
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
}

/// A bit for each of some characters, whether some needle is near behind it.
#[inline(always)]
fn near<V: Vector>(distances: &[V; STRIDE], limits: V) -> u64 {
    let each = distances.iter().enumerate();
    each.fold(0, |near, (number, distance)| {
        near | u64::from(distance.is_near(limits)) << number
    })
}

/// A vector of the words of a row from `first` on; if it has twice as many lanes, then of those of the
/// other row.
#[inline(always)]
fn load<V: Vector, const LANES: usize>(
    first: usize,
    row: &[V::Word; LANES],
    other: &[V::Word; LANES],
) -> V {
    if V::LANES > LANES {
        V::load_two(row, other)
    } else {
        V::load(&row[first..])
    }
}

/// The needles in the lanes of one vector.
struct Lanes<V> {
    /// The number of the first one.
    first: usize,
    limits: V,
    /// The column before anything was read.
    column: Column<V>,
}

impl<V: Vector> Lanes<V> {
    #[inline(always)]
    fn new<const LANES: usize>(block: &Block<V::Word, LANES>, first: usize) -> Self {
        let zeros = [V::Word::default(); LANES];
        let both = |row| load::<V, LANES>(first, row, row);
        let none = both(&zeros);
        Self {
            first,
            limits: both(&block.limits),
            column: Column {
                rises: both(&block.masks[0]).nor(none),
                falls: none,
                same: none,
                equal: none,
                distance: both(&block.starts),
            },
        }
    }
}

/// The parts of a text that are read at the same time.
struct Parts {
    /// Where they start, in order; if there are two, only the first two count.
    starts: [usize; 4],
    /// How many characters each of them has, some of which the one before has, too.
    length: usize,
}

impl Parts {
    /// Where the part before ends: only what ends behind that is news.
    #[inline(always)]
    fn known(&self, part: usize) -> usize {
        let before = part.checked_sub(1).map(|before| self.starts[before]);
        before.map_or(0, |start| start + self.length)
    }
}

/// What was read of a part of a text.
struct Read<'r, V> {
    /// The distances behind each character.
    distances: &'r [V; STRIDE],
    /// A bit for each of them, whether needles may end there and some are near.
    near: u64,
    /// In which lane the first needle is.
    lane: usize,
    /// Where the first character stands.
    start: usize,
    /// What ends up to here was reported before.
    known: usize,
}

/// The number of bits that a needle leaves free.
fn free<W: Word>(length: usize) -> u32 {
    W::BITS - 1 - top(length)
}
