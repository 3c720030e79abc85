"""Full stops that end no sentence, though a capital letter or a digit follows.

Nothing is known of a text's language. So the lists hold what hardly ever ends a sentence in another
one: German "max." and "mind." are not among them, for English sentences end in "mind." and "Vmax.".
"""

from __future__ import annotations

import re

_ABBREVIATIONS = """
A.n Abb Abt D.h Evtl Fa Fam Ggf Nr Pat St.n St.p Tel V.a Verd Z.A Z.B Z.n bds bspw bzw ca chron d.h
evtl exkl geb ggf i.R i.S i.d.R inkl insb insbes li m.E o.B o.g re rez rezid sog u.U
u.a u.g vgl wg z.A z.B z.Hd z.T z.Zt
Avda Hosp Tfno aprox núm p.ej pág
env p.ex tél
approx vs
"""
_ROUTES = "i.m i.v p.o s.c"
"""How a drug is given: German nouns follow ("i.v. Gabe"), and sentences ("p.o. The patient")."""
_OPENERS = """
A After All Although An And As At Because Before Both But By During Each Every Following For From
He Her His However If In It Its No On Our She Since Some Such That The Their Then There These They
This Those Thus Together We When Whereas While With
"""
"""English words that in capitals begin a sentence, and are no names."""
_TITLES = """
Dr Dres Drs Prof St
Doz Frl Hr Hrn
Dra Ntra Sr Sra Srta Sta Sto
MM Mlle Mme Mmes Pr Ste
Mr Mrs Ms Mt
"""
_DEGREES = "dent h.c habil med nat phil rer vet"
_COUNTED = """
Januar Jänner Februar Feber März Maerz April Mai Juni Juli August September Oktober November
Dezember Jan Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez
Etage Jahr Jahrhundert Lebensjahr Lebensmonat Lebenstag Lebenswoche Monat OG Obergeschoss Quartal
SSW Schwangerschaftswoche Trimenon UG Untergeschoss Woche
"""
"""What a German ordinal stands before without an article."""
_ARTICLE = "(?:[Aa]m|[Bb]eim|[Ii]m|[Vv]om|[Zz]u[mr]|[Dd](?:as|e[mnrs]|ie))"


def _any(words: str) -> str:
    return "|".join(words.replace(".", r"\.\s?").split())


_INNER = re.compile(
    rf"""(?<![\w.])(?:
        (?:{_any(_ABBREVIATIONS)}|\w*[Ss]tr)\.
        | (?:{_any(_ROUTES)})\.(?!\s+(?:{_any(_OPENERS)})\b)
        | art\.(?=\sHyp)  # arterielle Hypertonie, not "state of the art."
        # titles, and what stands between them and a name; after a number "Fr" measures catheters
        | (?:{_any(_TITLES)}|(?<!\d\s)Fr)\.(?:\s?(?:{_any(_DEGREES)}|[A-ZÀ-Þ])\.)*
        | (?:Herrn?|Frau)\s[A-ZÀ-Þ]\.
        | (?<!\d\s)M\.(?=\s[A-ZÀ-Þ][a-zß-ÿ])  # Monsieur, or Morbus
        | \d{{1,2}}\.(?=\s+(?:{_any(_COUNTED)})\b)
        | (?:{_ARTICLE}\s)?\d{{1,2}}\.\s\d{{1,2}}\.(?=\s\d)
        | {_ARTICLE}\s\d{{1,3}}\.
    )""",
    re.VERBOSE,
)
_REACH = 24
"""So far around a stop lies what decides about it."""


def is_inner(text: str, stop: int) -> bool:
    """Tell whether the full stop at `stop` belongs to an abbreviation, a title or an ordinal."""
    around = _INNER.finditer(text, max(0, stop - _REACH), stop + _REACH)
    return any(found.start() <= stop < found.end() for found in around)
