//! Where in a text something similar to a mention stands.

mod reach;
mod sweep;
mod tally;

use std::cmp::Ordering;
use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use crate::align::{Match, Tier};
use crate::gap;
use crate::guard::Words;
use crate::lanes::Letters;
use crate::skeleton::Skeleton;
use crate::source::Source;
use crate::span::Span;
use reach::{Reach, Reaches};
use sweep::Search;
use tally::{Counted, Tallies};

/// Mentions whose skeleton is longer are not looked for by similarity, which bounds the time.
pub(crate) const LONGEST: usize = 512;

/// The most windows among which one that reads the same is looked for one by one.
const FEW: usize = 8;

/// The longest window whose letters are counted: a byte for each count.
const LONGEST_WINDOW: usize = 255;

/// The most characters of a text, times the needles, for which letters are counted.
const LITTLE: usize = 6 << 10;

/// Room for a search, to be used again and again.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    tallies: Tallies,
    windows: Vec<Window>,
    /// Texts of the first windows, and whether they agree with their needle.
    verdicts: Vec<(Span, bool)>,
    /// The windows of a needle that are chosen.
    taken: Vec<Range<usize>>,
    gaps: gap::Room,
    reaches: Reaches,
    letters: Letters,
    /// The numbers of the needles that are sent through the text, and how far they reach.
    left: Vec<(usize, Reach)>,
}

/// A mention to look for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needle<'n> {
    /// Its text without the punctuation around it.
    pub(crate) core: &'n str,
    /// The skeleton of that, from 3 to [`LONGEST`] characters.
    pub(crate) skeleton: Skeleton<'n>,
}

/// A window of whole words, as positions in the skeleton of the source.
#[derive(Debug, Clone)]
struct Window {
    /// The number of the needle that it is similar to.
    needle: usize,
    range: Range<usize>,
    score: f64,
}

impl Window {
    /// Orders windows by needle, then falling score, then position.
    fn best_first(&self, other: &Self) -> Ordering {
        let place = |window: &Self| (window.range.start, window.range.end);
        self.needle
            .cmp(&other.needle)
            .then(other.score.total_cmp(&self.score))
            .then_with(|| place(self).cmp(&place(other)))
    }
}

/// Visits the windows of whole words that are similar enough to one of `needles` and agree with it,
/// with the number of the needle; needle after needle, those of one without overlap, the best first,
/// then the earliest.
pub(crate) fn similar<'s>(
    source: &Source<'s>,
    needles: &[Needle<'s>],
    threshold: f64,
    desk: &mut Desk,
    visit: impl FnMut(usize, Match),
) {
    if needles.is_empty() {
        return;
    }
    let little = source.skeleton.len().saturating_mul(needles.len()) <= LITTLE;
    find(source, needles, threshold, little, desk);
    desk.windows.sort_unstable_by(Window::best_first);
    choose(source, needles, desk, visit);
}

/// Collects all windows that are similar enough, some of them twice; whether that is `little` to do
/// decides only how.
fn find<'s>(
    source: &Source<'s>,
    needles: &[Needle<'s>],
    threshold: f64,
    little: bool,
    desk: &mut Desk,
) {
    let Desk {
        tallies,
        windows,
        gaps,
        reaches,
        letters,
        left,
        ..
    } = desk;
    windows.clear();
    for (number, needle) in needles.iter().enumerate() {
        gap::windows(source, &needle.skeleton, gaps, |range, score| {
            if score >= threshold {
                windows.push(Window {
                    needle: number,
                    range,
                    score,
                });
            }
        });
    }
    left.clear();
    if little {
        tallies.fill(&source.skeleton);
    }
    for (number, needle) in needles.iter().enumerate() {
        let reach = reaches.get(needle.skeleton.len(), threshold);
        let counted = Counted::new(&needle.skeleton, reach).filter(|_| little);
        if let Some(counted) = counted {
            tallies.search(source.skeleton.bytes, &counted, letters, |range, score| {
                windows.push(Window {
                    needle: number,
                    range,
                    score,
                });
            });
        } else {
            left.push((number, reach.0));
        }
    }
    let mut left = &left[..];
    while !left.is_empty() {
        Search::new(source, needles, &mut left).run(letters, windows);
    }
}

/// Orders matches by tier, then falling score, then position.
pub(crate) fn best_first(a: &Match, b: &Match) -> Ordering {
    a.tier
        .cmp(&b.tier)
        .then(b.score.total_cmp(&a.score))
        .then(a.span.cmp(&b.span))
}

/// Visits the best of the sorted windows that agree with their needle and do not overlap.
fn choose(
    source: &Source<'_>,
    needles: &[Needle<'_>],
    desk: &mut Desk,
    mut visit: impl FnMut(usize, Match),
) {
    let Desk {
        windows,
        verdicts,
        taken,
        ..
    } = desk;
    for windows in windows.chunk_by(|one, next| one.needle == next.needle) {
        let number = windows[0].needle;
        let words = Words::new(needles[number].core, needles[number].skeleton);
        verdicts.clear();
        taken.clear();
        let mut more = None;
        for Window { range, score, .. } in windows {
            let after = taken.partition_point(|other| other.end <= range.start);
            let next = taken.get(after);
            if next.is_some_and(|other| other.start < range.end) {
                continue;
            }
            let span = source.span(range.start, range.end);
            // Most windows of a needle read the same.
            let text = |span: Span| &source.text[span.start..span.end];
            let same = |(other, _): &&(Span, bool)| text(*other) == text(span);
            let judge =
                || Words::new(source.text, source.skeleton.part(range.clone())).agree(&words);
            let agrees = match verdicts.iter().find(same) {
                Some((_, agrees)) => *agrees,
                None if verdicts.len() < FEW => {
                    let agrees = judge();
                    verdicts.push((span, agrees));
                    agrees
                }
                None => {
                    let more = more.get_or_insert_with(HashMap::new);
                    *more.entry(text(span)).or_insert_with(judge)
                }
            };
            if agrees {
                taken.insert(after, range.clone());
                let (tier, score) = (Tier::Fuzzy, *score);
                visit(number, Match { span, tier, score });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::distance::{edits, ratio};
    use crate::skeleton::{Skeletons, WORD_END, WORD_START};
    use crate::source::Shelf;

    /// Every window of words of `text` compared with `needle`.
    fn naive(
        source: &Source<'_>,
        needle: Skeleton<'_>,
        threshold: f64,
    ) -> Vec<(usize, usize, f64)> {
        let text = source.skeleton;
        let mut skeletons = Skeletons::default();
        let mut found = Vec::new();
        for end in (1..=text.len()).filter(|end| text.is(*end, WORD_END)) {
            for start in (0..end).filter(|start| text.is(*start, WORD_START)) {
                let span = source.span(start, end);
                let range = skeletons.push(&source.text[span.start..span.end]);
                let window = skeletons.get(range);
                let longer = window.len().max(needle.len());
                let chars = |one: &Skeleton<'_>| one.chars().collect::<Vec<char>>();
                let edited = ratio(longer - edits(&chars(&window), &chars(&needle)), longer);
                let score = gap::similarity(&window, &needle).unwrap_or(0.0).max(edited);
                if score >= threshold {
                    found.push((start, end, score));
                }
            }
        }
        found
    }

    /// Both ways to find windows against the naive one.
    fn check(text: &str, needle: &str, percent: u32) -> Result<(), TestCaseError> {
        let (mut shelf, mut skeletons) = (Shelf::default(), Skeletons::default());
        let source = Source::new(text, &mut shelf);
        let range = skeletons.push(needle);
        let skeleton = skeletons.get(range);
        if skeleton.len() < 3 {
            return Ok(());
        }
        let threshold = f64::from(percent) / 100.0;
        let core = needle;
        let expected = naive(&source, skeleton, threshold);
        for little in [false, true] {
            let mut desk = Desk::default();
            find(
                &source,
                &[Needle { core, skeleton }],
                threshold,
                little,
                &mut desk,
            );
            let mut best = BTreeMap::new();
            for Window { range, score, .. } in desk.windows {
                let known = best.entry((range.end, range.start)).or_insert(score);
                *known = known.max(score);
            }
            let found = best.into_iter().filter(|(_, score)| *score >= threshold);
            let found: Vec<_> = found
                .map(|((end, start), score)| (start, end, score))
                .collect();
            prop_assert_eq!(&found, &expected);
        }
        Ok(())
    }

    /// `text` with characters left out, put in, replaced and exchanged.
    fn edited(text: &str, edits: &[(usize, u8)]) -> String {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, kind) in edits {
            let place = place % chars.len().max(1);
            match kind {
                0 if chars.len() > 1 => drop(chars.remove(place)),
                1 if place + 1 < chars.len() => chars.swap(place, place + 1),
                2 => chars[place] = 'x',
                _ => chars.insert(place, 'y'),
            }
        }
        chars.into_iter().collect()
    }

    proptest! {
        #[test]
        fn windows_are_those_of_the_naive_search(
            text in "((ab|b|abc|cab|é)(| |, |-)){0,14}",
            needle in "([abc]{1,4} ){1,4}[abc]{1,3}|([abc]{1,9} ){6,9}ab",
            percent in 20u32..=100,
        ) {
            check(&text, &needle, percent)?;
        }

        #[test]
        fn windows_of_what_was_edited_are_those_of_the_naive_search(
            words in proptest::collection::vec("[a-e]{1,7}", 1..40),
            from in 0usize..40, count in 1usize..16,
            edits in proptest::collection::vec((0usize..99, 0u8..4), 0..10),
            percent in 60u32..=95,
        ) {
            let from = from % words.len();
            let part = words[from..words.len().min(from + count)].join(" ");
            check(&words.join(" "), &edited(&part, &edits), percent)?;
        }
    }
}
