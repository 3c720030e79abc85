//! The edit distance with exchanges of neighbours, row by row.

/// A needle compared with all that was read.
#[derive(Debug, Clone)]
pub struct Edits<'n> {
    needle: &'n [char],
    /// The last character that was read.
    last: Option<char>,
    /// The rows before the last character, before the one before it, and room for the next one.
    rows: [Vec<usize>; 3],
}

impl<'n> Edits<'n> {
    /// Before anything is read.
    #[must_use]
    pub fn new(needle: &'n [char]) -> Self {
        let row: Vec<usize> = (0..=needle.len()).collect();
        Self {
            needle,
            last: None,
            rows: [row.clone(), row.clone(), row],
        }
    }

    /// Reads one character.
    pub fn read(&mut self, c: char) {
        let [above, before, row] = &mut self.rows;
        row[0] = above[0] + 1;
        for (j, needle) in self.needle.iter().enumerate() {
            let mut best = (above[j] + usize::from(*needle != c))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if j > 0 && self.last == Some(*needle) && self.needle[j - 1] == c {
                best = best.min(before[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        self.rows.rotate_right(1);
        self.last = Some(c);
    }

    /// The distance of the needle to what was read.
    #[must_use]
    pub fn distance(&self) -> usize {
        self.rows[0][self.needle.len()]
    }

    /// The least distance that there can be, whatever is read.
    #[must_use]
    pub fn least(&self) -> usize {
        let [last, before, _] = &self.rows;
        last.iter().chain(before).copied().min().unwrap_or(0)
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
