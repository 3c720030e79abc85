//! Sums over rows drawn anew: the arithmetic of bootstrap intervals and permutation tests.

use std::thread;

use crate::error::Error;

/// Numbers in rows, one row after the other: one for each document, say, with its counts.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    values: &'a [f64],
    columns: usize,
}

impl<'a> Table<'a> {
    /// The table of `values` with that many numbers in a row.
    ///
    /// # Errors
    /// [`Error::Table`] if there is no column, or the last row is not full.
    pub fn new(values: &'a [f64], columns: usize) -> Result<Self, Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(Error::Table {
                values: values.len(),
                columns,
            });
        }
        Ok(Self { values, columns })
    }

    fn rows(&self) -> usize {
        self.values.len() / self.columns
    }

    /// For each of `draws` draws of as many rows as there are, with replacement, their sum.
    ///
    /// The sums stand one after the other, `columns` numbers each. A draw depends on `seed` and its
    /// number alone: more draws begin with the same ones, and `threads` changes nothing.
    ///
    /// ```
    /// use nerharness_core::Table;
    /// let table = Table::new(&[1.0, 10.0, 1.0, 20.0], 2)?;
    /// let sums = table.bootstrap(100, 7, 1);
    /// assert!(sums.chunks(2).all(|sum| sum[0] == 2.0 && [20.0, 30.0, 40.0].contains(&sum[1])));
    /// assert_eq!(sums, table.bootstrap(100, 7, 3));
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn bootstrap(&self, draws: usize, seed: u64, threads: usize) -> Vec<f64> {
        self.sums(draws, seed, threads, |random, times| {
            times.fill(0);
            for _ in 0..times.len() {
                times[random.below(times.len())] += 1;
            }
        })
    }

    /// For each of `draws` draws the sum of the rows that a fair coin, thrown for each, chose.
    ///
    /// ```
    /// use nerharness_core::Table;
    /// let table = Table::new(&[1.0, 2.0, 4.0], 1)?;
    /// let sums = table.coins(100, 7, 1);
    /// assert!(sums.iter().all(|sum| (0.0..=7.0).contains(sum)));
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn coins(&self, draws: usize, seed: u64, threads: usize) -> Vec<f64> {
        self.sums(draws, seed, threads, |random, times| {
            for part in times.chunks_mut(64) {
                let mut bits = random.next();
                for time in part {
                    *time = (bits & 1) as u32;
                    bits >>= 1;
                }
            }
        })
    }

    /// The sum of each draw; `draw` says how many times each row is in it.
    fn sums(
        &self,
        draws: usize,
        seed: u64,
        threads: usize,
        draw: impl Fn(&mut Random, &mut [u32]) + Sync,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; draws * self.columns];
        let share = draws.div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            for (part, sums) in sums.chunks_mut(share * self.columns).enumerate() {
                let draw = &draw;
                scope.spawn(move || {
                    let mut times = vec![0; self.rows()];
                    for (number, sum) in sums.chunks_mut(self.columns).enumerate() {
                        draw(&mut Random::new(seed, part * share + number), &mut times);
                        self.add(&times, sum);
                    }
                });
            }
        });
        sums
    }

    fn add(&self, times: &[u32], sum: &mut [f64]) {
        for (row, &time) in self.values.chunks_exact(self.columns).zip(times) {
            if time != 0 {
                let time = f64::from(time);
                for (total, value) in sum.iter_mut().zip(row) {
                    *total += time * value;
                }
            }
        }
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014), begun at a place of its own for each draw.
struct Random(u64);

impl Random {
    fn new(seed: u64, number: usize) -> Self {
        let mut of_seed = Random(seed);
        let mut of_number = Random(of_seed.next() ^ number as u64);
        Random(of_number.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0; it favours none by more than `bound` in 2⁶⁴.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::cast_precision_loss, reason = "small numbers")]

    use super::*;

    fn mean(sums: &[f64]) -> f64 {
        sums.iter().sum::<f64>() / sums.len() as f64
    }

    fn variance(sums: &[f64]) -> f64 {
        let mean = mean(sums);
        sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / sums.len() as f64
    }

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }

    #[test]
    fn a_bootstrap_has_the_mean_and_variance_of_its_rows() {
        let values: Vec<f64> = (0..50).map(|row| f64::from(row * row % 17)).collect();
        let sums = Table::new(&values, 1).unwrap().bootstrap(20_000, 3, 2);
        let (rows, spread) = (values.len() as f64, variance(&values));
        close(mean(&sums), mean(&values) * rows, 1.0);
        close(variance(&sums) / (rows * spread), 1.0, 0.05);
    }

    #[test]
    fn a_coin_takes_half_of_the_rows() {
        let values = [3.0; 100];
        let sums = Table::new(&values, 1).unwrap().coins(20_000, 3, 2);
        close(mean(&sums), 150.0, 0.5);
        close(variance(&sums) / (9.0 * 25.0), 1.0, 0.05);
    }

    #[test]
    fn columns_of_a_draw_belong_to_the_same_rows() {
        let values: Vec<f64> = (0..40)
            .flat_map(|row| [f64::from(row), f64::from(2 * row)])
            .collect();
        let table = Table::new(&values, 2).unwrap();
        for sums in [table.bootstrap(500, 1, 1), table.coins(500, 1, 1)] {
            assert!(
                sums.chunks(2)
                    .all(|sum| (sum[1] - 2.0 * sum[0]).abs() < 1e-9)
            );
        }
    }

    #[test]
    fn more_draws_begin_with_the_same_and_threads_change_nothing() {
        let values: Vec<f64> = (0..30).map(f64::from).collect();
        let table = Table::new(&values, 3).unwrap();
        let long = table.bootstrap(101, 9, 4);
        assert_eq!(long, table.bootstrap(101, 9, 1));
        assert_eq!(long[..30], table.bootstrap(10, 9, 16));
        assert_ne!(long[..30], table.bootstrap(10, 10, 1));
        assert_eq!(table.coins(10, 9, 3), table.coins(10, 9, 1));
    }

    #[test]
    fn nothing_drawn_and_no_rows_are_defined() {
        let empty = Table::new(&[], 2).unwrap();
        assert_eq!(empty.bootstrap(3, 0, 1), [0.0; 6]);
        assert_eq!(empty.coins(3, 0, 1), [0.0; 6]);
        assert!(Table::new(&[1.0], 1).unwrap().bootstrap(0, 0, 2).is_empty());
        assert!(Table::new(&[1.0], 0).is_err());
        assert!(Table::new(&[1.0, 2.0, 3.0], 2).is_err());
    }
}
