//! Where in a text something begins, by its first letters.

use crate::skeleton::{END, START, Skeleton};

/// The number of letters by which places are found; shorter needles cannot be looked up.
pub(crate) const LETTERS: usize = 3;

/// The places of a skeleton where a match may begin, chained by their first letters.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The places, in document order.
    places: Vec<u32>,
    /// For each hash one more than the number of its first place, or 0.
    heads: Vec<u32>,
    /// For each place one more than the number of the next one with its hash, or 0; as long as there is
    /// room.
    next: Vec<u32>,
    /// How far a product is shifted to give a hash.
    shift: u32,
}

impl Index {
    /// Indexes `skeleton` in place of what was indexed before.
    pub(crate) fn fill(&mut self, skeleton: &Skeleton<'_>) {
        let last = skeleton.len().saturating_sub(LETTERS - 1);
        self.places.clear();
        let mut base = 0;
        for part in skeleton.flags[..last].chunks(64) {
            let mut starts = bits(part, START);
            self.places.reserve(64);
            while starts != 0 {
                self.places.push(base + starts.trailing_zeros());
                starts &= starts - 1;
            }
            base += 64;
        }
        let count = self.places.len();
        let bits = (2 * count).max(2).ilog2() + 1;
        self.shift = u64::BITS - bits;
        self.heads.clear();
        self.heads.resize(1 << bits, 0);
        if self.next.len() < count {
            self.next.resize(2 * count, 0);
        }
        let mut number = u32::try_from(count).unwrap_or(u32::MAX);
        for (next, place) in self.next[..count].iter_mut().zip(&self.places).rev() {
            let head = hash(&skeleton.bytes[*place as usize..], self.shift);
            *next = std::mem::replace(&mut self.heads[head], number);
            number -= 1;
        }
    }

    /// The places that may begin with the three letters of `needle`, in document order.
    pub(crate) fn places(&self, needle: &[u8]) -> impl Iterator<Item = usize> {
        let head = self
            .heads
            .get(hash(needle, self.shift))
            .copied()
            .unwrap_or(0);
        let mut number = if needle.len() < LETTERS { 0 } else { head };
        std::iter::from_fn(move || {
            let current = number.checked_sub(1)? as usize;
            number = self.next[current];
            Some(self.places[current] as usize)
        })
    }

    /// The places where a bounded match of `needle` begins, in document order.
    pub(crate) fn find<'i>(
        &'i self,
        skeleton: &'i Skeleton<'i>,
        needle: &'i Skeleton<'i>,
    ) -> impl Iterator<Item = usize> + 'i {
        self.places(needle.bytes).filter(move |place| {
            let end = place + needle.len();
            end <= skeleton.len()
                && skeleton.bytes[end - 1] == needle.bytes[needle.len() - 1]
                && skeleton.is(end, END)
                && skeleton.bytes[*place..end] == *needle.bytes
                && (needle.is_ascii() || skeleton.part(*place..end).equals(needle))
        })
    }
}

/// A hash of the first three letters (Fibonacci hashing).
fn hash(letters: &[u8], shift: u32) -> usize {
    let letters = match letters {
        // One load in place of three.
        [a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]) & 0x00FF_FFFF,
        [a, b, c] => u32::from_le_bytes([*a, *b, *c, 0]),
        _ => return 0,
    };
    let letters = u64::from(letters);
    usize::try_from(letters.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift).unwrap_or(0)
}

/// A bit for each of up to 64 `flags`, whether `flag`, which is one bit, is set.
pub(crate) fn bits(flags: &[u8], flag: u8) -> u64 {
    let (eights, rest) = flags.as_chunks();
    let shift = flag.trailing_zeros();
    let eight = |flags: &[u8; 8]| {
        let set = u64::from_le_bytes(*flags) >> shift & 0x0101_0101_0101_0101;
        // The product has the lowest bits of the eight bytes in its highest byte.
        set.wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let all = eights.iter().enumerate();
    let bits = all.fold(0, |bits, (place, flags)| bits | eight(flags) << (8 * place));
    if rest.is_empty() {
        return bits;
    }
    if let Some(last) = flags.last_chunk() {
        // Some of these were read before, which changes nothing.
        return bits | eight(last) << (flags.len() - 8);
    }
    let rest = rest.iter().enumerate();
    rest.fold(bits, |bits, (place, flags)| {
        bits | u64::from(flags & flag != 0) << place
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::skeleton::Skeletons;

    proptest! {
        #[test]
        fn places_are_those_of_the_naive_search(text in "[ab é.αβ]{0,60}", needle in "[abeαβ]{3,6}") {
            let mut skeletons = Skeletons::default();
            let (range, needle) = (skeletons.push(&text), skeletons.push(&needle));
            let (skeleton, needle) = (skeletons.get(range), skeletons.get(needle));
            let mut index = Index::default();
            index.fill(&skeleton);
            let chars: Vec<char> = skeleton.chars().collect();
            let wanted: Vec<char> = needle.chars().collect();
            let naive: Vec<usize> = (0..skeleton.len())
                .filter(|place| chars[*place..].starts_with(&wanted))
                .filter(|place| skeleton.is(*place, START) && skeleton.is(place + needle.len(), END))
                .collect();
            prop_assert_eq!(index.find(&skeleton, &needle).collect::<Vec<_>>(), naive);
        }
    }

    #[test]
    fn short_needles_and_texts_have_no_places() {
        let mut index = Index::default();
        assert_eq!(index.places(b"abc").count(), 0);
        let mut skeletons = Skeletons::default();
        let range = skeletons.push("ab");
        index.fill(&skeletons.get(range));
        assert_eq!(index.places(b"ab").count(), 0);
    }
}
