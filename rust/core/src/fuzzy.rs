//! Where in a text something similar to a mention stands.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::align::{Match, Tier};
use crate::distance::{Anchor, Pattern, Sweep, ratio};
use crate::guard::markers;
use crate::source::{Source, Surface};
use crate::span::Span;

/// Mentions whose skeleton is longer are not looked for by similarity, which bounds the time.
pub(crate) const LONGEST: usize = 512;

/// The windows of whole words that are similar enough and have the markers of the mention; without
/// overlap, the best first, then the earliest.
pub(crate) fn similar(source: &Source<'_>, surface: &Surface<'_>, threshold: f64) -> Vec<Match> {
    if surface.is_short() || surface.core_skeleton.len() > LONGEST {
        return Vec::new();
    }
    let mut windows = windows(source, &surface.core_skeleton, threshold);
    windows.sort_by(best_first);
    let mut chosen = BTreeMap::<usize, Match>::new();
    let mut kept = Vec::new();
    for window in windows {
        if is_free(&chosen, window.span) && has_markers(source, window.span, &surface.markers) {
            chosen.insert(window.span.start, window);
            kept.push(window);
        }
    }
    kept
}

/// Orders matches by tier, then falling score, then position.
pub(crate) fn best_first(a: &Match, b: &Match) -> Ordering {
    a.tier
        .cmp(&b.tier)
        .then(b.score.total_cmp(&a.score))
        .then(a.span.cmp(&b.span))
}

fn is_free(chosen: &BTreeMap<usize, Match>, span: Span) -> bool {
    let before = chosen.range(..span.end).next_back();
    before.is_none_or(|(_, other)| !other.span.overlaps(span))
}

fn has_markers(source: &Source<'_>, span: Span, expected: &str) -> bool {
    markers(&source.text[span.start..span.end]) == expected
}

/// All similar windows of whole words, with their scores.
fn windows(source: &Source<'_>, needle: &[char], threshold: f64) -> Vec<Match> {
    let text = &source.skeleton.chars;
    let pattern = Pattern::new(needle);
    let mut sweep = Sweep::new(&pattern, Anchor::Anywhere);
    let distances: Vec<usize> = pattern
        .rows(text)
        .into_iter()
        .map(|row| sweep.read(row))
        .collect();

    let reversed: Vec<char> = needle.iter().rev().copied().collect();
    let pattern = Pattern::new(&reversed);
    let rows = pattern.rows(text);
    let mut found = Vec::new();
    for (last, distance) in distances.into_iter().enumerate() {
        // The longest window with this distance is the one that could score best.
        let hopeful = ratio(needle.len(), needle.len() + distance) >= threshold;
        if let Some(end) = source.word_end(last + 1).filter(|_| hopeful) {
            let sweep = Sweep::new(&pattern, Anchor::Start);
            found.extend(ending_at(
                source,
                sweep,
                &rows[..=last],
                end,
                needle.len(),
                threshold,
            ));
        }
    }
    found
}

/// The similar windows that end at byte `end`; `rows` are those of the skeleton before it.
fn ending_at(
    source: &Source<'_>,
    mut sweep: Sweep<'_>,
    rows: &[usize],
    end: usize,
    needle: usize,
    threshold: f64,
) -> impl Iterator<Item = Match> {
    let lengths = (1..=rows.len()).take_while(move |length| ratio(needle, *length) >= threshold);
    lengths.filter_map(move |length| {
        let position = rows.len() - length;
        let distance = sweep.read(rows[position]);
        let longer = needle.max(length);
        let score = ratio(longer - distance, longer);
        let start = source.word_start(position).filter(|_| score >= threshold)?;
        Some(Match {
            span: Span::new(start, end),
            tier: Tier::Fuzzy,
            score,
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::distance::levenshtein;
    use crate::fold::Skeleton;

    /// Every window of words of `text` compared with `needle`.
    fn naive(text: &str, needle: &[char], threshold: f64) -> Vec<(Span, f64)> {
        let source = Source::new(text);
        let length = source.skeleton.chars.len();
        let mut found = Vec::new();
        for last in 1..=length {
            for first in (0..last).rev() {
                let span = source.word_start(first).zip(source.word_end(last));
                let Some((start, end)) = span else { continue };
                let window = Skeleton::new(&text[start..end]).chars;
                let longer = window.len().max(needle.len());
                let score = ratio(longer - levenshtein(&window, needle), longer);
                if score >= threshold {
                    found.push((Span::new(start, end), score));
                }
            }
        }
        found
    }

    proptest! {
        #[test]
        fn windows_are_those_of_the_naive_search(
            text in "(a|b|c| |, |é){0,40}", needle in "[abce]{1,12}", percent in 20u32..=100
        ) {
            let needle: Vec<char> = needle.chars().collect();
            let threshold = f64::from(percent) / 100.0;
            let found = windows(&Source::new(&text), &needle, threshold);
            let found: Vec<_> = found.iter().map(|one| (one.span, one.score)).collect();
            prop_assert_eq!(found, naive(&text, &needle, threshold));
        }
    }
}
