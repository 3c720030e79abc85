//! Reads texts into skeletons.

mod ascii;
mod single;
#[cfg(test)]
mod tests;

use crate::boundary::{Class, is_behind_point};
use crate::character::{is_accent, is_apostrophe, syllable};
use crate::fold::{Piece, fold};
use crate::skeleton::{BREAK, END, START, Skeletons, WORD_END, WORD_START};
use ascii::ascii_prefix;

/// Reads a text into a skeleton.
pub(crate) struct Folder<'t, 's> {
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
    separator: Option<u32>,
    /// The last Korean syllable, or what may begin one, and where its source ends.
    syllable: (char, usize),
}

impl<'t, 's> Folder<'t, 's> {
    /// A reader that adds to `out`, where there is room for a skeleton of ASCII.
    pub(crate) fn new(text: &'t str, out: &'s mut Skeletons) -> Self {
        Self {
            text,
            base: out.length,
            out,
            before: None,
            open: false,
            end: 0,
            last_end: 0,
            last_word: false,
            joined: false,
            separator: None,
            syllable: ('\0', 0),
        }
    }

    /// Reads the text to its end.
    pub(crate) fn read(&mut self) {
        if !self.read_at_once() {
            self.read_in_parts();
        }
    }

    fn read_in_parts(&mut self) {
        let bytes = self.text.as_bytes();
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
        self.finish();
    }

    fn finish(&mut self) {
        let end = if self.open {
            ending(self.last_word)
        } else {
            self.end
        };
        self.out.add('\0', position(self.text.len()), end);
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
            if self.goes_on(c, start) {
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
            self.syllable = (c, self.last_end);
        } else {
            self.joined &= is_apostrophe(c);
        }
    }

    /// Adds a letter to the Korean syllable that ends where it starts, if there is one.
    fn goes_on(&mut self, c: char, start: usize) -> bool {
        let (before, end) = self.syllable;
        let Some(whole) = syllable(before, c).filter(|_| end == start) else {
            return false;
        };
        if let Some((_, last)) = self.out.others.last_mut() {
            *last = whole;
        }
        self.last_end = start + c.len_utf8();
        self.syllable = (whole, self.last_end);
        true
    }

    fn separate(&mut self, start: usize) {
        let digit = self.out.last(self.base).is_some_and(char::is_numeric);
        if digit && self.separator.is_none() {
            self.separator = Some(position(start));
        }
    }

    fn keep(&mut self, c: char, start: usize, flags: u8) {
        if let Some(separator) = self.separator.take().filter(|_| c.is_numeric()) {
            let end = std::mem::take(&mut self.end);
            let cut = starting(false) | BREAK;
            if separator == position(start) {
                // A number that keeps itself apart: nothing is cut but before it.
                self.out.add(' ', separator, end | cut & flags);
            } else {
                self.out.add(' ', separator, end | cut);
                self.end = ending(false);
            }
        }
        let end = std::mem::take(&mut self.end);
        self.out.add(c, position(start), end | flags);
        if c.is_numeric() && is_behind_point(self.text, start) {
            self.hold_together(self.out.length - 1);
        }
    }

    /// Forbids that a match begins or ends between the point of a number and a digit behind it, or before
    /// the point.
    fn hold_together(&mut self, digit: usize) {
        const BETWEEN: u8 = START | WORD_START | END | WORD_END;
        self.out.flags[digit] &= !BETWEEN;
        if digit > self.base && self.out.bytes[digit - 1] == b'.' {
            self.out.flags[digit - 1] &= !BETWEEN;
        }
    }
}

/// A byte position in the form in which it is kept; texts are shorter than 4 GiB.
fn position(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The flags of a place where a match may begin, with the first character of a word or not.
fn starting(word: bool) -> u8 {
    START | if word { WORD_START } else { 0 }
}

/// The flags of a place where a match may end, behind the last character of a word or not.
fn ending(word: bool) -> u8 {
    END | if word { WORD_END } else { 0 }
}

/// Whether an ASCII character that folds to nothing keeps digits apart.
fn is_separator(byte: u8) -> bool {
    !is_joint(byte)
}

/// Whether an ASCII character is an apostrophe.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'\'' | b'`')
}
