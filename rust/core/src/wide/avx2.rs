//! The way of processors with AVX2.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "bits of words; there are at most 64 characters, and texts are shorter than 4 GiB"
)]

use std::arch::x86_64::{
    __m256i, _mm_castsi128_pd, _mm_cvtsi64_si128, _mm_set_epi64x, _mm_shuffle_epi8, _mm_storeh_pd,
    _mm_storel_epi64, _mm256_add_epi8, _mm256_add_epi32, _mm256_and_si256, _mm256_andnot_si256,
    _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_cvtepu8_epi32, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi32,
    _mm256_storeu_si256,
};

use super::marks::{Flags, Marks};
use super::{Past, Room};
use crate::skeleton::{CUT, WORD_END, WORD_START};

/// Characters that are written at a time.
const STEP: usize = 8;

/// For each choice of eight characters the numbers of those that are chosen, one in each byte.
const ORDER: [u64; 256] = {
    let mut table = [0; 256];
    let mut choice = 0;
    while choice < 256 {
        let (mut place, mut one) = (0, 0);
        while one < STEP as u64 {
            if choice >> one & 1 == 1 {
                table[choice] |= one << (8 * place);
                place += 1;
            }
            one += 1;
        }
        choice += 1;
    }
    table
};

/// The bits of each byte, one in each byte.
const SPREAD: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < STEP {
            table[byte] |= (byte as u64 >> bit & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    table
};

/// Characters that are read at a time. (Bits of two registers in one word would be put together one by one.)
const HALF: usize = 32;

/// What 32 characters are, folded, and which of them are apostrophes.
struct Read {
    marks: Marks,
    joints: u64,
    folded: __m256i,
}

/// [`super::Wide::fold`].
///
/// # Safety
/// The text has up to 64 characters, and all slices have room for 64.
#[expect(unsafe_code, reason = "loads and stores of vectors")]
#[target_feature(enable = "avx2,popcnt")]
pub(super) unsafe fn fold(
    text: &[u8],
    at: u32,
    past: &mut Past,
    room: &mut Room<'_>,
) -> Option<(usize, u64)> {
    let (mut done, mut joints, mut next) = (0, 0, *past);
    for (number, half) in text.chunks(HALF).enumerate() {
        let start = HALF * number;
        let begin = at + start as u32;
        // Safety: `done` is not more than `start`, from which on there is room for all that is left.
        let (count, found) = unsafe { fold_half(half, begin, &mut next, room, done) }?;
        done += count;
        joints |= found << start;
    }
    *past = next;
    Some((done, joints))
}

/// [`fold`] for up to 32 characters, with `done` behind which there is room.
///
/// # Safety
/// As that of [`fold`].
#[expect(unsafe_code, reason = "loads and stores of vectors")]
#[target_feature(enable = "avx2,popcnt")]
unsafe fn fold_half(
    text: &[u8],
    at: u32,
    past: &mut Past,
    room: &mut Room<'_>,
    done: usize,
) -> Option<(usize, u64)> {
    let mut bytes = [0; HALF];
    let begin = if text.len() == HALF {
        text.as_ptr()
    } else {
        bytes[..text.len()].copy_from_slice(text);
        bytes.as_ptr()
    };
    // Safety: there are 32 bytes in either.
    let Read {
        marks,
        joints,
        folded,
    } = read(unsafe { _mm256_loadu_si256(begin.cast()) })?;
    let flags = marks.flags(text.len(), at == 0, past)?;
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), folded) };
    let mut place = done;
    let (eights, _) = bytes.as_chunks::<STEP>();
    for (number, eight) in eights[..text.len().div_ceil(STEP)].iter().enumerate() {
        let shift = STEP * number;
        let kept = (marks.kept >> shift) as u8;
        let order = ORDER[usize::from(kept)];
        let both = _mm_set_epi64x(flags.eight(shift) as i64, u64::from_le_bytes(*eight) as i64);
        // The flags are those from the eighth byte on.
        let orders = _mm_set_epi64x((order | 0x0808_0808_0808_0808) as i64, order as i64);
        let both = _mm_shuffle_epi8(both, orders);
        let places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(order as i64));
        let places = _mm256_add_epi32(places, _mm256_set1_epi32((at + shift as u32) as i32));
        // Safety: no more were kept than read, and from there on there is room for eight.
        unsafe {
            _mm_storel_epi64(room.bytes.as_mut_ptr().add(place).cast(), both);
            _mm_storeh_pd(
                room.flags.as_mut_ptr().add(place).cast(),
                _mm_castsi128_pd(both),
            );
            _mm256_storeu_si256(room.starts.as_mut_ptr().add(place).cast(), places);
        }
        place += kept.count_ones() as usize;
    }
    Some((place - done, joints))
}

impl Flags {
    /// Those of eight characters, one in each byte.
    #[inline]
    fn eight(&self, shift: usize) -> u64 {
        let spread =
            |bits: u64, flag: u8| SPREAD[usize::from((bits >> shift) as u8)] * u64::from(flag);
        spread(self.cuts, CUT) | spread(self.starts, WORD_START) | spread(self.ends, WORD_END)
    }
}

/// Tells what characters are; `None` if there is one that is not ASCII. Zeros are behind the last one.
#[target_feature(enable = "avx2")]
fn read(text: __m256i) -> Option<Read> {
    let bits = |bytes| u64::from(_mm256_movemask_epi8(bytes) as u32);
    if bits(text) != 0 {
        return None;
    }
    // ASCII compares the same with signs and without.
    let byte = |byte: u8| _mm256_set1_epi8(byte as i8);
    let above = |bytes, least: u8| _mm256_cmpgt_epi8(bytes, byte(least - 1));
    let from_to = |bytes, least: u8, most: u8| {
        _mm256_and_si256(
            above(bytes, least),
            _mm256_cmpgt_epi8(byte(most + 1), bytes),
        )
    };
    let is = |c: u8| _mm256_cmpeq_epi8(text, byte(c));
    let either = |one: u8, other: u8| _mm256_or_si256(is(one), is(other));
    let raised = _mm256_and_si256(from_to(text, b'A', b'Z'), byte(0x20));
    let folded = _mm256_add_epi8(text, raised);
    let digits = from_to(text, b'0', b'9');
    let joints = either(b'\'', b'`');
    let lost = _mm256_or_si256(joints, either(b'-', 0x7F));
    let marks = Marks {
        words: bits(_mm256_or_si256(from_to(folded, b'a', b'z'), digits)),
        digits: bits(digits),
        points: bits(either(b'.', b',')),
        kept: bits(_mm256_andnot_si256(lost, above(text, b'!'))),
    };
    Some(Read {
        marks,
        joints: bits(joints),
        folded,
    })
}
