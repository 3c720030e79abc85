//! Token lists against each other, and against characters, by trying all.

use std::collections::{HashMap, HashSet};

use nerharness_core::Span;

use crate::edits::edits;
use crate::letters::parts;

/// The most tokens of a link on either side.
const LONGEST_RUN: usize = 15;

/// The folded characters of a token; of one that folds to nothing the token itself.
#[must_use]
pub fn spelling(token: &str) -> Vec<char> {
    let folded: Vec<char> = token
        .chars()
        .flat_map(parts)
        .filter(|part| *part != ' ')
        .collect();
    let whole = if folded.is_empty() {
        token.chars().collect()
    } else {
        folded
    };
    if whole.is_empty() { vec!['\0'] } else { whole }
}

/// What a step is worth, and how many source and output tokens it takes.
type Step = (usize, usize, usize);

/// What all steps from somewhere on are worth, and the first one.
type Way = (usize, Option<(usize, usize)>);

/// Two token lists, and the best steps from each pair of tokens on that is known.
struct Lists {
    left: Vec<Vec<char>>,
    right: Vec<Vec<char>>,
    known: HashMap<(usize, usize), Way>,
}

/// The documented alignment by plain recursion over all links.
#[must_use]
pub fn align(source: &[String], output: &[String]) -> Vec<Option<usize>> {
    let [left, right] = [source, output].map(|list| list.iter().map(|one| spelling(one)).collect());
    let mut lists = Lists {
        left,
        right,
        known: HashMap::new(),
    };
    let mut answers = vec![None; source.len()];
    let (mut i, mut j) = (0, 0);
    while let (_, Some((a, b))) = lists.best(i, j) {
        if a > 0 && b > 0 {
            let covering = covering(&lists.left[i..i + a], &lists.right[j..j + b]);
            for (answer, index) in answers[i..].iter_mut().zip(covering) {
                *answer = Some(j + index);
            }
        }
        (i, j) = (i + a, j + b);
    }
    answers
}

impl Lists {
    /// What the rest is worth, and the first step.
    fn best(&mut self, i: usize, j: usize) -> Way {
        if i == self.left.len() || j == self.right.len() {
            return (0, None);
        }
        if let Some(known) = self.known.get(&(i, j)) {
            return *known;
        }
        let mut steps = self.links(i, j);
        steps.extend([(0, 1, 0), (0, 0, 1)]);
        let mut best = (0, None);
        for (worth, a, b) in steps {
            let worth = worth + self.best(i + a, j + b).0;
            if best.1.is_none() || worth > best.0 {
                best = (worth, Some((a, b)));
            }
        }
        self.known.insert((i, j), best);
        best
    }

    /// Every link that begins here, fewer tokens first.
    fn links(&self, i: usize, j: usize) -> Vec<Step> {
        let mut found = Vec::new();
        for a in 1..=LONGEST_RUN.min(self.left.len() - i) {
            for b in 1..=LONGEST_RUN.min(self.right.len() - j) {
                let worth = worth(&self.left[i..i + a], &self.right[j..j + b]);
                if worth > 0 {
                    found.push((worth, a, b));
                }
            }
        }
        found
    }
}

/// What it is worth to link two runs; 0 if they cannot be.
fn worth(run: &[Vec<char>], pieces: &[Vec<char>]) -> usize {
    let (left, right) = (run.concat(), pieces.concat());
    let longer = left.len().max(right.len());
    if run.len() == 1 || pieces.len() == 1 {
        return longer.saturating_sub(2 * edits(&left, &right));
    }
    if left == right && !do_meet(run, pieces) {
        longer
    } else {
        0
    }
}

/// Whether two runs with the same characters are divided at the same place somewhere inside.
fn do_meet(run: &[Vec<char>], pieces: &[Vec<char>]) -> bool {
    let inside = |tokens: &[Vec<char>]| {
        let edges = edges(tokens);
        edges[1..tokens.len()]
            .iter()
            .copied()
            .collect::<HashSet<usize>>()
    };
    !inside(run).is_disjoint(&inside(pieces))
}

fn edges(tokens: &[Vec<char>]) -> Vec<usize> {
    (0..=tokens.len())
        .map(|count| tokens[..count].concat().len())
        .collect()
}

/// For each token of a link the piece that covers most of it.
fn covering(run: &[Vec<char>], pieces: &[Vec<char>]) -> Vec<usize> {
    let (own, ends) = (edges(run), edges(pieces));
    let cover = |index: usize| {
        if pieces.len() == 1 {
            return 0;
        }
        let (start, end) = if run.len() == 1 {
            (0, ends[pieces.len()])
        } else {
            (own[index], own[index + 1])
        };
        let share = |piece: &usize| {
            let (from, to) = (ends[*piece], ends[*piece + 1]);
            to.min(end).saturating_sub(from.max(start))
        };
        // Of equals the last is taken, so that counting backwards finds the first.
        (0..pieces.len()).rev().max_by_key(share).unwrap_or(0)
    };
    (0..run.len()).map(cover).collect()
}

/// Whether tokens are in order and none is reversed.
#[must_use]
pub fn are_in_order(tokens: &[Span]) -> bool {
    tokens.iter().all(|one| one.start <= one.end)
        && tokens.windows(2).all(|pair| pair[0].end <= pair[1].start)
}

/// For each span the range of tokens that it overlaps; `None` for what must be refused.
#[must_use]
pub fn to_tokens(tokens: &[Span], spans: &[Span]) -> Option<Vec<Option<Span>>> {
    if !are_in_order(tokens) || spans.iter().any(|span| span.end < span.start) {
        return None;
    }
    let range = |span: &Span| {
        let hits = (0..tokens.len()).filter(|one| tokens[*one].overlaps(*span));
        let hits: Vec<usize> = hits.collect();
        let first = hits.first().filter(|_| span.start < span.end)?;
        Some(Span::new(*first, hits.last()? + 1))
    };
    Some(spans.iter().map(range).collect())
}

/// For each range of tokens what it covers; `None` for what must be refused.
#[must_use]
pub fn to_spans(tokens: &[Span], ranges: &[Span]) -> Option<Vec<Span>> {
    let fits = |range: &&Span| range.start < range.end && range.end <= tokens.len();
    if !are_in_order(tokens) || !ranges.iter().all(|range| fits(&range)) {
        return None;
    }
    let cover = |range: &Span| Span::new(tokens[range.start].start, tokens[range.end - 1].end);
    Some(ranges.iter().map(cover).collect())
}
