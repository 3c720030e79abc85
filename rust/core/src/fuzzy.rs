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
    range: Range<usize>,
    score: f64,
}

/// For each of `needles` the windows of whole words that are similar enough and agree with it;
/// without overlap, the best first, then the earliest.
pub(crate) fn similar<'s>(
    source: &Source<'s>,
    needles: &[Needle<'s>],
    threshold: f64,
) -> Vec<Vec<Match>> {
    let mut windows = vec![Vec::new(); needles.len()];
    for (needle, windows) in needles.iter().zip(&mut windows) {
        gap::windows(source, &needle.skeleton, |range, score| {
            if score >= threshold {
                windows.push(Window { range, score });
            }
        });
    }
    let mut done = 0;
    while done < needles.len() {
        let search = Search::new(source, &needles[done..], threshold);
        let windows = &mut windows[done..done + search.needles.len()];
        search.run(windows);
        done += search.needles.len();
    }
    let pairs = needles.iter().zip(windows);
    pairs
        .map(|(needle, windows)| choose(source, needle, windows))
        .collect()
}

/// Orders matches by tier, then falling score, then position.
pub(crate) fn best_first(a: &Match, b: &Match) -> Ordering {
    a.tier
        .cmp(&b.tier)
        .then(b.score.total_cmp(&a.score))
        .then(a.span.cmp(&b.span))
}

/// The best of `windows` that agree with the needle and do not overlap.
fn choose(source: &Source<'_>, needle: &Needle<'_>, mut windows: Vec<Window>) -> Vec<Match> {
    let place = |window: &Window| (window.range.start, window.range.end);
    windows.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(place(a).cmp(&place(b))));
    let words = Words::new(needle.core, needle.skeleton);
    let mut verdicts = Vec::new();
    let (mut chosen, mut taken) = (Vec::new(), Vec::<Range<usize>>::new());
    for Window { range, score } in windows {
        let after = taken.partition_point(|other| other.end <= range.start);
        if taken
            .get(after)
            .is_some_and(|other| other.start < range.end)
        {
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
            taken.insert(after, range);
            chosen.push(Match {
                span,
                tier: Tier::Fuzzy,
                score,
            });
        }
    }
    chosen
}

/// A source and needles, by the rows of their characters.
struct Search<'s> {
    skeleton: Skeleton<'s>,
    threshold: f64,
    rows: Rows,
    text: Cow<'s, [u8]>,
    needles: Vec<(Skeleton<'s>, Cow<'s, [u8]>)>,
}

impl<'s> Search<'s> {
    /// Takes as many of `needles` as have different characters enough, and at least one.
    fn new(source: &Source<'s>, needles: &[Needle<'s>], threshold: f64) -> Self {
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
            needles: needles[..fit].iter().map(coded).collect(),
            rows,
        }
    }

    /// Looks for all needles.
    fn run(&self, windows: &mut [Vec<Window>]) {
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
        windows: &mut [Vec<Window>],
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

    fn block<W: Word, const LANES: usize>(&self, numbers: &[usize], windows: &mut [Vec<Window>]) {
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
                let windows = &mut windows[numbers[lane]];
                block.read_back(lane, &self.text[..end], longest, |count, distance| {
                    self.consider((end, count), (needle.len(), distance), windows);
                });
            }
        }
    }

    /// As [`Self::lanes`], for needles of any length.
    fn long(&self, lengths: RangeFrom<usize>, windows: &mut [Vec<Window>]) {
        let pairs = self.needles.iter().zip(windows);
        for ((needle, _), windows) in pairs.filter(|((one, _), _)| lengths.contains(&one.len())) {
            self.one(needle, windows);
        }
    }

    fn one(&self, needle: &Skeleton<'_>, windows: &mut Vec<Window>) {
        let text: Vec<char> = self.skeleton.chars().collect();
        let needle: Vec<char> = needle.chars().collect();
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
                    self.consider((end, before + 1), (needle.len(), distance), windows);
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
    /// needle of `length`, from which it has `distance`.
    fn consider(
        &self,
        (end, count): (usize, usize),
        (length, distance): (usize, usize),
        windows: &mut Vec<Window>,
    ) {
        if !self.skeleton.is(end - count, WORD_START) {
            return;
        }
        let longer = length.max(count);
        let score = ratio(longer - distance, longer);
        if score >= self.threshold {
            let range = end - count..end;
            windows.push(Window { range, score });
        }
    }
}

/// The greatest distance that a needle of `length` may have to a window, which is then that much
/// longer.
fn most(length: usize, threshold: f64) -> usize {
    let (mut least, mut greatest) = (0, 1024 * length);
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
            let mut windows = vec![Vec::new()];
            gap::windows(&source, &skeleton, |range, score| windows[0].push(Window { range, score }));
            let search = Search::new(&source, &[needle], threshold);
            search.run(&mut windows);
            let mut best = BTreeMap::new();
            for Window { range, score } in windows.remove(0) {
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
