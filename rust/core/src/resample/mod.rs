//! Sums over rows drawn anew: the arithmetic of bootstrap intervals and permutation tests.

mod random;
mod tile;

use std::panic;
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::threads::together;
use random::Random;
use tile::{Drawn, TOGETHER, Tile};

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
    /// [`Error::Table`] if there is no column, or the last row is not full; [`Error::Infinite`] if a
    /// number is not finite.
    pub fn new(values: &'a [f64], columns: usize) -> Result<Self, Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            return Err(Error::Table {
                values: values.len(),
                columns,
            });
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::Infinite {
                row: index / columns,
                column: index % columns,
                value: values[index],
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
        let tiles = Tile::all(self.values, self.columns);
        let parts = Mutex::new(sums.chunks_mut(TOGETHER * self.columns).enumerate());
        let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
        let ended = together(threads.min(draws.div_ceil(TOGETHER)), || {
            let mut block = Drawn::new(self.rows());
            while let Some((part, sums)) = next() {
                for (one, times) in block.each(sums.len() / self.columns).enumerate() {
                    draw(&mut Random::new(seed, part * TOGETHER + one), times);
                }
                for tile in &tiles {
                    tile.add(&mut block, sums);
                }
            }
        });
        if let Some(failed) = ended.into_iter().find_map(Result::err) {
            panic::resume_unwind(failed);
        }
        sums
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

    /// The sums as they are defined: row after row, draw after draw.
    fn slow(values: &[f64], columns: usize, draws: usize, seed: u64) -> Vec<f64> {
        let rows = values.len() / columns;
        let mut sums = vec![0.0; draws * columns];
        for (number, sum) in sums.chunks_mut(columns).enumerate() {
            let mut random = Random::new(seed, number);
            for _ in 0..rows {
                let row = random.below(rows);
                for (total, value) in sum.iter_mut().zip(&values[row * columns..]) {
                    *total += value;
                }
            }
        }
        sums
    }

    #[test]
    fn sums_are_those_of_the_rows_added_one_by_one() {
        for (rows, columns, draws) in [(1, 1, 1), (7, 3, 16), (1023, 2, 17), (2050, 5, 33)] {
            let values: Vec<f64> = (0..rows * columns)
                .map(|place| (place * 7 % 11 / 5 * (place % 13)) as f64 - 3.0)
                .collect();
            let table = Table::new(&values, columns).unwrap();
            let expected = slow(&values, columns, draws, 5);
            for threads in [1, 2, 40] {
                assert_eq!(table.bootstrap(draws, 5, threads), expected);
            }
        }
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let error = Table::new(&[1.0, 2.0, 3.0, f64::NAN], 2).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 1, column 1 of the table is NaN; only finite numbers have sums"
        );
        assert!(Table::new(&[f64::INFINITY], 1).is_err());
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
