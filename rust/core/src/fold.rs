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
/// A word, of which an apostrophe may be a part, begins here or ended before this.
pub(crate) const BREAK: u8 = 16;

/// Room for the skeletons of texts, one after the other, to be used again and again.
///
/// Each one is followed by an entry for its end.
#[derive(Debug, Default)]
pub(crate) struct Skeletons {
    chars: Vec<char>,
    bytes: Vec<u8>,
    starts: Vec<u32>,
    flags: Vec<u8>,
}

/// What stands for all characters that are not ASCII in [`Skeleton::bytes`].
pub(crate) const OTHER: u8 = 0x80;

/// The folded characters of a text, each with the source character that it came from.
///
/// A separator between two digits is kept as one space, so that "1-2" is not "12".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skeleton<'s> {
    /// The folded characters.
    pub(crate) chars: &'s [char],
    /// The same as bytes; one that is not ASCII is [`OTHER`].
    pub(crate) bytes: &'s [u8],
    /// Byte where the source character begins, for each of them and for the end.
    starts: &'s [u32],
    /// What may begin here or end before, for each of them and for the end.
    pub(crate) flags: &'s [u8],
}

impl Skeletons {
    /// Forgets all skeletons.
    pub(crate) fn clear(&mut self) {
        self.chars.clear();
        self.bytes.clear();
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

    fn reserve(&mut self, more: usize) {
        self.chars.reserve(more);
        self.bytes.reserve(more);
        self.starts.reserve(more);
        self.flags.reserve(more);
    }

    fn resize(&mut self, length: usize) {
        self.chars.resize(length, '\0');
        self.bytes.resize(length, 0);
        self.starts.resize(length, 0);
        self.flags.resize(length, 0);
    }

    /// One of the skeletons.
    pub(crate) fn get(&self, range: Range<usize>) -> Skeleton<'_> {
        Skeleton {
            chars: &self.chars[range.clone()],
            bytes: &self.bytes[range.clone()],
            starts: &self.starts[range.start..=range.end],
            flags: &self.flags[range.start..=range.end],
        }
    }

    fn add(&mut self, c: char, start: usize, flags: u8) {
        self.chars.push(c);
        self.bytes
            .push(u8::try_from(c).map_or(OTHER, |byte| byte.min(OTHER)));
        self.starts.push(position(start));
        self.flags.push(flags);
    }
}

/// A byte position in the form in which it is kept; texts are shorter than 4 GiB.
fn position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl<'s> Skeleton<'s> {
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

    /// The skeleton from one position to another.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        Self {
            chars: &self.chars[range.clone()],
            bytes: &self.bytes[range.clone()],
            starts: &self.starts[range.start..=range.end],
            flags: &self.flags[range.start..=range.end],
        }
    }

    /// The words, apostrophes being parts of words.
    pub(crate) fn pieces(self) -> impl Iterator<Item = Range<usize>> + Clone + use<'s> {
        let (this, mut position) = (self, 0);
        std::iter::from_fn(move || {
            while position < this.len() {
                let start = position;
                let next = (start + 1..this.len()).find(|at| this.is(*at, BREAK));
                position = next.unwrap_or(this.len());
                if is_word(this.chars[start]) {
                    return Some(start..position);
                }
            }
            None
        })
    }

    /// The words between which a match may begin and end, as ranges of positions.
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
    /// Whether all that was seen since the last folded character are apostrophes.
    joined: bool,
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
            joined: false,
            separator: None,
        }
    }

    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        self.out.reserve(bytes.len() + 1);
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let smooth = at == 0 || self.open && bytes[at - 1].is_ascii();
            if byte.is_ascii() && smooth {
                let end = at + ascii_prefix(&bytes[at..]);
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
        self.out.resize(first + range.len());
        let (kept, starts) = (&mut self.out.bytes[..], &mut self.out.starts[..]);
        let (mut decimals, mut joints) = (Vec::new(), Vec::new());
        let (mut length, mut at) = (first, position(range.start));
        for byte in &bytes[range.clone()] {
            let folded = ASCII[usize::from(byte & 0x7F)];
            kept[length] = folded;
            starts[length] = at;
            if folded.is_ascii_digit() && length > self.base {
                length += usize::from(keep_apart(kept, starts, length, bytes));
                if is_behind_point(self.text, at as usize) {
                    decimals.push(length);
                }
            }
            if is_joint(*byte) {
                joints.push(length);
            }
            length += usize::from(folded != 0);
            at += 1;
        }
        self.out.resize(length);
        self.flag_ascii(first);
        for digit in decimals {
            self.hold_together(digit);
        }
        for joint in joints {
            self.join(joint, length);
        }
        self.leave_ascii(range.end);
    }

    /// Finds what may begin and end at the characters from `first` on, all of them ASCII.
    fn flag_ascii(&mut self, first: usize) {
        let Skeletons {
            chars,
            bytes,
            starts,
            flags,
        } = &mut *self.out;
        for (c, byte) in chars[first..].iter_mut().zip(&bytes[first..]) {
            *c = char::from(*byte);
        }
        let mut from = first;
        if first == self.base && first < bytes.len() {
            flags[first] = BREAK | starting(bytes[first].is_ascii_alphanumeric());
            from += 1;
        }
        if from >= bytes.len() {
            return;
        }
        let pairs = bytes[from - 1..].iter().zip(&bytes[from..]);
        let places = starts[from - 1..].iter().zip(&starts[from..]);
        for ((flags, (left, right)), (before, after)) in
            flags[from..].iter_mut().zip(pairs).zip(places)
        {
            let left = u8::from(left.is_ascii_alphanumeric());
            let right = u8::from(right.is_ascii_alphanumeric());
            let whole = left & right & u8::from(before + 1 == *after);
            let cut = START | END | BREAK | left * WORD_END | right * WORD_START;
            *flags = (1 - whole) * cut;
        }
    }

    /// Takes the break away before the character at `joint` if there are only apostrophes between
    /// it and a letter before it.
    fn join(&mut self, joint: usize, length: usize) {
        if joint == self.base || joint == length {
            return;
        }
        let Skeletons {
            bytes,
            starts,
            flags,
            ..
        } = &mut *self.out;
        let between = starts[joint - 1] as usize + 1..starts[joint] as usize;
        let words =
            bytes[joint - 1].is_ascii_alphanumeric() && bytes[joint].is_ascii_alphanumeric();
        if words
            && self.text.as_bytes()[between]
                .iter()
                .all(|byte| is_joint(*byte))
        {
            flags[joint] &= !BREAK;
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
        let since = self.last_end..end;
        self.joined = since.clone().all(|at| is_joint(self.text.as_bytes()[at]));
        if !self.open {
            self.end = ending(self.last_word);
        }
        if c.is_ascii_digit() {
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
        let adjacent = self.open;
        if self.open {
            if is_accent(c) && self.last_word && self.last_end == start {
                self.last_end += c.len_utf8();
                return;
            }
            self.open = false;
            self.end = if cut { ending(self.last_word) } else { 0 };
        }
        let mut flags = if cut { starting(class.is_word()) } else { 0 };
        let bridged = self.joined && self.last_word && class.is_word();
        if if adjacent { cut } else { !bridged } {
            flags |= BREAK;
        }
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
            self.joined = true;
        } else {
            self.joined &= is_apostrophe(c);
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
            self.out.add(' ', separator, end | starting(false) | BREAK);
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

/// How many bytes of ASCII there are before any other.
fn ascii_prefix(bytes: &[u8]) -> usize {
    let chunks = bytes.chunks(64).take_while(|chunk| chunk.is_ascii());
    let whole: usize = chunks.map(<[u8]>::len).sum();
    let rest = bytes[whole..].iter().take_while(|byte| byte.is_ascii());
    whole + rest.count()
}

/// Puts a space before the digit at `place` if it is kept apart from a digit before it.
fn keep_apart(kept: &mut [u8], starts: &mut [u32], place: usize, bytes: &[u8]) -> bool {
    if !kept[place - 1].is_ascii_digit() {
        return false;
    }
    let between = starts[place - 1] as usize + 1..starts[place] as usize;
    let Some(separator) = between.into_iter().find(|at| is_separator(bytes[*at])) else {
        return false;
    };
    (kept[place + 1], starts[place + 1]) = (kept[place], starts[place]);
    (kept[place], starts[place]) = (b' ', position(separator));
    true
}

/// Whether an ASCII character that folds to nothing keeps digits apart.
fn is_separator(byte: u8) -> bool {
    !is_joint(byte)
}

/// Whether an ASCII character is an apostrophe.
fn is_joint(byte: u8) -> bool {
    matches!(byte, b'\'' | b'`')
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
            let found = skeletons
                .get(range)
                .flags
                .iter()
                .map(|flags| flags & !BREAK);
            assert_eq!(found.collect::<Vec<_>>(), flags, "{text}");
        }
    }

    #[test]
    fn pieces_are_words_with_their_apostrophes() {
        for (text, expected) in [
            ("Crohn's disease", "crohns disease"),
            ("Crohn’s ‘old’ x'", "crohns old x"),
            ("é's", "es"),
            ("non-small (1.5 mg)", "non small 1 5 mg"),
            ("a\u{AD}b c", "ab c"),
            ("1 2", "1 2"),
            (". '", ""),
        ] {
            let mut skeletons = Skeletons::default();
            let range = skeletons.push(text);
            let skeleton = skeletons.get(range);
            let pieces = skeleton.pieces().map(|range| &skeleton.chars[range]);
            let pieces: Vec<String> = pieces.map(|piece| piece.iter().collect()).collect();
            assert_eq!(pieces.join(" "), expected, "{text}");
        }
    }
}
