//! The candidates of a mention: grounded, else fuzzy, else inside of words.

use nerharness_core::{Match, Span, Tier};
use unicode_normalization::UnicodeNormalization;

use crate::edits::Edits;
use crate::guard::{agree, is_denied};
use crate::letters::is_word;
use crate::similar::{gapped, ratio, similar};
use crate::text::{
    Fold, Letter, core, is_before_point, is_behind_point, is_solid_end, letters, may_end,
    may_start, skeleton, trimmed,
};

/// Mentions with a shorter skeleton match only letter by letter.
const SHORT: usize = 3;
/// Mentions with a longer skeleton are not looked for by similarity.
const LONGEST: usize = 512;

/// A span of characters, with how it was found.
type Found = (usize, usize, Tier, f64);

/// A text in which mentions are looked for.
#[derive(Debug)]
pub struct Source<'t> {
    text: &'t str,
    pub(crate) letters: Vec<Letter>,
    /// Whether a match may begin at each character.
    starts: Vec<bool>,
    /// Whether a match may end before each character, and at the end.
    ends: Vec<bool>,
}

impl<'t> Source<'t> {
    /// Reads `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let letters = letters(text);
        let starts = (0..letters.len()).map(|at| letters[at].is_kept() && may_start(&letters, at));
        let ends =
            (0..=letters.len()).map(|at| may_end(&letters, at) && is_solid_end(&letters, at));
        Self {
            text,
            starts: starts.collect(),
            ends: ends.collect(),
            letters,
        }
    }

    /// All candidates of a mention, the best first, in bytes.
    #[must_use]
    pub fn candidates(&self, mention: &str, threshold: f64) -> Vec<Match> {
        let mut found = self.grounded(mention);
        if found.is_empty() {
            found = self.fuzzy(mention, threshold);
        }
        if found.is_empty() {
            found = inside(&self.letters, mention);
        }
        let mut all: Vec<Match> = found.into_iter().map(|one| self.in_bytes(one)).collect();
        all.sort_by(best_first);
        all
    }

    fn in_bytes(&self, (start, end, tier, score): Found) -> Match {
        Match {
            span: self.span((start, end)),
            tier,
            score,
        }
    }

    /// A span of characters in bytes.
    pub(crate) fn span(&self, (start, end): (usize, usize)) -> Span {
        let letter = |at: usize| self.letters.get(at);
        let byte = |at: usize| letter(at).map_or(self.text.len(), |letter| letter.at);
        Span::new(byte(start), byte(end))
    }

    /// Whether a mention stands in the text in one piece.
    pub(crate) fn holds(&self, mention: &str) -> bool {
        !self.grounded(mention).is_empty()
    }

    /// Where something with the skeleton `needle` stands.
    pub(crate) fn places(&self, needle: &[char]) -> Vec<(usize, usize)> {
        let spans = self.folded(needle).into_iter();
        spans.map(|(start, end, ..)| (start, end)).collect()
    }

    fn grounded(&self, mention: &str) -> Vec<Found> {
        let (whole, inner) = (trimmed(mention), core(mention));
        let mut found = Vec::new();
        add(&mut found, bounded(&self.letters, whole, Tier::Exact));
        if !inner.contains(char::is_alphanumeric) {
            return found;
        }
        let skeletons = [whole, inner].map(|one| skeleton(&letters(one)));
        if skeletons[1].len() < SHORT {
            let forms: [String; 2] = [inner.nfc().collect(), inner.nfd().collect()];
            for form in [inner, &forms[0], &forms[1]] {
                add(&mut found, bounded(&self.letters, form, Tier::Folded));
            }
            return found;
        }
        for needle in skeletons {
            add(&mut found, self.folded(&needle));
        }
        found
    }

    /// The characters at which a match may begin.
    fn starts(&self) -> impl Iterator<Item = usize> {
        (0..self.starts.len()).filter(|at| self.starts[*at])
    }

    /// The spans with the skeleton `needle`.
    fn folded(&self, needle: &[char]) -> Vec<Found> {
        let mut found = Vec::new();
        for start in self.starts() {
            let mut fold = Fold::default();
            for end in start + 1..=self.letters.len() {
                fold.read(&self.letters[end - 1]);
                // The last one may go on.
                if !needle.starts_with(&fold.kept[..fold.kept.len().saturating_sub(1)]) {
                    break;
                }
                if fold.kept == needle && self.ends[end] {
                    found.push((start, end, Tier::Folded, 1.0));
                }
            }
        }
        found
    }

    fn fuzzy(&self, mention: &str, threshold: f64) -> Vec<Found> {
        let inner = letters(core(mention));
        let needle = skeleton(&inner);
        let comparable = (SHORT..=LONGEST).contains(&needle.len());
        if !comparable || !core(mention).contains(char::is_alphanumeric) {
            return Vec::new();
        }
        let mut windows = Vec::new();
        for start in self.starts().filter(|at| is_word(self.letters[*at].c)) {
            self.windows_from(start, (&inner, &needle), threshold, &mut windows);
        }
        windows.sort_by(|a, b| b.3.total_cmp(&a.3).then((a.0, a.1).cmp(&(b.0, b.1))));
        let agrees = |one: &Found| agree(&self.letters[one.0..one.1], &inner);
        let mut found = Vec::new();
        add(&mut found, windows.into_iter().filter(agrees));
        found
    }

    /// Collects the windows of whole words from `start` on that are similar to the mention.
    fn windows_from(
        &self,
        start: usize,
        (inner, needle): (&[Letter], &[char]),
        threshold: f64,
        windows: &mut Vec<Found>,
    ) {
        let text = &self.letters;
        let (mut fold, mut edits, mut known) = (Fold::default(), Edits::new(needle), 0);
        for end in start + 1..=text.len() {
            fold.read(&text[end - 1]);
            // The last one may go on.
            let (sure, last) = fold.kept.split_at(fold.kept.len().saturating_sub(1));
            for c in &sure[known..] {
                edits.read(*c);
            }
            known = sure.len();
            if is_hopeless(sure, needle, edits.least(), threshold) {
                return;
            }
            let mut edits = edits.clone();
            last.iter().for_each(|c| edits.read(*c));
            if is_word(text[end - 1].c) && self.ends[end] {
                let edited = similar(fold.kept.len(), needle.len(), edits.distance());
                let score = edited.max(gapped((&text[start..end], &fold.kept), (inner, needle)));
                if score >= threshold {
                    windows.push((start, end, Tier::Fuzzy, score));
                }
            }
        }
    }
}

/// The order of candidates: by tier, falling score and place.
#[must_use]
pub fn best_first(a: &Match, b: &Match) -> std::cmp::Ordering {
    let by_score = b.score.total_cmp(&a.score);
    a.tier.cmp(&b.tier).then(by_score).then(a.span.cmp(&b.span))
}

/// Adds those of `fresh`, in their order, that overlap nothing.
fn add(found: &mut Vec<Found>, fresh: impl IntoIterator<Item = Found>) {
    for one in fresh {
        if found
            .iter()
            .all(|other| one.1 <= other.0 || other.1 <= one.0)
        {
            found.push(one);
        }
    }
}

/// Where `needle` stands letter by letter.
fn exact(text: &[Letter], needle: &str) -> Vec<(usize, usize)> {
    let needle: Vec<char> = needle.chars().collect();
    if needle.is_empty() {
        return Vec::new();
    }
    let windows = text.windows(needle.len()).enumerate();
    let equal = windows.filter(|(_, window)| window.iter().map(|one| one.c).eq(needle.clone()));
    equal
        .map(|(start, _)| (start, start + needle.len()))
        .collect()
}

fn bounded(text: &[Letter], needle: &str, tier: Tier) -> Vec<Found> {
    let spans = exact(text, needle).into_iter();
    let spans = spans.filter(|(start, end)| may_start(text, *start) && may_end(text, *end));
    spans.map(|(start, end)| (start, end, tier, 1.0)).collect()
}

/// Whether nothing that begins with `read` can be similar enough to `needle`, the distance being
/// `least` or more.
fn is_hopeless(read: &[char], needle: &[char], least: usize, threshold: f64) -> bool {
    let (length, needed) = (read.len(), needle.len());
    // To be equal but for a word they must begin with the same letters.
    let apart = length >= SHORT && read[..SHORT] != needle[..SHORT];
    // Whatever is at a distance is at most that much longer.
    let distant = ratio(needed, needed + least) < threshold - 0.01;
    let long = length > needed && ratio(length + needed, 2 * length) < threshold - 0.01;
    long || apart && distant
}

/// Occurrences anywhere, unless they cut a number or what they cut off denies them.
fn inside(text: &[Letter], mention: &str) -> Vec<Found> {
    let needle = trimmed(mention);
    if needle.chars().count() < SHORT {
        return Vec::new();
    }
    let is_between = |at: usize| {
        at > 0
            && text
                .get(at - 1..=at)
                .is_some_and(|pair| pair.iter().all(|one| one.c.is_numeric()))
    };
    let is_parted =
        |at: usize| is_between(at) || is_behind_point(text, at) || is_before_point(text, at);
    let is_whole = |(start, end): &(usize, usize)| {
        !is_parted(*start) && !is_parted(*end) && !is_denied(text, *start, *end)
    };
    let spans = exact(text, needle).into_iter().filter(is_whole);
    let mut found = Vec::new();
    add(
        &mut found,
        spans.map(|(start, end)| (start, end, Tier::Exact, 1.0)),
    );
    found
}
