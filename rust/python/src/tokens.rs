//! Character spans and token ranges.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList};

use crate::input::refused;
use crate::known::Made;
use crate::list::{List, item, span};

#[pyfunction]
pub(crate) fn to_tokens<'py>(
    py: Python<'py>,
    tokens: List<'py>,
    ranges: List<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let found = core::to_tokens(&spans(&tokens, "token")?, &spans(&ranges, "span")?);
    let found = found.map_err(refused)?;
    let mut numbers = Made::with_room(tokens.len() + 1);
    let mut number = |value: usize| numbers.get(value, || PyInt::new(py, value));
    let mut pair = |range: core::Span| (number(range.start), number(range.end));
    PyList::new(py, found.into_iter().map(|one| one.map(&mut pair)))
}

#[pyfunction]
pub(crate) fn to_spans(tokens: List<'_>, ranges: List<'_>) -> PyResult<Vec<(usize, usize)>> {
    let found = core::to_spans(&spans(&tokens, "token")?, &spans(&ranges, "range")?);
    Ok(found
        .map_err(refused)?
        .into_iter()
        .map(|one| (one.start, one.end))
        .collect())
}

/// The spans of a list of pairs; `name` is what the caller knows each one by.
pub(crate) fn spans(pairs: &List<'_>, name: &str) -> PyResult<Vec<core::Span>> {
    let one = |(index, pair): (usize, PyResult<Bound<'_, PyAny>>)| {
        let name = || format!("{name} {index}");
        let (start, end) = item(&pair?, name)?;
        span(start, end, name)
    };
    pairs.items().enumerate().map(one).collect()
}
