//! The lenient reading of tags, in which every tag but O belongs to some entity.

use super::Scheme;
use super::prefix::Prefix;

/// The prefix and the label of a tag, or `None` if it is empty.
///
/// The first character is the prefix, the label is what follows the first hyphen after it, or all
/// that follows if there is no hyphen.
pub(super) fn parse(text: &str, scheme: Scheme) -> Option<(Prefix, &str)> {
    let mut chars = text.chars();
    let prefix = match (chars.next()?, scheme) {
        ('O', _) => Prefix::O,
        ('I', _) => Prefix::I,
        ('B', _) => Prefix::B,
        ('E', _) | ('L', Scheme::Bilou) => Prefix::E,
        ('S', _) | ('U', Scheme::Bilou) => Prefix::S,
        ('.', _) => Prefix::Point,
        _ => Prefix::Other,
    };
    let rest = chars.as_str();
    Some((
        prefix,
        rest.split_once('-').map_or(rest, |(_, label)| label),
    ))
}

/// Whether an entity ends between `last` and `tag`, and whether one starts at `tag`.
///
/// `same` says whether the two have one label.
pub(super) const fn boundary(last: Prefix, tag: Prefix, same: bool) -> (bool, bool) {
    use Prefix::{B, E, I, O, Point, S};
    let ends = match (last, tag) {
        (E | S, _) | (B | I, B | S | O) => true,
        (O | Point, _) => false,
        _ => !same,
    };
    let starts = match (last, tag) {
        (_, B | S) | (E | S | O, E | I) => true,
        (_, O | Point) => false,
        _ => !same,
    };
    (ends, starts)
}
