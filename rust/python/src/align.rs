//! Mentions to spans.

#![expect(
    clippy::needless_pass_by_value,
    reason = "PyO3 passes what it made of an argument by value"
)]

use std::sync::Mutex;

use nerharness_core as core;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple, PyType};

use crate::input::{add_texts, natural, refused, text, texts};
use crate::list::List;

/// Texts of more bytes are aligned without the interpreter's lock.
const BRIEF: usize = 1 << 12;

/// Where a mention stands: the half-open span ``[start, end)`` of the text, in code points.
///
/// ``score`` is the similarity of the skeletons, in (0, 1]; 1.0 unless the tier is fuzzy.
/// ``fragments`` are the spans of its parts, in document order; the first begins at ``start``, the
/// last ends at ``end``. More than one there are only in answers of an aligner that was asked for
/// discontinuous mentions.
#[pyclass(frozen, eq, hash, module = "nerharness.align")]
#[derive(Clone, PartialEq, Hash)]
pub(crate) struct Match(Form);

/// A match in one piece takes no more room than without the other form.
#[derive(Clone, PartialEq, Hash)]
enum Form {
    Together(Place),
    Apart(Box<(Place, Vec<core::Span>)>),
}

/// Where a match stands as a whole.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    start: usize,
    end: usize,
    tier: core::Tier,
    score: f64,
}

/// What a match is made of, but for the fragments.
type Arguments = (usize, usize, &'static str, f64);

impl std::hash::Hash for Place {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.start, self.end, self.tier, self.score.to_bits()).hash(state);
    }
}

impl Match {
    fn new(points: &core::CodePoints<'_>, found: &core::Match) -> Self {
        let span = points.span(found.span);
        Self(Form::Together(Place {
            start: span.start,
            end: span.end,
            tier: found.tier,
            score: found.score,
        }))
    }

    fn place(&self) -> &Place {
        match &self.0 {
            Form::Together(place) => place,
            Form::Apart(apart) => &apart.0,
        }
    }

    /// Several fragments, or none.
    fn parts(&self) -> &[core::Span] {
        match &self.0 {
            Form::Together(_) => &[],
            Form::Apart(apart) => &apart.1,
        }
    }

    /// The same, if `parts` are more than one in these.
    fn apart(self, parts: Vec<core::Span>) -> Self {
        if parts.len() < 2 {
            return self;
        }
        Self(Form::Apart(Box::new((*self.place(), parts))))
    }

    pub(crate) fn each(text: &str, found: &[Option<core::Match>]) -> Vec<Option<Self>> {
        let points = core::CodePoints::new(text);
        let one = |found: &Option<core::Match>| Some(Self::new(&points, found.as_ref()?));
        found.iter().map(one).collect()
    }

    /// The match of a mention that may have several fragments.
    fn in_fragments(
        text: &str,
        points: &core::CodePoints<'_>,
        mention: &str,
        found: &core::Match,
    ) -> Self {
        let fragments = core::fragments(text, mention, found);
        let spans = fragments.iter().map(|one| points.span(*one));
        Self::new(points, found).apart(spans.collect())
    }
}

#[pymethods]
impl Match {
    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("start", "end", "tier", "score")
    }

    #[new]
    #[pyo3(signature = (start, end, tier, score, *, fragments = None))]
    fn make(
        start: usize,
        end: usize,
        tier: &str,
        score: f64,
        fragments: Option<Vec<(usize, usize)>>,
    ) -> PyResult<Self> {
        let tiers = [core::Tier::Exact, core::Tier::Folded, core::Tier::Fuzzy];
        let Some(tier) = tiers.into_iter().find(|one| one.name() == tier) else {
            let message = format!("unknown tier {tier:?}; choose from exact, folded, fuzzy");
            return Err(PyValueError::new_err(message));
        };
        let place = Place {
            start,
            end,
            tier,
            score,
        };
        let parts = fragments.map_or(Ok(Vec::new()), |pairs| parts(&place, &pairs))?;
        Ok(Self(Form::Together(place)).apart(parts))
    }

    /// First code point inside.
    #[getter]
    fn start(&self) -> usize {
        self.place().start
    }

    /// First code point after.
    #[getter]
    fn end(&self) -> usize {
        self.place().end
    }

    /// The similarity.
    #[getter]
    fn score(&self) -> f64 {
        self.place().score
    }

    /// Its parts; one, from start to end, unless it is discontinuous.
    #[getter]
    fn fragments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        match self.parts() {
            [] => PyTuple::new(py, [(self.start(), self.end())]),
            parts => PyTuple::new(py, parts.iter().map(|one| (one.start, one.end))),
        }
    }

    /// How it was found: ``exact``, ``folded`` or ``fuzzy``.
    #[getter]
    fn tier<'py>(&self, py: Python<'py>) -> &Bound<'py, PyString> {
        match self.place().tier {
            core::Tier::Exact => pyo3::intern!(py, "exact"),
            core::Tier::Folded => pyo3::intern!(py, "folded"),
            core::Tier::Fuzzy => pyo3::intern!(py, "fuzzy"),
        }
    }

    fn __repr__(&self) -> String {
        let Place {
            start,
            end,
            tier,
            score,
        } = self.place();
        let pair = |one: &core::Span| format!("({}, {})", one.start, one.end);
        let pairs: Vec<String> = self.parts().iter().map(pair).collect();
        let parts = if pairs.is_empty() {
            String::new()
        } else {
            format!(", fragments=({})", pairs.join(", "))
        };
        let tier = tier.name();
        format!("Match(start={start}, end={end}, tier='{tier}', score={score:?}{parts})")
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Arguments)> {
        let place = self.place();
        let parts = (place.start, place.end, place.tier.name(), place.score);
        let class = py.get_type::<Self>().into_any();
        if self.parts().is_empty() {
            return Ok((class, parts));
        }
        let keywords = PyDict::new(py);
        keywords.set_item("fragments", self.fragments(py)?)?;
        let partial = py.import("functools")?.getattr("partial")?;
        Ok((partial.call((class,), Some(&keywords))?, parts))
    }
}

/// The fragments of a match at `place`.
fn parts(place: &Place, pairs: &[(usize, usize)]) -> PyResult<Vec<core::Span>> {
    let Place { start, end, .. } = place;
    let edges = pairs.first().zip(pairs.last());
    let fits = edges.is_some_and(|(first, last)| (first.0, last.1) == (*start, *end));
    let filled = pairs.len() < 2 || pairs.iter().all(|(start, end)| start < end);
    if !fits || !filled || pairs.windows(2).any(|pair| pair[0].1 >= pair[1].0) {
        let message = format!(
            "fragments {pairs:?} must go from {start} to {end}, in order and with gaps between"
        );
        return Err(PyValueError::new_err(message));
    }
    let span = |(start, end): &(usize, usize)| core::Span::new(*start, *end);
    Ok(pairs.iter().map(span).collect())
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
    discontinuous: bool,
    core: core::Aligner,
    /// What the last brief text left to work in.
    bench: Mutex<core::Bench>,
}

impl Aligner {
    /// The matches of the mentions of one text.
    fn found<'b>(
        &self,
        bench: &'b mut core::Bench,
        source: &str,
        mentions: &[&str],
    ) -> PyResult<&'b [Option<core::Match>]> {
        let found = self.core.align_on(bench, source, mentions);
        found.map_err(refused)
    }

    /// Adds the matches of the mentions of one text to `all`.
    fn each<M: AsRef<str>>(
        &self,
        source: &str,
        mentions: &[M],
        found: &[Option<core::Match>],
        all: &mut Vec<Option<Match>>,
    ) {
        let points = core::CodePoints::new(source);
        if !self.discontinuous {
            let one = |found: &Option<core::Match>| Some(Match::new(&points, found.as_ref()?));
            return all.extend(found.iter().map(one));
        }
        let one = |(found, mention): (&Option<core::Match>, &M)| {
            let found = found.as_ref()?;
            Some(Match::in_fragments(
                source,
                &points,
                mention.as_ref(),
                found,
            ))
        };
        all.extend(found.iter().zip(mentions).map(one));
    }

    fn batch(
        &self,
        py: Python<'_>,
        sources: &List<'_>,
        mentions: &List<'_>,
        threads: i64,
    ) -> PyResult<Batch> {
        let sources = sources.fixed();
        let sources = texts(&sources, |index| format!("text {index}"))?;
        let lists = mentions
            .items()
            .map(|list| Ok(List::extract(list?.as_borrowed())?.fixed()));
        let lists = lists.collect::<PyResult<Vec<_>>>()?;
        let lengths: Vec<usize> = lists.iter().map(PyTupleMethods::len).collect();
        let mut said = Vec::with_capacity(lengths.iter().sum());
        for (index, list) in lists.iter().enumerate() {
            let name = |item| format!("mentions of text {index}, item {item}");
            add_texts(list, name, &mut said)?;
        }
        let mut rest = &said[..];
        let own = |length: &usize| rest.split_off(..*length).unwrap_or_default();
        let mentions: Vec<&[&str]> = lengths.iter().map(own).collect();
        let threads = natural(threads, "threads")?;
        let read = |index: usize, found: &[Option<core::Match>], all: &mut Vec<_>| {
            self.each(sources[index], mentions[index], found, all);
        };
        let align = || self.core.align_each(&sources, &mentions, threads, read);
        let parts = py.detach(align).map_err(refused)?;
        Ok(Batch { lengths, parts })
    }
}

/// The matches of a batch.
struct Batch {
    /// How many mentions each text has.
    lengths: Vec<usize>,
    /// Those of some texts each, in order.
    parts: Vec<Vec<Option<Match>>>,
}

impl Batch {
    /// As a list for each text.
    fn lists(self, py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
        let mut parts = self.parts.into_iter();
        let mut part = Vec::new().into_iter();
        let lists = self.lengths.into_iter().map(|length| {
            while part.len() < length {
                // A part ends where a text ends.
                let Some(next) = parts.next() else { break };
                part = next.into_iter();
            }
            PyList::new(py, part.by_ref().take(length))
        });
        PyList::new(py, lists.collect::<PyResult<Vec<_>>>()?)
    }

    /// A column of what `value` says of each match.
    fn column<'py, const SIZE: usize>(
        &self,
        py: Python<'py>,
        value: impl Fn(Option<&Match>) -> [u8; SIZE],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let size = self.lengths.iter().sum::<usize>() * SIZE;
        PyBytes::new_with(py, size, |bytes| {
            let (places, _) = bytes.as_chunks_mut();
            for (place, one) in places.iter_mut().zip(self.parts.iter().flatten()) {
                *place = value(one.as_ref());
            }
            Ok(())
        })
    }
}

#[pymethods]
impl Aligner {
    #[new]
    fn new(threshold: f64, discontinuous: bool) -> PyResult<Self> {
        let core = core::Aligner::new(threshold).map_err(refused)?;
        Ok(Self {
            threshold,
            discontinuous,
            core: core.discontinuous(discontinuous),
            bench: Mutex::default(),
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (f64, bool)) {
        let parts = (self.threshold, self.discontinuous);
        (py.get_type::<Self>(), parts)
    }

    fn align<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, PyString>,
        mentions: List<'py>,
    ) -> PyResult<Bound<'py, PyList>> {
        let source = text(source.clone(), || "text".to_owned())?;
        let mentions = mentions.fixed();
        let mentions = texts(&mentions, |index| format!("mention {index}"))?;
        if source.len() > BRIEF {
            let each = || {
                let mut bench = core::Bench::default();
                let found = self.found(&mut bench, &source, &mentions)?;
                let mut all = Vec::with_capacity(found.len());
                self.each(&source, &mentions, found, &mut all);
                Ok::<_, PyErr>(all)
            };
            return PyList::new(py, py.detach(each)?);
        }
        let listed = |bench: &mut core::Bench| {
            let found = self.found(bench, &source, &mentions)?;
            if self.discontinuous {
                let mut all = Vec::with_capacity(found.len());
                self.each(&source, &mentions, found, &mut all);
                return PyList::new(py, all);
            }
            let points = core::CodePoints::new(&source);
            let one = |found: &Option<core::Match>| Some(Match::new(&points, found.as_ref()?));
            PyList::new(py, found.iter().map(one))
        };
        let said = mentions.iter().map(|mention| mention.len());
        match self.bench.try_lock() {
            Ok(mut bench) if said.sum::<usize>() <= BRIEF => listed(&mut bench),
            _ => listed(&mut core::Bench::default()),
        }
    }

    fn align_batch<'py>(
        &self,
        py: Python<'py>,
        sources: List<'_>,
        mentions: List<'_>,
        threads: i64,
    ) -> PyResult<Bound<'py, PyList>> {
        self.batch(py, &sources, &mentions, threads)?.lists(py)
    }

    fn align_columns<'py>(
        &self,
        py: Python<'py>,
        sources: List<'_>,
        mentions: List<'_>,
        threads: i64,
    ) -> PyResult<Columns<'py>> {
        let found = self.batch(py, &sources, &mentions, threads)?;
        let position = |value: Option<usize>| {
            value.map_or(-1, |value| i64::try_from(value).unwrap_or(i64::MAX))
        };
        let bytes = |value| i64::to_ne_bytes(position(value));
        let tier = |one: Option<&Match>| one.map_or(u8::MAX, |one| one.place().tier as u8);
        let score = |one: Option<&Match>| one.map_or(0.0, Match::score);
        Ok((
            found.column(py, |one| bytes(one.map(Match::start)))?,
            found.column(py, |one| bytes(one.map(Match::end)))?,
            found.column(py, |one| [tier(one)])?,
            found.column(py, |one| score(one).to_ne_bytes())?,
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
            let found = self.core.candidates(&source, &mention).map_err(refused)?;
            let found: Vec<_> = found.into_iter().map(Some).collect();
            let mentions = vec![&mention; found.len()];
            let mut all = Vec::with_capacity(found.len());
            self.each(&source, &mentions, &found, &mut all);
            Ok(all.into_iter().flatten().collect())
        })
    }
}

#[pyfunction]
pub(crate) fn cuts(source: &Bound<'_, PyString>) -> PyResult<Vec<usize>> {
    let source = text(source.clone(), || "text".to_owned())?;
    let points = core::CodePoints::new(&source);
    Ok(core::cuts(&source)
        .into_iter()
        .map(|at| points.position(at))
        .collect())
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
