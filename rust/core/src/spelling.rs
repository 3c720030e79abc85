//! Tokens and runs of tokens by their spelling, and how much of one stands for another.

use std::collections::HashMap;

use crate::distance::edits;
use crate::fold::spell;

/// The most tokens that one link may join on either side.
pub(crate) const LONGEST_RUN: usize = 15;

/// The most characters of a run that is spelled the same on both sides, but divided otherwise.
const LONGEST_REGROUPED: usize = 256;

/// Buckets of a histogram of characters.
const BUCKETS: usize = 32;

/// Folded characters, with their histogram.
#[derive(Debug, Clone)]
pub(crate) struct Spelling {
    /// The characters; never none.
    pub(crate) chars: Vec<char>,
    histogram: [u8; BUCKETS],
}

impl Spelling {
    pub(crate) fn new(chars: Vec<char>) -> Self {
        let mut histogram = [0u8; BUCKETS];
        for c in &chars {
            let bucket = &mut histogram[*c as usize % BUCKETS];
            *bucket = bucket.saturating_add(1);
        }
        Self { chars, histogram }
    }

    /// The length of the longer less twice the edit distance: what a link is worth; 0 if less than
    /// half is the same, which is no link.
    pub(crate) fn worth(&self, other: &Self) -> usize {
        let longer = self.chars.len().max(other.chars.len());
        if self.chars == other.chars {
            return longer;
        }
        // The distance is at least the number of characters that one has more than the other.
        if 2 * surplus(&self.histogram, &other.histogram) >= longer
            || 2 * surplus(&other.histogram, &self.histogram) >= longer
        {
            return 0;
        }
        longer.saturating_sub(2 * edits(&self.chars, &other.chars))
    }
}

fn surplus(a: &[u8; BUCKETS], b: &[u8; BUCKETS]) -> usize {
    a.iter()
        .zip(b)
        .map(|(a, b)| usize::from(a.saturating_sub(*b)))
        .sum()
}

/// The spellings of the tokens of a list, end to end.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// The spelling of each token.
    pub(crate) each: Vec<Spelling>,
    chars: Vec<char>,
    /// Where each token begins in `chars`, and where the last one ends.
    starts: Vec<usize>,
}

impl Tokens {
    pub(crate) fn new<T: AsRef<str>>(tokens: &[T]) -> Self {
        let mut new = Self {
            each: Vec::new(),
            chars: Vec::new(),
            starts: vec![0],
        };
        for token in tokens {
            let spelling = spell(token.as_ref());
            new.chars.extend(&spelling);
            new.starts.push(new.chars.len());
            new.each.push(Spelling::new(spelling));
        }
        new
    }

    /// The number of tokens.
    pub(crate) fn len(&self) -> usize {
        self.each.len()
    }

    /// The length of the longest token.
    pub(crate) fn longest(&self) -> usize {
        self.each
            .iter()
            .map(|token| token.chars.len())
            .max()
            .unwrap_or(0)
    }

    /// Where token `index` begins and ends among all characters.
    pub(crate) fn bounds(&self, index: usize) -> (usize, usize) {
        (self.starts[index], self.starts[index + 1])
    }

    /// The runs of two tokens or more from `first` on that are shorter than `limit`, with their
    /// number of tokens.
    pub(crate) fn runs(
        &self,
        first: usize,
        limit: usize,
    ) -> impl Iterator<Item = (usize, &[char])> {
        let from = self.starts[first];
        (2..=LONGEST_RUN.min(self.len() - first))
            .map(move |count| (count, &self.chars[from..self.starts[first + count]]))
            .take_while(move |(_, run)| run.len() < limit)
    }

    /// The shortest runs from `first` and `other_first` on that are spelled the same and consist of
    /// two tokens or more each: their numbers of tokens and their length.
    pub(crate) fn regrouped(
        &self,
        first: usize,
        other: &Self,
        other_first: usize,
    ) -> Option<(usize, usize, usize)> {
        let (from, other_from) = (self.starts[first], other.starts[other_first]);
        let (mut count, mut other_count) = (0, 0);
        for length in 0..LONGEST_REGROUPED {
            if self.chars.get(from + length)? != other.chars.get(other_from + length)? {
                return None;
            }
            let ends = self.starts[first + count + 1] == from + length + 1;
            let other_ends = other.starts[other_first + other_count + 1] == other_from + length + 1;
            count += usize::from(ends);
            other_count += usize::from(other_ends);
            if ends && other_ends {
                return (count > 1 && other_count > 1).then_some((count, other_count, length + 1));
            }
            if count == LONGEST_RUN || other_count == LONGEST_RUN {
                return None;
            }
        }
        None
    }
}

/// The different spellings in an output list, shortest first, with where they stand.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// Single tokens.
    pub(crate) tokens: Vec<Entry>,
    /// Runs of two tokens or more.
    pub(crate) runs: Vec<Entry>,
}

/// One spelling, with the first token and the number of tokens of each place where it stands.
#[derive(Debug)]
pub(crate) struct Entry {
    spelling: Spelling,
    places: Vec<(usize, usize)>,
}

impl Lexicon {
    /// Collects the tokens of `output`, and its runs that are shorter than `limit`.
    pub(crate) fn new(output: &Tokens, limit: usize) -> Self {
        let (mut tokens, mut runs) = (HashMap::new(), HashMap::new());
        for first in 0..output.len() {
            let place = tokens
                .entry(&output.each[first].chars[..])
                .or_insert_with(Vec::new);
            place.push((first, 1));
            for (count, run) in output.runs(first, limit) {
                runs.entry(run)
                    .or_insert_with(Vec::new)
                    .push((first, count));
            }
        }
        Self {
            tokens: entries(tokens),
            runs: entries(runs),
        }
    }
}

fn entries(places: HashMap<&[char], Vec<(usize, usize)>>) -> Vec<Entry> {
    let entry = |(chars, places): (&[char], _)| Entry {
        spelling: Spelling::new(chars.to_vec()),
        places,
    };
    let mut entries: Vec<Entry> = places.into_iter().map(entry).collect();
    entries.sort_unstable_by_key(|entry| entry.spelling.chars.len());
    entries
}

/// Visits where in `entries` something stands that can be linked with `spelling`: the first token,
/// the number of tokens and the worth.
pub(crate) fn look_up(
    entries: &[Entry],
    spelling: &Spelling,
    mut visit: impl FnMut(usize, usize, usize),
) {
    let length = spelling.chars.len();
    let from = entries.partition_point(|entry| entry.spelling.chars.len() <= length / 2);
    for entry in &entries[from..] {
        if entry.spelling.chars.len() >= 2 * length {
            return;
        }
        let worth = spelling.worth(&entry.spelling);
        if worth > 0 {
            entry
                .places
                .iter()
                .for_each(|(first, count)| visit(*first, *count, worth));
        }
    }
}
