//! Which mention takes which occurrence.

use std::collections::HashSet;
use std::ops::Range;

use crate::align::{Match, Tier};
use crate::fuzzy::best_first;
use crate::span::Span;

/// The most pairs of a mention and a candidate that are weighed against each other.
const MOST_PAIRS: usize = 1 << 20;

/// A fuzzy candidate that scores this much less than the best one is taken last.
const MARGIN: f64 = 0.1;

/// What an exact, a folded and a perfect fuzzy candidate are worth.
const WORTH: [u32; 3] = [1000, 990, 900];

/// What is taken off for standing inside a longer mention.
const INSIDE: u32 = 250;

/// A string that was said, once or several times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'m> {
    /// Repeats of one mention, however they are written, have the same group, from 0 on.
    pub(crate) group: usize,
    /// Where it stands, in any order, without overlap.
    pub(crate) candidates: &'m [Match],
}

/// One match for each of `mentions`, which are given as the numbers of what was `said`.
///
/// Two mentions of a group never get the same occurrence, which is what candidates that overlap are.
/// As many as can be are placed so that each begins after the one before; of all ways to do so the
/// one that is worth most is taken, and among those the one in which each mention in turn stands
/// earliest. The others get what is left for them: rather between their neighbours than elsewhere,
/// rather outside of longer mentions than inside, then the better ones, then the earlier ones.
///
/// With too many pairs of a mention and a candidate, each mention takes the next one in turn.
pub(crate) fn place(said: &[Said<'_>], mentions: &[usize]) -> Vec<Option<Match>> {
    let options = Options::new(said);
    let pairs: usize = mentions.iter().map(|one| options.of(*one).len()).sum();
    let mut taken = Taken {
        said,
        options: &options,
        mentions,
        choices: vec![None; mentions.len()],
        used: HashSet::new(),
    };
    if pairs > MOST_PAIRS {
        taken.in_turn();
    } else {
        taken.choices = chain(&options, mentions);
        taken.fill();
    }
    let found = |(one, choice): (&usize, &Option<Choice>)| {
        Some(said[*one].candidates[(*choice)?.candidate])
    };
    mentions.iter().zip(&taken.choices).map(found).collect()
}

/// A candidate as one of the places to put a mention.
#[derive(Debug, Clone, Copy)]
struct Choice {
    /// Its number among what is said.
    candidate: usize,
    /// The number of its occurrence, in document order.
    place: usize,
    worth: u32,
    inside: bool,
    /// Whether there is a much better one.
    weak: bool,
}

/// The choices of all that was said, each in document order.
#[derive(Debug)]
struct Options {
    choices: Vec<Choice>,
    ranges: Vec<Range<usize>>,
    places: usize,
}

impl Options {
    fn new(said: &[Said<'_>]) -> Self {
        let mut ranges = Vec::with_capacity(said.len());
        let total = said.iter().map(|one| one.candidates.len()).sum();
        let mut sorted = Vec::with_capacity(total);
        for (number, one) in said.iter().enumerate() {
            let first = sorted.len();
            for (candidate, found) in one.candidates.iter().enumerate() {
                sorted.push((in_order(found.span), number, candidate));
            }
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
        for (_, number, candidate) in sorted {
            let (one, group) = (said[number].candidates[candidate], said[number].group);
            let inside = cover.surrounds(group, one.span.start, one.span.end);
            let loss = if inside { INSIDE } else { 0 };
            choices[next[number]] = Choice {
                candidate,
                place: numbering.number(group, one.span.start, one.span.end),
                worth: worth(&one) - loss,
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
        new.weaken(said);
        new
    }

    /// Finds the weak ones.
    fn weaken(&mut self, said: &[Said<'_>]) {
        for (one, range) in said.iter().zip(&self.ranges) {
            let scores = one.candidates.iter().map(|candidate| candidate.score);
            let limit = scores.fold(0.0, f64::max) - MARGIN;
            for choice in &mut self.choices[range.clone()] {
                choice.weak = one.candidates[choice.candidate].score < limit;
            }
        }
    }

    fn of(&self, number: usize) -> &[Choice] {
        &self.choices[self.ranges[number].clone()]
    }
}

/// A number by which spans are ordered by their starts, longer ones first.
fn in_order(span: Span) -> u128 {
    (span.start as u128) << 64 | (usize::MAX - span.end) as u128
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
    fn new(said: &[Said<'_>]) -> Self {
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

/// The choices of the mentions on the best chain of rising places.
fn chain(options: &Options, mentions: &[usize]) -> Vec<Option<Choice>> {
    let mut best = Suffixes::new(options.places);
    // What each choice and all that can follow it are worth, the last mention first.
    let mut values = Vec::new();
    for one in mentions.iter().rev() {
        let first = values.len();
        let strong = |choice: &Choice| !choice.weak;
        let value = |choice: &Choice| {
            let after = best.from(choice.place + 1);
            if strong(choice) {
                u64::from(choice.worth) + after
            } else {
                0
            }
        };
        values.extend(options.of(*one).iter().map(value));
        for (choice, value) in options.of(*one).iter().zip(&values[first..]) {
            best.raise(choice.place, *value);
        }
    }
    let mut rest = best.from(0);
    let (mut after, mut end) = (0, values.len());
    let mut choices = Vec::with_capacity(mentions.len());
    for one in mentions {
        let own = options.of(*one);
        let values = &values[end - own.len()..end];
        end -= own.len();
        let chosen = own
            .iter()
            .zip(values)
            .find(|(choice, value)| rest > 0 && **value == rest && choice.place >= after);
        choices.push(chosen.map(|(choice, _)| *choice));
        if let Some((choice, _)) = chosen {
            rest -= u64::from(choice.worth);
            after = choice.place + 1;
        }
    }
    choices
}

/// The greatest value from each place on (Fenwick 1994, from the end).
#[derive(Debug)]
struct Suffixes(Vec<u64>);

impl Suffixes {
    fn new(places: usize) -> Self {
        Self(vec![0; places])
    }

    /// The greatest value at `place` or after.
    fn from(&self, place: usize) -> u64 {
        let mut left = self.0.len().saturating_sub(place);
        let mut greatest = 0;
        while left > 0 {
            greatest = greatest.max(self.0[left - 1]);
            left &= left - 1;
        }
        greatest
    }

    fn raise(&mut self, place: usize, value: u64) {
        let mut number = self.0.len() - place;
        while number <= self.0.len() {
            let slot = &mut self.0[number - 1];
            *slot = value.max(*slot);
            number += number & number.wrapping_neg();
        }
    }
}

/// What each mention has taken.
struct Taken<'p> {
    said: &'p [Said<'p>],
    options: &'p Options,
    mentions: &'p [usize],
    choices: Vec<Option<Choice>>,
    /// Groups and places that are taken.
    used: HashSet<(usize, usize)>,
}

impl Taken<'_> {
    /// Gives the mentions that have no place the best one that is left.
    fn fill(&mut self) {
        let done = |(choice, one): (&Option<Choice>, &usize)| {
            choice.is_some() || self.options.of(*one).is_empty()
        };
        if self.choices.iter().zip(self.mentions).all(done) {
            return;
        }
        for (one, choice) in self.mentions.iter().zip(&self.choices) {
            self.used
                .extend(choice.map(|choice| (self.said[*one].group, choice.place)));
        }
        let mut lower = 0;
        for (index, upper) in self.uppers().into_iter().enumerate() {
            if let Some(choice) = self.choices[index] {
                lower = choice.place;
            } else {
                self.choices[index] = self.best_left(self.mentions[index], lower..=upper);
            }
        }
    }

    /// For each mention the place of the next one on the chain.
    fn uppers(&self) -> Vec<usize> {
        let mut upper = self.options.places;
        let mut uppers: Vec<usize> = self
            .choices
            .iter()
            .rev()
            .map(|choice| {
                upper = choice.map_or(upper, |choice| choice.place);
                upper
            })
            .collect();
        uppers.reverse();
        uppers
    }

    fn best_left(
        &mut self,
        one: usize,
        between: std::ops::RangeInclusive<usize>,
    ) -> Option<Choice> {
        let said = &self.said[one];
        let free = |choice: &&Choice| !self.used.contains(&(said.group, choice.place));
        let aside =
            |choice: &Choice| (choice.weak, !between.contains(&choice.place), choice.inside);
        let candidate = |choice: &Choice| &said.candidates[choice.candidate];
        let better = |a: &&Choice, b: &&Choice| {
            let aside = aside(a).cmp(&aside(b));
            aside.then_with(|| best_first(candidate(a), candidate(b)))
        };
        let best = *self.options.of(one).iter().filter(free).min_by(better)?;
        self.used.insert((said.group, best.place));
        Some(best)
    }

    /// Gives each mention the next place of its own that is free.
    fn in_turn(&mut self) {
        let mut next = vec![0; self.said.len()];
        for (index, one) in self.mentions.iter().enumerate() {
            let (group, own) = (self.said[*one].group, self.options.of(*one));
            while let Some(choice) = own.get(next[*one]) {
                next[*one] += 1;
                if self.used.insert((group, choice.place)) {
                    self.choices[index] = Some(*choice);
                    break;
                }
            }
        }
    }
}
