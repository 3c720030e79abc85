//! Words that distinguish a text from similar ones.

use super::Words;
use crate::character::is_unsegmented;
use crate::skeleton::Skeleton;

/// Words that deny.
pub(crate) const DENIALS: [&str; 7] = ["no", "non", "not", "nor", "never", "neither", "without"];

/// The length of the longest of them and of Roman numerals with a letter.
const LONGEST_MARKER: usize = 7;

impl Words<'_> {
    /// The words that distinguish a text from similar ones, in order.
    ///
    /// These are the runs of digits, with one letter that ends the word after them ("2a"); Roman
    /// numerals up to five letters of i, v and x, with or without a letter from a to d ("iiia");
    /// words of one letter ("hepatitis B"), except the article "a"; and words that deny.
    pub(super) fn markers(&self) -> Vec<char> {
        let mut markers = Vec::new();
        let mut rest = self.all();
        while let Some(word) = rest.next() {
            if word.chars().any(char::is_numeric) {
                numbers(word, &mut markers);
            } else if is_denial(&word) {
                markers.push(' ');
                markers.extend(word.chars());
                markers.push(' ');
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
            && (is_denial(word) || is_single(*word) || is_roman(word.bytes)))
}

fn is_denial(word: &Skeleton<'_>) -> bool {
    matches!(word.bytes.first(), Some(b'n' | b'w'))
        && DENIALS.iter().any(|denial| word.bytes == denial.as_bytes())
}

fn is_article(word: &Skeleton<'_>) -> bool {
    word.bytes == b"a"
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
}
