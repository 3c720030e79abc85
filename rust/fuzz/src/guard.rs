//! Whether two texts can stand for the same thing.

use crate::edits::edits;
use crate::letters::{is_accent, is_apostrophe, is_unseen, is_unspaced, is_whole, is_word};
use crate::text::{Letter, is_boundary, skeleton};

/// Words that deny.
pub const DENIALS: [&str; 7] = ["no", "non", "not", "nor", "never", "neither", "without"];
/// Words and ideographs that are numbers or deny.
const LISTED: &str = "one two three four five six seven eight nine ten eleven twelve \
    不 无 無 非 未 没 沒 否 一 二 三 四 五 六 七 八 九 十 百 千 零 两 兩";
const UNITS: &str = "mg mcg ug μg ng pg kg ml ul μl dl cl mm um μm nm cm km mol mmol μmol iu";
const DENYING: [&str; 4] = ["non", "un", "in", "im"];
const OPPOSITES: &str = "hyper hypo, hiper hipo, iper ipo, tachy brady, pre post, ante post, intra extra, intra inter, \
    macro micro, homo hetero, unilater bilater, mono poly, increas decreas, positiv negativ, \
    systol diastol, anter poster, super infer, supra infra, abduc adduc, male female, \
    symptom asymptom, typical atypical, febrile afebrile, vascular avascular, cyanotic acyanotic, \
    induc reduc";

/// What denies a word before which it is put, and what such a word begins with.
const BEFORE: &str = "a, an, non, un, in, im, il l, ir r, fe male";
/// What denies a word behind which it is put.
const BEHIND: &str = "less free los frei";

/// Whether the rest of a word in which a span begins or ends denies what stands there.
#[must_use]
pub fn is_denied(text: &[Letter], start: usize, end: usize) -> bool {
    let lower =
        |part: &[Letter]| -> String { part.iter().map(|one| one.c.to_ascii_lowercase()).collect() };
    let before = (0..start).rev().take(3).filter(|at| is_boundary(text, *at));
    let denied = |at: usize| {
        let mut denials = BEFORE
            .split(", ")
            .map(|pair| pair.split_once(' ').unwrap_or((pair, "")));
        denials.any(|(denial, first)| {
            lower(&text[at..start]) == denial && lower(&text[start..]).starts_with(first)
        })
    };
    let behind = (end + 1..=text.len())
        .take(4)
        .filter(|at| is_boundary(text, *at));
    let freed = |at: usize| {
        BEHIND
            .split(' ')
            .any(|denial| lower(&text[end..at]) == denial)
    };
    let (mut before, mut behind) = (before, behind);
    !is_boundary(text, start) && before.any(denied) || !is_boundary(text, end) && behind.any(freed)
}

/// Whether markers agree, nothing is opposed, and no word is exchanged.
#[must_use]
pub fn agree(a: &[Letter], b: &[Letter]) -> bool {
    let (left, right) = (words(a), words(b));
    let pluses = |text| skeleton(text).into_iter().filter(|c| *c == '+').count();
    if markers(&left) != markers(&right) || pluses(a) != pluses(b) {
        return false;
    }
    let folded = |words: &[Vec<Letter>]| words.iter().map(|word| folded(word)).collect::<Vec<_>>();
    let (left, right) = (folded(&left), folded(&right));
    !are_opposed(&left, &right) && !are_exchanged(&left, &right)
}

fn folded(word: &[Letter]) -> String {
    skeleton(word).into_iter().collect()
}

/// The letters and numbers of each word; an apostrophe does not end one, and a symbol is what it folds
/// to.
fn words(text: &[Letter]) -> Vec<Vec<Letter>> {
    let mut words: Vec<Vec<Letter>> = Vec::new();
    let mut last = None;
    for (position, letter) in text.iter().enumerate().filter(|(_, one)| one.is_kept()) {
        if last.is_none_or(|last| is_broken(text, last, position)) {
            words.push(Vec::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter.clone());
        }
        last = Some(position);
    }
    words.retain(|word| skeleton(word).first().is_some_and(|c| is_word(*c)));
    words
}

/// Whether a word ends between two characters that are folded one after the other.
fn is_broken(text: &[Letter], last: usize, position: usize) -> bool {
    let before = text[last].c;
    let between = &text[last + 1..position];
    let accents = between
        .iter()
        .take_while(|one| is_accent(one.c) && is_word(before));
    let shown = between[accents.count()..].iter().map(|one| one.c);
    let shown: Vec<char> = shown
        .filter(|c| !is_unseen(*c) || *c == '\u{200B}')
        .collect();
    if shown.is_empty() {
        return is_boundary(text, position);
    }
    let joined = is_word(before) && is_word(text[position].c);
    !(joined && shown.into_iter().all(is_apostrophe))
}

/// The numbers, numerals, single letters and denials of a text.
fn markers(words: &[Vec<Letter>]) -> String {
    let mut all = String::new();
    for (index, word) in words.iter().enumerate() {
        let folded = folded(word);
        let article = word[0].c == 'a' && folded == "a" && index + 1 < words.len();
        if folded.contains(char::is_numeric) {
            for marker in number_markers(&folded) {
                if all.ends_with(char::is_numeric) && marker.starts_with(char::is_numeric) {
                    all.push(' ');
                }
                all.push_str(&marker);
            }
        } else if DENIALS.contains(&folded.as_str())
            || is_among(&folded, LISTED)
            || is_among(&folded, UNITS)
        {
            all = all + " " + &folded + " ";
        } else if !article && (is_single(&folded) || is_roman(&folded)) {
            all.push_str(&folded);
        }
    }
    all
}

fn is_among(word: &str, list: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// The runs of digits of a word, with one letter or a unit that ends it after them.
fn number_markers(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let mut found = vec![String::new()];
    for (index, c) in chars.iter().enumerate() {
        let rest: String = chars[index..].iter().collect();
        if index > 0 && chars[index - 1].is_numeric() && is_among(&rest, UNITS) {
            found.push(format!(" {rest} "));
            break;
        }
        let last_letter = index + 1 == chars.len() && index > 0 && chars[index - 1].is_numeric();
        match found.last_mut() {
            Some(marker) if c.is_numeric() || last_letter => marker.push(*c),
            _ => found.push(String::new()),
        }
    }
    found.retain(|marker| !marker.is_empty());
    found
}

fn is_single(word: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() && !is_unspaced(c);
    word.chars().count() == 1 && word.chars().all(letter)
}

fn is_roman(word: &str) -> bool {
    let numeral = word.strip_suffix(['a', 'b', 'c', 'd']).unwrap_or(word);
    (1..=5).contains(&numeral.len()) && numeral.chars().all(|c| "ivx".contains(c))
}

/// Whether each has only one side of a pair of opposites, and not the same.
fn are_opposed(left: &[String], right: &[String]) -> bool {
    OPPOSITES.split(", ").any(|pair| {
        let has = |words: &[String], side: usize| {
            let side = pair.split(' ').nth(side).unwrap_or_default();
            words.iter().any(|word| word.starts_with(side))
        };
        let sides = [left, right].map(|words| (has(words, 0), has(words, 1)));
        sides == [(true, false), (false, true)] || sides == [(false, true), (true, false)]
    })
}

fn are_exchanged(left: &[String], right: &[String]) -> bool {
    if left.len() == right.len() {
        let among_others = left.len() > 1;
        return left
            .iter()
            .zip(right)
            .any(|(a, b)| is_other(a, b, among_others));
    }
    if left.len() < 2 || right.len() < 2 {
        return false;
    }
    let (a, b) = (&left[0], &right[0]);
    let first = !a.starts_with(b.as_str()) && !b.starts_with(a.as_str()) && is_other(a, b, true);
    let (a, b) = (&left[left.len() - 1], &right[right.len() - 1]);
    let last = !a.ends_with(b.as_str()) && !b.ends_with(a.as_str()) && is_other(a, b, true);
    first || last
}

fn is_other(a: &str, b: &str, among_others: bool) -> bool {
    let [one, two] = [a, b].map(|word| word.chars().collect::<Vec<char>>());
    let denies =
        |denial: &str| a.strip_prefix(denial) == Some(b) || b.strip_prefix(denial) == Some(a);
    let longer = one.len().max(two.len());
    a != b
        && (DENYING.iter().any(|denial| denies(denial))
            || among_others && [a, b].iter().any(|word| word.starts_with(is_whole))
            || among_others && longer >= 4 && 5 * edits(&one, &two) > 2 * longer)
}
