//! Entity tags of token sequences: six schemes, read leniently or strictly.

mod encode;
mod labels;
mod lenient;
mod prefix;
mod reader;
mod score;
mod strict;
mod viterbi;
mod vocabulary;

use std::str::FromStr;

use crate::error::Error;
use crate::span::Span;

pub use encode::{Layout, encode};
pub use labels::{Label, Labels};
pub use score::{LabelCounts, Scorer, score};
pub use viterbi::Viterbi;
pub use vocabulary::{Tag, Vocabulary};

/// How tags mark where an entity begins and ends.
///
/// ```
/// use nerharness_core::Scheme;
/// assert_eq!("BIOES".parse(), Ok(Scheme::Iobes));
/// assert_eq!("IOBES".parse(), Ok(Scheme::Iobes));
/// assert!("BIO".parse::<Scheme>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// I inside, B where an entity follows another one with its label.
    Iob1,
    /// B at the beginning, I inside.
    Iob2,
    /// I inside, E where an entity is followed by another one with its label.
    Ioe1,
    /// I inside, E at the end.
    Ioe2,
    /// B, I and E, S for a single token; also written BIOES.
    Iobes,
    /// B, I and L, U for a single token.
    Bilou,
}

impl FromStr for Scheme {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "IOB1" => Self::Iob1,
            "IOB2" => Self::Iob2,
            "IOE1" => Self::Ioe1,
            "IOE2" => Self::Ioe2,
            "BIOES" | "IOBES" => Self::Iobes,
            "BILOU" => Self::Bilou,
            _ => return Err(Error::Scheme(name.to_owned())),
        })
    }
}

/// What to make of tags that break their scheme.
///
/// ```
/// use nerharness_core::Mode;
/// assert_eq!("strict".parse(), Ok(Mode::Strict));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Read them as seqeval 1.2.2 does by default, which is the way of the `conlleval` script.
    Lenient,
    /// Drop their entities, as seqeval 1.2.2 does with `mode="strict"`.
    Strict,
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "lenient" => Ok(Self::Lenient),
            "strict" => Ok(Self::Strict),
            _ => Err(Error::Mode(name.to_owned())),
        }
    }
}

/// A label, by name or by [`Label`], and the range of tokens that carry it.
///
/// ```
/// use nerharness_core::{Entity, Span};
/// let entity = Entity { label: "DISEASE".to_owned(), span: Span::new(0, 2) };
/// assert_eq!(entity.span.to_string(), "[0, 2)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity<L = String> {
    /// What it is.
    pub label: L,
    /// Its tokens, by index.
    pub span: Span,
}

/// The entities of one tagged sentence, in the order in which they end.
///
/// Lenient reading is exactly that of `get_entities` of seqeval 1.2.2, for any string but the
/// empty one, except that in [`Scheme::Bilou`] L counts as E and U as S; the other schemes are
/// read alike. Strict reading is exactly that of its `mode="strict"` with the scheme.
///
/// [`Vocabulary::decode`] is the same for tags that were read before.
///
/// ```
/// use nerharness_core::{Entity, Mode, Scheme, Span, decode};
/// let tags = ["O", "I-GENE", "I-GENE", "B-DISEASE"];
/// let lenient = decode(&tags, Scheme::Iob2, Mode::Lenient)?;
/// assert_eq!(lenient[0], Entity { label: "GENE".to_owned(), span: Span::new(1, 3) });
/// let strict = decode(&tags, Scheme::Iob2, Mode::Strict)?;
/// assert_eq!(strict, [Entity { label: "DISEASE".to_owned(), span: Span::new(3, 4) }]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Tag`] for an empty tag; in strict mode also for one whose prefix is not of the scheme.
pub fn decode<T: AsRef<str>>(tags: &[T], scheme: Scheme, mode: Mode) -> Result<Vec<Entity>, Error> {
    let mut vocabulary = Vocabulary::new(scheme, mode);
    let tags: Vec<Tag> = tags
        .iter()
        .map(|tag| vocabulary.tag(tag.as_ref()))
        .collect();
    let named = |found: Entity<Label>| Entity {
        label: vocabulary.labels().name(found.label).to_owned(),
        span: found.span,
    };
    Ok(vocabulary.decode(&tags)?.into_iter().map(named).collect())
}
