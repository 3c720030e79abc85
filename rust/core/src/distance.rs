//! Edit distance, bit-parallel over the pattern (Myers 1999, in the blocks and with the
//! transpositions of Hyyrö 2003).
//!
//! It is the distance of the optimal string alignment: insertions, deletions, substitutions and
//! exchanges of neighbours that are not touched again count one each.

/// Bits of a machine word.
const WORD: usize = 64;

/// A sequence of characters, prepared to be compared with many others.
#[derive(Debug)]
pub(crate) struct Pattern<T> {
    length: usize,
    blocks: usize,
    /// The different characters, by their rows in `masks`; the row after them is that of all others.
    alphabet: Vec<T>,
    /// Where in the pattern a character stands: one word for each block, one row for each character.
    masks: Vec<u64>,
}

impl<T: Ord + Copy> Pattern<T> {
    /// Prepares `chars`.
    pub(crate) fn new(chars: &[T]) -> Self {
        let blocks = chars.len().div_ceil(WORD);
        let mut alphabet = chars.to_vec();
        alphabet.sort_unstable();
        alphabet.dedup();
        let mut masks = vec![0; (alphabet.len() + 1) * blocks];
        for (position, c) in chars.iter().enumerate() {
            let row = alphabet.partition_point(|other| other < c);
            masks[row * blocks + position / WORD] |= 1 << (position % WORD);
        }
        Self {
            length: chars.len(),
            blocks,
            alphabet,
            masks,
        }
    }

    /// The rows of the characters of a text.
    pub(crate) fn rows(&self, text: &[T]) -> Vec<usize> {
        let row = |c: &T| {
            self.alphabet
                .binary_search(c)
                .unwrap_or(self.alphabet.len())
        };
        text.iter().map(row).collect()
    }
}

/// What of a text a [`Sweep`] compares the pattern with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// All that was read.
    Start,
    /// The best suffix of what was read.
    Anywhere,
}

/// The distance of a pattern to a text that is read character by character.
#[derive(Debug)]
pub(crate) struct Sweep<'p, T> {
    pattern: &'p Pattern<T>,
    anchor: Anchor,
    /// Rows of the current column that are one more than the row above, one bit each.
    rises: Vec<u64>,
    /// Rows of the current column that are one less than the row above.
    falls: Vec<u64>,
    /// Rows of the current column that are the same as the row above one column before.
    same: Vec<u64>,
    /// Rows of the last character.
    equal: Vec<u64>,
    distance: usize,
}

/// How the distance changes from one column to the next, at the lower edge of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Rise,
    Same,
    Fall,
}

impl<'p, T> Sweep<'p, T> {
    /// Before anything was read.
    pub(crate) fn new(pattern: &'p Pattern<T>, anchor: Anchor) -> Self {
        let (rises, falls) = (vec![u64::MAX; pattern.blocks], vec![0; pattern.blocks]);
        Self {
            pattern,
            anchor,
            rises,
            falls,
            same: vec![0; pattern.blocks],
            equal: vec![0; pattern.blocks],
            distance: pattern.length,
        }
    }

    /// Reads one character, given by its row, and returns the distance to what was read.
    pub(crate) fn read(&mut self, row: usize) -> usize {
        let blocks = self.pattern.blocks;
        let mut change = match self.anchor {
            Anchor::Start => Change::Rise,
            Anchor::Anywhere => Change::Same,
        };
        let mut crossing = 0;
        for block in 0..blocks {
            let used = (self.pattern.length - block * WORD).min(WORD);
            let equal = self.pattern.masks[row * blocks + block];
            let crossed = !self.same[block] & equal;
            let swapped = (crossed << 1 | crossing) & self.equal[block];
            crossing = crossed >> (WORD - 1);
            change = self.step(block, (equal, swapped), change, 1 << (used - 1));
        }
        match change {
            Change::Rise => self.distance += 1,
            Change::Same => {}
            Change::Fall => self.distance -= 1,
        }
        self.distance
    }

    /// One column of one block, given where its character stands and where it is exchanged with the
    /// last one; the names of the bit vectors in Hyyrö's paper are in brackets.
    fn step(
        &mut self,
        block: usize,
        (equal, swapped): (u64, u64),
        above: Change,
        last: u64,
    ) -> Change {
        let (rises, falls) = (self.rises[block], self.falls[block]);
        let fall_above = u64::from(above == Change::Fall);
        let carried = equal | fall_above;
        let same = ((carried & rises).wrapping_add(rises) ^ rises) | carried | falls | swapped; // [D0]
        let rise = falls | !(same | rises); // [HP]
        let fall = rises & same; // [HN]
        let below = if rise & last != 0 {
            Change::Rise
        } else if fall & last != 0 {
            Change::Fall
        } else {
            Change::Same
        };
        let rise = rise << 1 | u64::from(above == Change::Rise);
        let fall = fall << 1 | fall_above;
        self.rises[block] = fall | !(same | rise); // [VP]
        self.falls[block] = rise & same; // [VN]
        (self.same[block], self.equal[block]) = (same, equal);
        below
    }
}

/// The least number of insertions, deletions, substitutions and exchanges of neighbours that turn `a`
/// into `b`.
pub(crate) fn edits<T: Ord + Copy>(a: &[T], b: &[T]) -> usize {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return long.len();
    }
    if short.len() <= WORD {
        return short_edits(short, long);
    }
    let pattern = Pattern::new(short);
    let mut sweep = Sweep::new(&pattern, Anchor::Start);
    pattern
        .rows(long)
        .into_iter()
        .fold(0, |_, row| sweep.read(row))
}

/// [`edits`] for a pattern of at most one machine word, without tables.
fn short_edits<T: PartialEq>(short: &[T], long: &[T]) -> usize {
    let last = 1 << (short.len() - 1);
    let (mut rises, mut falls, mut distance) = (u64::MAX, 0, short.len());
    let mut before = (0, 0);
    for c in long {
        let places = short.iter().enumerate();
        let equal = places.fold(0, |bits, (bit, other)| bits | u64::from(other == c) << bit);
        let swapped = (!before.0 & equal) << 1 & before.1;
        let same = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls | swapped;
        before = (same, equal);
        let (rise, fall) = (falls | !(same | rises), rises & same);
        distance += usize::from(rise & last != 0);
        distance -= usize::from(fall & last != 0);
        let (rise, fall) = (rise << 1 | 1, fall << 1);
        (rises, falls) = (fall | !(same | rise), rise & same);
    }
    distance
}

/// `part / whole` as the closest float; 1 for an empty whole.
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 1.0;
    }
    let float = |value: usize| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    float(part) / float(whole)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook's table, one row at a time; `free` lets the match begin anywhere.
    pub(crate) fn distances<T: PartialEq>(pattern: &[T], text: &[T], free: bool) -> Vec<usize> {
        let mut columns = vec![(0..=pattern.len()).collect::<Vec<usize>>()];
        for (read, c) in text.iter().enumerate() {
            let mut next = vec![if free { 0 } else { read + 1 }];
            for row in 1..=pattern.len() {
                let left = &columns[read];
                let substituted = left[row - 1] + usize::from(pattern[row - 1] != *c);
                let mut least = substituted.min(left[row] + 1).min(next[row - 1] + 1);
                if row > 1
                    && read > 0
                    && pattern[row - 2] == *c
                    && pattern[row - 1] == text[read - 1]
                {
                    least = least.min(columns[read - 1][row - 2] + 1);
                }
                next.push(least);
            }
            columns.push(next);
        }
        columns.iter().map(|column| column[pattern.len()]).collect()
    }

    proptest! {
        #[test]
        fn sweeps_give_the_last_row_of_the_table(
            pattern in "[ab]{1,30}|[a-d]{60,70}|[ab]{120,200}", text in "[a-e]{0,150}"
        ) {
            let pattern: Vec<char> = pattern.chars().collect();
            let text: Vec<char> = text.chars().collect();
            let prepared = Pattern::new(&pattern);
            for (anchor, free) in [(Anchor::Start, false), (Anchor::Anywhere, true)] {
                let mut sweep = Sweep::new(&prepared, anchor);
                let mut found = vec![pattern.len()];
                found.extend(prepared.rows(&text).into_iter().map(|row| sweep.read(row)));
                prop_assert_eq!(found, distances(&pattern, &text, free));
            }
            let expected = distances(&pattern, &text, false)[text.len()];
            prop_assert_eq!(edits(&pattern, &text), expected);
        }
    }

    #[test]
    fn ratios_are_the_floats_of_their_decimals() {
        assert!((ratio(4, 5) - 0.8).abs() < f64::EPSILON && ratio(4, 5) >= 0.8);
        assert!(ratio(9, 10) >= 0.9 && ratio(7, 10) >= 0.7 && ratio(13, 20) >= 0.65);
    }
}
