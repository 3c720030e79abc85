//! The strict reading of tags, in which only what the scheme allows is an entity.

use super::Scheme;
use super::prefix::{Prefix, letters};

/// The prefix and the label of a tag, or `None` if it is empty or its prefix is not of the scheme.
///
/// The first character is the prefix, the rest without the hyphens around it the label.
pub(super) fn parse(text: &str, scheme: Scheme) -> Option<(Prefix, &str)> {
    let mut chars = text.chars();
    let first = chars
        .next()
        .filter(|first| letters(scheme).contains(*first))?;
    let prefix = match first {
        'I' => Prefix::I,
        'O' => Prefix::O,
        'B' => Prefix::B,
        'E' | 'L' => Prefix::E,
        _ => Prefix::S,
    };
    Some((prefix, chars.as_str().trim_matches('-')))
}

/// Whether an entity starts at `tag`, which follows `last`.
///
/// `same` says, here as below, whether the two have one label.
pub(super) const fn starts(scheme: Scheme, last: Prefix, tag: Prefix, same: bool) -> bool {
    use Prefix::{B, E, I, O, S};
    match scheme {
        Scheme::Iob1 => match (last, tag) {
            (O | B, I) => true,
            (I | B, B) => same,
            (I, I) => !same,
            _ => false,
        },
        Scheme::Ioe1 => match (last, tag) {
            (O | E, I) => true,
            (E, E) => same,
            (I, I) => !same,
            _ => false,
        },
        Scheme::Ioe2 => match (last, tag) {
            (O | E, I | E) => true,
            (I, I | E) => !same,
            _ => false,
        },
        Scheme::Iob2 => matches!(tag, B),
        Scheme::Iobes | Scheme::Bilou => matches!(tag, B | S),
    }
}

/// Whether `tag` goes on with the entity of `last`.
pub(super) const fn inside(scheme: Scheme, last: Prefix, tag: Prefix, same: bool) -> bool {
    use Prefix::{B, E, I};
    let fits = match scheme {
        Scheme::Iob1 | Scheme::Iob2 => matches!((last, tag), (B | I, I)),
        Scheme::Ioe1 | Scheme::Ioe2 => matches!((last, tag), (I, I | E)),
        Scheme::Iobes | Scheme::Bilou => matches!((last, tag), (B | I, I | E)),
    };
    fits && same
}

/// Whether the entity of `last` is complete before `tag`.
pub(super) const fn ends(scheme: Scheme, last: Prefix, tag: Prefix, same: bool) -> bool {
    use Prefix::{B, E, I, O, S};
    match scheme {
        Scheme::Iob1 => match (last, tag) {
            (I, O | B) | (B, O) => true,
            (B, B) => same,
            (I | B, I) => !same,
            _ => false,
        },
        Scheme::Iob2 => match (last, tag) {
            (I | B, O | B) => true,
            (I | B, I) => !same,
            _ => false,
        },
        Scheme::Ioe1 => match (last, tag) {
            (I, O) => true,
            (E, I | E) => same,
            (I, I | E) => !same,
            _ => false,
        },
        Scheme::Ioe2 => matches!(last, E),
        Scheme::Iobes | Scheme::Bilou => matches!(last, S | E),
    }
}

/// Whether strict reading loses neither tag when `tag` follows `last`; O is before and after a
/// sentence.
pub(super) const fn follows(scheme: Scheme, last: Prefix, tag: Prefix, same: bool) -> bool {
    use Prefix::O;
    let complete = matches!(last, O) || ends(scheme, last, tag, same);
    let begins = matches!(tag, O) || starts(scheme, last, tag, same);
    inside(scheme, last, tag, same) || complete && begins
}
