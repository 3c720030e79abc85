//! Where mentions can be put.

use std::ops::Range;

use super::Said;
use crate::align::{Match, Tier};
use crate::span::Span;

/// A fuzzy candidate that scores this much less than the best one is taken last.
const MARGIN: f64 = 0.1;

/// What an exact, a folded and a perfect fuzzy candidate are worth.
const WORTH: [u32; 3] = [1000, 990, 900];

/// What is taken off for standing inside a longer mention.
const INSIDE: u32 = 250;

/// A candidate as one of the places to put a mention.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// Its number among what is said.
    pub(super) candidate: usize,
    /// The number of its occurrence, in document order.
    pub(super) place: usize,
    pub(super) worth: u32,
    pub(super) inside: bool,
    /// Whether there is a much better one.
    pub(super) weak: bool,
}

/// The choices of all that was said, each in document order.
#[derive(Debug)]
pub(super) struct Options {
    choices: Vec<Choice>,
    ranges: Vec<Range<usize>>,
    pub(super) places: usize,
}

impl Options {
    pub(super) fn new(said: &[Said], found: &[Match]) -> Self {
        let mut ranges = Vec::with_capacity(said.len());
        let mut sorted = Vec::with_capacity(found.len());
        for (number, one) in said.iter().enumerate() {
            let first = sorted.len();
            let candidates = one.among(found).iter().enumerate();
            sorted.extend(candidates.map(|(candidate, one)| key(one.span, number, candidate)));
            ranges.push(first..sorted.len());
        }
        sorted.sort_unstable();
        let mut next: Vec<usize> = ranges.iter().map(|range| range.start).collect();
        let none = Choice {
            candidate: 0,
            place: 0,
            worth: 0,
            inside: false,
            weak: false,
        };
        let mut choices = vec![none; sorted.len()];
        let (mut cover, mut numbering) = (Cover::default(), Numbering::new(said));
        for (number, candidate) in sorted.into_iter().map(numbers) {
            let (one, group) = (&said[number].among(found)[candidate], said[number].group);
            let inside = cover.surrounds(group, one.span.start, one.span.end);
            let loss = if inside { INSIDE } else { 0 };
            choices[next[number]] = Choice {
                candidate,
                place: numbering.number(group, one.span.start, one.span.end),
                worth: worth(one) - loss,
                inside,
                weak: false,
            };
            next[number] += 1;
        }
        let mut new = Self {
            choices,
            ranges,
            places: numbering.count,
        };
        new.weaken(said, found);
        new
    }

    /// Finds the weak ones.
    fn weaken(&mut self, said: &[Said], found: &[Match]) {
        for (one, range) in said.iter().zip(&self.ranges) {
            let candidates = one.among(found);
            if candidates.len() < 2 {
                continue;
            }
            let scores = candidates.iter().map(|candidate| candidate.score);
            let limit = scores.fold(0.0, f64::max) - MARGIN;
            for choice in &mut self.choices[range.clone()] {
                choice.weak = candidates[choice.candidate].score < limit;
            }
        }
    }

    pub(super) fn of(&self, number: usize) -> &[Choice] {
        &self.choices[self.ranges[number].clone()]
    }
}

/// A number by which spans are ordered by their starts, longer ones first, with what has the span.
fn key(span: Span, number: usize, candidate: usize) -> u128 {
    let word = |value: usize| u128::from(u32::try_from(value).unwrap_or(u32::MAX));
    let far = word(u32::MAX as usize - span.end);
    word(span.start) << 96 | far << 64 | word(number) << 32 | word(candidate)
}

/// What has the span of a [`key`]: the number of what was said, and that of the candidate.
fn numbers(key: u128) -> (usize, usize) {
    let word = |shift: u32| usize::try_from(key >> shift & u128::from(u32::MAX)).unwrap_or(0);
    (word(32), word(0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is at most 1"
)]
fn worth(one: &Match) -> u32 {
    let [exact, folded, fuzzy] = WORTH;
    match one.tier {
        Tier::Exact => exact,
        Tier::Folded => folded,
        Tier::Fuzzy => INSIDE + (f64::from(fuzzy - INSIDE) * one.score) as u32,
    }
}

/// How far the spans reach that were seen, in the order of their starts, longer ones first.
#[derive(Debug, Default)]
struct Cover {
    /// The farthest end, with its group, and the farthest one of another group.
    far: [(usize, usize); 2],
    /// Those of the spans equal to the last one, which do not surround each other.
    last: (usize, usize),
    equal: Vec<usize>,
}

impl Cover {
    /// Whether a span of another group that was seen is longer and surrounds this one.
    fn surrounds(&mut self, group: usize, start: usize, end: usize) -> bool {
        if self.last != (start, end) {
            let (_, last) = std::mem::replace(&mut self.last, (start, end));
            while let Some(equal) = self.equal.pop() {
                self.reach(equal, last);
            }
        }
        self.equal.push(group);
        let others = self.far.iter().filter(|(other, _)| *other != group);
        others.map(|(_, far)| *far).max() >= Some(end)
    }

    fn reach(&mut self, group: usize, end: usize) {
        let [first, second] = &mut self.far;
        if end > first.1 {
            if first.0 != group {
                *second = *first;
            }
            *first = (group, end);
        } else if group != first.0 && end > second.1 {
            *second = (group, end);
        }
    }
}

/// Numbers the occurrences of each group as they begin.
#[derive(Debug)]
struct Numbering {
    /// The last start, and how many different ones there were.
    start: Option<usize>,
    count: usize,
    /// For each group the end and the number of the last occurrence.
    last: Vec<(usize, usize)>,
}

impl Numbering {
    fn new(said: &[Said]) -> Self {
        let groups = said.iter().map(|one| one.group + 1).max().unwrap_or(0);
        Self {
            start: None,
            count: 0,
            last: vec![(0, 0); groups],
        }
    }

    fn number(&mut self, group: usize, start: usize, end: usize) -> usize {
        if self.start != Some(start) {
            self.start = Some(start);
            self.count += 1;
        }
        let (reached, number) = &mut self.last[group];
        if start >= *reached {
            *number = self.count - 1;
        }
        *reached = (*reached).max(end);
        *number
    }
}
