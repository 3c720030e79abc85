//! A re-typed text against its source.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;

use crate::align::Match;
use crate::input::{refused, text};
use crate::list::List;
use crate::tokens::spans;

/// The two texts, and the spans in bytes of the second.
fn converted(
    source: Bound<'_, PyString>,
    output: Bound<'_, PyString>,
    pairs: &List<'_>,
) -> PyResult<(PyBackedStr, PyBackedStr, Vec<core::Span>)> {
    let source = text(source, || "text".to_owned())?;
    let output = text(output, || "echo".to_owned())?;
    let pairs = core::to_bytes(&output, &spans(pairs, "span")?).map_err(refused)?;
    Ok((source, output, pairs))
}

#[pyfunction]
pub(crate) fn echo(
    py: Python<'_>,
    source: Bound<'_, PyString>,
    output: Bound<'_, PyString>,
    spans: List<'_>,
) -> PyResult<Vec<Option<(usize, usize)>>> {
    let (source, output, spans) = converted(source, output, &spans)?;
    let places = py.detach(|| core::echo(&source, &output, &spans));
    let points = core::CodePoints::new(&source);
    let pair = |place| {
        let span = points.span(place);
        (span.start, span.end)
    };
    let places = places.map_err(refused)?.into_iter();
    Ok(places.map(|place| place.map(pair)).collect())
}

#[pyfunction]
pub(crate) fn align_echo(
    py: Python<'_>,
    source: Bound<'_, PyString>,
    output: Bound<'_, PyString>,
    spans: List<'_>,
    threshold: f64,
) -> PyResult<Vec<Option<Match>>> {
    let (source, output, spans) = converted(source, output, &spans)?;
    let found = py.detach(|| core::align_echo(&source, &output, &spans, threshold));
    Ok(Match::each(&source, &found.map_err(refused)?))
}
