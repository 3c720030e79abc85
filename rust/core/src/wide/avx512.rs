//! The way of processors with AVX-512 and VBMI2.
#![expect(
    clippy::cast_possible_truncation,
    reason = "there are at most 64 characters, and texts are shorter than 4 GiB"
)]

use std::arch::x86_64::{
    _mm512_add_epi32, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_mask_add_epi8,
    _mm512_maskz_compress_epi8, _mm512_maskz_compress_epi32, _mm512_maskz_loadu_epi8,
    _mm512_maskz_set1_epi8, _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_setr_epi32, _mm512_storeu_si512, _mm512_sub_epi8,
};

use super::marks::Marks;
use super::{Past, Room};
use crate::skeleton::{CUT, WORD_END, WORD_START};

/// [`super::Wide::fold`].
///
/// # Safety
/// The text has from 1 to 64 characters, and all slices have room for 64.
#[expect(unsafe_code, reason = "loads and stores of vectors")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
pub(super) unsafe fn fold(
    text: &[u8],
    at: u32,
    past: &mut Past,
    room: &mut Room<'_>,
) -> Option<(usize, u64)> {
    let lowest = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
    let byte = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
    let all = lowest(text.len());
    let read = unsafe { _mm512_maskz_loadu_epi8(all, text.as_ptr().cast()) };
    if _mm512_movepi8_mask(read) != 0 {
        return None;
    }
    let below = |from: u8, count: u8, read| {
        _mm512_cmplt_epu8_mask(_mm512_sub_epi8(read, byte(from)), byte(count)) & all
    };
    let is = |c: u8| _mm512_cmpeq_epi8_mask(read, byte(c));
    let digits = below(b'0', 10, read);
    let folded = _mm512_mask_add_epi8(read, below(b'A', 26, read), read, byte(0x20));
    let joints = is(b'\'') | is(b'`');
    let kept = all & !(below(0, b'!', read) | is(0x7F) | is(b'-') | joints);
    let marks = Marks {
        words: below(b'a', 26, folded) | digits,
        digits,
        points: if digits == 0 { 0 } else { is(b'.') | is(b',') },
        kept,
    };
    let flags = marks.flags(text.len(), at == 0, past)?;
    let flag = |mask, flag: u8| _mm512_maskz_set1_epi8(mask, flag.cast_signed());
    let starts_and_ends =
        _mm512_or_si512(flag(flags.starts, WORD_START), flag(flags.ends, WORD_END));
    let flags = _mm512_or_si512(flag(flags.cuts, CUT), starts_and_ends);
    unsafe {
        let bytes = _mm512_maskz_compress_epi8(kept, folded);
        let flags = _mm512_maskz_compress_epi8(kept, flags);
        _mm512_storeu_si512(room.bytes.as_mut_ptr().cast(), bytes);
        _mm512_storeu_si512(room.flags.as_mut_ptr().cast(), flags);
    }
    let ascending = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let mut count = 0;
    for part in 0..text.len().div_ceil(16) {
        let kept = (kept >> (16 * part)) as u16;
        let first = _mm512_set1_epi32((at + 16 * part as u32).cast_signed());
        let starts = _mm512_maskz_compress_epi32(kept, _mm512_add_epi32(first, ascending));
        // Safety: no more were kept than read, and from there on there is room for 16.
        unsafe { _mm512_storeu_si512(room.starts.as_mut_ptr().add(count).cast(), starts) };
        count += kept.count_ones() as usize;
    }
    Some((count, joints))
}
