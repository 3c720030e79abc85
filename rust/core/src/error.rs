//! What can be wrong with the input.

use std::fmt;

use crate::span::Span;

/// Why an input was refused; its text says what is wrong and where.
///
/// ```
/// use nerharness_core::{Aligner, Error};
/// let error = Aligner::new(1.5).unwrap_err();
/// assert_eq!(error, Error::Threshold(1.5));
/// assert_eq!(error.to_string(), "threshold must be in (0, 1], got 1.5");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A similarity threshold outside `(0, 1]`.
    Threshold(f64),
    /// Two lists that belong together differ in length.
    Unpaired {
        /// What the lists hold.
        what: &'static str,
        /// Length of the first list.
        left: usize,
        /// Length of the second list.
        right: usize,
    },
    /// Numbers that fill no table.
    Table {
        /// How many there are.
        values: usize,
        /// How many there should be in a row.
        columns: usize,
    },
    /// A number of a table that is not finite.
    Infinite {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// The number.
        value: f64,
    },
    /// A batch was to run on no thread.
    Threads,
    /// A worker thread of a batch stopped without an answer.
    Worker,
    /// A text or mention of 4 GiB or more.
    Huge,
    /// Two token lists too long to be aligned in memory.
    TooLong {
        /// Number of source tokens.
        source: usize,
        /// Number of output tokens.
        output: usize,
    },
    /// A token span that ends before it starts, or starts before its predecessor ends.
    Token {
        /// Index of the token.
        index: usize,
        /// Its span.
        span: Span,
    },
    /// A span whose end lies before its start.
    Reversed {
        /// Index of the span.
        index: usize,
        /// The span.
        span: Span,
    },
    /// A span of a text that holds nothing.
    Empty {
        /// Index of the span.
        index: usize,
        /// The span.
        span: Span,
    },
    /// A span that leaves its text.
    Outside {
        /// Index of the span.
        index: usize,
        /// The span.
        span: Span,
        /// Length of the text, in the unit of the span.
        length: usize,
    },
    /// A span in bytes that begins or ends inside a character.
    Inside {
        /// Index of the span.
        index: usize,
        /// The span.
        span: Span,
    },
    /// A token range that is empty or leaves the token list.
    Range {
        /// Index of the range.
        index: usize,
        /// The range.
        span: Span,
        /// Number of tokens.
        length: usize,
    },
    /// An entity that is empty, has no label, or leaves the sentence.
    Entity {
        /// Its label.
        label: String,
        /// Its token range.
        span: Span,
        /// Number of tokens of the sentence.
        length: usize,
    },
    /// Two entities that share a token, which tags cannot express.
    Overlap {
        /// Label and token range of the first.
        first: (String, Span),
        /// Label and token range of the second.
        second: (String, Span),
    },
    /// A name that is no tag scheme.
    Scheme(String),
    /// A name that is no decoding mode.
    Mode(String),
    /// A tag that the scheme and mode cannot read.
    Tag {
        /// Index of the sentence, where there are several.
        sentence: Option<usize>,
        /// Index of the tag in its sentence.
        index: usize,
        /// The tag.
        tag: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A sentence whose gold and predicted tags differ in number.
    Sentence {
        /// Index of the sentence.
        index: usize,
        /// Number of gold tags.
        gold: usize,
        /// Number of predicted tags.
        predicted: usize,
    },
    /// Scores were asked for without a sentence.
    NoSentence,
    /// A score of a tag that cannot be added to others.
    Score {
        /// Index of the token.
        token: usize,
        /// The tag.
        tag: String,
        /// The score.
        value: f32,
    },
    /// Every sequence of tags that the scheme allows has a tag with the score -inf, or there is none.
    NoSequence {
        /// Number of tokens up to the one that cannot have a tag, or of all if the end is at fault.
        tokens: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threshold(value) => write!(out, "threshold must be in (0, 1], got {value}"),
            Self::Unpaired { what, left, right } => write!(out, "{left} {what}, got {right}"),
            Self::Table { values, columns } => {
                write!(
                    out,
                    "{values} numbers fill no table with {columns} in a row"
                )
            }
            Self::Infinite { row, column, value } => write!(
                out,
                "row {row}, column {column} of the table is {value}; only finite numbers have sums"
            ),
            Self::Threads => write!(out, "threads must be at least 1, got 0"),
            Self::Worker => write!(out, "a worker thread stopped without an answer"),
            Self::Huge => write!(out, "a text or mention of 4 GiB or more cannot be aligned"),
            Self::TooLong { source, output } => write!(
                out,
                "token lists of {source} and {output} tokens are too long to align; \
                 align them sentence by sentence"
            ),
            Self::Sentence {
                index,
                gold,
                predicted,
            } => write!(
                out,
                "sentence {index} has {gold} gold tags, but {predicted} predicted tags"
            ),
            Self::NoSentence => write!(out, "no sentence to score"),
            Self::NoSequence { tokens } => write!(
                out,
                "the scheme allows no sequence of these tags for the first {tokens} tokens, but for \
                 those with a score of -inf"
            ),
            Self::Scheme(name) => write!(
                out,
                "unknown scheme {name:?}; choose from IOB1, IOB2, IOE1, IOE2, BIOES, IOBES, BILOU"
            ),
            Self::Mode(name) => {
                write!(out, "unknown mode {name:?}; choose from lenient, strict")
            }
            _ => self.fmt_place(out),
        }
    }
}

impl Error {
    fn fmt_place(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { index, span } => write!(
                out,
                "token {index} {span} must not end before it starts or overlap the one before it"
            ),
            Self::Reversed { index, span } => {
                write!(out, "span {index} {span} ends before it starts")
            }
            Self::Empty { index, span } => write!(out, "span {index} {span} is empty"),
            Self::Outside {
                index,
                span,
                length,
            } => write!(
                out,
                "span {index} {span} leaves the text, which ends at {length}"
            ),
            Self::Inside { index, span } => {
                write!(out, "span {index} {span} begins or ends inside a character")
            }
            Self::Range {
                index,
                span,
                length,
            } => write!(
                out,
                "range {index} {span} is empty or outside of the {length} tokens"
            ),
            Self::Entity {
                label,
                span,
                length,
            } => write!(
                out,
                "entity {label:?} {span} is empty, has no label or is outside of the {length} tokens"
            ),
            Self::Overlap { first, second } => write!(
                out,
                "entities {:?} {} and {:?} {} overlap",
                first.0, first.1, second.0, second.1
            ),
            Self::Score { token, tag, value } => write!(
                out,
                "token {token}: the score of {tag:?} is {value}; it must be a number or -inf"
            ),
            Self::Tag {
                sentence,
                index,
                tag,
                reason,
            } => {
                if let Some(sentence) = sentence {
                    write!(out, "sentence {sentence}, ")?;
                }
                write!(out, "tag {index} {tag:?}: {reason}")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
