//! Texts, their skeletons, and where in them matches may begin and end.

use crate::letters::{
    is_accent, is_kept, is_mark, is_odd_number, is_punctuation, is_space, is_syllable, is_unseen,
    is_unspaced, is_word, parts, syllable,
};

/// A character with what it folds to.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The character.
    pub c: char,
    /// What it folds to.
    pub parts: Vec<char>,
    /// The byte at which it begins.
    pub at: usize,
}

impl Letter {
    /// Whether something of it is kept in a skeleton.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.parts.iter().any(|part| is_kept(*part))
    }

    /// What it folds to in a skeleton, in which Korean syllables are whole and "10²" is not "102".
    #[must_use]
    pub fn folded(&self) -> Vec<char> {
        if is_syllable(self.c) {
            return vec![self.c];
        }
        let apart = is_odd_number(self.c).then_some(' ');
        apart
            .into_iter()
            .chain(self.parts.iter().copied())
            .collect()
    }
}

/// The characters of a text.
#[must_use]
pub fn letters(text: &str) -> Vec<Letter> {
    let letter = |(at, c)| Letter {
        c,
        parts: parts(c),
        at,
    };
    text.char_indices().map(letter).collect()
}

/// A skeleton that grows with what is read.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// What was kept.
    pub kept: Vec<char>,
    separated: bool,
    /// The character that was read last, with all that went on with it.
    last: Option<char>,
}

impl Fold {
    /// Reads one character; a separator between two digits is kept as a space.
    pub fn read(&mut self, letter: &Letter) {
        let whole = self.last.and_then(|last| syllable(last, letter.c));
        self.last = whole.or(Some(letter.c));
        if let Some((whole, last)) = whole.zip(self.kept.last_mut()) {
            *last = whole;
            return;
        }
        for part in letter.folded() {
            if is_kept(part) {
                let digits = self.kept.last().is_some_and(|last| last.is_numeric());
                if self.separated && digits && part.is_numeric() {
                    self.kept.push(' ');
                }
                self.kept.push(part);
                self.separated = false;
            } else {
                self.separated |= part != '\'';
            }
        }
    }
}

/// The skeleton of a text.
#[must_use]
pub fn skeleton(text: &[Letter]) -> Vec<char> {
    let mut fold = Fold::default();
    for letter in text {
        fold.read(letter);
    }
    fold.kept
}

/// The mention without the white space around it.
#[must_use]
pub fn trimmed(mention: &str) -> &str {
    mention.trim_matches(is_space)
}

/// The mention without the white space and punctuation around it.
#[must_use]
pub fn core(mention: &str) -> &str {
    mention.trim_matches(|c| is_space(c) || is_punctuation(c) || is_unseen(c))
}

/// Whether a word may begin or end here: the nearest characters that are seen say so.
#[must_use]
pub fn is_boundary(text: &[Letter], position: usize) -> bool {
    let seen = |letter: &&Letter| !is_unseen(letter.c) || letter.c == '\u{200B}';
    let before = text[..position].iter().rfind(seen);
    let after = text[position..].iter().find(seen);
    let Some((before, after)) = before.zip(after).map(|(a, b)| (a.c, b.c)) else {
        return true;
    };
    if is_mark(after) && is_word(before) {
        return false;
    }
    is_unspaced(before) || is_unspaced(after) || !is_word(before) || !is_word(after)
}

/// Whether three characters are a digit, a point and a digit.
fn is_decimal(part: Option<&[Letter]>, points: &str) -> bool {
    let Some([a, point, b]) = part else {
        return false;
    };
    a.c.is_numeric() && points.contains(point.c) && b.c.is_numeric()
}

/// Whether the decimal part of a number begins here.
#[must_use]
pub fn is_behind_point(text: &[Letter], position: usize) -> bool {
    position >= 2 && is_decimal(text.get(position - 2..=position), ".,")
}

/// Whether the whole part of a number ends here and a decimal part follows.
#[must_use]
pub fn is_before_point(text: &[Letter], position: usize) -> bool {
    position >= 1 && is_decimal(text.get(position - 1..position + 2), ".")
}

/// Whether a match may begin here.
#[must_use]
pub fn may_start(text: &[Letter], position: usize) -> bool {
    is_boundary(text, position)
        && !is_behind_point(text, position)
        && !is_before_point(text, position)
}

/// Whether a match may end here: where one may begin.
#[must_use]
pub fn may_end(text: &[Letter], position: usize) -> bool {
    may_start(text, position)
}

/// Whether what lies before `end` folds to something, and no accent of that follows.
#[must_use]
pub fn is_solid_end(text: &[Letter], end: usize) -> bool {
    let accents = text[..end].iter().rev().take_while(|one| is_accent(one.c));
    let base = end - accents.count();
    let Some(last) = base.checked_sub(1).map(|base| &text[base]) else {
        return false;
    };
    let cut = text.get(end).is_some_and(|next| is_accent(next.c));
    last.is_kept() && if is_word(last.c) { !cut } else { base == end }
}

/// Where in the skeleton words begin and end.
#[must_use]
pub fn word_edges(text: &[Letter]) -> (Vec<usize>, Vec<usize>) {
    let (mut starts, mut ends, mut fold) = (Vec::new(), Vec::new(), Fold::default());
    for (position, letter) in text.iter().enumerate() {
        fold.read(letter);
        let kept = letter
            .folded()
            .into_iter()
            .filter(|part| is_kept(*part))
            .count();
        if kept > 0 && is_word(letter.c) && may_start(text, position) {
            starts.push(fold.kept.len() - kept);
        }
        let end = position + 1;
        if is_word(letter.c) && may_end(text, end) && is_solid_end(text, end) {
            ends.push(fold.kept.len());
        }
    }
    (starts, ends)
}
