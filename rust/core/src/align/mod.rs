//! Mentions to spans.

mod answer;
mod similarity;
mod spread;

use std::ops::Range;

use crate::bench::{Bench, Options};
use crate::error::Error;
use crate::fuzzy::best_first;
pub use answer::{Match, Tier};
pub use similarity::similarity;
use spread::spread;

/// Finds the mentions that a model made in the text that it read.
///
/// ```
/// use nerharness_core::{Aligner, Tier};
///
/// let text = "Ataxia-telangiectasia (AT) is rare; ataxia telangiectasia is recessive.";
/// let aligner = Aligner::new(0.8)?;
/// let mentions = ["ataxia telangiectasia", "ataxia telangiectasia", "AT", "ataxia telangectasa"];
/// let found = aligner.align(text, &mentions)?;
/// let parts: Vec<_> = found.iter().flatten().map(|m| &text[m.span.start..m.span.end]).collect();
/// assert_eq!(
///     parts,
///     ["Ataxia-telangiectasia", "ataxia telangiectasia", "AT", "ataxia telangiectasia"]
/// );
/// assert_eq!(found[3].map(|m| m.tier), Some(Tier::Fuzzy));
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aligner {
    threshold: f64,
    discontinuous: bool,
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
            return Ok(Self {
                threshold,
                discontinuous: false,
            });
        }
        Err(Error::Threshold(threshold))
    }

    /// The same, which looks for mentions in several [`fragments`](crate::fragments) too if `yes`.
    ///
    /// The span of a match then goes from the first fragment to the last.
    ///
    /// ```
    /// use nerharness_core::{Aligner, Tier};
    /// let aligner = Aligner::new(0.8)?;
    /// let (text, mentions) = ("breast and ovarian cancer", ["breast cancer"]);
    /// assert_eq!(aligner.align(text, &mentions)?, [None]);
    /// let found = aligner.discontinuous(true).align(text, &mentions)?;
    /// assert_eq!(found[0].map(|one| (one.span.end, one.tier)), Some((25, Tier::Exact)));
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub const fn discontinuous(self, yes: bool) -> Self {
        Self {
            discontinuous: yes,
            ..self
        }
    }

    /// One match for each of `mentions`, in their order; `None` for a mention that the text does
    /// not hold, or not once more.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let found = Aligner::new(0.8)?.align("lupus", &["lupus", "lupus", "gout"])?;
    /// assert!(found[0].is_some() && found[1].is_none() && found[2].is_none());
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] if the text or a mention has 4 GiB or more.
    pub fn align<M: AsRef<str>>(
        &self,
        text: &str,
        mentions: &[M],
    ) -> Result<Vec<Option<Match>>, Error> {
        let mut bench = Bench::default();
        Ok(self.align_on(&mut bench, text, mentions)?.to_vec())
    }

    /// [`Aligner::align`] in room that was used before, which saves time with short texts.
    ///
    /// ```
    /// use nerharness_core::{Aligner, Bench};
    /// let (aligner, mut bench) = (Aligner::new(0.8)?, Bench::default());
    /// for text in ["Lupus.", "No lupus."] {
    ///     let found = aligner.align_on(&mut bench, text, &["lupus"])?;
    ///     assert_eq!(found, aligner.align(text, &["lupus"])?);
    /// }
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] as [`Aligner::align`].
    pub fn align_on<'b, M: AsRef<str>>(
        &self,
        bench: &'b mut Bench,
        text: &str,
        mentions: &[M],
    ) -> Result<&'b [Option<Match>], Error> {
        check(text, mentions)?;
        Ok(bench.align(text, mentions, self.options()))
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
    /// if `threads` is 0, [`Error::Worker`] if a thread failed, [`Error::Huge`] as [`Aligner::align`].
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
        let read = |_, found: &[Option<Match>], all: &mut Vec<_>| all.push(found.to_vec());
        let parts = self.align_each(texts, mentions, threads, read)?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// [`Aligner::align_batch`], but `read` gets the number of each text with its matches and adds what it
    /// makes of them to the answer, which comes in parts: each for some texts, in their order.
    ///
    /// It is called on the thread that aligned the text.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let aligner = Aligner::new(0.8)?;
    /// let mentions = [["lupus"], ["gout"]];
    /// let parts = aligner.align_each(&["lupus", "lupus"], &mentions, 2, |number, found, all| {
    ///     all.extend(found.iter().flatten().map(|one| (number, one.span.end)));
    /// })?;
    /// assert_eq!(parts.concat(), [(0, 5)]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Aligner::align_batch`].
    pub fn align_each<T, L, M, R>(
        &self,
        texts: &[T],
        mentions: &[L],
        threads: usize,
        read: impl Fn(usize, &[Option<Match>], &mut Vec<R>) + Sync,
    ) -> Result<Vec<Vec<R>>, Error>
    where
        T: AsRef<str> + Sync,
        L: AsRef<[M]> + Sync,
        M: AsRef<str>,
        R: Send,
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
        let part = |bench: &mut Bench, range: Range<usize>| {
            let mut all = Vec::new();
            for index in range {
                let (text, mentions) = (texts[index].as_ref(), mentions[index].as_ref());
                check(text, mentions)?;
                read(index, bench.align(text, mentions, self.options()), &mut all);
            }
            Ok(all)
        };
        if threads == 1 || texts.len() < 2 {
            return Ok(vec![part(&mut Bench::default(), 0..texts.len())?]);
        }
        spread(texts.len(), threads, &part)?.into_iter().collect()
    }

    /// Every acceptable match of `mention`, the best first.
    ///
    /// ```
    /// use nerharness_core::Aligner;
    /// let found = Aligner::new(0.8)?.candidates("Lupus, lupus", "lupus")?;
    /// assert_eq!(found.iter().map(|m| m.span.start).collect::<Vec<_>>(), [7, 0]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] as [`Aligner::align`].
    pub fn candidates(&self, text: &str, mention: &str) -> Result<Vec<Match>, Error> {
        check(text, &[mention])?;
        let mut found = Bench::default().candidates(text, mention, self.options());
        found.sort_by(best_first);
        Ok(found)
    }

    fn options(&self) -> Options {
        Options {
            threshold: self.threshold,
            discontinuous: self.discontinuous,
        }
    }
}

fn check<M: AsRef<str>>(text: &str, mentions: &[M]) -> Result<(), Error> {
    let lengths = mentions.iter().map(|mention| mention.as_ref().len());
    let huge = |length: usize| u32::try_from(length).is_err();
    if std::iter::once(text.len()).chain(lengths).any(huge) {
        return Err(Error::Huge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn answers_are_at_character_boundaries_for_any_text(text in ".{0,60}", mention in ".{0,8}") {
            let aligner = Aligner { threshold: 0.5, discontinuous: false };
            let found = aligner.candidates(&text, &mention).unwrap_or_default();
            for one in found {
                prop_assert!(text.get(one.span.start..one.span.end).is_some_and(|s| !s.is_empty()));
                prop_assert!(one.score >= 0.5 && one.score <= 1.0);
            }
        }

        #[test]
        fn threads_do_not_change_the_answers(
            texts in proptest::collection::vec("[ab ]{0,20}", 0..20), threads in 2usize..5
        ) {
            let aligner = Aligner { threshold: 0.5, discontinuous: false };
            let mentions = vec![vec!["ab", "abba", "ab"]; texts.len()];
            let expected = aligner.align_batch(&texts, &mentions, 1);
            prop_assert_eq!(aligner.align_batch(&texts, &mentions, threads), expected);
        }
    }

    #[test]
    fn thresholds_outside_of_the_unit_interval_are_refused() {
        for threshold in [0.0, -0.1, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Aligner::new(threshold).is_err(), "{threshold}");
        }
    }
}
