//! Words that turn a meaning into its opposite.

use super::Words;
use crate::skeleton::Skeleton;

/// Beginnings of words that turn the meaning of what follows, or of the whole, into its opposite.
const OPPOSITES: [(&str, &str); 26] = [
    ("hyper", "hypo"),
    ("hiper", "hipo"),
    ("iper", "ipo"),
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

/// Whether one text has a word of which the other has only the opposite.
pub(super) fn are_opposed(one: &Words<'_>, other: &Words<'_>) -> bool {
    lacks(one, other) || lacks(other, one)
}

/// Whether a word of one text that is not in the other begins as only an opposite there does.
fn lacks(one: &Words<'_>, other: &Words<'_>) -> bool {
    let only = |words: &Words<'_>, this: &str, that: &str| has(words, this) && !has(words, that);
    let lacked = |word: &Skeleton<'_>, this: &str, that: &str| {
        begins(word, this) && only(other, that, this) && only(one, this, that)
    };
    let is_new = |word: &Skeleton<'_>| !other.all().any(|known| known.equals(word));
    let polar = one.all().filter(|word| has_opposite(word));
    polar.filter(is_new).any(|word| {
        let mut pairs = OPPOSITES.iter();
        pairs.any(|(this, that)| lacked(&word, this, that) || lacked(&word, that, this))
    })
}

fn has(words: &Words<'_>, beginning: &str) -> bool {
    words.all().any(|word| begins(&word, beginning))
}

/// A bit for each hash of the first three letters of the beginnings in [`OPPOSITES`].
const OPENINGS: [u64; 16] = {
    let mut openings = [0; 16];
    let mut pair = 0;
    while pair < OPPOSITES.len() {
        let sides = [OPPOSITES[pair].0.as_bytes(), OPPOSITES[pair].1.as_bytes()];
        let mut side = 0;
        while side < 2 {
            let [a, b, c, ..] = sides[side] else {
                panic!("the hash is of three letters");
            };
            let hash = opening(*a, *b, *c);
            openings[hash / 64] |= 1 << (hash % 64);
            side += 1;
        }
        pair += 1;
    }
    openings
};

/// A hash of three letters, below 1024.
const fn opening(a: u8, b: u8, c: u8) -> usize {
    (a as usize ^ (b as usize) << 3 ^ (c as usize) << 5) % 1024
}

/// Whether a word begins as one in [`OPPOSITES`]; for most words three letters decide.
pub(super) fn has_opposite(word: &Skeleton<'_>) -> bool {
    let [a, b, c, ..] = word.bytes else {
        return false;
    };
    let hash = opening(*a, *b, *c);
    OPENINGS[hash / 64] & 1 << (hash % 64) != 0
        && OPPOSITES
            .iter()
            .any(|(one, two)| begins(word, one) || begins(word, two))
}

fn begins(word: &Skeleton<'_>, beginning: &str) -> bool {
    let beginning = beginning.as_bytes();
    word.bytes.first() == beginning.first() && word.bytes.starts_with(beginning)
}
