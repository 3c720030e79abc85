//! Which mentions can be placed in their order.

use super::options::{Choice, Options};

/// The best choice of each mention, if they rise from one mention to the next.
///
/// Nothing is worth more than that, so it is what [`chain`] finds, without weighing.
pub(super) fn best_each(options: &Options, mentions: &[usize]) -> Option<Vec<Option<Choice>>> {
    let mut after = 0;
    let mut choices = Vec::with_capacity(mentions.len());
    for one in mentions {
        let strong = || options.of(*one).iter().filter(|choice| !choice.weak);
        let most = strong().map(|choice| choice.worth).max();
        let best = |choice: &&Choice| Some(choice.worth) == most && choice.place >= after;
        let chosen = strong().find(best);
        if most.is_some() {
            after = chosen?.place + 1;
        }
        choices.push(chosen.copied());
    }
    Some(choices)
}

/// The choices of the mentions on the best chain of rising places.
pub(super) fn chain(options: &Options, mentions: &[usize]) -> Vec<Option<Choice>> {
    let mut best = Suffixes::new(options.places);
    // What each choice and all that can follow it are worth, the last mention first.
    let mut values = Vec::new();
    for one in mentions.iter().rev() {
        let first = values.len();
        let strong = |choice: &Choice| !choice.weak;
        let value = |choice: &Choice| {
            let after = best.from(choice.place + 1);
            if strong(choice) {
                u64::from(choice.worth) + after
            } else {
                0
            }
        };
        values.extend(options.of(*one).iter().map(value));
        for (choice, value) in options.of(*one).iter().zip(&values[first..]) {
            best.raise(choice.place, *value);
        }
    }
    let mut rest = best.from(0);
    let (mut after, mut end) = (0, values.len());
    let mut choices = Vec::with_capacity(mentions.len());
    for one in mentions {
        let own = options.of(*one);
        let values = &values[end - own.len()..end];
        end -= own.len();
        let chosen = own
            .iter()
            .zip(values)
            .find(|(choice, value)| rest > 0 && **value == rest && choice.place >= after);
        choices.push(chosen.map(|(choice, _)| *choice));
        if let Some((choice, _)) = chosen {
            rest -= u64::from(choice.worth);
            after = choice.place + 1;
        }
    }
    choices
}

/// The greatest value from each place on (Fenwick 1994, from the end).
#[derive(Debug)]
struct Suffixes(Vec<u64>);

impl Suffixes {
    fn new(places: usize) -> Self {
        Self(vec![0; places])
    }

    /// The greatest value at `place` or after.
    fn from(&self, place: usize) -> u64 {
        let mut left = self.0.len().saturating_sub(place);
        let mut greatest = 0;
        while left > 0 {
            greatest = greatest.max(self.0[left - 1]);
            left &= left - 1;
        }
        greatest
    }

    fn raise(&mut self, place: usize, value: u64) {
        let mut number = self.0.len() - place;
        while number <= self.0.len() {
            let slot = &mut self.0[number - 1];
            *slot = value.max(*slot);
            number += number & number.wrapping_neg();
        }
    }
}
