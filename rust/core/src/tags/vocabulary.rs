//! Tags as numbers.

use foldhash::{HashMap, HashMapExt};

use super::labels::{Label, Labels};
use super::prefix::{Prefix, letters};
use super::reader::Reader;
use super::{Entity, Mode, Scheme, lenient, strict};
use crate::error::Error;

/// A tag as a number: its prefix and its label, in a [`Vocabulary`].
///
/// Tags that mean the same are equal, however they are spelled.
///
/// ```
/// use nerharness_core::{Mode, Scheme, Vocabulary};
/// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
/// assert_eq!(vocabulary.tag("B-GENE"), vocabulary.tag("BGENE"));
/// assert_ne!(vocabulary.tag("B-GENE"), vocabulary.tag("I-GENE"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(usize);

impl Tag {
    /// O without a label.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Tag, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
    /// assert_eq!(vocabulary.tag("O"), Tag::OUTSIDE);
    /// ```
    pub const OUTSIDE: Self = Self::new(Prefix::O, Label::NONE);

    pub(super) const fn new(prefix: Prefix, label: Label) -> Self {
        Self(label.0 << Prefix::BITS | prefix as usize)
    }

    pub(super) const fn prefix(self) -> Prefix {
        Prefix::from_bits(self.0)
    }

    /// What the tag says that its entity is.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
    /// let tag = vocabulary.tag("B-GENE");
    /// assert_eq!(vocabulary.labels().name(tag.label()), "GENE");
    /// ```
    #[must_use]
    pub const fn label(self) -> Label {
        Label(self.0 >> Prefix::BITS)
    }

    pub(super) const fn has_label_of(self, other: Self) -> bool {
        (self.0 ^ other.0) >> Prefix::BITS == 0
    }

    /// A number for tables: another one for each tag, and not much larger than the number of tags.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
    /// assert!(vocabulary.tag("B-GENE").index() < 16);
    /// ```
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// Reads each distinct tag once.
///
/// ```
/// use nerharness_core::{Mode, Scheme, Vocabulary};
/// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Strict);
/// let tags = ["B-GENE", "I-GENE", "O"].map(|tag| vocabulary.tag(tag));
/// let entities = vocabulary.decode(&tags)?;
/// assert_eq!(vocabulary.labels().name(entities[0].label), "GENE");
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Vocabulary {
    scheme: Scheme,
    mode: Mode,
    tags: HashMap<Box<str>, Tag>,
    labels: Labels,
    /// The tags that cannot be read; their number stands where others have their label.
    refused: Vec<Box<str>>,
}

impl Vocabulary {
    /// A vocabulary without a tag.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Bilou, Mode::Strict);
    /// assert_eq!(vocabulary.tag("U-GENE"), vocabulary.tag("U--GENE"));
    /// ```
    #[must_use]
    pub fn new(scheme: Scheme, mode: Mode) -> Self {
        Self {
            scheme,
            mode,
            tags: HashMap::new(),
            labels: Labels::default(),
            refused: Vec::new(),
        }
    }

    /// The tag that `text` spells.
    ///
    /// One that cannot be read is a tag too; it is refused where it is decoded or scored.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Strict);
    /// let tags = [vocabulary.tag("O"), vocabulary.tag("S-GENE")];
    /// let error = vocabulary.decode(&tags).unwrap_err();
    /// assert_eq!(error.to_string(), r#"tag 1 "S-GENE": the prefix must be one of IOB"#);
    /// ```
    pub fn tag(&mut self, text: &str) -> Tag {
        match self.tags.get(text) {
            Some(tag) => *tag,
            None => self.learn(text),
        }
    }

    /// The entities of one sentence of tags of this vocabulary, as [`decode`](crate::decode).
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Span, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
    /// let tags = ["O", "B-GENE", "B-GENE"].map(|tag| vocabulary.tag(tag));
    /// let spans: Vec<_> = vocabulary.decode(&tags)?.iter().map(|found| found.span).collect();
    /// assert_eq!(spans, [Span::new(1, 2), Span::new(2, 3)]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tag`] for the first tag that cannot be read.
    pub fn decode(&self, tags: &[Tag]) -> Result<Vec<Entity<Label>>, Error> {
        self.check(tags)?;
        let mut found = Vec::new();
        self.reader().read(tags, &mut found);
        Ok(found)
    }

    /// The labels of the tags.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Vocabulary};
    /// let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
    /// let tag = vocabulary.tag("B");
    /// assert_eq!(vocabulary.labels().name(tag.label()), "_");
    /// ```
    #[must_use]
    pub const fn labels(&self) -> &Labels {
        &self.labels
    }

    #[cold]
    fn learn(&mut self, text: &str) -> Tag {
        let parsed = match self.mode {
            Mode::Lenient => lenient::parse(text, self.scheme),
            Mode::Strict => strict::parse(text, self.scheme),
        };
        let tag = match parsed {
            Some((prefix, "")) => Tag::new(prefix, Label::NONE),
            Some((prefix, label)) => Tag::new(prefix, self.labels.number(label)),
            None => {
                self.refused.push(text.into());
                Tag::new(Prefix::Refused, Label(self.refused.len() - 1))
            }
        };
        self.tags.insert(text.into(), tag);
        tag
    }

    /// A reader of sentences of these tags.
    pub(super) const fn reader(&self) -> Reader {
        Reader::new(self.scheme, self.mode)
    }

    /// Refuses the first of `tags` that cannot be read.
    pub(super) fn check(&self, tags: &[Tag]) -> Result<(), Error> {
        if self.refused.is_empty() {
            return Ok(());
        }
        let refused = |(index, tag): (usize, &Tag)| {
            (tag.prefix() == Prefix::Refused).then(|| self.refusal(index, *tag))
        };
        tags.iter()
            .enumerate()
            .find_map(refused)
            .map_or(Ok(()), Err)
    }

    fn refusal(&self, index: usize, tag: Tag) -> Error {
        let text = self.refused.get(tag.label().0).map_or("", |text| text);
        let reason = if text.is_empty() {
            "a tag must not be empty".to_owned()
        } else {
            format!("the prefix must be one of {}", letters(self.scheme))
        };
        Error::Tag {
            sentence: None,
            index,
            tag: text.to_owned(),
            reason,
        }
    }
}
