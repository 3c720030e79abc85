//! Reads texts into skeletons.

use std::ops::Range;

use crate::boundary::{Class, is_behind_point};
use crate::character::{ASCII, is_accent, is_apostrophe};
use crate::fold::{Piece, fold};
use crate::skeleton::{BREAK, CUT, END, START, Skeletons, WORD_END, WORD_START};
use crate::wide::{Past, Room, WIDTH};

/// What there is to know of an ASCII character.
#[derive(Clone, Copy)]
struct Read {
    /// What it folds to, or 0.
    folded: u8,
    /// All bits for letters, none for others.
    word: u8,
    /// The flags where it stands alone.
    cut: u8,
    /// All bits if it is kept, none if it folds to nothing.
    kept: u8,
    /// Whether it is a digit or an apostrophe.
    rare: bool,
}

/// That of each.
const READ: [Read; 128] = {
    let none = Read {
        folded: 0,
        word: 0,
        cut: 0,
        kept: 0,
        rare: false,
    };
    let mut table = [none; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        let (word, folded) = (byte.is_ascii_alphanumeric(), ASCII[byte as usize]);
        table[byte as usize] = Read {
            folded,
            word: if word { !0 } else { 0 },
            cut: CUT | if word { WORD_START } else { 0 },
            kept: if folded == 0 { 0 } else { !0 },
            rare: byte.is_ascii_digit() || is_joint(byte),
        };
        byte += 1;
    }
    table
};

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
        }
    }

    /// Reads the text to its end.
    pub(crate) fn read(&mut self) {
        if !self.read_at_once() {
            self.read_in_parts();
        }
    }

    /// Reads a short text of which nothing depends on more than the character before; false, with
    /// nothing done, if it is not such a one.
    fn read_at_once(&mut self) -> bool {
        if self.text.is_empty() || self.text.len() > WIDTH {
            return false;
        }
        let (mut past, mut joints) = (Past::default(), 0);
        if !self.read_wide(0..self.text.len(), &mut past, &mut joints) {
            return false;
        }
        if joints != 0 {
            self.out.length = self.base;
            return false;
        }
        let end = if self.out.length == self.base {
            0
        } else {
            self.out.flags[self.base] &= !(END | WORD_END);
            ending(past.last)
        };
        self.out.add('\0', position(self.text.len()), end);
        true
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

    /// Reads ASCII characters that begin the text or follow a folded ASCII character.
    fn read_ascii(&mut self, range: Range<usize>) {
        self.out.make_room(range.len() + 1);
        let mut joints = Vec::new();
        let word = self.open && self.last_word;
        let mut past = Past {
            before: word,
            last: word,
        };
        let mut at = range.start;
        while at < range.end {
            let chunk = at..range.end.min(at + WIDTH);
            let (place, mut found) = (self.out.length, 0);
            if self.read_wide(chunk.clone(), &mut past, &mut found) {
                self.find_joints(place, chunk.start, found, &mut joints);
            } else {
                self.read_narrow(chunk.clone(), &mut past, &mut joints);
            }
            at = chunk.end;
        }
        if let Some(first) = self.out.flags[..self.out.length].get_mut(self.base) {
            *first &= !(END | WORD_END);
        }
        for joint in joints {
            self.join(joint);
        }
        self.leave_ascii(range.end);
    }

    /// Reads up to [`WIDTH`] characters at once, a bit for each of which says whether it is an
    /// apostrophe; false, with nothing done, if that is not possible.
    fn read_wide(&mut self, range: Range<usize>, past: &mut Past, joints: &mut u64) -> bool {
        let Some(wide) = self.out.wide else {
            return false;
        };
        let room = self.out.length..self.out.length + range.len();
        let mut out = Room {
            bytes: &mut self.out.bytes[room.clone()],
            starts: &mut self.out.starts[room.clone()],
            flags: &mut self.out.flags[room],
        };
        let text = &self.text.as_bytes()[range.clone()];
        let Some((count, found)) = wide.fold(text, position(range.start), past, &mut out) else {
            return false;
        };
        self.out.length += count;
        *joints = found;
        true
    }

    /// Adds the places behind the apostrophes `found` from `start` on, the characters from which on
    /// have their places from `place` on.
    fn find_joints(&self, place: usize, start: usize, mut found: u64, joints: &mut Vec<usize>) {
        while found != 0 {
            let joint = start + found.trailing_zeros() as usize;
            let starts = &self.out.starts[place..self.out.length];
            joints.push(place + starts.partition_point(|start| (*start as usize) < joint));
            found &= found - 1;
        }
    }

    /// Reads characters one by one.
    fn read_narrow(&mut self, range: Range<usize>, past: &mut Past, joints: &mut Vec<usize>) {
        let mut before = if past.before { !0 } else { 0 };
        let mut last = if past.last { WORD_END } else { 0 };
        let mut at = range.start;
        while at < range.end {
            at = self.read_common(at..range.end, &mut before, &mut last);
            if at == range.end {
                break;
            }
            if is_joint(self.text.as_bytes()[at]) {
                joints.push(self.out.length);
                before = 0;
            } else {
                self.read_digit(at, before, last);
                (before, last) = (!0, WORD_END);
            }
            at += 1;
        }
        *past = Past {
            before: before != 0,
            last: last != 0,
        };
    }

    /// Reads ASCII characters up to a digit or an apostrophe, and returns where that stands.
    fn read_common(&mut self, range: Range<usize>, before: &mut u8, last: &mut u8) -> usize {
        let bytes = &self.text.as_bytes()[range.clone()];
        let place = self.out.length;
        let room = place..=place + bytes.len();
        let kept = &mut self.out.bytes[room.clone()];
        let starts = &mut self.out.starts[room.clone()];
        let flags = &mut self.out.flags[room];
        let mut length = 0;
        let mut at = position(range.start);
        for byte in bytes {
            let read = READ[usize::from(byte & 0x7F)];
            if read.rare {
                break;
            }
            kept[length] = read.folded;
            starts[length] = at;
            flags[length] = (read.cut | *last) & !(read.word & *before);
            *before = read.word;
            *last = *last & !read.kept | read.word & WORD_END;
            length += usize::from(read.kept & 1);
            at += 1;
        }
        self.out.length += length;
        at as usize
    }

    /// Reads an ASCII digit, which is kept apart from a digit before it, but not from the point of a
    /// decimal number.
    fn read_digit(&mut self, at: usize, before: u8, mut last: u8) {
        let bytes = self.text.as_bytes();
        let place = self.out.length;
        if place > self.base && self.out.bytes[place - 1].is_ascii_digit() {
            let mut between = self.out.starts[place - 1] as usize + 1..at;
            if let Some(separator) = between.find(|at| is_separator(bytes[*at])) {
                self.out
                    .add(' ', position(separator), CUT | last & WORD_END);
                last = 0;
            }
        }
        let cut = CUT | WORD_START | last & WORD_END;
        let flags = cut & !before;
        self.out.add(char::from(bytes[at]), position(at), flags);
        if is_behind_point(self.text, at) {
            self.hold_together(self.out.length - 1);
        }
    }

    /// Takes the break away before the character at `joint` if there are only apostrophes between
    /// it and a letter before it.
    fn join(&mut self, joint: usize) {
        if joint == self.base || joint >= self.out.length {
            return;
        }
        let between = self.out.starts[joint - 1] as usize + 1..self.out.starts[joint] as usize;
        let [left, right] = [self.out.bytes[joint - 1], self.out.bytes[joint]];
        let words = left.is_ascii_alphanumeric() && right.is_ascii_alphanumeric();
        let bytes = &self.text.as_bytes()[between];
        if words && bytes.iter().all(|byte| is_joint(*byte)) {
            self.out.flags[joint] &= !BREAK;
        }
    }

    /// Sets the state to what it is after ASCII characters up to `end`.
    fn leave_ascii(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        let last = bytes[end - 1];
        self.before = Class::of(char::from(last));
        self.open = ASCII[usize::from(last & 0x7F)] != 0;
        self.separator = None;
        self.end = 0;
        if self.out.length == self.base {
            return;
        }
        let folded = self.out.bytes[self.out.length - 1];
        self.last_word = folded.is_ascii_alphanumeric();
        self.last_end = self.out.starts[self.out.length - 1] as usize + 1;
        self.joined = bytes[self.last_end..end].iter().all(|byte| is_joint(*byte));
        if !self.open {
            self.end = ending(self.last_word);
        }
        if folded.is_ascii_digit() {
            let mut since = self.last_end..end;
            self.separator = since.find(|at| is_separator(bytes[*at])).map(position);
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
        let digit = self.out.last(self.base).is_some_and(char::is_numeric);
        if digit && self.separator.is_none() {
            self.separator = Some(position(start));
        }
    }

    fn keep(&mut self, c: char, start: usize, flags: u8) {
        if let Some(separator) = self.separator.take().filter(|_| c.is_numeric()) {
            let end = std::mem::take(&mut self.end);
            self.out.add(' ', separator, end | starting(false) | BREAK);
            self.end = ending(false);
        }
        let end = std::mem::take(&mut self.end);
        self.out.add(c, position(start), end | flags);
        if c.is_numeric() && is_behind_point(self.text, start) {
            self.hold_together(self.out.length - 1);
        }
    }

    /// Forbids that a match begins at a digit behind the point of a number, or ends before the point.
    fn hold_together(&mut self, digit: usize) {
        self.out.flags[digit] &= !(START | WORD_START);
        if digit > self.base && self.out.bytes[digit - 1] == b'.' {
            self.out.flags[digit - 1] &= !(END | WORD_END);
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

/// How many bytes of ASCII there are before any other.
fn ascii_prefix(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    let chunks = bytes.chunks(64).take_while(|chunk| chunk.is_ascii());
    let whole: usize = chunks.map(<[u8]>::len).sum();
    let rest = bytes[whole..].iter().take_while(|byte| byte.is_ascii());
    whole + rest.count()
}

/// Whether an ASCII character that folds to nothing keeps digits apart.
fn is_separator(byte: u8) -> bool {
    !is_joint(byte)
}

/// Whether an ASCII character is an apostrophe.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'\'' | b'`')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_character_maps_to_the_source_that_folds_to_it(
            text in "(a|É|e\u{301}|ﬁ|İ|ß|-|\u{AD}| |1|’|中|\u{1D400}){0,30}"
        ) {
            let (mut skeletons, mut others) = (Skeletons::default(), Skeletons::default());
            let range = skeletons.push(&text);
            let skeleton = skeletons.get(range);
            for start in (0..skeleton.len()).filter(|at| skeleton.is(*at, START)) {
                for end in (start + 1..=skeleton.len()).filter(|at| skeleton.is(*at, END)) {
                    let part: String = skeleton.part(start..end).chars().collect();
                    let source = &text[skeleton.start(start)..skeleton.end(&text, end)];
                    let range = others.push(source);
                    let folded: String = others.get(range).chars().collect();
                    prop_assert_eq!(folded, part.trim_matches(' '));
                }
            }
        }

        #[test]
        fn runs_of_ascii_are_read_as_single_characters_are(
            text in "(a|B|1|2|-| |\\.|,|'|\u{e9}|\u{301}|ﬁ|\u{AD}|x-ray 12 mg){0,30}"
        ) {
            let (mut by_runs, mut by_chars) = (Skeletons::default(), Skeletons::default());
            let range = by_runs.push(&text);
            let mut folder = Folder::new(&text, &mut by_chars);
            for (start, c) in text.char_indices() {
                folder.read_char(c, start);
            }
            folder.finish();
            prop_assert_eq!(by_runs.length, by_chars.length);
            let (one, other) = (by_runs.get(range.clone()), by_chars.get(range));
            prop_assert_eq!(one.flags, other.flags);
            prop_assert!(one.equals(&other));
            for place in 0..=one.len() {
                prop_assert_eq!(one.start(place), other.start(place));
            }
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
}
