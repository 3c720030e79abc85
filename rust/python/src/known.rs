//! Python objects that come again and again.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::input::text;
use crate::list::List;

/// What strings stand for, found by identity first.
///
/// A string is held as long as it is known, so that no other one can take its address. It becomes
/// known when it comes twice without another one in its slot between, so that strings that come
/// only once cost little and drive out no other.
pub(crate) struct Known<'py, V> {
    slots: Vec<Slot<'py, V>>,
    /// Whether most of the strings of the last part of a list were not known.
    strange: bool,
}

struct Slot<'py, V> {
    /// Where the string is that is known, or [`NOWHERE`].
    address: usize,
    value: V,
    /// The address of the last string that was not known.
    last: usize,
    held: Option<Bound<'py, PyString>>,
}

/// Where no object is.
const NOWHERE: usize = usize::MAX;

/// How many strings of a list are looked up before those that are not known are read.
const PART: usize = 64;

impl<'py, V: Copy + Default> Known<'py, V> {
    /// Room for the strings of a list of `length` items.
    pub(crate) fn with_room(length: usize) -> Self {
        let size = length.clamp(1 << 4, 1 << 9).next_power_of_two();
        let empty = || Slot {
            address: NOWHERE,
            value: V::default(),
            last: NOWHERE,
            held: None,
        };
        Self {
            slots: std::iter::repeat_with(empty).take(size).collect(),
            strange: false,
        }
    }

    /// The value of `object`, which must be a string; `read` says that of one that is not known, and
    /// `name` is what the caller knows it by.
    pub(crate) fn value(
        &mut self,
        object: Bound<'py, PyAny>,
        read: impl FnOnce(&str) -> V,
        name: impl Fn() -> String,
    ) -> PyResult<V> {
        let address = object.as_ptr().addr();
        let slot = self.slot(address);
        if slot.address == address {
            return Ok(slot.value);
        }
        slot.learn(object, read, name)
    }

    /// Writes the values of the strings of `list` to `values`, which are as many; `read` says that of
    /// one that is not known, and `name` is what the caller knows the one at an index by.
    pub(crate) fn values(
        &mut self,
        list: &List<'py>,
        values: &mut [V],
        mut read: impl FnMut(&str) -> V,
        name: impl Fn(usize) -> String,
    ) -> PyResult<()> {
        let mut first = 0;
        for part in values.chunks_mut(PART) {
            let unknown = if self.strange {
                self.read_each(list, first, part, &mut read, &name)?
            } else {
                self.look_up(list, first, part, &mut read, &name)?
            };
            self.strange = 2 * unknown > part.len();
            first += part.len();
        }
        Ok(())
    }

    /// Writes the values of the strings from `first` on to `part`, one by one, and returns how many were
    /// not known.
    fn read_each(
        &mut self,
        list: &List<'py>,
        first: usize,
        part: &mut [V],
        read: &mut impl FnMut(&str) -> V,
        name: &impl Fn(usize) -> String,
    ) -> PyResult<usize> {
        let mut count = 0;
        for (index, value) in (first..).zip(part) {
            let object = list.item(index)?;
            let address = object.as_ptr().addr();
            let slot = self.slot(address);
            if slot.address == address {
                *value = slot.value;
            } else {
                *value = slot.learn(object, &mut *read, || name(index))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// As [`Self::read_each`], where most are known.
    fn look_up(
        &mut self,
        list: &List<'py>,
        first: usize,
        part: &mut [V],
        read: &mut impl FnMut(&str) -> V,
        name: &impl Fn(usize) -> String,
    ) -> PyResult<usize> {
        // Which are known cannot be foreseen: nothing depends on it before all were looked up.
        let (mut unknown, mut count) = ([0_u8; PART], 0);
        for (place, value) in (0..).zip(&mut *part) {
            let address = list.address(first + usize::from(place));
            let slot = self.slot(address);
            *value = slot.value;
            unknown[count % PART] = place;
            count += usize::from(slot.address != address);
        }
        for place in &unknown[..count] {
            let place = usize::from(*place);
            let index = first + place;
            part[place] = self.value(list.item(index)?, &mut *read, || name(index))?;
        }
        Ok(count)
    }

    fn slot(&mut self, address: usize) -> &mut Slot<'py, V> {
        // Strings are at multiples of 16.
        let place = (address >> 4 ^ address >> 12) & (self.slots.len() - 1);
        &mut self.slots[place]
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
            (self.address, self.value, self.held) = (address, value, Some(string));
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
