//! Where mentions can be put.

use std::cmp::Reverse;
use std::ops::Range;

use super::{Said, short};
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

/// The choices of all that was said, each in document order, to be filled again and again.
#[derive(Debug, Default)]
pub(super) struct Options {
    choices: Vec<Choice>,
    ranges: Vec<Range<usize>>,
    pub(super) places: usize,
    /// For each candidate the number of what was said, then room to sort them.
    owners: Vec<usize>,
    order: Vec<u64>,
    next: Vec<usize>,
    cover: Cover,
    numbering: Numbering,
}

impl Options {
    /// Fills it in place of what was there before.
    pub(super) fn fill(&mut self, said: &[Said], found: &[Match]) {
        self.sort(said, found);
        self.next.clear();
        self.next
            .extend(self.ranges.iter().map(|range| range.start));
        let none = Choice {
            candidate: 0,
            place: 0,
            worth: 0,
            inside: false,
            weak: false,
        };
        self.choices.clear();
        self.choices.resize(self.order.len(), none);
        self.cover.clear();
        self.numbering.clear(said);
        for key in &self.order {
            let index = numbers(*key).1;
            let number = self.owners[index];
            let candidate = index - self.ranges[number].start;
            let (one, group) = (&said[number].among(found)[candidate], said[number].group);
            let inside = self.cover.surrounds(group, one.span.start, one.span.end);
            let loss = if inside { INSIDE } else { 0 };
            self.choices[self.next[number]] = Choice {
                candidate,
                place: self.numbering.number(group, one.span.start, one.span.end),
                worth: worth(one) - loss,
                inside,
                weak: false,
            };
            self.next[number] += 1;
        }
        self.places = self.numbering.count;
        self.weaken(said, found);
    }

    /// Makes `order` that of the starts, longer ones first.
    fn sort(&mut self, said: &[Said], found: &[Match]) {
        let Self {
            ranges,
            owners,
            order,
            ..
        } = self;
        ranges.clear();
        owners.clear();
        order.clear();
        for (number, one) in said.iter().enumerate() {
            let first = order.len();
            for one in one.among(found) {
                order.push(key(one.span, order.len()));
                owners.push(number);
            }
            ranges.push(first..order.len());
        }
        order.sort_unstable();
        let end = |index: usize| {
            let number = owners[index];
            said[number].among(found)[index - ranges[number].start]
                .span
                .end
        };
        for equal in order.chunk_by_mut(|one, next| numbers(*one).0 == numbers(*next).0) {
            if equal.len() > 1 {
                equal.sort_unstable_by_key(|key| {
                    let index = numbers(*key).1;
                    (Reverse(end(index)), index)
                });
            }
        }
    }

    /// Finds the weak ones.
    fn weaken(&mut self, said: &[Said], found: &[Match]) {
        for (one, range) in said.iter().zip(&self.ranges) {
            let candidates = one.among(found);
            let is_fuzzy = |one: &Match| one.tier == Tier::Fuzzy;
            if candidates.len() < 2 || !candidates.iter().any(is_fuzzy) {
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

/// A number by which spans are ordered by their starts, with the index of what has the span.
fn key(span: Span, index: usize) -> u64 {
    u64::from(short(span.start)) << 32 | u64::from(short(index))
}

/// The start of the span of a [`key`], and the index.
fn numbers(key: u64) -> (u64, usize) {
    let index = usize::try_from(key & u64::from(u32::MAX)).unwrap_or(0);
    (key >> 32, index)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is at most 1"
)]
pub(super) fn worth(one: &Match) -> u32 {
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
    /// Forgets all spans.
    fn clear(&mut self) {
        self.far = Default::default();
        self.last = Default::default();
        self.equal.clear();
    }

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
#[derive(Debug, Default)]
struct Numbering {
    /// The last start, and how many different ones there were.
    start: Option<usize>,
    count: usize,
    /// For each group the end and the number of the last occurrence.
    last: Vec<(usize, usize)>,
}

impl Numbering {
    /// Forgets all occurrences, and makes room for those of the groups of `said`.
    fn clear(&mut self, said: &[Said]) {
        let groups = said.iter().map(|one| one.group + 1).max().unwrap_or(0);
        (self.start, self.count) = (None, 0);
        self.last.clear();
        self.last.resize(groups, (0, 0));
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
