//! Folds 64 ASCII characters at a time, on processors with AVX-512 and VBMI2, or with AVX2.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod marks;

/// Characters that are folded at a time.
pub(crate) const WIDTH: usize = 64;

/// Instructions that this processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wide(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Where the folded characters go, each slice with room for [`WIDTH`]; all of it may be written over.
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

impl Wide {
    /// All that this processor has, the best first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let all = [
            (is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vbmi2")
                && is_x86_feature_detected!("popcnt"))
            .then_some(Self(Kind::Avx512)),
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt"))
                .then_some(Self(Kind::Avx2)),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let all: [Option<Self>; 0] = [];
        all.into_iter().flatten()
    }

    /// Folds up to 64 ASCII characters, the first of which stands at `at`; returns how many were
    /// kept and, a bit for each that was read, which are apostrophes. `None`, with nothing done, if
    /// there is a byte that is not ASCII, or a digit on which one before it may bear.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(unused_variables, reason = "no other processor has one")
    )]
    pub(crate) fn fold(
        self,
        text: &[u8],
        at: u32,
        past: &mut Past,
        room: &mut Room<'_>,
    ) -> Option<(usize, u64)> {
        assert!(!text.is_empty() && text.len() <= WIDTH && room.bytes.len() >= WIDTH);
        assert!(room.starts.len() >= WIDTH && room.flags.len() >= WIDTH);
        // Safety: this value is made only where the processor has the instructions, and all slices
        // are long enough.
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "the instructions were found on this processor")
        )]
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { avx2::fold(text, at, past, room) },
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { avx512::fold(text, at, past, room) },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Wide;
    use crate::skeleton::Skeletons;

    proptest! {
        /// A folder without these instructions reads the same.
        #[test]
        fn wide_and_narrow_skeletons_are_equal(
            text in "(a|B|z|-| |\\.|,|'|`|1|23|5 mg|1.5|\n|\u{7f}|[\\x00-\\x7f]|Crohn's disease, (lupus) |é){0,150}"
        ) {
            let mut narrow = Skeletons::narrow();
            let other = narrow.push(&text);
            let other = narrow.get(other);
            for wide in Wide::all() {
                let mut skeletons = Skeletons { wide: Some(wide), ..Skeletons::narrow() };
                let one = skeletons.push(&text);
                let one = skeletons.get(one);
                prop_assert!(one.equals(&other), "{wide:?}");
                prop_assert_eq!(one.flags, other.flags, "{:?}", wide);
                for place in 0..=one.len() {
                    prop_assert_eq!(one.start(place), other.start(place), "{:?}", wide);
                }
            }
        }
    }
}
