//! The characters of needles by small numbers, in which tables can be looked up.

/// Characters of ASCII.
const ASCII: usize = 128;

/// A number for each different character of some needles, from 1 on; 0 for all other characters.
#[derive(Debug)]
pub(crate) struct Rows {
    ascii: [u16; ASCII],
    /// The others, sorted.
    others: Vec<(char, u16)>,
    count: u16,
}

impl Rows {
    /// Numbers the characters of `needles`, of which there are fewer than 2¹⁶.
    pub(crate) fn new<'n>(needles: impl Iterator<Item = &'n [char]>) -> Self {
        let mut rows = Self {
            ascii: [0; ASCII],
            others: Vec::new(),
            count: 1,
        };
        for c in needles.flatten() {
            match rows.ascii.get_mut(*c as usize) {
                Some(row) if *row == 0 => {
                    *row = rows.count;
                    rows.count += 1;
                }
                Some(_) => {}
                None => rows.add(*c),
            }
        }
        rows
    }

    fn add(&mut self, c: char) {
        if let Err(place) = self.others.binary_search_by_key(&c, |(other, _)| *other) {
            self.others.insert(place, (c, self.count));
            self.count += 1;
        }
    }

    /// The number of rows, that of all other characters included.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.count)
    }

    /// The row of a character.
    pub(crate) fn of(&self, c: char) -> u16 {
        if let Some(row) = self.ascii.get(c as usize) {
            return *row;
        }
        let place = self.others.binary_search_by_key(&c, |(other, _)| *other);
        place.map_or(0, |place| self.others[place].1)
    }
}
