//! Two texts compared.

use super::Tier;
use crate::distance::{edits, ratio};
use crate::gap;
use crate::guard::Words;
use crate::skeleton::Skeletons;
use crate::surface::Surface;

/// How `a` compares with `b`: the tier, if they can stand for the same thing, and the similarity.
///
/// Equal strings are exact, strings with the same skeleton folded; all others are fuzzy with the
/// similarity of their skeletons, whatever it is. The tier is `None` if nothing is similar, if a
/// skeleton has fewer than three characters, or if they differ in what a fuzzy match must keep.
///
/// ```
/// use nerharness_core::{Tier, similarity};
/// assert_eq!(similarity("lupus", "lupus"), (Some(Tier::Exact), 1.0));
/// assert_eq!(similarity("Lu-pus", "lupus"), (Some(Tier::Folded), 1.0));
/// assert_eq!(similarity("lupos", "lupus"), (Some(Tier::Fuzzy), 0.8));
/// assert_eq!(similarity("type 1", "type 2"), (None, 0.8));
/// ```
#[must_use]
pub fn similarity(a: &str, b: &str) -> (Option<Tier>, f64) {
    if a == b {
        return (Some(Tier::Exact), 1.0);
    }
    let mut skeletons = Skeletons::default();
    let (a, b) = (
        Surface::new(a, &mut skeletons),
        Surface::new(b, &mut skeletons),
    );
    let (left, right) = (a.core_skeleton(&skeletons), b.core_skeleton(&skeletons));
    if left.len() == 0 || right.len() == 0 {
        return (None, 0.0);
    }
    if left.equals(&right) {
        return (Some(Tier::Folded), 1.0);
    }
    let longer = left.len().max(right.len());
    let chars = [left, right].map(|skeleton| skeleton.chars().collect::<Vec<char>>());
    let edited = ratio(longer - edits(&chars[0], &chars[1]), longer);
    let score = gap::similarity(&left, &right).unwrap_or(0.0).max(edited);
    let long_enough = !a.is_short() && !b.is_short() && score > 0.0;
    let words = [Words::new(a.core, left), Words::new(b.core, right)];
    let comparable = long_enough && words[0].agree(&words[1]);
    (comparable.then_some(Tier::Fuzzy), score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_too_many_is_all_that_differs() {
        for (a, b, score) in [
            ("heart old failure", "heart failure", 0.9),
            ("heart old failure", "heart failures", 11.0 / 15.0),
            ("lupus dd d", "lupus dd", 0.875),
        ] {
            assert!((similarity(a, b).1 - score).abs() < 1e-9, "{a} / {b}");
        }
    }
}
