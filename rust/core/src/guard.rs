//! What a fuzzy match must not change.

use std::ops::Range;

use crate::character::{is_apostrophe, is_ignorable, is_unsegmented, is_word};
use crate::distance::edits;
use crate::fold::Skeletons;

/// Beginnings of words that turn the meaning of what follows, or of the whole, into its opposite.
const OPPOSITES: [(&str, &str); 24] = [
    ("hyper", "hypo"),
    ("tachy", "brady"),
    ("pre", "post"),
    ("ante", "post"),
    ("intra", "extra"),
    ("intra", "inter"),
    ("macro", "micro"),
    ("homo", "hetero"),
    ("unilater", "bilater"),
    ("mono", "poly"),
    ("increas", "decreas"),
    ("positiv", "negativ"),
    ("systol", "diastol"),
    ("anter", "poster"),
    ("super", "infer"),
    ("supra", "infra"),
    ("abduc", "adduc"),
    ("male", "female"),
    ("symptom", "asymptom"),
    ("typical", "atypical"),
    ("febrile", "afebrile"),
    ("vascular", "avascular"),
    ("cyanotic", "acyanotic"),
    ("induc", "reduc"),
];

/// Words that deny.
const DENIALS: [&str; 7] = ["no", "non", "not", "nor", "never", "neither", "without"];

/// Beginnings that deny a word.
const DENYING: [&str; 4] = ["non", "un", "in", "im"];

/// Words shorter than this may be exchanged for others.
const EXCHANGEABLE: usize = 4;

/// The words of a text, folded, and those among them that distinguish it from similar ones.
///
/// These *markers* are the runs of digits, with one letter that ends the word after them ("2a");
/// Roman numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia");
/// words of one letter ("hepatitis B"), except the article "a"; and words that deny.
#[derive(Debug, Default)]
pub(crate) struct Words {
    skeletons: Skeletons,
    ranges: Vec<Range<usize>>,
    markers: String,
    /// For each pair of opposites whether the first, and whether the second begins some word.
    sides: [(bool, bool); OPPOSITES.len()],
}

impl Words {
    /// Reads the words of `text`.
    pub(crate) fn new(text: &str) -> Self {
        let mut new = Self::default();
        let mut rest = words(text).peekable();
        while let Some(word) = rest.next() {
            let range = new.skeletons.push(word);
            if !range.is_empty() {
                let article = word == "a" && rest.peek().is_some();
                new.ranges.push(range);
                new.mark(article);
            }
        }
        new
    }

    /// Whether two texts can stand for the same thing: their markers agree, neither has only the
    /// opposite of a word of the other, and no word was exchanged for one of which less than three
    /// fifths are the same.
    pub(crate) fn agree(&self, other: &Self) -> bool {
        self.markers == other.markers && !self.opposes(other) && !self.exchanges(other)
    }

    fn get(&self, number: usize) -> &[char] {
        self.skeletons.get(self.ranges[number].clone()).chars
    }

    /// Takes account of the last word.
    fn mark(&mut self, article: bool) {
        let word = self.get(self.ranges.len() - 1).to_vec();
        for (sides, (one, other)) in self.sides.iter_mut().zip(OPPOSITES) {
            sides.0 |= begins(&word, one);
            sides.1 |= begins(&word, other);
        }
        if word.iter().any(|c| c.is_numeric()) {
            numbers(&word, &mut self.markers);
        } else if DENIALS
            .iter()
            .any(|denial| denial.chars().eq(word.iter().copied()))
        {
            self.markers.push(' ');
            self.markers.extend(&word);
            self.markers.push(' ');
        } else if !article && (is_single(&word) || is_roman(&word)) {
            self.markers.extend(&word);
        }
    }

    fn opposes(&self, other: &Self) -> bool {
        let one_sided = |(a, b): &((bool, bool), (bool, bool))| {
            (*a == (true, false) && *b == (false, true))
                || (*a == (false, true) && *b == (true, false))
        };
        let pairs = self.sides.iter().copied().zip(other.sides);
        pairs.into_iter().any(|pair| one_sided(&pair))
    }

    fn exchanges(&self, other: &Self) -> bool {
        let (count, others) = (self.ranges.len(), other.ranges.len());
        if count == others {
            let among_others = count > 1;
            let pair = |number| is_other(self.get(number), other.get(number), among_others);
            return (0..count).any(pair);
        }
        count > 1
            && others > 1
            && (is_elsewhere(self.get(0), other.get(0), <[char]>::starts_with)
                || is_elsewhere(
                    self.get(count - 1),
                    other.get(others - 1),
                    <[char]>::ends_with,
                ))
    }
}

/// Whether one word was exchanged for the other, or is its denial; a word that stands alone cannot
/// be exchanged.
fn is_other(a: &[char], b: &[char], among_others: bool) -> bool {
    if a == b {
        return false;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let denies = |denial: &str| {
        let letters = denial.chars().count();
        long.len() == letters + short.len() && begins(long, denial) && long.ends_with(short)
    };
    DENYING.into_iter().any(denies)
        || (among_others && long.len() >= EXCHANGEABLE && 5 * edits(short, long) > 2 * long.len())
}

/// Whether two words at the edge of texts with different numbers of words have nothing to do with
/// each other; `joins` says whether the longer may consist of the shorter and more.
fn is_elsewhere(a: &[char], b: &[char], joins: fn(&[char], &[char]) -> bool) -> bool {
    !joins(a, b) && !joins(b, a) && is_other(a, b, true)
}

fn begins(word: &[char], beginning: &str) -> bool {
    let mut chars = word.iter();
    beginning.chars().all(|c| chars.next() == Some(&c))
}

/// The runs of word characters; an apostrophe or an unseen character does not end a word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !(is_word(c) || is_apostrophe(c) || is_ignorable(c)))
        .map(|word| word.trim_matches(|c| is_apostrophe(c) || is_ignorable(c)))
        .filter(|word| !word.is_empty())
}

fn numbers(word: &[char], markers: &mut String) {
    for (position, c) in word.iter().enumerate() {
        let after_digit = position > 0 && word[position - 1].is_numeric();
        if c.is_numeric() || (after_digit && position + 1 == word.len()) {
            if !after_digit && c.is_numeric() && markers.ends_with(char::is_numeric) {
                // "1 2" is not "12".
                markers.push(' ');
            }
            markers.push(*c);
        }
    }
}

fn is_single(word: &[char]) -> bool {
    matches!(word, [c] if c.is_alphabetic() && !is_unsegmented(*c))
}

fn is_roman(word: &[char]) -> bool {
    let numeral = match word {
        [numeral @ .., 'a'..='d'] => numeral,
        _ => word,
    };
    (1..=5).contains(&numeral.len()) && numeral.iter().all(|c| matches!(c, 'i' | 'v' | 'x'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("no marker", "ataxia telangiectasia", ""),
            ("number", "5 mg", "5"),
            ("numbers", "1.5 mg 20", "1 5 20"),
            ("number inside a word", "COL1A1", "1 1"),
            ("number and letter", "stage T2a", "2a"),
            ("number and letter apart", "stage T2 A", "2a"),
            ("number and unit", "5mg", "5"),
            ("superscript", "m²", "2"),
            ("numeral", "type II", "ii"),
            ("numeral and letter", "stage IIIA", "iiia"),
            ("single letter", "hepatitis B", "b"),
            ("Greek letter", "interferon β", "β"),
            ("letter after an apostrophe", "Crohn’s disease", ""),
            ("article", "a tumour", ""),
            ("small letter at the end", "hepatitis a", "a"),
            ("capital letter", "hepatitis A", "a"),
            ("ideograph", "発 熱", ""),
            ("denial", "non-small cell", " non "),
        ] {
            assert_eq!(Words::new(text).markers, expected, "{name}");
        }
    }

    #[test]
    fn agreement() {
        for (one, other, agree) in [
            ("hypertension", "hypertenson", true),
            ("hypertension", "hypotension", false),
            ("hypertension", "hipertension", true),
            ("stable angina", "unstable angina", false),
            ("stable angina", "stabel angina", true),
            ("asymptomatic", "symptomatic", false),
            ("right upper lobe", "left upper lobe", false),
            (
                "chronic lymphocytic leukaemia",
                "chronic lymphocytic leukemia",
                true,
            ),
            ("end-stage renal failure", "end-stage heart failure", false),
            ("cancer of lung", "cancer in lung", true),
            ("small cell cancer", "non-small cell cancer", false),
            ("with pain", "without pain", false),
            ("preoperative", "postoperative", false),
            ("left upper quadrant pain", "upper quadrant pain", false),
            ("nonsmall cell cancer", "non small cell cancers", false),
            ("T cell lymphoma", "Tcell lymphoma", false),
            ("hyper- and hypotension", "hyper- and hypotensions", true),
        ] {
            let (left, right) = (Words::new(one), Words::new(other));
            assert_eq!(left.agree(&right), agree, "{one} / {other}");
            assert_eq!(right.agree(&left), agree, "{other} / {one}");
        }
    }
}
