//! A text and a mention, prepared for the search.

use crate::boundary::Boundaries;
use crate::character::{is_ignorable, is_punctuation, is_space, is_word};
use crate::fold::Skeleton;
use crate::guard::markers;

/// A text in which mentions are looked for.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    /// The text as it is.
    pub(crate) text: &'t str,
    /// The text folded.
    pub(crate) skeleton: Skeleton,
    boundaries: Boundaries,
}

impl<'t> Source<'t> {
    /// Prepares `text` in one pass.
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            skeleton: Skeleton::new(text),
            boundaries: Boundaries::new(text),
        }
    }

    /// Whether a word may begin or end at byte `position`.
    pub(crate) fn is_boundary(&self, position: usize) -> bool {
        self.boundaries.at(position)
    }

    /// The byte where a bounded match begins that begins at `position` of the skeleton.
    pub(crate) fn start(&self, position: usize) -> Option<usize> {
        self.skeleton
            .start(position)
            .filter(|start| self.is_boundary(*start))
    }

    /// The byte where a bounded match ends that ends before `position` of the skeleton.
    pub(crate) fn end(&self, position: usize) -> Option<usize> {
        self.skeleton
            .end(position)
            .filter(|end| self.is_boundary(*end))
    }

    /// As [`Source::start`], if that is the start of a word.
    pub(crate) fn word_start(&self, position: usize) -> Option<usize> {
        self.start(position)
            .filter(|start| self.text[*start..].starts_with(is_word))
    }

    /// As [`Source::end`], if that is the end of a word.
    pub(crate) fn word_end(&self, position: usize) -> Option<usize> {
        self.end(position)
            .filter(|end| self.text[..*end].ends_with(is_word))
    }
}

/// A mention as it is looked for.
#[derive(Debug)]
pub(crate) struct Surface<'m> {
    /// The mention without the white space around it.
    pub(crate) text: &'m str,
    /// Its skeleton.
    pub(crate) skeleton: Vec<char>,
    /// The text without the punctuation around it.
    pub(crate) core: &'m str,
    /// The skeleton of the core.
    pub(crate) core_skeleton: Vec<char>,
    /// The words of the core that a fuzzy match must not change.
    pub(crate) markers: String,
}

/// Mentions whose skeleton is shorter match only letter by letter: too many words are one
/// difference of case or spacing away from two letters.
const SHORT: usize = 3;

impl<'m> Surface<'m> {
    /// Prepares `mention`.
    pub(crate) fn new(mention: &'m str) -> Self {
        let text = mention.trim_matches(is_space);
        let core = text.trim_matches(|c| is_punctuation(c) || is_space(c) || is_ignorable(c));
        Self {
            text,
            skeleton: Skeleton::new(text).chars,
            core,
            core_skeleton: Skeleton::new(core).chars,
            markers: markers(core),
        }
    }

    /// Whether there is a letter or a number in it.
    pub(crate) fn has_word(&self) -> bool {
        self.core.contains(char::is_alphanumeric)
    }

    /// Whether it is too short to be folded.
    pub(crate) fn is_short(&self) -> bool {
        self.core_skeleton.len() < SHORT
    }

    /// What repeats of one mention have in common.
    pub(crate) fn key(&self) -> String {
        if self.core_skeleton.is_empty() {
            return self.text.to_owned();
        }
        self.core_skeleton.iter().collect()
    }
}
