//! What can be placed without weighing.

use super::options::worth;
use super::{MOST_PAIRS, Said, short};
use crate::align::Match;
use crate::span::Span;

/// The most candidates among which what surrounds one of them is looked for one by one.
const FEW: usize = 1 << 6;

/// Adds to `placed` the best candidate of each mention, if those rise from one mention to the next; false if
/// they do not, or if more has to be known to say so.
///
/// Nothing is worth more than that, so it is what weighing finds. `firsts` is room to work in.
pub(super) fn direct(
    said: &[Said],
    found: &[Match],
    mentions: &[usize],
    firsts: &mut Vec<usize>,
    placed: &mut Vec<Option<Match>>,
) -> bool {
    let few = found.len() <= FEW && mentions.len() <= MOST_PAIRS / FEW;
    let several = found.len() > said.len();
    if several && !few || !are_places(said, found, firsts) {
        return false;
    }
    let mut spans = None;
    let mut after = 0;
    for mention in mentions {
        let one = &said[*mention];
        let chosen = match one.among(found) {
            [] => None,
            [only] if only.span.start >= after => Some(only),
            [_] => return false,
            several if few => {
                let best = several.iter().map(worth).max();
                let mut rest = several.iter().filter(|choice| {
                    choice.span.start >= after
                        && Some(worth(choice)) == best
                        && !(spans
                            .get_or_insert_with(|| Spans::new(found))
                            .surround(choice.span)
                            && is_inside(said, found, one.group, choice.span))
                });
                match rest.next() {
                    None => return false,
                    chosen => chosen,
                }
            }
            _ => return false,
        };
        after = chosen.map_or(after, |chosen| chosen.span.start + 1);
        placed.push(chosen.copied());
    }
    true
}

/// Whether the order of the starts of candidates is that of their occurrences: those of what was said
/// are in order, and all of a group are the same.
fn are_places(said: &[Said], found: &[Match], firsts: &mut Vec<usize>) -> bool {
    firsts.clear();
    for (number, one) in said.iter().enumerate() {
        let own = one.among(found);
        let Some(first) = firsts.get(one.group) else {
            if own
                .windows(2)
                .any(|two| two[1].span.start < two[0].span.end)
            {
                return false;
            }
            firsts.push(number);
            continue;
        };
        let spans = |one: &Said| one.among(found).iter().map(|one| one.span);
        if !spans(&said[*first]).eq(spans(one)) {
            return false;
        }
    }
    true
}

/// Whether a longer candidate of another group surrounds `span`.
fn is_inside(said: &[Said], found: &[Match], group: usize, span: Span) -> bool {
    let mut others = said.iter().filter(|one| one.group != group);
    others.any(|one| one.among(found).iter().any(|one| one.span.surrounds(span)))
}

/// How many spans are looked at together.
const SIDE_BY_SIDE: usize = 8;

/// The spans of up to [`FEW`] candidates, looked at without a branch for each.
struct Spans {
    starts: [[u32; SIDE_BY_SIDE]; FEW / SIDE_BY_SIDE],
    ends: [[u32; SIDE_BY_SIDE]; FEW / SIDE_BY_SIDE],
    /// How many of the rows are filled.
    rows: usize,
}

impl Spans {
    fn new(found: &[Match]) -> Self {
        let mut spans = Self {
            starts: [[u32::MAX; SIDE_BY_SIDE]; FEW / SIDE_BY_SIDE],
            ends: [[0; SIDE_BY_SIDE]; FEW / SIDE_BY_SIDE],
            rows: found.len().div_ceil(SIDE_BY_SIDE),
        };
        let starts = spans.starts.as_flattened_mut().iter_mut();
        let places = starts.zip(spans.ends.as_flattened_mut());
        for ((start, end), one) in places.zip(found) {
            (*start, *end) = (short(one.span.start), short(one.span.end));
        }
        spans
    }

    /// Whether one of them is longer than `span` and surrounds it.
    fn surround(&self, span: Span) -> bool {
        let (first, last) = (short(span.start), short(span.end));
        let mut rows = self.starts.iter().zip(&self.ends).take(self.rows);
        rows.any(|(starts, ends)| {
            let each = starts.iter().zip(ends);
            let surrounds = |(start, end): (&u32, &u32)| {
                u32::from(*start <= first)
                    & u32::from(last <= *end)
                    & u32::from(end.wrapping_sub(*start) > last - first)
            };
            each.map(surrounds).fold(0, |any, one| any | one) != 0
        })
    }
}
