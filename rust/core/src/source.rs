//! A text, prepared for the search.

use crate::boundary::is_cut;
use crate::index::Index;
use crate::skeleton::{Skeleton, Skeletons};
use crate::span::Span;

/// Room for what is known of a text, to be used again and again.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    skeletons: Skeletons,
    index: Index,
}

/// A text in which mentions are looked for.
#[derive(Debug)]
pub(crate) struct Source<'t> {
    /// The text as it is.
    pub(crate) text: &'t str,
    /// The text folded.
    pub(crate) skeleton: Skeleton<'t>,
    /// Where in the skeleton something may begin.
    pub(crate) index: &'t Index,
}

impl<'t> Source<'t> {
    /// Prepares `text`, which is shorter than 4 GiB, on `shelf`.
    pub(crate) fn new(text: &'t str, shelf: &'t mut Shelf) -> Self {
        shelf.skeletons.clear();
        let range = shelf.skeletons.push(text);
        shelf.index.fill(&shelf.skeletons.get(range.clone()));
        Self {
            text,
            skeleton: shelf.skeletons.get(range),
            index: &shelf.index,
        }
    }

    /// Whether a match may cover `span`: it begins and ends at word boundaries outside of numbers.
    pub(crate) fn is_bounded(&self, span: Span) -> bool {
        is_cut(self.text, span.start) && is_cut(self.text, span.end)
    }

    /// The bytes from `start` to `end` of the skeleton.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(
            self.skeleton.start(start),
            self.skeleton.end(self.text, end),
        )
    }
}
