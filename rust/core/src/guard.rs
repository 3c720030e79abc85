//! The words that a fuzzy match must not change: numbers, numerals and single letters.

use crate::character::{is_apostrophe, is_ignorable, is_unsegmented, is_word};
use crate::fold::Skeleton;

/// The distinguishing words of a text, in order.
///
/// These are the runs of digits, with one letter that ends the word after them ("2a"); Roman
/// numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia"); and
/// words of one letter ("hepatitis B"), except the article "a". Two texts whose markers differ
/// speak of different things, however similar they look.
pub(crate) fn markers(text: &str) -> String {
    let mut markers = String::new();
    for word in words(text) {
        let skeleton = Skeleton::new(word).chars;
        if skeleton.iter().any(|c| c.is_numeric()) {
            numbers(&skeleton, &mut markers);
        } else if word != "a" && (is_single(&skeleton) || is_roman(&skeleton)) {
            for c in skeleton {
                push(c, true, &mut markers);
            }
        }
    }
    markers
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
            push(*c, !after_digit, markers);
        }
    }
}

/// Adds a character; `fresh` says that it begins a marker, so that "1 2" is not "12".
fn push(c: char, fresh: bool, markers: &mut String) {
    let digits = c.is_numeric() && markers.ends_with(char::is_numeric);
    if fresh && digits {
        markers.push(' ');
    }
    markers.push(c);
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
            ("capital letter", "hepatitis A", "a"),
            ("ideograph", "発 熱", ""),
        ] {
            assert_eq!(markers(text), expected, "{name}");
        }
    }
}
