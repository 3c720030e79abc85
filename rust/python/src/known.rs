//! Python objects that come again and again.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::input::text;

/// What strings stand for, found by identity first.
///
/// A string is held as long as it is known, so that no other one can take its address. It becomes
/// known when it comes twice without another one in its slot between, so that strings that come
/// only once cost little and drive out no other.
pub(crate) struct Known<'py, V>(Vec<Slot<'py, V>>);

struct Slot<'py, V> {
    known: Option<(Bound<'py, PyString>, V)>,
    /// The address of the last string that was not known.
    last: usize,
}

impl<'py, V: Copy> Known<'py, V> {
    /// Room for the strings of a list of `length` items.
    pub(crate) fn with_room(length: usize) -> Self {
        let size = length.clamp(1 << 4, 1 << 9).next_power_of_two();
        let empty = || Slot {
            known: None,
            last: 0,
        };
        Self(std::iter::repeat_with(empty).take(size).collect())
    }

    /// The value of the object at `address`, which must be a string; `object` gets one that is not
    /// known, `read` says its value, and `name` is what the caller knows it by.
    pub(crate) fn value(
        &mut self,
        address: usize,
        object: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
        read: impl FnOnce(&str) -> V,
        name: impl Fn() -> String,
    ) -> PyResult<V> {
        // Strings are at multiples of 16.
        let place = (address >> 4 ^ address >> 12) & (self.0.len() - 1);
        let slot = &mut self.0[place];
        match &slot.known {
            Some((string, value)) if string.as_ptr().addr() == address => Ok(*value),
            _ => slot.learn(object()?, read, name),
        }
    }
}

impl<'py, V: Copy> Slot<'py, V> {
    fn learn(
        &mut self,
        object: Bound<'py, PyAny>,
        read: impl FnOnce(&str) -> V,
        name: impl Fn() -> String,
    ) -> PyResult<V> {
        let string = string(object, &name)?;
        let value = match string.to_str() {
            Ok(text) => read(text),
            Err(_) => return text(string, name).map(|text| read(&text)),
        };
        let address = string.as_ptr().addr();
        if self.last == address {
            self.known = Some((string, value));
        }
        self.last = address;
        Ok(value)
    }
}

fn string(object: Bound<'_, PyAny>, name: impl Fn() -> String) -> PyResult<Bound<'_, PyString>> {
    object.cast_into().map_err(|error| {
        let kind = error.into_inner().get_type();
        PyTypeError::new_err(format!("{} must be a string, got {kind}", name()))
    })
}

/// Python objects by number, each made once.
pub(crate) struct Made<'py, T>(Vec<Option<Bound<'py, T>>>);

impl<'py, T> Made<'py, T> {
    /// Room for objects with numbers below `room`; there may be others.
    pub(crate) fn with_room(room: usize) -> Self {
        Self(Vec::with_capacity(room))
    }

    /// The object with a number; `make` makes it if it is new.
    pub(crate) fn get(
        &mut self,
        number: usize,
        make: impl FnOnce() -> Bound<'py, T>,
    ) -> Bound<'py, T> {
        if number >= self.0.len() {
            self.0.resize(number + 1, None);
        }
        self.0[number].get_or_insert_with(make).clone()
    }
}
