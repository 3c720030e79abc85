//! A few rows of a table, added up for several draws side by side.

/// How many draws are added up together: each in a place of its own of some vector registers.
pub(super) const TOGETHER: usize = 16;

/// How many rows a tile has: what is drawn of so many stays in the processor's nearer caches.
const ROWS: usize = 1024;

/// How many times each row is in each of some draws.
pub(super) struct Drawn {
    rows: usize,
    times: Vec<u32>,
    tile: Vec<[f64; TOGETHER]>,
}

impl Drawn {
    /// Room for draws of that many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            rows,
            times: vec![0; rows * TOGETHER],
            tile: vec![[0.0; TOGETHER]; rows.min(ROWS)],
        }
    }

    /// The times of the rows in each of the first `draws` draws, to be set anew.
    pub(super) fn each(&mut self, draws: usize) -> impl Iterator<Item = &mut [u32]> {
        (0..draws)
            .zip(self.times.chunks_mut(self.rows.max(1)))
            .map(|(_, times)| times)
    }

    /// The times of the rows from `first` on, those of all draws of a row together.
    fn turned(&mut self, first: usize) -> &[[f64; TOGETHER]] {
        let end = self.rows.min(first + ROWS);
        let tile = &mut self.tile[..end - first];
        for (draw, times) in self.times.chunks_exact(self.rows).enumerate() {
            for (row, &time) in tile.iter_mut().zip(&times[first..end]) {
                row[draw] = f64::from(time);
            }
        }
        tile
    }
}

/// The numbers of a few rows that are not 0, by column.
pub(super) struct Tile {
    first: usize,
    ends: Vec<usize>,
    entries: Vec<(usize, f64)>,
}

impl Tile {
    /// The tiles of a table.
    pub(super) fn all(values: &[f64], columns: usize) -> Vec<Self> {
        let parts = values.chunks(ROWS * columns).enumerate();
        parts
            .map(|(number, values)| Self::new(number * ROWS, values, columns))
            .collect()
    }

    fn new(first: usize, values: &[f64], columns: usize) -> Self {
        let (mut ends, mut entries) = (Vec::with_capacity(columns), Vec::new());
        for column in 0..columns {
            let values = values.iter().skip(column).step_by(columns).enumerate();
            entries.extend(
                values
                    .filter(|(_, value)| **value != 0.0)
                    .map(|(row, &value)| (row, value)),
            );
            ends.push(entries.len());
        }
        Self {
            first,
            ends,
            entries,
        }
    }

    /// Adds to the sums of the draws, as many numbers each as there are columns.
    pub(super) fn add(&self, drawn: &mut Drawn, sums: &mut [f64]) {
        let times = drawn.turned(self.first);
        let mut start = 0;
        for (column, &end) in self.ends.iter().enumerate() {
            let mut totals = [0.0; TOGETHER];
            for &(row, value) in &self.entries[start..end] {
                for (total, time) in totals.iter_mut().zip(times[row]) {
                    *total += time * value;
                }
            }
            for (sums, total) in sums.chunks_exact_mut(self.ends.len()).zip(totals) {
                sums[column] += total;
            }
            start = end;
        }
    }
}
