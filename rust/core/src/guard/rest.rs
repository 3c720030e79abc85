//! The rest of a word in which a mention stands.

use crate::boundary::is_boundary;
use crate::span::Span;

/// What denies a word before which it is put, and what such a word begins with.
const BEFORE: [(&str, &str); 9] = [
    ("a", ""),
    ("an", ""),
    ("non", ""),
    ("un", ""),
    ("in", ""),
    ("im", ""),
    ("il", "l"),
    ("ir", "r"),
    ("fe", "male"),
];

/// What denies a word behind which it is put.
const BEHIND: [&str; 4] = ["less", "free", "los", "frei"];

/// Whether the rest of a word in which `span` of `text` begins or ends denies what stands there ("febrile"
/// in "afebrile").
pub(crate) fn is_denied(text: &str, span: Span) -> bool {
    let is = |start: usize, end: usize, word: &str| {
        let part = text.get(start..end);
        part.is_some_and(|part| part.eq_ignore_ascii_case(word))
    };
    let before = |(denial, first): &(&str, &str)| {
        let begins = span.start.checked_sub(denial.len());
        let denies = |at| is(at, span.start, denial) && is_boundary(text, at);
        begins.is_some_and(denies) && is(span.start, span.start + first.len(), first)
    };
    let behind = |denial: &&str| {
        let end = span.end + denial.len();
        is(span.end, end, denial) && is_boundary(text, end)
    };
    !is_boundary(text, span.start) && BEFORE.iter().any(before)
        || !is_boundary(text, span.end) && BEHIND.iter().any(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (text, mention, denied) in [
            ("afebrile", "febrile", true),
            ("Afebrile seizures", "febrile seizures", true),
            ("is asymptomatic", "symptom", true),
            ("nontender", "tender", true),
            ("unremarkable", "remarkable", true),
            ("irregular", "regular", true),
            ("iritis", "itis", false),
            ("female", "male", true),
            ("fetal", "tal", false),
            ("painless", "pain", true),
            ("Fieberfrei", "Fieber", true),
            ("symptomlos", "symptom", true),
            ("painful", "pain", false),
            ("gastroenteritis", "enteritis", false),
            ("gastroafebrile", "febrile", false),
            ("a febrile child", "febrile", false),
            ("ä-afebrile", "febrile", true),
            ("éafebrile", "febrile", false),
        ] {
            let start = text.find(mention).unwrap();
            let span = Span::new(start, start + mention.len());
            assert_eq!(is_denied(text, span), denied, "{mention} in {text}");
        }
    }
}
