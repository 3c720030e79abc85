//! Where in a text something similar to a mention stands.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::{Range, RangeFrom, RangeInclusive};

use crate::align::{Match, Tier};
use crate::distance::{Anchor, Pattern, Sweep, ratio};
use crate::gap;
use crate::guard::Words;
use crate::lanes::{Block, Hit, Path, Word};
use crate::rows::Rows;
use crate::skeleton::{Skeleton, WORD_END, WORD_START};
use crate::source::Source;

/// Mentions whose skeleton is longer are not looked for by similarity, which bounds the time.
pub(crate) const LONGEST: usize = 512;

/// Different windows of which is remembered whether they agree with their needle.
const VERDICTS: usize = 8;

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
    visit: impl FnMut(usize, Match),
) {
    if needles.is_empty() {
        return;
    }
    let mut windows = windows(source, needles, threshold);
    windows.sort_unstable_by(Window::best_first);
    choose(source, needles, &windows, visit);
}

/// All windows that are similar enough, some of them twice.
fn windows<'s>(source: &Source<'s>, needles: &[Needle<'s>], threshold: f64) -> Vec<Window> {
    let mut windows = Vec::new();
    for (number, needle) in needles.iter().enumerate() {
        gap::windows(source, &needle.skeleton, |range, score| {
            if score >= threshold {
                windows.push(Window {
                    needle: number,
                    range,
                    score,
                });
            }
        });
    }
    let mut done = 0;
    while done < needles.len() {
        let search = Search::new(source, (done, &needles[done..]), threshold);
        search.run(&mut windows);
        done += search.needles.len();
    }
    windows
}

/// Orders matches by tier, then falling score, then position.
pub(crate) fn best_first(a: &Match, b: &Match) -> Ordering {
    a.tier
        .cmp(&b.tier)
        .then(b.score.total_cmp(&a.score))
        .then(a.span.cmp(&b.span))
}

/// Visits the best of the sorted `windows` that agree with their needle and do not overlap.
fn choose(
    source: &Source<'_>,
    needles: &[Needle<'_>],
    windows: &[Window],
    mut visit: impl FnMut(usize, Match),
) {
    let (mut verdicts, mut taken) = (Vec::new(), Vec::<Range<usize>>::new());
    for windows in windows.chunk_by(|one, next| one.needle == next.needle) {
        let number = windows[0].needle;
        let words = Words::new(needles[number].core, needles[number].skeleton);
        verdicts.clear();
        taken.clear();
        for Window { range, score, .. } in windows {
            let after = taken.partition_point(|other| other.end <= range.start);
            let next = taken.get(after);
            if next.is_some_and(|other| other.start < range.end) {
                continue;
            }
            let span = source.span(range.start, range.end);
            // Most windows of a needle read the same.
            let text = &source.text[span.start..span.end];
            let known = verdicts.iter().find(|(other, _)| *other == text);
            let agrees = known.map_or_else(
                || Words::new(source.text, source.skeleton.part(range.clone())).agree(&words),
                |(_, agrees)| *agrees,
            );
            if known.is_none() && verdicts.len() < VERDICTS {
                verdicts.push((text, agrees));
            }
            if agrees {
                taken.insert(after, range.clone());
                let (tier, score) = (Tier::Fuzzy, *score);
                visit(number, Match { span, tier, score });
            }
        }
    }
}

/// A source and needles, by the rows of their characters.
struct Search<'s> {
    skeleton: Skeleton<'s>,
    threshold: f64,
    rows: Rows,
    text: Cow<'s, [u8]>,
    /// The number of the first needle.
    first: usize,
    needles: Vec<(Skeleton<'s>, Cow<'s, [u8]>)>,
}

impl<'s> Search<'s> {
    /// Takes as many of `needles` as have different characters enough, and at least one.
    fn new(source: &Source<'s>, (first, needles): (usize, &[Needle<'s>]), threshold: f64) -> Self {
        let mut rows = Rows::default();
        let fit = needles
            .iter()
            .take_while(|needle| rows.add(&needle.skeleton));
        let fit = fit.count().max(1);
        let coded = |needle: &Needle<'s>| (needle.skeleton, rows.read(&needle.skeleton));
        Self {
            skeleton: source.skeleton,
            threshold,
            text: rows.read(&source.skeleton),
            first,
            needles: needles[..fit].iter().map(coded).collect(),
            rows,
        }
    }

    /// Looks for all needles.
    fn run(&self, windows: &mut Vec<Window>) {
        let wide = self
            .needles
            .iter()
            .any(|(needle, _)| (33..=64).contains(&needle.len()));
        if wide && self.needles.len() <= 8 {
            // One block of wide lanes is less work than two blocks.
            self.lanes::<u64, 8, 8>(1..=64, windows);
        } else {
            self.lanes::<u32, 8, 16>(1..=32, windows);
            self.lanes::<u64, 8, 8>(33..=64, windows);
        }
        self.long(65.., windows);
    }

    /// Looks for the needles of the given lengths, `MANY` or, if there are no more, `FEW` at a time.
    fn lanes<W: Word, const FEW: usize, const MANY: usize>(
        &self,
        lengths: RangeInclusive<usize>,
        windows: &mut Vec<Window>,
    ) {
        let numbers = 0..self.needles.len();
        let fits = |number: &usize| lengths.contains(&self.needles[*number].0.len());
        let numbers: Vec<usize> = numbers.filter(fits).collect();
        for numbers in numbers.chunks(MANY) {
            if numbers.len() <= FEW {
                self.block::<W, FEW>(numbers, windows);
            } else {
                self.block::<W, MANY>(numbers, windows);
            }
        }
    }

    fn block<W: Word, const LANES: usize>(&self, numbers: &[usize], windows: &mut Vec<Window>) {
        let needle = |number: &usize| {
            let needle = &self.needles[*number].1[..];
            (needle, most(needle.len(), self.threshold))
        };
        let needles: Vec<_> = numbers.iter().map(needle).collect();
        let block = Block::<W, LANES>::new(&needles, self.rows.count());
        let mut hits = Vec::new();
        block.search(Path::best(), &self.text, &mut hits);
        for Hit {
            needle: lane, end, ..
        } in hits
        {
            let (needle, limit) = needles[lane];
            let longest = || self.longest(end, needle.len(), limit);
            let ends = self.skeleton.is(end, WORD_END);
            if let Some(longest) = ends.then(longest).flatten() {
                block.read_back(lane, &self.text[..end], longest, |count, distance| {
                    self.consider((end, count), (numbers[lane], distance), windows);
                });
            }
        }
    }

    /// As [`Self::lanes`], for needles of any length.
    fn long(&self, lengths: RangeFrom<usize>, windows: &mut Vec<Window>) {
        for (number, (needle, _)) in self.needles.iter().enumerate() {
            if lengths.contains(&needle.len()) {
                self.one(number, windows);
            }
        }
    }

    fn one(&self, number: usize, windows: &mut Vec<Window>) {
        let text: Vec<char> = self.skeleton.chars().collect();
        let needle: Vec<char> = self.needles[number].0.chars().collect();
        let reversed: Vec<char> = needle.iter().rev().copied().collect();
        let (pattern, back) = (Pattern::new(&needle), Pattern::new(&reversed));
        let (rows, back_rows) = (pattern.rows(&text), back.rows(&text));
        let limit = most(needle.len(), self.threshold);
        let mut sweep = Sweep::new(&pattern, Anchor::Anywhere);
        for (last, row) in rows.into_iter().enumerate() {
            let end = last + 1;
            if sweep.read(row) <= limit && self.skeleton.is(end, WORD_END) {
                let Some(longest) = self.longest(end, needle.len(), limit) else {
                    continue;
                };
                let mut sweep = Sweep::new(&back, Anchor::Start);
                for (before, row) in back_rows[..end].iter().rev().take(longest).enumerate() {
                    let distance = sweep.read(*row);
                    self.consider((end, before + 1), (number, distance), windows);
                }
            }
        }
    }

    /// How many characters the longest window of words has that ends at `end` and may be similar to
    /// a needle of `length`.
    fn longest(&self, end: usize, length: usize, limit: usize) -> Option<usize> {
        let first = end.saturating_sub(length + limit);
        let last = end.checked_sub(length.saturating_sub(limit).max(1))?;
        let start = (first..=last).find(|start| self.skeleton.is(*start, WORD_START))?;
        Some(end - start)
    }

    /// Collects the window of the last `count` characters before `end` if it is similar enough to a
    /// needle, given by its number here, from which it has `distance`.
    fn consider(
        &self,
        (end, count): (usize, usize),
        (number, distance): (usize, usize),
        windows: &mut Vec<Window>,
    ) {
        if !self.skeleton.is(end - count, WORD_START) {
            return;
        }
        let longer = count.max(self.needles[number].0.len());
        let score = ratio(longer - distance, longer);
        if score >= self.threshold {
            windows.push(Window {
                needle: self.first + number,
                range: end - count..end,
                score,
            });
        }
    }
}

/// The greatest distance that a needle of `length` may have to a window, which is then that much
/// longer.
fn most(length: usize, threshold: f64) -> usize {
    let far = ratio(length, 2 * length) >= threshold;
    let (mut least, mut greatest) = (0, if far { 1024 * length } else { length });
    while least < greatest {
        let middle = (least + greatest).div_ceil(2);
        if ratio(length, length + middle) >= threshold {
            least = middle;
        } else {
            greatest = middle - 1;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::distance::edits;
    use crate::skeleton::Skeletons;
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

    proptest! {
        #[test]
        fn windows_are_those_of_the_naive_search(
            text in "((ab|b|abc|cab|é)(| |, |-)){0,14}",
            needle in "([abc]{1,4} ){1,4}[abc]{1,3}|([abc]{1,9} ){6,9}ab",
            percent in 20u32..=100,
        ) {
            let (mut shelf, mut skeletons) = (Shelf::default(), Skeletons::default());
            let source = Source::new(&text, &mut shelf);
            let range = skeletons.push(&needle);
            let skeleton = skeletons.get(range);
            if skeleton.len() < 3 { return Ok(()); }
            let threshold = f64::from(percent) / 100.0;
            let needle = Needle { core: &needle, skeleton };
            let windows = windows(&source, &[needle], threshold);
            let mut best = BTreeMap::new();
            for Window { range, score, .. } in windows {
                let known = best.entry((range.end, range.start)).or_insert(score);
                *known = known.max(score);
            }
            let found: Vec<_> = best
                .into_iter()
                .filter(|(_, score)| *score >= threshold)
                .map(|((end, start), score)| (start, end, score))
                .collect();
            prop_assert_eq!(found, naive(&source, skeleton, threshold));
        }
    }

    #[test]
    fn the_greatest_distance_is_exact() {
        assert_eq!(most(4, 0.8), 1);
        assert_eq!(most(20, 0.8), 5);
        assert_eq!(most(10, 1.0), 0);
        assert_eq!(most(10, 0.5), 10);
    }
}
