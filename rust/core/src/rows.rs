//! The characters of needles by small numbers, in which tables can be looked up.

use std::borrow::Cow;

use crate::fold::{OTHER, Skeleton};

/// A number for each different character of some needles.
///
/// ASCII characters are their own numbers, whether they are in a needle or not. Others have numbers
/// from [`OTHER`] on, and those that are in no needle one that no character of a needle has.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// The characters that are not ASCII, sorted, with their numbers.
    others: Vec<(char, u8)>,
}

impl Rows {
    /// More than any number.
    pub(crate) fn count(&self) -> usize {
        usize::from(OTHER) + self.others.len().max(1)
    }

    /// Numbers the characters of `needle` too, unless there are too many.
    pub(crate) fn add(&mut self, needle: &[char]) -> bool {
        let known = self.others.len();
        for c in needle.iter().filter(|c| !c.is_ascii()) {
            if let Err(place) = self.others.binary_search_by_key(c, |(other, _)| *other) {
                let Some(number) = u8::try_from(self.others.len())
                    .ok()
                    .and_then(|n| n.checked_add(OTHER))
                else {
                    self.others
                        .retain(|(_, number)| usize::from(*number - OTHER) < known);
                    return false;
                };
                self.others.insert(place, (*c, number));
            }
        }
        true
    }

    /// The numbers of the characters of a skeleton.
    pub(crate) fn read<'s>(&self, skeleton: &Skeleton<'s>) -> Cow<'s, [u8]> {
        if self.others.is_empty() {
            return Cow::Borrowed(skeleton.bytes);
        }
        let pairs = skeleton.chars.iter().zip(skeleton.bytes);
        Cow::Owned(pairs.map(|(c, byte)| self.of(*c, *byte)).collect())
    }

    fn of(&self, c: char, byte: u8) -> u8 {
        if byte != OTHER {
            return byte;
        }
        let place = self.others.binary_search_by_key(&c, |(other, _)| *other);
        // Zero is a control character, which is in no skeleton.
        place.map_or(0, |place| self.others[place].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Skeletons;

    #[test]
    fn others_are_numbered_as_they_come() {
        let mut skeletons = Skeletons::default();
        let (text, needle) = (skeletons.push("aβ中γ"), skeletons.push("γb中"));
        let (text, needle) = (skeletons.get(text), skeletons.get(needle));
        let mut rows = Rows::default();
        assert_eq!(*rows.read(&text), [b'a', OTHER, OTHER, OTHER]);
        assert!(rows.add(needle.chars));
        assert_eq!(*rows.read(&text), [b'a', 0, OTHER + 1, OTHER]);
        assert_eq!(*rows.read(&needle), [OTHER, b'b', OTHER + 1]);
        assert_eq!(rows.count(), 130);
    }

    #[test]
    fn too_many_are_not_added() {
        let mut rows = Rows::default();
        let many: Vec<char> = ('\u{4E00}'..'\u{4E70}').collect();
        assert!(rows.add(&many));
        assert!(!rows.add(&('\u{4E60}'..'\u{4E90}').collect::<Vec<_>>()));
        assert_eq!(rows.count(), 128 + many.len());
        assert!(rows.add(&many));
    }
}
