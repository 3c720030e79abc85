use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A text without its marks, `‹` and `›`, and the spans between them.
fn unmarked(text: &str) -> (String, Vec<Span>) {
    let (mut bare, mut starts, mut spans) = (String::new(), Vec::new(), Vec::new());
    for c in text.chars() {
        match c {
            '‹' => starts.push(bare.len()),
            '›' => spans.extend(starts.pop().map(|start| Span::new(start, bare.len()))),
            c => bare.push(c),
        }
    }
    (bare, spans)
}

/// The name of the case; the source with its places marked; the output with its spans marked.
const TABLE: &[(&str, &str, &str)] = &[
    ("same", "a ‹b c› d", "a ‹b c› d"),
    ("other white space", "a ‹b\r\n c› d", "a ‹b\u{A0}c› d"),
    ("white space at the edges", "a ‹b› c", "a‹ b ›c"),
    ("dropped before", "a ‹b› c", "‹b› c"),
    ("dropped inside", "a ‹b x c› d", "a ‹b c› d"),
    (
        "dropped at the edge",
        "mild ‹renal failure›",
        "‹renal failure›",
    ),
    ("added inside", "a ‹b c› d", "a ‹b x c› d"),
    ("added at the edges", "a ‹b c› d", "a ‹x b c x› d"),
    ("added alone", "a b", "a ‹x› b"),
    ("changed", "acute ‹cardiac› arrest", "acute ‹heart› arrest"),
    (
        "changed at the edge",
        "an ‹acute lymphoma›",
        "an ‹early lymphoma›",
    ),
    ("changed to punctuation", "a b c", "a ‹-› c"),
    ("misspelt", "a ‹lymphoma› b", "a ‹lymfoma› b"),
    (
        "misspelt beside an addition",
        "the ‹lymphoma› is",
        "the big ‹lymfoma› was is",
    ),
    (
        "misspelt beside a full stop",
        "a ‹Down syndrome›. b",
        "a ‹Down syndroem› x b",
    ),
    (
        "misspelt twice, once marked",
        "a ‹lymphoma› b",
        "a lymfoma ‹lymfoma› b",
    ),
    ("accent at the start", "‹\u{301}A›b", "‹\u{301}a›b"),
    ("merged", "a ‹renal failure› b", "a ‹renalfailure› b"),
    (
        "merged, the first half",
        "a ‹renal› failure b",
        "a ‹renal›failure b",
    ),
    (
        "merged, both halves",
        "a ‹renal› ‹failure› b",
        "a ‹renal›‹failure› b",
    ),
    (
        "merged and misspelt",
        "a ‹renal failure› b",
        "a ‹renalfalure› b",
    ),
    (
        "merged and misspelt, half",
        "a ‹renal failure› b",
        "a ‹renal›falure b",
    ),
    ("split", "a ‹hypertension› b", "a ‹hyper tension› b"),
    (
        "split, the second half",
        "a hyper‹tension› b",
        "a hyper ‹tension› b",
    ),
    (
        "split and misspelt",
        "a ‹hypertension› b",
        "a ‹hiper tension› b",
    ),
    (
        "split and misspelt, half",
        "a ‹hypertension› b",
        "a hiper ‹tension› b",
    ),
    (
        "hyphenated",
        "a ‹telangi-\nectasia› b",
        "a ‹telangiectasia› b",
    ),
    (
        "hyphen left out",
        "‹ataxia-telangiectasia›",
        "‹ataxia telangiectasia›",
    ),
    ("number and unit", "‹5 mg› now", "‹5mg› now"),
    ("inside a word", "beta‹thal›assemia", "beta‹thal›assemia"),
    (
        "inside a word of another case",
        "Beta‹Thal›assemia",
        "beta‹thal›assemia",
    ),
    (
        "inside a misspelt word",
        "‹betathalassemia›",
        "beta‹thal›asemia",
    ),
    ("punctuation in the span", "a ‹(b)› c", "a ‹(b)› c"),
    ("punctuation around the span", "a (‹b›) c", "a (‹b›) c"),
    ("other quotation marks", "a ‹“b”› c", "a ‹\"b\"› c"),
    (
        "type 2 of two types",
        "has type 1 and ‹type 2›",
        "has ‹type 2›",
    ),
    (
        "type 1 of two types",
        "has ‹type 1› and type 2",
        "has ‹type 1›",
    ),
    (
        "misspelt type of two types",
        "has type 1 and ‹type 2›",
        "has ‹typ 2›",
    ),
    (
        "added type",
        "has ‹type 2› now",
        "has type 1 and ‹type 2› now",
    ),
    (
        "repeated by a loop",
        "‹gout› is",
        "‹gout› is gout is gout is",
    ),
    ("marked in a loop", "‹gout› is", "gout is gout is ‹gout› is"),
    ("cut off", "‹gout› and lupus", "‹gout› an"),
    ("nothing left", "gout", "‹lupus nephritis› was"),
    ("empty source", "", "‹gout›"),
    ("blank source", " \n", "‹gout›"),
    ("blank span", "a b", "a‹ ›b"),
    ("only unseen", "a b", "a‹ \u{FEFF}›b"),
    ("composed", "‹Sjo\u{308}gren›s", "‹Sj\u{F6}gren›s"),
    ("half of a ligature", "a‹ﬁ›x", "a‹f›ix"),
    ("ligature", "a‹fi›x", "a‹ﬁ›x"),
    ("dotted capital i", "x ‹İl› y", "x ‹il› y"),
    ("sharp s", "‹Stra›ße", "‹Stra›sse"),
    (
        "soft hyphen",
        "‹telangi\u{AD}ectasia› b",
        "‹telangiectasia› b",
    ),
    (
        "soft hyphen at the cut",
        "‹telangi\u{AD}›ectasia",
        "‹telangi›ectasia",
    ),
    ("astral", "🙂 ‹𝐀𝐁› c", "🙂 ‹ab› c"),
    ("ideographs", "患者‹发热›三天", "患者‹发热›三天"),
    ("ideograph dropped", "患者‹发高热›三天", "患者‹发热›三天"),
    ("ideograph changed", "患者‹頭痛›三天", "患者‹头痛›三天"),
    ("Thai", "มี‹ไข้สูง›มาก", "มี‹ไข้สูง›"),
    ("Hebrew", "יש ‹חוֹם› גבוה", "יש ‹חום› גבוה"),
    ("Arabic", "لديه ‹حُمَّى› شديدة", "لديه ‹حمى› شديدة"),
];

#[test]
fn table() {
    for (name, source, output) in TABLE {
        let ((source, expected), (output, spans)) = (unmarked(source), unmarked(output));
        let found = echo(&source, &output, &spans).unwrap_or_default();
        assert_eq!(found.len(), spans.len(), "{name}");
        let found: Vec<Span> = found.into_iter().flatten().collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn nothing_is_said_of_hopeless_pairs_but_it_is_said_soon() {
    let text = |word: &str, count: usize| word.repeat(count);
    let unrelated = |from: u32| (0..4000).filter_map(move |index| char::from_u32(from + index));
    let pairs = [
        (text("gout ", 4000), text("lupus ", 4000)),
        (text("a b c ", 4000), text("c a d b ", 3000)),
        (text("a", 20_000), text("b", 20_000)),
        (unrelated(0x4E00).collect(), unrelated(0x6000).collect()),
        (text("x y ", 9), text("x y ", 9000)),
        (String::new(), text("gout ", 4000)),
        (text("gout ", 4000), String::from("a")),
    ];
    for (source, output) in pairs {
        let whole = Span::new(0, output.len());
        assert!(echo(&source, &output, &[whole]).is_ok());
    }
}

#[test]
fn differences_too_long_are_not_looked_into() {
    for (count, places) in [(60, 60), (90, 0)] {
        let (source, output) = ("lymphoma ".repeat(count), "lymfoma ".repeat(count));
        let word = |index: usize| Span::new(8 * index, 8 * index + 7);
        let spans: Vec<_> = (0..count).map(word).collect();
        let found = echo(&source, &output, &spans).unwrap_or_default();
        assert_eq!(found.into_iter().flatten().count(), places);
    }
}

#[test]
fn spans_that_are_none_are_refused() {
    let refused = |start, end| echo("é", "aé", &[Span::new(0, 1), Span::new(start, end)]);
    let span = Span::new(2, 1);
    assert_eq!(refused(2, 1), Err(Error::Reversed { index: 1, span }));
    let span = Span::new(1, 1);
    assert_eq!(refused(1, 1), Err(Error::Empty { index: 1, span }));
    for span in [Span::new(0, 2), Span::new(2, 3)] {
        assert_eq!(
            refused(span.start, span.end),
            Err(Error::Inside { index: 1, span })
        );
    }
    let (span, length) = (Span::new(1, 4), 3);
    let outside = Error::Outside {
        index: 1,
        span,
        length,
    };
    assert_eq!(refused(1, 4), Err(outside.clone()));
    assert_eq!(
        outside.to_string(),
        "span 1 [1, 4) leaves the text, which ends at 3"
    );
    let (span, length) = (Span::new(1, 3), 2);
    let outside = Error::Outside {
        index: 0,
        span,
        length,
    };
    assert_eq!(to_bytes("aé", &[span]), Err(outside));
}

#[test]
fn places_unlike_their_spans_are_no_matches() {
    let graded = |threshold| {
        let (source, output) = (
            "type 1 diabetes of the heart",
            "type 2 diabetes of the hert",
        );
        let spans = [Span::new(0, 15), Span::new(6, 16), Span::new(23, 27)];
        let found = align_echo(source, output, &spans, threshold).unwrap_or_default();
        let tier = |one: Option<Match>| one.map(|one| (one.tier.name(), one.score));
        found.into_iter().map(tier).collect::<Vec<_>>()
    };
    let exact = Some(("exact", 1.0));
    assert_eq!(graded(0.8), [None, exact, Some(("fuzzy", 0.8))]);
    assert_eq!(graded(0.81), [None, exact, None]);
    let refused = align_echo("a", "a", &[], 0.0);
    assert_eq!(refused, Err(Error::Threshold(0.0)));
}

/// What a model does to a word.
#[derive(Debug, Clone)]
enum Edit {
    Keep,
    Drop,
    Change(String),
    Add(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    // No word of the source looks like these.
    let word = || "[n-z]{1,9}|[;:]";
    prop_oneof![
        3 => Just(Edit::Keep),
        1 => Just(Edit::Drop),
        1 => word().prop_map(Edit::Change),
        1 => word().prop_map(Edit::Add),
    ]
}

/// A text, as bytes of which any may be the edge of a span.
fn odd() -> impl Strategy<Value = String> {
    "(ab|Ab|a|b|B|c|-|\\.| |  |\u{301}|e\u{301}|é|ﬁ|fi|İ|\u{AD}|中|文|🙂|\r\n){0,14}"
}

fn positions(text: &str) -> Vec<usize> {
    let starts = text.char_indices().map(|(start, _)| start);
    starts.chain([text.len()]).collect()
}

/// Every span of `text`.
fn spans(text: &str) -> Vec<Span> {
    let edges = positions(text);
    let from = |start: &usize| {
        let later: Vec<_> = edges.iter().filter(|end| *end > start).collect();
        later
            .into_iter()
            .map(|end| Span::new(*start, *end))
            .collect::<Vec<_>>()
    };
    edges.iter().flat_map(from).collect()
}

proptest! {
    #[test]
    fn a_text_is_its_own_echo(text in odd()) {
        let spans = spans(&text);
        let found = echo(&text, &text, &spans);
        let blank = |c: char| c.is_whitespace();
        for (span, place) in spans.iter().zip(found.unwrap_or_default()) {
            let part = &text[span.start..span.end];
            let place = place.map_or("", |place| &text[place.start..place.end]);
            if !part.contains('\u{AD}') {
                prop_assert_eq!(place, part.trim_matches(blank));
            }
            prop_assert!(part.contains(place));
        }
    }

    #[test]
    fn places_keep_the_order_and_the_nesting_of_spans(source in odd(), output in odd()) {
        let spans = spans(&output);
        let found = echo(&source, &output, &spans).unwrap_or_default();
        prop_assert_eq!(found.len(), spans.len());
        for (span, place) in spans.iter().zip(&found) {
            let Some(place) = place else { continue };
            prop_assert!(source.get(place.start..place.end).is_some_and(|part| !part.is_empty()));
            for (other, elsewhere) in spans.iter().zip(&found) {
                let inside = span.start >= other.start && span.end <= other.end;
                prop_assert!(!inside || elsewhere.is_some());
                let Some(elsewhere) = elsewhere else { continue };
                if inside {
                    prop_assert!(place.start >= elsewhere.start && place.end <= elsewhere.end);
                } else if span.start <= other.start && span.end <= other.end {
                    prop_assert!(place.start <= elsewhere.start && place.end <= elsewhere.end);
                }
            }
        }
    }

    #[test]
    fn what_happens_outside_of_a_span_does_not_move_it(
        edits in vec(edit(), 0..40), first in 0usize..40, count in 1usize..6
    ) {
        let (mut source, mut output) = (String::new(), String::new());
        let (mut expected, mut span) = (None::<Span>, None::<Span>);
        for (index, edit) in edits.iter().enumerate() {
            // Letters that are spelled alike in no two words.
            let letter = |shift: usize| char::from(b'a' + u8::try_from((index >> shift) % 4).unwrap_or(0));
            let word: String = [4, 2, 0, 4, 2, 0].map(letter).iter().chain(&['m']).collect();
            let start = (source.len(), output.len());
            source += &word;
            let inside = (first..first + count).contains(&index);
            match edit {
                Edit::Drop if !inside => {}
                Edit::Change(other) if !inside => output += other,
                Edit::Add(other) if !inside => output = format!("{output}{word} {other}"),
                _ => output += &word,
            }
            if inside {
                let from = |old: Option<Span>, start: usize| old.map_or(start, |old| old.start);
                expected = Some(Span::new(from(expected, start.0), source.len()));
                span = Some(Span::new(from(span, start.1), output.len()));
            }
            source.push(' ');
            output.push(' ');
        }
        let spans: Vec<_> = span.into_iter().collect();
        let places: Vec<_> = expected.into_iter().map(Some).collect();
        prop_assert_eq!(echo(&source, &output, &spans), Ok(places));
    }

    #[test]
    fn any_texts_are_aligned(source in "(?s).{0,60}", output in "(?s).{0,60}") {
        let spans: Vec<_> = spans(&output).into_iter().step_by(7).collect();
        for place in echo(&source, &output, &spans).unwrap_or_default().into_iter().flatten() {
            prop_assert!(source.get(place.start..place.end).is_some_and(|part| !part.is_empty()));
        }
        let again = echo(&source, &output, &spans);
        prop_assert_eq!(echo(&source, &output, &spans), again);
    }
}
