//! The vectors of x86-64 processors.
//!
//! They are used only where their instructions were found on the processor; see
//! [`Path`](super::Path).
#![expect(
    unsafe_code,
    reason = "vector instructions, on processors that have them"
)]

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi16, _mm256_add_epi32, _mm256_add_epi64, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_blendv_epi8, _mm256_cmpgt_epi16, _mm256_cmpgt_epi32,
    _mm256_cmpgt_epi64, _mm256_loadu_si256, _mm256_loadu2_m128i, _mm256_min_epu16,
    _mm256_min_epu32, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_srli_epi16,
    _mm256_srli_epi32, _mm256_srli_epi64, _mm256_sub_epi16, _mm256_sub_epi32, _mm256_sub_epi64,
    _mm256_xor_si256, _mm512_add_epi16, _mm512_add_epi32, _mm512_add_epi64, _mm512_and_si512,
    _mm512_andnot_si512, _mm512_castsi256_si512, _mm512_cmple_epu16_mask, _mm512_cmple_epu32_mask,
    _mm512_cmple_epu64_mask, _mm512_inserti64x4, _mm512_loadu_si512, _mm512_min_epu16,
    _mm512_min_epu32, _mm512_min_epu64, _mm512_or_si512, _mm512_set1_epi8, _mm512_srli_epi16,
    _mm512_srli_epi32, _mm512_srli_epi64, _mm512_sub_epi16, _mm512_sub_epi32, _mm512_sub_epi64,
    _mm512_xor_si512,
};

use super::vector::Vector;

/// Defines a vector by its instructions. `lesser` and `near` say how its words are compared, which
/// AVX2 does not offer for all unsigned words.
macro_rules! vector {
    (
        $name:ident: $lanes:literal of $word:ident in $register:ident,
        $load:ident $load_two:ident $and:ident $or:ident $xor:ident $and_not:ident $fill:ident
        $add:ident $subtract:ident $shift:expr,
        |$a:ident, $b:ident| lesser $lesser:expr, near $near:expr
    ) => {
        #[derive(Clone, Copy)]
        pub(crate) struct $name($register);

        impl Vector for $name {
            type Word = $word;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn load(words: &[$word]) -> Self {
                let words = &words[..$lanes];
                // Safety: there are as many words as the register holds.
                Self(unsafe { $load(words.as_ptr().cast()) })
            }

            #[inline(always)]
            fn load_two(one: &[$word], other: &[$word]) -> Self {
                let (one, other) = (&one[..$lanes / 2], &other[..$lanes / 2]);
                // Safety: together there are as many words as the register holds.
                Self(unsafe { $load_two(one.as_ptr(), other.as_ptr()) })
            }

            #[inline(always)]
            fn words(&self) -> &[$word] {
                // Safety: a register is as many words, and any bits are a word.
                unsafe { std::slice::from_raw_parts(std::ptr::from_ref(&self.0).cast(), $lanes) }
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                Self(unsafe { $and(self.0, other.0) })
            }

            #[inline(always)]
            fn or(self, other: Self) -> Self {
                Self(unsafe { $or(self.0, other.0) })
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                Self(unsafe { $xor(self.0, other.0) })
            }

            #[inline(always)]
            fn and_not(self, other: Self) -> Self {
                Self(unsafe { $and_not(self.0, other.0) })
            }

            #[inline(always)]
            fn nor(self, other: Self) -> Self {
                Self(unsafe { $and_not($or(self.0, other.0), $fill(-1)) })
            }

            #[inline(always)]
            fn sum(self, other: Self) -> Self {
                Self(unsafe { $add(self.0, other.0) })
            }

            #[inline(always)]
            fn difference(self, other: Self) -> Self {
                Self(unsafe { $subtract(self.0, other.0) })
            }

            #[inline(always)]
            fn top(self) -> Self {
                Self(unsafe { $shift(self.0) })
            }

            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                let ($a, $b) = (self.0, other.0);
                Self(unsafe { $lesser })
            }

            #[inline(always)]
            fn is_near(self, other: Self) -> bool {
                let ($a, $b) = (self.0, other.0);
                unsafe { $near }
            }
        }
    };
}

/// A register of the words at two places, half of it from each.
///
/// # Safety
/// The processor has AVX2, and there are 128 bits at each.
#[inline(always)]
unsafe fn load_quarters<W>(one: *const W, other: *const W) -> __m256i {
    unsafe { _mm256_loadu2_m128i(other.cast(), one.cast()) }
}

/// A register of the words at two places, half of it from each.
///
/// # Safety
/// The processor has AVX-512, and there are 256 bits at each.
#[inline(always)]
unsafe fn load_halves<W>(one: *const W, other: *const W) -> __m512i {
    unsafe {
        let one = _mm512_castsi256_si512(_mm256_loadu_si256(one.cast()));
        _mm512_inserti64x4::<1>(one, _mm256_loadu_si256(other.cast()))
    }
}

vector!(
    U16x16: 16 of u16 in __m256i,
    _mm256_loadu_si256 load_quarters _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_andnot_si256 _mm256_set1_epi8
    _mm256_add_epi16 _mm256_sub_epi16 _mm256_srli_epi16::<15>,
    |a, b| lesser _mm256_min_epu16(a, b), near _mm256_movemask_epi8(_mm256_cmpgt_epi16(a, b)) != -1
);

vector!(
    U32x8: 8 of u32 in __m256i,
    _mm256_loadu_si256 load_quarters _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_andnot_si256 _mm256_set1_epi8
    _mm256_add_epi32 _mm256_sub_epi32 _mm256_srli_epi32::<31>,
    |a, b| lesser _mm256_min_epu32(a, b), near _mm256_movemask_epi8(_mm256_cmpgt_epi32(a, b)) != -1
);

vector!(
    U64x4: 4 of u64 in __m256i,
    _mm256_loadu_si256 load_quarters _mm256_and_si256 _mm256_or_si256 _mm256_xor_si256 _mm256_andnot_si256 _mm256_set1_epi8
    _mm256_add_epi64 _mm256_sub_epi64 _mm256_srli_epi64::<63>,
    |a, b| lesser _mm256_blendv_epi8(a, b, _mm256_cmpgt_epi64(a, b)), near _mm256_movemask_epi8(_mm256_cmpgt_epi64(a, b)) != -1
);

vector!(
    U32x16: 16 of u32 in __m512i,
    _mm512_loadu_si512 load_halves _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_andnot_si512 _mm512_set1_epi8
    _mm512_add_epi32 _mm512_sub_epi32 _mm512_srli_epi32::<31>,
    |a, b| lesser _mm512_min_epu32(a, b), near _mm512_cmple_epu32_mask(a, b) != 0
);

vector!(
    U64x8: 8 of u64 in __m512i,
    _mm512_loadu_si512 load_halves _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_andnot_si512 _mm512_set1_epi8
    _mm512_add_epi64 _mm512_sub_epi64 _mm512_srli_epi64::<63>,
    |a, b| lesser _mm512_min_epu64(a, b), near _mm512_cmple_epu64_mask(a, b) != 0
);

vector!(
    U16x32: 32 of u16 in __m512i,
    _mm512_loadu_si512 load_halves _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512 _mm512_andnot_si512 _mm512_set1_epi8
    _mm512_add_epi16 _mm512_sub_epi16 _mm512_srli_epi16::<15>,
    |a, b| lesser _mm512_min_epu16(a, b), near _mm512_cmple_epu16_mask(a, b) != 0
);
