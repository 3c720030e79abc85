//! What can be placed without weighing.

use super::options::worth;
use super::{MOST_PAIRS, Said};
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
                        && !is_inside(said, found, one.group, choice.span)
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
    let surrounds = |one: &Match| one.span.surrounds(span);
    if !found.iter().any(surrounds) {
        return false;
    }
    let mut others = said.iter().filter(|one| one.group != group);
    others.any(|one| one.among(found).iter().any(surrounds))
}
