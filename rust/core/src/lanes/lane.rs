//! A single needle.

/// Where in a needle of up to 64 characters each of them stands, to be used for one needle after the other.
#[derive(Debug)]
pub(crate) struct Letters {
    /// By the rows of the characters, a bit for each place.
    masks: Box<[u64; 256]>,
    /// The rows of the needle at hand.
    needle: Vec<u8>,
}

impl Default for Letters {
    fn default() -> Self {
        Self {
            masks: Box::new([0; 256]),
            needle: Vec::new(),
        }
    }
}

impl Letters {
    /// Those of a needle, by the rows of its characters, in place of the one before; `turned`, it
    /// begins with the last one.
    pub(crate) fn fill(&mut self, needle: &[u8], turned: bool) {
        for row in &self.needle {
            self.masks[usize::from(*row)] = 0;
        }
        self.needle.clear();
        self.needle.extend_from_slice(needle);
        if turned {
            self.needle.reverse();
        }
        for (bit, row) in self.needle.iter().enumerate() {
            self.masks[usize::from(*row)] |= 1 << bit;
        }
    }

    /// The needle beside a text of which nothing was read yet.
    #[inline(always)]
    pub(crate) fn lane(&self) -> Lane<'_> {
        Lane {
            masks: &self.masks,
            top: top(self.needle.len()),
            rises: u64::MAX,
            falls: 0,
            same: 0,
            equal: 0,
            distance: self.needle.len(),
        }
    }
}

/// A needle beside what was read of a text.
pub(crate) struct Lane<'l> {
    masks: &'l [u64; 256],
    /// The number of the highest bit of the needle, which begins at the lowest.
    top: u32,
    rises: u64,
    falls: u64,
    same: u64,
    equal: u64,
    /// How far the two are from each other.
    pub(crate) distance: usize,
}

impl Lane<'_> {
    /// Reads one more character of the text; as `Column::step`, but that the text begins where it was
    /// begun to be read.
    #[inline(always)]
    pub(crate) fn read(&mut self, row: u8) {
        let (rises, falls, top) = (self.rises, self.falls, self.top);
        let equal = self.masks[usize::from(row)];
        let swapped = (!self.same & equal) << 1 & self.equal;
        let same = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls | swapped;
        let (rise, fall) = (falls | !(same | rises), rises & same);
        self.distance += usize::from(rise >> top & 1 == 1);
        self.distance -= usize::from(fall >> top & 1 == 1);
        let (rise, fall) = (rise << 1 | 1, fall << 1);
        (self.rises, self.falls) = (fall | !(same | rise), rise & same);
        (self.same, self.equal) = (same, equal);
    }
}

/// The number of the highest bit of a needle that begins at the lowest.
pub(super) fn top(length: usize) -> u32 {
    u32::try_from(length).map_or(0, |length| length.saturating_sub(1))
}
