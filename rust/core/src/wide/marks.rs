//! What 64 characters are, and what follows from that, a bit for each.

use super::Past;

/// What characters are; no bit is set behind the last one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// Letters and digits.
    pub(super) words: u64,
    /// Digits.
    pub(super) digits: u64,
    /// Full stops and commas.
    pub(super) points: u64,
    /// Those that fold to something.
    pub(super) kept: u64,
}

/// The flags of the characters that are kept; those of others mean nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    /// Where a match may begin, and end before.
    pub(super) cuts: u64,
    /// Where a word begins.
    pub(super) starts: u64,
    /// What a word ends before.
    pub(super) ends: u64,
}

impl Marks {
    /// The flags of `length` characters, the first of which begins the text if that is said; `None` if
    /// there is a digit on which one before it may bear. `past` becomes what they leave behind.
    #[inline]
    pub(super) fn flags(self, length: usize, begins: bool, past: &mut Past) -> Option<Flags> {
        let Self {
            words,
            digits,
            kept,
            ..
        } = self;
        if digits != 0 && self.has_number(begins, *past) {
            return None;
        }
        let cuts = !(words & (words << 1 | u64::from(past.before)));
        let flags = Flags {
            cuts,
            starts: cuts & words,
            ends: cuts & self.follows(words, past.last),
        };
        past.before = words >> (length - 1) & 1 == 1;
        if kept != 0 {
            past.last = words >> kept.ilog2() & 1 == 1;
        }
        Some(flags)
    }

    /// Whether there is a number behind a point, or behind another one with something between that is not
    /// kept, or whether what came before may say so.
    #[inline]
    fn has_number(self, begins: bool, past: Past) -> bool {
        let Self { digits, kept, .. } = self;
        let decimal = self.points << 1 & (digits << 2 | u64::from(past.before) << 1);
        let apart = self.follows(digits, false) & !(digits << 1);
        let first = kept & kept.wrapping_neg();
        let after_word = if past.last { first } else { 0 };
        let behind = u64::from(!begins && !past.before);
        digits & (decimal | apart | after_word | behind) != 0
    }

    /// Which characters have one of `these`, which are kept, before them if those that are not kept do
    /// not count; `before` says that of what came before.
    #[inline]
    fn follows(self, these: u64, before: bool) -> u64 {
        let (next, lost) = (these << 1 | u64::from(before), !self.kept);
        // A carry runs through those that are lost, up to the next one that is kept.
        next | (lost.wrapping_add(next & lost) ^ lost)
    }
}
