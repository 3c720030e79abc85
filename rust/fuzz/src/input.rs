//! Texts and mentions in which matches happen: small alphabets mixed with any characters.

use arbitrary::{Result, Unstructured};
use nerharness_core::Span;

/// What texts are made of.
const PIECES: [&str; 128] = [
    "lupus",
    "Lupus",
    "LUPOS",
    "gout",
    "µg",
    "two",
    "type",
    "Typ",
    "tension",
    "hyper",
    "hypo",
    "non",
    "un",
    "no",
    "stable",
    "and",
    "left",
    "right",
    "of",
    "the",
    "renal",
    "failure",
    "renl",
    "symptomatic",
    "male",
    "fe",
    "I",
    "II",
    "iv",
    "xa",
    "a",
    "A",
    "b",
    "s",
    "ab",
    "炎",
    "abc",
    "1",
    "2",
    "5",
    "6",
    "12",
    "1.5",
    "2,5",
    "mg",
    "2a",
    "一",
    "Crohn's",
    "Crohn’s",
    "Crohns",
    "Crohn",
    "ﬁbro",
    "fibro",
    "fi",
    "İl",
    "il",
    "ß",
    "ss",
    "ẞ",
    "𝐀",
    "🙂",
    "中",
    "文",
    "〇",
    "か",
    "が",
    "ｶ",
    "ก้",
    "ข",
    "๕",
    "א",
    "בּ",
    "عَ",
    "ع",
    "Σας",
    "σασ",
    "가",
    "각",
    "ﷺ",
    "e\u{301}",
    "é",
    "É",
    "E",
    "\u{301}",
    "\u{308}",
    "\u{94D}",
    "\u{3099}",
    "²",
    "½",
    "℃",
    "…",
    "µ",
    "Ⅳ",
    "Ⓐ",
    "‐",
    "-",
    "–",
    "간",
    "\u{AD}",
    "\u{200B}",
    "\u{200D}",
    "\u{FE0F}",
    "\u{FEFF}",
    "\u{A0}",
    "\r\n",
    "\n",
    "\u{3000}",
    "\0",
    ".",
    ",",
    "\u{1100}\u{1161}",
    "(",
    ")",
    "\"",
    "“",
    "”",
    "'",
    "’",
    "`",
    "+",
    "\u{11AB}",
    "\u{640}",
    "/",
    "´",
    "¨",
    " ",
    "  ",
    "-x",
];

/// One piece: often a space, mostly one of the list, rarely any character.
///
/// # Errors
/// If too little of the input is left.
pub fn piece(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.arbitrary::<u8>()? {
        choice @ 0..128 => PIECES[usize::from(choice)].to_owned(),
        128..216 => " ".to_owned(),
        216..232 => char::from(b'a' + u.arbitrary::<u8>()? % 4).to_string(),
        232..248 => wide_letter(u.arbitrary::<u16>()?.into()).to_string(),
        _ => u.arbitrary::<char>()?.to_string(),
    })
}

/// At most `most` pieces.
///
/// # Errors
/// If too little of the input is left.
pub fn pieces(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<String>> {
    let count = u.int_in_range(0..=most)?;
    (0..count).map(|_| piece(u)).collect()
}

/// A text of more than 600 characters, from a few pieces, or from letters of which there are very
/// many, in an order that a seed decides.
///
/// # Errors
/// If too little of the input is left.
pub fn long_text(u: &mut Unstructured<'_>) -> Result<String> {
    let words = pieces(u, 12)?;
    let (mut state, is_wide) = (u.arbitrary::<u64>()?, u.ratio(1, 8)?);
    let length = u.int_in_range(600..=1_400)?;
    let mut text = String::new();
    while text.chars().count() < length {
        // Knuth's linear congruential generator; its high bits are the better ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let number = (state >> 33) as u32;
        let word = words.get(number as usize % (words.len() + 1));
        match number >> 16 & 7 {
            0..5 if is_wide => text.push(wide_letter(number)),
            0..2 => text.push_str(word.map_or("word", String::as_str)),
            _ => text = text + word.map_or("word", String::as_str) + " ",
        }
    }
    Ok(text)
}

/// A letter of one of several alphabets, so that many different ones come together.
fn wide_letter(number: u32) -> char {
    char::from_u32(0x391 + number % 0x360).unwrap_or('α')
}

/// A mention: a part of `text` of at most `longest` characters, mostly changed, or something else.
///
/// # Errors
/// If too little of the input is left.
pub fn mention(u: &mut Unstructured<'_>, text: &str, longest: usize) -> Result<String> {
    let chars: Vec<char> = text.chars().collect();
    if chars.is_empty() || u.ratio(1, 10)? {
        return Ok(pieces(u, 6)?.concat());
    }
    let start = u.int_in_range(0..=chars.len() - 1)?;
    let end = u.int_in_range(start + 1..=chars.len().min(start + longest))?;
    changed(u, chars[start..end].to_vec())
}

/// `chars` as a model might write them: with some slips.
fn changed(u: &mut Unstructured<'_>, mut chars: Vec<char>) -> Result<String> {
    let slips = u.int_in_range(0..=15)?;
    // Mostly few: a part without any slip is as likely as one with any number of them.
    for _ in 0..[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6, 9][slips] {
        let at = u.int_in_range(0..=chars.len())?;
        let end = chars.len().min(at + 1);
        match u.int_in_range(0..=7)? {
            0 | 1 => drop(chars.drain(at..end)),
            2 => drop(chars.splice(at..at, piece(u)?.chars())),
            3 => drop(chars.splice(at..end, piece(u)?.chars())),
            4 if at + 2 <= chars.len() => chars.swap(at, at + 1),
            5 => chars = chars.iter().flat_map(|c| c.to_uppercase()).collect(),
            6 => drop(chars.splice(
                at..at,
                [' ', '-', '\'', '.', '\u{AD}'][at % 5..=at % 5].to_vec(),
            )),
            _ => chars.retain(|c| *c != ' '),
        }
    }
    Ok(chars.into_iter().collect())
}

/// `pieces` as a model might type them again: some dropped, changed, added or said twice.
///
/// # Errors
/// If too little of the input is left.
pub fn retyped(u: &mut Unstructured<'_>, pieces: &[String]) -> Result<Vec<String>> {
    let mut typed = Vec::new();
    for one in pieces {
        match u.arbitrary::<u8>()? {
            0..16 => {}
            16..32 => typed.extend([one.clone(), one.clone()]),
            32..48 => typed.push(piece(u)?),
            48..64 => typed.extend([one.clone(), piece(u)?]),
            64..96 => typed.push(changed(u, one.chars().collect())?),
            96..104 => typed.push(one.to_uppercase()),
            _ => typed.push(one.clone()),
        }
    }
    Ok(typed)
}

/// A threshold from `least` to 1.
///
/// # Errors
/// If too little of the input is left.
pub fn threshold(u: &mut Unstructured<'_>, least: u32) -> Result<f64> {
    Ok(f64::from(u.int_in_range(least..=100)?) / 100.0)
}

/// A span of whole characters of `text`, which is not empty.
///
/// # Errors
/// If too little of the input is left.
pub fn span(u: &mut Unstructured<'_>, text: &str) -> Result<Span> {
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let start = u.int_in_range(0..=starts.len() - 2)?;
    let end = u.int_in_range(start + 1..=starts.len() - 1)?;
    Ok(Span::new(starts[start], starts[end]))
}
