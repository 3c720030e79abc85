//! Numbers that look drawn by chance, the same for every seed.

/// `SplitMix64` (Steele, Lea, Flood 2014), begun at a place of its own for each draw.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64, number: usize) -> Self {
        let mut of_seed = Random(seed);
        let mut of_number = Random(of_seed.next() ^ number as u64);
        Random(of_number.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0; it favours none by more than `bound` in 2⁶⁴.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}
