//! Folding: what is left of a text when case, spacing, hyphenation and Unicode form do not matter.

use unicode_normalization::char::decompose_compatible;

use crate::character::{
    is_accent, is_apostrophe, is_dash, is_ignorable, is_odd_number, is_quote, is_space, is_syllable,
};

/// What a part of a source character folds to.
#[derive(Clone, Copy)]
pub(crate) enum Piece {
    /// A folded character.
    Keep(char),
    /// White space or a hyphen.
    Separator,
}

/// Visits what `c` folds to.
pub(crate) fn fold(c: char, visit: &mut impl FnMut(Piece)) {
    if c.is_ascii_alphanumeric() {
        return visit(Piece::Keep(c.to_ascii_lowercase()));
    }
    if is_syllable(c) {
        return visit(Piece::Keep(c));
    }
    if is_odd_number(c) {
        // "10²" is not "102".
        visit(Piece::Separator);
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
    use super::*;
    use crate::skeleton::Skeletons;

    fn folded(text: &str) -> String {
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        skeletons.get(range).chars().collect()
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
            ("numero sign", "№ 5, No 5", "no5,no5"),
            ("other signs of letters", "℞ 5 ℃ ™", "℞5°ctm"),
            ("full width", "ＡＴＭ－１", "atm1"),
            ("digits stay apart", "1-2 3", "1 2 3"),
            ("digits beside letters", "5 mg - 6", "5mg6"),
            ("double prime is a quote", "5″", "5\""),
            ("powers", "10² m² 1½", "10 2m2 1 1⁄2"),
            ("a Korean syllable", "간 \u{1100}\u{1161}\u{11AB}", "간간"),
            (
                "parts of one",
                "가\u{11AB}\u{1100} \u{1161}",
                "간\u{1100}\u{1161}",
            ),
            ("a lengthened word", "محـــمد", "محمد"),
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
}
