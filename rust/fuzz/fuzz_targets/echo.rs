//! Re-typed texts: against the longest common subsequence where it is unambiguous, and what holds
//! for any two texts.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use nerharness_core::{Span, align_echo, echo, similarity};
use nerharness_fuzz::echo::Text;
use nerharness_fuzz::input;
use nerharness_fuzz::letters::is_space;

#[derive(Debug)]
struct Case {
    source: String,
    output: String,
    spans: Vec<Span>,
    threshold: f64,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let pieces = pieces(u)?;
        let output = if u.ratio(1, 16)? {
            self::pieces(u)?
        } else {
            input::retyped(u, &pieces)?
        };
        let output = output.concat();
        let count = if output.is_empty() {
            0
        } else {
            u.int_in_range(0..=5)?
        };
        let spans = (0..count)
            .map(|_| input::span(u, &output))
            .collect::<Result<_>>()?;
        let threshold = input::threshold(u, 1)?;
        Ok(Self {
            source: pieces.concat(),
            output,
            spans,
            threshold,
        })
    }
}

/// A few pieces, or the words of a long text, of which too many may differ to be looked into.
fn pieces(u: &mut Unstructured<'_>) -> Result<Vec<String>> {
    if u.ratio(31, 32)? {
        return input::pieces(u, 24);
    }
    let text = input::long_text(u)?;
    Ok(text.split_inclusive(' ').map(str::to_owned).collect())
}

fuzz_target!(|case: Case| {
    let places = echo(&case.source, &case.output, &case.spans).expect("the spans are good");
    let (source, output) = (Text::new(&case.source), Text::new(&case.output));
    if let Some(expected) = nerharness_fuzz::echo::echo(&source, &output, &case.spans) {
        assert_eq!(places, expected);
    }
    check_places(&case.source, &places);
    check_order(&case.spans, &places);
    check_grades(&case, &places, &output);
    let same: Vec<_> = case
        .spans
        .iter()
        .map(|span| output.without_gaps(*span))
        .collect();
    assert_eq!(
        echo(&case.output, &case.output, &case.spans),
        Ok(same),
        "of the text itself"
    );
});

/// Places are whole characters, and do not begin or end with white space.
fn check_places(source: &str, places: &[Option<Span>]) {
    for place in places.iter().flatten() {
        let part = source.get(place.start..place.end).unwrap_or_default();
        assert!(!part.is_empty(), "{place}");
        assert!(
            !part.starts_with(is_space) && !part.ends_with(is_space),
            "{place}"
        );
    }
}

/// Of two spans the later one has the later place, the inner one the inner place.
fn check_order(spans: &[Span], places: &[Option<Span>]) {
    let found = || {
        spans
            .iter()
            .zip(places)
            .filter_map(|(span, place)| Some((span, (*place)?)))
    };
    for (a, left) in found() {
        for (b, right) in found() {
            if a.start <= b.start && a.end <= b.end {
                assert!(
                    left.start <= right.start && left.end <= right.end,
                    "{a} {b}"
                );
            }
            if a.start <= b.start && b.end <= a.end {
                assert!(
                    left.start <= right.start && right.end <= left.end,
                    "{a} {b}"
                );
            }
        }
    }
}

/// What is similar enough is graded, with its place.
fn check_grades(case: &Case, places: &[Option<Span>], output: &Text) {
    let graded = align_echo(&case.source, &case.output, &case.spans, case.threshold);
    let graded = graded.expect("the spans are good");
    for ((place, grade), span) in places.iter().zip(graded).zip(&case.spans) {
        let expected = place
            .zip(output.without_gaps(*span))
            .and_then(|(place, typed)| {
                let (left, right) = (
                    &case.source[place.start..place.end],
                    &case.output[typed.start..typed.end],
                );
                let (tier, score) = similarity(left, right);
                Some((place, tier?, score)).filter(|_| score >= case.threshold)
            });
        assert_eq!(
            grade.map(|one| (one.span, one.tier, one.score)),
            expected,
            "{span}"
        );
    }
}
