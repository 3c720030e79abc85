//! Folding: what is left of a text when case, spacing, hyphenation and Unicode form do not matter.

use unicode_normalization::char::decompose_compatible;

use crate::character::{is_accent, is_apostrophe, is_dash, is_ignorable, is_quote, is_space};

/// The folded characters of a text, each with the source character that it came from.
///
/// A separator between two digits is kept as one space, so that "1-2" is not "12".
#[derive(Debug, Clone, Default)]
pub(crate) struct Skeleton {
    /// The folded characters.
    pub(crate) chars: Vec<char>,
    /// Byte where the source character begins, for each of them.
    starts: Vec<usize>,
    /// Byte where the source character and the accents that follow it end.
    ends: Vec<usize>,
}

impl Skeleton {
    /// Folds `text`.
    pub(crate) fn new(text: &str) -> Self {
        let mut skeleton = Self::default();
        let mut separator = None;
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            let before = skeleton.chars.len();
            fold(c, &mut |piece| {
                skeleton.push(piece, &mut separator, start, end);
            });
            if skeleton.chars.len() == before && is_accent(c) {
                skeleton.extend(start, end);
            }
        }
        skeleton
    }

    /// The byte where the source of `position` begins, if nothing before `position` came from the
    /// same source character.
    pub(crate) fn start(&self, position: usize) -> Option<usize> {
        let start = *self.starts.get(position)?;
        let whole = position == 0 || self.starts[position - 1] != start;
        whole.then_some(start)
    }

    /// The byte where the source of what lies before `position` ends, if nothing from `position`
    /// on came from the same source character.
    pub(crate) fn end(&self, position: usize) -> Option<usize> {
        let last = position.checked_sub(1)?;
        let end = *self.ends.get(last)?;
        let whole = self.starts.get(position) != Some(&self.starts[last]);
        whole.then_some(end)
    }

    fn push(
        &mut self,
        piece: Piece,
        separator: &mut Option<(usize, usize)>,
        start: usize,
        end: usize,
    ) {
        let Piece::Keep(c) = piece else {
            if self.chars.last().is_some_and(|last| last.is_numeric()) {
                separator.get_or_insert((start, end));
            }
            return;
        };
        if let Some((start, end)) = separator.take().filter(|_| c.is_numeric()) {
            self.add(' ', start, end);
        }
        self.add(c, start, end);
    }

    fn add(&mut self, c: char, start: usize, end: usize) {
        self.chars.push(c);
        self.starts.push(start);
        self.ends.push(end);
    }

    /// Lets the last source character end at `end` if it ended at `start`.
    fn extend(&mut self, start: usize, end: usize) {
        if let Some(last) = self.ends.last_mut().filter(|last| **last == start) {
            *last = end;
        }
    }
}

/// What a part of a source character folds to.
#[derive(Clone, Copy)]
enum Piece {
    Keep(char),
    Separator,
}

/// Visits what `c` folds to.
fn fold(c: char, visit: &mut impl FnMut(Piece)) {
    if c.is_ascii_alphanumeric() {
        return visit(Piece::Keep(c.to_ascii_lowercase()));
    }
    unify(c, &mut |part| match part {
        '\'' => {}
        '-' | ' ' => visit(Piece::Separator),
        part => visit(Piece::Keep(part)),
    });
}

/// The letters and punctuation of a token: as a skeleton, but separators and apostrophes count.
///
/// Never empty: a token of which nothing would be left stands for itself.
pub(crate) fn spell(token: &str) -> Vec<char> {
    let mut chars = Vec::new();
    for c in token.chars() {
        unify(c, &mut |part| {
            if part != ' ' {
                chars.push(part);
            }
        });
    }
    if chars.is_empty() {
        chars.extend(token.chars());
    }
    if chars.is_empty() {
        chars.push('\0');
    }
    chars
}

/// Visits the parts of `c` with one form for each kind of character: lower case without accents,
/// `-` for dashes, `'` for apostrophes, `"` for quotation marks, a space for white space, and
/// nothing for what is not seen.
fn unify(c: char, visit: &mut impl FnMut(char)) {
    // Some quotation marks decompose into a space or into two apostrophes.
    if is_apostrophe(c) {
        return visit('\'');
    }
    if is_quote(c) {
        return visit('"');
    }
    decompose_compatible(c, |part| match part {
        _ if is_ignorable(part) || is_accent(part) => {}
        _ if is_space(part) => visit(' '),
        _ if is_dash(part) => visit('-'),
        _ if is_apostrophe(part) => visit('\''),
        'ß' | 'ẞ' => {
            visit('s');
            visit('s');
        }
        'ς' => visit('σ'),
        _ => part
            .to_lowercase()
            .filter(|lower| !is_accent(*lower))
            .for_each(&mut *visit),
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        Skeleton::new(text).chars.iter().collect()
    }

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("case", "LuPuS", "lupus"),
            ("spaces", " a\u{A0}b\r\n\tc\u{3000}", "abc"),
            ("hyphens", "a-b‐c‑d–e—f−g", "abcdefg"),
            ("not seen", "a\u{AD}b\u{200B}c\u{FEFF}d\u{200F}", "abcd"),
            ("accents", "Sjo\u{308}gren é", "sjogrene"),
            ("dotted capital i", "İstanbul", "istanbul"),
            ("sharp s", "Straße STRASSE ẞ", "strassestrassess"),
            ("final sigma", "ΟΔΟΣ οδος", "οδοσοδοσ"),
            ("ligature", "ﬁbrosis", "fibrosis"),
            (
                "apostrophes",
                "Crohn's Crohn’s Crohn`s",
                "crohnscrohnscrohns",
            ),
            ("quotes", "“a” «b» \"c\"", "\"a\"\"b\"\"c\""),
            ("full width", "ＡＴＭ－１", "atm1"),
            ("digits stay apart", "1-2 3", "1 2 3"),
            ("digits beside letters", "5 mg - 6", "5mg6"),
            ("double prime is a quote", "5″", "5\""),
            ("kana voicing makes a letter", "が か", "か\u{3099}か"),
        ] {
            assert_eq!(folded(text), expected, "{name}");
        }
    }

    #[test]
    fn spelling_keeps_punctuation_and_is_never_empty() {
        for (token, expected) in [
            ("A‑T", "a-t"),
            ("Crohn’s", "crohn's"),
            (" ", " "),
            ("", "\0"),
            ("\u{AD}", "\u{AD}"),
        ] {
            assert_eq!(spell(token).iter().collect::<String>(), expected);
        }
    }

    proptest! {
        #[test]
        fn every_character_maps_to_the_source_that_folds_to_it(
            text in "(a|É|e\u{301}|ﬁ|İ|ß|-|\u{AD}| |1|’|中|\u{1D400}){0,30}"
        ) {
            let skeleton = Skeleton::new(&text);
            for start in 0..skeleton.chars.len() {
                for end in start + 1..=skeleton.chars.len() {
                    let span = skeleton.start(start).zip(skeleton.end(end));
                    let Some((from, to)) = span else { continue };
                    let part: String = skeleton.chars[start..end].iter().collect();
                    prop_assert_eq!(folded(&text[from..to]), part.trim_matches(' '));
                }
            }
        }
    }
}
