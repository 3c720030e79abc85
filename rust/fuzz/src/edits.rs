//! The edit distance with exchanges of neighbours, row by row.

/// A needle compared with all that was read.
#[derive(Debug, Clone)]
pub struct Edits<'n> {
    needle: &'n [char],
    read: Vec<char>,
    rows: Vec<Vec<usize>>,
}

impl<'n> Edits<'n> {
    /// Before anything is read.
    #[must_use]
    pub fn new(needle: &'n [char]) -> Self {
        Self {
            needle,
            read: Vec::new(),
            rows: vec![(0..=needle.len()).collect()],
        }
    }

    /// Reads one character.
    pub fn read(&mut self, c: char) {
        let above = &self.rows[self.read.len()];
        let mut row = vec![above[0] + 1];
        for (j, needle) in self.needle.iter().enumerate() {
            let mut best = (above[j] + usize::from(*needle != c)).min(above[j + 1] + 1);
            best = best.min(row[j] + 1);
            let swapped = j > 0 && self.read.last() == Some(needle) && self.needle[j - 1] == c;
            if swapped {
                best = best.min(self.rows[self.read.len() - 1][j - 1] + 1);
            }
            row.push(best);
        }
        self.rows.push(row);
        self.read.push(c);
    }

    /// The distance of the needle to what was read.
    #[must_use]
    pub fn distance(&self) -> usize {
        self.rows[self.read.len()][self.needle.len()]
    }
}

/// The distance of two texts: insertions, deletions, substitutions, and exchanges of neighbours that
/// are not touched again.
#[must_use]
pub fn edits(a: &[char], b: &[char]) -> usize {
    let mut edits = Edits::new(a);
    for c in b {
        edits.read(*c);
    }
    edits.distance()
}
