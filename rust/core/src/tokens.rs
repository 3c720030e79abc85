//! Character spans to token ranges and back.

use crate::error::Error;
use crate::span::Span;

/// How many tokens after the last place are looked at before all others.
const NEAR: usize = 8;

/// For each of `spans` the range of the tokens that it overlaps, or `None` if there is none.
///
/// `tokens` are the spans of the tokens in document order, in the unit of `spans`.
///
/// ```
/// use nerharness_core::{Span, to_tokens};
/// let tokens = [Span::new(0, 4), Span::new(5, 9), Span::new(9, 10)];
/// let ranges = to_tokens(&tokens, &[Span::new(2, 6), Span::new(4, 5)])?;
/// assert_eq!(ranges, [Some(Span::new(0, 2)), None]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Token`] if a token ends before it starts or overlaps the one before it,
/// [`Error::Reversed`] if a span ends before it starts.
pub fn to_tokens(tokens: &[Span], spans: &[Span]) -> Result<Vec<Option<Span>>, Error> {
    check(tokens)?;
    let (mut first, mut before) = (0, 0);
    let range = |(index, span): (usize, &Span)| {
        if span.end < span.start {
            return Err(Error::Reversed { index, span: *span });
        }
        let since = if span.start < before { 0 } else { first };
        first = search(tokens, since, |token| token.end <= span.start);
        before = span.start;
        let last = search(tokens, first, |token| token.start < span.end);
        Ok((first < last && span.start < span.end).then_some(Span::new(first, last)))
    };
    spans.iter().enumerate().map(range).collect()
}

/// The number of tokens that are `left`, as all before `since` are.
fn search(tokens: &[Span], since: usize, left: impl Fn(&Span) -> bool) -> usize {
    let near = &tokens[since..tokens.len().min(since + NEAR)];
    if near.last().is_some_and(&left) {
        // Over all tokens, because a search that always begins in the same places stays in cache.
        return tokens.partition_point(left);
    }
    since + near.partition_point(left)
}

/// For each of `ranges` the span from the start of its first token to the end of its last one.
///
/// ```
/// use nerharness_core::{Span, to_spans};
/// let tokens = [Span::new(0, 4), Span::new(5, 9), Span::new(9, 10)];
/// assert_eq!(to_spans(&tokens, &[Span::new(0, 2)])?, [Span::new(0, 9)]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Token`] as [`to_tokens`], [`Error::Range`] if a range is empty or leaves the tokens.
pub fn to_spans(tokens: &[Span], ranges: &[Span]) -> Result<Vec<Span>, Error> {
    check(tokens)?;
    let span = |(index, range): (usize, &Span)| match tokens.get(range.start..range.end) {
        Some([only]) => Ok(*only),
        Some([first, .., last]) => Ok(Span::new(first.start, last.end)),
        _ => Err(Error::Range {
            index,
            span: *range,
            length: tokens.len(),
        }),
    };
    ranges.iter().enumerate().map(span).collect()
}

fn check(tokens: &[Span]) -> Result<(), Error> {
    let mut before = 0;
    for (index, span) in tokens.iter().enumerate() {
        if span.start < before || span.end < span.start {
            return Err(Error::Token { index, span: *span });
        }
        before = span.end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKENS: [Span; 3] = [Span::new(0, 4), Span::new(5, 9), Span::new(9, 10)];

    proptest! {
        #[test]
        fn spans_cover_the_tokens_between_whose_ends_they_reach(
            gaps in prop::collection::vec((0..3_usize, 0..4_usize), 0..40),
            spans in prop::collection::vec((0..100_usize, 0..9_usize), 0..20),
            sorted: bool,
        ) {
            let mut end = 0;
            let tokens: Vec<Span> = gaps.into_iter().map(|(gap, length)| {
                end += gap + length;
                Span::new(end - length, end)
            }).collect();
            let of = |(start, length)| Span::new(start, start + length);
            let mut spans: Vec<Span> = spans.into_iter().map(of).collect();
            if sorted {
                spans.sort_unstable();
            }
            let covers = |span: &Span, token: &Span| {
                span.start < span.end && span.start < token.end && token.start < span.end
            };
            let plain: Vec<Option<Span>> = spans.iter().map(|span| {
                let first = tokens.iter().position(|token| covers(span, token))?;
                let last = tokens.iter().rposition(|token| covers(span, token))?;
                Some(Span::new(first, last + 1))
            }).collect();
            prop_assert_eq!(to_tokens(&tokens, &spans), Ok(plain));
        }
    }

    #[test]
    fn spans_of_their_ranges_come_back() {
        for start in 0..3 {
            for end in start + 1..=3 {
                let range = Span::new(start, end);
                let spans = to_spans(&TOKENS, &[range]);
                let ranges = spans.and_then(|spans| to_tokens(&TOKENS, &spans));
                assert_eq!(ranges, Ok(vec![Some(range)]));
            }
        }
    }

    #[test]
    fn bad_input_is_refused_with_its_index() {
        let reversed = [Span::new(0, 2), Span::new(3, 1)];
        assert_eq!(
            to_tokens(&TOKENS, &reversed),
            Err(Error::Reversed {
                index: 1,
                span: reversed[1]
            })
        );
        let overlapping = [Span::new(0, 4), Span::new(3, 9)];
        assert_eq!(
            to_tokens(&overlapping, &[]),
            Err(Error::Token {
                index: 1,
                span: overlapping[1]
            })
        );
        for bad in [Span::new(1, 1), Span::new(2, 4), Span::new(2, 1)] {
            assert_eq!(
                to_spans(&TOKENS, &[bad]),
                Err(Error::Range {
                    index: 0,
                    span: bad,
                    length: 3
                })
            );
        }
    }
}
