//! The place of what a model typed again, by the longest common subsequence, where there is one.

mod stretch;
mod text;

use std::ops::Range;

use nerharness_core::Span;

use stretch::{Link, Stretch};
pub use text::Text;
use text::{Token, spelling};

/// The most pairs of tokens that are compared.
const MOST_PAIRS: usize = 1 << 11;
/// For each span its place; `None` if the diff could be one of several, or if there is too much to
/// compare.
#[must_use]
pub fn echo(source: &Text, output: &Text, spans: &[Span]) -> Option<Vec<Option<Span>>> {
    if source.tokens.len() * output.tokens.len() > MOST_PAIRS {
        return None;
    }
    let marked: Vec<_> = spans.iter().map(|span| output.overlapping(*span)).collect();
    let each = |text: &Text| {
        text.tokens
            .iter()
            .map(|one| spelling(std::slice::from_ref(one)))
            .collect::<Vec<_>>()
    };
    let pairs = common(&each(source), &each(output))?;
    let (mut links, mut i, mut j) = (Vec::new(), 0, 0);
    for (a, b) in pairs
        .into_iter()
        .chain([(source.tokens.len(), output.tokens.len())])
    {
        let stretch = Stretch {
            source: &source.tokens[i..a],
            output: &output.tokens[j..b],
            first: j,
            marked: &marked,
        };
        let shifted =
            |(run, pieces): Link| (run.start + i..run.end + i, pieces.start + j..pieces.end + j);
        links.extend(stretch.links().into_iter().map(shifted));
        if a < source.tokens.len() {
            links.push((a..a + 1, b..b + 1));
        }
        (i, j) = (a + 1, b + 1);
    }
    Some(
        spans
            .iter()
            .map(|span| placed(source, output, &links, *span))
            .collect(),
    )
}

/// The pairs of the longest common subsequence; `None` if there are several.
fn common(left: &[Vec<char>], right: &[Vec<char>]) -> Option<Vec<(usize, usize)>> {
    // From each pair on: the greatest length, the number of ways to it, and the first pair of one.
    let mut known = vec![vec![(0, 1_u64, None); right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            let (mut best, mut ways, mut first) = (0, 1, None);
            for a in i..left.len() {
                for b in (j..right.len()).filter(|b| left[a] == right[*b]) {
                    let (length, count, _) = known[a + 1][b + 1];
                    if length + 1 > best {
                        (best, ways, first) = (length + 1, count, Some((a, b)));
                    } else if length + 1 == best {
                        ways = ways.saturating_add(count);
                    }
                }
            }
            known[i][j] = (best, ways, first);
        }
    }
    let mut pairs = Vec::new();
    let (_, 1, mut next) = known[0][0] else {
        return None;
    };
    while let Some((a, b)) = next {
        pairs.push((a, b));
        next = known[a + 1][b + 1].2;
    }
    Some(pairs)
}

fn placed(source: &Text, output: &Text, links: &[Link], span: Span) -> Option<Span> {
    let mut found = Vec::new();
    for (run, pieces) in links {
        let (run, pieces) = (&source.tokens[run.clone()], &output.tokens[pieces.clone()]);
        found.extend(part(source, output, (run, pieces), span));
    }
    let (first, last) = found.iter().min().zip(found.iter().max())?;
    Some(source.span(&(*first..last + 1)))
}

/// The characters of the source that stand for what of a link lies in the span.
fn part(
    source: &Text,
    output: &Text,
    (run, pieces): (&[Token], &[Token]),
    span: Span,
) -> Vec<usize> {
    let whole = run[0].range.start..run[run.len() - 1].range.end;
    let typed = pieces[0].range.start..pieces[pieces.len() - 1].range.end;
    let inside = |at: &usize| (span.start..span.end).contains(&output.byte(*at));
    let covered: Vec<usize> = typed.clone().filter(inside).collect();
    if covered.is_empty() {
        return Vec::new();
    }
    if covered.len() == typed.len() {
        return whole.collect();
    }
    let raw = |text: &Text, range: &Range<usize>| {
        text.letters[range.clone()]
            .iter()
            .map(|letter| letter.c)
            .collect::<String>()
    };
    if raw(source, &whole) == raw(output, &typed) {
        return covered
            .into_iter()
            .map(|at| at - typed.start + whole.start)
            .collect();
    }
    let left: Vec<(char, usize)> = run.iter().flat_map(|one| one.folded.clone()).collect();
    let right: Vec<(char, usize)> = pieces.iter().flat_map(|one| one.folded.clone()).collect();
    let hits: Vec<usize> = (0..right.len())
        .filter(|at| covered.contains(&right[*at].1))
        .collect();
    if !hits.is_empty() && spelling(run) != spelling(pieces) {
        return whole.collect();
    }
    hits.into_iter()
        .flat_map(|hit| owned(run, left[hit].1))
        .collect()
}

/// The character there, with what follows it, or begins its word, and folds to nothing.
fn owned(run: &[Token], at: usize) -> Range<usize> {
    let Some(token) = run.iter().find(|token| token.range.contains(&at)) else {
        return at..at + 1;
    };
    let folds = || token.folded.iter().map(|(_, from)| *from);
    let start = if folds().min() == Some(at) {
        token.range.start
    } else {
        at
    };
    start
        ..folds()
            .filter(|from| *from > at)
            .min()
            .unwrap_or(token.range.end)
}
