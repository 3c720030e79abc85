//! The vectors of x86-64 processors.
//!
//! They are used only where their instructions were found on the processor; see
//! [`Path`](super::Path).
#![expect(
    unsafe_code,
    reason = "vector instructions, on processors that have them"
)]

use std::arch::x86_64::*;

use super::vector::Vector;

/// 8 words of 32 bits.
#[derive(Clone, Copy)]
pub(crate) struct U32x8(__m256i);

impl Vector for U32x8 {
    type Word = u32;
    const LANES: usize = 8;

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        let words = &words[..8];
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        let words = &mut words[..8];
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm256_or_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        Self(unsafe { _mm256_andnot_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn nor(self, other: Self) -> Self {
        Self(unsafe { _mm256_andnot_si256(_mm256_or_si256(self.0, other.0), _mm256_set1_epi8(-1)) })
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn top(self) -> Self {
        Self(unsafe { _mm256_srli_epi32::<31>(self.0) })
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        Self(unsafe { _mm256_min_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn is_near(self, other: Self) -> bool {
        unsafe { _mm256_movemask_epi8(_mm256_cmpgt_epi32(self.0, other.0)) != -1 }
    }
}

/// 4 words of 64 bits.
#[derive(Clone, Copy)]
pub(crate) struct U64x4(__m256i);

impl Vector for U64x4 {
    type Word = u64;
    const LANES: usize = 4;

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        let words = &words[..4];
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        let words = &mut words[..4];
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm256_and_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm256_or_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm256_xor_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        Self(unsafe { _mm256_andnot_si256(self.0, other.0) })
    }

    #[inline(always)]
    fn nor(self, other: Self) -> Self {
        Self(unsafe { _mm256_andnot_si256(_mm256_or_si256(self.0, other.0), _mm256_set1_epi8(-1)) })
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        Self(unsafe { _mm256_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        Self(unsafe { _mm256_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn top(self) -> Self {
        Self(unsafe { _mm256_srli_epi64::<63>(self.0) })
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        Self(unsafe { _mm256_blendv_epi8(self.0, other.0, _mm256_cmpgt_epi64(self.0, other.0)) })
    }

    #[inline(always)]
    fn is_near(self, other: Self) -> bool {
        unsafe { _mm256_movemask_epi8(_mm256_cmpgt_epi64(self.0, other.0)) != -1 }
    }
}

/// 16 words of 32 bits.
#[derive(Clone, Copy)]
pub(crate) struct U32x16(__m512i);

impl Vector for U32x16 {
    type Word = u32;
    const LANES: usize = 16;

    #[inline(always)]
    fn load(words: &[u32]) -> Self {
        let words = &words[..16];
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u32]) {
        let words = &mut words[..16];
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        Self(unsafe { _mm512_andnot_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn nor(self, other: Self) -> Self {
        Self(unsafe { _mm512_andnot_si512(_mm512_or_si512(self.0, other.0), _mm512_set1_epi8(-1)) })
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn top(self) -> Self {
        Self(unsafe { _mm512_srli_epi32::<31>(self.0) })
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_epu32(self.0, other.0) })
    }

    #[inline(always)]
    fn is_near(self, other: Self) -> bool {
        unsafe { _mm512_cmple_epu32_mask(self.0, other.0) != 0 }
    }
}

/// 8 words of 64 bits.
#[derive(Clone, Copy)]
pub(crate) struct U64x8(__m512i);

impl Vector for U64x8 {
    type Word = u64;
    const LANES: usize = 8;

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        let words = &words[..8];
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        let words = &mut words[..8];
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(unsafe { _mm512_xor_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        Self(unsafe { _mm512_andnot_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn nor(self, other: Self) -> Self {
        Self(unsafe { _mm512_andnot_si512(_mm512_or_si512(self.0, other.0), _mm512_set1_epi8(-1)) })
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        Self(unsafe { _mm512_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn top(self) -> Self {
        Self(unsafe { _mm512_srli_epi64::<63>(self.0) })
    }

    #[inline(always)]
    fn lesser(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_epu64(self.0, other.0) })
    }

    #[inline(always)]
    fn is_near(self, other: Self) -> bool {
        unsafe { _mm512_cmple_epu64_mask(self.0, other.0) != 0 }
    }
}
