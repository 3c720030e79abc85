//! A text and what was said of it, from the folding to the placing.

use crate::align::Match;
use crate::fragments::apart;
use crate::fuzzy::{Desk, LONGEST, Needle, similar};
use crate::place::{Placement, Said};
use crate::search::{grounded, inside};
use crate::skeleton::Skeletons;
use crate::source::{Shelf, Source};
use crate::surface::Surface;

/// The most mentions each of which is compared with all others, which is less work than to look them up.
const FEW: usize = 8;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// The similarity from which a fuzzy match is accepted.
    pub(crate) threshold: f64,
    /// Whether matches in several fragments are.
    pub(crate) discontinuous: bool,
}

/// Room to work in, used for one text after the other; it grows with the longest one.
///
/// ```
/// use nerharness_core::{Aligner, Bench};
/// let mut bench = Bench::default();
/// let found = Aligner::new(0.8)?.align_on(&mut bench, "lupus", &["lupus"])?;
/// assert!(found[0].is_some());
/// # Ok::<(), nerharness_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Bench {
    shelf: Shelf,
    skeletons: Skeletons,
    desk: Desk,
    said: Vec<Said>,
    /// For each mention the number of what it says.
    numbers: Vec<usize>,
    /// The numbers of what is looked for by similarity.
    unfound: Vec<usize>,
    /// Open addressing: one more than the number of something that was said, or 0.
    slots: Vec<usize>,
    found: Vec<Match>,
    placement: Placement,
    /// Empty between two texts, but not without room.
    surfaces: Vec<Surface<'static>>,
    needles: Vec<Needle<'static>>,
}

/// An empty vector with the room of another one, which is emptied: the types differ in a lifetime only.
fn emptied<T, U>(mut full: Vec<T>) -> Vec<U> {
    full.clear();
    // Collecting in place keeps the room.
    full.into_iter().filter_map(|_| None).collect()
}

impl Bench {
    /// One match for each of `mentions`; `text` and mentions are shorter than 4 GiB.
    pub(crate) fn align<M: AsRef<str>>(
        &mut self,
        text: &str,
        mentions: &[M],
        options: Options,
    ) -> &[Option<Match>] {
        self.skeletons.clear();
        let mut surfaces = emptied(std::mem::take(&mut self.surfaces));
        for mention in mentions {
            surfaces.push(Surface::new(mention.as_ref(), &mut self.skeletons));
        }
        self.tell_apart(&surfaces);
        self.search(text, &surfaces, options);
        self.surfaces = emptied(surfaces);
        self.placement.place(&self.said, &self.found, &self.numbers)
    }

    /// All matches of `mention`, which is shorter than 4 GiB, as is `text`.
    pub(crate) fn candidates(mut self, text: &str, mention: &str, options: Options) -> Vec<Match> {
        let surface = Surface::new(mention, &mut self.skeletons);
        self.tell_apart(std::slice::from_ref(&surface));
        self.search(text, &[surface], options);
        self.found
    }

    /// Finds what of `surfaces` is said again: as another one, letter by letter, or as a repeat of it.
    fn tell_apart(&mut self, surfaces: &[Surface<'_>]) {
        self.said.clear();
        self.numbers.clear();
        if surfaces.len() > FEW {
            self.slots.clear();
            self.slots
                .resize((2 * surfaces.len()).next_power_of_two(), 0);
        }
        let mut groups = 0;
        for (first, surface) in surfaces.iter().enumerate() {
            let (number, group) = if surfaces.len() > FEW {
                self.look_up(surfaces, surface)
            } else {
                self.look_through(surfaces, surface)
            };
            self.numbers.push(number);
            if number == self.said.len() {
                let group = group.unwrap_or(groups);
                groups = groups.max(group + 1);
                self.said.push(Said {
                    first,
                    group,
                    candidates: 0..0,
                });
            }
        }
    }

    /// The number of what `surface` says, which is kept if it is new, and the group of its repeats,
    /// if it has one.
    fn look_up(
        &mut self,
        surfaces: &[Surface<'_>],
        surface: &Surface<'_>,
    ) -> (usize, Option<usize>) {
        let mut group = None;
        let mut place = surface.hash(&self.skeletons);
        loop {
            place &= self.slots.len() - 1;
            let Some(number) = self.slots[place].checked_sub(1) else {
                self.slots[place] = self.said.len() + 1;
                return (self.said.len(), group);
            };
            let known = &surfaces[self.said[number].first];
            if known.text == surface.text {
                return (number, group);
            }
            if known.repeats(surface, &self.skeletons) {
                group = Some(self.said[number].group);
            }
            place += 1;
        }
    }

    /// As [`Self::look_up`], but one after the other.
    fn look_through(
        &self,
        surfaces: &[Surface<'_>],
        surface: &Surface<'_>,
    ) -> (usize, Option<usize>) {
        let mut group = None;
        for (number, one) in self.said.iter().enumerate() {
            let known = &surfaces[one.first];
            if known.text == surface.text {
                return (number, group);
            }
            if known.repeats(surface, &self.skeletons) {
                group = Some(one.group);
            }
        }
        (self.said.len(), group)
    }

    /// Finds the candidates of all that was said.
    fn search(&mut self, text: &str, surfaces: &[Surface<'_>], options: Options) {
        let Self {
            shelf,
            skeletons,
            desk,
            said,
            unfound,
            found,
            needles: needles_room,
            ..
        } = self;
        let source = Source::new(text, shelf);
        found.clear();
        unfound.clear();
        let mut needles = emptied(std::mem::take(needles_room));
        for (number, one) in said.iter_mut().enumerate() {
            let (first, surface) = (found.len(), &surfaces[one.first]);
            grounded(&source, surface, skeletons, found);
            let skeleton = surface.core_skeleton(skeletons);
            let comparable = surface.has_word() && !surface.is_short() && skeleton.len() <= LONGEST;
            if options.discontinuous && comparable && found.len() == first {
                found.extend(apart(&source, surface, skeletons));
            }
            one.candidates = first..found.len();
            if found.len() == first && comparable {
                unfound.push(number);
                needles.push(Needle {
                    core: surface.core,
                    skeleton,
                });
            }
        }
        similar(&source, &needles, options.threshold, desk, |number, one| {
            let candidates = &mut said[unfound[number]].candidates;
            if candidates.start == candidates.end {
                *candidates = found.len()..found.len();
            }
            candidates.end += 1;
            found.push(one);
        });
        *needles_room = emptied(needles);
        for number in unfound.iter() {
            // The best came first.
            found[said[*number].candidates.clone()].sort_unstable_by_key(|one| one.span);
        }
        for one in said.iter_mut().filter(|one| one.candidates.is_empty()) {
            let first = found.len();
            inside(&source, &surfaces[one.first], found);
            one.candidates = first..found.len();
        }
    }
}
