//! Predicted tags against gold tags.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entity, Mode, Scheme, decode, in_sentence, lenient};
use crate::error::Error;
use crate::span::Span;

/// How the entities of a label were predicted.
///
/// ```
/// use nerharness_core::{LabelCounts, Mode, Scheme, score};
/// let counts = score(&[vec!["B-GENE", "O"]], &[vec!["B-GENE", "B-GENE"]], Scheme::Iob2, Mode::Strict)?;
/// let expected = LabelCounts {
///     label: "GENE".to_owned(), true_positives: 1, false_positives: 1, false_negatives: 0,
/// };
/// assert_eq!(counts, [expected]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCounts {
    /// The label.
    pub label: String,
    /// Gold entities that were predicted.
    pub true_positives: usize,
    /// Predicted entities that are not in the gold tags.
    pub false_positives: usize,
    /// Gold entities that were not predicted.
    pub false_negatives: usize,
}

/// The counts of each label in the gold or the predicted tags, sorted by label.
///
/// Exactly those of seqeval 1.2.2 in the reading that [`decode`] describes; in lenient mode too the
/// sentences are read as one sequence with an O after each.
///
/// ```
/// use nerharness_core::{Mode, Scheme, score};
/// let gold = [vec!["B-A"], vec!["O", "B-B"]];
/// let counts = score(&gold, &gold, Scheme::Iob2, Mode::Lenient)?;
/// assert_eq!(counts.iter().map(|c| c.true_positives).sum::<usize>(), 2);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoSentence`] if there is no sentence, [`Error::Unpaired`] or [`Error::Sentence`] if
/// gold and predicted tags differ in number, [`Error::Tag`] as [`decode`].
pub fn score<T: AsRef<str>>(
    gold: &[Vec<T>],
    predicted: &[Vec<T>],
    scheme: Scheme,
    mode: Mode,
) -> Result<Vec<LabelCounts>, Error> {
    check(gold, predicted)?;
    let gold = entities(gold, scheme, mode)?;
    let predicted = entities(predicted, scheme, mode)?;
    let mut counts = BTreeMap::<&str, (usize, usize, usize)>::new();
    for entity in &gold {
        let (hits, _, misses) = counts.entry(&entity.label).or_default();
        *(if predicted.contains(entity) {
            hits
        } else {
            misses
        }) += 1;
    }
    for entity in predicted.difference(&gold) {
        counts.entry(&entity.label).or_default().1 += 1;
    }
    let named = |(label, (hits, extra, misses)): (&str, _)| LabelCounts {
        label: label.to_owned(),
        true_positives: hits,
        false_positives: extra,
        false_negatives: misses,
    };
    Ok(counts.into_iter().map(named).collect())
}

fn check<T>(gold: &[Vec<T>], predicted: &[Vec<T>]) -> Result<(), Error> {
    if gold.len() != predicted.len() {
        let what = "sentences of gold tags need as many of predicted tags";
        return Err(Error::Unpaired {
            what,
            left: gold.len(),
            right: predicted.len(),
        });
    }
    if gold.is_empty() {
        return Err(Error::NoSentence);
    }
    for (index, (gold, predicted)) in gold.iter().zip(predicted).enumerate() {
        if gold.len() != predicted.len() {
            let (gold, predicted) = (gold.len(), predicted.len());
            return Err(Error::Sentence {
                index,
                gold,
                predicted,
            });
        }
    }
    Ok(())
}

/// The entities of all sentences, by token index over all of them.
fn entities<T: AsRef<str>>(
    sentences: &[Vec<T>],
    scheme: Scheme,
    mode: Mode,
) -> Result<BTreeSet<Entity>, Error> {
    if mode == Mode::Lenient {
        let sentences: Vec<&[T]> = sentences.iter().map(Vec::as_slice).collect();
        return Ok(lenient::read(&sentences, scheme)?.into_iter().collect());
    }
    let mut all = BTreeSet::new();
    let mut offset = 0;
    for (number, sentence) in sentences.iter().enumerate() {
        let found =
            decode(sentence, scheme, mode).map_err(|error| in_sentence(error, Some(number)))?;
        all.extend(found.into_iter().map(|entity| Entity {
            span: Span::new(entity.span.start + offset, entity.span.end + offset),
            ..entity
        }));
        offset += sentence.len();
    }
    Ok(all)
}
