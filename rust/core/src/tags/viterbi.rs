//! The best tags that a scheme allows.

use super::prefix::Prefix;
use super::strict::follows;
use super::vocabulary::{Tag, Vocabulary};
use super::{Mode, Scheme};
use crate::error::Error;

/// How many sums are compared at once.
const LANES: usize = 4;

/// Finds the sequence of tags with the highest sum of scores of which strict reading loses none.
///
/// Of several with one sum it is the one whose last tag stands first; if that is the same, the last
/// but one, and so on. Sums are taken from that of the best sequence up to the token before, so that
/// long sentences lose no precision. The way is that of Viterbi (1967, IEEE Transactions on
/// Information Theory 13, 260-269), where no tag has more than two sources: an entity goes on from
/// tags with its label, all else from the best of the tags after which none is open. So the time
/// grows with tokens × tags, not with the square of the tags.
///
/// ```
/// use nerharness_core::{Scheme, Viterbi};
/// let mut viterbi = Viterbi::new(&["O", "B-GENE", "I-GENE"], Scheme::Iob2)?;
/// viterbi.push(&[2.0, 1.0, 0.0])?;
/// viterbi.push(&[0.0, 1.0, 3.0])?;
/// assert_eq!(viterbi.finish()?, [1, 2]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Viterbi {
    names: Vec<Box<str>>,
    /// What each tag may follow. The number of tags stands for any complete tag, the next for none.
    sources: Vec<[usize; 2]>,
    /// The tags that may follow more than complete ones, with what they may follow.
    inner: Vec<(usize, [usize; 2])>,
    /// For each tag 0 if it may follow any complete one, or else -inf.
    free: Vec<f64>,
    /// For each tag 0 if it is complete (an O, or the end, may follow), or else -inf.
    complete: Vec<f64>,
    /// The best sum with each tag at the last token, that with any complete one, and -inf.
    sums: Vec<f64>,
    /// The sums at the token before.
    before: Vec<f64>,
    /// The highest of the sums with each tag.
    top: f64,
    /// For each token and inner tag, whether the best sum comes from the second source.
    seconds: Vec<bool>,
    /// For each token, the complete tag with the best sum.
    leaders: Vec<usize>,
}

impl Viterbi {
    /// The search among `tags`, which are those of one column of scores each.
    ///
    /// ```
    /// use nerharness_core::{Scheme, Viterbi};
    /// let error = Viterbi::new(&["O", "S-GENE"], Scheme::Iob2).unwrap_err();
    /// assert_eq!(error.to_string(), r#"tag 1 "S-GENE": the prefix must be one of IOB"#);
    /// ```
    ///
    /// # Errors
    /// [`Error::Tag`] for a tag that is neither O nor a prefix of the scheme with a label after a
    /// hyphen, or alone, and for one that stands there twice.
    pub fn new<T: AsRef<str>>(tags: &[T], scheme: Scheme) -> Result<Self, Error> {
        let names: Vec<Box<str>> = tags.iter().map(|tag| tag.as_ref().into()).collect();
        let tags = read(&names, scheme)?;
        let cost = |may: bool| if may { 0.0 } else { f64::NEG_INFINITY };
        let follows = |last, tag| cost(follows(scheme, last, tag, false));
        let width = (tags.len() + 2).next_multiple_of(LANES);
        let mut complete: Vec<_> = tags
            .iter()
            .map(|tag| follows(tag.prefix(), Prefix::O))
            .collect();
        complete.resize(width, f64::NEG_INFINITY);
        let sources: Vec<_> = (0..tags.len())
            .map(|at| sources(at, &tags, scheme))
            .collect();
        let simple = [tags.len(), tags.len() + 1];
        let all = sources.iter().copied().enumerate();
        let mut viterbi = Self {
            names,
            inner: all.filter(|(_, sources)| *sources != simple).collect(),
            sources,
            free: tags
                .iter()
                .map(|tag| follows(Prefix::O, tag.prefix()))
                .collect(),
            complete,
            sums: vec![f64::NEG_INFINITY; width],
            before: vec![f64::NEG_INFINITY; width],
            top: 0.0,
            seconds: Vec::new(),
            leaders: Vec::new(),
        };
        viterbi.clear();
        Ok(viterbi)
    }

    /// Goes on to the next token of the sentence, whose tags have these scores.
    ///
    /// ```
    /// use nerharness_core::{Scheme, Viterbi};
    /// let mut viterbi = Viterbi::new(&["O", "I-GENE"], Scheme::Iob2)?;
    /// assert!(viterbi.push(&[0.0, f32::NAN]).is_err());
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Table`] if there is not one score for each tag, [`Error::Score`] for NaN and infinity,
    /// [`Error::NoSequence`] if no sequence leads here. The sentence is then forgotten.
    pub fn push(&mut self, scores: &[f32]) -> Result<(), Error> {
        let done = self.check(scores).and_then(|()| self.step(scores));
        done.inspect_err(|_| self.clear())
    }

    /// The numbers of the best tags of the sentence; the next token will be the first of another.
    ///
    /// ```
    /// use nerharness_core::{Scheme, Viterbi};
    /// let mut viterbi = Viterbi::new(&["B-GENE", "E-GENE"], Scheme::Iobes)?;
    /// viterbi.push(&[0.0, 5.0])?;
    /// assert!(viterbi.finish().is_err());
    /// assert_eq!(viterbi.finish()?, []);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoSequence`] if every sequence ends within an entity.
    pub fn finish(&mut self) -> Result<Vec<usize>, Error> {
        let (any, tokens) = (self.names.len(), self.leaders.len());
        let found = if self.sums[any] == f64::NEG_INFINITY {
            Err(Error::NoSequence { tokens })
        } else {
            Ok(self.path())
        };
        self.clear();
        found
    }

    fn clear(&mut self) {
        let any = self.names.len();
        self.sums.fill(f64::NEG_INFINITY);
        (self.sums[any], self.top) = (0.0, 0.0);
        self.seconds.clear();
        self.leaders.clear();
    }

    fn check(&self, scores: &[f32]) -> Result<(), Error> {
        if scores.len() != self.names.len() {
            return Err(Error::Table {
                values: scores.len(),
                columns: self.names.len(),
            });
        }
        let bad = |score: &f32| score.is_nan() || *score >= f32::INFINITY;
        // Counted, not looked for, so that the compiler takes many at once.
        if scores.iter().filter(|score| bad(score)).count() == 0 {
            return Ok(());
        }
        let found = self.names.iter().zip(scores).find(|(_, score)| bad(score));
        found.map_or(Ok(()), |(tag, value)| {
            Err(Error::Score {
                token: self.leaders.len(),
                tag: tag.to_string(),
                value: *value,
            })
        })
    }

    fn step(&mut self, scores: &[f32]) -> Result<(), Error> {
        let any = self.names.len();
        std::mem::swap(&mut self.sums, &mut self.before);
        self.sums[any] = f64::NEG_INFINITY;
        let lead = self.before[any] - self.top;
        for ((sum, free), score) in self.sums.iter_mut().zip(&self.free).zip(scores) {
            *sum = (lead + free) + f64::from(*score);
        }
        self.step_inside(scores);
        let (top, best) = highest(&self.sums, &self.complete);
        if top == f64::NEG_INFINITY {
            let tokens = self.leaders.len() + 1;
            return Err(Error::NoSequence { tokens });
        }
        let mut sums = self.sums.iter().zip(&self.complete);
        let leader = sums.position(|(sum, complete)| sum + complete >= best);
        self.leaders.push(leader.unwrap_or(any));
        (self.sums[any], self.top) = (best, top);
        Ok(())
    }

    /// The sums with the tags that have sources of their own.
    fn step_inside(&mut self, scores: &[f32]) {
        let any = self.names.len();
        let leader = self.leaders.last().map_or(any, |leader| *leader);
        let known = self.seconds.len();
        self.seconds.resize(known + self.inner.len(), false);
        for (second, (at, [one, other])) in self.seconds[known..].iter_mut().zip(&self.inner) {
            let (left, right) = (self.before[*one], self.before[*other]);
            let place = if *one == any { leader } else { *one };
            let tie = *other < place;
            *second = if tie { right >= left } else { right > left };
            // Not chosen by `second`, which no processor can foretell.
            let sum = higher(left, right) - self.top;
            self.sums[*at] = sum + f64::from(scores[*at]);
        }
    }

    fn path(&self) -> Vec<usize> {
        let any = self.names.len();
        let mut path = vec![0; self.leaders.len()];
        let mut source = any;
        for (token, tag) in path.iter_mut().enumerate().rev() {
            *tag = if source == any {
                self.leaders[token]
            } else {
                source
            };
            let second = self
                .inner
                .binary_search_by_key(tag, |(at, _)| *at)
                .is_ok_and(|inner| self.seconds[token * self.inner.len() + inner]);
            source = self.sources[*tag][usize::from(second)];
        }
        path
    }
}

/// The highest of the sums, and the highest of those with a complete tag.
fn highest(sums: &[f64], complete: &[f64]) -> (f64, f64) {
    // Lane by lane, so that the compiler takes some lanes at once.
    let (mut top, mut best) = ([f64::NEG_INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    for (sums, complete) in sums
        .as_chunks::<LANES>()
        .0
        .iter()
        .zip(complete.as_chunks::<LANES>().0)
    {
        for lane in 0..LANES {
            top[lane] = higher(top[lane], sums[lane]);
            best[lane] = higher(best[lane], sums[lane] + complete[lane]);
        }
    }
    let reduce = |lanes: [f64; LANES]| lanes.into_iter().fold(f64::NEG_INFINITY, higher);
    (reduce(top), reduce(best))
}

/// The higher of two numbers, neither of which is NaN.
fn higher(one: f64, other: f64) -> f64 {
    if other > one { other } else { one }
}

/// The tags that names spell.
fn read(names: &[Box<str>], scheme: Scheme) -> Result<Vec<Tag>, Error> {
    let mut vocabulary = Vocabulary::new(scheme, Mode::Strict);
    let tags: Vec<Tag> = names.iter().map(|name| vocabulary.tag(name)).collect();
    vocabulary.check(&tags)?;
    for (index, (name, tag)) in names.iter().zip(&tags).enumerate() {
        let earlier = tags[..index].iter().position(|one| one == tag);
        let rest = name.get(1..).unwrap_or_default();
        let reason = if let Some(earlier) = earlier {
            format!("it means the same as tag {earlier} {:?}", names[earlier])
        } else if tag.prefix() == Prefix::O && *tag != Tag::OUTSIDE {
            "O has no label".to_owned()
        } else if !rest.is_empty() && !rest.starts_with('-') {
            "a hyphen must stand before the label".to_owned()
        } else {
            continue;
        };
        return Err(Error::Tag {
            sentence: None,
            index,
            tag: name.to_string(),
            reason,
        });
    }
    Ok(tags)
}

/// What the tag at an index may follow, as [`Viterbi`] numbers it.
fn sources(at: usize, tags: &[Tag], scheme: Scheme) -> [usize; 2] {
    let prefix = tags[at].prefix();
    let (any, none) = (tags.len(), tags.len() + 1);
    let free = follows(scheme, Prefix::O, prefix, false);
    let own = |(_, last): &(usize, &Tag)| {
        let complete = follows(scheme, last.prefix(), Prefix::O, false);
        let fits = follows(scheme, last.prefix(), prefix, true);
        last.has_label_of(tags[at]) && fits && !(free && complete)
    };
    let own = tags.iter().enumerate().filter(own).map(|(last, _)| last);
    let mut all = free.then_some(any).into_iter().chain(own);
    [all.next().unwrap_or(none), all.next().unwrap_or(none)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: [(Scheme, &[Prefix]); 6] = {
        use Prefix::{B, E, I, O, S};
        [
            (Scheme::Iob1, &[O, B, I]),
            (Scheme::Iob2, &[O, B, I]),
            (Scheme::Ioe1, &[O, E, I]),
            (Scheme::Ioe2, &[O, E, I]),
            (Scheme::Iobes, &[O, B, I, E, S]),
            (Scheme::Bilou, &[O, B, I, E, S]),
        ]
    };

    #[test]
    fn what_may_follow_another_label_may_follow_any_complete_tag() {
        for (scheme, prefixes) in SCHEMES {
            for &last in prefixes {
                let complete = follows(scheme, last, Prefix::O, false);
                for &tag in prefixes {
                    let apart = complete && follows(scheme, Prefix::O, tag, false);
                    let both = (scheme, last, tag);
                    assert_eq!(follows(scheme, last, tag, false), apart, "{both:?}");
                    assert!(follows(scheme, last, tag, true) || !apart, "{both:?}");
                }
            }
        }
    }
}
