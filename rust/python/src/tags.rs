//! Entity tags.

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use crate::input::{natural, refused};
use crate::list::{Known, List, item, span};

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
    let mut read = Vec::with_capacity(tags.len());
    read_tags(&tags, &mut known, &mut vocabulary, &mut read, |index| {
        format!("tag {index}")
    })?;
    let found = vocabulary.decode(&read).map_err(refused)?;
    let mut labels = Objects::default();
    let entity = |one: &core::Entity<core::Label>| -> Entity<'py> {
        let name = || PyString::new(py, vocabulary.labels().name(one.label));
        (
            labels.get(one.label.index(), name),
            one.span.start,
            one.span.end,
        )
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
    let mut known = Known::with_room(entities.len());
    let mut read = Vec::with_capacity(entities.len());
    for (index, entity) in entities.items().enumerate() {
        let place = || format!("entity {index}");
        let (label, start, end) = item(&entity?, place)?;
        let name = || format!("label {index}");
        read.push(core::Entity {
            label: known.value(label, |text| labels.number(text), name)?,
            span: span(start, end, place)?,
        });
    }
    let length = natural(length, "length")?;
    let scheme = scheme.parse().map_err(refused)?;
    let layout = core::Layout::new(read, labels, length, scheme).map_err(refused)?;
    let outside = PyList::new(py, ["O"])?;
    let tags = outside
        .as_sequence()
        .repeat(length)?
        .cast_into::<PyList>()?;
    let mut texts = Objects::default();
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
    let mut known = Known::with_room(1 << 9);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (index, pair) in gold.items().zip(predicted.items()).enumerate() {
        for (list, side, tags) in [
            (pair.0?, "gold", &mut left),
            (pair.1?, "predicted", &mut right),
        ] {
            tags.clear();
            let name = |item| format!("{side} sentence {index}, item {item}");
            read_tags(
                &list.extract()?,
                &mut known,
                scorer.vocabulary(),
                tags,
                name,
            )?;
        }
        scorer.add(&left, &right).map_err(refused)?;
    }
    let counts = |one: core::LabelCounts| {
        (
            one.label,
            one.true_positives,
            one.false_positives,
            one.false_negatives,
        )
    };
    Ok(scorer
        .counts()
        .map_err(refused)?
        .into_iter()
        .map(counts)
        .collect())
}

fn names(scheme: &str, mode: &str) -> PyResult<(core::Scheme, core::Mode)> {
    let scheme = scheme.parse().map_err(refused)?;
    Ok((scheme, mode.parse().map_err(refused)?))
}

/// Adds the tags of one sentence to `read`; `name` is what the caller knows the tag at an index by.
fn read_tags<'py>(
    tags: &List<'py>,
    known: &mut Known<'py, core::Tag>,
    vocabulary: &mut core::Vocabulary,
    read: &mut Vec<core::Tag>,
    name: impl Fn(usize) -> String,
) -> PyResult<()> {
    for (index, tag) in tags.items().enumerate() {
        read.push(known.value(tag?, |text| vocabulary.tag(text), || name(index))?);
    }
    Ok(())
}

/// Python strings by number, each made once.
#[derive(Default)]
struct Objects<'py>(Vec<Option<Bound<'py, PyString>>>);

impl<'py> Objects<'py> {
    fn get(
        &mut self,
        number: usize,
        make: impl FnOnce() -> Bound<'py, PyString>,
    ) -> Bound<'py, PyString> {
        if number >= self.0.len() {
            self.0.resize(number + 1, None);
        }
        self.0[number].get_or_insert_with(make).clone()
    }
}
