//! The strict reading of tags, in which only what the scheme allows is an entity.

use super::{Entity, Scheme, UNLABELLED, refuse};
use crate::error::Error;
use crate::span::Span;

/// The entities of one sentence.
pub(super) fn read<T: AsRef<str>>(tags: &[T], scheme: Scheme) -> Result<Vec<Entity>, Error> {
    let mut read = Vec::with_capacity(tags.len() + 1);
    for (index, tag) in tags.iter().enumerate() {
        read.push(Tag::parse(tag.as_ref(), index, scheme)?);
    }
    read.push(OUTSIDE);
    let mut entities = Vec::new();
    let (mut last, mut position) = (OUTSIDE, 0);
    while position < read.len() {
        let start = position;
        position += 1;
        if starts(scheme, last, read[start]) {
            while inside(scheme, read[position - 1], read[position]) {
                position += 1;
            }
            if ends(scheme, read[position - 1], read[position]) {
                let label = read[start].label.to_owned();
                entities.push(Entity {
                    label,
                    span: Span::new(start, position),
                });
            }
        }
        last = read[position - 1];
    }
    Ok(entities)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    I,
    O,
    B,
    /// Also L of BILOU.
    E,
    /// Also U of BILOU.
    S,
}

#[derive(Debug, Clone, Copy)]
struct Tag<'t> {
    prefix: Prefix,
    label: &'t str,
}

const OUTSIDE: Tag<'static> = Tag {
    prefix: Prefix::O,
    label: UNLABELLED,
};

impl<'t> Tag<'t> {
    /// The first character is the prefix, the rest without the hyphens around it the label.
    fn parse(text: &'t str, index: usize, scheme: Scheme) -> Result<Self, Error> {
        let mut chars = text.chars();
        let Some(first) = chars.next() else {
            return Err(refuse(index, text, "a tag must not be empty"));
        };
        let allowed = match scheme {
            Scheme::Iob1 | Scheme::Iob2 => "IOB",
            Scheme::Ioe1 | Scheme::Ioe2 => "IOE",
            Scheme::Iobes => "IOBES",
            Scheme::Bilou => "BILOU",
        };
        let prefix = match first {
            _ if !allowed.contains(first) => None,
            'I' => Some(Prefix::I),
            'O' => Some(Prefix::O),
            'B' => Some(Prefix::B),
            'E' | 'L' => Some(Prefix::E),
            _ => Some(Prefix::S),
        };
        let Some(prefix) = prefix else {
            let reason = format!("the prefix must be one of {allowed}");
            return Err(refuse(index, text, &reason));
        };
        let label = chars.as_str().trim_matches('-');
        Ok(Self {
            prefix,
            label: if label.is_empty() { UNLABELLED } else { label },
        })
    }
}

/// Whether an entity starts at `tag`, which follows `last`.
fn starts(scheme: Scheme, last: Tag<'_>, tag: Tag<'_>) -> bool {
    use Prefix::{B, E, I, O, S};
    let same = last.label == tag.label;
    let pair = (last.prefix, tag.prefix);
    match scheme {
        Scheme::Iob1 => match pair {
            (O | B, I) => true,
            (I | B, B) => same,
            (I, I) => !same,
            _ => false,
        },
        Scheme::Ioe1 => match pair {
            (O | E, I) => true,
            (E, E) => same,
            (I, I) => !same,
            _ => false,
        },
        Scheme::Ioe2 => match pair {
            (O | E, I | E) => true,
            (I, I | E) => !same,
            _ => false,
        },
        Scheme::Iob2 => tag.prefix == B,
        Scheme::Iobes | Scheme::Bilou => matches!(tag.prefix, B | S),
    }
}

/// Whether `tag` goes on with the entity of `last`.
fn inside(scheme: Scheme, last: Tag<'_>, tag: Tag<'_>) -> bool {
    use Prefix::{B, E, I};
    let pair = (last.prefix, tag.prefix);
    let fits = match scheme {
        Scheme::Iob1 | Scheme::Iob2 => matches!(pair, (B | I, I)),
        Scheme::Ioe1 | Scheme::Ioe2 => matches!(pair, (I, I | E)),
        Scheme::Iobes | Scheme::Bilou => matches!(pair, (B | I, I | E)),
    };
    fits && last.label == tag.label
}

/// Whether the entity of `last` is complete before `tag`.
fn ends(scheme: Scheme, last: Tag<'_>, tag: Tag<'_>) -> bool {
    use Prefix::{B, E, I, O, S};
    let same = last.label == tag.label;
    let pair = (last.prefix, tag.prefix);
    match scheme {
        Scheme::Iob1 => match pair {
            (I, O | B) | (B, O) => true,
            (B, B) => same,
            (I | B, I) => !same,
            _ => false,
        },
        Scheme::Iob2 => match pair {
            (I | B, O | B) => true,
            (I | B, I) => !same,
            _ => false,
        },
        Scheme::Ioe1 => match pair {
            (I, O) => true,
            (E, I | E) => same,
            (I, I | E) => !same,
            _ => false,
        },
        Scheme::Ioe2 => last.prefix == E,
        Scheme::Iobes | Scheme::Bilou => matches!(last.prefix, S | E),
    }
}
