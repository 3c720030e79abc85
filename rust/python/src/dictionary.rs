//! Names in texts.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::input::{refused, strings, text};
use crate::list::List;

/// Start, end and entry of a name that was found.
type Found = Vec<(usize, usize, usize)>;

#[pyclass(frozen, module = "nerharness._core")]
pub(crate) struct Dictionary(core::Dictionary);

#[pymethods]
impl Dictionary {
    #[new]
    fn new(py: Python<'_>, names: List<'_>) -> PyResult<Self> {
        let names = strings(&names, |index| format!("name {index}"))?;
        let made = py.detach(|| core::Dictionary::new(&names));
        made.map(Self).map_err(refused)
    }

    fn entries(&self) -> Vec<Option<usize>> {
        self.0.entries().to_vec()
    }

    fn find(&self, py: Python<'_>, source: Bound<'_, PyString>, all: bool) -> PyResult<Found> {
        let source = text(source, || "text".to_owned())?;
        let found = py.detach(|| {
            if all {
                self.0.find_all(&source)
            } else {
                self.0.find(&source)
            }
        });
        let points = core::CodePoints::new(&source);
        let triple = |(span, entry)| {
            let span = points.span(span);
            (span.start, span.end, entry)
        };
        Ok(found.map_err(refused)?.into_iter().map(triple).collect())
    }
}
