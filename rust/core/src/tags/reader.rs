//! The automaton that reads entities from tags.

use super::labels::Label;
use super::prefix::Prefix;
use super::vocabulary::Tag;
use super::{Entity, Mode, Scheme, lenient, strict};
use crate::span::Span;

/// An entity ends before the tag.
const ENDS: u8 = 1;
/// An entity may start at the tag.
const STARTS: u8 = 2;
/// An entity is open after the tag.
const OPEN: u8 = 4;

/// What each tag does, by [`place`].
#[derive(Debug)]
struct Table([u8; 256]);

static LENIENT: Table = table(None);
static IOB1: Table = table(Some(Scheme::Iob1));
static IOB2: Table = table(Some(Scheme::Iob2));
static IOE1: Table = table(Some(Scheme::Ioe1));
static IOE2: Table = table(Some(Scheme::Ioe2));
static IOBES: Table = table(Some(Scheme::Iobes));

impl Table {
    const fn of(scheme: Scheme, mode: Mode) -> &'static Self {
        match (mode, scheme) {
            (Mode::Lenient, _) => &LENIENT,
            (Mode::Strict, Scheme::Iob1) => &IOB1,
            (Mode::Strict, Scheme::Iob2) => &IOB2,
            (Mode::Strict, Scheme::Ioe1) => &IOE1,
            (Mode::Strict, Scheme::Ioe2) => &IOE2,
            (Mode::Strict, Scheme::Iobes | Scheme::Bilou) => &IOBES,
        }
    }
}

/// The place in a table of what `tag` does after `last`, if an entity is `open` or not.
const fn place(open: bool, last: usize, tag: usize, same: bool) -> usize {
    (open as usize) << 7 | last << 4 | tag << 1 | same as usize
}

/// The table of a strict scheme, or that of lenient reading.
const fn table(scheme: Option<Scheme>) -> Table {
    let mut actions = [0; 256];
    let mut case = 0;
    while case < actions.len() {
        let (open, same) = (case >> 7 == 1, case & 1 == 1);
        let (last, tag) = (Prefix::from_bits(case >> 4), Prefix::from_bits(case >> 1));
        actions[case] = match scheme {
            None => lenient_action(last, tag, same),
            Some(scheme) => strict_action(scheme, open, last, tag, same),
        };
        case += 1;
    }
    Table(actions)
}

const fn lenient_action(last: Prefix, tag: Prefix, same: bool) -> u8 {
    let (ends, starts) = lenient::boundary(last, tag, same);
    ENDS * ends as u8 + STARTS * starts as u8
}

const fn strict_action(scheme: Scheme, open: bool, last: Prefix, tag: Prefix, same: bool) -> u8 {
    if open && strict::inside(scheme, last, tag, same) {
        return OPEN;
    }
    let ends = open && strict::ends(scheme, last, tag, same);
    let starts = strict::starts(scheme, last, tag, same);
    ENDS * ends as u8 + (STARTS + OPEN) * starts as u8
}

/// Reads sentences one after the other, as seqeval does: as one sequence with an O after each.
///
/// That matters to lenient reading, where an unknown prefix after O begins no entity, but may end
/// one, which then reaches back into an earlier sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    table: &'static Table,
    last: Tag,
    open: bool,
    start: usize,
    position: usize,
}

impl Reader {
    pub(super) const fn new(scheme: Scheme, mode: Mode) -> Self {
        Self {
            table: Table::of(scheme, mode),
            last: Tag::OUTSIDE,
            open: false,
            start: 0,
            position: 0,
        }
    }

    /// Adds to `found` the entities that end in the next sentence, in the order of their ends.
    ///
    /// No two of them end at the same token. Their positions are those in the whole sequence.
    pub(super) fn read(&mut self, sentence: &[Tag], found: &mut Vec<Entity<Label>>) {
        let mut reader = *self;
        for tag in sentence {
            // Most tags are O after O, which does nothing in any scheme.
            if *tag != Tag::OUTSIDE || reader.last != Tag::OUTSIDE {
                reader.step(*tag, found);
            }
            reader.position += 1;
        }
        reader.step(Tag::OUTSIDE, found);
        reader.position += 1;
        *self = reader;
    }

    /// Reads the tag at the position.
    fn step(&mut self, tag: Tag, found: &mut Vec<Entity<Label>>) {
        let same = tag.has_label_of(self.last);
        let (last, next) = (self.last.prefix() as usize, tag.prefix() as usize);
        let action = self.table.0[place(self.open, last, next, same)];
        if action & ENDS != 0 {
            found.push(Entity {
                label: self.last.label(),
                span: Span::new(self.start, self.position),
            });
        }
        if action & STARTS != 0 {
            self.start = self.position;
        }
        self.open = action & OPEN != 0;
        self.last = tag;
    }
}
