//! Vectors of machine words, and the way to calculate with them.

/// A machine word, one bit for each character of a needle.
pub(crate) trait Word: Copy + Default + Ord + Send + Sync + 'static {
    /// Its number of bits: the longest needle.
    const BITS: u32;
    /// Vectors that every processor of the target has.
    type Plain: Vector<Word = Self>;
    /// Vectors of 256 bits.
    #[cfg(target_arch = "x86_64")]
    type Half: Vector<Word = Self>;
    /// Vectors of 512 bits.
    #[cfg(target_arch = "x86_64")]
    type Full: Vector<Word = Self>;
    /// The word as a number, which may be cut off.
    fn of(number: u64) -> Self;
    /// The number.
    fn number(self) -> u64;
    /// A length, which fits.
    fn from_length(length: usize) -> Self;
    /// The word as a length.
    fn length(self) -> usize;
}

macro_rules! word {
    ($word:ty, $plain:ty, $half:ident, $full:ident) => {
        impl Word for $word {
            const BITS: u32 = <$word>::BITS;
            type Plain = $plain;
            #[cfg(target_arch = "x86_64")]
            type Half = super::x86::$half;
            #[cfg(target_arch = "x86_64")]
            type Full = super::x86::$full;

            #[inline(always)]
            fn of(number: u64) -> Self {
                let cut = number & (u64::MAX >> (u64::BITS - Self::BITS));
                Self::try_from(cut).unwrap_or(Self::MAX)
            }

            #[inline(always)]
            fn number(self) -> u64 {
                u64::from(self)
            }

            fn from_length(length: usize) -> Self {
                Self::try_from(length).unwrap_or(Self::MAX)
            }

            fn length(self) -> usize {
                usize::try_from(self).unwrap_or(usize::MAX)
            }
        }
    };
}

word!(u16, [u16; 8], U16x16, U16x32);
word!(u32, [u32; 4], U32x8, U32x16);
word!(u64, [u64; 2], U64x4, U64x8);

/// Words side by side.
pub(crate) trait Vector: Copy {
    /// What it consists of.
    type Word: Word;
    /// How many of them.
    const LANES: usize;
    /// The first words of a slice, which has as many.
    fn load(words: &[Self::Word]) -> Self;
    /// Half of the words from the beginning of each slice, which have as many.
    fn load_two(one: &[Self::Word], other: &[Self::Word]) -> Self;
    /// The words.
    fn words(&self) -> &[Self::Word];
    /// Bits that are in both.
    fn and(self, other: Self) -> Self;
    /// Bits that are in either.
    fn or(self, other: Self) -> Self;
    /// Bits that are in one only.
    fn xor(self, other: Self) -> Self;
    /// Bits that are in the other only.
    fn and_not(self, other: Self) -> Self;
    /// Bits that are in neither.
    fn nor(self, other: Self) -> Self;
    /// The sums, without carries.
    fn sum(self, other: Self) -> Self;
    /// The differences, without borrows.
    fn difference(self, other: Self) -> Self;
    /// The highest bit of each word, as the lowest one.
    fn top(self) -> Self;
    /// The lesser ones of words with a highest bit of 0.
    fn lesser(self, other: Self) -> Self;
    /// Whether some word is not greater than the other one, both with a highest bit of 0.
    fn is_near(self, other: Self) -> bool;
}

macro_rules! plain {
    ($word:ty, $lanes:literal) => {
        impl Vector for [$word; $lanes] {
            type Word = $word;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(words: &[$word]) -> Self {
                std::array::from_fn(|lane| words[lane])
            }

            #[inline(always)]
            fn load_two(one: &[$word], other: &[$word]) -> Self {
                let half = $lanes / 2;
                std::array::from_fn(|lane| {
                    if lane < half {
                        one[lane]
                    } else {
                        other[lane - half]
                    }
                })
            }

            #[inline(always)]
            fn words(&self) -> &[$word] {
                self
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane] & other[lane])
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane] | other[lane])
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane] ^ other[lane])
            }

            #[inline(always)]
            fn and_not(self, other: Self) -> Self {
                std::array::from_fn(|lane| !self[lane] & other[lane])
            }

            #[inline(always)]
            fn nor(self, other: Self) -> Self {
                std::array::from_fn(|lane| !(self[lane] | other[lane]))
            }

            #[inline(always)]
            fn sum(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane].wrapping_add(other[lane]))
            }

            #[inline(always)]
            fn difference(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane].wrapping_sub(other[lane]))
            }

            #[inline(always)]
            fn top(self) -> Self {
                self.map(|word| word >> (<$word>::BITS - 1))
            }

            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                std::array::from_fn(|lane| self[lane].min(other[lane]))
            }

            #[inline(always)]
            fn is_near(self, other: Self) -> bool {
                (0..$lanes).any(|lane| self[lane] <= other[lane])
            }
        }
    };
}

plain!(u16, 8);
plain!(u32, 4);
plain!(u64, 2);
