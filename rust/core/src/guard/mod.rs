//! What a fuzzy match must not change.

mod exchange;
mod markers;
mod opposites;
mod rest;

use crate::skeleton::Skeleton;
use exchange::is_other;
pub(crate) use markers::DENIALS;
use markers::is_marker;
use opposites::{are_opposed, has_opposite};
pub(crate) use rest::is_denied;

/// The most words that differ where texts are compared word by word.
const FEW: usize = 4;

/// The words of a text, to be compared with those of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'s> {
    /// The text in which the skeleton's characters have their places.
    text: &'s str,
    skeleton: Skeleton<'s>,
}

impl<'s> Words<'s> {
    /// The words of a skeleton that was read from `text`.
    pub(crate) fn new(text: &'s str, skeleton: Skeleton<'s>) -> Self {
        Self { text, skeleton }
    }

    fn all(&self) -> impl Iterator<Item = Skeleton<'s>> + Clone {
        self.skeleton.pieces()
    }

    /// Whether two texts can stand for the same thing: their markers agree, they have as many plus signs,
    /// neither has only the opposite of a word of the other, and no word was exchanged for one of which
    /// less than three fifths are the same.
    pub(crate) fn agree(&self, other: &Self) -> bool {
        self.agree_in_words(other)
            .unwrap_or_else(|| self.agree_as_texts(other))
            && self.pluses() == other.pluses()
    }

    /// The number of plus signs ("HER2+" is not "HER2-", of which no sign is left in a skeleton).
    fn pluses(&self) -> usize {
        // Few bytes: a search for the next one would take longer.
        let bytes = self.skeleton.bytes.iter();
        bytes.map(|byte| usize::from(*byte == b'+')).sum()
    }

    fn agree_as_texts(&self, other: &Self) -> bool {
        let plain = || self.all().chain(other.all()).all(|word| is_plain(&word));
        !self.exchanges(other)
            && (plain() || (self.markers() == other.markers() && !are_opposed(self, other)))
    }

    /// Whether the two agree, if that depends only on few words that differ, in the same places.
    fn agree_in_words(&self, other: &Self) -> Option<bool> {
        let (one, two) = (&self.skeleton, &other.skeleton);
        let mut others = two.piece_ranges();
        let mut different = [None; FEW];
        let (mut count, mut differ) = (0, 0);
        for word in one.piece_ranges() {
            let other = others.next()?;
            count += 1;
            let letters = &one.bytes[word.clone()];
            let ascii = one.is_ascii() && two.is_ascii();
            let equal = *letters == two.bytes[other.clone()]
                && (ascii || one.part(word.clone()).equals(&two.part(other.clone())));
            if !equal {
                *different.get_mut(differ)? = Some((one.part(word), two.part(other)));
                differ += 1;
            } else if *letters == *b"a" {
                return None;
            }
        }
        if others.next().is_some() {
            return None;
        }
        let mut different = different.iter().flatten();
        if different
            .clone()
            .any(|(one, two)| is_other(one, two, count > 1))
        {
            return Some(false);
        }
        // Without a marker in a word that differs the markers are the same.
        if different
            .clone()
            .any(|(one, two)| is_marker(one) || is_marker(two))
        {
            return None;
        }
        let plain = different.all(|(one, two)| !has_opposite(one) && !has_opposite(two));
        Some(plain || !are_opposed(self, other))
    }
}

/// Whether a word neither is a marker nor has an opposite, as most words.
fn is_plain(word: &Skeleton<'_>) -> bool {
    !is_marker(word) && !has_opposite(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::skeleton::Skeletons;

    pub(super) fn with_words<R>(text: &str, then: impl FnOnce(Words<'_>) -> R) -> R {
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        let skeleton = skeletons.get(range);
        then(Words::new(text, skeleton))
    }

    proptest! {
        #[test]
        fn texts_agree_in_words_as_they_do_as_texts(
            one in "(hyper|hypo|tens|a|A|1|12|ii|v|no|non|n|pre|unstable|stable|é| |'|-){1,9}",
            other in "(hyper|hypo|tens|a|A|1|12|ii|v|no|non|n|pre|unstable|stable|é| |'|-){1,9}",
            same in 0usize..9,
        ) {
            let same = one.char_indices().nth(same).map_or(0, |(at, _)| at);
            for other in [other.clone(), format!("{}{other}", &one[..same])] {
                with_words(&one, |one| with_words(&other, |other| {
                    let in_words = one.agree_in_words(&other);
                    let as_texts = one.agree_as_texts(&other);
                    prop_assert!(in_words.is_none_or(|agree| agree == as_texts));
                    Ok(())
                }))?;
            }
        }
    }

    #[test]
    fn agreement() {
        for (one, other, agree) in [
            ("hypertension", "hypertenson", true),
            ("hypertension", "hypotension", false),
            ("hipertensión", "hipotensión", false),
            ("iperglicemia", "ipoglicemia", false),
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
            ("нет тяжёлой гипертонии", "тяжёлой гипертонии", false),
            ("тяжёлой гипертонии нет", "тяжёлой гипертонии", false),
            ("nonsmall cell cancer", "non small cell cancers", false),
            ("T cell lymphoma", "Tcell lymphoma", false),
            ("hyper- and hypotension", "hyper- and hypotensions", true),
            ("hepatitis A virus", "hepatitis a virs", false),
            ("type one diabetes", "type two diabetes", false),
            ("aspirin 81 mg", "aspirin 81 µg", false),
            ("aspirin 81mg", "aspirin 81µg", false),
            ("aspirin 81mg", "asprin 81 mg", true),
            ("HER2+ tumour", "HER2- tumour", false),
            ("HER2+ tumour", "HER2+ tumor", true),
            ("急性心肌梗死", "慢性心肌梗死", false),
            ("二型糖尿病", "型糖尿病", false),
            ("小细胞肺癌", "非小细胞肺癌", false),
            ("急性的心肌梗死", "急性心肌梗死", true),
            ("급성 심장 질환", "급성 신장 질환", false),
            ("급성의 심장 질환", "급성 심장 질환", true),
            ("アレルギー性鼻炎", "アレルギ性鼻炎", true),
        ] {
            let agrees = |a: &str, b: &str| with_words(a, |a| with_words(b, |b| a.agree(&b)));
            assert_eq!(agrees(one, other), agree, "{one} / {other}");
            assert_eq!(agrees(other, one), agree, "{other} / {one}");
        }
    }
}
