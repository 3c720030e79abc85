//! The best tags against all sequences of tags, of which strict reading says what is lost.

use nerharness_core::{Error, Mode, Scheme, Viterbi, decode};
use proptest::prelude::*;

const SCHEMES: [(Scheme, &str); 6] = [
    (Scheme::Iob1, "IB"),
    (Scheme::Iob2, "IB"),
    (Scheme::Ioe1, "IE"),
    (Scheme::Ioe2, "IE"),
    (Scheme::Iobes, "IBES"),
    (Scheme::Bilou, "BILU"),
];

fn best(rows: &[Vec<f32>], tags: &[String], scheme: Scheme) -> Result<Vec<usize>, Error> {
    let mut viterbi = Viterbi::new(tags, scheme)?;
    rows.iter().try_for_each(|row| viterbi.push(row))?;
    viterbi.finish()
}

/// Whether every tag but O is part of an entity.
fn lossless(path: &[usize], tags: &[String], scheme: Scheme) -> bool {
    let path: Vec<_> = path.iter().map(|tag| &tags[*tag]).collect();
    let found = decode(&path, scheme, Mode::Strict).unwrap_or_default();
    let covered: usize = found.iter().map(|one| one.span.end - one.span.start).sum();
    covered == path.iter().filter(|tag| **tag != "O").count()
}

/// The best of all sequences, the first one by its last tag, then the last but one, and so on.
fn slow(rows: &[Vec<f32>], tags: &[String], scheme: Scheme) -> Option<Vec<usize>> {
    let mut all = vec![vec![]];
    for _ in rows {
        let longer = |path: &Vec<usize>, tag| [vec![tag], path.clone()].concat();
        all = (0..tags.len())
            .flat_map(|tag| all.iter().map(move |path| longer(path, tag)))
            .collect();
    }
    let sum =
        |path: &Vec<usize>| -> f32 { rows.iter().zip(path).map(|(row, tag)| row[*tag]).sum() };
    all.retain(|path| lossless(path, tags, scheme) && sum(path) > f32::NEG_INFINITY);
    let most = all.iter().map(sum).fold(f32::NEG_INFINITY, f32::max);
    all.retain(|path| sum(path) >= most);
    all.into_iter()
        .min_by_key(|path| path.iter().rev().copied().collect::<Vec<_>>())
}

/// Some tags of a scheme in any order, and scores that are whole, so that they are often equal.
fn case() -> impl Strategy<Value = (Scheme, Vec<String>, Vec<Vec<f32>>)> {
    prop::sample::select(&SCHEMES[..]).prop_flat_map(|(scheme, letters)| {
        let labels = letters
            .chars()
            .flat_map(|letter| ["A", "B"].map(|one| format!("{letter}-{one}")));
        let tags: Vec<String> = labels.chain(["O".to_owned()]).collect();
        let count = tags.len().min(6);
        let tags = prop::sample::subsequence(tags, 1..=count).prop_shuffle();
        let score = prop_oneof![9 => (-2..3_i8).prop_map(f32::from), 1 => Just(f32::NEG_INFINITY)];
        tags.prop_flat_map(move |tags| {
            let row = prop::collection::vec(score.clone(), tags.len());
            (Just(scheme), Just(tags), prop::collection::vec(row, 0..=4))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn no_sequence_is_better((scheme, tags, rows) in case()) {
        let found = best(&rows, &tags, scheme);
        prop_assert_eq!(found.clone().ok(), slow(&rows, &tags, scheme), "{:?}", found);
    }

    #[test]
    fn the_best_tags_of_all_tokens_are_the_answer_if_they_break_no_rule(
        rows in prop::collection::vec(prop::collection::vec(-9.0..9.0_f32, 5), 0..9)
    ) {
        let tags = ["O", "I-A", "B-A", "I-B", "B-B"].map(str::to_owned);
        let first = |row: &Vec<f32>| {
            let at = |one: &usize, other: &usize| row[*one].total_cmp(&row[*other]).then(other.cmp(one));
            (0..5).max_by(at).unwrap_or(0)
        };
        let path: Vec<_> = rows.iter().map(first).collect();
        for scheme in [Scheme::Iob1, Scheme::Iob2] {
            let found = best(&rows, &tags, scheme);
            prop_assert!(!lossless(&path, &tags, scheme) || found.as_ref() == Ok(&path));
            prop_assert!(found.is_ok_and(|found| lossless(&found, &tags, scheme)));
        }
    }
}

#[test]
fn a_long_sentence_loses_no_precision() {
    let tags = ["O", "B-A"].map(str::to_owned);
    let mut rows = vec![vec![3e8, 0.0]; 100_000];
    rows.push(vec![1e-30, 2e-30]);
    let found = best(&rows, &tags, Scheme::Iob2).unwrap_or_default();
    assert_eq!(found.last(), Some(&1));
}

#[test]
fn errors_say_what_is_wrong() {
    for (tags, rows, message) in [
        (
            &["O", "O"][..],
            vec![],
            r#"tag 1 "O": it means the same as tag 0 "O""#,
        ),
        (
            &["B-A", "B--A"],
            vec![],
            r#"tag 1 "B--A": it means the same as tag 0 "B-A""#,
        ),
        (&["O-A"], vec![], r#"tag 0 "O-A": O has no label"#),
        (
            &["O", "BA"],
            vec![],
            r#"tag 1 "BA": a hyphen must stand before the label"#,
        ),
        (
            &["O", "X-A"],
            vec![],
            r#"tag 1 "X-A": the prefix must be one of IOB"#,
        ),
        (&["O", ""], vec![], r#"tag 1 "": a tag must not be empty"#),
        (
            &["O", "B-A"],
            vec![vec![0.0]],
            "1 numbers fill no table with 2 in a row",
        ),
        (
            &["O", "B-A"],
            vec![vec![0.0, 0.0], vec![0.0, f32::NAN]],
            r#"token 1: the score of "B-A" is NaN; it must be a number or -inf"#,
        ),
        (
            &["O", "I-A"],
            vec![vec![0.0, 0.0], vec![f32::NEG_INFINITY, 0.0]],
            "the scheme allows no sequence of these tags for the first 2 tokens, but for those with \
             a score of -inf",
        ),
    ] {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let error = best(&rows, &tags, Scheme::Iob2).err();
        assert_eq!(
            error.map(|error| error.to_string()).as_deref(),
            Some(message)
        );
    }
}

#[test]
fn after_an_error_a_new_sentence_begins() -> Result<(), Error> {
    let mut viterbi = Viterbi::new(&["O", "B-A", "I-A"], Scheme::Iob2)?;
    viterbi.push(&[0.0, 9.0, 0.0])?;
    assert!(viterbi.push(&[f32::INFINITY, 0.0, 0.0]).is_err());
    viterbi.push(&[0.0, 1.0, 2.0])?;
    assert_eq!(viterbi.finish()?, [1]);
    Ok(())
}
