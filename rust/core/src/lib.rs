//! Aligns what a language model says with the text that it read.
//!
//! # Mentions
//! [`Aligner`] finds the span of each mention. Its candidates are, in this order,
//!
//! 1. its occurrences, *exact* and *folded*, that begin and end at word boundaries;
//! 2. if there is none, the *fuzzy* ones: windows of whole words whose similarity reaches the
//!    threshold and that agree with the mention;
//! 3. if there is none, exact occurrences inside a word, for mentions of three characters or more,
//!    unless they begin or end inside a number, or the rest of the word denies them ("febrile" in
//!    "afebrile").
//!
//! The *skeleton* of a text, on which folding and similarity rest, is its compatibility
//! decomposition in lower case (with ß as ss and final sigma as sigma), without white space and
//! control characters, hyphens and dashes, apostrophes, soft hyphens and other unseen characters,
//! and without accents; double quotation marks have one form. Between two digits a separator is
//! kept as one space. Marks that make another letter (vowel signs, kana voicing) are kept. A match
//! always covers whole characters of the source.
//!
//! A *word boundary* lies between two characters that are not both letters, numbers or combining
//! marks; unseen characters between them do not count. Characters of scripts that are written
//! without spaces have one on both sides.
//!
//! A match neither begins nor ends at the point of a decimal number, before or behind it, nor behind its comma.
//!
//! The *similarity* is `1 - edits / length of the longer skeleton`; the edits are those of the optimal
//! string alignment, where an exchange of two neighbours counts one. If the skeletons are equal but for
//! one word inside of one of them, with three characters or more before it, that word counts half of its
//! letters. Two texts *agree* if their numbers, Roman numerals, single letters and denials are the same,
//! if neither has only the opposite of a word of the other (hyper and hypo), and if no word was exchanged
//! for one of which less than three fifths are the same.
//!
//! The white space around a mention is ignored; the punctuation around it is looked for, but not
//! missed: without it the match is folded. A mention without a letter or number, or with a
//! skeleton of one or two characters, matches only exactly. Fuzzy matches are not looked for when the
//! skeleton of the mention is longer than 512 characters.
//!
//! [`Aligner::discontinuous`] mentions are looked for in several [`fragments`] before the fuzzy ones:
//! whole words with the same skeletons, in their order, with one to six words between two of up to
//! three fragments, and neither the end of a sentence nor a word that denies.
//!
//! Mentions are taken to be in document order: as many as can be are placed so that each begins after
//! the one before, at the places that are worth most, and the earliest of those. The others get the best
//! of what is left for them. Mentions with the same skeleton are repeats and never share a place;
//! different mentions do not compete, so that entities may nest and overlap.
//!
//! ```
//! use nerharness_core::{Aligner, CodePoints, Span};
//!
//! let text = "β-Thalassaemia: thalassaemia of the β chain.";
//! let found = Aligner::new(0.8)?.align(text, &["beta chain", "β chain", "β thalassemia"])?;
//! let points = CodePoints::new(text);
//! let spans: Vec<_> = found.iter().map(|m| m.map(|m| points.span(m.span))).collect();
//! assert_eq!(spans, [None, Some(Span::new(36, 43)), Some(Span::new(0, 14))]);
//! # Ok::<(), nerharness_core::Error>(())
//! ```
//!
//! # Dictionaries
//! [`Dictionary`] finds many names at once, by the same skeletons and word boundaries.
//!
//! # Re-typed texts
//! [`echo`] finds the place of each span of a text that a model typed again; [`align_echo`] says
//! how well the two compare.
//!
//! # Token lists and tags
//! [`align_tokens`] finds the token of a model's output for each source token, [`to_tokens`] and
//! [`to_spans`] go from characters to tokens and back, [`decode`], [`encode`] and [`score`] read,
//! write and compare entity tags in six schemes. [`Vocabulary`], [`Scorer`] and [`Layout`] do the
//! same with numbers for tags, each distinct one of which is read once. [`Viterbi`] finds the best tags
//! that a scheme allows, given a score for each.
//!
//! # Scores
//! [`assign`] pairs gold and predicted entities, one to one, for the most that they can be worth
//! together; a [`Table`] of counts per document is drawn from anew for bootstrap intervals and
//! permutation tests.
//!
//! Spans are in bytes where text is given, and in whatever unit the caller uses elsewhere;
//! [`CodePoints`] goes from bytes to code points.

mod align;
mod bench;
mod boundary;
mod character;
mod dictionary;
mod distance;
mod echo;
mod error;
mod fold;
mod folder;
mod fragments;
mod fuzzy;
mod gap;
mod guard;
mod index;
mod lanes;
mod matching;
mod place;
mod resample;
mod rows;
mod search;
mod sequence;
mod skeleton;
mod source;
mod span;
mod spelling;
mod surface;
mod tags;
mod threads;
mod tokens;
mod wide;

pub use align::{Aligner, Match, Tier, similarity};
pub use bench::Bench;
pub use boundary::cuts;
pub use dictionary::Dictionary;
pub use echo::{align_echo, echo, to_bytes};
pub use error::Error;
pub use fragments::fragments;
pub use matching::assign;
pub use resample::Table;
pub use sequence::align_tokens;
pub use span::{CodePoints, Span};
pub use tags::{
    Entity, Label, LabelCounts, Labels, Layout, Mode, Scheme, Scorer, Tag, Viterbi, Vocabulary,
    decode, encode, score,
};
pub use tokens::{to_spans, to_tokens};
