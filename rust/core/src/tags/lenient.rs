//! The lenient reading of tags, in which every tag but O belongs to some entity.

use super::{Entity, Scheme, UNLABELLED, in_sentence, refuse};
use crate::error::Error;
use crate::span::Span;

/// The entities of `sentences`, by token index over all of them with one index left free after each.
///
/// seqeval reads the sentences as one sequence with an O after each. That an unknown prefix after O
/// begins no entity, but may end one, lets an entity reach back into an earlier sentence; scores
/// agree only if this is kept.
pub(super) fn read<T: AsRef<str>>(
    sentences: &[&[T]],
    scheme: Scheme,
) -> Result<Vec<Entity>, Error> {
    let mut reader = Reader {
        last: OUTSIDE,
        start: 0,
        position: 0,
        entities: Vec::new(),
    };
    for (number, sentence) in sentences.iter().enumerate() {
        for (index, tag) in sentence.iter().enumerate() {
            let tag = Tag::parse(tag.as_ref(), scheme).ok_or_else(|| {
                in_sentence(refuse(index, "", "a tag must not be empty"), Some(number))
            })?;
            reader.read(tag);
        }
        reader.read(OUTSIDE);
    }
    Ok(reader.entities)
}

#[derive(Debug, Clone, Copy)]
struct Tag<'t> {
    prefix: char,
    label: &'t str,
}

const OUTSIDE: Tag<'static> = Tag {
    prefix: 'O',
    label: UNLABELLED,
};

impl<'t> Tag<'t> {
    /// The first character is the prefix, the label is what follows the first hyphen after it, or
    /// all that follows if there is no hyphen.
    fn parse(text: &'t str, scheme: Scheme) -> Option<Self> {
        let mut chars = text.chars();
        let prefix = match (chars.next()?, scheme) {
            ('L', Scheme::Bilou) => 'E',
            ('U', Scheme::Bilou) => 'S',
            (prefix, _) => prefix,
        };
        let rest = chars.as_str();
        let label = rest.split_once('-').map_or(rest, |(_, label)| label);
        Some(Self {
            prefix,
            label: if label.is_empty() { UNLABELLED } else { label },
        })
    }

    fn is_outside(self) -> bool {
        matches!(self.prefix, 'O' | '.')
    }

    /// Whether an entity ends between this tag and `next`.
    fn ends_before(self, next: Self) -> bool {
        match (self.prefix, next.prefix) {
            ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
            _ => !self.is_outside() && self.label != next.label,
        }
    }

    /// Whether an entity starts at this tag, which follows `last`.
    fn starts_after(self, last: Self) -> bool {
        match (last.prefix, self.prefix) {
            (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
            _ => !self.is_outside() && self.label != last.label,
        }
    }
}

#[derive(Debug)]
struct Reader<'t> {
    last: Tag<'t>,
    start: usize,
    position: usize,
    entities: Vec<Entity>,
}

impl<'t> Reader<'t> {
    fn read(&mut self, tag: Tag<'t>) {
        if self.last.ends_before(tag) {
            let label = self.last.label.to_owned();
            self.entities.push(Entity {
                label,
                span: Span::new(self.start, self.position),
            });
        }
        if tag.starts_after(self.last) {
            self.start = self.position;
        }
        self.last = tag;
        self.position += 1;
    }
}
