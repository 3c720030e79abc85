//! From places in the output to places in the source.

use std::ops::Range;

use super::diff::Change;
use super::stretch::{Link, links};
use super::text::Text;
use super::touch::Touch;
use crate::span::Span;

/// Two texts with the links between their tokens.
#[derive(Debug)]
pub(super) struct Alignment<'t> {
    source: &'t Text<'t>,
    output: &'t Text<'t>,
    /// In order; they neither cross nor share a token.
    links: Vec<Link>,
}

impl<'t> Alignment<'t> {
    /// Links the tokens between `changes` one by one, and those in each as they are similar.
    pub(super) fn new(
        source: &'t Text<'t>,
        output: &'t Text<'t>,
        changes: &[Change],
        touch: &Touch,
    ) -> Self {
        let mut all = Vec::new();
        let (mut from, mut output_from) = (0, 0);
        for change in changes {
            all.extend(equal(from..change.source.start, output_from));
            all.extend(links(source, output, change, touch));
            (from, output_from) = (change.source.end, change.output.end);
        }
        all.extend(equal(from..source.tokens.len(), output_from));
        Self {
            source,
            output,
            links: all,
        }
    }

    /// What stands in the source for `span` of the output, if anything does.
    pub(super) fn place(&self, span: Span) -> Option<Span> {
        let tokens = self.output.overlapping(span);
        let from = self
            .links
            .partition_point(|link| link.output.end <= tokens.start);
        let to = self
            .links
            .partition_point(|link| link.output.start < tokens.end);
        let touched = self.links.get(from..to)?;
        let part = |link: &Link| self.part(link, span);
        let first = touched.iter().find_map(part)?;
        let last = touched.iter().rev().find_map(part)?;
        Some(Span::new(first.start, last.end))
    }

    /// What stands in the source for the part of a link that lies in `span`.
    fn part(&self, link: &Link, span: Span) -> Option<Span> {
        let (whole, source) = (
            self.output.span(&link.output),
            self.source.span(&link.source),
        );
        let part = Span::new(span.start.max(whole.start), span.end.min(whole.end));
        if part == whole {
            return Some(source);
        }
        if self.output.raw[whole.start..whole.end] == self.source.raw[source.start..source.end] {
            let shift = |position: usize| position - whole.start + source.start;
            return Some(Span::new(shift(part.start), shift(part.end)));
        }
        let folds = self.output.folds(&link.output);
        let starts = &self.output.starts[folds];
        let first = starts.partition_point(|start| *start < part.start);
        let last = starts.partition_point(|start| *start < part.end);
        if first == last {
            return None;
        }
        if self.output.spelling(&link.output) != self.source.spelling(&link.source) {
            return Some(source);
        }
        Some(self.folded(&link.source, first..last))
    }

    /// The bytes of the source tokens in `range` that fold to the characters at `part` of them.
    fn folded(&self, range: &Range<usize>, part: Range<usize>) -> Span {
        let origin = self.source.folds(range).start;
        let tokens = &self.source.tokens[range.clone()];
        let holding =
            |fold: usize| &tokens[tokens.partition_point(|token| token.folded.end <= fold)];
        let (first, last) = (origin + part.start, origin + part.end - 1);
        let starts = &self.source.starts;
        let token = holding(first);
        let start = if first == token.folded.start {
            token.span.start
        } else {
            starts[first]
        };
        let token = holding(last);
        let later = starts[last..token.folded.end]
            .iter()
            .find(|start| **start != starts[last]);
        Span::new(start, later.copied().unwrap_or(token.span.end))
    }
}

/// Links tokens that are spelled the same, one by one.
fn equal(source: Range<usize>, output: usize) -> impl Iterator<Item = Link> {
    let origin = source.start;
    source.map(move |index| {
        let output = output + index - origin;
        Link {
            source: index..index + 1,
            output: output..output + 1,
        }
    })
}
