//! Candidates against the slow search, and what holds for the alignment of any text.

#![no_main]

use std::collections::HashSet;

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use nerharness_core::{Aligner, Match, similarity};
use nerharness_fuzz::text::{core, letters, skeleton};
use nerharness_fuzz::{input, place, search, similar};

#[derive(Debug)]
struct Case {
    text: String,
    mentions: Vec<String>,
    threshold: f64,
    threads: usize,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        // Some texts are so long that their halves are read side by side, with many needles.
        let is_long = !u.ratio(7, 8)?;
        let text = if is_long {
            input::long_text(u)?
        } else {
            input::pieces(u, 24)?.concat()
        };
        let (most, least) = if is_long { (20, 70) } else { (5, 30) };
        let count = u.int_in_range(0..=most)?;
        let mentions = (0..count).map(|_| {
            let longest = *u.choose(&[12, 24, 40, 70, 200])?;
            input::mention(u, &text, longest)
        });
        Ok(Self {
            mentions: mentions.collect::<Result<_>>()?,
            text: text.clone(),
            threshold: input::threshold(u, least)?,
            threads: u.int_in_range(1..=3)?,
        })
    }
}

fuzz_target!(|case: Case| {
    let aligner = Aligner::new(case.threshold).expect("it is between 0 and 1");
    let (source, mut all) = (search::Source::new(&case.text), Vec::new());
    for mention in &case.mentions {
        let found = aligner
            .candidates(&case.text, mention)
            .expect("the text is short");
        let expected = source.candidates(mention, case.threshold);
        assert_eq!(found, expected, "candidates of {mention:?}");
        check_similarity(&case.text, mention);
        all.push(found);
    }
    let found = aligner
        .align(&case.text, &case.mentions)
        .expect("the text is short");
    check(&case, &found, &all);
    let texts = [&case.text, "", &case.text];
    let mentions = [
        case.mentions.clone(),
        case.mentions.clone(),
        case.mentions.clone(),
    ];
    let batch = aligner
        .align_batch(&texts, &mentions, case.threads)
        .expect("nothing is wrong");
    assert_eq!((&batch[0], &batch[2]), (&found, &found));
    assert!(batch[1].iter().all(Option::is_none));
});

/// The answers are candidates, on whole characters, and no two repeats have one place.
fn check(case: &Case, found: &[Option<Match>], all: &[Vec<Match>]) {
    let mut used = HashSet::new();
    assert_eq!(found.len(), case.mentions.len());
    for ((mention, one), candidates) in case.mentions.iter().zip(found).zip(all) {
        for candidate in candidates {
            let part = case.text.get(candidate.span.start..candidate.span.end);
            assert!(part.is_some_and(|part| !part.is_empty()), "{candidate:?}");
        }
        if let Some(one) = one {
            assert!(candidates.contains(one), "{mention:?}: {one:?}");
            assert!(
                used.insert((place::key(mention), one.span)),
                "{mention:?} twice"
            );
        }
    }
}

fn check_similarity(text: &str, mention: &str) {
    let (left, right) = (core(text), core(mention));
    let folded = |one: &str| skeleton(&letters(one));
    if text != mention && !folded(left).is_empty() && !folded(right).is_empty() && text.len() < 200
    {
        let (tier, score) = similarity(text, mention);
        assert!((score - similar::similarity(left, right)).abs() < f64::EPSILON);
        assert_eq!(tier, similarity(mention, text).0);
    }
}
