//! Entities to tags.

use super::labels::{Label, Labels};
use super::prefix::Prefix;
use super::vocabulary::Tag;
use super::{Entity, Scheme};
use crate::error::Error;

/// One tag for each of `length` tokens.
///
/// ```
/// use nerharness_core::{Entity, Scheme, Span, encode};
/// let entities = [Entity { label: "GENE".to_owned(), span: Span::new(1, 3) }];
/// assert_eq!(encode(&entities, 4, Scheme::Iob2)?, ["O", "B-GENE", "I-GENE", "O"]);
/// assert_eq!(encode(&entities, 4, Scheme::Bilou)?, ["O", "B-GENE", "L-GENE", "O"]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Entity`] if an entity is empty, has no label or leaves the tokens, [`Error::Overlap`]
/// if two share a token.
pub fn encode(entities: &[Entity], length: usize, scheme: Scheme) -> Result<Vec<String>, Error> {
    let mut labels = Labels::default();
    let numbered = |entity: &Entity| Entity {
        label: labels.number(&entity.label),
        span: entity.span,
    };
    let entities = entities.iter().map(numbered).collect();
    let layout = Layout::new(entities, labels, length, scheme)?;
    let mut tags = vec!["O".to_owned(); length];
    for (token, tag) in layout.tags() {
        tags[token] = layout.text(tag);
    }
    Ok(tags)
}

/// Which tokens of a sentence have a tag other than O.
///
/// ```
/// use nerharness_core::{Entity, Labels, Layout, Scheme, Span};
/// let mut labels = Labels::default();
/// let gene = Entity { label: labels.number("GENE"), span: Span::new(1, 3) };
/// let layout = Layout::new(vec![gene], labels, 9, Scheme::Bilou)?;
/// let tags: Vec<_> = layout.tags().map(|(token, tag)| (token, layout.text(tag))).collect();
/// assert_eq!(tags, [(1, "B-GENE".to_owned()), (2, "L-GENE".to_owned())]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Layout {
    /// In the order of their tokens.
    entities: Vec<Entity<Label>>,
    labels: Labels,
    scheme: Scheme,
}

impl Layout {
    /// The layout of entities, with numbers from `labels`, on `length` tokens.
    ///
    /// ```
    /// use nerharness_core::{Entity, Labels, Layout, Scheme, Span};
    /// let mut labels = Labels::default();
    /// let gene = Entity { label: labels.number("GENE"), span: Span::new(1, 3) };
    /// assert!(Layout::new(vec![gene], labels, 2, Scheme::Bilou).is_err());
    /// ```
    ///
    /// # Errors
    /// Those of [`encode`].
    pub fn new(
        mut entities: Vec<Entity<Label>>,
        labels: Labels,
        length: usize,
        scheme: Scheme,
    ) -> Result<Self, Error> {
        if !entities.is_sorted_by_key(|entity| entity.span) {
            entities.sort_by_key(|entity| entity.span);
        }
        let layout = Self {
            entities,
            labels,
            scheme,
        };
        layout.check(length).map(|()| layout)
    }

    /// Each token of an entity with its tag, in the order of the tokens.
    ///
    /// ```
    /// use nerharness_core::{Entity, Labels, Layout, Scheme, Span};
    /// let mut labels = Labels::default();
    /// let gene = Entity { label: labels.number("GENE"), span: Span::new(1, 3) };
    /// let layout = Layout::new(vec![gene], labels, 9, Scheme::Iob2)?;
    /// assert_eq!(layout.tags().map(|(token, _)| token).collect::<Vec<_>>(), [1, 2]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    pub fn tags(&self) -> impl Iterator<Item = (usize, Tag)> {
        self.entities
            .iter()
            .enumerate()
            .flat_map(move |(index, entity)| {
                let neighbours = self.neighbours(index);
                (entity.span.start..entity.span.end).map(move |token| {
                    let ends = (token == entity.span.start, token + 1 == entity.span.end);
                    let prefix = prefix(self.scheme, ends, neighbours);
                    (token, Tag::new(prefix, entity.label))
                })
            })
    }

    /// How the scheme writes a tag of this layout.
    ///
    /// ```
    /// use nerharness_core::{Entity, Labels, Layout, Scheme, Span};
    /// let mut labels = Labels::default();
    /// let gene = Entity { label: labels.number("GENE"), span: Span::new(1, 2) };
    /// let layout = Layout::new(vec![gene], labels, 9, Scheme::Bilou)?;
    /// assert_eq!(layout.tags().map(|(_, tag)| layout.text(tag)).collect::<Vec<_>>(), ["U-GENE"]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self, tag: Tag) -> String {
        let letter = tag.prefix().letter(self.scheme);
        format!("{letter}-{}", self.labels.name(tag.label()))
    }

    fn check(&self, length: usize) -> Result<(), Error> {
        let name = |one: &Entity<Label>| self.labels.name(one.label).to_owned();
        for entity in &self.entities {
            let span = entity.span;
            let unnamed = self.labels.name(entity.label).is_empty();
            if unnamed || span.start >= span.end || span.end > length {
                return Err(Error::Entity {
                    label: name(entity),
                    span,
                    length,
                });
            }
        }
        for pair in self.entities.windows(2) {
            if pair[1].span.start < pair[0].span.end {
                return Err(Error::Overlap {
                    first: (name(&pair[0]), pair[0].span),
                    second: (name(&pair[1]), pair[1].span),
                });
            }
        }
        Ok(())
    }

    /// Whether an entity with the same label ends right before this one, and whether one starts
    /// right after it.
    fn neighbours(&self, index: usize) -> (bool, bool) {
        let touch = |one: &Entity<Label>, next: &Entity<Label>| {
            one.span.end == next.span.start && one.label == next.label
        };
        let own = &self.entities[index];
        let before = index.checked_sub(1).map(|before| &self.entities[before]);
        let after = self.entities.get(index + 1);
        (
            before.is_some_and(|before| touch(before, own)),
            after.is_some_and(|after| touch(own, after)),
        )
    }
}

/// The prefix of a token that is the first or last of its entity; the second pair says whether
/// nothing but tags can tell the entity from the one before or after it.
const fn prefix(
    scheme: Scheme,
    (first, last): (bool, bool),
    (touched, touching): (bool, bool),
) -> Prefix {
    match scheme {
        Scheme::Iob1 if first && touched => Prefix::B,
        Scheme::Ioe1 if last && touching => Prefix::E,
        Scheme::Iobes | Scheme::Bilou if first && last => Prefix::S,
        Scheme::Iob2 | Scheme::Iobes | Scheme::Bilou if first => Prefix::B,
        Scheme::Ioe2 | Scheme::Iobes | Scheme::Bilou if last => Prefix::E,
        _ => Prefix::I,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mode, decode};
    use super::*;
    use crate::span::Span;

    fn entity(label: &str, start: usize, end: usize) -> Entity {
        Entity {
            label: label.to_owned(),
            span: Span::new(start, end),
        }
    }

    #[test]
    fn table() {
        let entities = [
            entity("A", 0, 2),
            entity("A", 2, 3),
            entity("B", 3, 4),
            entity("B", 5, 6),
        ];
        for (scheme, expected) in [
            (Scheme::Iob1, "I-A I-A B-A I-B O I-B"),
            (Scheme::Iob2, "B-A I-A B-A B-B O B-B"),
            (Scheme::Ioe1, "I-A E-A I-A I-B O I-B"),
            (Scheme::Ioe2, "I-A E-A E-A E-B O E-B"),
            (Scheme::Iobes, "B-A E-A S-A S-B O S-B"),
            (Scheme::Bilou, "B-A L-A U-A U-B O U-B"),
        ] {
            let tags = encode(&entities, 6, scheme).unwrap_or_default();
            assert_eq!(tags.join(" "), expected);
            assert_eq!(
                decode(&tags, scheme, Mode::Lenient),
                Ok(entities.to_vec()),
                "{scheme:?}"
            );
        }
    }

    #[test]
    fn bad_entities_are_refused() {
        for bad in [entity("A", 1, 1), entity("A", 1, 3), entity("", 0, 1)] {
            let error = Error::Entity {
                label: bad.label.clone(),
                span: bad.span,
                length: 2,
            };
            assert_eq!(encode(&[bad], 2, Scheme::Iob2), Err(error));
        }
        let error = Error::Overlap {
            first: ("B".to_owned(), Span::new(0, 2)),
            second: ("A".to_owned(), Span::new(1, 2)),
        };
        assert_eq!(
            encode(&[entity("A", 1, 2), entity("B", 0, 2)], 2, Scheme::Iob2),
            Err(error)
        );
    }
}
