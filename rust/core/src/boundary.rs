//! Where words may begin and end.

use crate::character::{is_ignorable, is_mark, is_unsegmented, is_word};

/// The zero-width space is not seen, but says that a word may end.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// What of a visible character decides on the boundaries beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class(u8);

impl Class {
    const WORD: u8 = 1;
    const MARK: u8 = 2;
    const UNSEGMENTED: u8 = 4;

    /// The class of `c`; `None` if it is not seen.
    pub(crate) fn of(c: char) -> Option<Self> {
        if c.is_ascii() {
            return Some(Self(u8::from(c.is_ascii_alphanumeric())));
        }
        if is_ignorable(c) && c != ZERO_WIDTH_SPACE {
            return None;
        }
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        Some(Self(
            bit(is_word(c), Self::WORD)
                | bit(is_mark(c), Self::MARK)
                | bit(is_unsegmented(c), Self::UNSEGMENTED),
        ))
    }

    /// Whether it is a letter, a number or a combining mark.
    pub(crate) fn is_word(self) -> bool {
        self.0 & Self::WORD != 0
    }

    /// Whether there is a boundary between it and its visible neighbour `right`.
    pub(crate) fn separates(self, right: Self) -> bool {
        if right.0 & Self::MARK != 0 && self.is_word() {
            return false;
        }
        (self.0 | right.0) & Self::UNSEGMENTED != 0 || !(self.is_word() && right.is_word())
    }
}

/// Whether a word may begin or end at byte `position`, which is that of a character.
pub(crate) fn is_boundary(text: &str, position: usize) -> bool {
    let left = text[..position].chars().rev().find_map(Class::of);
    let right = text[position..].chars().find_map(Class::of);
    left.zip(right)
        .is_none_or(|(left, right)| left.separates(right))
}

/// Whether byte `position` lies behind the point or comma of a decimal number.
pub(crate) fn is_behind_point(text: &str, position: usize) -> bool {
    let digits = |text: &str| text.ends_with(char::is_numeric);
    text[position..].starts_with(char::is_numeric)
        && text[..position]
            .strip_suffix(['.', ','])
            .is_some_and(digits)
}

/// Whether byte `position` lies before the point of a decimal number.
fn is_before_point(text: &str, position: usize) -> bool {
    text[..position].ends_with(char::is_numeric)
        && text[position..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(char::is_numeric))
}

/// Whether a match may begin or end at byte `position`, which is that of a character: at a word boundary
/// that does not part a decimal number.
pub(crate) fn is_cut(text: &str, position: usize) -> bool {
    is_boundary(text, position) && !is_at_point(text, position)
}

/// Whether byte `position` lies before or behind the point of a decimal number, or behind its comma.
pub(crate) fn is_at_point(text: &str, position: usize) -> bool {
    is_behind_point(text, position) || is_before_point(text, position)
}

/// The bytes of `text` at which a mention may begin or end, from 0 to its length.
///
/// ```
/// use nerharness_core::cuts;
/// assert_eq!(cuts("p 1.5"), [0, 1, 2, 5]);
/// ```
#[must_use]
pub fn cuts(text: &str) -> Vec<usize> {
    let inner = text.char_indices().map(|(position, _)| position).skip(1);
    let inner = inner.filter(|&at| is_cut(text, at));
    let mut found = vec![0];
    found.extend(inner);
    if !text.is_empty() {
        found.push(text.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<usize> {
        let positions = text.char_indices().map(|(position, _)| position);
        positions
            .chain([text.len()])
            .filter(|position| is_boundary(text, *position))
            .collect()
    }

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("empty", "", vec![0]),
            ("word", "lupus", vec![0, 5]),
            ("hyphen", "a-b", vec![0, 1, 2, 3]),
            ("soft hyphen", "a\u{AD}b", vec![0, 4]),
            ("byte order mark", "\u{FEFF}ab", vec![0, 3, 5]),
            ("zero-width space", "a\u{200B}b", vec![0, 1, 4, 5]),
            ("accent", "e\u{301}a", vec![0, 4]),
            ("ideographs", "発熱", vec![0, 3, 6]),
            ("ideograph beside a letter", "a発", vec![0, 1, 4]),
            ("Thai letter with its tone mark", "ก\u{E49}ข", vec![0, 6, 9]),
            (
                "soft hyphen at the end of a word",
                "a\u{AD} b",
                vec![0, 1, 3, 4, 5],
            ),
        ] {
            assert_eq!(words(text), expected, "{name}");
        }
    }

    #[test]
    fn decimals() {
        for (text, position, behind, before) in [
            ("1.5", 2, true, false),
            ("1,5", 2, true, false),
            ("1.5", 1, false, true),
            ("1,5", 1, false, false),
            ("a.5", 2, false, false),
            ("1. 5", 3, false, false),
            ("1.", 2, false, false),
        ] {
            assert_eq!(is_behind_point(text, position), behind, "{text} {position}");
            assert_eq!(is_before_point(text, position), before, "{text} {position}");
        }
    }
}
