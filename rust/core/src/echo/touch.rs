//! How many spans a stretch of the output touches.

use std::ops::Range;

/// The token ranges of spans, counted.
#[derive(Debug)]
pub(super) struct Touch {
    /// How many of them begin before each token.
    begun: Vec<usize>,
    /// How many of them end before each token, or where it begins.
    ended: Vec<usize>,
}

impl Touch {
    /// Counts `ranges` of `length` tokens; empty ones, and what leaves the tokens, do not count.
    pub(super) fn new(ranges: &[Range<usize>], length: usize) -> Self {
        let (mut begun, mut ended) = (vec![0; length + 1], vec![0; length + 1]);
        for range in ranges.iter().filter(|range| !range.is_empty()) {
            if let Some(next) = begun.get_mut(range.start + 1) {
                *next += 1;
                ended[range.end.min(length)] += 1;
            }
        }
        for position in 1..=length {
            begun[position] += begun[position - 1];
            ended[position] += ended[position - 1];
        }
        Self { begun, ended }
    }

    /// How many spans have a token in `range`, or, if that is empty, tokens on both sides of it.
    pub(super) fn count(&self, range: &Range<usize>) -> usize {
        self.begun[range.end] - self.ended[range.start]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_are_counted_that_share_a_token_or_surround_a_boundary(
            spans in proptest::collection::vec((0usize..9, 0usize..9), 0..6),
            start in 0usize..9, length in 0usize..9,
        ) {
            let spans: Vec<_> = spans.iter().map(|(start, end)| *start..*end).collect();
            let range = start..(start + length).min(9);
            let shares = |span: &&Range<usize>| {
                !span.is_empty() && span.start < range.end && range.start < span.end
            };
            let expected = spans.iter().filter(shares).count();
            prop_assert_eq!(Touch::new(&spans, 9).count(&range), expected);
        }
    }
}
