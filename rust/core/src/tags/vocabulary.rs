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
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
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

/// Tags that are found by their letters alone; more of them share places.
const BRIEF: usize = 128;

/// A tag of at most 16 bytes, with those and their number.
#[derive(Debug, Clone, Copy)]
struct Brief {
    letters: [u64; 2],
    length: usize,
    tag: Tag,
}

impl Brief {
    /// That of no tag: an empty text has no letters.
    const NONE: Self = Self {
        letters: [0; 2],
        length: 0,
        tag: Tag::OUTSIDE,
    };

    /// The letters of `text`, which its length and they say all about; `None` if it is empty or long.
    fn letters(text: &[u8]) -> Option<[u64; 2]> {
        let length = text.len();
        if let Some(rest) = length.checked_sub(4).filter(|rest| *rest <= 12) {
            // Four times four, as far apart as they are few: without a branch for each length.
            let four = |at: usize| {
                let bytes = text[at..].first_chunk().copied();
                u64::from(u32::from_le_bytes(bytes.unwrap_or_default()))
            };
            let pair = |one: usize, two: usize| four(one) | four(two) << 32;
            return Some([pair(0, rest / 3), pair(2 * rest / 3, rest)]);
        }
        let (first, last) = (text.first()?, text.last()?);
        let all = [*first, text[length / 2], *last].map(u64::from);
        (length < 4).then(|| [all[0] | all[1] << 8 | all[2] << 16, 0])
    }

    /// Where such a tag is kept.
    fn place([first, last]: [u64; 2], length: usize) -> usize {
        let mixed = (first ^ last.rotate_left(23)).wrapping_add(length as u64);
        let shift = u64::BITS - BRIEF.ilog2();
        usize::try_from(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift).unwrap_or(0)
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
    /// Those that were read last, by their letters.
    brief: Box<[Brief; BRIEF]>,
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
            brief: Box::new([Brief::NONE; BRIEF]),
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
        let Some(letters) = Brief::letters(text.as_bytes()) else {
            return self.look_up(text);
        };
        let (length, place) = (text.len(), Brief::place(letters, text.len()));
        let known = self.brief[place];
        if known.letters == letters && known.length == length {
            return known.tag;
        }
        let tag = self.look_up(text);
        self.brief[place] = Brief {
            letters,
            length,
            tag,
        };
        tag
    }

    fn look_up(&mut self, text: &str) -> Tag {
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn letters_and_length_say_all(texts in prop::collection::vec("[ab]{0,4}|[ab]{0,2}c{0,16}[ab]{0,2}", 0..200)) {
            let mut known = HashMap::new();
            for text in &texts {
                let Some(letters) = Brief::letters(text.as_bytes()) else {
                    prop_assert!(text.is_empty() || text.len() > 16);
                    continue;
                };
                let first = known.entry((letters, text.len())).or_insert(text);
                prop_assert_eq!(*first, text);
            }
        }

        #[test]
        fn tags_are_what_they_were_at_first(texts in prop::collection::vec("[BIOx]-?[A-D]{0,17}", 1..300)) {
            let mut vocabulary = Vocabulary::new(Scheme::Iob2, Mode::Lenient);
            let first: Vec<Tag> = texts.iter().map(|text| vocabulary.look_up(text)).collect();
            for (text, tag) in texts.iter().zip(first) {
                prop_assert_eq!(vocabulary.tag(text), tag);
            }
        }
    }
}
