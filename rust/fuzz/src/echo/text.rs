//! A text as tokens.

use std::ops::Range;

use nerharness_core::Span;

use crate::letters::{is_accent, is_mark, is_space, is_unseen, is_unspaced, is_word};
use crate::text::{Letter, letters};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Letter,
    Sign,
}

/// A token: its characters by number, and each folded character with the one it comes from.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) folded: Vec<(char, usize)>,
}

/// A text, cut into tokens.
#[derive(Debug)]
pub struct Text {
    pub(super) letters: Vec<Letter>,
    pub(super) tokens: Vec<Token>,
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

    pub(super) fn byte(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.bytes, |letter| letter.at)
    }

    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.byte(range.start), self.byte(range.end))
    }

    /// The tokens of which something lies in `span`.
    pub(super) fn overlapping(&self, span: Span) -> Range<usize> {
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

pub(super) fn spelling(tokens: &[Token]) -> Vec<char> {
    tokens
        .iter()
        .flat_map(|token| token.folded.iter().map(|(c, _)| *c))
        .collect()
}
