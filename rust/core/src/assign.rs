//! Which repeat of a mention takes which occurrence.

use std::collections::BTreeMap;

use crate::align::Match;
use crate::fuzzy::best_first;
use crate::span::Span;

/// Gives the n-th repeat the n-th occurrence: one answer for each of `repeats`, no occurrence twice.
///
/// `surfaces` are the candidates of each way in which the mention was written, and `repeats` the
/// surfaces in the order in which the model said them. Candidates that overlap are one occurrence.
/// If there are fewer repeats than occurrences, the better tiers are taken first, then the better
/// scores, then the earlier ones, and those are handed out in document order. A repeat for which no
/// occurrence is left gets `None`.
pub(crate) fn assign(surfaces: &[&[Match]], repeats: &[usize]) -> Vec<Option<Match>> {
    let occurrences = occurrences(surfaces);
    let located: Vec<_> = surfaces
        .iter()
        .map(|candidates| locate(&occurrences, candidates))
        .collect();
    let mut answers = vec![None; repeats.len()];
    let mut used = vec![false; occurrences.len()];
    for members in alike(&located, repeats) {
        let count = members.len();
        let chosen = choose(
            &located,
            members.iter().map(|member| repeats[*member]),
            count,
            &used,
        );
        for (member, place) in members.into_iter().zip(chosen) {
            used[place] = true;
            answers[member] = located[repeats[member]].get(&place).copied();
        }
    }
    answers
}

/// The candidate of a surface at each occurrence.
type Located = BTreeMap<usize, Match>;

/// The stretches of text that overlapping candidates cover, in document order.
fn occurrences(surfaces: &[&[Match]]) -> Vec<Span> {
    let mut spans: Vec<Span> = surfaces
        .iter()
        .copied()
        .flatten()
        .map(|one| one.span)
        .collect();
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.overlaps(span) => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// The best of `candidates` at each of `occurrences`.
fn locate(occurrences: &[Span], candidates: &[Match]) -> Located {
    let mut located = Located::new();
    for candidate in candidates {
        let place = occurrences.partition_point(|one| one.end <= candidate.span.start);
        let best = located.entry(place).or_insert(*candidate);
        if best_first(candidate, best).is_lt() {
            *best = *candidate;
        }
    }
    located
}

/// The repeats, put together if their candidates are at the same occurrences.
fn alike(located: &[Located], repeats: &[usize]) -> Vec<Vec<usize>> {
    let same = |a: &Located, b: &Located| a.keys().eq(b.keys());
    let first: Vec<_> = located
        .iter()
        .map(|one| {
            located
                .iter()
                .position(|other| same(one, other))
                .unwrap_or(0)
        })
        .collect();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of = BTreeMap::new();
    for (repeat, surface) in repeats.iter().enumerate() {
        let group = *group_of.entry(first[*surface]).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(repeat);
    }
    groups
}

/// Up to `count` unused occurrences, the best for any of `surfaces`, in document order.
fn choose(
    located: &[Located],
    surfaces: impl Iterator<Item = usize>,
    count: usize,
    used: &[bool],
) -> Vec<usize> {
    let mut best = Located::new();
    let surfaces: std::collections::BTreeSet<usize> = surfaces.collect();
    for (place, candidate) in surfaces.iter().flat_map(|surface| &located[*surface]) {
        let known = best.entry(*place).or_insert(*candidate);
        if best_first(candidate, known).is_lt() {
            *known = *candidate;
        }
    }
    let mut free: Vec<_> = best
        .into_iter()
        .filter(|(place, _)| !used[*place])
        .collect();
    free.sort_by(|a, b| best_first(&a.1, &b.1));
    free.truncate(count);
    let mut places: Vec<usize> = free.into_iter().map(|(place, _)| place).collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Tier;

    fn candidate(start: usize, tier: Tier) -> Match {
        Match {
            span: Span::new(start, start + 5),
            tier,
            score: 1.0,
        }
    }

    fn starts(surfaces: &[&[Match]], repeats: &[usize]) -> Vec<Option<usize>> {
        let answers = assign(surfaces, repeats);
        answers
            .into_iter()
            .map(|answer| answer.map(|one| one.span.start))
            .collect()
    }

    #[test]
    fn table() {
        let exact: Vec<_> = [0, 10, 20]
            .map(|start| candidate(start, Tier::Exact))
            .into();
        let mixed = [
            candidate(0, Tier::Folded),
            candidate(10, Tier::Exact),
            candidate(20, Tier::Exact),
        ];
        let first = [candidate(0, Tier::Exact)];
        for (name, surfaces, repeats, expected) in [
            (
                "in order",
                vec![&exact[..]],
                vec![0, 0],
                vec![Some(0), Some(10)],
            ),
            ("surplus", vec![&first[..]], vec![0, 0], vec![Some(0), None]),
            (
                "better tiers first",
                vec![&mixed[..]],
                vec![0, 0],
                vec![Some(10), Some(20)],
            ),
            (
                "all of them",
                vec![&mixed],
                vec![0; 3],
                vec![Some(0), Some(10), Some(20)],
            ),
            ("no candidate", vec![&[]], vec![0], vec![None]),
            (
                "two surfaces",
                vec![&exact, &mixed],
                vec![1, 0],
                vec![Some(0), Some(10)],
            ),
            (
                "surfaces with candidates of their own",
                vec![&exact[2..], &exact[..2]],
                vec![0, 1],
                vec![Some(20), Some(0)],
            ),
            (
                "a place is used once",
                vec![&first, &exact],
                vec![0, 1],
                vec![Some(0), Some(10)],
            ),
        ] {
            assert_eq!(starts(&surfaces, &repeats), expected, "{name}");
        }
    }
}
