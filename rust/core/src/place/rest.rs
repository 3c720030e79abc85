//! What is left for the mentions that order has no place for.

use std::ops::RangeInclusive;

use foldhash::{HashSet, HashSetExt};

use super::Said;
use super::options::{Choice, Options};
use crate::align::Match;
use crate::fuzzy::best_first;

/// What the mentions have taken.
pub(super) struct Taken<'p> {
    said: &'p [Said],
    found: &'p [Match],
    options: &'p Options,
    mentions: &'p [usize],
    choices: Vec<Option<Choice>>,
    /// Groups and places that are taken.
    used: HashSet<(usize, usize)>,
}

impl<'p> Taken<'p> {
    /// Nothing yet.
    pub(super) fn new(
        said: &'p [Said],
        found: &'p [Match],
        options: &'p Options,
        mentions: &'p [usize],
    ) -> Self {
        Self {
            said,
            found,
            options,
            mentions,
            choices: vec![None; mentions.len()],
            used: HashSet::new(),
        }
    }

    /// Gives the mentions that have no place in `choices` the best one that is left.
    pub(super) fn fill(mut self, choices: Vec<Option<Choice>>) -> Vec<Option<Choice>> {
        self.choices = choices;
        let done = |(choice, one): (&Option<Choice>, &usize)| {
            choice.is_some() || self.options.of(*one).is_empty()
        };
        if self.choices.iter().zip(self.mentions).all(done) {
            return self.choices;
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
        self.choices
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

    fn best_left(&mut self, one: usize, between: RangeInclusive<usize>) -> Option<Choice> {
        let said = &self.said[one];
        let free = |choice: &&Choice| !self.used.contains(&(said.group, choice.place));
        let aside =
            |choice: &Choice| (choice.weak, !between.contains(&choice.place), choice.inside);
        let candidates = said.among(self.found);
        let candidate = |choice: &Choice| &candidates[choice.candidate];
        let better = |a: &&Choice, b: &&Choice| {
            let aside = aside(a).cmp(&aside(b));
            aside.then_with(|| best_first(candidate(a), candidate(b)))
        };
        let best = *self.options.of(one).iter().filter(free).min_by(better)?;
        self.used.insert((said.group, best.place));
        Some(best)
    }

    /// Gives each mention the next place of its own that is free.
    pub(super) fn in_turn(mut self) -> Vec<Option<Choice>> {
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
        self.choices
    }
}
