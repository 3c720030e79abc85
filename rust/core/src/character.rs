//! What kind of character a character is.

use unicode_normalization::char::{canonical_combining_class, compose, is_combining_mark};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// What each ASCII character folds to: itself in lower case, or 0 for white space, control
/// characters, hyphens and apostrophes, which fold to nothing.
pub(crate) const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut c = b'!';
    while c < 127 {
        if !matches!(c, b'-' | b'\'' | b'`') {
            table[c as usize] = c.to_ascii_lowercase();
        }
        c += 1;
    }
    table
};

/// White space and control characters.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Hyphens, dashes and the minus sign; not the soft hyphen.
pub(crate) fn is_dash(c: char) -> bool {
    if c.is_ascii() {
        return c == '-';
    }
    matches!(c, '\u{2D7}' | '\u{2043}' | '\u{2212}')
        || c.general_category() == GeneralCategory::DashPunctuation
}

/// Apostrophes, single quotation marks and what is typed in their place.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`'
            | '\u{B4}'
            | '\u{2B9}'
            | '\u{2BB}'..='\u{2BD}'
            | '\u{55A}'
            | '\u{5F3}'
            | '\u{2018}'..='\u{201B}'
            | '\u{2032}'
            | '\u{2035}'
            | '\u{FF07}'
    )
}

/// Double quotation marks and what is typed in their place.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\u{AB}'
            | '\u{BB}'
            | '\u{5F4}'
            | '\u{201C}'..='\u{201F}'
            | '\u{2033}'
            | '\u{2036}'
            | '\u{301D}'..='\u{301F}'
            | '\u{FF02}'
    )
}

/// Characters that are not seen, or only lengthen a word: soft hyphen, zero-width and direction marks,
/// variation selectors, the Arabic tatweel.
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{640}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Combining marks of every kind (general category M), and the Korean letters that go on with a syllable:
/// vowels and final consonants.
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && (is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FF}'))
}

/// Korean syllables.
pub(crate) fn is_syllable(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// The Korean syllable that begins with `first` and goes on with `next`.
pub(crate) fn syllable(first: char, next: char) -> Option<char> {
    compose(first, next).filter(|c| is_syllable(*c))
}

/// Ideographs, each of which is a word or a part of one that has a meaning by itself.
pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(
        c,
        '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFD}'
    )
}

/// Whether a number is not a decimal digit: superscripts, fractions, circled numbers.
pub(crate) fn is_odd_number(c: char) -> bool {
    !c.is_ascii() && c.general_category() == GeneralCategory::OtherNumber
}

/// Combining marks that a careless writer leaves out: accents, and Hebrew, Arabic and Syriac points.
///
/// The marks of other combining classes (vowel signs, viramas, nuktas, tone marks, kana voicing)
/// make another letter of the one before.
pub(crate) fn is_accent(c: char) -> bool {
    is_mark(c) && matches!(canonical_combining_class(c), 1 | 10..=36 | 200..=240)
}

/// Letters, numbers and combining marks: what words consist of.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Punctuation, and the symbols that serve as apostrophes.
pub(crate) fn is_punctuation(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<'..='>' | '^' | '|' | '~');
    }
    is_apostrophe(c) || c.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// Letters of scripts that are written without spaces between words, or between a word and its particles.
pub(crate) fn is_unsegmented(c: char) -> bool {
    let written_together = is_ideograph(c)
        || is_syllable(c)
        || matches!(
            c,
            '\u{E00}'..='\u{EFF}'          // Thai, Lao
                | '\u{1000}'..='\u{109F}'  // Myanmar
                | '\u{1100}'..='\u{11FF}'  // Korean letters
                | '\u{1780}'..='\u{17FF}'  // Khmer
                | '\u{3005}'..='\u{3007}'  // ideographic iteration, closing and zero marks
                | '\u{3040}'..='\u{30FF}'  // Hiragana, Katakana
                | '\u{31F0}'..='\u{31FF}'
                | '\u{A960}'..='\u{A97F}'  // Korean letters
                | '\u{D7B0}'..='\u{D7FF}'
                | '\u{FF66}'..='\u{FF9F}'  // halfwidth Katakana
                | '\u{1B000}'..='\u{1B16F}'
        );
    written_together && !c.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_the_marks_that_leave_the_letter_the_same() {
        for (mark, accent) in [
            ('\u{301}', true),   // acute
            ('\u{327}', true),   // cedilla
            ('\u{64B}', true),   // Arabic fathatan
            ('\u{93F}', false),  // Devanagari vowel sign i
            ('\u{94D}', false),  // Devanagari virama
            ('\u{E49}', false),  // Thai tone mark
            ('\u{3099}', false), // kana voicing mark
            ('\u{11AB}', false), // Korean final n
            ('e', false),
        ] {
            assert_eq!(is_accent(mark), accent, "{mark:?}");
        }
    }

    #[test]
    fn ascii_folds_as_the_predicates_say() {
        for c in (0u8..128).map(char::from) {
            let dropped = is_space(c) || is_dash(c) || is_apostrophe(c);
            let folded = if dropped {
                '\0'
            } else {
                c.to_ascii_lowercase()
            };
            assert_eq!(char::from(ASCII[c as usize]), folded, "{c:?}");
        }
    }

    #[test]
    fn ascii_punctuation_is_that_of_unicode() {
        for c in (0u8..128).map(char::from) {
            let group = c.general_category_group() == GeneralCategoryGroup::Punctuation;
            assert_eq!(is_punctuation(c), group || c == '`', "{c:?}");
        }
    }

    #[test]
    fn digits_of_unsegmented_scripts_hold_together() {
        assert!(is_unsegmented('ก') && !is_unsegmented('๕'));
        assert!(is_unsegmented('熱') && is_unsegmented('か') && is_unsegmented('가'));
    }
}
