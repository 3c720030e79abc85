//! Character spans and token ranges.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;

use crate::input::refused;
use crate::list::{List, item, span};

#[pyfunction]
pub(crate) fn to_tokens(
    tokens: List<'_>,
    ranges: List<'_>,
) -> PyResult<Vec<Option<(usize, usize)>>> {
    let found = core::to_tokens(&spans(&tokens, "token")?, &spans(&ranges, "span")?);
    let found = found.map_err(refused)?.into_iter();
    Ok(found
        .map(|one| one.map(|one| (one.start, one.end)))
        .collect())
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

fn spans(pairs: &List<'_>, name: &str) -> PyResult<Vec<core::Span>> {
    let one = |(index, pair): (usize, PyResult<Bound<'_, PyAny>>)| {
        let name = || format!("{name} {index}");
        let (start, end) = item(&pair?, name)?;
        span(start, end, name)
    };
    pairs.items().enumerate().map(one).collect()
}
