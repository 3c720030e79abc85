//! The Python module `nerharness._core`: conversions around `nerharness-core`, and nothing else.

use nerharness_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyString;

/// `(start, end, tier, score)`, in code points.
type Match = (usize, usize, &'static str, f64);
/// `(label, start, end)`, in tokens.
type Entity = (String, usize, usize);

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that map_err wants"
)]
fn refused(error: core::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The UTF-8 text of a Python string; `name` is what the caller knows it by.
fn text(string: Bound<'_, PyString>, name: impl Fn() -> String) -> PyResult<PyBackedStr> {
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

fn texts(strings: Vec<Bound<'_, PyString>>, name: &str) -> PyResult<Vec<PyBackedStr>> {
    let one = |(index, string)| text(string, || format!("{name} {index}"));
    strings.into_iter().enumerate().map(one).collect()
}

fn nested(lists: Vec<Vec<Bound<'_, PyString>>>, name: &str) -> PyResult<Vec<Vec<PyBackedStr>>> {
    let one = |(index, list): (usize, Vec<_>)| texts(list, &format!("{name} {index}, item"));
    lists.into_iter().enumerate().map(one).collect()
}

fn spans(pairs: Vec<(i64, i64)>, name: &str) -> PyResult<Vec<core::Span>> {
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

fn natural(value: i64, name: &str) -> PyResult<usize> {
    let refused = |_| PyValueError::new_err(format!("{name} must not be negative, got {value}"));
    usize::try_from(value).map_err(refused)
}

fn converted(points: &core::CodePoints<'_>, found: &core::Match) -> Match {
    let span = points.span(found.span);
    (span.start, span.end, found.tier.name(), found.score)
}

fn all_converted(text: &str, found: &[Option<core::Match>]) -> Vec<Option<Match>> {
    let points = core::CodePoints::new(text);
    found
        .iter()
        .map(|one| one.as_ref().map(|one| converted(&points, one)))
        .collect()
}

#[pymodule]
mod _core {
    use super::{
        Bound, Entity, Match, PyBackedStr, PyResult, PyString, Python, all_converted, converted,
        core, natural, nested, pyclass, pyfunction, pymethods, refused, spans, text, texts,
    };

    /// Finds mentions in texts; a similarity of `threshold` is enough for a fuzzy match.
    #[pyclass(frozen, module = "nerharness._core")]
    struct Aligner(core::Aligner);

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
    fn similarity(
        a: Bound<'_, PyString>,
        b: Bound<'_, PyString>,
    ) -> PyResult<(Option<&'static str>, f64)> {
        let (a, b) = (text(a, || "a".to_owned())?, text(b, || "b".to_owned())?);
        let (tier, score) = core::similarity(&a, &b);
        Ok((tier.map(core::Tier::name), score))
    }

    #[pyfunction]
    fn align_tokens(
        py: Python<'_>,
        source: Vec<Bound<'_, PyString>>,
        output: Vec<Bound<'_, PyString>>,
    ) -> PyResult<Vec<Option<usize>>> {
        let (source, output) = (
            texts(source, "source token")?,
            texts(output, "output token")?,
        );
        py.detach(|| core::align_tokens(&source, &output))
            .map_err(refused)
    }

    #[pyfunction]
    fn to_tokens(
        tokens: Vec<(i64, i64)>,
        ranges: Vec<(i64, i64)>,
    ) -> PyResult<Vec<Option<(usize, usize)>>> {
        let found = core::to_tokens(&spans(tokens, "token")?, &spans(ranges, "span")?);
        let found = found.map_err(refused)?.into_iter();
        Ok(found
            .map(|one| one.map(|one| (one.start, one.end)))
            .collect())
    }

    #[pyfunction]
    fn to_spans(tokens: Vec<(i64, i64)>, ranges: Vec<(i64, i64)>) -> PyResult<Vec<(usize, usize)>> {
        let found = core::to_spans(&spans(tokens, "token")?, &spans(ranges, "range")?);
        Ok(found
            .map_err(refused)?
            .into_iter()
            .map(|one| (one.start, one.end))
            .collect())
    }

    #[pyfunction]
    fn decode(tags: Vec<Bound<'_, PyString>>, scheme: &str, mode: &str) -> PyResult<Vec<Entity>> {
        let (scheme, mode) = (
            scheme.parse().map_err(refused)?,
            mode.parse().map_err(refused)?,
        );
        let found = core::decode(&texts(tags, "tag")?, scheme, mode)
            .map_err(refused)?
            .into_iter();
        Ok(found
            .map(|one| (one.label, one.span.start, one.span.end))
            .collect())
    }

    #[pyfunction]
    fn encode(
        entities: Vec<(Bound<'_, PyString>, i64, i64)>,
        length: i64,
        scheme: &str,
    ) -> PyResult<Vec<String>> {
        let ranges: Vec<_> = entities
            .iter()
            .map(|(_, start, end)| (*start, *end))
            .collect();
        let labels: Vec<_> = entities.into_iter().map(|(label, _, _)| label).collect();
        let pairs = texts(labels, "label")?
            .into_iter()
            .zip(spans(ranges, "entity")?);
        let entity = |(label, span): (PyBackedStr, _)| core::Entity {
            label: String::from(&*label),
            span,
        };
        let entities: Vec<_> = pairs.map(entity).collect();
        let length = natural(length, "length")?;
        core::encode(&entities, length, scheme.parse().map_err(refused)?).map_err(refused)
    }

    #[pyfunction]
    fn score(
        py: Python<'_>,
        gold: Vec<Vec<Bound<'_, PyString>>>,
        predicted: Vec<Vec<Bound<'_, PyString>>>,
        scheme: &str,
        mode: &str,
    ) -> PyResult<Vec<(String, usize, usize, usize)>> {
        let (scheme, mode) = (
            scheme.parse().map_err(refused)?,
            mode.parse().map_err(refused)?,
        );
        let gold = nested(gold, "gold sentence")?;
        let predicted = nested(predicted, "predicted sentence")?;
        let found = py
            .detach(|| core::score(&gold, &predicted, scheme, mode))
            .map_err(refused)?;
        let counts = |one: core::LabelCounts| {
            (
                one.label,
                one.true_positives,
                one.false_positives,
                one.false_negatives,
            )
        };
        Ok(found.into_iter().map(counts).collect())
    }
}
