//! Half-open spans, and the way from bytes to code points.

use std::fmt;

/// A half-open range `[start, end)`; its unit is said where it is made.
///
/// ```
/// use nerharness_core::Span;
/// let lupus = Span::new(0, 5);
/// assert_eq!(&"lupus nephritis"[lupus.start..lupus.end], "lupus");
/// assert!(lupus.overlaps(Span::new(4, 9)));
/// assert!(!lupus.overlaps(Span::new(5, 9)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First position inside.
    pub start: usize,
    /// First position after.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`, unchecked.
    ///
    /// ```
    /// use nerharness_core::Span;
    /// assert_eq!(Span::new(1, 3).to_string(), "[1, 3)");
    /// ```
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Whether the two share a position.
    ///
    /// ```
    /// use nerharness_core::Span;
    /// assert!(Span::new(1, 3).overlaps(Span::new(2, 3)));
    /// ```
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies inside and is shorter.
    ///
    /// ```
    /// use nerharness_core::Span;
    /// assert!(Span::new(1, 4).surrounds(Span::new(2, 4)));
    /// assert!(!Span::new(1, 4).surrounds(Span::new(1, 4)));
    /// ```
    #[must_use]
    pub const fn surrounds(self, other: Self) -> bool {
        self.start <= other.start
            && other.end <= self.end
            && other.end - other.start < self.end - self.start
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{}, {})", self.start, self.end)
    }
}

/// Number of bytes between two counted positions of [`CodePoints`].
const STRIDE: usize = 64;

/// Turns byte positions of a text into code-point positions.
///
/// ```
/// use nerharness_core::{CodePoints, Span};
/// let text = "β-thalassemia";
/// let points = CodePoints::new(text);
/// assert_eq!(points.span(Span::new(3, 14)), Span::new(2, 13));
/// ```
#[derive(Debug, Clone)]
pub struct CodePoints<'t> {
    text: &'t [u8],
    /// Code points before each multiple of the stride; empty when the text is ASCII.
    counts: Vec<usize>,
}

impl<'t> CodePoints<'t> {
    /// Counts the code points of `text` once.
    ///
    /// ```
    /// use nerharness_core::CodePoints;
    /// assert_eq!(CodePoints::new("naïve").position(4), 3);
    /// ```
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let mut counts = Vec::new();
        if !text.is_ascii() {
            let mut seen = 0;
            for chunk in text.as_bytes().chunks(STRIDE) {
                counts.push(seen);
                seen += count(chunk);
            }
            counts.push(seen);
        }
        Self {
            text: text.as_bytes(),
            counts,
        }
    }

    /// The number of code points that begin before byte `position`.
    ///
    /// A position beyond the text counts as its end.
    ///
    /// ```
    /// use nerharness_core::CodePoints;
    /// let points = CodePoints::new("ﬁbrosis");
    /// assert_eq!(points.position(3), 1);
    /// assert_eq!(points.position(99), 7);
    /// ```
    #[must_use]
    pub fn position(&self, position: usize) -> usize {
        let position = position.min(self.text.len());
        let Some(before) = self.counts.get(position / STRIDE) else {
            return position;
        };
        before + count(&self.text[position / STRIDE * STRIDE..position])
    }

    /// A byte span as a code-point span.
    ///
    /// ```
    /// use nerharness_core::{CodePoints, Span};
    /// assert_eq!(CodePoints::new("é").span(Span::new(0, 2)), Span::new(0, 1));
    /// ```
    #[must_use]
    pub fn span(&self, bytes: Span) -> Span {
        Span::new(self.position(bytes.start), self.position(bytes.end))
    }
}

/// How many code points begin in `bytes`.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_count_the_characters_before(text in "(a|é|ﬁ|🙂|中){0,200}") {
            let points = CodePoints::new(&text);
            for (index, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(points.position(byte), index);
            }
            prop_assert_eq!(points.position(text.len()), text.chars().count());
        }
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        assert!(!Span::new(0, 3).overlaps(Span::new(3, 5)));
        assert!(Span::new(0, 9).overlaps(Span::new(3, 5)));
    }
}
