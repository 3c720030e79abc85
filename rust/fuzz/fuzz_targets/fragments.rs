//! Mentions in several fragments against all ways to cut and to place them.

#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use nerharness_core::{Aligner, Match, Span, fragments};
use nerharness_fuzz::search::Source;
use nerharness_fuzz::{fragments as twin, input};

/// What mentions and texts are often made of.
const WORDS: [&str; 16] = [
    "gout",
    "Gout",
    "skin",
    "go-ut",
    "type 1",
    "1,5",
    "1.5",
    "2",
    "b",
    "Crohn's",
    "e\u{301}té",
    "été",
    "(new)",
    "no",
    "中文字",
    "lupus",
];

/// What stands between words.
const SPACES: [&str; 16] = [
    " ", " ", " ", " ", " ", " ", "-", ", ", ". ", "\n", "\n\n", "。", ") (", " (", "), ", "",
];

#[derive(Debug)]
struct Case {
    text: String,
    mentions: Vec<String>,
    threshold: f64,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut text = String::new();
        for _ in 0..u.int_in_range(0..=14)? {
            text = text + &word(u)? + u.choose(&SPACES)?;
        }
        let count = u.int_in_range(1..=4)?;
        let mentions = (0..count).map(|_| mention(u, &text));
        Ok(Self {
            mentions: mentions.collect::<Result<_>>()?,
            threshold: input::threshold(u, 40)?,
            text: text.clone(),
        })
    }
}

fn word(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(1, 4)? {
        return input::piece(u);
    }
    Ok((*u.choose(&WORDS)?).to_owned())
}

/// Words, or parts of the text, one after the other.
fn mention(u: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let mut mention = String::new();
    for _ in 0..u.int_in_range(2..=4)? {
        let part = if u.ratio(1, 3)? {
            input::mention(u, text, 9)?
        } else {
            word(u)?
        };
        mention = mention + &part + u.choose(&SPACES)?;
    }
    Ok(mention)
}

fuzz_target!(|case: Case| {
    let aligner = Aligner::new(case.threshold).expect("it is between 0 and 1");
    let aligner = aligner.discontinuous(true);
    let (source, mut all) = (Source::new(&case.text), Vec::new());
    for mention in &case.mentions {
        let found = aligner
            .candidates(&case.text, mention)
            .expect("the text is short");
        let found: Vec<(Match, Vec<Span>)> = found
            .into_iter()
            .map(|one| (one, fragments(&case.text, mention, &one)))
            .collect();
        let expected = twin::candidates(&source, mention, case.threshold);
        assert_eq!(found, expected, "candidates of {mention:?}");
        all.push(found);
    }
    let found = aligner
        .align(&case.text, &case.mentions)
        .expect("the text is short");
    for (one, candidates) in found.iter().zip(all) {
        assert!(one.is_none_or(|one| candidates.iter().any(|(known, _)| *known == one)));
    }
});
