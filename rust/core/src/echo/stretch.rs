//! Which tokens stand for each other where the two texts differ.

use std::ops::Range;

use super::diff::Change;
use super::text::{Kind, Text};
use super::touch::Touch;
use crate::distance::edits;

/// The most pairs of a folded source character and a folded output character of a stretch that is
/// looked at.
const MOST_PAIRS: usize = 1 << 18;

/// The most tokens that are linked with one.
const LONGEST_RUN: u8 = 8;

/// Source tokens and the output tokens that re-type them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) source: Range<usize>,
    pub(super) output: Range<usize>,
}

/// The links between the tokens of a change, in order; they do not cross.
pub(super) fn links(
    source: &Text<'_>,
    output: &Text<'_>,
    change: &Change,
    touch: &Touch,
) -> Vec<Link> {
    let stretch = Stretch {
        source,
        output,
        change,
        touch,
    };
    let lengths = (
        source.folds(&change.source).len(),
        output.folds(&change.output).len(),
    );
    if lengths.0 == 0 || lengths.1 == 0 || lengths.0.saturating_mul(lengths.1) > MOST_PAIRS {
        return Vec::new();
    }
    let links = stretch.follow(&stretch.decide());
    stretch.with_replaced(links)
}

/// A change, with all that is needed to look into it.
#[derive(Debug)]
struct Stretch<'t> {
    source: &'t Text<'t>,
    output: &'t Text<'t>,
    change: &'t Change,
    touch: &'t Touch,
}

/// How many source and output tokens to go on from a pair of tokens; if both, they are linked.
type Step = (u8, u8);

/// What an alignment is worth, and what it does to the spans: more worth is better, then less harm.
#[derive(Debug, Clone, Copy, Default)]
struct Value {
    worth: usize,
    /// The spans touched by the tokens that are not linked, one by one.
    touched: usize,
}

impl Value {
    fn plus(self, worth: usize, touched: usize) -> Self {
        Self {
            worth: self.worth + worth,
            touched: self.touched + touched,
        }
    }

    fn is_better(self, other: Self) -> bool {
        (self.worth, other.touched) > (other.worth, self.touched)
    }
}

impl Stretch<'_> {
    /// The best step at each pair of tokens, row by row, found from the end of the stretch.
    fn decide(&self) -> Vec<Step> {
        let (height, width) = (self.change.source.len(), self.change.output.len());
        let mut steps = Vec::with_capacity(height * width);
        // One row and one column more: where all of a text is left behind.
        let mut best = vec![Value::default(); (height + 1) * (width + 1)];
        for row in (0..=height).rev() {
            for column in (0..=width).rev() {
                let after = |(sources, outputs): Step| {
                    let next = (row + usize::from(sources), column + usize::from(outputs));
                    best[next.0 * (width + 1) + next.1]
                };
                let Some((value, step)) = self.choose(row, column, after) else {
                    continue;
                };
                best[row * (width + 1) + column] = value;
                if row < height && column < width {
                    steps.push(step);
                }
            }
        }
        steps.reverse();
        steps
    }

    /// The best step at a pair of tokens, and the value of all from there on, if that of what comes
    /// `after` each step is known; the first one of the best.
    fn choose(
        &self,
        row: usize,
        column: usize,
        after: impl Fn(Step) -> Value,
    ) -> Option<(Value, Step)> {
        let here = self.change.output.start + column;
        let (more_source, more_output) = (
            row < self.change.source.len(),
            column < self.change.output.len(),
        );
        let mut found: Option<(Value, Step)> = None;
        let mut offer = |step: Step, worth: usize, touched: usize| {
            let value = after(step).plus(worth, touched);
            if found.is_none_or(|(best, _)| value.is_better(best)) {
                found = Some((value, step));
            }
        };
        if more_source && more_output {
            self.visit_links(row, column, |step, worth| offer(step, worth, 0));
        }
        if more_source {
            offer((1, 0), 0, self.touch.count(&(here..here)));
        }
        if more_output {
            offer((0, 1), 0, self.touch.count(&(here..here + 1)));
        }
        found
    }

    /// Visits the links that begin at a pair of tokens, those of few tokens first.
    fn visit_links(&self, row: usize, column: usize, mut visit: impl FnMut(Step, usize)) {
        let (from, output_from) = (
            self.change.source.start + row,
            self.change.output.start + column,
        );
        let run = |count: u8| from..from + usize::from(count);
        let output_run = |count: u8| output_from..output_from + usize::from(count);
        let (token, output_token) = (
            self.source.spelling(&run(1)),
            self.output.spelling(&output_run(1)),
        );
        let mut offer = |step: Step, a: &[char], b: &[char]| {
            let worth = worth(a, b);
            if worth > 0 {
                visit(step, worth);
            }
        };
        offer((1, 1), token, output_token);
        for count in 2..=LONGEST_RUN {
            let (run, output_run) = (run(count), output_run(count));
            if run.end <= self.change.source.end && is_run(self.source, &run) {
                offer((count, 1), self.source.spelling(&run), output_token);
            }
            if output_run.end <= self.change.output.end && is_run(self.output, &output_run) {
                offer((1, count), token, self.output.spelling(&output_run));
            }
        }
    }

    /// The links on the way of the best steps.
    fn follow(&self, steps: &[Step]) -> Vec<Link> {
        let (source, output) = (&self.change.source, &self.change.output);
        let mut links = Vec::new();
        let (mut row, mut column) = (0, 0);
        while row < source.len() && column < output.len() {
            let (sources, outputs) = steps[row * output.len() + column];
            let next = (row + usize::from(sources), column + usize::from(outputs));
            if sources > 0 && outputs > 0 {
                links.push(Link {
                    source: source.start + row..source.start + next.0,
                    output: output.start + column..output.start + next.1,
                });
            }
            (row, column) = next;
        }
        links
    }

    /// `links` and those between two tokens of a kind that stand alone in the same place.
    fn with_replaced(&self, links: Vec<Link>) -> Vec<Link> {
        let Change { source, output } = self.change;
        let (mut from, mut output_from) = (source.start, output.start);
        let end = Link {
            source: source.end..source.end,
            output: output.end..output.end,
        };
        let mut all = Vec::with_capacity(links.len());
        for link in links.into_iter().chain([end]) {
            let alone = (link.source.start, link.output.start) == (from + 1, output_from + 1);
            if alone && self.source.tokens[from].kind == self.output.tokens[output_from].kind {
                all.push(Link {
                    source: from..from + 1,
                    output: output_from..output_from + 1,
                });
            }
            (from, output_from) = (link.source.end, link.output.end);
            all.push(link);
        }
        all.pop();
        all
    }
}

/// Whether several tokens can be linked as one: not with punctuation at the edges.
fn is_run(text: &Text<'_>, range: &Range<usize>) -> bool {
    let is_sign = |index: usize| text.tokens[index].kind == Kind::Sign;
    !is_sign(range.start) && !is_sign(range.end - 1)
}

/// The length of the longer less twice the edit distance: what a link is worth; 0 if less than half
/// is the same, which is no link.
fn worth(a: &[char], b: &[char]) -> usize {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if 2 * short.len() <= long.len() {
        return 0;
    }
    long.len().saturating_sub(2 * edits(a, b))
}
