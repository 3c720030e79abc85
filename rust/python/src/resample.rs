//! Sums of drawn rows, and pairings.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::input::refused;

#[pyfunction]
#[pyo3(signature = (values, columns, draws, seed, threads=1))]
pub(crate) fn bootstrap<'py>(
    py: Python<'py>,
    values: &[u8],
    columns: usize,
    draws: usize,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let values = numbers(values)?;
    let table = core::Table::new(&values, columns).map_err(refused)?;
    Ok(bytes(
        py,
        &py.detach(|| table.bootstrap(draws, seed, threads)),
    ))
}

#[pyfunction]
#[pyo3(signature = (values, columns, draws, seed, threads=1))]
pub(crate) fn coins<'py>(
    py: Python<'py>,
    values: &[u8],
    columns: usize,
    draws: usize,
    seed: u64,
    threads: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let values = numbers(values)?;
    let table = core::Table::new(&values, columns).map_err(refused)?;
    Ok(bytes(py, &py.detach(|| table.coins(draws, seed, threads))))
}

#[pyfunction]
pub(crate) fn assign(py: Python<'_>, weights: Vec<Vec<i64>>) -> PyResult<Vec<Option<usize>>> {
    let columns = weights.first().map_or(0, Vec::len);
    if weights.iter().any(|row| row.len() != columns) {
        return Err(PyValueError::new_err(
            "the rows of weights differ in length",
        ));
    }
    Ok(py.detach(|| core::assign(&weights)))
}

/// The numbers of a float64 array's bytes.
fn numbers(bytes: &[u8]) -> PyResult<Vec<f64>> {
    let (whole, rest) = bytes.as_chunks();
    if rest.is_empty() {
        return Ok(whole.iter().map(|one| f64::from_ne_bytes(*one)).collect());
    }
    Err(PyValueError::new_err("the bytes are no float64 numbers"))
}

fn bytes<'py>(py: Python<'py>, numbers: &[f64]) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|one| one.to_ne_bytes()).collect();
    PyBytes::new(py, &bytes)
}
