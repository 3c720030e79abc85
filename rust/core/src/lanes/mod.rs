//! Many needles through one text at a time: the bit-parallel search of Myers (1999) with the
//! transpositions of Hyyrö (2003), a needle in each lane of a vector register.
//!
//! There is one algorithm for all vectors: those of AVX-512, of AVX2, and plain arrays of 128 bits,
//! which the compiler puts into the registers that every processor of the target has (SSE2, NEON).
//! All give the same answers.
#![expect(
    clippy::inline_always,
    reason = "vector instructions can be used only where everything is inlined"
)]

mod block;
mod column;
mod lane;
mod path;
#[cfg(test)]
mod tests;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use block::Block;
pub(crate) use lane::Letters;
pub(crate) use path::Path;
pub(crate) use vector::Word;

/// A text that is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'t> {
    /// Its characters by their rows.
    pub(crate) rows: &'t [u8],
    /// For each of them whether a needle may end behind it: the lowest bit.
    pub(crate) stops: &'t [u8],
}

/// A needle that ends somewhere in the text within its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Which needle.
    pub(crate) needle: usize,
    /// The position behind the last character.
    pub(crate) end: usize,
    /// The least distance between the needle and what ends there.
    pub(crate) distance: usize,
}
