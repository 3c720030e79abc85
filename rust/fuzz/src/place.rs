//! Which mention takes which occurrence, by trying all chains.

use std::collections::{HashMap, HashSet};

use nerharness_core::{Match, Tier};

use crate::search::{Source, best_first};
use crate::text::{core, letters, skeleton, trimmed};

/// A candidate of a mention as a place to put it.
#[derive(Debug, Clone)]
struct Choice {
    found: Match,
    key: String,
    place: usize,
    worth: u32,
    inside: bool,
    weak: bool,
}

/// The documented placement.
#[must_use]
pub fn align(text: &str, mentions: &[String], threshold: f64) -> Vec<Option<Match>> {
    let source = Source::new(text);
    let known: HashMap<&str, Vec<Match>> = mentions
        .iter()
        .map(|mention| (mention.as_str(), source.candidates(mention, threshold)))
        .collect();
    let choices = choices(&known);
    let rows: Vec<&[Choice]> = mentions
        .iter()
        .map(|one| &choices[one.as_str()][..])
        .collect();
    let mut answers = Chains::new(&rows).best();
    fill(&rows, &mut answers, text.len());
    answers
        .into_iter()
        .map(|one| one.map(|choice| choice.found))
        .collect()
}

/// What repeats of one mention have in common.
#[must_use]
pub fn key(mention: &str) -> String {
    let skeleton: String = skeleton(&letters(core(mention))).into_iter().collect();
    if skeleton.is_empty() {
        trimmed(mention).to_owned()
    } else {
        skeleton
    }
}

/// The choices of each mention, in document order.
fn choices<'m>(known: &HashMap<&'m str, Vec<Match>>) -> HashMap<&'m str, Vec<Choice>> {
    let keys: HashMap<&str, String> = known.keys().map(|one| (*one, key(one))).collect();
    let mut choices = HashMap::new();
    for (mention, found) in known {
        let own = &keys[mention];
        let (same, others): (Vec<_>, Vec<_>) =
            known.iter().partition(|(one, _)| keys[*one] == *own);
        let all = |side: Vec<(&&str, &Vec<Match>)>| {
            side.into_iter()
                .flat_map(|(_, found)| found.clone())
                .collect::<Vec<Match>>()
        };
        let (places, others) = (places(all(same)), all(others));
        let best = found.iter().map(|one| one.score).fold(0.0, f64::max);
        let choice = |one: &Match| {
            let inside = others.iter().any(|other| other.span.surrounds(one.span));
            Choice {
                found: *one,
                key: own.clone(),
                place: places[&(one.span.start, one.span.end)],
                worth: worth(one) - if inside { 250 } else { 0 },
                inside,
                weak: one.score < best - 0.1,
            }
        };
        let mut row: Vec<Choice> = found.iter().map(choice).collect();
        row.sort_by_key(|choice| choice.found.span);
        choices.insert(*mention, row);
    }
    choices
}

/// Where the occurrences begin to which candidates belong; those that overlap are one.
fn places(mut found: Vec<Match>) -> HashMap<(usize, usize), usize> {
    found.sort_by_key(|one| (one.span.start, std::cmp::Reverse(one.span.end)));
    let (mut start, mut end) = (0, 0);
    let mut places = HashMap::new();
    for one in found {
        if one.span.start >= end {
            start = one.span.start;
        }
        end = end.max(one.span.end);
        places.insert((one.span.start, one.span.end), start);
    }
    places
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is at most 1"
)]
fn worth(one: &Match) -> u32 {
    match one.tier {
        Tier::Exact => 1000,
        Tier::Folded => 990,
        Tier::Fuzzy => 250 + (650.0 * one.score) as u32,
    }
}

/// All chains of mentions with rising places.
struct Chains<'c> {
    rows: &'c [&'c [Choice]],
    /// What mentions from a row on, with places from one on, are worth, and the first choice.
    known: HashMap<(usize, usize), (u32, Option<usize>)>,
}

impl<'c> Chains<'c> {
    fn new(rows: &'c [&'c [Choice]]) -> Self {
        Self {
            rows,
            known: HashMap::new(),
        }
    }

    /// The chain that is worth most; among equals the one with the earliest places.
    fn best(mut self) -> Vec<Option<Choice>> {
        let mut from = 0;
        let mut chain = Vec::new();
        for row in 0..self.rows.len() {
            let choice = self
                .try_all(row, from)
                .1
                .map(|index| self.rows[row][index].clone());
            from = choice.as_ref().map_or(from, |choice| choice.place + 1);
            chain.push(choice);
        }
        chain
    }

    fn try_all(&mut self, row: usize, from: usize) -> (u32, Option<usize>) {
        let Some(choices) = self.rows.get(row) else {
            return (0, None);
        };
        if let Some(known) = self.known.get(&(row, from)) {
            return *known;
        }
        let mut best = (0, None);
        for (index, choice) in choices.iter().enumerate() {
            if choice.place >= from && !choice.weak {
                let worth = choice.worth + self.try_all(row + 1, choice.place + 1).0;
                if worth > best.0 {
                    best = (worth, Some(index));
                }
            }
        }
        let skipped = self.try_all(row + 1, from).0;
        if skipped > best.0 {
            best = (skipped, None);
        }
        self.known.insert((row, from), best);
        best
    }
}

/// Gives the mentions that are not on the chain what is left for them.
fn fill(rows: &[&[Choice]], answers: &mut [Option<Choice>], length: usize) {
    let chain: Vec<Option<usize>> = answers
        .iter()
        .map(|one| one.as_ref().map(|one| one.place))
        .collect();
    let taken = answers
        .iter()
        .flatten()
        .map(|one| (one.key.clone(), one.place));
    let mut used: HashSet<(String, usize)> = taken.collect();
    for (index, answer) in answers
        .iter_mut()
        .enumerate()
        .filter(|(_, one)| one.is_none())
    {
        let lower = chain[..index].iter().flatten().copied().max().unwrap_or(0);
        let upper = chain[index..]
            .iter()
            .flatten()
            .copied()
            .min()
            .unwrap_or(length);
        let aside = |one: &Choice| (one.weak, !(lower..=upper).contains(&one.place), one.inside);
        let free = rows[index]
            .iter()
            .filter(|one| !used.contains(&(one.key.clone(), one.place)));
        let best = free.min_by(|a, b| aside(a).cmp(&aside(b)).then(best_first(&a.found, &b.found)));
        if let Some(best) = best.cloned() {
            used.insert((best.key.clone(), best.place));
            *answer = Some(best);
        }
    }
}
