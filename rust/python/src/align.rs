//! Mentions to spans.

use nerharness_core as core;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::input::{natural, nested, refused, text, texts};

/// `(start, end, tier, score)`, in code points.
pub(crate) type Match = (usize, usize, &'static str, f64);
fn converted(points: &core::CodePoints<'_>, found: &core::Match) -> Match {
    let span = points.span(found.span);
    (span.start, span.end, found.tier.name(), found.score)
}

pub(crate) fn all_converted(text: &str, found: &[Option<core::Match>]) -> Vec<Option<Match>> {
    let points = core::CodePoints::new(text);
    found
        .iter()
        .map(|one| one.as_ref().map(|one| converted(&points, one)))
        .collect()
}

/// Finds mentions in texts; a similarity of `threshold` is enough for a fuzzy match.
#[pyclass(frozen, module = "nerharness._core")]
pub(crate) struct Aligner(core::Aligner);

#[pymethods]
impl Aligner {
    #[new]
    fn new(threshold: f64) -> PyResult<Self> {
        core::Aligner::new(threshold).map(Self).map_err(refused)
    }

    fn align(
        &self,
        py: Python<'_>,
        source: Bound<'_, PyString>,
        mentions: Vec<Bound<'_, PyString>>,
    ) -> PyResult<Vec<Option<Match>>> {
        let source = text(source, || "text".to_owned())?;
        let mentions = texts(mentions, "mention")?;
        Ok(py.detach(|| all_converted(&source, &self.0.align(&source, &mentions))))
    }

    fn align_batch(
        &self,
        py: Python<'_>,
        sources: Vec<Bound<'_, PyString>>,
        mentions: Vec<Vec<Bound<'_, PyString>>>,
        threads: i64,
    ) -> PyResult<Vec<Vec<Option<Match>>>> {
        let sources = texts(sources, "text")?;
        let mentions = nested(mentions, "mentions of text")?;
        let threads = natural(threads, "threads")?;
        py.detach(|| {
            let found = self
                .0
                .align_batch(&sources, &mentions, threads)
                .map_err(refused)?;
            let pairs = sources.iter().zip(found);
            Ok(pairs
                .map(|(source, found)| all_converted(source, &found))
                .collect())
        })
    }

    fn candidates(
        &self,
        py: Python<'_>,
        source: Bound<'_, PyString>,
        mention: Bound<'_, PyString>,
    ) -> PyResult<Vec<Match>> {
        let source = text(source, || "text".to_owned())?;
        let mention = text(mention, || "mention".to_owned())?;
        Ok(py.detach(|| {
            let points = core::CodePoints::new(&source);
            let found = self.0.candidates(&source, &mention);
            found.iter().map(|one| converted(&points, one)).collect()
        }))
    }
}

#[pyfunction]
pub(crate) fn similarity(
    a: Bound<'_, PyString>,
    b: Bound<'_, PyString>,
) -> PyResult<(Option<&'static str>, f64)> {
    let (a, b) = (text(a, || "a".to_owned())?, text(b, || "b".to_owned())?);
    let (tier, score) = core::similarity(&a, &b);
    Ok((tier.map(core::Tier::name), score))
}
