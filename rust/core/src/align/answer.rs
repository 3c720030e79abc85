//! What is said of a mention.

use crate::span::Span;

/// How a mention was found, the best first.
///
/// ```
/// use nerharness_core::Tier;
/// assert!(Tier::Exact < Tier::Folded && Tier::Folded < Tier::Fuzzy);
/// assert_eq!(Tier::Folded.name(), "folded");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Character by character.
    Exact,
    /// With the same skeleton.
    Folded,
    /// With a similar skeleton.
    Fuzzy,
}

impl Tier {
    /// The word for it.
    ///
    /// ```
    /// assert_eq!(nerharness_core::Tier::Exact.name(), "exact");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Folded => "folded",
            Self::Fuzzy => "fuzzy",
        }
    }
}

/// Where a mention stands.
///
/// ```
/// use nerharness_core::{Aligner, Match, Span, Tier};
/// let found = Aligner::new(0.8)?.candidates("Lupus.", "lupus")?;
/// assert_eq!(found, [Match { span: Span::new(0, 5), tier: Tier::Folded, score: 1.0 }]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The bytes of the text that it covers, at character boundaries.
    pub span: Span,
    /// How it was found.
    pub tier: Tier,
    /// Similarity of the skeletons, in `(0, 1]`; 1 unless the tier is fuzzy.
    pub score: f64,
}
