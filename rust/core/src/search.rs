//! Where in a text a mention stands, spelled the same or folded.

use memchr::{memchr, memmem};
use unicode_normalization::UnicodeNormalization;

use crate::align::{Match, Tier};
use crate::boundary::is_at_point;
use crate::guard::is_denied;
use crate::skeleton::{Skeleton, Skeletons};
use crate::source::Source;
use crate::span::Span;
use crate::surface::Surface;

/// Adds the bounded occurrences of a mention, exact before folded, without overlap, in document
/// order.
pub(crate) fn grounded(
    source: &Source<'_>,
    surface: &Surface<'_>,
    skeletons: &Skeletons,
    found: &mut Vec<Match>,
) {
    let first = found.len();
    if !surface.has_word() {
        add(found, first, Tier::Exact, exact(source, surface.text));
    } else if surface.is_short() {
        add(found, first, Tier::Exact, exact(source, surface.text));
        add(found, first, Tier::Folded, exact(source, surface.core));
        if !surface.core.is_ascii() {
            let forms: [String; 2] = [surface.core.nfc().collect(), surface.core.nfd().collect()];
            for form in &forms {
                add(found, first, Tier::Folded, exact(source, form));
            }
        }
    } else {
        look_up(source, surface, skeletons, found);
    }
}

/// As [`grounded`], for a mention that is long enough to be looked up.
fn look_up(
    source: &Source<'_>,
    surface: &Surface<'_>,
    skeletons: &Skeletons,
    found: &mut Vec<Match>,
) {
    let first = found.len();
    let skeleton = surface.skeleton(skeletons);
    if surface.is_solid(&skeleton) {
        add_solid(source, surface, &skeleton, found);
    } else {
        add(found, first, Tier::Exact, exact(source, surface.text));
        add(found, first, Tier::Folded, folded(source, &skeleton));
    }
    if !surface.is_bare() {
        let core = surface.core_skeleton(skeletons);
        let spans = folded(source, &core);
        add(found, first, Tier::Folded, spans);
    }
}

/// Adds the occurrences of a mention all of whose exact ones are found by its skeleton.
fn add_solid(
    source: &Source<'_>,
    surface: &Surface<'_>,
    skeleton: &Skeleton<'_>,
    found: &mut Vec<Match>,
) {
    let text = surface.text.as_bytes();
    let is_exact = |span: &Span| source.text.as_bytes()[span.start..span.end] == *text;
    let (first, mut end) = (found.len(), 0);
    for span in folded(source, skeleton) {
        if span.start < end {
            // Some overlap, and exact ones go first.
            found.truncate(first);
            let spans = || folded(source, skeleton);
            add(found, first, Tier::Exact, spans().filter(is_exact));
            add(found, first, Tier::Folded, spans());
            return;
        }
        end = span.end;
        let tier = if is_exact(&span) {
            Tier::Exact
        } else {
            Tier::Folded
        };
        found.push(Match {
            span,
            tier,
            score: 1.0,
        });
    }
}

/// Adds the exact occurrences that begin or end inside a word, but not inside a number nor where the rest of
/// the word denies them.
pub(crate) fn inside(source: &Source<'_>, surface: &Surface<'_>, found: &mut Vec<Match>) {
    if surface.text.chars().nth(2).is_some() && may_hold(source.text, surface.text) {
        let cuts = |span: &Span| {
            cuts_number(source.text, span.start)
                || cuts_number(source.text, span.end)
                || is_denied(source.text, *span)
        };
        let spans = spans(source.text, surface.text);
        let first = found.len();
        add(found, first, Tier::Exact, spans.filter(|span| !cuts(span)));
    }
}

/// Whether three letters of `needle`, which has as many, stand in `text` as they do there; a long
/// text is not looked at.
fn may_hold(text: &str, needle: &str) -> bool {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let (last, middle) = (needle.len() - 1, needle.len() / 2);
    if text.len() > MEDIUM {
        return true;
    }
    let (Some(middles), Some(lasts)) = (text.get(middle..), text.get(last..)) else {
        return false;
    };
    // All are looked at, without a branch: that is done for many at once.
    let differ = |(a, b, c): (&u8, &u8, &u8)| a ^ needle[0] | b ^ needle[middle] | c ^ needle[last];
    let each = text.iter().zip(middles).zip(lasts);
    each.map(|((a, b), c)| differ((a, b, c)))
        .fold(u8::MAX, u8::min)
        == 0
}

/// Whether a match that begins or ends at byte `position` leaves a part of a number out.
fn cuts_number(text: &str, position: usize) -> bool {
    is_between_digits(text, position) || is_at_point(text, position)
}

fn is_between_digits(text: &str, position: usize) -> bool {
    text[..position].ends_with(char::is_numeric) && text[position..].starts_with(char::is_numeric)
}

fn exact<'a>(source: &'a Source<'_>, needle: &'a str) -> impl Iterator<Item = Span> + 'a {
    spans(source.text, needle).filter(|span| source.is_bounded(*span))
}

/// The occurrences of `needle` letter by letter, overlapping ones too.
fn spans<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = Span> + 'a {
    let finder = Finder::new(text, needle.as_bytes());
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(from..).filter(|_| !needle.is_empty())?;
        let start = from + finder.find(rest)?;
        from = start + 1;
        Some(Span::new(start, start + needle.len()))
    })
}

/// The most bytes of a text that is read without preparing for the worst.
const SMALL: usize = 1 << 10;

/// The most bytes of a text that is read to say that a needle is not there.
const MEDIUM: usize = 1 << 12;

/// A way to find a needle.
struct Finder<'n> {
    needle: &'n [u8],
    /// One of its bytes, which is rare.
    rare: u8,
    /// How many bytes stand before it.
    before: usize,
    /// Takes a time that does not depend on the needle, but longer to prepare.
    steady: Option<memmem::Finder<'n>>,
}

impl<'n> Finder<'n> {
    fn new(text: &str, needle: &'n [u8]) -> Self {
        let bytes = needle.iter().copied().enumerate();
        let rare = bytes.min_by_key(|(_, byte)| FREQUENCY[usize::from(*byte)]);
        let (before, rare) = rare.unwrap_or_default();
        Self {
            needle,
            rare,
            before,
            steady: (text.len() > SMALL).then(|| memmem::Finder::new(needle)),
        }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        if let Some(steady) = &self.steady {
            return steady.find(text);
        }
        let mut start = 0;
        loop {
            start += memchr(self.rare, text.get(start + self.before..)?)?;
            if text[start..].starts_with(self.needle) {
                return Some(start);
            }
            start += 1;
        }
    }
}

/// How frequent each byte is in English texts, in order; 0 for what is rare.
const FREQUENCY: [u8; 256] = {
    let frequent = b"kwvbygpfmucdlrhsnioate ";
    let mut frequency = [0; 256];
    let mut rank: u8 = 0;
    while (rank as usize) < frequent.len() {
        frequency[frequent[rank as usize] as usize] = rank + 1;
        rank += 1;
    }
    frequency
};

fn folded<'a>(source: &'a Source<'_>, needle: &'a Skeleton<'a>) -> impl Iterator<Item = Span> + 'a {
    let places = source.index.find(&source.skeleton, needle);
    places.map(move |place| source.span(place, place + needle.len()))
}

/// Adds those of `spans` (in document order) that overlap neither one another nor those found from
/// `first` on.
fn add(found: &mut Vec<Match>, first: usize, tier: Tier, spans: impl Iterator<Item = Span>) {
    let taken = found.len();
    let mut end = 0;
    for span in spans {
        // What ends last before `span` ends is the only one to check: they do not overlap.
        let known = &found[first..taken];
        let next = known.partition_point(|other| other.span.end <= span.start);
        let free = known
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
    if taken > first && found.len() > taken {
        found[first..].sort_unstable_by_key(|one| one.span);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::Shelf;

    proptest! {
        #[test]
        fn matches_do_not_overlap_and_fold_to_the_mention(
            text in "(a|A|b|-| |1|e\u{301}|ﬁ|\\.){0,40}", mention in "(a|b|-| |1|e|f|i){1,5}"
        ) {
            let (mut shelf, mut skeletons) = (Shelf::default(), Skeletons::default());
            let surface = Surface::new(&mention, &mut skeletons);
            let mut found = Vec::new();
            grounded(&Source::new(&text, &mut shelf), &surface, &skeletons, &mut found);
            for pair in found.windows(2) {
                prop_assert!(pair[0].span.end <= pair[1].span.start);
            }
            for one in found {
                let part = Surface::new(&text[one.span.start..one.span.end], &mut skeletons);
                prop_assert!(part.repeats(&surface, &skeletons));
            }
        }
    }

    proptest! {
        #[test]
        fn both_finders_find_the_same(text in "[ab中 kz]{0,40}", needle in "[ab中 kz]{1,4}") {
            let long = format!("{text}{}", "_".repeat(SMALL));
            prop_assert_eq!(
                spans(&text, &needle).collect::<Vec<_>>(),
                spans(&long, &needle).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn an_empty_needle_is_nowhere() {
        assert_eq!(spans("ab", "").count(), 0);
    }

    #[test]
    fn occurrences_may_overlap() {
        let starts: Vec<usize> = spans("ababa", "aba").map(|span| span.start).collect();
        assert_eq!(starts, [0, 2]);
    }
}
