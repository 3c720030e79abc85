//! Mentions to spans.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::assign::assign;
use crate::distance::{levenshtein, ratio};
use crate::error::Error;
use crate::fuzzy::{best_first, similar};
use crate::search::{grounded, inside};
use crate::source::{Source, Surface};
use crate::span::Span;

/// How a mention was found, the best first.
///
/// ```
/// use nerharness_core::Tier;
/// assert!(Tier::Exact < Tier::Folded && Tier::Folded < Tier::Fuzzy);
/// assert_eq!(Tier::Folded.name(), "folded");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Character by character.
    Exact,
    /// With the same skeleton.
    Folded,
    /// With a similar skeleton.
    Fuzzy,
}

impl Tier {
    /// The word for it.
    ///
    /// ```
    /// assert_eq!(nerharness_core::Tier::Exact.name(), "exact");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Folded => "folded",
            Self::Fuzzy => "fuzzy",
        }
    }
}

/// Where a mention stands.
///
/// ```
/// use nerharness_core::{Aligner, Match, Span, Tier};
/// let found = Aligner::new(0.8)?.candidates("Lupus.", "lupus");
/// assert_eq!(found, [Match { span: Span::new(0, 5), tier: Tier::Folded, score: 1.0 }]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The bytes of the text that it covers, at character boundaries.
    pub span: Span,
    /// How it was found.
    pub tier: Tier,
    /// Similarity of the skeletons, in `(0, 1]`; 1 unless the tier is fuzzy.
    pub score: f64,
}

/// Finds the mentions that a model made in the text that it read.
///
/// ```
/// use nerharness_core::{Aligner, Tier};
///
/// let text = "Ataxia-telangiectasia (AT) is rare; ataxia telangiectasia is recessive.";
/// let aligner = Aligner::new(0.8)?;
/// let mentions = ["ataxia telangiectasia", "ataxia telangiectasia", "AT", "ataxia telangectasa"];
/// let found = aligner.align(text, &mentions);
/// let parts: Vec<_> = found.iter().flatten().map(|m| &text[m.span.start..m.span.end]).collect();
/// assert_eq!(
///     parts,
///     ["Ataxia-telangiectasia", "ataxia telangiectasia", "AT", "Ataxia-telangiectasia"]
/// );
/// assert_eq!(found[3].map(|m| m.tier), Some(Tier::Fuzzy));
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aligner {
    threshold: f64,
}

impl Aligner {
    /// An aligner that accepts fuzzy matches from a similarity of `threshold` on.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// assert!(Aligner::new(1.0).is_ok());
    /// assert!(Aligner::new(0.0).is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::Threshold`] if it is not in `(0, 1]`.
    pub fn new(threshold: f64) -> Result<Self, Error> {
        if threshold > 0.0 && threshold <= 1.0 {
            return Ok(Self { threshold });
        }
        Err(Error::Threshold(threshold))
    }

    /// One match for each of `mentions`, in their order; `None` for a mention that the text does
    /// not hold, or not once more.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let found = Aligner::new(0.8)?.align("lupus", &["lupus", "lupus", "gout"]);
    /// assert!(found[0].is_some() && found[1].is_none() && found[2].is_none());
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn align<M: AsRef<str>>(&self, text: &str, mentions: &[M]) -> Vec<Option<Match>> {
        let source = Source::new(text);
        let mut surfaces = HashMap::new();
        let mut groups = BTreeMap::<String, Group>::new();
        for (index, mention) in mentions.iter().enumerate() {
            let surface = Surface::new(mention.as_ref());
            let group = groups.entry(surface.key()).or_default();
            let number = *surfaces.entry(surface.text).or_insert_with(|| {
                group.candidates.push(self.search(&source, &surface));
                group.candidates.len() - 1
            });
            group.repeats.push(number);
            group.mentions.push(index);
        }
        // The longer mentions first, so that the shorter ones know what those have taken.
        let mut ordered: Vec<_> = groups.into_iter().collect();
        ordered.sort_by_key(|(key, _)| std::cmp::Reverse(key.chars().count()));
        let mut answers = vec![None; mentions.len()];
        let mut taken: Vec<Span> = Vec::new();
        for (_, group) in &ordered {
            let free = group.outside(&taken);
            let candidates = free.as_ref().unwrap_or(&group.candidates);
            let candidates: Vec<&[Match]> = candidates.iter().map(Vec::as_slice).collect();
            for (index, answer) in group
                .mentions
                .iter()
                .zip(assign(&candidates, &group.repeats))
            {
                answers[*index] = answer;
            }
            let found = group.mentions.iter().filter_map(|index| answers[*index]);
            taken.extend(found.map(|one| one.span));
        }
        answers
    }

    /// [`Aligner::align`] for each text with its mentions, on up to `threads` threads.
    ///
    /// The answers do not depend on the number of threads.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let mentions = [vec!["lupus"], vec![]];
    /// let found = Aligner::new(0.8)?.align_batch(&["lupus", "gout"], &mentions, 2)?;
    /// assert_eq!(found[0][0].map(|m| m.span.end), Some(5));
    /// assert!(found[1].is_empty());
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unpaired`] if there is not one list of mentions for each text, [`Error::Threads`]
    /// if `threads` is 0, [`Error::Worker`] if a thread failed.
    pub fn align_batch<T, M>(
        &self,
        texts: &[T],
        mentions: &[Vec<M>],
        threads: usize,
    ) -> Result<Vec<Vec<Option<Match>>>, Error>
    where
        T: AsRef<str> + Sync,
        M: AsRef<str> + Sync,
    {
        if texts.len() != mentions.len() {
            let what = "texts need as many lists of mentions";
            return Err(Error::Unpaired {
                what,
                left: texts.len(),
                right: mentions.len(),
            });
        }
        if threads == 0 {
            return Err(Error::Threads);
        }
        let one = |index: usize| self.align(texts[index].as_ref(), &mentions[index]);
        if threads == 1 || texts.len() < 2 {
            return Ok((0..texts.len()).map(one).collect());
        }
        spread(texts.len(), threads, &one)
    }

    /// Every acceptable match of `mention`, the best first.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let found = Aligner::new(0.8)?.candidates("Lupus, lupus", "lupus");
    /// assert_eq!(found.iter().map(|m| m.span.start).collect::<Vec<_>>(), [7, 0]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn candidates(&self, text: &str, mention: &str) -> Vec<Match> {
        let mut found = self.search(&Source::new(text), &Surface::new(mention));
        found.sort_by(best_first);
        found
    }

    fn search(self, source: &Source<'_>, surface: &Surface<'_>) -> Vec<Match> {
        let mut found = grounded(source, surface);
        if found.is_empty() && surface.has_word() {
            found = similar(source, surface, self.threshold);
        }
        if found.is_empty() && surface.text.chars().count() >= 3 {
            found = inside(source, surface);
        }
        found
    }
}

/// Mentions with one key: repeats of each other.
#[derive(Debug, Default)]
struct Group {
    /// The candidates of each different surface.
    candidates: Vec<Vec<Match>>,
    /// The surface of each repeat.
    repeats: Vec<usize>,
    /// Where each repeat stands among all mentions.
    mentions: Vec<usize>,
}

impl Group {
    /// The candidates that lie in none of the longer spans `taken`, if they suffice for all repeats.
    fn outside(&self, taken: &[Span]) -> Option<Vec<Vec<Match>>> {
        let free = |one: &&Match| !taken.iter().any(|span| span.surrounds(one.span));
        let kept: Vec<Vec<Match>> = self
            .candidates
            .iter()
            .map(|candidates| candidates.iter().filter(free).copied().collect())
            .collect();
        let starts: BTreeSet<usize> = kept.iter().flatten().map(|one| one.span.start).collect();
        (starts.len() >= self.repeats.len()).then_some(kept)
    }
}

/// Calls `one` for `0..count` on up to `threads` threads and returns the answers in order.
fn spread<R: Send>(
    count: usize,
    threads: usize,
    one: &(impl Fn(usize) -> R + Sync),
) -> Result<Vec<R>, Error> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, one(index)));
        }
    };
    // All are joined before any is asked how it ended: a scope panics for a failed thread it joins.
    let ended: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(count)).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut done = Vec::with_capacity(count);
    for worker in ended {
        done.extend(worker.map_err(|_| Error::Worker)?);
    }
    done.sort_unstable_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, answer)| answer).collect())
}

/// How `a` compares with `b`: the tier, if they can stand for the same thing, and the similarity.
///
/// Equal strings are exact, strings with the same skeleton folded; all others are fuzzy with the
/// similarity of their skeletons, whatever it is. The tier is `None` if nothing is similar, if a
/// skeleton has fewer than three characters, or if numbers, numerals or single letters differ.
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
    let (a, b) = (Surface::new(a), Surface::new(b));
    let (left, right) = (&a.core_skeleton, &b.core_skeleton);
    if left.is_empty() || right.is_empty() {
        return (None, 0.0);
    }
    if left == right {
        return (Some(Tier::Folded), 1.0);
    }
    let longer = left.len().max(right.len());
    let score = ratio(longer - levenshtein(left, right), longer);
    let comparable = !a.is_short() && !b.is_short() && a.markers == b.markers && score > 0.0;
    (comparable.then_some(Tier::Fuzzy), score)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_are_at_character_boundaries_for_any_text(text in ".{0,60}", mention in ".{0,8}") {
            let found = Aligner { threshold: 0.5 }.candidates(&text, &mention);
            for one in found {
                prop_assert!(text.get(one.span.start..one.span.end).is_some_and(|s| !s.is_empty()));
                prop_assert!(one.score >= 0.5 && one.score <= 1.0);
            }
        }

        #[test]
        fn threads_do_not_change_the_answers(
            texts in proptest::collection::vec("[ab ]{0,20}", 0..20), threads in 2usize..5
        ) {
            let aligner = Aligner { threshold: 0.5 };
            let mentions = vec![vec!["ab", "abba", "ab"]; texts.len()];
            let expected = aligner.align_batch(&texts, &mentions, 1);
            prop_assert_eq!(aligner.align_batch(&texts, &mentions, threads), expected);
        }
    }

    #[test]
    fn a_worker_that_fails_is_an_error() {
        let fail = |index: usize| assert!(index < 1, "on purpose");
        assert_eq!(spread(3, 2, &fail), Err(Error::Worker));
    }

    #[test]
    fn thresholds_outside_of_the_unit_interval_are_refused() {
        for threshold in [0.0, -0.1, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Aligner::new(threshold).is_err(), "{threshold}");
        }
    }
}
