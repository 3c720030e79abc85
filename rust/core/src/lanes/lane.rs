//! A single needle.

/// A column of one lane.
pub(crate) struct Lane {
    rises: u64,
    falls: u64,
    same: u64,
    equal: u64,
    /// The last row.
    pub(crate) distance: usize,
}

impl Lane {
    /// The column before anything was read of a text that begins there, for a needle of `length`
    /// that begins at the lowest bit, and the number of its highest bit.
    pub(crate) fn new(length: usize) -> (Self, u32) {
        let new = Self {
            rises: u64::MAX,
            falls: 0,
            same: 0,
            equal: 0,
            distance: length,
        };
        (new, top(length))
    }

    /// As `Column::step`; the last row is at bit `top`, and what comes in above the first row is
    /// 1 if the text begins there, 0 if it may begin anywhere.
    #[inline(always)]
    pub(crate) fn step(&mut self, equal: u64, top: u32, above: u64) {
        let (rises, falls) = (self.rises, self.falls);
        let swapped = (!self.same & equal) << 1 & self.equal;
        let same = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls | swapped;
        let (rise, fall) = (falls | !(same | rises), rises & same);
        self.distance += usize::from(rise >> top & 1 == 1);
        self.distance -= usize::from(fall >> top & 1 == 1);
        let (rise, fall) = (rise << 1 | above, fall << 1);
        (self.rises, self.falls) = (fall | !(same | rise), rise & same);
        (self.same, self.equal) = (same, equal);
    }
}

/// The number of the highest bit of a needle that begins at the lowest.
pub(super) fn top(length: usize) -> u32 {
    u32::try_from(length).map_or(0, |length| length - 1)
}
