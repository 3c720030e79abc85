//! Python sequences, read in place.

use nerharness_core::Span;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple, PyTupleMethods};

/// A Python list, or a copy of another sequence as one.
pub(crate) struct List<'py>(Bound<'py, PyList>);

impl<'py> FromPyObject<'_, 'py> for List<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(list) = object.cast::<PyList>() {
            return Ok(Self(list.to_owned()));
        }
        if let Ok(tuple) = object.cast::<PyTuple>() {
            return Ok(Self(tuple.to_list()));
        }
        let items: Vec<Bound<'py, PyAny>> = object.extract()?;
        PyList::new(object.py(), items).map(Self)
    }
}

impl<'py> List<'py> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The items, which stay what they are.
    pub(crate) fn fixed(&self) -> Bound<'py, PyTuple> {
        self.0.to_tuple()
    }

    /// The item at `index`.
    pub(crate) fn item(&self, index: usize) -> PyResult<Bound<'py, PyAny>> {
        self.0.get_item(index)
    }

    /// Where the item at `index` is in memory.
    #[expect(
        unsafe_code,
        reason = "counting a reference to each tag would take as long as all else"
    )]
    pub(crate) fn address(&self, index: usize) -> usize {
        let index = ffi::Py_ssize_t::try_from(index).unwrap_or(-1);
        // SAFETY: `self` holds a list, and `'py` means that this thread may use it. The pointer
        // may dangle as soon as other code runs, but it is only ever compared, never followed.
        unsafe { ffi::PyList_GetItem(self.0.as_ptr(), index) }.addr()
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = PyResult<Bound<'py, PyAny>>> {
        (0..self.len()).map(|index| self.item(index))
    }
}

/// What `object` holds; `name` is what the caller knows it by.
pub(crate) fn item<'a, 'py, T: FromPyObject<'a, 'py, Error = PyErr>>(
    object: &'a Bound<'py, PyAny>,
    name: impl FnOnce() -> String,
) -> PyResult<T> {
    object.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyTypeError>(object.py()) {
            PyTypeError::new_err(format!("{}: {}", name(), error.value(object.py())))
        } else {
            error
        }
    })
}

/// The span from `start` to `end`; `name` is what the caller knows it by.
pub(crate) fn span(start: i64, end: i64, name: impl Fn() -> String) -> PyResult<Span> {
    let position = |value: i64| {
        usize::try_from(value).map_err(|_| {
            let message = format!("{} [{start}, {end}) must not be negative", name());
            PyValueError::new_err(message)
        })
    };
    Ok(Span::new(position(start)?, position(end)?))
}
