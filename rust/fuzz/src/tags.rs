//! The readings of tags by the tables of seqeval 1.2.2, and tags written one by one.

use std::collections::{BTreeMap, BTreeSet};

use nerharness_core::{Entity, LabelCounts, Mode, Scheme, Span};

/// The tables of one scheme in strict mode; see [`Tables::of`].
struct Tables {
    prefixes: &'static str,
    starts: &'static str,
    inside: &'static str,
    ends: &'static str,
}

impl Tables {
    /// Patterns of a prefix, the next one and whether their labels are the same (`=`), differ (`!`)
    /// or do not matter (`*`); a `.` stands for any prefix.
    fn of(scheme: Scheme) -> Self {
        let (prefixes, starts, inside, ends) = match scheme {
            Scheme::Iob1 => (
                "IOB",
                "OI* II! BI* IB= BB=",
                "BI= II=",
                "II! IO* IB* BO* BI! BB=",
            ),
            Scheme::Iob2 => ("IOB", ".B*", "BI= II=", "IO* II! IB* BO* BI! BB*"),
            Scheme::Ioe1 => ("IOE", "OI* II! EI* EE=", "II= IE=", "II! IO* IE! EI= EE="),
            Scheme::Ioe2 => ("IOE", "OI* OE* EI* EE* II! IE!", "IE= II=", "E.*"),
            Scheme::Iobes => ("IOBES", ".B* .S*", "BI= BE= II= IE=", "S.* E.*"),
            Scheme::Bilou => ("BILOU", ".B* .U*", "BI= BL= II= IL=", "U.* L.*"),
        };
        Self {
            prefixes,
            starts,
            inside,
            ends,
        }
    }
}

/// A tag as its prefix and label.
type Tag = (char, String);

fn labelled(prefix: char, label: &str) -> Tag {
    (
        prefix,
        if label.is_empty() { "_" } else { label }.to_owned(),
    )
}

fn matches(patterns: &str, last: &Tag, tag: &Tag) -> bool {
    patterns.split(' ').any(|pattern| {
        let pattern: Vec<char> = pattern.chars().collect();
        let fits = |wanted: char, prefix: char| wanted == '.' || wanted == prefix;
        let labels = pattern[2] == '*' || (pattern[2] == '=') == (last.1 == tag.1);
        fits(pattern[0], last.0) && fits(pattern[1], tag.0) && labels
    })
}

/// The entities of a sentence; `None` for tags that must be refused.
#[must_use]
pub fn decode(tags: &[String], scheme: Scheme, mode: Mode) -> Option<Vec<Entity>> {
    match mode {
        Mode::Lenient => lenient(tags.iter().map(String::as_str), scheme),
        Mode::Strict => strict(tags, scheme),
    }
}

fn strict(tags: &[String], scheme: Scheme) -> Option<Vec<Entity>> {
    let tables = Tables::of(scheme);
    let read = |tag: &String| {
        let prefix = tag
            .chars()
            .next()
            .filter(|first| tables.prefixes.contains(*first))?;
        Some(labelled(prefix, tag[prefix.len_utf8()..].trim_matches('-')))
    };
    let outside = labelled('O', "");
    let mut read: Vec<Tag> = tags.iter().map(read).collect::<Option<_>>()?;
    read.push(outside.clone());
    let (mut last, mut at, mut entities) = (outside, 0, Vec::new());
    while at < read.len() {
        let start = at;
        at += 1;
        if matches(tables.starts, &last, &read[start]) {
            while at < read.len() && matches(tables.inside, &read[at - 1], &read[at]) {
                at += 1;
            }
            if at < read.len() && matches(tables.ends, &read[at - 1], &read[at]) {
                let label = read[start].1.clone();
                entities.push(Entity {
                    label,
                    span: Span::new(start, at),
                });
            }
        }
        last = read[at - 1].clone();
    }
    Some(entities)
}

/// The entities of one sequence of tags, of which none may be empty.
fn lenient<'t>(tags: impl Iterator<Item = &'t str>, scheme: Scheme) -> Option<Vec<Entity>> {
    let (mut last, mut start, mut entities) = (labelled('O', ""), 0, Vec::new());
    for (at, tag) in tags.chain(["O"]).enumerate() {
        let mut prefix = tag.chars().next()?;
        let rest = &tag[prefix.len_utf8()..];
        let label = rest.find('-').map_or(rest, |hyphen| &rest[hyphen + 1..]);
        if scheme == Scheme::Bilou {
            prefix = match prefix {
                'L' => 'E',
                'U' => 'S',
                other => other,
            };
        }
        let tag = labelled(prefix, label);
        let differs = |one: &Tag| !"O.".contains(one.0) && last.1 != tag.1;
        if matches("E.* S.* BB* BS* BO* IB* IS* IO*", &last, &tag) || differs(&last) {
            let label = last.1.clone();
            entities.push(Entity {
                label,
                span: Span::new(start, at),
            });
        }
        if matches(".B* .S* EE* EI* SE* SI* OE* OI*", &last, &tag) || differs(&tag) {
            start = at;
        }
        last = tag;
    }
    Some(entities)
}

/// The counts of each label; `None` for what must be refused.
#[must_use]
pub fn score(
    gold: &[Vec<String>],
    predicted: &[Vec<String>],
    scheme: Scheme,
    mode: Mode,
) -> Option<Vec<LabelCounts>> {
    let lengths = |sentences: &[Vec<String>]| sentences.iter().map(Vec::len).collect::<Vec<_>>();
    if gold.is_empty() || lengths(gold) != lengths(predicted) {
        return None;
    }
    let (gold, predicted) = (all(gold, scheme, mode)?, all(predicted, scheme, mode)?);
    let mut counts = BTreeMap::<&str, [usize; 3]>::new();
    for entity in gold.union(&predicted) {
        let column = match (gold.contains(entity), predicted.contains(entity)) {
            (true, true) => 0,
            (false, _) => 1,
            (true, false) => 2,
        };
        counts.entry(&entity.label).or_default()[column] += 1;
    }
    let named = |(label, [hits, extra, missed]): (&str, [usize; 3])| LabelCounts {
        label: label.to_owned(),
        true_positives: hits,
        false_positives: extra,
        false_negatives: missed,
    };
    Some(counts.into_iter().map(named).collect())
}

/// The entities of all sentences, which are read one after the other with an O after each.
fn all(sentences: &[Vec<String>], scheme: Scheme, mode: Mode) -> Option<BTreeSet<Entity>> {
    if mode == Mode::Lenient {
        let sentences = sentences
            .iter()
            .map(|one| one.iter().map(String::as_str).chain(["O"]));
        return Some(lenient(sentences.flatten(), scheme)?.into_iter().collect());
    }
    let mut entities = BTreeSet::new();
    let mut offset = 0;
    for sentence in sentences {
        for Entity { label, span } in strict(sentence, scheme)? {
            let span = Span::new(span.start + offset, span.end + offset);
            entities.insert(Entity { label, span });
        }
        offset += sentence.len();
    }
    Some(entities)
}

/// One tag for each token; `None` for entities that must be refused.
#[must_use]
pub fn encode(entities: &[Entity], length: usize, scheme: Scheme) -> Option<Vec<String>> {
    let bad = |one: &Entity| {
        one.label.is_empty() || one.span.start >= one.span.end || one.span.end > length
    };
    let overlaps = |(index, one): (usize, &Entity)| {
        entities[..index]
            .iter()
            .any(|other| other.span.overlaps(one.span))
    };
    if entities.iter().any(bad) || entities.iter().enumerate().any(overlaps) {
        return None;
    }
    let tag = |token: usize| {
        let holds = |one: &&Entity| (one.span.start..one.span.end).contains(&token);
        entities
            .iter()
            .find(holds)
            .map_or("O".to_owned(), |entity| {
                format!(
                    "{}-{}",
                    prefix(entities, entity, token, scheme),
                    entity.label
                )
            })
    };
    Some((0..length).map(tag).collect())
}

fn prefix(entities: &[Entity], entity: &Entity, token: usize, scheme: Scheme) -> char {
    let (first, last) = (token == entity.span.start, token + 1 == entity.span.end);
    let twins = || entities.iter().filter(|other| other.label == entity.label);
    let follows = first && twins().any(|other| other.span.end == token);
    let is_followed = last && twins().any(|other| other.span.start == token + 1);
    match scheme {
        Scheme::Iob1 => [follows.then_some('B'), None],
        Scheme::Ioe1 => [is_followed.then_some('E'), None],
        Scheme::Iob2 => [first.then_some('B'), None],
        Scheme::Ioe2 => [last.then_some('E'), None],
        Scheme::Iobes if first && last => [Some('S'), None],
        Scheme::Bilou if first && last => [Some('U'), None],
        Scheme::Iobes => [first.then_some('B'), last.then_some('E')],
        Scheme::Bilou => [first.then_some('B'), last.then_some('L')],
    }
    .into_iter()
    .flatten()
    .next()
    .unwrap_or('I')
}
