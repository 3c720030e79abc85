//! Which tokens stand for each other between two common ones, by trying all links.

use std::collections::HashMap;
use std::ops::Range;

use super::text::{Kind, Token, spelling};
use crate::edits::edits;

/// The most tokens that are linked with one.
const LONGEST_RUN: usize = 8;
/// A link of source tokens with output tokens.
pub(super) type Link = (Range<usize>, Range<usize>);

/// The tokens between two common ones.
pub(super) struct Stretch<'t> {
    pub(super) source: &'t [Token],
    pub(super) output: &'t [Token],
    /// The number of the first output token.
    pub(super) first: usize,
    pub(super) marked: &'t [Range<usize>],
}

/// What a way is worth and how many spans it touches, and its first step.
type Way = ((usize, usize), Option<(usize, usize)>);

impl Stretch<'_> {
    /// Its links, in order.
    pub(super) fn links(&self) -> Vec<Link> {
        let (mut links, mut known) = (Vec::new(), HashMap::new());
        let (mut i, mut j) = (0, 0);
        while let (_, Some((a, b))) = self.best(i, j, &mut known) {
            if a > 0 && b > 0 {
                links.push((i..i + a, j..j + b));
            }
            (i, j) = (i + a, j + b);
        }
        let mut all = Vec::new();
        let (mut i, mut j) = (0, 0);
        let end = (
            self.source.len()..self.source.len(),
            self.output.len()..self.output.len(),
        );
        for link in links.into_iter().chain([end]) {
            let alone = (link.0.start, link.1.start) == (i + 1, j + 1);
            if alone && self.source[i].kind == self.output[j].kind {
                all.push((i..i + 1, j..j + 1));
            }
            (i, j) = (link.0.end, link.1.end);
            all.push(link);
        }
        all.pop();
        all
    }

    fn best(&self, i: usize, j: usize, known: &mut HashMap<(usize, usize), Way>) -> Way {
        if let Some(way) = known.get(&(i, j)) {
            return *way;
        }
        let mut found: Way = ((0, 0), None);
        for (a, b) in steps(self.source.len() - i, self.output.len() - j) {
            let linked = a > 0 && b > 0;
            let worth = if linked {
                self.worth(i..i + a, j..j + b)
            } else {
                0
            };
            if linked && worth == 0 {
                continue;
            }
            let rest = self.best(i + a, j + b, known).0;
            let harm = rest.1 + if linked { 0 } else { self.touched(j..j + b) };
            let worth = rest.0 + worth;
            let (best, least) = found.0;
            if found.1.is_none() || worth > best || worth == best && harm < least {
                found = ((worth, harm), Some((a, b)));
            }
        }
        known.insert((i, j), found);
        found
    }

    fn worth(&self, run: Range<usize>, pieces: Range<usize>) -> usize {
        let (run, pieces) = (&self.source[run], &self.output[pieces]);
        let signs = |side: &[Token]| {
            side.len() > 1
                && [0, side.len() - 1]
                    .iter()
                    .any(|at| side[*at].kind == Kind::Sign)
        };
        if signs(run) || signs(pieces) {
            return 0;
        }
        let (left, right) = (spelling(run), spelling(pieces));
        left.len()
            .max(right.len())
            .saturating_sub(2 * edits(&left, &right))
    }

    /// How many spans have a token in `range`, or tokens on both sides of it.
    fn touched(&self, range: Range<usize>) -> usize {
        let (start, end) = (range.start + self.first, range.end + self.first);
        let hits = |one: &&Range<usize>| !one.is_empty() && one.start < end && start < one.end;
        self.marked.iter().filter(hits).count()
    }
}

/// Links of few tokens before those of many, the source before the output; then what is left out.
fn steps(sources: usize, outputs: usize) -> Vec<(usize, usize)> {
    let mut steps = vec![(1, 1)];
    steps.extend((2..=LONGEST_RUN).flat_map(|count| [(count, 1), (1, count)]));
    steps.extend([(1, 0), (0, 1)]);
    steps.retain(|(a, b)| *a <= sources && *b <= outputs);
    steps
}
