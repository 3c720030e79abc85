//! The best tags that a scheme allows.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice, PyTuple};

use crate::input::{refused, strings};
use crate::list::List;

/// How many scores are copied at a time.
const BLOCK: usize = 1 << 14;

#[pyfunction]
pub(crate) fn best_tags<'py>(
    py: Python<'py>,
    scores: &Bound<'py, PyAny>,
    labels: List<'py>,
    scheme: &str,
) -> PyResult<Bound<'py, PyList>> {
    let mut viterbi = viterbi(&labels, scheme)?;
    best(py, &mut viterbi, scores, &labels.fixed(), "scores")
}

#[pyfunction]
pub(crate) fn best_tags_batch<'py>(
    py: Python<'py>,
    scores: List<'py>,
    labels: List<'py>,
    scheme: &str,
) -> PyResult<Vec<Bound<'py, PyList>>> {
    let mut viterbi = viterbi(&labels, scheme)?;
    let labels = labels.fixed();
    let sentence = |(index, scores): (usize, PyResult<Bound<'py, PyAny>>)| {
        let name = format!("sentence {index}");
        best(py, &mut viterbi, &scores?, &labels, &name)
    };
    scores.items().enumerate().map(sentence).collect()
}

fn viterbi(labels: &List<'_>, scheme: &str) -> PyResult<core::Viterbi> {
    let tags = strings(labels, |index| format!("label {index}"))?;
    core::Viterbi::new(&tags, scheme.parse().map_err(refused)?).map_err(refused)
}

/// The best of `labels` for each row of `scores`; `name` is what the caller knows them by.
fn best<'py>(
    py: Python<'py>,
    viterbi: &mut core::Viterbi,
    scores: &Bound<'py, PyAny>,
    labels: &Bound<'py, PyTuple>,
    name: &str,
) -> PyResult<Bound<'py, PyList>> {
    let named = |error: String| PyValueError::new_err(format!("{name}: {error}"));
    let shape = PyBuffer::<f32>::get(scores)?.shape().to_vec();
    let (tokens, columns) = match shape[..] {
        [tokens, columns] if columns == labels.len() => (tokens, columns),
        [_, columns] => {
            return Err(named(format!(
                "{columns} columns, but {} labels",
                labels.len()
            )));
        }
        _ => {
            return Err(named(format!(
                "2 dimensions are wanted, got {}",
                shape.len()
            )));
        }
    };
    let rows = BLOCK / columns.max(1) + 1;
    let mut block = vec![0.0; rows.min(tokens) * columns];
    for first in (0..tokens).step_by(rows) {
        let last = tokens.min(first + rows);
        let part = if rows < tokens {
            let (start, stop) = (isize::try_from(first)?, isize::try_from(last)?);
            &scores.get_item(PySlice::new(py, start, stop, 1))?
        } else {
            scores
        };
        let block = &mut block[..(last - first) * columns];
        PyBuffer::get(part)?.copy_to_slice(py, block)?;
        let mut rows = (0..last - first).map(|row| &block[row * columns..][..columns]);
        py.detach(|| rows.try_for_each(|row| viterbi.push(row)))
            .map_err(|error| named(error.to_string()))?;
    }
    let path = py.detach(|| viterbi.finish());
    let path = path.map_err(|error| named(error.to_string()))?;
    let labels: Vec<_> = labels.iter().collect();
    PyList::new(py, path.into_iter().map(|tag| &labels[tag]))
}
