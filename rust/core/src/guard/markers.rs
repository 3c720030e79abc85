//! Words that distinguish a text from similar ones.

use super::Words;
use crate::character::is_unsegmented;
use crate::skeleton::Skeleton;

/// Words that deny.
pub(crate) const DENIALS: [&str; 7] = ["no", "non", "not", "nor", "never", "neither", "without"];

/// Numbers that are words.
const NUMBERS: [&str; 12] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// Units of weight, volume, length and amount, without those of one letter.
const UNITS: [&str; 22] = [
    "mg", "mcg", "ug", "μg", "ng", "pg", "kg", "ml", "ul", "μl", "dl", "cl", "mm", "um", "μm",
    "nm", "cm", "km", "mol", "mmol", "μmol", "iu",
];

/// Ideographs that deny, and those that are numbers.
const IDEOGRAPHS: &str = "不无無非未没沒否一二三四五六七八九十百千零两兩";

/// The length of the longest of them, and of Roman numerals with a letter.
const LONGEST_MARKER: usize = 7;

impl Words<'_> {
    /// The words that distinguish a text from similar ones, in order.
    ///
    /// These are the runs of digits, with one letter or a unit that ends the word after them ("2a", "5mg");
    /// Roman numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia");
    /// words of one letter ("hepatitis B"), except the article "a"; units; and words and ideographs that
    /// deny or are numbers.
    pub(super) fn markers(&self) -> Vec<char> {
        let mut markers = Vec::new();
        let mut rest = self.all();
        while let Some(word) = rest.next() {
            if word.chars().any(char::is_numeric) {
                numbers(word, &mut markers);
            } else if is_listed(&word) {
                push_word(word.chars(), &mut markers);
            } else if is_single(word) || is_roman(word.bytes) {
                let small = is_article(&word) && self.text[word.start(0)..].starts_with('a');
                if !small || rest.clone().next().is_none() {
                    markers.extend(word.chars());
                }
            }
        }
        markers
    }
}

/// Whether a word distinguishes a text from similar ones, unless it is an article.
pub(super) fn is_marker(word: &Skeleton<'_>) -> bool {
    word.bytes.iter().any(u8::is_ascii_digit)
        || (!word.is_ascii() && word.chars().any(char::is_numeric))
        || (word.len() <= LONGEST_MARKER
            && (is_listed(word) || is_single(*word) || is_roman(word.bytes)))
}

/// Whether a word denies, or is a number or a unit.
fn is_listed(word: &Skeleton<'_>) -> bool {
    if word.is_ascii() {
        let is = |listed: &&str| listed.as_bytes() == word.bytes;
        return opens_listed(word.bytes)
            && (DENIALS.iter().any(is) || NUMBERS.iter().any(is) || UNITS.iter().any(is));
    }
    let mut chars = word.chars();
    let only = chars.next().filter(|_| word.len() == 1);
    only.is_some_and(|c| IDEOGRAPHS.contains(c)) || is_unit(&word.chars())
}

fn is_unit(word: &(impl Iterator<Item = char> + Clone)) -> bool {
    UNITS.iter().any(|unit| unit.chars().eq(word.clone()))
}

/// For each length and first letter of a listed word a bit for each second letter.
const OPENINGS: [[u32; 26]; LONGEST_MARKER + 1] = {
    let mut openings = [[0; 26]; LONGEST_MARKER + 1];
    let lists: [&[&str]; 3] = [&DENIALS, &NUMBERS, &UNITS];
    let (mut list, mut index) = (0, 0);
    while list < lists.len() {
        if index == lists[list].len() {
            (list, index) = (list + 1, 0);
            continue;
        }
        let word = lists[list][index].as_bytes();
        if word[0].is_ascii() {
            openings[word.len()][(word[0] - b'a') as usize] |= 1 << (word[1] - b'a');
        }
        index += 1;
    }
    openings
};

/// Whether a word begins as one in the lists that is as long.
fn opens_listed(word: &[u8]) -> bool {
    let [first @ b'a'..=b'z', second @ b'a'..=b'z', ..] = word else {
        return false;
    };
    let openings = OPENINGS.get(word.len());
    openings.is_some_and(|by_first| by_first[usize::from(first - b'a')] >> (second - b'a') & 1 == 1)
}

fn is_article(word: &Skeleton<'_>) -> bool {
    word.bytes == b"a"
}

/// Adds a word that markers beside it do not change.
fn push_word(word: impl Iterator<Item = char>, markers: &mut Vec<char>) {
    markers.push(' ');
    markers.extend(word);
    markers.push(' ');
}

fn numbers(word: Skeleton<'_>, markers: &mut Vec<char>) {
    let mut chars = word.chars().peekable();
    let mut after_digit = false;
    while let Some(c) = chars.next() {
        let digit = c.is_numeric();
        if digit || (after_digit && chars.peek().is_none()) {
            if digit && !after_digit && markers.last().is_some_and(|last| last.is_numeric()) {
                // "1 2" is not "12".
                markers.push(' ');
            }
            markers.push(c);
        } else if after_digit {
            let rest = std::iter::once(c).chain(chars.clone());
            if is_unit(&rest) {
                push_word(rest, markers);
            }
        }
        after_digit = digit;
    }
}

fn is_single(word: Skeleton<'_>) -> bool {
    let letter = |c: char| c.is_alphabetic() && !is_unsegmented(c);
    word.len() == 1 && word.chars().all(letter)
}

fn is_roman(word: &[u8]) -> bool {
    let numeral = match word {
        [numeral @ .., b'a'..=b'd'] => numeral,
        _ => word,
    };
    (1..=5).contains(&numeral.len()) && numeral.iter().all(|c| matches!(c, b'i' | b'v' | b'x'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::with_words;

    #[test]
    fn table() {
        for (name, text, expected) in [
            ("no marker", "ataxia telangiectasia", ""),
            ("number", "5 mg", "5 mg "),
            ("numbers", "1.5 mg 20", "1 5 mg 20"),
            ("number inside a word", "COL1A1", "1 1"),
            ("number and letter", "stage T2a", "2a"),
            ("number and letter apart", "stage T2 A", "2a"),
            ("number and unit", "5mg", "5 mg "),
            ("comma", "1,5 mg", "1 5 mg "),
            ("micro sign", "5µg", "5 μg "),
            ("letters behind a number", "5mgx", "5"),
            ("word that is a number", "two vessels", " two "),
            ("Chinese number", "二型糖尿病", " 二 "),
            ("Chinese denial", "非小细胞", " 非 "),
            ("possessive letter", "5's", "5s"),
            ("superscript", "m²", "2"),
            ("power", "10²", "10 2"),
            ("power behind an apostrophe", "10´²", "10 2"),
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
}
