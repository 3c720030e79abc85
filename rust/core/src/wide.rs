//! Folds 64 ASCII characters at a time, on processors with AVX-512 and VBMI2.
#![cfg_attr(
    target_arch = "x86_64",
    expect(
        clippy::cast_possible_truncation,
        reason = "there are at most 64 characters, and texts are shorter than 4 GiB"
    )
)]

use crate::skeleton::{CUT, WORD_END, WORD_START};

/// Characters that are folded at a time.
pub(crate) const WIDTH: usize = 64;

/// Says that this processor has the instructions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wide(());

/// Where the folded characters go, each slice with room for as many as are read.
pub(crate) struct Room<'r> {
    /// The characters.
    pub(crate) bytes: &'r mut [u8],
    /// Where they stand in the text.
    pub(crate) starts: &'r mut [u32],
    /// What may begin and end there.
    pub(crate) flags: &'r mut [u8],
}

/// What the flags of a character depend on.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Past {
    /// Whether the character before it is of a word.
    pub(crate) before: bool,
    /// Whether the folded character before it is of a word.
    pub(crate) last: bool,
}

#[cfg(not(target_arch = "x86_64"))]
impl Wide {
    /// None but x86-64 processors have them.
    pub(crate) fn detect() -> Option<Self> {
        None
    }

    /// Never called.
    pub(crate) fn fold(
        self,
        _: &[u8],
        _: u32,
        _: &mut Past,
        _: &mut Room<'_>,
    ) -> Option<(usize, u64)> {
        None
    }
}

#[cfg(target_arch = "x86_64")]
impl Wide {
    /// Looks whether this processor has them.
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt"))
        .then_some(Self(()))
    }

    /// Folds up to 64 ASCII characters, the first of which stands at `at`; returns how many were
    /// kept and, a bit for each that was read, which are apostrophes. `None`, with nothing done, if
    /// there is a byte that is not ASCII, or a digit on which one before it may bear.
    pub(crate) fn fold(
        self,
        text: &[u8],
        at: u32,
        past: &mut Past,
        room: &mut Room<'_>,
    ) -> Option<(usize, u64)> {
        let Self(()) = self;
        assert!(text.len() <= WIDTH && room.bytes.len() >= text.len());
        assert!(room.starts.len() >= text.len() && room.flags.len() >= text.len());
        // Safety: this value is made only where the processor has the instructions, and all slices
        // are long enough.
        #[expect(unsafe_code, reason = "the instructions were found on this processor")]
        unsafe {
            fold(text, at, past, room)
        }
    }
}

/// [`Wide::fold`].
///
/// # Safety
/// The slices are as long as the text, which is not longer than 64.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "loads and stores of vectors")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
unsafe fn fold(text: &[u8], at: u32, past: &mut Past, room: &mut Room<'_>) -> Option<(usize, u64)> {
    use std::arch::x86_64::{
        _mm512_add_epi32, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_mask_add_epi8,
        _mm512_mask_storeu_epi8, _mm512_mask_storeu_epi32, _mm512_maskz_compress_epi8,
        _mm512_maskz_compress_epi32, _mm512_maskz_loadu_epi8, _mm512_maskz_set1_epi8,
        _mm512_movepi8_mask, _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32,
        _mm512_setr_epi32, _mm512_sub_epi8, _pext_u64,
    };
    let lowest = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
    let byte = |byte: u8| _mm512_set1_epi8(byte.cast_signed());
    let all = lowest(text.len());
    let read = unsafe { _mm512_maskz_loadu_epi8(all, text.as_ptr().cast()) };
    let below = |from: u8, count: u8, read| {
        _mm512_cmplt_epu8_mask(_mm512_sub_epi8(read, byte(from)), byte(count)) & all
    };
    let digits = below(b'0', 10, read);
    if _mm512_movepi8_mask(read) != 0 {
        return None;
    }
    let folded = _mm512_mask_add_epi8(read, below(b'A', 26, read), read, byte(0x20));
    let words = below(b'a', 26, folded) | digits;
    let is = |c: u8| _mm512_cmpeq_epi8_mask(read, byte(c));
    let joints = is(b'\'') | is(b'`');
    let kept = all & !(below(0, b'!', read) | is(0x7F) | is(b'-') | joints);
    if digits != 0 {
        // A number behind a point, or behind another one with something between that is not kept.
        let points = is(b'.') | is(b',');
        let decimal = digits & points << 1 & (digits << 2 | u64::from(past.before) << 1);
        let first = digits & 1 != 0 && at > 0 && !past.before;
        let kept_digits = _pext_u64(digits, kept);
        let apart = kept_digits & kept_digits << 1 & !_pext_u64(digits & digits << 1, kept);
        if decimal | apart | kept_digits & u64::from(past.last) != 0 || first {
            return None;
        }
    }
    let inside = words & (words << 1 | u64::from(past.before));
    let count = kept.count_ones() as usize;
    let (word, cut) = (_pext_u64(words, kept), _pext_u64(!inside, kept));
    let last = word << 1 | u64::from(past.last);
    let flag = |mask, flag: u8| _mm512_maskz_set1_epi8(mask, flag.cast_signed());
    let flags = _mm512_or_si512(
        flag(cut, CUT),
        _mm512_or_si512(flag(cut & word, WORD_START), flag(cut & last, WORD_END)),
    );
    unsafe {
        let bytes = _mm512_maskz_compress_epi8(kept, folded);
        _mm512_mask_storeu_epi8(room.bytes.as_mut_ptr().cast(), lowest(count), bytes);
        _mm512_mask_storeu_epi8(room.flags.as_mut_ptr().cast(), lowest(count), flags);
    }
    let ascending = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let mut done = 0;
    for part in 0..text.len().div_ceil(16) {
        let kept = (kept >> (16 * part)) as u16;
        let first = _mm512_set1_epi32((at + 16 * part as u32).cast_signed());
        let starts = _mm512_maskz_compress_epi32(kept, _mm512_add_epi32(first, ascending));
        let count = kept.count_ones() as usize;
        let stored = lowest(count) as u16;
        unsafe {
            _mm512_mask_storeu_epi32(room.starts[done..].as_mut_ptr().cast(), stored, starts);
        }
        done += count;
    }
    past.before = words >> (text.len() - 1) & 1 == 1;
    if count > 0 {
        past.last = word >> (count - 1) & 1 == 1;
    }
    Some((count, joints))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::skeleton::Skeletons;

    proptest! {
        /// A folder without these instructions reads the same.
        #[test]
        fn wide_and_narrow_skeletons_are_equal(
            text in "(a|B|z|-| |\\.|,|'|`|1|23|5 mg|1.5|\n|\u{7f}|[\\x00-\\x7f]|Crohn's disease, (lupus) |é){0,150}"
        ) {
            let (mut wide, mut narrow) = (Skeletons::default(), Skeletons::narrow());
            let (one, other) = (wide.push(&text), narrow.push(&text));
            let (one, other) = (wide.get(one), narrow.get(other));
            prop_assert!(one.equals(&other));
            prop_assert_eq!(one.flags, other.flags);
            for place in 0..=one.len() {
                prop_assert_eq!(one.start(place), other.start(place));
            }
        }
    }
}
