//! Mentions that stand in a text in several fragments: "breast cancer" in "breast and ovarian cancer".

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::align::{Match, Tier};
use crate::character::{is_dash, is_ignorable, is_punctuation, is_space};
use crate::fuzzy::LONGEST;
use crate::gap::are_equal;
use crate::guard::DENIALS;
use crate::index::LETTERS;
use crate::skeleton::{END, START, Skeleton, Skeletons, WORD_END};
use crate::source::{Shelf, Source};
use crate::span::Span;
use crate::surface::Surface;

/// The most fragments of a mention.
///
/// Of the 620 discontinuous entities of PHEE 592 have two, 24 three.
const MOST: usize = 3;

/// The most words between two fragments.
///
/// Of the discontinuous entities of PHEE 360 are found with it. Each word more finds some 35 more, and
/// as many in the abstracts of NCBI Disease, where nobody saw one.
const WIDEST: usize = 6;

/// The fragments in which `mention` stands at a match that an aligner found in `text`, in order; one
/// for a match that is not [discontinuous](crate::Aligner::discontinuous).
///
/// ```
/// use nerharness_core::{Aligner, Span, fragments};
/// let text = "Breast and ovarian cancer";
/// let aligner = Aligner::new(0.8)?.discontinuous(true);
/// let found = aligner.candidates(text, "breast cancer")?;
/// assert_eq!(found[0].span, Span::new(0, 25));
/// let parts = fragments(text, "breast cancer", &found[0]);
/// assert_eq!(parts, [Span::new(0, 6), Span::new(19, 25)]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[must_use]
pub fn fragments(text: &str, mention: &str, found: &Match) -> Vec<Span> {
    let Span { start, end } = found.span;
    let part = text.get(start..end).unwrap_or_default();
    let brief = |text: &str| u32::try_from(text.len()).is_ok();
    if part == mention || found.tier == Tier::Fuzzy || !brief(part) || !brief(mention) {
        return vec![found.span];
    }
    let (mut shelf, mut skeletons) = (Shelf::default(), Skeletons::default());
    let surface = Surface::new(mention, &mut skeletons);
    if surface.core_skeleton(&skeletons).len() > LONGEST {
        return vec![found.span];
    }
    let source = Source::new(part, &mut shelf);
    let whole = |found: &Pieces| found.hull() == Span::new(0, part.len());
    let pieces = needles(&surface, &skeletons)
        .find_map(|needle| Search::new(&source, needle).from(0).filter(whole));
    let shifted = |one: Span| Span::new(start + one.start, start + one.end);
    pieces.map_or(vec![found.span], |pieces| {
        pieces.fragments.into_iter().map(shifted).collect()
    })
}

/// Where the words of a mention stand apart, each match from the first fragment to the last; without
/// overlap, in document order.
pub(crate) fn apart(
    source: &Source<'_>,
    surface: &Surface<'_>,
    skeletons: &Skeletons,
) -> Vec<Match> {
    let mut found = BTreeMap::<usize, Match>::new();
    for needle in needles(surface, skeletons) {
        let mut pieces = Search::new(source, needle).all();
        pieces.sort_by_cached_key(|one| one.rank(source.text));
        for one in pieces {
            let span = one.hull();
            let before = found.range(..span.end).next_back();
            if before.is_none_or(|(_, other)| !other.span.overlaps(span)) {
                let tier = one.tier(source.text, surface.text);
                let score = 1.0;
                found.insert(span.start, Match { span, tier, score });
            }
        }
    }
    found.into_values().collect()
}

/// What is looked for: the mention with the punctuation around it, then without.
fn needles<'s>(
    surface: &Surface<'s>,
    skeletons: &'s Skeletons,
) -> impl Iterator<Item = (&'s str, Skeleton<'s>)> + use<'s> {
    let core = (surface.core, surface.core_skeleton(skeletons));
    let whole = (surface.text, surface.skeleton(skeletons));
    (!surface.is_bare())
        .then_some(whole)
        .into_iter()
        .chain([core])
}

/// The fragments of one candidate, in document order.
#[derive(Debug)]
struct Pieces {
    fragments: Vec<Span>,
}

impl Pieces {
    /// From the first start to the last end; nothing if there is no fragment.
    fn hull(&self) -> Span {
        let [first, .., last] = &self.fragments[..] else {
            return Span::new(0, 0);
        };
        Span::new(first.start, last.end)
    }

    /// Of candidates that overlap the least one is taken: that with the fewest fragments, then the
    /// narrowest, then the earliest.
    fn rank(&self, text: &str) -> (usize, usize, usize) {
        let Span { start, end } = self.hull();
        (
            self.fragments.len(),
            text[start..end].chars().count(),
            start,
        )
    }

    /// Exact if the mention is the fragments with white space between them.
    fn tier(&self, text: &str, mention: &str) -> Tier {
        let mut fragments = self.fragments.iter();
        let rest = fragments.try_fold(mention, |rest, one| {
            let rest = rest.trim_start_matches(is_space);
            rest.strip_prefix(&text[one.start..one.end])
        });
        if rest == Some("") {
            Tier::Exact
        } else {
            Tier::Folded
        }
    }
}

/// How far a mention was read, and where in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    /// The words that were read, one at least.
    words: usize,
    /// Where they end.
    at: usize,
    /// The fragments that were begun.
    fragments: usize,
    /// The letters of the last one, up to those that it needs.
    letters: usize,
}

/// The best way to read the rest of a mention.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// The fragments that it begins.
    fragments: usize,
    /// Where it ends.
    end: usize,
    /// Where the next word stands, if there is one more.
    next: Option<State>,
}

/// The search for the words of a mention, one after the other.
struct Search<'s> {
    source: &'s Source<'s>,
    needle: Skeleton<'s>,
    /// The words of the mention; what stands around it belongs to the first and the last.
    words: Vec<Range<usize>>,
    /// For each of them whether a fragment may begin with it.
    cuts: Vec<bool>,
    /// What was found out.
    ways: HashMap<State, Option<Way>>,
}

impl<'s> Search<'s> {
    fn new(source: &'s Source<'s>, (text, needle): (&'s str, Skeleton<'s>)) -> Self {
        let words = words(needle);
        let between = |pair: &[Range<usize>]| {
            let (end, start) = (needle.end(text, pair[0].end), needle.start(pair[1].start));
            text.get(end..start)
                .is_some_and(|between| between.chars().all(is_dispensable))
        };
        let cuts = [false].into_iter();
        let cuts = cuts.chain(words.windows(2).map(between)).collect();
        Self {
            source,
            needle,
            words,
            cuts,
            ways: HashMap::new(),
        }
    }

    /// The candidates, one for each place where one begins.
    fn all(mut self) -> Vec<Pieces> {
        if !self.cuts.contains(&true) {
            return Vec::new();
        }
        let places = self.source.index.places(self.needle.bytes);
        places.filter_map(|place| self.from(place)).collect()
    }

    /// The best candidate that begins at `place`, where a match may.
    fn from(&mut self, place: usize) -> Option<Pieces> {
        if self.words.is_empty() {
            return None;
        }
        let first = self.read(0, place, 1, 0)?;
        let fragments = self.best(first)?.fragments;
        (fragments > 0).then(|| self.pieces(place, first))
    }

    /// The fragments on the best way from `state` on, the first of which begins at `start`.
    fn pieces(&self, start: usize, mut state: State) -> Pieces {
        let (mut starts, mut fragments) = (start, Vec::new());
        while let Some(next) = self.ways.get(&state).and_then(|way| (*way)?.next) {
            if next.fragments > state.fragments {
                let place = next.at - self.words[state.words].len();
                let (after, before) = self.punctuation(state, place);
                fragments.push(self.source.span(starts, state.at + after));
                starts = place - before;
            }
            state = next;
        }
        fragments.push(self.source.span(starts, state.at));
        Pieces { fragments }
    }

    /// How much of what stands in the mention between two fragments, the first of which ends at
    /// `state` and the second of which begins at `place`, stands behind the first and before the
    /// second.
    fn punctuation(&self, state: State, place: usize) -> (usize, usize) {
        let text = &self.source.skeleton;
        let between = self.words[state.words - 1].end..self.words[state.words].start;
        let bytes = &self.needle.bytes[between.clone()];
        // A space stands for what keeps two numbers apart.
        let closed = bytes.iter().take_while(|byte| **byte != b' ').count();
        let after = (1..=closed).rev().find(|count| {
            let part = between.start..between.start + count;
            text.flags
                .get(state.at + count)
                .is_some_and(|flags| flags & END != 0)
                && are_equal(&self.needle, part, text, state.at)
        });
        let after = after.unwrap_or(0);
        let opened = bytes[after..]
            .iter()
            .rev()
            .take_while(|byte| **byte != b' ');
        let before = (1..=opened.count()).rev().find(|count| {
            let part = between.end - count..between.end;
            place >= state.at + after + count
                && text.is(place - count, START)
                && are_equal(&self.needle, part, text, place - count)
        });
        (after, before.unwrap_or(0))
    }

    /// The best way from `state` on: that with the fewest fragments, then that which ends first, then
    /// that whose fragments, one after the other, begin first and are longest.
    fn best(&mut self, state: State) -> Option<Way> {
        if let Some(known) = self.ways.get(&state) {
            return *known;
        }
        let way = if state.words == self.words.len() {
            self.ended(state)
        } else {
            let steps = self.steps(state).into_iter();
            let ways = steps.filter_map(|next| {
                let rest = self.best(next)?;
                Some(Way {
                    fragments: next.fragments - state.fragments + rest.fragments,
                    end: rest.end,
                    next: Some(next),
                })
            });
            // Of equals the first.
            ways.min_by_key(|way| (way.fragments, way.end))
        };
        self.ways.insert(state, way);
        way
    }

    /// The end of a way, if a match may end there.
    fn ended(&self, state: State) -> Option<Way> {
        let ended = state.letters == LETTERS && self.source.skeleton.is(state.at, END);
        ended.then_some(Way {
            fragments: 0,
            end: state.at,
            next: None,
        })
    }

    /// Where the next word stands: in the same fragment, or at the beginning of another.
    fn steps(&self, state: State) -> Vec<State> {
        let State {
            words,
            at,
            fragments,
            letters,
        } = state;
        let mut steps = Vec::new();
        // What stands between the words belongs to the fragment.
        steps.extend(self.read(words, at, fragments, letters));
        let may_cut = fragments < MOST && letters == LETTERS && self.cuts[words];
        if may_cut && self.source.skeleton.is(at, WORD_END) {
            let landings = landings(self.source, at).into_iter();
            steps.extend(landings.filter_map(|place| self.read(words, place, fragments + 1, 0)));
        }
        steps
    }

    /// Reads one word at `place`, from the end of the one before if `letters` of the same fragment
    /// were read, and returns what comes of it.
    fn read(&self, word: usize, place: usize, fragments: usize, letters: usize) -> Option<State> {
        let mut range = self.words[word].clone();
        if letters > 0 {
            range.start = self.words[word - 1].end;
        }
        let at = place + range.len();
        let letters = LETTERS.min(letters + range.len());
        are_equal(&self.needle, range, &self.source.skeleton, place).then_some(State {
            words: word + 1,
            at,
            fragments,
            letters,
        })
    }
}

/// The words of a mention, each with what follows it up to the last place where a word ends (",5" of
/// "1,5"); what stands around the mention belongs to the first and the last.
fn words(needle: Skeleton<'_>) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = needle.words().collect();
    // A mark may stand before the first letter, which then begins no word in the skeleton.
    let begins = words.first().map_or(needle.len(), |first| first.start);
    if let Some(end) = (1..=begins).find(|at| needle.is(*at, WORD_END)) {
        words.insert(0, 0..end);
    }
    for index in 1..words.len() {
        let (left, right) = (words[index - 1].end, words[index].start);
        let end = (left..=right).rev().find(|at| needle.is(*at, WORD_END));
        words[index - 1].end = end.unwrap_or(left);
    }
    if let Some(first) = words.first_mut() {
        first.start = 0;
    }
    if let Some(last) = words.last_mut() {
        last.end = needle.len();
    }
    words
}

/// Where a fragment may begin after one that ends at `at`.
fn landings(source: &Source<'_>, at: usize) -> Vec<usize> {
    let text = source.skeleton;
    let rest = text.part(at..text.len());
    let words: Vec<_> = rest.words().take(WIDEST + 1).collect();
    let begins = source.skeleton.end(source.text, at);
    let bridged = |pair: &&[Range<usize>]| {
        let gap = &source.text[begins..text.start(at + pair[1].start)];
        let word = rest.part(pair[0].clone());
        !ends_sentence(gap) && !DENIALS.iter().any(|denial| word.bytes == denial.as_bytes())
    };
    let bridged = words.windows(2).take_while(bridged);
    bridged.map(|pair| at + pair[1].start).collect()
}

/// Whether a sentence or a paragraph ends in `gap`.
fn ends_sentence(gap: &str) -> bool {
    let mut chars = gap.chars().peekable();
    let (mut broken, mut ended) = (false, false);
    while let Some(c) = chars.next() {
        let stop = matches!(c, '.' | '!' | '?') && chars.peek().copied().is_some_and(is_space);
        ended |= stop || matches!(c, '。' | '！' | '？' | '।') || c == '\n' && broken;
        broken = c == '\n' || broken && is_space(c);
    }
    ended
}

/// Whether nothing is lost with `c` between two fragments.
fn is_dispensable(c: char) -> bool {
    is_space(c) || is_punctuation(c) || is_dash(c) || is_ignorable(c)
}

#[cfg(test)]
mod tests;
