//! The place of what a model typed again, by the longest common subsequence, where there is one.

use std::collections::HashMap;
use std::ops::Range;

use nerharness_core::Span;

use crate::edits::edits;
use crate::letters::{is_accent, is_mark, is_space, is_unseen, is_unspaced, is_word};
use crate::text::{Letter, letters};

/// The most tokens that are linked with one.
const LONGEST_RUN: usize = 8;

/// The most pairs of tokens that are compared.
const MOST_PAIRS: usize = 1 << 11;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Letter,
    Sign,
}

/// A token: its characters by number, and each folded character with the one it comes from.
#[derive(Debug, Clone)]
struct Token {
    range: Range<usize>,
    kind: Kind,
    folded: Vec<(char, usize)>,
}

/// A text, cut into tokens.
#[derive(Debug)]
pub struct Text {
    letters: Vec<Letter>,
    tokens: Vec<Token>,
    bytes: usize,
}

impl Text {
    /// Cuts `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let letters = letters(text);
        let mut cut: Vec<(Range<usize>, Kind)> = Vec::new();
        let mut open = false;
        for (at, letter) in letters.iter().enumerate() {
            let c = letter.c;
            let gap = c == '\u{200B}' || is_space(c);
            if gap || is_unseen(c) && !open {
                open = false;
                continue;
            }
            let kind = if is_unspaced(c) && !is_mark(c) {
                Kind::Letter
            } else if is_word(c) {
                Kind::Word
            } else {
                Kind::Sign
            };
            let belongs = is_unseen(c) || is_mark(c);
            let last = cut.last_mut().filter(|_| open);
            match last {
                Some((range, before)) if belongs || (kind, *before) == (Kind::Word, Kind::Word) => {
                    range.end = at + 1;
                }
                _ => cut.push((at..at + 1, kind)),
            }
            open = true;
        }
        let token = |(range, kind): (Range<usize>, Kind)| Token {
            folded: folded(&letters, &range),
            range,
            kind,
        };
        let tokens = cut.into_iter().map(token).collect();
        Self {
            letters,
            tokens,
            bytes: text.len(),
        }
    }

    fn byte(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.bytes, |letter| letter.at)
    }

    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.byte(range.start), self.byte(range.end))
    }

    /// The tokens of which something lies in `span`.
    fn overlapping(&self, span: Span) -> Range<usize> {
        let spans = || self.tokens.iter().map(|token| self.span(&token.range));
        let start = spans().filter(|token| token.end <= span.start).count();
        start
            ..spans()
                .filter(|token| token.start < span.end)
                .count()
                .max(start)
    }

    /// The span without what of it is in no token.
    #[must_use]
    pub fn without_gaps(&self, span: Span) -> Option<Span> {
        let tokens = &self.tokens[self.overlapping(span)];
        let (first, last) = tokens.first().zip(tokens.last())?;
        let whole = self.span(&(first.range.start..last.range.end));
        Some(Span::new(
            span.start.max(whole.start),
            span.end.min(whole.end),
        ))
    }
}

fn folded(letters: &[Letter], range: &Range<usize>) -> Vec<(char, usize)> {
    let mut folded = Vec::new();
    for at in range
        .clone()
        .filter(|at| !is_accent(letters[*at].c) && !is_unseen(letters[*at].c))
    {
        let parts: Vec<char> = letters[at]
            .parts
            .iter()
            .copied()
            .filter(|part| *part != ' ')
            .collect();
        let parts = if parts.is_empty() {
            vec![letters[at].c]
        } else {
            parts
        };
        folded.extend(parts.into_iter().map(|part| (part, at)));
    }
    if folded.is_empty() {
        folded.extend(range.clone().map(|at| (letters[at].c, at)));
    }
    folded
}

fn spelling(tokens: &[Token]) -> Vec<char> {
    tokens
        .iter()
        .flat_map(|token| token.folded.iter().map(|(c, _)| *c))
        .collect()
}

/// A link of source tokens with output tokens.
type Link = (Range<usize>, Range<usize>);

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
                        ways += count;
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

/// The tokens between two common ones.
struct Stretch<'t> {
    source: &'t [Token],
    output: &'t [Token],
    /// The number of the first output token.
    first: usize,
    marked: &'t [Range<usize>],
}

/// What a way is worth and how many spans it touches, and its first step.
type Way = ((usize, usize), Option<(usize, usize)>);

impl Stretch<'_> {
    /// Its links, in order.
    fn links(&self) -> Vec<Link> {
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
