//! Tags against slow and plain readers, written from the description of seqeval's.

use std::collections::BTreeSet;

use nerharness_core::{Entity, Error, LabelCounts, Mode, Scheme, Span, decode, encode, score};
use proptest::prelude::*;

const SCHEMES: [Scheme; 6] = [
    Scheme::Iob1,
    Scheme::Iob2,
    Scheme::Ioe1,
    Scheme::Ioe2,
    Scheme::Iobes,
    Scheme::Bilou,
];
const MODES: [Mode; 2] = [Mode::Lenient, Mode::Strict];

fn entity(label: &str, start: usize, end: usize) -> Entity {
    Entity {
        label: label.to_owned(),
        span: Span::new(start, end),
    }
}

fn or_unlabelled(label: &str) -> String {
    if label.is_empty() { "_" } else { label }.to_owned()
}

/// The default reading: every tag is compared with the one before it.
fn lenient(tags: &[String], scheme: Scheme) -> Vec<Entity> {
    let (mut last, mut last_label, mut start) = ('O', "_".to_owned(), 0);
    let mut found = Vec::new();
    for (position, tag) in tags.iter().map(String::as_str).chain(["O"]).enumerate() {
        let rest: String = tag.chars().skip(1).collect();
        let label = or_unlabelled(rest.split_once('-').map_or(&rest, |(_, label)| label));
        let prefix = match (tag.chars().next().unwrap_or('O'), scheme) {
            ('L', Scheme::Bilou) => 'E',
            ('U', Scheme::Bilou) => 'S',
            (prefix, _) => prefix,
        };
        let ends = "ES".contains(last)
            || "BI".contains(last) && "BSO".contains(prefix)
            || !"O.".contains(last) && last_label != label;
        let starts = "BS".contains(prefix)
            || "ESO".contains(last) && "EI".contains(prefix)
            || !"O.".contains(prefix) && last_label != label;
        if ends {
            found.push(entity(&last_label, start, position));
        }
        if starts {
            start = position;
        }
        (last, last_label) = (prefix, label);
    }
    found
}

/// The prefixes of each pair of tags that start, go on with or end an entity; `=` is a pair with
/// one label, `!` one with two, `?` any pair.
fn rules(scheme: Scheme) -> [&'static str; 3] {
    match scheme {
        Scheme::Iob1 => ["OI? BI? IB= BB= II!", "BI= II=", "IO? IB? BO? BB= II! BI!"],
        Scheme::Iob2 => ["OB? IB? BB?", "BI= II=", "IO? IB? BO? BB? II! BI!"],
        Scheme::Ioe1 => ["OI? EI? EE= II!", "II= IE=", "IO? EI= EE= II! IE!"],
        Scheme::Ioe2 => ["OI? OE? EI? EE? II! IE!", "II= IE=", "EO? EI? EE?"],
        Scheme::Iobes | Scheme::Bilou => [
            "OB? IB? BB? EB? SB? OS? IS? BS? ES? SS?",
            "BI= BE= II= IE=",
            "EO? EI? EB? EE? ES? SO? SI? SB? SE? SS?",
        ],
    }
}

fn fits(rule: &str, last: &(char, String), tag: &(char, String)) -> bool {
    rule.split(' ').any(|pair| {
        let pair: Vec<char> = pair.chars().collect();
        let same = last.1 == tag.1;
        pair[..2] == [last.0, tag.0] && (pair[2] == '?' || same == (pair[2] == '='))
    })
}

/// The reading by scheme, or the index of the first tag that is not of the scheme.
fn strict(tags: &[String], scheme: Scheme) -> Result<Vec<Entity>, usize> {
    let letters = match scheme {
        Scheme::Iob1 | Scheme::Iob2 => "IOB",
        Scheme::Ioe1 | Scheme::Ioe2 => "IOE",
        Scheme::Iobes => "IOBES",
        Scheme::Bilou => "BILOU",
    };
    let mut read = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let first = tag.chars().next().filter(|first| letters.contains(*first));
        let prefix = match (first.ok_or(index)?, scheme) {
            ('L', _) => 'E',
            ('U', _) => 'S',
            (prefix, _) => prefix,
        };
        read.push((prefix, or_unlabelled(tag[1..].trim_matches('-'))));
    }
    let outside = ('O', "_".to_owned());
    let [starts, inside, ends] = rules(scheme);
    let (mut found, mut position, mut last) = (Vec::new(), 0, outside.clone());
    read.push(outside);
    while position < read.len() {
        let start = position;
        position += 1;
        if fits(starts, &last, &read[start]) {
            while position < read.len() && fits(inside, &read[position - 1], &read[position]) {
                position += 1;
            }
            if fits(ends, &read[position - 1], &read[position]) {
                found.push(entity(&read[start].1, start, position));
            }
        }
        last = read[position - 1].clone();
    }
    Ok(found)
}

/// The entities of all sentences, by position in them all with a place left free after each.
fn entities(sentences: &[Vec<String>], scheme: Scheme, mode: Mode) -> BTreeSet<Entity> {
    if mode == Mode::Lenient {
        let ended = |sentence: &Vec<String>| [sentence.clone(), vec!["O".to_owned()]].concat();
        let whole: Vec<String> = sentences.iter().flat_map(ended).collect();
        return lenient(&whole, scheme).into_iter().collect();
    }
    let mut all = BTreeSet::new();
    let mut offset = 0;
    for sentence in sentences {
        let found = strict(sentence, scheme).unwrap_or_default();
        all.extend(
            found
                .into_iter()
                .map(|one| entity(&one.label, one.span.start + offset, one.span.end + offset)),
        );
        offset += sentence.len() + 1;
    }
    all
}

fn counts(gold: &BTreeSet<Entity>, predicted: &BTreeSet<Entity>) -> Vec<LabelCounts> {
    let labels: BTreeSet<_> = gold.union(predicted).map(|one| &one.label).collect();
    let count = |label: &String, test: &dyn Fn(&Entity) -> bool| {
        let all = gold.union(predicted);
        all.filter(|one| one.label == *label && test(one)).count()
    };
    let counts = |label: &String| LabelCounts {
        label: label.clone(),
        true_positives: count(label, &|one| gold.contains(one) && predicted.contains(one)),
        false_positives: count(label, &|one| !gold.contains(one)),
        false_negatives: count(label, &|one| !predicted.contains(one)),
    };
    labels.into_iter().map(counts).collect()
}

/// Tags that are mostly of some scheme.
fn tag() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[IOBESLU]-[AB]",
        2 => Just("O".to_owned()),
        1 => "[IOBES.Xé-]-?[A-]{0,2}(疾病)?",
    ]
}

fn sentence() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(tag(), 0..9)
}

/// Tags that strict reading of the scheme accepts.
fn tag_of(scheme: Scheme) -> impl Strategy<Value = String> {
    match scheme {
        Scheme::Iob1 | Scheme::Iob2 => "O|[IB]-[AB]|I--A-",
        Scheme::Ioe1 | Scheme::Ioe2 => "O|[IE]-[AB]|I--A-",
        Scheme::Iobes => "O|[IBES]-[AB]|I--A-",
        Scheme::Bilou => "O|[IBLU]-[AB]|I--A-",
    }
}

/// Sentences of gold and predicted tags.
fn corpus(tag: impl Strategy<Value = String>) -> impl Strategy<Value = [Vec<Vec<String>>; 2]> {
    let pair = prop::collection::vec((tag, prop::bool::weighted(0.2)), 0..7);
    let changed = |pairs: &Vec<(String, bool)>| {
        let wrong = |(tag, wrong): &(String, bool)| if *wrong { "O" } else { tag }.to_owned();
        pairs.iter().map(wrong).collect::<Vec<_>>()
    };
    let gold = |pairs: &Vec<(String, bool)>| pairs.iter().map(|pair| pair.0.clone()).collect();
    prop::collection::vec(pair, 1..6).prop_map(move |sentences| {
        [
            sentences.iter().map(gold).collect(),
            sentences.iter().map(changed).collect(),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn any_tags_are_read_as_the_plain_reader_reads_them(tags in sentence()) {
        for scheme in SCHEMES {
            prop_assert_eq!(decode(&tags, scheme, Mode::Lenient), Ok(lenient(&tags, scheme)));
            match (decode(&tags, scheme, Mode::Strict), strict(&tags, scheme)) {
                (Err(Error::Tag { index, .. }), Err(refused)) => prop_assert_eq!(index, refused),
                (found, expected) => prop_assert_eq!(found.ok(), expected.ok()),
            }
        }
    }

    #[test]
    fn any_sentences_are_scored_leniently_as_sets_of_entities([gold, predicted] in corpus(tag())) {
        for scheme in SCHEMES {
            let sets = [&gold, &predicted].map(|tags| entities(tags, scheme, Mode::Lenient));
            let found = score(&gold, &predicted, scheme, Mode::Lenient);
            prop_assert_eq!(found, Ok(counts(&sets[0], &sets[1])));
        }
    }

    #[test]
    fn tags_of_a_scheme_are_scored_as_sets_of_entities(
        (scheme, [gold, predicted]) in prop::sample::select(&SCHEMES[..])
            .prop_flat_map(|scheme| (Just(scheme), corpus(tag_of(scheme))))
    ) {
        for mode in MODES {
            let sets = [&gold, &predicted].map(|tags| entities(tags, scheme, mode));
            let found = score(&gold, &predicted, scheme, mode);
            prop_assert_eq!(found, Ok(counts(&sets[0], &sets[1])));
        }
    }

    #[test]
    fn entities_come_back_from_their_tags(
        pieces in prop::collection::vec(("A|B|C-D|疾病", 0..3_usize, 1..4_usize), 0..7)
    ) {
        let mut end = 0;
        let entities: Vec<Entity> = pieces.into_iter().map(|(label, gap, length)| {
            end += gap + length;
            entity(&label, end - length, end)
        }).collect();
        for scheme in SCHEMES {
            let tags = encode(&entities, end + 1, scheme);
            let back = tags.and_then(|tags| decode(&tags, scheme, Mode::Lenient));
            prop_assert_eq!(back.as_ref(), Ok(&entities));
        }
    }
}

#[test]
fn an_unknown_prefix_reaches_back_over_sentences() {
    let gold = [vec!["B-A"], vec!["X", "B-B"]];
    let counts = score(&gold, &gold, Scheme::Iob2, Mode::Lenient).unwrap_or_default();
    let labels: Vec<_> = counts.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(labels, ["A", "B", "_"]);
}

#[test]
fn errors_say_which_sentence_and_tag() {
    let right = [vec!["O"], vec!["O", "O"]];
    for (bad, message) in [
        (
            vec!["O", ""],
            r#"sentence 1, tag 1 "": a tag must not be empty"#,
        ),
        (
            vec!["S-A", "X"],
            r#"sentence 1, tag 0 "S-A": the prefix must be one of IOB"#,
        ),
        (
            vec!["O"],
            "sentence 1 has 1 gold tags, but 2 predicted tags",
        ),
    ] {
        let gold = [vec!["O"], bad];
        let error = score(&gold, &right, Scheme::Iob2, Mode::Strict).err();
        assert_eq!(
            error.map(|error| error.to_string()).as_deref(),
            Some(message)
        );
    }
    assert_eq!(
        score::<&str>(&[], &[], Scheme::Iob2, Mode::Strict),
        Err(Error::NoSentence)
    );
}
