//! How similar two texts are.

use crate::edits::edits;
use crate::text::{Letter, letters, skeleton, word_edges};

/// The similarity of texts of two lengths with so many edits between them.
pub(crate) fn similar(a: usize, b: usize, edits: usize) -> f64 {
    ratio(a.max(b) - edits, a.max(b))
}

/// A part of a whole.
#[expect(clippy::cast_precision_loss, reason = "texts are short")]
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The similarity of two texts by the documentation, without their guards.
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(letters);
    let (left, right) = (skeleton(&a), skeleton(&b));
    let edited = similar(left.len(), right.len(), edits(&left, &right));
    edited.max(gapped((&a, &left), (&b, &right)))
}

/// The similarity of texts that are equal but for one word inside of one; else 0.
pub(crate) fn gapped(a: (&[Letter], &[char]), b: (&[Letter], &[char])) -> f64 {
    let (short, long) = if a.1.len() < b.1.len() {
        (a, b)
    } else {
        (b, a)
    };
    let (shorter, longer) = (short.1, long.1);
    if shorter.len() == longer.len() || !has_gap(shorter, longer) {
        return 0.0;
    }
    let ((starts, ends), splits) = (word_edges(long.0), word_edges(short.0));
    let is_split = |edges: &(Vec<usize>, Vec<usize>), at: usize| {
        edges.0.contains(&at) && edges.1.contains(&at)
    };
    let edges = (starts, ends);
    let fits = edges.0.iter().any(|start| {
        let Some(end) = edges.1.iter().copied().filter(|end| end > start).min() else {
            return false;
        };
        let inside = *start >= 3 && end < longer.len();
        inside
            && is_split(&edges, *start)
            && is_split(&edges, end)
            && is_split(&splits, *start)
            && *shorter == [&longer[..*start], &longer[end..]].concat()
    });
    if fits {
        ratio(longer.len() + shorter.len(), 2 * longer.len())
    } else {
        0.0
    }
}

/// Whether `longer` is `shorter` with something put in.
fn has_gap(shorter: &[char], longer: &[char]) -> bool {
    let same = |(a, b): &(&char, &char)| a == b;
    let before = shorter.iter().zip(longer).take_while(same).count();
    let after = shorter
        .iter()
        .rev()
        .zip(longer.iter().rev())
        .take_while(same)
        .count();
    before + after >= shorter.len()
}
