//! Predicted tags against gold tags.

use super::labels::Label;
use super::reader::Reader;
use super::vocabulary::{Tag, Vocabulary};
use super::{Entity, Mode, Scheme};
use crate::error::Error;

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
/// Exactly those of seqeval 1.2.2 in the reading that [`decode`](crate::decode) describes; in
/// lenient mode too the sentences are read as one sequence with an O after each.
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
/// [`Error::Unpaired`] if there are more sentences of one kind than of the other, and whatever
/// [`Scorer::add`] and [`Scorer::counts`] refuse.
pub fn score<T: AsRef<str>>(
    gold: &[Vec<T>],
    predicted: &[Vec<T>],
    scheme: Scheme,
    mode: Mode,
) -> Result<Vec<LabelCounts>, Error> {
    let mut scorer = Scorer::new(scheme, mode);
    Scorer::check(gold.len(), predicted.len())?;
    for (gold, predicted) in gold.iter().zip(predicted) {
        let mut read = |tags: &[T]| -> Vec<Tag> {
            let tags = tags.iter().map(AsRef::as_ref);
            tags.map(|tag| scorer.vocabulary().tag(tag)).collect()
        };
        let (gold, predicted) = (read(gold), read(predicted));
        scorer.add(&gold, &predicted)?;
    }
    scorer.counts()
}

/// Compares gold and predicted tags sentence by sentence, as [`score`] does.
///
/// ```
/// use nerharness_core::{Mode, Scheme, Scorer};
/// let mut scorer = Scorer::new(Scheme::Iob2, Mode::Lenient);
/// let gold = ["B-GENE", "I-GENE"].map(|tag| scorer.vocabulary().tag(tag));
/// let predicted = ["B-GENE", "O"].map(|tag| scorer.vocabulary().tag(tag));
/// scorer.add(&gold, &predicted)?;
/// scorer.add(&gold, &gold)?;
/// let counts = &scorer.counts()?[0];
/// assert_eq!((counts.true_positives, counts.false_positives, counts.false_negatives), (1, 1, 1));
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Scorer {
    vocabulary: Vocabulary,
    gold: Side,
    predicted: Side,
    tallies: Vec<Tally>,
    sentences: usize,
}

/// The tags of one of the two kinds, and their entities in the last sentence.
#[derive(Debug)]
struct Side {
    reader: Reader,
    entities: Vec<Entity<Label>>,
}

/// The counts of one label.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    gold: usize,
    predicted: usize,
    both: usize,
}

impl Scorer {
    /// A scorer that has seen no sentence.
    ///
    /// ```
    /// use nerharness_core::{Error, Mode, Scheme, Scorer};
    /// let scorer = Scorer::new(Scheme::Ioe2, Mode::Strict);
    /// assert_eq!(scorer.counts(), Err(Error::NoSentence));
    /// ```
    #[must_use]
    pub fn new(scheme: Scheme, mode: Mode) -> Self {
        let vocabulary = Vocabulary::new(scheme, mode);
        let side = || Side {
            reader: vocabulary.reader(),
            entities: Vec::new(),
        };
        Self {
            gold: side(),
            predicted: side(),
            vocabulary,
            tallies: Vec::new(),
            sentences: 0,
        }
    }

    /// Refuses different numbers of gold and predicted sentences.
    ///
    /// ```
    /// use nerharness_core::Scorer;
    /// let error = Scorer::check(2, 1).unwrap_err();
    /// assert_eq!(error.to_string(), "2 sentences of gold tags need as many of predicted tags, got 1");
    /// ```
    ///
    /// # Errors
    /// [`Error::Unpaired`] if they differ.
    pub const fn check(gold: usize, predicted: usize) -> Result<(), Error> {
        if gold == predicted {
            return Ok(());
        }
        Err(Error::Unpaired {
            what: "sentences of gold tags need as many of predicted tags",
            left: gold,
            right: predicted,
        })
    }

    /// What makes the tags for [`Scorer::add`].
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Scorer};
    /// let mut scorer = Scorer::new(Scheme::Iob2, Mode::Lenient);
    /// let tag = scorer.vocabulary().tag("B-GENE");
    /// assert_eq!(scorer.vocabulary().labels().name(tag.label()), "GENE");
    /// ```
    pub const fn vocabulary(&mut self) -> &mut Vocabulary {
        &mut self.vocabulary
    }

    /// Counts the entities that end in the next sentence.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Scorer};
    /// let mut scorer = Scorer::new(Scheme::Iob2, Mode::Lenient);
    /// let tags = [scorer.vocabulary().tag("B-GENE")];
    /// scorer.add(&tags, &tags)?;
    /// let error = scorer.add(&tags, &[]).unwrap_err();
    /// assert_eq!(error.to_string(), "sentence 1 has 1 gold tags, but 0 predicted tags");
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Sentence`] if gold and predicted tags differ in number, [`Error::Tag`] if one cannot
    /// be read.
    pub fn add(&mut self, gold: &[Tag], predicted: &[Tag]) -> Result<(), Error> {
        let index = self.sentences;
        if gold.len() != predicted.len() {
            return Err(Error::Sentence {
                index,
                gold: gold.len(),
                predicted: predicted.len(),
            });
        }
        for tags in [gold, predicted] {
            let checked = self.vocabulary.check(tags);
            checked.map_err(|error| in_sentence(error, index))?;
        }
        self.sentences += 1;
        self.gold.read(gold);
        self.predicted.read(predicted);
        self.compare();
        Ok(())
    }

    /// The counts of each label in the sentences so far, sorted by label.
    ///
    /// ```
    /// use nerharness_core::{Mode, Scheme, Scorer};
    /// let mut scorer = Scorer::new(Scheme::Iob2, Mode::Lenient);
    /// let (outside, tag) = (scorer.vocabulary().tag("O"), scorer.vocabulary().tag("B-GENE"));
    /// scorer.add(&[tag], &[outside])?;
    /// assert_eq!(scorer.counts()?[0].false_negatives, 1);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSentence`] if there was none.
    pub fn counts(&self) -> Result<Vec<LabelCounts>, Error> {
        if self.sentences == 0 {
            return Err(Error::NoSentence);
        }
        let labels = self.vocabulary.labels();
        let mut counts: Vec<_> = labels
            .all()
            .zip(&self.tallies)
            .filter(|(_, tally)| tally.gold + tally.predicted > 0)
            .map(|(label, tally)| tally.counts(labels.name(label)))
            .collect();
        counts.sort_by(|a, b| a.label.cmp(&b.label));
        Ok(counts)
    }

    /// Counts what the two sides found; on each side every entity ends at another token.
    fn compare(&mut self) {
        for found in &self.gold.entities {
            tally(&mut self.tallies, found.label).gold += 1;
        }
        let mut gold = self.gold.entities.iter().peekable();
        for found in &self.predicted.entities {
            while gold
                .next_if(|gold| gold.span.end < found.span.end)
                .is_some()
            {}
            let tally = tally(&mut self.tallies, found.label);
            tally.predicted += 1;
            tally.both += usize::from(gold.peek() == Some(&found));
        }
    }
}

impl Side {
    fn read(&mut self, sentence: &[Tag]) {
        self.entities.clear();
        self.reader.read(sentence, &mut self.entities);
    }
}

impl Tally {
    fn counts(self, label: &str) -> LabelCounts {
        LabelCounts {
            label: label.to_owned(),
            true_positives: self.both,
            false_positives: self.predicted - self.both,
            false_negatives: self.gold - self.both,
        }
    }
}

fn tally(tallies: &mut Vec<Tally>, label: Label) -> &mut Tally {
    if label.0 >= tallies.len() {
        tallies.resize(label.0 + 1, Tally::default());
    }
    &mut tallies[label.0]
}

/// `error` with the sentence that it is in.
fn in_sentence(error: Error, sentence: usize) -> Error {
    match error {
        Error::Tag {
            index, tag, reason, ..
        } => Error::Tag {
            sentence: Some(sentence),
            index,
            tag,
            reason,
        },
        other => other,
    }
}
