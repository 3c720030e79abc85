//! Skeletons: folded texts, with the way back to their sources.

use std::ops::Range;

use crate::character::{is_accent, is_word, syllable};
use crate::folder::Folder;
use crate::index::bits;
use crate::wide::{WIDTH, Wide};

/// A match may begin here.
pub(crate) const START: u8 = 8;
/// A match may end before this.
pub(crate) const END: u8 = 2;
/// A word begins here, and a match may.
pub(crate) const WORD_START: u8 = 4;
/// A word ends before this, and a match may.
pub(crate) const WORD_END: u8 = 1;
/// A word, of which an apostrophe may be a part, begins here or ended before this.
pub(crate) const BREAK: u8 = 16;

/// The flags of every place that is not inside a word.
pub(crate) const CUT: u8 = START | END | BREAK;

/// What stands for all characters that are not ASCII in [`Skeleton::bytes`].
pub(crate) const OTHER: u8 = 0x80;

/// Room for the skeletons of texts, one after the other, to be used again and again.
///
/// Each one is followed by an entry for its end.
#[derive(Debug)]
pub(crate) struct Skeletons {
    /// As long as there is room; so are `starts` and `flags`.
    pub(crate) bytes: Vec<u8>,
    pub(crate) starts: Vec<u32>,
    pub(crate) flags: Vec<u8>,
    pub(crate) others: Vec<(usize, char)>,
    /// The number of entries in use.
    pub(crate) length: usize,
    pub(crate) wide: Option<Wide>,
}

impl Default for Skeletons {
    fn default() -> Self {
        Self {
            wide: Wide::all().next(),
            ..Self::narrow()
        }
    }
}

/// The folded characters of a text, each with the source character that it came from.
///
/// A separator between two digits is kept as one space, so that "1-2" is not "12".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Skeleton<'s> {
    /// The folded characters; one that is not ASCII is [`OTHER`].
    pub(crate) bytes: &'s [u8],
    /// Byte where the source character begins, for each of them and for the end.
    starts: &'s [u32],
    /// What may begin here or end before, for each of them and for the end.
    pub(crate) flags: &'s [u8],
    /// The characters that are not ASCII, in order, with their positions from `origin` on.
    others: &'s [(usize, char)],
    origin: usize,
}

impl Skeletons {
    /// Room for skeletons that are read without vector instructions.
    pub(crate) fn narrow() -> Self {
        Self {
            bytes: Vec::new(),
            starts: Vec::new(),
            flags: Vec::new(),
            others: Vec::new(),
            length: 0,
            wide: None,
        }
    }

    /// Forgets all skeletons.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.others.clear();
    }

    /// Folds `text`, which is shorter than 4 GiB.
    pub(crate) fn push(&mut self, text: &str) -> Range<usize> {
        let base = self.length;
        self.make_room(text.len() + WIDTH);
        Folder::new(text, self).read();
        base..self.length - 1
    }

    /// One of the skeletons.
    pub(crate) fn get(&self, range: Range<usize>) -> Skeleton<'_> {
        let all = Skeleton {
            bytes: &self.bytes,
            starts: &self.starts,
            flags: &self.flags,
            others: &self.others,
            origin: 0,
        };
        all.part(range)
    }

    /// Adds an entry: a character, the byte where its source begins, and its flags.
    pub(crate) fn add(&mut self, c: char, start: u32, flags: u8) {
        self.make_room(1);
        let byte = u8::try_from(c).map_or(OTHER, |byte| byte.min(OTHER));
        if byte == OTHER {
            self.others.push((self.length, c));
        }
        self.bytes[self.length] = byte;
        self.starts[self.length] = start;
        self.flags[self.length] = flags;
        self.length += 1;
    }

    /// The last character from `base` on.
    pub(crate) fn last(&self, base: usize) -> Option<char> {
        let last = self.length.checked_sub(1).filter(|last| *last >= base)?;
        match self.bytes[last] {
            OTHER => self.others.last().map(|(_, c)| *c),
            byte => Some(char::from(byte)),
        }
    }

    /// Makes room for `more` entries.
    pub(crate) fn make_room(&mut self, more: usize) {
        let needed = self.length + more;
        if needed > self.bytes.len() {
            let room = needed.max(2 * self.bytes.len());
            self.bytes.resize(room, 0);
            self.starts.resize(room, 0);
            self.flags.resize(room, 0);
        }
    }
}

impl<'s> Skeleton<'s> {
    /// The number of characters.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The characters.
    pub(crate) fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'s> {
        let mut others = self.others.iter();
        self.bytes.iter().map(move |byte| match byte {
            &OTHER => others
                .next()
                .map_or(char::REPLACEMENT_CHARACTER, |(_, c)| *c),
            byte => char::from(*byte),
        })
    }

    /// The characters that are not ASCII, with their positions.
    pub(crate) fn others(&self) -> impl Iterator<Item = (usize, char)> {
        self.others
            .iter()
            .map(|(position, c)| (position - self.origin, *c))
    }

    /// Whether all characters are ASCII.
    pub(crate) fn is_ascii(&self) -> bool {
        self.others.is_empty()
    }

    /// Whether the characters are those of `other`.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self.bytes == other.bytes
            && (self.is_ascii()
                || self
                    .others()
                    .map(|(_, c)| c)
                    .eq(other.others().map(|(_, c)| c)))
    }

    /// The byte where the source of the character at `position` begins.
    pub(crate) fn start(&self, position: usize) -> usize {
        self.starts[position] as usize
    }

    /// The byte where the source of what lies before `position` ends, the accents of a letter included.
    pub(crate) fn end(&self, text: &str, position: usize) -> usize {
        let start = self.start(position - 1);
        let bytes = text.as_bytes();
        if bytes[start].is_ascii() && bytes.get(start + 1).is_none_or(u8::is_ascii) {
            return start + 1;
        }
        let mut chars = text[start..].chars().peekable();
        let Some(mut base) = chars.next() else {
            return start;
        };
        let mut end = start + base.len_utf8();
        while let Some((next, whole)) = chars
            .peek()
            .and_then(|next| Some((*next, syllable(base, *next)?)))
        {
            base = whole;
            end += next.len_utf8();
            chars.next();
        }
        let accents = chars.take_while(|c| is_word(base) && is_accent(*c));
        end + accents.map(char::len_utf8).sum::<usize>()
    }

    /// Whether `bit` is set at `position`.
    pub(crate) fn is(&self, position: usize, bit: u8) -> bool {
        self.flags[position] & bit != 0
    }

    /// The skeleton from one position to another.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let others = if self.others.is_empty() {
            self.others
        } else {
            let before = |end: usize| move |other: &(usize, char)| other.0 < self.origin + end;
            let from = self.others.partition_point(before(range.start));
            let to = self.others.partition_point(before(range.end));
            &self.others[from..to]
        };
        Self {
            bytes: &self.bytes[range.clone()],
            starts: &self.starts[range.start..=range.end],
            flags: &self.flags[range.start..=range.end],
            others,
            origin: self.origin + range.start,
        }
    }

    /// The words, apostrophes being parts of words.
    pub(crate) fn pieces(self) -> impl Iterator<Item = Self> + Clone + use<'s> {
        self.piece_ranges().map(move |range| self.part(range))
    }

    /// The words, apostrophes being parts of words, as ranges of positions.
    pub(crate) fn piece_ranges(self) -> impl Iterator<Item = Range<usize>> + Clone + use<'s> {
        let mut breaks = self.breaks();
        let mut position = 0;
        std::iter::from_fn(move || {
            while position < self.len() {
                let start = position;
                position = breaks.next().unwrap_or(self.len());
                let is_word = match self.bytes[start] {
                    OTHER => self
                        .part(start..position)
                        .chars()
                        .next()
                        .is_some_and(is_word),
                    byte => byte.is_ascii_alphanumeric(),
                };
                if is_word {
                    return Some(start..position);
                }
            }
            None
        })
    }

    /// The positions from 1 on, but for the end, where a piece begins or ended.
    fn breaks(self) -> impl Iterator<Item = usize> + Clone + use<'s> {
        let flags = &self.flags[..self.len()];
        let breaks = |base: usize| bits(&flags[base..flags.len().min(base + 64)], BREAK);
        let (mut base, mut left) = (0, breaks(0) & !1);
        std::iter::from_fn(move || {
            while left == 0 {
                base += 64;
                if base >= flags.len() {
                    return None;
                }
                left = breaks(base);
            }
            let place = base + left.trailing_zeros() as usize;
            left &= left - 1;
            Some(place)
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

#[cfg(test)]
mod tests {
    use super::*;

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
            let pieces: Vec<String> = skeleton.pieces().map(|one| one.chars().collect()).collect();
            assert_eq!(pieces.join(" "), expected, "{text}");
        }
    }
}
