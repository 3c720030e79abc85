//! Which mention takes which occurrence.

mod chain;
mod direct;
mod options;
mod rest;

use std::ops::Range;

use crate::align::Match;
use chain::{best_each, chain};
use direct::direct;
use options::{Choice, Options};
use rest::Taken;

/// The most pairs of a mention and a candidate that are weighed against each other.
const MOST_PAIRS: usize = 1 << 20;

/// A string that was said, once or several times.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// The number of the first mention that said it.
    pub(crate) first: usize,
    /// Repeats of one mention, however they are written, have the same group, numbered as they come.
    pub(crate) group: usize,
    /// Which of all candidates say where it stands, in any order, without overlap.
    pub(crate) candidates: Range<usize>,
}

impl Said {
    /// Where it stands.
    fn among<'f>(&self, found: &'f [Match]) -> &'f [Match] {
        &found[self.candidates.clone()]
    }
}

/// A position or a number in half of the room; texts are shorter than 4 GiB.
fn short(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Room for the answers, to be used again and again.
#[derive(Debug, Default)]
pub(crate) struct Placement {
    placed: Vec<Option<Match>>,
    firsts: Vec<usize>,
    options: Options,
}

impl Placement {
    /// One match for each of `mentions`, which are given as the numbers of what was `said`; `found` are
    /// the candidates.
    ///
    /// Two mentions of a group never get the same occurrence, which is what candidates that overlap are.
    /// Each is placed behind the one before; of all ways to place some of them so the one that is worth
    /// most is taken, and among those the one in which each mention in turn stands earliest. The others get
    /// what is left for them: rather between their neighbours than elsewhere, rather outside of longer
    /// mentions than inside, then the better ones, then the earlier ones.
    ///
    /// With too many pairs of a mention and a candidate, each mention takes the next one in turn.
    pub(crate) fn place(
        &mut self,
        said: &[Said],
        found: &[Match],
        mentions: &[usize],
    ) -> &[Option<Match>] {
        self.placed.clear();
        if !direct(said, found, mentions, &mut self.firsts, &mut self.placed) {
            self.placed.clear();
            self.weigh(said, found, mentions);
        }
        &self.placed
    }

    /// Adds the answers after weighing everything.
    fn weigh(&mut self, said: &[Said], found: &[Match], mentions: &[usize]) {
        let options = &mut self.options;
        options.fill(said, found);
        let options = &*options;
        let pairs: usize = mentions.iter().map(|one| options.of(*one).len()).sum();
        let choices = if pairs > MOST_PAIRS {
            Taken::new(said, found, options, mentions).in_turn()
        } else if let Some(choices) = best_each(options, mentions) {
            choices
        } else {
            let choices = chain(options, mentions);
            Taken::new(said, found, options, mentions).fill(choices)
        };
        let answer = |(one, choice): (&usize, &Option<Choice>)| {
            Some(said[*one].among(found)[(*choice)?.candidate])
        };
        self.placed
            .extend(mentions.iter().zip(&choices).map(answer));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::align::Tier;
    use crate::span::Span;

    fn place(said: &[Said], found: &[Match], mentions: &[usize]) -> Vec<Option<Match>> {
        Placement::default().place(said, found, mentions).to_vec()
    }

    /// Where mentions are placed if everything is weighed.
    fn weighed(said: &[Said], found: &[Match], mentions: &[usize]) -> Vec<Option<Match>> {
        let mut options = Options::default();
        options.fill(said, found);
        let choices = chain(&options, mentions);
        let choices = Taken::new(said, found, &options, mentions).fill(choices);
        let pairs = mentions.iter().zip(&choices);
        let answer = |(one, choice): (&usize, &Option<Choice>)| {
            Some(said[*one].among(found)[(*choice)?.candidate])
        };
        pairs.map(answer).collect()
    }

    /// Candidates from gaps and lengths, without overlap.
    fn candidates(parts: &[(usize, usize, usize)]) -> Vec<Match> {
        let mut end = 0;
        let mut one = |(gap, length, tier): &(usize, usize, usize)| {
            let start = end + gap;
            end = start + length;
            let tier = [Tier::Exact, Tier::Folded, Tier::Fuzzy][*tier];
            let score = if tier == Tier::Fuzzy { 0.85 } else { 1.0 };
            let span = Span::new(start, end);
            Match { span, tier, score }
        };
        parts.iter().map(&mut one).collect()
    }

    proptest! {
        #[test]
        fn what_is_placed_without_weighing_is_placed_as_well(
            each in proptest::collection::vec(
                (proptest::collection::vec((0usize..12, 1usize..4, 0usize..3), 0..3), 0usize..6), 1..6
            ),
            repeats in proptest::collection::vec(0usize..6, 0..3),
        ) {
            let (mut found, mut said) = (Vec::new(), Vec::<Said>::new());
            let mut groups = 0;
            for (first, (parts, other)) in each.iter().enumerate() {
                let group = said.get(*other).map_or(groups, |one| one.group);
                groups = groups.max(group + 1);
                let since = found.len();
                found.extend(candidates(parts));
                said.push(Said { first, group, candidates: since..found.len() });
            }
            let mut mentions: Vec<usize> = (0..said.len()).collect();
            mentions.extend(repeats.iter().filter(|one| **one < said.len()));
            prop_assert_eq!(
                place(&said, &found, &mentions),
                weighed(&said, &found, &mentions)
            );
        }
    }
    #[test]
    fn repeats_that_overlap_do_not_share_a_place() {
        let found: Vec<Match> = [(0, 3, 0), (2, 3, 0)]
            .map(|part| candidates(&[part]))
            .concat();
        let said = |first, group| Said {
            first,
            group,
            candidates: first..first + 1,
        };
        let repeats = [said(0, 0), said(1, 0)];
        assert_eq!(
            place(&repeats, &found, &[0, 1]),
            weighed(&repeats, &found, &[0, 1])
        );
        assert_eq!(place(&repeats, &found, &[0, 1]), [Some(found[0]), None]);
        let others = [said(0, 0), said(1, 1)];
        assert_eq!(
            place(&others, &found, &[0, 1]),
            [Some(found[0]), Some(found[1])]
        );
    }
}
