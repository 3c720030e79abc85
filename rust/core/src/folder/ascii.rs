//! Runs of ASCII.

use std::ops::Range;

use super::{Folder, ending, is_joint, is_separator, position};
use crate::boundary::Class;
use crate::character::ASCII;
use crate::skeleton::{BREAK, END, WORD_END};
use crate::wide::{Past, Room, WIDTH};

impl Folder<'_, '_> {
    /// Reads a short text of which nothing depends on more than the character before; false, with
    /// nothing done, if it is not such a one.
    pub(super) fn read_at_once(&mut self) -> bool {
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

    /// Reads ASCII characters that begin the text or follow a folded ASCII character.
    pub(super) fn read_ascii(&mut self, range: Range<usize>) {
        self.out.make_room(range.len() + WIDTH);
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
        let room = self.out.length..self.out.length + WIDTH;
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
}

/// How many bytes of ASCII there are before any other.
pub(super) fn ascii_prefix(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    let chunks = bytes.chunks(64).take_while(|chunk| chunk.is_ascii());
    let whole: usize = chunks.map(<[u8]>::len).sum();
    let rest = bytes[whole..].iter().take_while(|byte| byte.is_ascii());
    whole + rest.count()
}
