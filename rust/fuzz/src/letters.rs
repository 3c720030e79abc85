//! What kinds of characters there are, and what each folds to.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, compose, is_combining_mark};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

const APOSTROPHES: &str = "'`´ʹʻʼʽ՚׳‘’‚‛′‵＇";
const QUOTES: &str = "\"«»״“”„‟″‶〝〞〟＂";
/// Also dashes, though of another category.
const DASHES: &str = "\u{2D7}\u{2043}\u{2212}";
/// First and last of the characters that are not seen.
const UNSEEN: [(char, char); 11] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{640}', '\u{640}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{E0100}', '\u{E01EF}'),
];
/// First and last of the letters of scripts that are written without spaces.
const UNSPACED: [(char, char); 16] = [
    ('\u{E00}', '\u{EFF}'),
    ('\u{1000}', '\u{109F}'),
    ('\u{1100}', '\u{11FF}'),
    ('\u{A960}', '\u{A97F}'),
    ('\u{AC00}', '\u{D7A3}'),
    ('\u{D7B0}', '\u{D7FF}'),
    ('\u{1780}', '\u{17FF}'),
    ('\u{3005}', '\u{3007}'),
    ('\u{3040}', '\u{30FF}'),
    ('\u{31F0}', '\u{31FF}'),
    ('\u{3400}', '\u{4DBF}'),
    ('\u{4E00}', '\u{9FFF}'),
    ('\u{F900}', '\u{FAFF}'),
    ('\u{FF66}', '\u{FF9F}'),
    ('\u{1B000}', '\u{1B16F}'),
    ('\u{20000}', '\u{3FFFD}'),
];

fn is_among(c: char, ranges: &[(char, char)]) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&c))
}

/// White space and control characters.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The vowels and final consonants that go on with a Korean syllable.
const GOING_ON: [(char, char); 2] = [('\u{1160}', '\u{11FF}'), ('\u{D7B0}', '\u{D7FF}')];

/// Combining marks, and what goes on with a Korean syllable.
#[must_use]
pub fn is_mark(c: char) -> bool {
    is_combining_mark(c) || is_among(c, &GOING_ON)
}

/// Korean syllables.
#[must_use]
pub fn is_syllable(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// The Korean syllable that two characters make.
#[must_use]
pub fn syllable(first: char, next: char) -> Option<char> {
    compose(first, next).filter(|c| is_syllable(*c))
}

/// Korean syllables, and ideographs.
#[must_use]
pub fn is_whole(c: char) -> bool {
    const IDEOGRAPHS: [(char, char); 4] = [
        ('\u{3400}', '\u{4DBF}'),
        ('\u{4E00}', '\u{9FFF}'),
        ('\u{F900}', '\u{FAFF}'),
        ('\u{20000}', '\u{3FFFD}'),
    ];
    is_syllable(c) || is_among(c, &IDEOGRAPHS)
}

/// Numbers that are not decimal digits.
#[must_use]
pub fn is_odd_number(c: char) -> bool {
    c.general_category() == GeneralCategory::OtherNumber
}

/// Marks that leave the letter the same.
#[must_use]
pub fn is_accent(c: char) -> bool {
    let class = canonical_combining_class(c);
    is_mark(c) && (class == 1 || (10..=36).contains(&class) || class >= 200)
}

/// Apostrophes and what serves as one.
#[must_use]
pub fn is_apostrophe(c: char) -> bool {
    APOSTROPHES.contains(c)
}

/// Hyphens and dashes.
#[must_use]
pub fn is_dash(c: char) -> bool {
    c.general_category() == GeneralCategory::DashPunctuation || DASHES.contains(c)
}

/// What is not seen.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    is_among(c, &UNSEEN)
}

/// Letters, numbers and marks.
#[must_use]
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Punctuation and apostrophes.
#[must_use]
pub fn is_punctuation(c: char) -> bool {
    is_apostrophe(c) || c.general_category_group() == GeneralCategoryGroup::Punctuation
}

/// Letters of scripts that are written without spaces.
#[must_use]
pub fn is_unspaced(c: char) -> bool {
    is_among(c, &UNSPACED) && !c.is_numeric()
}

/// What `c` folds to, with an apostrophe, a hyphen or a space for what is not kept in a skeleton.
#[must_use]
pub fn parts(c: char) -> Vec<char> {
    if is_apostrophe(c) {
        return vec!['\''];
    }
    if QUOTES.contains(c) {
        return vec!['"'];
    }
    let decomposed = std::iter::once(c).nfkd();
    let seen = decomposed.filter(|part| !is_unseen(*part) && !is_accent(*part));
    seen.flat_map(unified).collect()
}

/// One part of a decomposed character.
fn unified(part: char) -> Vec<char> {
    match part {
        _ if is_space(part) => vec![' '],
        _ if is_dash(part) => vec!['-'],
        _ if is_apostrophe(part) => vec!['\''],
        'ß' | 'ẞ' => vec!['s', 's'],
        'ς' => vec!['σ'],
        _ => part.to_lowercase().filter(|c| !is_accent(*c)).collect(),
    }
}

/// Whether a part of a folded character is kept in a skeleton.
#[must_use]
pub fn is_kept(part: char) -> bool {
    !matches!(part, '\'' | '-' | ' ')
}
