//! Which words of a text are the fragments of a mention.

use proptest::prelude::*;

use super::*;
use crate::Aligner;

/// The tier and the fragments of each candidate, joined by a bar.
fn found(text: &str, mention: &str) -> Vec<String> {
    let aligner = Aligner::new(0.8).map(|aligner| aligner.discontinuous(true));
    let found = aligner.and_then(|aligner| aligner.candidates(text, mention));
    let written = |one: &Match| {
        let parts = fragments(text, mention, one);
        let parts: Vec<&str> = parts.iter().map(|one| &text[one.start..one.end]).collect();
        format!("{} {}", one.tier.name(), parts.join("|"))
    };
    found.unwrap_or_default().iter().map(written).collect()
}

/// Name, text, mention, the candidates with their fragments.
const CASES: [(&str, &str, &str, &str); 43] = [
    (
        "a mark before the first word",
        "hip and back and knee pain",
        "\u{301}hip back pain",
        "folded hip|back|pain",
    ),
    (
        "fewest before narrowest",
        "left or upper or lobe or upper lobe",
        "left upper lobe",
        "exact left|upper lobe",
    ),
    (
        "short in the middle",
        "grade as a 2 of some tumour",
        "grade 2 tumour",
        "",
    ),
    ("short at the end", "stage that is IV", "stage IV", ""),
    (
        "narrowest in characters",
        "Lung 中文中 lung and gout lung",
        "lung/lung",
        "folded Lung|lung",
    ),
    (
        "closing bracket",
        "drug (5 mg) or other therapy",
        "drug (5 mg) therapy",
        "exact drug (5 mg)|therapy",
    ),
    (
        "opening bracket",
        "drug or (new) therapy",
        "drug (new) therapy",
        "exact drug|(new) therapy",
    ),
    (
        "decimal comma",
        "1,5 or 2 gram",
        "1,5 gram",
        "exact 1,5|gram",
    ),
    (
        "two",
        "breast and ovarian cancer",
        "breast cancer",
        "exact breast|cancer",
    ),
    (
        "together",
        "breast cancer and cancer",
        "breast cancer",
        "exact breast cancer",
    ),
    (
        "case",
        "Breast and lung cancer",
        "breast cancer",
        "folded Breast|cancer",
    ),
    (
        "accents",
        "Sjögren or other syndrome",
        "Sjogren syndrome",
        "folded Sjögren|syndrome",
    ),
    (
        "runs of words",
        "acute on chronic renal or liver failure now",
        "chronic renal failure now",
        "exact chronic renal|failure now",
    ),
    (
        "three",
        "left and right upper or lower lobe",
        "left upper lobe",
        "exact left|upper|lobe",
    ),
    ("four", "one a two b six c ten", "one two six ten", ""),
    (
        "ellipsis",
        "breast and ovarian cancer",
        "breast … cancer",
        "folded breast|cancer",
    ),
    (
        "comma left out",
        "fever and dry cough",
        "fever, cough",
        "folded fever|cough",
    ),
    ("sign", "CD4 low + cells", "CD4 + cells", ""),
    (
        "sign that is not there",
        "CD4 or other cells",
        "CD4 + cells",
        "",
    ),
    (
        "bracket kept",
        "renal (or liver) failure)",
        "renal failure)",
        "exact renal|failure)",
    ),
    (
        "quotation marks",
        "breast and lung cancer",
        "\"breast cancer\"",
        "folded breast|cancer",
    ),
    (
        "six words between",
        "breast a b c d e f cancer",
        "breast cancer",
        "exact breast|cancer",
    ),
    (
        "seven words between",
        "breast a b c d e f g cancer",
        "breast cancer",
        "",
    ),
    (
        "no word between",
        "lupus (nephritis",
        "lupus nephritis",
        "fuzzy lupus (nephritis",
    ),
    (
        "inside a word",
        "breastbone and ovarian cancer",
        "breast cancer",
        "",
    ),
    (
        "ends inside a word",
        "breast and ovarian cancers",
        "breast cancer",
        "",
    ),
    (
        "sentence end",
        "of the breast. Her cancer",
        "breast cancer",
        "",
    ),
    (
        "ideographic full stop",
        "breast。 Her cancer",
        "breast cancer",
        "",
    ),
    (
        "point inside",
        "breast e.g.lung cancer",
        "breast cancer",
        "exact breast|cancer",
    ),
    (
        "line break",
        "breast and\r\novarian cancer",
        "breast cancer",
        "exact breast|cancer",
    ),
    (
        "blank line",
        "breast and\r\n \r\novarian cancer",
        "breast cancer",
        "",
    ),
    ("denial", "fever without chills", "fever chills", ""),
    (
        "denial of more",
        "rash but no severe chills",
        "rash chills",
        "",
    ),
    ("single letters", "a case of T", "A-T", ""),
    (
        "letter in a run",
        "type 1 or other diabetes",
        "type 1 diabetes",
        "exact type 1|diabetes",
    ),
    (
        "other number",
        "type 1 and rare 2 diabetes",
        "type 12 diabetes",
        "",
    ),
    ("order", "cancer of the breast", "breast cancer", ""),
    (
        "narrowest",
        "lung or lung or rare cancer",
        "lung cancer",
        "exact lung|cancer",
    ),
    (
        "fewest",
        "old red or grey hair or very red hair",
        "old red hair",
        "exact old red|hair",
    ),
    (
        "longest first",
        "old red or red hair",
        "old red hair",
        "exact old red|hair",
    ),
    (
        "several",
        "Hip or knee pain; hip and back pain",
        "hip pain",
        "exact hip|pain, folded Hip|pain",
    ),
    ("one word", "breast and ovarian cancer", "brst", ""),
    (
        "astral",
        "🙂 Brust- oder 🙂 Darm krebs",
        "Brust krebs",
        "exact Brust|krebs",
    ),
];

#[test]
fn table() {
    for (name, text, mention, expected) in CASES {
        assert_eq!(found(text, mention).join(", "), expected, "{name}");
    }
}

#[test]
fn candidates_that_overlap_are_one_the_narrowest() {
    let text = "lung or lung or rare cancer";
    let aligner = Aligner::new(0.8).map(|aligner| aligner.discontinuous(true));
    let found = aligner.and_then(|aligner| aligner.candidates(text, "lung cancer"));
    let starts = found.iter().flatten().map(|one| one.span.start);
    assert_eq!(starts.collect::<Vec<_>>(), [8]);
}

#[test]
fn a_mention_without_a_word_is_one_fragment() {
    assert_eq!(found("a ), b", " ),  \n"), ["exact ),"]);
}

#[test]
fn long_mentions_are_not_cut() {
    let text = "word ".repeat(100_000);
    let found = Match {
        span: Span::new(0, text.len()),
        tier: Tier::Folded,
        score: 1.0,
    };
    assert_eq!(fragments(&text, &text.to_uppercase(), &found), [found.span]);
}

proptest! {
    #[test]
    fn fragments_are_the_words_of_the_mention_in_order_and_apart(
        text in "((and|Abc|abc|def|ghi|é|1|or)( |, | |\\. |-)){0,16}",
        mention in "(abc|def|ghi|é|1)( (abc|def|ghi|é|1|…)){1,4}",
    ) {
        let aligner = Aligner::new(1.0).map(|aligner| aligner.discontinuous(true));
        let found = aligner.and_then(|aligner| aligner.candidates(&text, &mention));
        for one in found.unwrap_or_default() {
            let parts = fragments(&text, &mention, &one);
            prop_assert!(parts.len() <= MOST);
            prop_assert_eq!(parts.first().map(|part| part.start), Some(one.span.start));
            prop_assert_eq!(parts.last().map(|part| part.end), Some(one.span.end));
            prop_assert!(parts.iter().all(|part| part.start < part.end));
            prop_assert!(parts.windows(2).all(|pair| pair[0].end < pair[1].start));
            let parts: Vec<&str> = parts.iter().map(|part| &text[part.start..part.end]).collect();
            let folded = |text: &str| {
                let mut skeletons = Skeletons::default();
                let range = skeletons.push(text);
                skeletons.get(range).chars().filter(|c| c.is_alphanumeric()).collect::<String>()
            };
            prop_assert_eq!(folded(&parts.join(" ")), folded(&mention));
        }
    }
}
