//! The names of a dictionary in a text.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::boundary::is_cut;
use crate::character::is_space;
use crate::error::Error;
use crate::skeleton::{END, START, Skeleton, Skeletons};
use crate::span::Span;

/// Names whose skeleton is shorter are looked for letter by letter: too many words are one
/// difference of case or spacing away from two letters.
const SHORT: usize = 3;

/// Names of so many characters or fewer that are all capitals stand only where no letter is small:
/// "WAS" is a syndrome, "was" is none.
const ACRONYM: usize = 5;

/// Finds names in texts, all at once, whatever their case, spacing, hyphens and accents.
///
/// A name stands where its skeleton does, between word boundaries; one with a skeleton of one or two
/// characters, or without a letter or number, stands where it is written just so. White space around
/// names is ignored. An acronym, that is, capitals with a skeleton of up to five characters, does not
/// stand where there is a small letter. Names that stand in the same places are one *entry*, known by the position of
/// the first of them.
///
/// ```
/// use nerharness_core::{Dictionary, Span};
/// let names = ["Wilson disease", "WD", "wilson-disease", "disease"];
/// let dictionary = Dictionary::new(&names)?;
/// assert_eq!(dictionary.entries(), [Some(0), Some(1), Some(0), Some(3)]);
/// let found = dictionary.find("wilson  disease (WD), not wd")?;
/// assert_eq!(found, [(Span::new(0, 15), 0), (Span::new(17, 19), 1)]);
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Dictionary {
    entries: Vec<Option<usize>>,
    folded: Patterns,
    exact: Patterns,
    /// What else there is to know of each folded pattern.
    details: Vec<Detail>,
}

/// What bytes do not say of a folded pattern.
#[derive(Debug)]
struct Detail {
    /// Its characters, unless they are all ASCII.
    chars: Option<String>,
    /// Whether all its names are acronyms.
    acronym: bool,
}

/// What an automaton looks for, and the entry that each pattern stands for.
#[derive(Debug)]
struct Patterns {
    automaton: AhoCorasick,
    entries: Vec<usize>,
}

impl Patterns {
    fn new(patterns: &[Vec<u8>], entries: Vec<usize>) -> Result<Self, Error> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns);
        Ok(Self {
            automaton: automaton.map_err(|_| Error::Huge)?,
            entries,
        })
    }
}

/// Patterns that are being collected, each once.
#[derive(Default)]
struct Collected {
    patterns: Vec<Vec<u8>>,
    entries: Vec<usize>,
    /// The position of each in the lists.
    known: HashMap<String, usize>,
}

impl Collected {
    /// The position of `key`, whose entry is `number` if it is new.
    fn add(&mut self, key: String, pattern: &[u8], number: usize) -> usize {
        *self.known.entry(key).or_insert_with(|| {
            self.patterns.push(pattern.to_vec());
            self.entries.push(number);
            self.entries.len() - 1
        })
    }
}

impl Dictionary {
    /// A dictionary of `names`.
    ///
    /// ```
    /// use nerharness_core::Dictionary;
    /// assert!(Dictionary::new(&["gout"]).is_ok());
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] if a name has 4 GiB or more, or there are too many names.
    pub fn new<N: AsRef<str>>(names: &[N]) -> Result<Self, Error> {
        let (mut folded, mut exact) = (Collected::default(), Collected::default());
        let mut details: Vec<Detail> = Vec::new();
        let mut entries = Vec::with_capacity(names.len());
        let mut skeletons = Skeletons::default();
        for (number, name) in names.iter().enumerate() {
            let name = name.as_ref().trim_matches(is_space);
            check(name)?;
            skeletons.clear();
            let range = skeletons.push(name);
            let skeleton = skeletons.get(range);
            let entry = if name.is_empty() {
                None
            } else if skeleton.len() < SHORT || !name.contains(char::is_alphanumeric) {
                let place = exact.add(name.to_owned(), name.as_bytes(), number);
                Some(exact.entries[place])
            } else {
                let key: String = skeleton.chars().collect();
                let place = folded.add(key.clone(), skeleton.bytes, number);
                let acronym = skeleton.len() <= ACRONYM && is_capital(name);
                if let Some(detail) = details.get_mut(place) {
                    detail.acronym &= acronym;
                } else {
                    let chars = (!skeleton.is_ascii()).then_some(key);
                    details.push(Detail { chars, acronym });
                }
                Some(folded.entries[place])
            };
            entries.push(entry);
        }
        Ok(Self {
            entries,
            folded: Patterns::new(&folded.patterns, folded.entries)?,
            exact: Patterns::new(&exact.patterns, exact.entries)?,
            details,
        })
    }

    /// For each name the entry it belongs to; `None` for one that is empty.
    ///
    /// ```
    /// use nerharness_core::Dictionary;
    /// assert_eq!(Dictionary::new(&["gout", "Gout", " "])?.entries(), [Some(0), Some(0), None]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    #[must_use]
    pub fn entries(&self) -> &[Option<usize>] {
        &self.entries
    }

    /// The names in `text`, as bytes and entries, from left to right; none overlap. Where several
    /// begin, the longest is taken.
    ///
    /// ```
    /// use nerharness_core::{Dictionary, Span};
    /// let dictionary = Dictionary::new(&["cell", "small cell carcinoma"])?;
    /// let found = dictionary.find("Small-cell carcinoma of one cell")?;
    /// assert_eq!(found, [(Span::new(0, 20), 1), (Span::new(28, 32), 0)]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] if the text has 4 GiB or more.
    pub fn find(&self, text: &str) -> Result<Vec<(Span, usize)>, Error> {
        let mut all = self.find_all(text)?;
        let mut end = 0;
        all.retain(|(span, _)| {
            let free = span.start >= end;
            if free {
                end = span.end;
            }
            free
        });
        Ok(all)
    }

    /// The names in `text` as [`Dictionary::find`], but those inside of others and those that overlap
    /// too: by where they begin, the longest first.
    ///
    /// ```
    /// use nerharness_core::{Dictionary, Span};
    /// let dictionary = Dictionary::new(&["cell", "small cell"])?;
    /// let found = dictionary.find_all("small cell")?;
    /// assert_eq!(found, [(Span::new(0, 10), 1), (Span::new(6, 10), 0)]);
    /// # Ok::<(), nerharness_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Huge`] if the text has 4 GiB or more.
    pub fn find_all(&self, text: &str) -> Result<Vec<(Span, usize)>, Error> {
        check(text)?;
        let mut skeletons = Skeletons::default();
        let range = skeletons.push(text);
        let skeleton = skeletons.get(range);
        let mut found: Vec<_> = self.folded_in(text, &skeleton).collect();
        found.extend(self.exact_in(text));
        found.sort_unstable_by_key(|(span, entry)| (span.start, usize::MAX - span.end, *entry));
        Ok(found)
    }

    fn folded_in<'a>(
        &'a self,
        text: &'a str,
        skeleton: &'a Skeleton<'a>,
    ) -> impl Iterator<Item = (Span, usize)> + 'a {
        let matches = self.folded.automaton.find_overlapping_iter(skeleton.bytes);
        matches.filter_map(move |found| {
            let range = found.range();
            let pattern = found.pattern().as_usize();
            let detail = &self.details[pattern];
            let bounded = skeleton.is(range.start, START) && skeleton.is(range.end, END);
            let same = |name: &String| skeleton.part(range.clone()).chars().eq(name.chars());
            if !bounded || !detail.chars.as_ref().is_none_or(same) {
                return None;
            }
            let span = Span::new(skeleton.start(range.start), skeleton.end(text, range.end));
            if detail.acronym && text[span.start..span.end].contains(char::is_lowercase) {
                return None;
            }
            Some((span, self.folded.entries[pattern]))
        })
    }

    fn exact_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Span, usize)> + 'a {
        let matches = self.exact.automaton.find_overlapping_iter(text);
        let bounded =
            |found: &aho_corasick::Match| is_cut(text, found.start()) && is_cut(text, found.end());
        matches.filter(bounded).map(|found| {
            let entry = self.exact.entries[found.pattern().as_usize()];
            (Span::new(found.start(), found.end()), entry)
        })
    }
}

/// Whether there are capitals in `text` and no small letters.
fn is_capital(text: &str) -> bool {
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

fn check(text: &str) -> Result<(), Error> {
    u32::try_from(text.len()).map_or(Err(Error::Huge), |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::boundary::is_boundary;
    use crate::{Aligner, Tier};

    fn found(names: &[&str], text: &str) -> Vec<(String, usize)> {
        let dictionary = Dictionary::new(names).unwrap();
        let found = dictionary.find(text).unwrap();
        let part = |span: Span| text[span.start..span.end].to_owned();
        found
            .into_iter()
            .map(|(span, entry)| (part(span), entry))
            .collect()
    }

    #[test]
    fn table() {
        for (name, names, text, expected) in [
            (
                "case and hyphens",
                vec!["Wilson disease"],
                "WILSON-DISEASE",
                vec![("WILSON-DISEASE", 0)],
            ),
            (
                "accents",
                vec!["Sjögren"],
                "Sjo\u{308}gren, sjogren",
                vec![("Sjo\u{308}gren", 0), ("sjogren", 0)],
            ),
            ("whole words", vec!["gout"], "gouty gout", vec![("gout", 0)]),
            (
                "the longest",
                vec!["gout", "gout of the toe"],
                "gout of the toe",
                vec![("gout of the toe", 1)],
            ),
            (
                "a shorter one where the longer ends in a word",
                vec!["small cell", "small cell car"],
                "small cell cars",
                vec![("small cell", 0)],
            ),
            (
                "the leftmost of two that overlap",
                vec!["a bc", "bc de f"],
                "a bc de f",
                vec![("a bc", 0)],
            ),
            (
                "short names as written",
                vec!["AT", "as"],
                "at AT As as",
                vec![("AT", 0), ("as", 1)],
            ),
            (
                "other letters",
                vec!["β-x y", "α-x y"],
                "α-x y",
                vec![("α-x y", 1)],
            ),
            ("symbols", vec!["+++", "++"], "a +++ b", vec![("+++", 0)]),
            (
                "numbers",
                vec!["5 mg"],
                "1.5 mg, 15 mg, 5 mg",
                vec![("5 mg", 0)],
            ),
            ("nothing to find", vec!["", " ", "-"], "a b", vec![]),
            (
                "white space around",
                vec![" gout\n"],
                "gout",
                vec![("gout", 0)],
            ),
        ] {
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(text, entry)| (text.to_owned(), entry))
                .collect();
            assert_eq!(found(&names, text), expected, "{name}");
        }
        assert_eq!(found(&[], "gout"), []);
    }

    proptest! {
        /// What the aligner grounds for each name alone is what the dictionary finds for all.
        #[test]
        fn names_stand_where_the_aligner_finds_them(
            names in proptest::collection::vec("[ab]{1,2}[ -]?[aβé]{1,3}|[aA]{1,2}", 1..6),
            text in "[abAβé -]{0,40}",
        ) {
            let dictionary = Dictionary::new(&names).unwrap();
            let all = dictionary.find_all(&text).unwrap();
            let aligner = Aligner::new(1.0).unwrap();
            for (number, name) in names.iter().enumerate() {
                if dictionary.entries()[number] != Some(number) {
                    continue;
                }
                for one in aligner.candidates(&text, name).unwrap() {
                    let inside = one.tier == Tier::Exact
                        && !(is_boundary(&text, one.span.start) && is_boundary(&text, one.span.end));
                    let small = text[one.span.start..one.span.end].contains(char::is_lowercase);
                    let acronym = small && is_capital(name);
                    prop_assert!(inside || acronym || all.contains(&(one.span, number)), "{name:?} {one:?} {all:?}");
                }
            }
            for (span, entry) in &all {
                let candidates = aligner.candidates(&text[span.start..span.end], &names[*entry]).unwrap();
                prop_assert!(!candidates.is_empty(), "{:?} {span}", names[*entry]);
            }
        }
    }
}
