//! A text that a model re-typed, against the text that it read.

mod diff;
mod place;
mod stretch;
mod text;
mod touch;

use std::ops::Range;

use crate::align::{Aligner, Match, similarity};
use crate::error::Error;
use crate::span::Span;
use diff::changes;
use place::Alignment;
use text::Text;
use touch::Touch;

/// For each of `spans`, which are bytes of `output`, the bytes of `source` that it re-types, or
/// `None`.
///
/// `output` is `source` as a model typed it again, with words dropped, changed or added. Both are
/// cut into tokens: words, letters of scripts that are written without spaces, and single other
/// characters; white space is left out. Tokens are compared by their spelling: lower case, without
/// accents and unseen characters, with one form for each kind of dash and quotation mark. The
/// tokens are linked
///
/// 1. by a diff (Myers' algorithm: in time the number of tokens times the number of differences,
///    with bounds from which on it need not be the shortest). What was dropped or added and could
///    stand in several places, as in "type 1 and type 2" without "type 1 and", is put where it
///    touches the fewest of the spans, the last such place if there are more, so that the first of
///    several repeats is linked;
/// 2. where the texts differ, one token with one, or with a run of up to 8 that has no punctuation
///    at its edges ("renalfailure", "hyper tension"), if the edit distance is less than half of the
///    length of the longer one. A link is worth that length less twice the distance; the links are
///    worth as much as they can be, and among such ones those that touch the fewest spans, then
///    the earliest, are taken;
/// 3. one token with one of the same kind that stands alone in its place.
///
/// The place of a span begins where the first token in it that is linked begins, and ends where the
/// last one ends: words that the model added at its edges fall away, those that it dropped inside
/// are covered. A token that is cut by the span is cut at the same letter in the source, if it is
/// spelled the same there; otherwise it is taken whole. A span without a token that is linked has
/// no place.
///
/// - Places are at character boundaries, not empty, and do not begin or end with white space.
/// - If `output` is `source`, each span has itself as its place, less the white space, and the
///   unseen characters outside of words, at its edges.
/// - All spans of a call share one alignment: one that begins and ends no earlier than another has a
///   place that does not, either; the place of one inside another lies inside that one's.
/// - Time and memory are bounded for any two texts: the diff gives up on the shortest way when that
///   is far, and a difference of more than 2¹⁸ pairs of letters, one of each text, is not looked
///   into: nothing in it has a place.
///
/// ```
/// use nerharness_core::{Span, echo};
/// let source = "No renal failure; mild lymphoma of the skin.";
/// let output = "No renalfailure, mild lymfoma really of skin";
/// let spans = [Span::new(3, 15), Span::new(22, 36), Span::new(29, 36), Span::new(22, 44)];
/// let places = echo(source, output, &spans)?;
/// let parts = places.iter().map(|place| place.map(|span| &source[span.start..span.end]));
/// let expected = [Some("renal failure"), Some("lymphoma"), None, Some("lymphoma of the skin")];
/// assert_eq!(parts.collect::<Vec<_>>(), expected);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::Reversed`], [`Error::Outside`] or [`Error::Inside`] if a span is
/// empty, ends before it starts, leaves `output`, or begins or ends inside a character.
pub fn echo(source: &str, output: &str, spans: &[Span]) -> Result<Vec<Option<Span>>, Error> {
    let places = found(source, output, spans)?.into_iter();
    Ok(places.map(|one| one.map(|(place, _)| place)).collect())
}

/// For each span its place, and what was typed for it: the span without the white space around it.
fn found(source: &str, output: &str, spans: &[Span]) -> Result<Vec<Option<(Span, Span)>>, Error> {
    for (index, span) in spans.iter().copied().enumerate() {
        check(index, span, output.len())?;
        if output.get(span.start..span.end).is_none() {
            return Err(Error::Inside { index, span });
        }
    }
    let (source, output) = (Text::new(source), Text::new(output));
    let marked: Vec<_> = spans.iter().map(|span| output.overlapping(*span)).collect();
    let touch = Touch::new(&marked, output.tokens.len());
    let changes = changes(&source, &output, &touch);
    let alignment = Alignment::new(&source, &output, &changes, &touch);
    let one = |(span, tokens): (&Span, &Range<usize>)| {
        let place = alignment.place(*span)?;
        let whole = output.span(tokens);
        let typed = Span::new(span.start.max(whole.start), span.end.min(whole.end));
        Some((place, typed))
    };
    Ok(spans.iter().zip(&marked).map(one).collect())
}

/// As [`echo`], with how well each span and its place compare; `None` if their [`similarity`] is
/// below `threshold`, or if they cannot stand for the same thing.
///
/// ```
/// use nerharness_core::{Span, Tier, align_echo};
/// let spans = [Span::new(0, 4), Span::new(9, 16)];
/// let found = align_echo("Gout with lymphoma", "Ague and lymfoma", &spans, 0.7)?;
/// assert_eq!(found[0], None);
/// assert_eq!(found[1].map(|m| (m.span, m.tier)), Some((Span::new(10, 18), Tier::Fuzzy)));
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`echo`], and [`Error::Threshold`] if `threshold` is not in `(0, 1]`.
pub fn align_echo(
    source: &str,
    output: &str,
    spans: &[Span],
    threshold: f64,
) -> Result<Vec<Option<Match>>, Error> {
    Aligner::new(threshold)?;
    let graded = |(span, typed): (Span, Span)| {
        let (tier, score) = similarity(
            &source[span.start..span.end],
            &output[typed.start..typed.end],
        );
        let tier = tier.filter(|_| score >= threshold)?;
        Some(Match { span, tier, score })
    };
    let found = found(source, output, spans)?.into_iter();
    Ok(found.map(|one| one.and_then(graded)).collect())
}

/// Refuses a span that is empty or reversed, or leaves a text of `length`.
fn check(index: usize, span: Span, length: usize) -> Result<(), Error> {
    if span.end < span.start {
        return Err(Error::Reversed { index, span });
    }
    if span.end > length {
        return Err(Error::Outside {
            index,
            span,
            length,
        });
    }
    if span.end == span.start {
        return Err(Error::Empty { index, span });
    }
    Ok(())
}

/// Code-point spans of `text` as byte spans: the way back from [`CodePoints`](crate::CodePoints).
///
/// ```
/// use nerharness_core::{Span, to_bytes};
/// assert_eq!(to_bytes("β-blocker", &[Span::new(2, 9)])?, [Span::new(3, 10)]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::Reversed`] or [`Error::Outside`] if a span is empty, ends before it
/// starts or leaves `text`.
pub fn to_bytes(text: &str, spans: &[Span]) -> Result<Vec<Span>, Error> {
    let starts = text.char_indices().map(|(start, _)| start);
    let starts: Vec<usize> = starts.chain([text.len()]).collect();
    let one = |(index, span): (usize, &Span)| {
        check(index, *span, starts.len() - 1)?;
        Ok(Span::new(starts[span.start], starts[span.end]))
    };
    spans.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
