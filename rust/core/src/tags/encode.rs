//! Entities to tags.

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
    let mut sorted: Vec<&Entity> = entities.iter().collect();
    sorted.sort_by_key(|entity| entity.span);
    for entity in &sorted {
        check(entity, length)?;
    }
    let mut tags = vec!["O".to_owned(); length];
    for (index, entity) in sorted.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| sorted[before]);
        let after = sorted.get(index + 1).copied();
        if let Some(after) = after.filter(|after| after.span.start < entity.span.end) {
            let name = |one: &Entity| (one.label.clone(), one.span);
            return Err(Error::Overlap {
                first: name(entity),
                second: name(after),
            });
        }
        let touched = before.is_some_and(|before| touches(before, entity));
        let touching = after.is_some_and(|after| touches(entity, after));
        let own = &mut tags[entity.span.start..entity.span.end];
        let length = own.len();
        for (position, tag) in own.iter_mut().enumerate() {
            let (first, last) = (position == 0, position + 1 == length);
            let prefix = prefix(scheme, (first, last), (first && touched, last && touching));
            *tag = format!("{prefix}-{}", entity.label);
        }
    }
    Ok(tags)
}

fn check(entity: &Entity, length: usize) -> Result<(), Error> {
    let span = entity.span;
    if entity.label.is_empty() || span.start >= span.end || span.end > length {
        return Err(Error::Entity {
            label: entity.label.clone(),
            span,
            length,
        });
    }
    Ok(())
}

/// Whether nothing but a tag can tell where `one` ends and `next` starts.
fn touches(one: &Entity, next: &Entity) -> bool {
    one.span.end == next.span.start && one.label == next.label
}

/// The prefix of a token that is the first or last of its entity; the second pair says whether
/// there is an entity with the same label right before or after it.
fn prefix(scheme: Scheme, (first, last): (bool, bool), (touched, touching): (bool, bool)) -> char {
    match scheme {
        Scheme::Iob1 if touched => 'B',
        Scheme::Ioe1 if touching => 'E',
        Scheme::Iobes if first && last => 'S',
        Scheme::Bilou if first && last => 'U',
        Scheme::Iob2 | Scheme::Iobes | Scheme::Bilou if first => 'B',
        Scheme::Ioe2 | Scheme::Iobes if last => 'E',
        Scheme::Bilou if last => 'L',
        _ => 'I',
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
