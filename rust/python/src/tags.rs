//! Entity tags.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::input::{natural, refused};
use crate::known::{Known, Made};
use crate::list::{List, item, span};

/// `(label, start, end)`, in tokens.
type Entity<'py> = (Bound<'py, PyString>, usize, usize);

#[pyfunction]
pub(crate) fn decode<'py>(
    py: Python<'py>,
    tags: List<'py>,
    scheme: &str,
    mode: &str,
) -> PyResult<Bound<'py, PyList>> {
    let (scheme, mode) = names(scheme, mode)?;
    let mut vocabulary = core::Vocabulary::new(scheme, mode);
    let mut known = Known::with_room(tags.len());
    let (mut read, name) = (Vec::new(), |index| format!("tag {index}"));
    read_tags(&tags, &mut known, &mut vocabulary, &mut read, name)?;
    let found = vocabulary.decode(&read).map_err(refused)?;
    let mut labels = Made::with_room(8);
    let entity = |one: &core::Entity<core::Label>| -> Entity<'py> {
        let name = || PyString::new(py, vocabulary.labels().name(one.label));
        let label = labels.get(one.label.index(), name);
        (label, one.span.start, one.span.end)
    };
    PyList::new(py, found.iter().map(entity))
}

#[pyfunction]
pub(crate) fn encode<'py>(
    py: Python<'py>,
    entities: List<'py>,
    length: i64,
    scheme: &str,
) -> PyResult<Bound<'py, PyList>> {
    let mut labels = core::Labels::default();
    let entities = read_entities(&entities, &mut labels)?;
    let length = natural(length, "length")?;
    let scheme = scheme.parse().map_err(refused)?;
    let layout = core::Layout::new(entities, labels, length, scheme).map_err(refused)?;
    let outside = PyList::new(py, ["O"])?.into_sequence();
    let tags = outside.repeat(length)?.cast_into::<PyList>()?;
    let mut texts = Made::with_room(8);
    for (token, tag) in layout.tags() {
        let text = texts.get(tag.index(), || PyString::new(py, &layout.text(tag)));
        tags.set_item(token, text)?;
    }
    Ok(tags)
}

#[pyfunction]
pub(crate) fn score(
    gold: List<'_>,
    predicted: List<'_>,
    scheme: &str,
    mode: &str,
) -> PyResult<Vec<(String, usize, usize, usize)>> {
    let (scheme, mode) = names(scheme, mode)?;
    core::Scorer::check(gold.len(), predicted.len()).map_err(refused)?;
    let mut scorer = core::Scorer::new(scheme, mode);
    let known = || Known::with_room(usize::MAX);
    let (mut known_gold, mut known_predicted) = (known(), known());
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for index in 0..gold.len() {
        let sides = [
            ("gold", &gold, &mut known_gold, &mut left),
            ("predicted", &predicted, &mut known_predicted, &mut right),
        ];
        for (side, sentences, known, read) in sides {
            let place = || format!("{side} sentence {index}");
            let tags = item(&sentences.item(index)?, place)?;
            let name = |item| format!("{side} sentence {index}, item {item}");
            read_tags(&tags, known, scorer.vocabulary(), read, name)?;
        }
        scorer.add(&left, &right).map_err(refused)?;
    }
    let counts = scorer.counts().map_err(refused)?.into_iter();
    Ok(counts
        .map(|one| {
            (
                one.label,
                one.true_positives,
                one.false_positives,
                one.false_negatives,
            )
        })
        .collect())
}

fn names(scheme: &str, mode: &str) -> PyResult<(core::Scheme, core::Mode)> {
    let scheme = scheme.parse().map_err(refused)?;
    Ok((scheme, mode.parse().map_err(refused)?))
}

/// Makes `read` the tags of a sentence; `name` is what the caller knows the tag at an index by.
fn read_tags<'py>(
    tags: &List<'py>,
    known: &mut Known<'py, core::Tag>,
    vocabulary: &mut core::Vocabulary,
    read: &mut Vec<core::Tag>,
    name: impl Fn(usize) -> String,
) -> PyResult<()> {
    read.resize(tags.len(), core::Tag::OUTSIDE);
    known.values(tags, read, |text| vocabulary.tag(text), name)
}

fn read_entities<'py>(
    entities: &List<'py>,
    labels: &mut core::Labels,
) -> PyResult<Vec<core::Entity<core::Label>>> {
    let mut known = Known::with_room(entities.len());
    let entity = |(index, entity): (usize, PyResult<Bound<'py, PyAny>>)| {
        let (place, name) = (|| format!("entity {index}"), || format!("label {index}"));
        let (label, start, end): (Bound<'py, PyAny>, _, _) = item(&entity?, place)?;
        Ok(core::Entity {
            label: known.value(label, |text| labels.number(text), name)?,
            span: span(start, end, place)?,
        })
    };
    entities.items().enumerate().map(entity).collect()
}
