//! Which token of a model's output re-types which source token.

use crate::error::Error;
use crate::spelling::{LONGEST_RUN, Lexicon, Spelling, Tokens, look_up};

/// The most pairs of tokens for which decisions are kept in memory, one byte each.
const MOST_PAIRS: usize = 1 << 29;

/// For each source token the index of the output token that re-types it, or `None`; never falling.
///
/// Tokens are compared by their spelling: lower case, without accents and unseen characters, with
/// one form for each kind of dash and quotation mark; punctuation counts. The alignment is a
/// sequence of links that do not cross. A link joins
///
/// - one source token, or a run of up to 15 (which a model merged), with one output token, or one
///   source token with a run of up to 15 output tokens (which a model split), if the edit distance
///   of their spellings is less than half of the length of the longer one; it is worth that length
///   less twice the distance;
/// - two runs of up to 15 tokens and 256 characters that are spelled the same, but divided
///   otherwise; it is worth their length.
///
/// The alignment is one that is worth most; among those the one that links the earliest tokens
/// with as few tokens as possible, so that a model that goes on repeating itself changes nothing.
/// All source tokens of a link to one output token get its index; a source token that is linked to
/// several gets the one that covers most of it, the first on ties.
///
/// ```
/// use nerharness_core::align_tokens;
/// let source = ["A", "-", "T", "is", "a", "recessive", "disease"];
/// let output = ["A-T", "is", "a", "recesive", "dog", "A-T", "is", "a"];
/// let found = align_tokens(&source, &output)?;
/// assert_eq!(found, [Some(0), Some(0), Some(0), Some(1), Some(2), Some(3), None]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooLong`] if there are more than 2²⁹ pairs of a source and an output token.
pub fn align_tokens<S: AsRef<str>, O: AsRef<str>>(
    source: &[S],
    output: &[O],
) -> Result<Vec<Option<usize>>, Error> {
    let pairs = source.len().checked_mul(output.len());
    if pairs.is_none_or(|pairs| pairs > MOST_PAIRS) {
        return Err(Error::TooLong {
            source: source.len(),
            output: output.len(),
        });
    }
    let (source, output) = (Tokens::new(source), Tokens::new(output));
    Ok(follow(&source, &output, &decide(&source, &output)))
}

/// A link that begins at a pair of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    /// Its first output token.
    output: usize,
    /// Its number of source tokens.
    sources: u8,
    /// Its number of output tokens.
    outputs: u8,
    worth: u32,
}

/// What to do at a pair of tokens: link so many source tokens with so many output tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step(u8);

impl Step {
    const SKIP_SOURCE: Self = Self(0x10);
    const SKIP_OUTPUT: Self = Self(0x01);

    fn link(link: &Link) -> Self {
        Self(link.sources << 4 | link.outputs)
    }

    fn sources(self) -> usize {
        usize::from(self.0 >> 4)
    }

    fn outputs(self) -> usize {
        usize::from(self.0 & 0xF)
    }
}

/// The best step at each pair of tokens, row by row, found from the end of both lists.
fn decide(source: &Tokens, output: &Tokens) -> Vec<Step> {
    let (height, width) = (source.len(), output.len());
    let lexicon = Lexicon::new(output, 2 * source.longest());
    let limit = 2 * output.longest();
    let mut steps = vec![Step::SKIP_SOURCE; height * width];
    // A link looks at most LONGEST_RUN rows ahead, so the rows take turns.
    let mut best = vec![vec![0; width + 1]; LONGEST_RUN + 1];
    let mut row_links = Vec::new();
    for row in (0..height).rev() {
        links(source, row, output, &lexicon, limit, &mut row_links);
        let mut current = std::mem::take(&mut best[row % (LONGEST_RUN + 1)]);
        current[width] = 0;
        let mut rest = &row_links[..];
        for column in (0..width).rev() {
            let here = rest.partition_point(|link| link.output < column);
            let (value, step) = choose(&rest[here..], row, column, &best, &current);
            rest = &rest[..here];
            current[column] = value;
            steps[row * width + column] = step;
        }
        best[row % (LONGEST_RUN + 1)] = current;
    }
    steps
}

/// The best step at a pair, and the worth of all links from there on.
fn choose(
    links: &[Link],
    row: usize,
    column: usize,
    best: &[Vec<u32>],
    current: &[u32],
) -> (u32, Step) {
    let ahead = |rows: usize| &best[(row + rows) % (LONGEST_RUN + 1)];
    let linked = links.iter().map(|link| {
        let next = column + usize::from(link.outputs);
        (
            link.worth + ahead(usize::from(link.sources))[next],
            Step::link(link),
        )
    });
    let skipped = [
        (ahead(1)[column], Step::SKIP_SOURCE),
        (current[column + 1], Step::SKIP_OUTPUT),
    ];
    let first_best = |a: (u32, Step), b: (u32, Step)| if b.0 > a.0 { b } else { a };
    linked
        .chain(skipped)
        .reduce(first_best)
        .unwrap_or((0, Step::SKIP_SOURCE))
}

/// Collects the links of source tokens from `row` on, by output token, those of few tokens first.
fn links(
    source: &Tokens,
    row: usize,
    output: &Tokens,
    lexicon: &Lexicon,
    limit: usize,
    links: &mut Vec<Link>,
) {
    links.clear();
    let mut add = |output: usize, sources: usize, outputs: usize, worth: usize| {
        // Runs have at most 15 tokens; a worth that does not fit is as good as the greatest.
        let (Ok(sources), Ok(outputs)) = (u8::try_from(sources), u8::try_from(outputs)) else {
            return;
        };
        let worth = u32::try_from(worth).unwrap_or(u32::MAX >> 1);
        links.push(Link {
            output,
            sources,
            outputs,
            worth,
        });
    };
    let token = &source.each[row];
    for entries in [&lexicon.tokens, &lexicon.runs] {
        look_up(entries, token, |first, count, worth| {
            add(first, 1, count, worth);
        });
    }
    for (sources, run) in source.runs(row, limit) {
        let run = Spelling::new(run.to_vec());
        look_up(&lexicon.tokens, &run, |first, count, worth| {
            add(first, sources, count, worth);
        });
    }
    for first in 0..output.len() {
        if let Some((sources, outputs, length)) = source.regrouped(row, output, first) {
            add(first, sources, outputs, length);
        }
    }
    links.sort_unstable();
}

/// The output token of each source token, if the best steps are taken from the start.
fn follow(source: &Tokens, output: &Tokens, steps: &[Step]) -> Vec<Option<usize>> {
    let mut answers = vec![None; source.len()];
    let (mut row, mut column) = (0, 0);
    while row < source.len() && column < output.len() {
        let step = steps[row * output.len() + column];
        if step != Step::SKIP_SOURCE && step != Step::SKIP_OUTPUT {
            let link = (row, step.sources(), column, step.outputs());
            cover(source, output, link, &mut answers);
        }
        row += step.sources();
        column += step.outputs();
    }
    answers
}

/// Gives each source token of a link the output token that covers most of it.
fn cover(
    source: &Tokens,
    output: &Tokens,
    (row, sources, column, outputs): (usize, usize, usize, usize),
    answers: &mut [Option<usize>],
) {
    let origin = output.bounds(column).0;
    for (index, answer) in answers.iter_mut().enumerate().skip(row).take(sources) {
        let (start, end) = if sources == 1 {
            // The one token is spelled by all of the run.
            (origin, output.bounds(column + outputs - 1).1)
        } else {
            let (start, end) = source.bounds(index);
            let shift = source.bounds(row).0;
            (start - shift + origin, end - shift + origin)
        };
        let share = |candidate: usize| {
            let (from, to) = output.bounds(candidate);
            end.min(to).saturating_sub(start.max(from))
        };
        let most = |a: usize, b: usize| if share(b) > share(a) { b } else { a };
        *answer = (column..column + outputs).reduce(most);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aligned(source: &str, output: &str) -> Vec<Option<usize>> {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        align_tokens(&split(source), &split(output)).unwrap_or_default()
    }

    #[test]
    fn table() {
        for (name, source, output, expected) in [
            (
                "dropped",
                "a bad cat sat",
                "a cat sat",
                vec![Some(0), None, Some(1), Some(2)],
            ),
            ("added", "a cat", "a very cat", vec![Some(0), Some(2)]),
            (
                "unrelated",
                "a cat sat",
                "a dog sat",
                vec![Some(0), None, Some(2)],
            ),
            ("misspelt", "ataxia", "atxia", vec![Some(0)]),
            (
                "merged",
                "A - T gene",
                "A-T gene",
                vec![Some(0), Some(0), Some(0), Some(1)],
            ),
            (
                "merged and misspelt",
                "ataxia - telangiectasia",
                "ataxia-telangectasia",
                vec![Some(0), Some(0), Some(0)],
            ),
            (
                "split",
                "beta-thal x",
                "beta - thal x",
                vec![Some(0), Some(3)],
            ),
            ("regrouped", "ab- cde", "a b-cd e", vec![Some(1), Some(1)]),
            ("repeated", "a cat", "a cat a cat", vec![Some(0), Some(1)]),
            ("punctuation", ". , .", ". .", vec![Some(0), None, Some(1)]),
        ] {
            assert_eq!(aligned(source, output), expected, "{name}");
        }
    }

    #[test]
    fn lists_too_long_are_refused() {
        let list = vec!["a"; 1 << 15];
        let error = Error::TooLong {
            source: 1 << 15,
            output: 1 << 15,
        };
        assert_eq!(align_tokens(&list, &list), Err(error));
    }

    proptest! {
        #[test]
        fn equal_lists_are_aligned_with_themselves(
            tokens in proptest::collection::vec("[ab\\-é\u{AD} ]{0,4}", 0..30)
        ) {
            let expected: Vec<_> = (0..tokens.len()).map(Some).collect();
            prop_assert_eq!(align_tokens(&tokens, &tokens), Ok(expected));
        }

        #[test]
        fn answers_never_fall(
            source in proptest::collection::vec("[ab]{1,4}", 0..20),
            output in proptest::collection::vec("[ab]{1,4}", 0..20),
        ) {
            let found = align_tokens(&source, &output).unwrap_or_default();
            prop_assert_eq!(found.len(), source.len());
            let found: Vec<_> = found.into_iter().flatten().collect();
            prop_assert!(found.is_sorted() && found.iter().all(|index| *index < output.len()));
        }
    }
}
