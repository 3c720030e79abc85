//! Token lists against token lists.

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::input::{refused, texts};

#[pyfunction]
pub(crate) fn align_tokens(
    py: Python<'_>,
    source: Vec<Bound<'_, PyString>>,
    output: Vec<Bound<'_, PyString>>,
) -> PyResult<Vec<Option<usize>>> {
    let (source, output) = (
        texts(source, "source token")?,
        texts(output, "output token")?,
    );
    py.detach(|| core::align_tokens(&source, &output))
        .map_err(refused)
}
