//! Python values as what the core takes, and its errors as `ValueError`.

use nerharness_core as core;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyList, PyString};

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that map_err wants"
)]
pub(crate) fn refused(error: core::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The UTF-8 text of a Python string; `name` is what the caller knows it by.
pub(crate) fn text(
    string: Bound<'_, PyString>,
    name: impl Fn() -> String,
) -> PyResult<PyBackedStr> {
    let py = string.py();
    PyBackedStr::try_from(string).map_err(|error| {
        let position = error
            .value(py)
            .getattr("start")
            .and_then(|start| start.extract());
        match position {
            Ok::<usize, _>(position) => PyValueError::new_err(format!(
                "{} has a lone surrogate at character {position}, which is not Unicode text",
                name()
            )),
            Err(_) => error,
        }
    })
}

/// The texts of a sequence of strings; `name` gives what the caller knows each one by.
pub(crate) fn strings(
    values: &Bound<'_, PyAny>,
    name: impl Fn(usize) -> String,
) -> PyResult<Vec<PyBackedStr>> {
    let one = |(index, value): (usize, Bound<'_, PyAny>)| {
        text(value.cast_into::<PyString>()?, || name(index))
    };
    if let Ok(list) = values.cast::<PyList>() {
        return list.iter().enumerate().map(one).collect();
    }
    if values.is_instance_of::<PyString>() {
        let message = "a list of strings is needed, not one string";
        return Err(PyTypeError::new_err(message));
    }
    let values = values.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    values.into_iter().enumerate().map(one).collect()
}

pub(crate) fn texts(strings: Vec<Bound<'_, PyString>>, name: &str) -> PyResult<Vec<PyBackedStr>> {
    let one = |(index, string)| text(string, || format!("{name} {index}"));
    strings.into_iter().enumerate().map(one).collect()
}

pub(crate) fn nested(
    lists: Vec<Vec<Bound<'_, PyString>>>,
    name: &str,
) -> PyResult<Vec<Vec<PyBackedStr>>> {
    let one = |(index, list): (usize, Vec<_>)| texts(list, &format!("{name} {index}, item"));
    lists.into_iter().enumerate().map(one).collect()
}

pub(crate) fn spans(pairs: Vec<(i64, i64)>, name: &str) -> PyResult<Vec<core::Span>> {
    let one = |(index, (start, end)): (usize, (i64, i64))| {
        let refused = |_| {
            let message = format!("{name} {index} [{start}, {end}) must not be negative");
            PyValueError::new_err(message)
        };
        let position = |value: i64| usize::try_from(value).map_err(refused);
        Ok(core::Span::new(position(start)?, position(end)?))
    };
    pairs.into_iter().enumerate().map(one).collect()
}

pub(crate) fn natural(value: i64, name: &str) -> PyResult<usize> {
    let refused = |_| PyValueError::new_err(format!("{name} must not be negative, got {value}"));
    usize::try_from(value).map_err(refused)
}
