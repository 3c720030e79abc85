//! Where in a text a mention stands, spelled the same or folded.

use crate::align::{Match, Tier};
use crate::source::{Source, Surface};
use crate::span::Span;

/// The bounded occurrences of a mention, exact before folded, without overlap, in document order.
pub(crate) fn grounded(source: &Source<'_>, surface: &Surface<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    add(&mut found, Tier::Exact, exact(source, surface.text));
    if !surface.has_word() {
        return found;
    }
    if surface.is_short() {
        add(&mut found, Tier::Folded, exact(source, surface.core));
        return found;
    }
    add(&mut found, Tier::Folded, folded(source, &surface.skeleton));
    if surface.core_skeleton != surface.skeleton {
        add(
            &mut found,
            Tier::Folded,
            folded(source, &surface.core_skeleton),
        );
    }
    found
}

/// The exact occurrences that begin or end inside a word, but not inside a number.
pub(crate) fn inside(source: &Source<'_>, surface: &Surface<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    let whole = |span: &Span| !cuts(source.text, span.start) && !cuts(source.text, span.end);
    let spans = spans(source.text, surface.text).filter(whole).collect();
    add(&mut found, Tier::Exact, spans);
    found
}

/// Whether byte `position` lies between two digits.
fn cuts(text: &str, position: usize) -> bool {
    text[..position].ends_with(char::is_numeric) && text[position..].starts_with(char::is_numeric)
}

fn exact(source: &Source<'_>, needle: &str) -> Vec<Span> {
    let bounded = |span: &Span| source.is_boundary(span.start) && source.is_boundary(span.end);
    spans(source.text, needle).filter(bounded).collect()
}

fn spans<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = Span> {
    let starts = occurrences(text.as_bytes(), needle.as_bytes()).into_iter();
    starts.map(move |start| Span::new(start, start + needle.len()))
}

fn folded(source: &Source<'_>, needle: &[char]) -> Vec<Span> {
    let starts = occurrences(&source.skeleton.chars, needle).into_iter();
    let span = |start| {
        Some(Span::new(
            source.start(start)?,
            source.end(start + needle.len())?,
        ))
    };
    starts.filter_map(span).collect()
}

/// Adds those of `spans` (in document order) that overlap neither `found` nor one another.
fn add(found: &mut Vec<Match>, tier: Tier, spans: Vec<Span>) {
    let taken = found.len();
    let mut end = 0;
    for span in spans {
        // What ends last before `span` ends is the only one of `taken` to check: they do not overlap.
        let next = found[..taken].partition_point(|other| other.span.end <= span.start);
        let free = found[..taken]
            .get(next)
            .is_none_or(|other| !other.span.overlaps(span));
        if free && span.start >= end {
            end = span.end;
            found.push(Match {
                span,
                tier,
                score: 1.0,
            });
        }
    }
    found.sort_by_key(|one| one.span);
}

/// Every position where `needle` begins in `haystack`, overlapping ones too, in linear time
/// (Knuth, Morris and Pratt 1977); none for an empty needle.
pub(crate) fn occurrences<T: PartialEq>(haystack: &[T], needle: &[T]) -> Vec<usize> {
    let mut found = Vec::new();
    if needle.is_empty() || needle.len() > haystack.len() {
        return found;
    }
    let borders = borders(needle);
    let mut matched = 0;
    for (position, item) in haystack.iter().enumerate() {
        while matched > 0 && (matched == needle.len() || needle[matched] != *item) {
            matched = borders[matched - 1];
        }
        matched += usize::from(needle[matched] == *item);
        if matched == needle.len() {
            found.push(position + 1 - matched);
        }
    }
    found
}

/// For each prefix of `needle` the length of its longest proper prefix that is also its suffix.
fn borders<T: PartialEq>(needle: &[T]) -> Vec<usize> {
    let mut borders = vec![0; needle.len()];
    let mut matched = 0;
    for position in 1..needle.len() {
        while matched > 0 && needle[matched] != needle[position] {
            matched = borders[matched - 1];
        }
        matched += usize::from(needle[matched] == needle[position]);
        borders[position] = matched;
    }
    borders
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(haystack: &[u8], needle: &[u8]) -> Vec<usize> {
        let windows = haystack.windows(needle.len()).enumerate();
        windows
            .filter(|(_, window)| *window == needle)
            .map(|(start, _)| start)
            .collect()
    }

    proptest! {
        #[test]
        fn occurrences_are_those_of_the_naive_search(
            haystack in "[ab]{0,60}", needle in "[ab]{1,6}"
        ) {
            let (haystack, needle) = (haystack.as_bytes(), needle.as_bytes());
            prop_assert_eq!(occurrences(haystack, needle), naive(haystack, needle));
        }

        #[test]
        fn matches_do_not_overlap_and_fold_to_the_mention(
            text in "(a|A|b|-| |1|e\u{301}|ﬁ|\\.){0,40}", mention in "(a|b|-| |1|e|f|i){1,5}"
        ) {
            let (source, surface) = (Source::new(&text), Surface::new(&mention));
            let found = grounded(&source, &surface);
            for pair in found.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            for one in found {
                let part = Surface::new(&text[one.span.start..one.span.end]);
                prop_assert_eq!(part.key(), surface.key());
            }
        }
    }

    #[test]
    fn an_empty_needle_is_nowhere() {
        assert_eq!(occurrences(b"ab", b""), Vec::<usize>::new());
    }
}
