//! Which tokens of two texts differ.

use std::collections::HashMap;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::text::Text;
use super::touch::Touch;

/// Source tokens that are not in the output, and what stands in their place there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// The source tokens; none where the model added something.
    pub(super) source: Range<usize>,
    /// The output tokens; none where the model dropped something.
    pub(super) output: Range<usize>,
}

/// The changes that turn `source` into `output`, in order; two of them never touch.
///
/// What was only dropped or only added can often stand in several places ("a b a" without "b a" or
/// "a b"). It is moved to where it touches the fewest spans, the last such place if there are more,
/// so that the first of several repeats is the one that is kept.
pub(super) fn changes(source: &Text<'_>, output: &Text<'_>, touch: &Touch) -> Vec<Change> {
    let (left, right) = numbers(source, output);
    let steps = capture_diff_slices(Algorithm::Myers, &left, &right);
    let edits = steps
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let edits = edits.map(|op| Change {
        source: op.old_range(),
        output: op.new_range(),
    });
    let mut changes: Vec<Change> = edits.collect();
    for index in 0..changes.len() {
        let (before, after) = (index.checked_sub(1), changes.get(index + 1));
        let before = before.map_or((0, 0), |index| {
            (changes[index].source.end, changes[index].output.end)
        });
        let after = after.map_or((left.len(), right.len()), |one| {
            (one.source.start, one.output.start)
        });
        let change = &changes[index];
        let room = if change.output.is_empty() {
            slides(&left[..after.0], before.0, &change.source)
        } else if change.source.is_empty() {
            slides(&right[..after.1], before.1, &change.output)
        } else {
            continue;
        };
        changes[index] = least_touching(change, room, touch);
    }
    merged(changes)
}

/// One number for each token, the same for tokens that are spelled the same.
fn numbers(source: &Text<'_>, output: &Text<'_>) -> (Vec<usize>, Vec<usize>) {
    fn all<'t>(text: &'t Text<'_>, seen: &mut HashMap<&'t [char], usize>) -> Vec<usize> {
        let number = |index: usize| {
            let next = seen.len();
            *seen
                .entry(text.spelling(&(index..index + 1)))
                .or_insert(next)
        };
        (0..text.tokens.len()).map(number).collect()
    }
    let mut seen = HashMap::new();
    (all(source, &mut seen), all(output, &mut seen))
}

/// How far `run` can be moved to the left and to the right in `tokens` from `lowest` on, if what is
/// left without it must stay the same.
fn slides(tokens: &[usize], lowest: usize, run: &Range<usize>) -> (usize, usize) {
    let before = tokens[lowest..run.start].iter().rev();
    let left = before.zip(tokens[lowest..run.end].iter().rev());
    let right = tokens[run.start..].iter().zip(&tokens[run.end..]);
    let left = left.take_while(|(a, b)| a == b).count();
    (left, right.take_while(|(a, b)| a == b).count())
}

/// `change`, moved to the last of the places where it touches the fewest spans.
fn least_touching(change: &Change, (left, right): (usize, usize), touch: &Touch) -> Change {
    let moved =
        |range: &Range<usize>, shift: usize| range.start + shift - left..range.end + shift - left;
    let touched = |shift: &usize| touch.count(&moved(&change.output, *shift));
    let shift = (0..=left + right).rev().min_by_key(touched).unwrap_or(left);
    Change {
        source: moved(&change.source, shift),
        output: moved(&change.output, shift),
    }
}

/// The changes, with those put together that touch.
fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match merged.last_mut() {
            Some(last) if last.source.end == change.source.start => {
                last.source.end = change.source.end;
                last.output.end = change.output.end;
            }
            _ => merged.push(change),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tokens of the changes, with a span over the output tokens in `marked`.
    fn written(source: &str, output: &str, marked: Range<usize>) -> String {
        let (source, output) = (Text::new(source), Text::new(output));
        let touch = Touch::new(&[marked], output.tokens.len());
        let written = changes(&source, &output, &touch).into_iter();
        let written = written.map(|one| format!("{:?} > {:?}", one.source, one.output));
        written.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn table() {
        for (name, source, output, marked, expected) in [
            ("same", "a b", "A  b", 0..0, ""),
            ("dropped", "a b c", "a c", 0..0, "1..2 > 1..1"),
            ("added", "a c", "a b c", 0..0, "1..1 > 1..2"),
            ("replaced", "a b c", "a x y c", 0..0, "1..2 > 1..3"),
            (
                "two",
                "a b c d",
                "a c x d",
                0..0,
                "1..2 > 1..1, 3..3 > 2..3",
            ),
            ("first repeat kept", "a b", "a b a b", 0..0, "2..2 > 2..4"),
            ("marked repeat kept", "a b", "a b a b", 2..4, "0..0 > 0..2"),
            ("in a span anyway", "a a", "a a a a", 1..3, "2..2 > 2..4"),
            (
                "first occurrence",
                "x a b a b",
                "x a b",
                0..0,
                "3..5 > 3..3",
            ),
            ("not in a span", "x a b a c", "x a c", 1..3, "1..3 > 1..1"),
            (
                "added before a span",
                "x a c",
                "x a b a c",
                3..5,
                "1..1 > 1..3",
            ),
            ("nothing", "", "", 0..0, ""),
            ("all dropped", "a", "", 0..0, "0..1 > 0..0"),
            ("all added", "", "a", 0..1, "0..0 > 0..1"),
        ] {
            assert_eq!(written(source, output, marked), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_not_changed_is_equal(
            source in "[abc ]{0,30}", output in "[abc ]{0,30}", first in 0usize..8, count in 1usize..8
        ) {
            let (source, output) = (Text::new(&source), Text::new(&output));
            let marked = first..first + count;
            let touch = Touch::new(std::slice::from_ref(&marked), output.tokens.len());
            let (left, right) = numbers(&source, &output);
            let (mut from, mut output_from) = (0, 0);
            let end = Change {
                source: left.len()..left.len(),
                output: right.len()..right.len(),
            };
            for change in changes(&source, &output, &touch).iter().chain([&end]) {
                let kept = (&left[from..change.source.start], &right[output_from..change.output.start]);
                prop_assert_eq!(kept.0, kept.1);
                prop_assert!(from == 0 || change == &end || !kept.0.is_empty());
                (from, output_from) = (change.source.end, change.output.end);
            }
        }
    }
}
