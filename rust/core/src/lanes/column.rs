//! One column of the tables of distances, in all lanes at once.

use super::vector::Vector;

/// The current column of each lane's table of distances.
#[derive(Clone, Copy)]
pub(super) struct Column<V> {
    /// Rows that are one more than the row above.
    pub(super) rises: V,
    /// Rows that are one less than the row above.
    pub(super) falls: V,
    /// Rows that were the same as the row above one column before.
    pub(super) same: V,
    /// Rows of the last character.
    pub(super) equal: V,
    /// The last row.
    pub(super) distance: V,
}

impl<V: Vector> Column<V> {
    /// The column after one more character, by where that stands in the needles; the names of the
    /// bit vectors in Hyyrö's paper are in brackets.
    #[inline(always)]
    #[must_use]
    pub(super) fn step(self, equal: V) -> Self {
        let (rises, falls) = (self.rises, self.falls);
        let crossed = self.same.and_not(equal);
        let swapped = crossed.sum(crossed).and(self.equal); // [TR]
        let carried = equal.and(rises).sum(rises).xor(rises);
        let same = carried.or(equal).or(falls).or(swapped); // [D0]
        let rise = falls.or(same.nor(rises)); // [HP]
        let fall = rises.and(same); // [HN]
        let distance = self.distance.sum(rise.top()).difference(fall.top());
        let (rise, fall) = (rise.sum(rise), fall.sum(fall));
        Self {
            rises: fall.or(same.nor(rise)), // [VP]
            falls: rise.and(same),          // [VN]
            same,
            equal,
            distance,
        }
    }
}
