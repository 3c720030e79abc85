//! Character spans and token ranges.

use nerharness_core as core;
use pyo3::prelude::*;

use crate::input::{refused, spans};

#[pyfunction]
pub(crate) fn to_tokens(
    tokens: Vec<(i64, i64)>,
    ranges: Vec<(i64, i64)>,
) -> PyResult<Vec<Option<(usize, usize)>>> {
    let found = core::to_tokens(&spans(tokens, "token")?, &spans(ranges, "span")?);
    let found = found.map_err(refused)?.into_iter();
    Ok(found
        .map(|one| one.map(|one| (one.start, one.end)))
        .collect())
}

#[pyfunction]
pub(crate) fn to_spans(
    tokens: Vec<(i64, i64)>,
    ranges: Vec<(i64, i64)>,
) -> PyResult<Vec<(usize, usize)>> {
    let found = core::to_spans(&spans(tokens, "token")?, &spans(ranges, "range")?);
    Ok(found
        .map_err(refused)?
        .into_iter()
        .map(|one| (one.start, one.end))
        .collect())
}
