//! Python sequences, read in place.

use nerharness_core::Span;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple, PyTupleMethods};

use crate::input::text;

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

    pub(crate) fn items(&self) -> impl Iterator<Item = PyResult<Bound<'py, PyAny>>> {
        (0..self.len()).map(|index| self.0.get_item(index))
    }
}

/// What strings stand for, found by identity first.
///
/// A string is held as long as it is known, so that no other one can take its address.
pub(crate) struct Known<'py, V> {
    slots: Vec<Option<(Bound<'py, PyString>, V)>>,
}

impl<'py, V: Copy> Known<'py, V> {
    /// Room for the strings of a list of `length` items.
    pub(crate) fn with_room(length: usize) -> Self {
        let size = length.next_power_of_two().clamp(1 << 4, 1 << 9);
        let slots = std::iter::repeat_with(|| None).take(size).collect();
        Self { slots }
    }

    /// The value of `object`, which must be a string; `read` says that of one that is not known,
    /// `name` what the caller knows it by.
    pub(crate) fn value(
        &mut self,
        object: Bound<'py, PyAny>,
        read: impl FnOnce(&str) -> V,
        name: impl Fn() -> String,
    ) -> PyResult<V> {
        let index = self.index(&object);
        let slot = &mut self.slots[index];
        match slot {
            Some((string, value)) if string.is(&object) => Ok(*value),
            _ => {
                let string = string(object, &name)?;
                let value = match string.to_str() {
                    Ok(text) => read(text),
                    Err(_) => return text(string, name).map(|text| read(&text)),
                };
                *slot = Some((string, value));
                Ok(value)
            }
        }
    }

    /// The one slot in which `object` can be.
    fn index(&self, object: &Bound<'py, PyAny>) -> usize {
        let address = object.as_ptr().addr();
        (address >> 4 ^ address >> 12) & (self.slots.len() - 1)
    }
}

fn string<'py>(
    object: Bound<'py, PyAny>,
    name: impl Fn() -> String,
) -> PyResult<Bound<'py, PyString>> {
    object.cast_into().map_err(|error| {
        let kind = error.into_inner().get_type();
        PyTypeError::new_err(format!("{} must be a string, got {kind}", name()))
    })
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
pub(crate) fn span(start: i64, end: i64, name: impl FnOnce() -> String) -> PyResult<Span> {
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) => Ok(Span::new(start, end)),
        _ => {
            let message = format!("{} [{start}, {end}) must not be negative", name());
            Err(PyValueError::new_err(message))
        }
    }
}
