//! Token lists against token lists.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;

use crate::input::{refused, strings};
use crate::list::List;

#[pyfunction]
pub(crate) fn align_tokens(
    py: Python<'_>,
    source: List<'_>,
    output: List<'_>,
) -> PyResult<Vec<Option<usize>>> {
    let source = strings(&source, |index| format!("source token {index}"))?;
    let output = strings(&output, |index| format!("output token {index}"))?;
    py.detach(|| core::align_tokens(&source, &output))
        .map_err(refused)
}
