//! How far a window may be from a needle.

use super::LONGEST_WINDOW;
use crate::distance::ratio;

/// The windows that may be similar enough to a needle, by their lengths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// The length of the needle.
    pub(super) length: usize,
    threshold: f64,
    /// The length of the shortest window.
    pub(super) least: usize,
    /// The greatest distance that any window may have; the longest one is that much longer.
    pub(super) limit: usize,
}

impl Reach {
    /// That of a needle of `length`.
    pub(super) fn new(length: usize, threshold: f64) -> Self {
        let near = |least: &usize| ratio(*least, length) >= threshold;
        let least = (1..length).rev().take_while(near).last();
        Self {
            length,
            threshold,
            least: least.unwrap_or(length),
            limit: most(length, threshold),
        }
    }

    /// The length of the longest window.
    pub(super) fn longest(&self) -> usize {
        self.length + self.limit
    }

    /// The similarity to a window of `length` at a distance, if it is enough.
    pub(super) fn score(&self, distance: usize, length: usize) -> Option<f64> {
        let longer = length.max(self.length);
        if longer == self.length && distance > self.length - self.least {
            return None;
        }
        let score = ratio(longer.saturating_sub(distance), longer);
        (score >= self.threshold).then_some(score)
    }

    /// The margins of the windows of up to [`LONGEST_WINDOW`] characters.
    fn margins(&self) -> Margins {
        let mut most = self.length - self.least;
        let lengths = self.least..=self.longest().min(LONGEST_WINDOW);
        let margins = lengths.map(|length| {
            while length > self.length && self.score(most + 1, length).is_some() {
                most += 1;
            }
            most
        });
        margins.collect()
    }

    /// The length of the shortest window that may have a distance.
    pub(super) fn shortest(&self, distance: usize) -> Option<usize> {
        if distance <= self.length - self.least {
            return Some(self.least);
        }
        let longer = self.length + 1..=self.longest();
        longer
            .into_iter()
            .find(|length| self.score(distance, *length).is_some())
    }
}

/// The reaches of needles at one threshold, each found once.
#[derive(Debug, Default)]
pub(super) struct Reaches {
    threshold: f64,
    /// By the length of the needle.
    known: Vec<Option<(Reach, Margins)>>,
}

/// The greatest distance that a window may have, for the shortest one and the longer ones in turn.
pub(super) type Margins = Box<[usize]>;

impl Reaches {
    /// That of a needle of `length` at `threshold`, with its margins.
    pub(super) fn get(&mut self, length: usize, threshold: f64) -> &(Reach, Margins) {
        if self.threshold.to_bits() != threshold.to_bits() {
            self.threshold = threshold;
            self.known.clear();
        }
        if length >= self.known.len() {
            self.known.resize(length + 1, None);
        }
        self.known[length].get_or_insert_with(|| {
            let reach = Reach::new(length, threshold);
            (reach, reach.margins())
        })
    }
}

/// The greatest distance that a needle of `length` may have to a window, which is then that much
/// longer.
fn most(length: usize, threshold: f64) -> usize {
    let near = |distance: usize| ratio(length, length + distance) >= threshold;
    let (mut least, mut greatest) = (0, if near(length) { 1024 * length } else { length });
    // Most needles are short, and thresholds high.
    while near(least + 1) && least < greatest.min(8) {
        least += 1;
    }
    if least < 8 {
        return least.min(greatest);
    }
    while least < greatest {
        let middle = (least + greatest).div_ceil(2);
        if near(middle) {
            least = middle;
        } else {
            greatest = middle - 1;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_distance_is_exact() {
        assert_eq!(most(4, 0.8), 1);
        assert_eq!(most(20, 0.8), 5);
        assert_eq!(most(10, 1.0), 0);
        assert_eq!(most(10, 0.5), 10);
    }

    #[test]
    fn windows_that_are_farther_have_to_be_longer() {
        let reach = Reach::new(20, 0.8);
        assert_eq!((reach.least, reach.longest()), (16, 25));
        assert_eq!(
            [0, 4, 5, 6].map(|far| reach.shortest(far)),
            [Some(16), Some(16), Some(25), None]
        );
        assert_eq!(reach.score(5, 25), Some(0.8));
        assert_eq!(reach.score(5, 24), None);
    }

    #[test]
    fn margins_are_the_greatest_distances_that_score() {
        for (length, threshold) in [(20, 0.8), (3, 0.5), (17, 0.77), (40, 1.0), (9, 0.01)] {
            let reach = Reach::new(length, threshold);
            let margins = reach.margins();
            assert_eq!(
                margins.len(),
                reach.longest().min(LONGEST_WINDOW) + 1 - reach.least
            );
            for (window, margin) in (reach.least..).zip(&margins) {
                let far = |far: &usize| reach.score(*far, window).is_some();
                let most = (0..=window.max(length)).rev().find(far);
                assert_eq!(Some(*margin), most, "{length} {threshold} {window}");
            }
        }
    }
}
