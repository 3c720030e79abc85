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
        let pieces = input::pieces(u, 14)?;
        let source = regrouped(u, pieces)?;
        let output = input::retyped(u, &source)?;
        Ok(Self {
            output: regrouped(u, output)?,
            source,
            tokens: spans(u)?,
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

/// Spans of small numbers, mostly in order; some are reversed, empty, or far away.
fn spans(u: &mut Unstructured<'_>) -> Result<Vec<Span>> {
    let (mut spans, mut at) = (Vec::new(), 0_usize);
    for _ in 0..u.int_in_range(0..=8)? {
        let (gap, length) = (u.int_in_range(0..=2)?, u.int_in_range(0..=4)?);
        spans.push(Span::new(at + gap, at + gap + length));
        at += gap + length;
    }
    if let Some(last) = spans.last_mut().filter(|_| u.ratio(1, 8).unwrap_or(false)) {
        *last = Span::new(u.arbitrary()?, u.arbitrary()?);
    }
    if u.ratio(1, 4)? {
        spans.reverse();
    }
    Ok(spans)
}

fuzz_target!(|case: Case| {
    let found = align_tokens(&case.source, &case.output).expect("the lists are short");
    assert_eq!(found, tokens::align(&case.source, &case.output));
    let Case {
        tokens: all, spans, ..
    } = &case;
    assert_eq!(to_tokens(all, spans).ok(), tokens::to_tokens(all, spans));
    assert_eq!(to_spans(all, spans).ok(), tokens::to_spans(all, spans));
});
