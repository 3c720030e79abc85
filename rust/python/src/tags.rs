//! Entity tags.

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;

use crate::input::{natural, nested, refused, spans, texts};

/// `(label, start, end)`, in tokens.
type Entity = (String, usize, usize);

#[pyfunction]
pub(crate) fn decode(
    tags: Vec<Bound<'_, PyString>>,
    scheme: &str,
    mode: &str,
) -> PyResult<Vec<Entity>> {
    let (scheme, mode) = (
        scheme.parse().map_err(refused)?,
        mode.parse().map_err(refused)?,
    );
    let found = core::decode(&texts(tags, "tag")?, scheme, mode)
        .map_err(refused)?
        .into_iter();
    Ok(found
        .map(|one| (one.label, one.span.start, one.span.end))
        .collect())
}

#[pyfunction]
pub(crate) fn encode(
    entities: Vec<(Bound<'_, PyString>, i64, i64)>,
    length: i64,
    scheme: &str,
) -> PyResult<Vec<String>> {
    let ranges: Vec<_> = entities
        .iter()
        .map(|(_, start, end)| (*start, *end))
        .collect();
    let labels: Vec<_> = entities.into_iter().map(|(label, _, _)| label).collect();
    let pairs = texts(labels, "label")?
        .into_iter()
        .zip(spans(ranges, "entity")?);
    let entity = |(label, span): (PyBackedStr, _)| core::Entity {
        label: String::from(&*label),
        span,
    };
    let entities: Vec<_> = pairs.map(entity).collect();
    let length = natural(length, "length")?;
    core::encode(&entities, length, scheme.parse().map_err(refused)?).map_err(refused)
}

#[pyfunction]
pub(crate) fn score(
    py: Python<'_>,
    gold: Vec<Vec<Bound<'_, PyString>>>,
    predicted: Vec<Vec<Bound<'_, PyString>>>,
    scheme: &str,
    mode: &str,
) -> PyResult<Vec<(String, usize, usize, usize)>> {
    let (scheme, mode) = (
        scheme.parse().map_err(refused)?,
        mode.parse().map_err(refused)?,
    );
    let gold = nested(gold, "gold sentence")?;
    let predicted = nested(predicted, "predicted sentence")?;
    let found = py
        .detach(|| core::score(&gold, &predicted, scheme, mode))
        .map_err(refused)?;
    let counts = |one: core::LabelCounts| {
        (
            one.label,
            one.true_positives,
            one.false_positives,
            one.false_negatives,
        )
    };
    Ok(found.into_iter().map(counts).collect())
}
