//! The Python module `nerharness._core`: conversions around `nerharness-core`, and nothing else.

mod align;
mod dictionary;
mod echo;
mod input;
mod known;
mod list;
mod resample;
mod sequence;
mod tags;
mod tokens;
mod viterbi;

/// What `nerharness.align` and `nerharness.tags` are made of.
#[pyo3::pymodule]
mod _core {
    #[pymodule_export]
    use crate::align::{Aligner, Match, cuts, similarity};
    #[pymodule_export]
    use crate::dictionary::Dictionary;
    #[pymodule_export]
    use crate::echo::{align_echo, echo};
    #[pymodule_export]
    use crate::resample::{assign, bootstrap, coins};
    #[pymodule_export]
    use crate::sequence::align_tokens;
    #[pymodule_export]
    use crate::tags::{decode, encode, score};
    #[pymodule_export]
    use crate::tokens::{to_spans, to_tokens};
    #[pymodule_export]
    use crate::viterbi::{best_tags, best_tags_batch};
}
