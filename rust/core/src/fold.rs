//! Folding: what is left of a text when case, spacing, hyphenation and Unicode form do not matter.

use std::ops::Range;

use unicode_normalization::char::decompose_compatible;

use crate::boundary::{Class, is_behind_point};
use crate::character::{
    ASCII, is_accent, is_apostrophe, is_dash, is_ignorable, is_quote, is_space, is_word,
};

/// A match may begin here.
pub(crate) const START: u8 = 1;
/// A match may end before this.
pub(crate) const END: u8 = 2;
/// A word begins here, and a match may.
pub(crate) const WORD_START: u8 = 4;
/// A word ends before this, and a match may.
pub(crate) const WORD_END: u8 = 8;

/// Room for the skeletons of texts, one after the other, to be used again and again.
///
/// Each one is followed by an entry for its end.
#[derive(Debug, Default)]
pub(crate) struct Skeletons {
    chars: Vec<char>,
    starts: Vec<u32>,
    flags: Vec<u8>,
}

/// The folded characters of a text, each with the source character that it came from.
///
/// A separator between two digits is kept as one space, so that "1-2" is not "12".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skeleton<'s> {
    /// The folded characters.
    pub(crate) chars: &'s [char],
    /// Byte where the source character begins, for each of them and for the end.
    starts: &'s [u32],
    /// What may begin here or end before, for each of them and for the end.
    pub(crate) flags: &'s [u8],
}

impl Skeletons {
    /// Forgets all skeletons.
    pub(crate) fn clear(&mut self) {
        self.chars.clear();
        self.starts.clear();
        self.flags.clear();
    }

    /// Folds `text`, which is shorter than 4 GiB.
    pub(crate) fn push(&mut self, text: &str) -> Range<usize> {
        let base = self.chars.len();
        let mut folder = Folder::new(text, self);
        folder.read();
        folder.finish();
        base..self.chars.len() - 1
    }

    /// One of the skeletons.
    pub(crate) fn get(&self, range: Range<usize>) -> Skeleton<'_> {
        Skeleton {
            chars: &self.chars[range.clone()],
            starts: &self.starts[range.start..=range.end],
            flags: &self.flags[range.start..=range.end],
        }
    }

    fn add(&mut self, c: char, start: usize, flags: u8) {
        self.chars.push(c);
        self.starts.push(position(start));
        self.flags.push(flags);
    }
}

/// A byte position in the form in which it is kept; texts are shorter than 4 GiB.
fn position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Skeleton<'_> {
    /// The number of characters.
    pub(crate) fn len(&self) -> usize {
        self.chars.len()
    }

    /// The byte where the source of the character at `position` begins.
    pub(crate) fn start(&self, position: usize) -> usize {
        self.starts[position] as usize
    }

    /// The byte where the source of what lies before `position` ends, the accents of a letter included.
    pub(crate) fn end(&self, text: &str, position: usize) -> usize {
        let start = self.start(position - 1);
        let mut chars = text[start..].chars();
        let Some(base) = chars.next() else {
            return start;
        };
        let accents = chars.take_while(|c| is_word(base) && is_accent(*c));
        start + base.len_utf8() + accents.map(char::len_utf8).sum::<usize>()
    }

    /// Whether `bit` is set at `position`.
    pub(crate) fn is(&self, position: usize, bit: u8) -> bool {
        self.flags[position] & bit != 0
    }

    /// The words, as ranges of positions.
    pub(crate) fn words(&self) -> impl Iterator<Item = Range<usize>> {
        let mut position = 0;
        std::iter::from_fn(move || {
            let start = (position..self.len()).find(|at| self.is(*at, WORD_START))?;
            let end = (start + 1..=self.len()).find(|at| self.is(*at, WORD_END))?;
            position = end;
            Some(start..end)
        })
    }
}

/// Reads a text into a skeleton.
struct Folder<'t, 's> {
    text: &'t str,
    /// Where the skeleton begins.
    base: usize,
    out: &'s mut Skeletons,
    /// The last visible character.
    before: Option<Class>,
    /// Whether nothing was seen since the last folded character.
    open: bool,
    /// Whether a match and a word may end after the last folded character, unless it is open.
    end: u8,
    /// Where the source of the last folded character ends, accents included.
    last_end: usize,
    /// Whether that source is of a word.
    last_word: bool,
    /// Where a separator stands that follows a folded digit.
    separator: Option<usize>,
}

impl<'t, 's> Folder<'t, 's> {
    fn new(text: &'t str, out: &'s mut Skeletons) -> Self {
        Self {
            text,
            base: out.chars.len(),
            out,
            before: None,
            open: false,
            end: 0,
            last_end: 0,
            last_word: false,
            separator: None,
        }
    }

    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        self.out.chars.reserve(bytes.len() + 1);
        self.out.starts.reserve(bytes.len() + 1);
        self.out.flags.reserve(bytes.len() + 1);
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let smooth = at == 0 || self.open && bytes[at - 1].is_ascii();
            if byte.is_ascii() && smooth {
                let run = bytes[at..].iter().position(|byte| !byte.is_ascii());
                let end = run.map_or(bytes.len(), |length| at + length);
                self.read_ascii(at..end);
                at = end;
            } else if let Some(c) = self.text[at..].chars().next() {
                self.read_char(c, at);
                at += c.len_utf8();
            }
        }
    }

    fn finish(self) {
        let end = if self.open {
            ending(self.last_word)
        } else {
            self.end
        };
        self.out.add('\0', self.text.len(), end);
    }

    /// Reads ASCII characters that begin the text or follow a folded ASCII character.
    fn read_ascii(&mut self, range: Range<usize>) {
        let bytes = self.text.as_bytes();
        let first = self.out.chars.len();
        let room = first + range.len();
        self.out.chars.resize(room, '\0');
        self.out.starts.resize(room, 0);
        self.out.flags.resize(room, 0);
        let (chars, starts) = (&mut self.out.chars[..], &mut self.out.starts[..]);
        let mut decimals = Vec::new();
        let mut length = first;
        for at in range.clone() {
            let folded = ASCII[usize::from(bytes[at] & 0x7F)];
            chars[length] = char::from(folded);
            starts[length] = position(at);
            if folded.is_ascii_digit() && length > self.base {
                length += usize::from(keep_apart(chars, starts, length, bytes));
                if is_behind_point(self.text, at) {
                    decimals.push(length);
                }
            }
            length += usize::from(folded != 0);
        }
        self.out.chars.truncate(length);
        self.out.starts.truncate(length);
        self.out.flags.truncate(length);
        self.flag_ascii(first);
        for digit in decimals {
            self.hold_together(digit);
        }
        self.leave_ascii(range.end);
    }

    /// Finds what may begin and end at the characters from `first` on, all of them ASCII.
    fn flag_ascii(&mut self, first: usize) {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let mut from = first;
        if first == self.base && first < self.out.chars.len() {
            let word = is_word(self.out.chars[first]);
            self.out.flags[first] = starting(word);
            from += 1;
        }
        if from >= self.out.chars.len() {
            return;
        }
        let (chars, starts) = (&self.out.chars[from - 1..], &self.out.starts[from - 1..]);
        let pairs = chars.windows(2).zip(starts.windows(2));
        for (flags, (chars, starts)) in self.out.flags[from..].iter_mut().zip(pairs) {
            let (left, right) = (is_word(chars[0]), is_word(chars[1]));
            let cut = ending(left) | starting(right);
            let whole = left && right && starts[0] + 1 == starts[1];
            *flags = if whole { 0 } else { cut };
        }
    }

    /// Sets the state to what it is after ASCII characters up to `end`.
    fn leave_ascii(&mut self, end: usize) {
        let last = self.text.as_bytes()[end - 1];
        self.before = Class::of(char::from(last));
        self.open = ASCII[usize::from(last & 0x7F)] != 0;
        self.separator = None;
        self.end = 0;
        if self.out.chars.len() == self.base {
            return;
        }
        let c = self.out.chars[self.out.chars.len() - 1];
        self.last_word = c.is_ascii_alphanumeric();
        self.last_end = self.out.starts[self.out.starts.len() - 1] as usize + 1;
        if !self.open {
            self.end = ending(self.last_word);
        }
        if c.is_ascii_digit() {
            let since = self.last_end..end;
            self.separator = since
                .into_iter()
                .find(|at| is_separator(self.text.as_bytes()[*at]));
        }
    }

    /// Reads any character.
    fn read_char(&mut self, c: char, start: usize) {
        let Some(class) = Class::of(c) else { return };
        let cut = self.before.is_none_or(|before| before.separates(class));
        self.before = Some(class);
        if self.open {
            if is_accent(c) && self.last_word && self.last_end == start {
                self.last_end += c.len_utf8();
                return;
            }
            self.open = false;
            self.end = if cut { ending(self.last_word) } else { 0 };
        }
        let mut flags = if cut { starting(class.is_word()) } else { 0 };
        fold(c, &mut |piece| {
            if let Piece::Keep(c) = piece {
                self.keep(c, start, std::mem::take(&mut flags));
                self.open = true;
            } else {
                self.separate(start);
            }
        });
        if self.open {
            self.last_end = start + c.len_utf8();
            self.last_word = class.is_word();
        }
    }

    fn separate(&mut self, start: usize) {
        let digit = self.out.chars[self.base..]
            .last()
            .is_some_and(|last| last.is_numeric());
        if digit && self.separator.is_none() {
            self.separator = Some(start);
        }
    }

    fn keep(&mut self, c: char, start: usize, flags: u8) {
        if let Some(separator) = self.separator.take().filter(|_| c.is_numeric()) {
            let end = std::mem::take(&mut self.end);
            self.out.add(' ', separator, end | starting(false));
            self.end = ending(false);
        }
        let end = std::mem::take(&mut self.end);
        self.out.add(c, start, end | flags);
        if c.is_numeric() && is_behind_point(self.text, start) {
            self.hold_together(self.out.chars.len() - 1);
        }
    }

    /// Forbids that a match begins at a digit behind the point of a number, or ends before the point.
    fn hold_together(&mut self, digit: usize) {
        self.out.flags[digit] &= !(START | WORD_START);
        if digit > self.base && self.out.chars[digit - 1] == '.' {
            self.out.flags[digit - 1] &= !(END | WORD_END);
        }
    }
}

/// The flags of a place where a match may begin, with the first character of a word or not.
fn starting(word: bool) -> u8 {
    START | if word { WORD_START } else { 0 }
}

/// The flags of a place where a match may end, behind the last character of a word or not.
fn ending(word: bool) -> u8 {
    END | if word { WORD_END } else { 0 }
}

/// Puts a space before the digit at `place` if it is kept apart from a digit before it.
fn keep_apart(chars: &mut [char], starts: &mut [u32], place: usize, bytes: &[u8]) -> bool {
    if !chars[place - 1].is_ascii_digit() {
        return false;
    }
    let between = starts[place - 1] as usize + 1..starts[place] as usize;
    let Some(separator) = between.into_iter().find(|at| is_separator(bytes[*at])) else {
        return false;
    };
    (chars[place + 1], starts[place + 1]) = (chars[place], starts[place]);
    (chars[place], starts[place]) = (' ', position(separator));
    true
}

/// Whether an ASCII character that folds to nothing keeps digits apart.
fn is_separator(byte: u8) -> bool {
    !matches!(byte, b'\'' | b'`')
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
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        skeletons.get(range).chars.iter().collect()
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
            let mut skeletons = Skeletons::default();
            let range = skeletons.push(&text);
            let skeleton = skeletons.get(range);
            for start in (0..skeleton.len()).filter(|at| skeleton.is(*at, START)) {
                for end in (start + 1..=skeleton.len()).filter(|at| skeleton.is(*at, END)) {
                    let part: String = skeleton.chars[start..end].iter().collect();
                    let source = &text[skeleton.start(start)..skeleton.end(&text, end)];
                    prop_assert_eq!(folded(source), part.trim_matches(' '));
                }
            }
        }

        #[test]
        fn runs_of_ascii_are_read_as_single_characters_are(
            text in "(a|B|1|2|-| |\\.|,|'|\u{e9}|\u{301}|ﬁ|\u{AD}|x-ray 12 mg){0,30}"
        ) {
            let (mut by_runs, mut by_chars) = (Skeletons::default(), Skeletons::default());
            by_runs.push(&text);
            let mut folder = Folder::new(&text, &mut by_chars);
            for (start, c) in text.char_indices() {
                folder.read_char(c, start);
            }
            folder.finish();
            prop_assert_eq!(by_runs.chars, by_chars.chars);
            prop_assert_eq!(by_runs.starts, by_chars.starts);
            prop_assert_eq!(by_runs.flags, by_chars.flags);
        }
    }

    #[test]
    fn what_may_begin_and_end() {
        for (text, flags) in [
            (
                "ab c",
                vec![
                    START | WORD_START,
                    0,
                    START | WORD_START | END | WORD_END,
                    END | WORD_END,
                ],
            ),
            ("(a", vec![START, END | START | WORD_START, END | WORD_END]),
            ("1.5", vec![START | WORD_START, START, END, END | WORD_END]),
            (
                "1,5",
                vec![
                    START | WORD_START,
                    START | END | WORD_END,
                    END,
                    END | WORD_END,
                ],
            ),
            ("e\u{301}a", vec![START | WORD_START, 0, END | WORD_END]),
            ("a\u{AD}", vec![START | WORD_START, END | WORD_END]),
            ("", vec![0]),
        ] {
            let mut skeletons = Skeletons::default();
            let range = skeletons.push(text);
            assert_eq!(skeletons.get(range).flags, flags, "{text}");
        }
    }
}
