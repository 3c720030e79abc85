//! Mentions in several fragments, by trying every way to cut them and to place the parts.

use nerharness_core::{Match, Span, Tier};

use crate::guard::DENIALS;
use crate::letters::{is_dash, is_punctuation, is_space, is_unseen, is_word};
use crate::search::{Source, best_first};
use crate::text::{Letter, core, is_solid_end, letters, may_end, may_start, skeleton, trimmed};

/// The fewest characters of a fragment, and the most of a mention.
const LENGTHS: (usize, usize) = (3, 512);
/// The most words between two fragments.
const WIDEST: usize = 6;

/// A span of characters.
type Part = (usize, usize);
/// A candidate that is not whole: its tier and its fragments.
type Apart = (Tier, Vec<Part>);

/// All candidates of a mention with their fragments, the best first, in bytes.
#[must_use]
pub fn candidates(source: &Source<'_>, mention: &str, threshold: f64) -> Vec<(Match, Vec<Span>)> {
    let held = source.holds(mention);
    let found = if held {
        Vec::new()
    } else {
        apart(source, mention)
    };
    if found.is_empty() {
        let whole = source.candidates(mention, threshold).into_iter();
        return whole.map(|one| (one, vec![one.span])).collect();
    }
    let in_bytes = |(tier, parts): Apart| {
        let spans: Vec<Span> = parts.iter().map(|part| source.span(*part)).collect();
        let span = Span::new(spans[0].start, spans[spans.len() - 1].end);
        (
            Match {
                span,
                tier,
                score: 1.0,
            },
            spans,
        )
    };
    let mut all: Vec<_> = found.into_iter().map(in_bytes).collect();
    all.sort_by(|a, b| best_first(&a.0, &b.0));
    all
}

fn apart(source: &Source<'_>, mention: &str) -> Vec<Apart> {
    let length = skeleton(&letters(core(mention))).len();
    let comparable = (LENGTHS.0..=LENGTHS.1).contains(&length);
    if !comparable || !core(mention).contains(char::is_alphanumeric) {
        return Vec::new();
    }
    let mut found: Vec<Apart> = Vec::new();
    for needle in [trimmed(mention), core(mention)].map(letters) {
        let mut ways = ways(source, &needle);
        ways.sort_by_key(|(way, _)| (way.len(), hull(way).1 - hull(way).0, hull(way).0));
        for (way, split) in ways {
            let overlaps =
                |other: &Apart| hull(&way).0 < hull(&other.1).1 && hull(&other.1).0 < hull(&way).1;
            if !found.iter().any(overlaps) {
                let parts = with_punctuation(&source.letters, &way, &needle, &split);
                let is_exact = is_written(&source.letters, &parts, trimmed(mention));
                let tier = if is_exact { Tier::Exact } else { Tier::Folded };
                found.push((tier, parts));
            }
        }
    }
    found
}

fn hull(way: &[Part]) -> Part {
    (way[0].0, way[way.len() - 1].1)
}

/// The best way to place `needle` at each start, with how it is cut: that with the fewest fragments,
/// then that which ends first, then that whose fragments begin first and are longest.
fn ways(source: &Source<'_>, needle: &[Letter]) -> Vec<(Vec<Part>, Vec<Part>)> {
    let mut ways = Vec::new();
    for split in splits(needle) {
        let parts = split.iter().map(|part| skeleton(&needle[part.0..part.1]));
        let places: Vec<Vec<Part>> = parts.map(|part| source.places(&part)).collect();
        place(&source.letters, &places, &mut Vec::new(), &mut |way| {
            ways.push((way.to_vec(), split.clone()));
        });
    }
    ways.sort_by_cached_key(|(way, _)| {
        let turned: Vec<_> = way
            .iter()
            .map(|part| (part.0, usize::MAX - part.1))
            .collect();
        (way[0].0, way.len(), hull(way).1, turned)
    });
    ways.dedup_by_key(|(way, _)| way[0].0);
    ways
}

/// The ways to cut a mention between words into two or three parts of three characters or more.
fn splits(mention: &[Letter]) -> Vec<Vec<Part>> {
    let mut cuts = Vec::new();
    for start in (1..mention.len()).filter(|at| starts_word(mention, *at)) {
        for end in (1..=start).filter(|at| ends_word(mention, *at)) {
            if mention[end..start].iter().all(|one| is_dispensable(one.c)) {
                cuts.push((end, start));
            }
        }
    }
    let last = mention.len();
    let mut ways: Vec<Vec<Part>> = Vec::new();
    for (end, start) in &cuts {
        ways.push(vec![(0, *end), (*start, last)]);
        for (second, third) in cuts.iter().filter(|other| *start < other.0) {
            ways.push(vec![(0, *end), (*start, *second), (*third, last)]);
        }
    }
    let is_long = |part: &Part| skeleton(&mention[part.0..part.1]).len() >= LENGTHS.0;
    ways.retain(|way| way.iter().all(is_long));
    ways
}

fn is_dispensable(c: char) -> bool {
    is_space(c) || is_punctuation(c) || is_dash(c) || is_unseen(c)
}

/// Visits the ways to find parts one after the other, with gaps between.
fn place(
    text: &[Letter],
    places: &[Vec<Part>],
    way: &mut Vec<Part>,
    visit: &mut impl FnMut(&[Part]),
) {
    let Some((first, rest)) = places.split_first() else {
        visit(way);
        return;
    };
    for part in first {
        if way.last().is_none_or(|last| bridges(text, last.1, part.0)) {
            way.push(*part);
            place(text, rest, way, visit);
            way.pop();
        }
    }
}

/// Whether what stands between two places may be a gap.
fn bridges(text: &[Letter], start: usize, end: usize) -> bool {
    if start >= end || !ends_word(text, start) || !starts_word(text, end) {
        return false;
    }
    let words = unbroken(text, start, end);
    let words = words
        .iter()
        .map(|word| skeleton(&text[word.0..word.1]).into_iter().collect());
    let words: Vec<String> = words.collect();
    let gap: Vec<char> = text[start..end].iter().map(|one| one.c).collect();
    let stops = gap
        .windows(2)
        .any(|pair| ".!?".contains(pair[0]) && is_space(pair[1]))
        || gap.iter().any(|c| "。！？।".contains(*c));
    let lines: Vec<&[char]> = gap.split(|c| *c == '\n').collect();
    let inner = lines.get(1..lines.len() - 1).unwrap_or_default();
    let blank = inner.iter().any(|line| line.iter().all(|c| is_space(*c)));
    (1..=WIDEST).contains(&words.len())
        && !words.iter().any(|word| DENIALS.contains(&word.as_str()))
        && !stops
        && !blank
}

/// The words between two places, one after the other.
fn unbroken(text: &[Letter], start: usize, end: usize) -> Vec<Part> {
    let (mut found, mut at) = (Vec::new(), start);
    while at < end {
        if starts_word(text, at) {
            let Some(last) = (at + 1..=end).find(|last| ends_word(text, *last)) else {
                break;
            };
            found.push((at, last));
            at = last;
        } else {
            at += 1;
        }
    }
    found
}

fn starts_word(text: &[Letter], at: usize) -> bool {
    may_start(text, at) && is_word(text[at].c) && text[at].is_kept()
}

fn ends_word(text: &[Letter], at: usize) -> bool {
    may_end(text, at) && is_word(text[at - 1].c) && is_solid_end(text, at)
}

/// The fragments with the punctuation at their inner edges that the mention has there too.
fn with_punctuation(
    text: &[Letter],
    way: &[Part],
    mention: &[Letter],
    split: &[Part],
) -> Vec<Part> {
    let mut parts = way.to_vec();
    for number in 1..parts.len() {
        let (left, right) = (parts[number - 1].1, parts[number].0);
        let between = skeleton(&mention[split[number - 1].1..split[number].0]);
        let reads = |end: usize| skeleton(&text[left..end]);
        let end = (left + 1..right).rev().find(|end| {
            may_end(text, *end) && is_solid_end(text, *end) && between.starts_with(&reads(*end))
        });
        let end = end.unwrap_or(left);
        let rest = &between[reads(end).len()..];
        let start = (end..right).find(|start| {
            let fits = || rest.ends_with(&skeleton(&text[*start..right]));
            may_start(text, *start) && text[*start].is_kept() && fits()
        });
        parts[number - 1].1 = end;
        parts[number].0 = start.unwrap_or(right);
    }
    parts
}

/// Whether a mention is the fragments with nothing but white space between them.
fn is_written(text: &[Letter], parts: &[Part], mention: &str) -> bool {
    let mut rest = mention;
    for (start, end) in parts {
        let part: String = text[*start..*end].iter().map(|one| one.c).collect();
        let Some(behind) = rest.trim_start_matches(is_space).strip_prefix(&part) else {
            return false;
        };
        rest = behind;
    }
    rest.is_empty()
}
