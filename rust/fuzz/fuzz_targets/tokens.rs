//! Token lists against each other and against characters.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use nerharness_core::{Span, align_tokens, to_spans, to_tokens};
use nerharness_fuzz::{input, tokens};

#[derive(Debug)]
struct Case {
    source: Vec<String>,
    output: Vec<String>,
    tokens: Vec<Span>,
    spans: Vec<Span>,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let pieces = input::pieces(u, 20)?;
        let source = regrouped(u, pieces)?;
        let output = input::retyped(u, &source)?;
        Ok(Self {
            output: regrouped(u, output)?,
            source,
            tokens: in_order(u)?,
            spans: spans(u)?,
        })
    }
}

/// `pieces`, of which some are put together and some are cut.
fn regrouped(u: &mut Unstructured<'_>, pieces: Vec<String>) -> Result<Vec<String>> {
    let mut tokens: Vec<String> = Vec::new();
    for piece in pieces {
        match (u.arbitrary::<u8>()?, tokens.last_mut()) {
            (0..48, Some(last)) => last.push_str(&piece),
            (48..96, _) => {
                let middle = piece.char_indices().nth(piece.chars().count() / 2);
                let (left, right) = piece.split_at(middle.map_or(0, |(at, _)| at));
                tokens.extend([left.to_owned(), right.to_owned()]);
            }
            _ => tokens.push(piece),
        }
    }
    Ok(tokens)
}

/// Spans in order, some of them empty; one may be far away or reversed.
fn in_order(u: &mut Unstructured<'_>) -> Result<Vec<Span>> {
    let (mut spans, mut at) = (Vec::new(), 0_usize);
    for _ in 0..u.int_in_range(0..=30)? {
        let (gap, length) = (u.int_in_range(0..=2)?, u.int_in_range(0..=4)?);
        spans.push(Span::new(at + gap, at + gap + length));
        at += gap + length;
    }
    if u.ratio(1, 16)? {
        spans.push(Span::new(u.arbitrary()?, u.arbitrary()?));
    }
    Ok(spans)
}

/// Spans of small numbers in any order, few of them reversed.
fn spans(u: &mut Unstructured<'_>) -> Result<Vec<Span>> {
    let count = u.int_in_range(0..=12)?;
    let span = |_| {
        let (start, length) = (u.int_in_range(0..=90)?, u.int_in_range(0..=24)?);
        let is_reversed = u.ratio(1, 128)?;
        let end = if is_reversed {
            start / 2
        } else {
            start + length
        };
        Ok(Span::new(start, end))
    };
    (0..count).map(span).collect()
}

fuzz_target!(|case: Case| {
    let found = align_tokens(&case.source, &case.output).expect("the lists are short");
    assert_eq!(found, tokens::align(&case.source, &case.output));
    let Case {
        tokens: all, spans, ..
    } = &case;
    assert_eq!(to_tokens(all, spans).ok(), tokens::to_tokens(all, spans));
    for spans in [
        spans,
        &spans
            .iter()
            .map(|span| inside(*span, all.len()))
            .collect::<Vec<_>>(),
    ] {
        assert_eq!(to_spans(all, spans).ok(), tokens::to_spans(all, spans));
    }
});

/// A range of numbers that are mostly those of tokens.
fn inside(span: Span, count: usize) -> Span {
    let start = span.start % (count + 1);
    Span::new(
        start,
        (start + span.end.wrapping_sub(span.start) / 4).min(count),
    )
}
