//! The candidates of a mention: grounded, else fuzzy, else inside of words.

use nerharness_core::{Match, Span, Tier};

use crate::edits::{Edits, edits};
use crate::guard::agree;
use crate::letters::is_word;
use crate::text::{
    Fold, Letter, core, is_before_point, is_behind_point, is_solid_end, letters, may_end,
    may_start, skeleton, trimmed, word_edges,
};

/// Mentions with a shorter skeleton match only letter by letter.
const SHORT: usize = 3;
/// Mentions with a longer skeleton are not looked for by similarity.
const LONGEST: usize = 512;

/// A span of characters, with how it was found.
type Found = (usize, usize, Tier, f64);

/// All candidates, the best first, in bytes.
#[must_use]
pub fn candidates(text: &str, mention: &str, threshold: f64) -> Vec<Match> {
    let read = letters(text);
    let mut found = grounded(&read, mention);
    if found.is_empty() {
        found = fuzzy(&read, mention, threshold);
    }
    if found.is_empty() {
        found = inside(&read, mention);
    }
    let byte = |position: usize| read.get(position).map_or(text.len(), |letter| letter.at);
    let in_bytes = |(start, end, tier, score): Found| Match {
        span: Span::new(byte(start), byte(end)),
        tier,
        score,
    };
    let mut all: Vec<Match> = found.into_iter().map(in_bytes).collect();
    all.sort_by(best_first);
    all
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

fn grounded(text: &[Letter], mention: &str) -> Vec<Found> {
    let (whole, inner) = (trimmed(mention), core(mention));
    let mut found = Vec::new();
    add(&mut found, bounded(text, whole, Tier::Exact));
    if !inner.contains(char::is_alphanumeric) {
        return found;
    }
    let skeletons = [whole, inner].map(|one| skeleton(&letters(one)));
    if skeletons[1].len() < SHORT {
        add(&mut found, bounded(text, inner, Tier::Folded));
        return found;
    }
    for needle in skeletons {
        add(&mut found, folded(text, &needle));
    }
    found
}

/// The spans with the skeleton `needle`.
fn folded(text: &[Letter], needle: &[char]) -> Vec<Found> {
    let mut found = Vec::new();
    for start in (0..text.len()).filter(|start| text[*start].is_kept() && may_start(text, *start)) {
        let mut fold = Fold::default();
        for end in start + 1..=text.len() {
            fold.read(&text[end - 1]);
            if fold.kept.len() > needle.len() {
                break;
            }
            if fold.kept == needle && may_end(text, end) && is_solid_end(text, end) {
                found.push((start, end, Tier::Folded, 1.0));
            }
        }
    }
    found
}

fn fuzzy(text: &[Letter], mention: &str, threshold: f64) -> Vec<Found> {
    let inner = letters(core(mention));
    let needle = skeleton(&inner);
    let comparable = (SHORT..=LONGEST).contains(&needle.len());
    if !comparable || !core(mention).contains(char::is_alphanumeric) {
        return Vec::new();
    }
    let mut windows = Vec::new();
    for start in (0..text.len()).filter(|at| is_word(text[*at].c) && text[*at].is_kept()) {
        if may_start(text, start) {
            windows_from(text, start, (&inner, &needle), threshold, &mut windows);
        }
    }
    windows.sort_by(|a, b| b.3.total_cmp(&a.3).then((a.0, a.1).cmp(&(b.0, b.1))));
    let agrees = |one: &Found| agree(&text[one.0..one.1], &inner);
    let mut found = Vec::new();
    add(&mut found, windows.into_iter().filter(agrees));
    found
}

/// Collects the windows of whole words from `start` on that are similar to the mention.
fn windows_from(
    text: &[Letter],
    start: usize,
    (inner, needle): (&[Letter], &[char]),
    threshold: f64,
    windows: &mut Vec<Found>,
) {
    let (mut fold, mut edits) = (Fold::default(), Edits::new(needle));
    for end in start + 1..=text.len() {
        let known = fold.kept.len();
        fold.read(&text[end - 1]);
        fold.kept[known..].iter().for_each(|c| edits.read(*c));
        if is_hopeless(fold.kept.len(), needle.len(), threshold) {
            return;
        }
        if is_word(text[end - 1].c) && may_end(text, end) && is_solid_end(text, end) {
            let edited = similar(fold.kept.len(), needle.len(), edits.distance());
            let score = edited.max(gapped((&text[start..end], &fold.kept), (inner, needle)));
            if score >= threshold {
                windows.push((start, end, Tier::Fuzzy, score));
            }
        }
    }
}

/// Whether nothing of this length or more can be similar enough to a needle.
fn is_hopeless(length: usize, needle: usize, threshold: f64) -> bool {
    length > needle && ratio(length + needle, 2 * length) < threshold - 0.01
}

fn similar(a: usize, b: usize, edits: usize) -> f64 {
    ratio(a.max(b) - edits, a.max(b))
}

#[expect(clippy::cast_precision_loss, reason = "texts are short")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The similarity of two texts by the documentation, without their guards.
#[must_use]
pub fn similarity(a: &str, b: &str) -> f64 {
    let [a, b] = [a, b].map(letters);
    let (left, right) = (skeleton(&a), skeleton(&b));
    let edited = similar(left.len(), right.len(), edits(&left, &right));
    edited.max(gapped((&a, &left), (&b, &right)))
}

/// The similarity of texts that are equal but for one word inside of one; else 0.
fn gapped(a: (&[Letter], &[char]), b: (&[Letter], &[char])) -> f64 {
    let (short, long) = if a.1.len() < b.1.len() {
        (a, b)
    } else {
        (b, a)
    };
    let (shorter, longer) = (short.1, long.1);
    if shorter.len() == longer.len() || !has_gap(shorter, longer) {
        return 0.0;
    }
    let ((starts, ends), splits) = (word_edges(long.0), word_edges(short.0));
    let is_split = |edges: &(Vec<usize>, Vec<usize>), at: usize| {
        edges.0.contains(&at) && edges.1.contains(&at)
    };
    let edges = (starts, ends);
    let fits = edges.0.iter().any(|start| {
        let Some(end) = edges.1.iter().copied().filter(|end| end > start).min() else {
            return false;
        };
        let inside = *start >= 3 && end < longer.len();
        inside
            && is_split(&edges, *start)
            && is_split(&edges, end)
            && is_split(&splits, *start)
            && *shorter == [&longer[..*start], &longer[end..]].concat()
    });
    if fits {
        ratio(longer.len() + shorter.len(), 2 * longer.len())
    } else {
        0.0
    }
}

/// Whether `longer` is `shorter` with something put in.
fn has_gap(shorter: &[char], longer: &[char]) -> bool {
    let same = |(a, b): &(&char, &char)| a == b;
    let before = shorter.iter().zip(longer).take_while(same).count();
    let after = shorter
        .iter()
        .rev()
        .zip(longer.iter().rev())
        .take_while(same)
        .count();
    before + after >= shorter.len()
}

/// Occurrences anywhere, unless they cut a number.
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
    let is_whole = |(start, end): &(usize, usize)| {
        let cut_before = is_between(*start) || is_behind_point(text, *start);
        !cut_before && !is_between(*end) && !is_before_point(text, *end)
    };
    let spans = exact(text, needle).into_iter().filter(is_whole);
    let mut found = Vec::new();
    add(
        &mut found,
        spans.map(|(start, end)| (start, end, Tier::Exact, 1.0)),
    );
    found
}
