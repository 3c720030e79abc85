//! The characters of needles by small numbers, in which tables can be looked up.

use std::borrow::Cow;

use crate::skeleton::{OTHER, Skeleton};

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
    pub(crate) fn add(&mut self, needle: &Skeleton<'_>) -> bool {
        let known = self.others.len();
        for (_, c) in needle.others() {
            if let Err(place) = self.others.binary_search_by_key(&c, |(other, _)| *other) {
                let Some(number) = u8::try_from(self.others.len())
                    .ok()
                    .and_then(|n| n.checked_add(OTHER))
                else {
                    self.others
                        .retain(|(_, number)| usize::from(*number - OTHER) < known);
                    return false;
                };
                self.others.insert(place, (c, number));
            }
        }
        true
    }

    /// The numbers of the characters of a skeleton.
    pub(crate) fn read<'s>(&self, skeleton: &Skeleton<'s>) -> Cow<'s, [u8]> {
        if self.others.is_empty() {
            return Cow::Borrowed(skeleton.bytes);
        }
        let mut rows = skeleton.bytes.to_vec();
        for (position, c) in skeleton.others() {
            let place = self.others.binary_search_by_key(&c, |(other, _)| *other);
            // Zero is a control character, which is in no skeleton.
            rows[position] = place.map_or(0, |place| self.others[place].1);
        }
        Cow::Owned(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skeleton::Skeletons;

    #[test]
    fn others_are_numbered_as_they_come() {
        let mut skeletons = Skeletons::default();
        let (text, needle) = (skeletons.push("aβ中γ"), skeletons.push("γb中"));
        let (text, needle) = (skeletons.get(text), skeletons.get(needle));
        let mut rows = Rows::default();
        assert_eq!(*rows.read(&text), [b'a', OTHER, OTHER, OTHER]);
        assert!(rows.add(&needle));
        assert_eq!(*rows.read(&text), [b'a', 0, OTHER + 1, OTHER]);
        assert_eq!(*rows.read(&needle), [OTHER, b'b', OTHER + 1]);
        assert_eq!(rows.count(), 130);
    }

    #[test]
    fn too_many_are_not_added() {
        let mut rows = Rows::default();
        let mut skeletons = Skeletons::default();
        let text = |range: std::ops::Range<char>| range.collect::<String>();
        let many = skeletons.push(&text('\u{4E00}'..'\u{4E70}'));
        let more = skeletons.push(&text('\u{4E60}'..'\u{4E90}'));
        let (many, more) = (skeletons.get(many), skeletons.get(more));
        assert!(rows.add(&many));
        assert!(!rows.add(&more));
        assert_eq!(rows.count(), 128 + many.len());
        assert!(rows.add(&many));
    }
}
