//! Where words may begin and end.

use crate::character::{is_ignorable, is_mark, is_unsegmented, is_word};

/// The zero-width space is not seen, but says that a word may end.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// The word boundaries of a text, by byte position.
#[derive(Debug, Clone)]
pub(crate) struct Boundaries(Vec<bool>);

impl Boundaries {
    /// Finds them in one pass.
    pub(crate) fn new(text: &str) -> Self {
        let mut flags = vec![false; text.len() + 1];
        let mut previous = None;
        let mut since = 0;
        let visible = |c: &char| !is_ignorable(*c) || *c == ZERO_WIDTH_SPACE;
        for (position, c) in text.char_indices().filter(|(_, c)| visible(c)) {
            if separates(previous, Some(c)) {
                flags[since..=position].fill(true);
            }
            previous = Some(c);
            since = position + c.len_utf8();
        }
        flags[since..].fill(true);
        Self(flags)
    }

    /// Whether a word may begin or end at byte `position`, which is that of a character.
    pub(crate) fn at(&self, position: usize) -> bool {
        self.0.get(position).copied().unwrap_or(false)
    }
}

/// Whether there is a boundary between two visible neighbours; `None` is the edge of the text.
fn separates(left: Option<char>, right: Option<char>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return true;
    };
    if is_mark(right) && is_word(left) {
        return false;
    }
    is_unsegmented(left) || is_unsegmented(right) || !(is_word(left) && is_word(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<usize> {
        let boundaries = Boundaries::new(text);
        let positions = text.char_indices().map(|(position, _)| position);
        positions
            .chain([text.len()])
            .filter(|position| boundaries.at(*position))
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
}
