//! Mentions to spans.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use nerharness_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyString, PyType};

use crate::input::{natural, refused, strings, text};
use crate::list::List;

/// Texts of more bytes are aligned without the interpreter's lock.
const BRIEF: usize = 1 << 12;

/// Where a mention stands: the half-open span ``[start, end)`` of the text, in code points.
///
/// ``score`` is the similarity of the skeletons, in (0, 1]; 1.0 unless the tier is fuzzy.
#[pyclass(frozen, eq, hash, module = "nerharness.align")]
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Match {
    /// First code point inside.
    #[pyo3(get)]
    start: usize,
    /// First code point after.
    #[pyo3(get)]
    end: usize,
    tier: core::Tier,
    /// The similarity.
    #[pyo3(get)]
    score: f64,
}

impl std::hash::Hash for Match {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.start, self.end, self.tier, self.score.to_bits()).hash(state);
    }
}

impl Match {
    fn new(points: &core::CodePoints<'_>, found: &core::Match) -> Self {
        let span = points.span(found.span);
        Self {
            start: span.start,
            end: span.end,
            tier: found.tier,
            score: found.score,
        }
    }

    pub(crate) fn each(text: &str, found: &[Option<core::Match>]) -> Vec<Option<Self>> {
        let points = core::CodePoints::new(text);
        let one = |found: &Option<core::Match>| Some(Self::new(&points, found.as_ref()?));
        found.iter().map(one).collect()
    }
}

#[pymethods]
impl Match {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("start", "end", "tier", "score")
    }

    #[new]
    fn make(start: usize, end: usize, tier: &str, score: f64) -> PyResult<Self> {
        let tiers = [core::Tier::Exact, core::Tier::Folded, core::Tier::Fuzzy];
        let Some(tier) = tiers.into_iter().find(|one| one.name() == tier) else {
            let message = format!("unknown tier {tier:?}; choose from exact, folded, fuzzy");
            return Err(PyValueError::new_err(message));
        };
        Ok(Self {
            start,
            end,
            tier,
            score,
        })
    }

    /// How it was found: ``exact``, ``folded`` or ``fuzzy``.
    #[getter]
    fn tier<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        match self.tier {
            core::Tier::Exact => pyo3::intern!(py, "exact"),
            core::Tier::Folded => pyo3::intern!(py, "folded"),
            core::Tier::Fuzzy => pyo3::intern!(py, "fuzzy"),
        }
    }

    fn __repr__(&self) -> String {
        let Self {
            start,
            end,
            tier,
            score,
        } = self;
        format!(
            "Match(start={start}, end={end}, tier='{}', score={score:?})",
            tier.name()
        )
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> (Bound<'py, PyType>, (usize, usize, &'static str, f64)) {
        let parts = (self.start, self.end, self.tier.name(), self.score);
        (py.get_type::<Self>(), parts)
    }
}

/// The columns of a batch: starts, ends (both -1 for no match), tiers (0, 1, 2 for exact, folded and
/// fuzzy, -1) and scores, as native numbers of 8, 8, 1 and 8 bytes.
type Columns<'py> = (
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
);

/// Finds mentions in texts; a similarity of `threshold` is enough for a fuzzy match.
#[pyclass(frozen, module = "nerharness._core")]
pub(crate) struct Aligner {
    threshold: f64,
    core: core::Aligner,
}

impl Aligner {
    fn batch(
        &self,
        py: Python<'_>,
        sources: &List<'_>,
        mentions: &List<'_>,
        threads: i64,
    ) -> PyResult<Vec<Vec<Option<Match>>>> {
        let sources = strings(sources, |index| format!("text {index}"))?;
        let list = |(index, list): (usize, PyResult<Bound<'_, PyAny>>)| {
            let name = |item| format!("mentions of text {index}, item {item}");
            strings(&list?.extract()?, name)
        };
        let mentions = mentions.items().enumerate().map(list);
        let mentions = mentions.collect::<PyResult<Vec<Vec<PyBackedStr>>>>()?;
        let threads = natural(threads, "threads")?;
        py.detach(|| {
            let found = self.core.align_batch(&sources, &mentions, threads);
            let pairs = sources.iter().zip(found.map_err(refused)?);
            Ok(pairs
                .map(|(source, found)| Match::each(source, &found))
                .collect())
        })
    }
}

#[pymethods]
impl Aligner {
    #[new]
    fn new(threshold: f64) -> PyResult<Self> {
        let core = core::Aligner::new(threshold).map_err(refused)?;
        Ok(Self { threshold, core })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (f64,)) {
        (py.get_type::<Self>(), (self.threshold,))
    }

    fn align(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyString>,
        mentions: List<'_>,
    ) -> PyResult<Vec<Option<Match>>> {
        let source = text(source.clone(), || "text".to_owned())?;
        let mentions = strings(&mentions, |index| format!("mention {index}"))?;
        let align = || {
            let found = self.core.align(&source, &mentions).map_err(refused)?;
            Ok(Match::each(&source, &found))
        };
        if source.len() > BRIEF {
            py.detach(align)
        } else {
            align()
        }
    }

    fn align_batch(
        &self,
        py: Python<'_>,
        sources: List<'_>,
        mentions: List<'_>,
        threads: i64,
    ) -> PyResult<Vec<Vec<Option<Match>>>> {
        self.batch(py, &sources, &mentions, threads)
    }

    fn align_columns<'py>(
        &self,
        py: Python<'py>,
        sources: List<'_>,
        mentions: List<'_>,
        threads: i64,
    ) -> PyResult<Columns<'py>> {
        let found = self.batch(py, &sources, &mentions, threads)?.concat();
        let position = |value: Option<usize>| {
            value.map_or(-1, |value| i64::try_from(value).unwrap_or(i64::MAX))
        };
        let each = |one: fn(&Match) -> usize| {
            let values = found.iter().map(|found| position(found.as_ref().map(one)));
            values.flat_map(i64::to_ne_bytes).collect::<Vec<u8>>()
        };
        let tier = |found: &Option<Match>| found.map_or(u8::MAX, |found| found.tier as u8);
        let score = |found: &Option<Match>| found.map_or(0.0, |found| found.score);
        let tiers: Vec<u8> = found.iter().map(tier).collect();
        let scores: Vec<u8> = found.iter().map(score).flat_map(f64::to_ne_bytes).collect();
        Ok((
            PyBytes::new(py, &each(|one| one.start)),
            PyBytes::new(py, &each(|one| one.end)),
            PyBytes::new(py, &tiers),
            PyBytes::new(py, &scores),
        ))
    }

    fn candidates(
        &self,
        py: Python<'_>,
        source: &Bound<'_, PyString>,
        mention: &Bound<'_, PyString>,
    ) -> PyResult<Vec<Match>> {
        let source = text(source.clone(), || "text".to_owned())?;
        let mention = text(mention.clone(), || "mention".to_owned())?;
        py.detach(|| {
            let points = core::CodePoints::new(&source);
            let found = self.core.candidates(&source, &mention).map_err(refused)?;
            Ok(found.iter().map(|one| Match::new(&points, one)).collect())
        })
    }
}

#[pyfunction]
pub(crate) fn similarity(
    a: &Bound<'_, PyString>,
    b: &Bound<'_, PyString>,
) -> PyResult<(Option<&'static str>, f64)> {
    let (a, b) = (
        text(a.clone(), || "a".to_owned())?,
        text(b.clone(), || "b".to_owned())?,
    );
    let (tier, score) = core::similarity(&a, &b);
    Ok((tier.map(core::Tier::name), score))
}
