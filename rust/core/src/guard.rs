//! What a fuzzy match must not change.

use crate::character::is_unsegmented;
use crate::distance::edits;
use crate::fold::Skeleton;

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

/// A text whose words are compared with those of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'s> {
    /// The text in which the skeleton's characters have their places.
    pub(crate) text: &'s str,
    pub(crate) skeleton: Skeleton<'s>,
}

impl<'s> Words<'s> {
    /// Whether two texts can stand for the same thing: their markers agree, neither has only the
    /// opposite of a word of the other, and no word was exchanged for one of which less than three
    /// fifths are the same.
    pub(crate) fn agree(&self, other: &Self) -> bool {
        self.markers() == other.markers() && !self.opposes(other) && !self.exchanges(other)
    }

    fn all(&self) -> impl Iterator<Item = &'s [char]> + Clone {
        let chars = self.skeleton.chars;
        self.skeleton.pieces().map(move |range| &chars[range])
    }

    /// The words that distinguish a text from similar ones, in order.
    ///
    /// These are the runs of digits, with one letter that ends the word after them ("2a"); Roman
    /// numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia");
    /// words of one letter ("hepatitis B"), except the article "a"; and words that deny.
    fn markers(&self) -> Vec<char> {
        let mut markers = Vec::new();
        let mut pieces = self.skeleton.pieces().peekable();
        while let Some(range) = pieces.next() {
            let word = &self.skeleton.chars[range.clone()];
            if word.iter().any(|c| c.is_numeric()) {
                numbers(word, &mut markers);
            } else if DENIALS.iter().any(|denial| is(word, denial)) {
                markers.push(' ');
                markers.extend(word);
                markers.push(' ');
            } else if is_single(word) || is_roman(word) {
                let small = self.text[self.skeleton.start(range.start)..].starts_with('a');
                if !(small && is(word, "a") && pieces.peek().is_some()) {
                    markers.extend(word);
                }
            }
        }
        markers
    }

    /// Whether one has a word of which the other has only the opposite.
    fn opposes(&self, other: &Self) -> bool {
        self.lacks(other) || other.lacks(self)
    }

    /// Whether a word that is not in `other` begins as only an opposite there does.
    fn lacks(&self, other: &Self) -> bool {
        let only = |words: &Self, one: &str, two: &str| words.has(one) && !words.has(two);
        let lacked = |word: &[char], one: &str, two: &str| {
            begins(word, one) && only(other, two, one) && only(self, one, two)
        };
        let new = self
            .all()
            .filter(|word| !other.all().any(|one| one == *word));
        new.into_iter().any(|word| {
            let mut pairs = OPPOSITES.iter();
            pairs.any(|(one, two)| lacked(word, one, two) || lacked(word, two, one))
        })
    }

    fn has(&self, beginning: &str) -> bool {
        self.all().any(|word| begins(word, beginning))
    }

    fn exchanges(&self, other: &Self) -> bool {
        let (count, others) = (self.all().count(), other.all().count());
        if count == others {
            let mut pairs = self.all().zip(other.all());
            return pairs.any(|(one, two)| is_other(one, two, count > 1));
        }
        let edges = |words: &Self| words.all().next().zip(words.all().last());
        let Some(((first, last), (other_first, other_last))) = edges(self).zip(edges(other)) else {
            return false;
        };
        count > 1
            && others > 1
            && (is_elsewhere(first, other_first, <[char]>::starts_with)
                || is_elsewhere(last, other_last, <[char]>::ends_with))
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

fn is(word: &[char], other: &str) -> bool {
    word.len() == other.len() && begins(word, other)
}

fn numbers(word: &[char], markers: &mut Vec<char>) {
    for (position, c) in word.iter().enumerate() {
        let after_digit = position > 0 && word[position - 1].is_numeric();
        if c.is_numeric() || (after_digit && position + 1 == word.len()) {
            if !after_digit
                && c.is_numeric()
                && markers.last().is_some_and(|last| last.is_numeric())
            {
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
    use crate::fold::Skeletons;

    fn with_words<R>(text: &str, then: impl FnOnce(Words<'_>) -> R) -> R {
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        let skeleton = skeletons.get(range);
        then(Words { text, skeleton })
    }

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
            ("comma", "1,5 mg", "1 5"),
            ("possessive letter", "5's", "5s"),
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
            let markers: String = with_words(text, |words| words.markers().into_iter().collect());
            assert_eq!(markers, expected, "{name}");
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
            let agrees = |a: &str, b: &str| with_words(a, |a| with_words(b, |b| a.agree(&b)));
            assert_eq!(agrees(one, other), agree, "{one} / {other}");
            assert_eq!(agrees(other, one), agree, "{other} / {one}");
        }
    }
}
