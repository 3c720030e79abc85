//! A mention, prepared for the search.

use std::ops::Range;

use crate::character::{is_ignorable, is_punctuation, is_space};
use crate::skeleton::{Skeleton, Skeletons};

/// Mentions whose skeleton is shorter match only letter by letter: too many words are one
/// difference of case or spacing away from two letters.
const SHORT: usize = 3;

/// A mention as it is looked for.
#[derive(Debug, Clone)]
pub(crate) struct Surface<'m> {
    /// The mention without the white space around it.
    pub(crate) text: &'m str,
    /// The text without the punctuation around it.
    pub(crate) core: &'m str,
    skeleton: Range<usize>,
    core_skeleton: Range<usize>,
}

impl<'m> Surface<'m> {
    /// Prepares `mention`, which is shorter than 4 GiB, with its skeletons in `skeletons`.
    pub(crate) fn new(mention: &'m str, skeletons: &mut Skeletons) -> Self {
        let (text, core) = trim(mention);
        let skeleton = skeletons.push(text);
        let core_skeleton = if core.len() == text.len() {
            skeleton.clone()
        } else {
            skeletons.push(core)
        };
        Self {
            text,
            core,
            skeleton,
            core_skeleton,
        }
    }

    /// The skeleton of the text.
    pub(crate) fn skeleton<'s>(&self, skeletons: &'s Skeletons) -> Skeleton<'s> {
        skeletons.get(self.skeleton.clone())
    }

    /// The skeleton of the core.
    pub(crate) fn core_skeleton<'s>(&self, skeletons: &'s Skeletons) -> Skeleton<'s> {
        skeletons.get(self.core_skeleton.clone())
    }

    /// Whether there is no punctuation around it.
    pub(crate) fn is_bare(&self) -> bool {
        self.skeleton == self.core_skeleton
    }

    /// Whether there is a letter or a number in it.
    pub(crate) fn has_word(&self) -> bool {
        // Most begin with one.
        self.core.starts_with(|c: char| c.is_ascii_alphanumeric())
            || self.core.contains(char::is_alphanumeric)
    }

    /// Whether it is too short to be folded.
    pub(crate) fn is_short(&self) -> bool {
        self.core_skeleton.len() < SHORT
    }

    /// Whether the first and the last character of the text are kept in `skeleton`, which is its own.
    pub(crate) fn is_solid(&self, skeleton: &Skeleton<'_>) -> bool {
        let length = skeleton.len();
        length > 0 && skeleton.start(0) == 0 && skeleton.end(self.text, length) == self.text.len()
    }

    /// Whether the two are repeats of one mention.
    pub(crate) fn repeats(&self, other: &Self, skeletons: &Skeletons) -> bool {
        if self.core_skeleton.len() != other.core_skeleton.len() {
            return false;
        }
        let (left, right) = (
            self.core_skeleton(skeletons),
            other.core_skeleton(skeletons),
        );
        left.equals(&right) && (left.len() > 0 || self.text == other.text)
    }

    /// A hash that repeats of one mention share.
    pub(crate) fn hash(&self, skeletons: &Skeletons) -> usize {
        let mix = |hash: u64, letters: u64| {
            (hash.rotate_left(5) ^ letters).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        let skeleton = self.core_skeleton(skeletons);
        let (whole, rest) = skeleton.bytes.as_chunks();
        let hash = whole
            .iter()
            .map(|letters| u64::from_le_bytes(*letters))
            .fold(skeleton.len() as u64, mix);
        let rest = match skeleton.bytes.last_chunk() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest
                .iter()
                .fold(0, |rest, byte| rest << 8 | u64::from(*byte)),
        };
        let others = skeleton.others().map(|(_, c)| u64::from(c));
        let hash = others.fold(mix(hash, rest), mix);
        // The upper half is the better one.
        usize::try_from(hash >> 32).unwrap_or(0)
    }
}

/// A mention without the white space around it, and without the punctuation.
fn trim(mention: &str) -> (&str, &str) {
    if let [first, .., last] = mention.as_bytes()
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
    {
        return (mention, mention);
    }
    let text = mention.trim_matches(is_space);
    let core = text.trim_matches(|c| is_punctuation(c) || is_space(c) || is_ignorable(c));
    (text, core)
}
