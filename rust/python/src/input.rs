//! Python values as what the core takes, and its errors as `ValueError`.

use nerharness_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyString, PyTuple};

use crate::list::List;

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
    PyBackedStr::try_from(string).map_err(|error| unreadable(py, error, name))
}

/// The texts of strings; `name` gives what the caller knows each one by.
pub(crate) fn texts<'a>(
    strings: &'a Bound<'_, PyTuple>,
    name: impl Fn(usize) -> String,
) -> PyResult<Vec<&'a str>> {
    let mut all = Vec::with_capacity(strings.len());
    add_texts(strings, name, &mut all)?;
    Ok(all)
}

/// Adds the texts of strings to `all`; `name` gives what the caller knows each one by.
pub(crate) fn add_texts<'a, 'py>(
    strings: &'a Bound<'py, PyTuple>,
    name: impl Fn(usize) -> String,
    all: &mut Vec<&'a str>,
) -> PyResult<()> {
    let py = strings.py();
    for (index, string) in strings.iter_borrowed().enumerate() {
        let text = <&'a str>::extract(string);
        all.push(text.map_err(|error| unreadable(py, error, || name(index)))?);
    }
    Ok(())
}

/// The error of a string that cannot be read as UTF-8.
fn unreadable(py: Python<'_>, error: PyErr, name: impl Fn() -> String) -> PyErr {
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
}

/// The texts of a list of strings; `name` gives what the caller knows each one by.
pub(crate) fn strings(
    list: &List<'_>,
    name: impl Fn(usize) -> String,
) -> PyResult<Vec<PyBackedStr>> {
    let one = |(index, value): (usize, PyResult<Bound<'_, PyAny>>)| {
        text(value?.cast_into::<PyString>()?, || name(index))
    };
    list.items().enumerate().map(one).collect()
}

pub(crate) fn natural(value: i64, name: &str) -> PyResult<usize> {
    let refused = |_| PyValueError::new_err(format!("{name} must not be negative, got {value}"));
    usize::try_from(value).map_err(refused)
}
