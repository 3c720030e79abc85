"""Sentences of synthetic clinical notes; ``{disease}`` and the like are slots for terms."""

from random import Random
from typing import Final

from benchmarks.vocabulary import SLOTS, TERMS


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines())


HEADINGS: Final = _lines(
    """
    HISTORY OF PRESENT ILLNESS
    PAST MEDICAL HISTORY
    MEDICATIONS
    REVIEW OF SYSTEMS
    PHYSICAL EXAMINATION
    HOSPITAL COURSE
    ASSESSMENT AND PLAN
    DISCHARGE INSTRUCTIONS
    """
)

SENTENCES: Final = _lines(
    """
    She came in with {sign} that had grown worse over three days.
    He tells us that the {sign} began on Sunday night.
    Today there is no {sign}.
    Mother and one aunt had {disease}.
    She was first told of {disease} in her thirties.
    We believe that {disease} explains most of the picture.
    Blood work is hard to square with {disease}.
    The {sign} has settled since yesterday.
    {sign} returned during the night and kept him awake.
    {procedure} was done this morning without trouble.
    He is booked for {procedure} next week.
    The family asked whether {procedure} could wait.
    {drug} was started at a low dose.
    We stopped {drug} because of {sign}.
    {drug} will go on for another ten days.
    He could not say how long he had been taking {drug}.
    Known {disease} and {disease}, both followed elsewhere.
    Admitted for {sign} and {sign} on a background of {disease}.
    {procedure} made {disease} unlikely.
    {procedure} was arranged to look for {disease}.
    On {drug} for {disease} since last spring.
    {disease} was thought of first, then {disease}.
    Denies {sign}, {sign} and {sign}.
    Problem list: {disease}, {disease}, {disease}.
    Regular tablets are {drug}, {drug} and {drug}.
    Past history of {disease}, {disease} and {procedure}.
    Her {sign} is put down to {disease} and treated with {drug}.
    No sign of {disease} on {procedure}; {drug} was held.
    Consider {procedure} if {sign} goes on despite {drug}.
    {disease}: stable, carry on with {drug}.
    {disease}: worse, with new {sign}; plan {procedure}.
    Course made harder by {disease}, then {sign}.
    He asked if {drug} might be the cause of the {sign}.
    Last year {disease} was ruled out by {procedure}.
    """
)

FILLERS: Final = _lines(
    """
    She lives alone on the second floor and has help twice a week.
    He slept well and ate most of his breakfast.
    The daughter was at the bedside and her questions were answered.
    Vital signs were reviewed and are within the expected range.
    He walks to the bathroom with one person beside him.
    The results were talked over with the team on the evening round.
    She does not smoke and drinks a glass of wine on holidays.
    Please call the ward if anything changes before Monday.
    The wound edges are clean and the dressing was changed.
    Lungs are clear on both sides and the belly is soft.
    He speaks in full sentences and knows the date and the place.
    We went through the list of tablets and took two of them off.
    Next visit in six weeks, sooner if she feels unwell.
    The letter from the other hospital has not arrived yet.
    He used to work as a carpenter and still repairs old chairs.
    Fluids were given overnight and the urine output picked up.
    The plan was agreed with the patient, who wishes to go home soon.
    Skin is warm and dry, with good colour.
    Heart sounds are regular and there is nothing added.
    No change was made to the diet.
    She prefers to be seen in the morning.
    The nurse reports a quiet shift.
    Potassium was 4.1 and creatinine 0.9 on the last draw.
    He has gained 2 kg since the last clinic.
    """
)


def labelled_sentence(rng: Random) -> tuple[str, str, str]:
    """Return a sentence, and the label and the words of the one entity in it."""
    slot = rng.choice(SLOTS)
    term = rng.choice(TERMS[slot])
    form = rng.choice([one for one in SENTENCES if one.count("{") == 1 and f"{{{slot}}}" in one])
    return form.replace(f"{{{slot}}}", term), slot, term
