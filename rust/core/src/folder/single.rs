//! ASCII characters one by one.

use std::ops::Range;

use super::{Folder, is_joint, is_separator, position};
use crate::boundary::is_behind_point;
use crate::character::ASCII;
use crate::skeleton::{CUT, WORD_END, WORD_START};
use crate::wide::Past;

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

impl Folder<'_, '_> {
    /// Reads characters one by one.
    pub(super) fn read_narrow(
        &mut self,
        range: Range<usize>,
        past: &mut Past,
        joints: &mut Vec<usize>,
    ) {
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
}
