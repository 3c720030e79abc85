"""What counts as a match, case by case."""

import pickle
import unicodedata

import pytest
from core import reference
from hypothesis import given
from hypothesis import strategies as st

from nerharness.align import Aligner, Match, similarity

LOOSE = 0.5
EACUTE = unicodedata.normalize("NFD", "é")
NFD_HEPATITIS = unicodedata.normalize("NFD", "간염")

# More letters than fit into two machine words.
LONG = " ".join(f"w{number}" for number in range(60))

# name, text, mention, the parts of the text that match (best first), their tier
FOUND = [
    ("numero sign", "bed №5, ward", "bed No 5", ["bed №5"], "folded"),
    ("numero sign said", "bed No 5, ward", "bed № 5", ["bed No 5"], "folded"),
    ("numero sign as it is", "bed № 5, ward", "№ 5", ["№ 5"], "exact"),
    ("exact", "Lupus and lupus.", "lupus", ["lupus", "Lupus"], "exact"),
    ("case", "LUPUS", "lupus", ["LUPUS"], "folded"),
    ("space around the mention", "a lupus b", " lupus\n", ["lupus"], "exact"),
    ("hyphen in the text", "ataxia-telangiectasia", "ataxia telangiectasia", None, "folded"),
    ("hyphen in the mention", "non small cell", "non-small-cell", None, "folded"),
    ("non-breaking hyphen", "X‑linked", "X-linked", None, "folded"),
    ("en dash", "Guillain–Barré", "Guillain-Barre", None, "folded"),
    ("no-break space", "cystic\u00a0fibrosis", "cystic fibrosis", None, "folded"),
    ("line break", "cystic\r\n   fibrosis", "cystic fibrosis", None, "folded"),
    ("hyphenation", "telangi-\nectasia", "telangiectasia", None, "folded"),
    ("soft hyphen", "telangi\u00adectasia", "telangiectasia", None, "folded"),
    ("zero-width space", "cystic\u200bfibrosis", "cystic fibrosis", None, "folded"),
    ("byte order mark", "\ufefflupus", "lupus", ["lupus"], "exact"),
    ("decomposed in the text", f"M{EACUTE}nie{EACUTE}re", "ménieére", None, "folded"),
    ("accent left out", "Sjögren", "Sjogren", None, "folded"),
    ("accent at the end", f"caf{EACUTE}", "cafe", None, "folded"),
    ("dotted capital i", "İstanbul", "istanbul", None, "folded"),
    ("sharp s", "große STRASSE", "straße", ["STRASSE"], "folded"),
    ("final sigma", "ΝΟΣΟΣ", "νοσος", None, "folded"),
    ("ligature", "ﬁbrosis", "fibrosis", None, "folded"),
    ("full width", "ＡＴＭ", "atm", None, "folded"),
    ("astral letters before", "𝐀𝐁🙂 lupus", "lupus", ["lupus"], "exact"),
    ("curly apostrophe", "Crohn’s disease", "Crohn's disease", None, "folded"),
    ("apostrophe left out", "Crohn's disease", "crohns disease", None, "folded"),
    ("curly quotation marks", "the “bad” gene", 'the "bad" gene', None, "folded"),
    ("punctuation of the mention", "has lupus", '"lupus."', ["lupus"], "folded"),
    ("punctuation of both", "has LUPUS.", "lupus.", ["LUPUS."], "folded"),
    ("bracket of both", "gene (ATM) X", "GENE (ATM)", ["gene (ATM)"], "folded"),
    ("ideographs", "患者发热三天", "发热", ["发热"], "exact"),
    ("kana", "はがんです", "がん", ["がん"], "exact"),
    ("right to left", "חולה סוכרת קשה", "סוכרת", ["סוכרת"], "exact"),
    ("Hebrew points", "סֻכֶּרֶת", "סכרת", None, "folded"),
    ("misspelt", "has telangectasia now", "telangiectasia", ["telangectasia"], "fuzzy"),
    (
        "misspelt over two words",
        "a systemic lupis b",
        "systemic lupus",
        ["systemic lupis"],
        "fuzzy",
    ),
    ("misspelt with punctuation", "(ataxie).", "ataxia", ["ataxie"], "fuzzy"),
    ("possessive left out", "with Crohns disease", "Crohn disease", ["Crohns disease"], "fuzzy"),
    ("inside a word", "betathalassemia", "thalassemia", ["thalassemia"], "exact"),
    ("two letters", "MS, ms", "MS", ["MS"], "exact"),
    ("two letters and a point", "MS, ms", "MS.", ["MS"], "folded"),
    ("digits apart", "stage 1 - 2", "stage 1-2", ["stage 1 - 2"], "folded"),
    ("same number", "10 mg metformine", "10 mg metformin", None, "fuzzy"),
    ("same numeral", "factor VIII deficency", "factor VIII deficiency", None, "fuzzy"),
    ("sign only", "CD4 + cells", "+", ["+"], "exact"),
    ("overlapping itself", "gout gout gout", "gout gout", ["gout gout"], "exact"),
    ("overlapping itself, folded", "Gout gout gout", "gout gout", ["gout gout"], "exact"),
    ("long", f"a {LONG} b", LONG.replace("w17 ", "x17 "), [LONG], "fuzzy"),
    ("emoji", "a 🙂 b", "🙂", ["🙂"], "exact"),
    ("letters exchanged", "on warfarin", "wafrarin", ["warfarin"], "fuzzy"),
    (
        "word left out",
        "chronic obstructive pulmonary disease",
        "chronic pulmonary disease",
        None,
        "fuzzy",
    ),
    ("word put in", "heart failure", "heart pump failure", None, "fuzzy"),
    ("decimal", "takes 1.5 mg", "1.5 mg", ["1.5 mg"], "exact"),
    ("list of numbers", "grade 2,3 rash", "grade 2", ["grade 2"], "exact"),
    ("Korean with a particle", "고혈압이 있음", "고혈압", ["고혈압"], "exact"),
    ("two Korean syllables", "감염 소견, 간염이 의심됨", "간염", ["간염"], "exact"),
    ("Korean, decomposed in the text", NFD_HEPATITIS, "간염", [NFD_HEPATITIS], "folded"),
    ("longer Korean, decomposed", "급성간염", f"급성 {NFD_HEPATITIS}", None, "folded"),
    ("short and decomposed", f"n{EACUTE} x", "né", [f"n{EACUTE}"], "folded"),
    ("number before a lonely mark", "lupus 5 \u03081", "Lupus 5", ["lupus 5"], "folded"),
    ("Arabic, lengthened", "محـــمد", "محمد", None, "folded"),
    ("same unit", "asprin 81mg", "aspirin 81 mg", None, "fuzzy"),
    ("same sign", "HER2+ tumor", "HER2+ tumour", None, "fuzzy"),
    ("a Chinese particle put in", "急性的心肌梗死", "急性心肌梗死", None, "fuzzy"),
    ("misspelt opposite", "hypertenson", "hypertension", None, "fuzzy"),
]

# name, text, mention
NOT_FOUND = [
    ("numero sign with a point", "bed No. 5", "№ 5"),
    ("numero sign alone is two letters", "bed No 5", "№"),
    ("nothing", "lupus", "gout"),
    ("empty mention", "lupus", ""),
    ("blank mention", "lu pus", " "),
    ("empty text", "", "lupus"),
    ("part of a ligature", "ﬁ", "i"),
    ("short inside a word", "arms", "ar"),
    ("short in another case", "ms", "MS"),
    ("half of a letter", EACUTE, "e"),
    ("other digit", "5 mg metformin", "6 mg metformin"),
    ("more digits", "type 12 diabetes", "type 1 diabetes"),
    ("part of a number", "1500 mg", "500 mg"),
    ("digits put together", "stage 1-2", "stage 12"),
    ("other numeral", "type II collagenopathy", "type I collagenopathy"),
    ("other numeral and letter", "stage IIIA carcinoma", "stage IIIB carcinoma"),
    ("other letter", "hepatitis B virus", "hepatitis C virus"),
    ("other Greek letter", "interferon α therapy", "interferon β therapy"),
    ("too different", "hepatitis", "nephritis"),
    ("opposite", "hypotension", "hypertension"),
    ("Spanish opposite", "Paciente con hipertensión.", "hipotensión"),
    ("Italian opposite", "ipertensione", "ipotensione"),
    ("denied by the rest of its word", "The patient is afebrile today.", "febrile"),
    ("a part of its opposite", "female", "male"),
    ("denied by what follows in its word", "painless", "pain"),
    ("other side", "left upper lobe pneumonia", "right upper lobe pneumonia"),
    ("denied", "small cell lung cancer", "non-small cell lung cancer"),
    ("denied by a beginning", "stable angina", "unstable angina"),
    ("letter that is no article", "hepatitis", "hepatitis a"),
    ("other word", "end-stage heart failure", "end-stage renal failure"),
    ("first word missing", "upper quadrant pain", "left upper quadrant pain"),
    ("behind a decimal point", "1.5 mg", "5 mg"),
    ("from a decimal point on", "1.5 mg", ".5 mg"),
    ("up to a decimal point", "dose 5.5 mg", "dose 5."),
    ("before a decimal point", "stage 1.5", "stage 1"),
    ("sign that is not there", "CD4 - cells", "+"),
    ("punctuation only", "lupus", "..."),
    ("other unit", "aspirin 81 mg", "aspirin 81 µg"),
    ("other number as a word", "type two diabetes", "type one diabetes"),
    ("other sign", "HER2- tumour", "HER2+ tumour"),
    ("power", "10² cells", "102 cells"),
    ("other Korean syllable", "급성 신장 질환", "급성 심장 질환"),
    ("other short Korean word", "감염 소견", "간염"),
    ("other ideograph", "慢性心肌梗死", "急性心肌梗死"),
    ("other Chinese number", "三度房室传导阻滞", "二度房室传导阻滞"),
    ("denied in Chinese", "小细胞肺癌", "非小细胞肺癌"),
]


def parts(text: str, found: list[Match]) -> list[str]:
    return [text[match.start : match.end] for match in found]


@pytest.mark.parametrize(
    ("text", "mention", "expected", "tier"),
    [pytest.param(*case, id=name) for name, *case in FOUND],
)
def test_found(text: str, mention: str, expected: list[str] | None, tier: str) -> None:
    found = Aligner().candidates(text, mention)
    assert parts(text, found) == ([text] if expected is None else expected)
    assert found[0].tier == tier
    assert (found[0].score < 1.0) == (tier == "fuzzy")


@pytest.mark.parametrize(
    ("text", "mention"), [pytest.param(*case, id=name) for name, *case in NOT_FOUND]
)
def test_not_found(text: str, mention: str) -> None:
    assert Aligner().candidates(text, mention) == []
    assert Aligner().align(text, [mention]) == [None]


# name, text, mentions, the starts of their matches
ORDER = [
    ("after the one before", "gout lupus gout", ["lupus", "gout"], [5, 11]),
    ("before the one after", "gout lupus gout", ["gout", "lupus"], [0, 5]),
    ("the earliest in between", "a gout gout gout b", ["a", "gout", "b"], [0, 2, 17]),
    ("one out of order", "gout lupus rash", ["lupus", "gout", "rash"], [5, 0, 11]),
    ("the odd one fits between", "gout lupus rash gout", ["lupus", "gout", "rash"], [5, 16, 11]),
    ("fuzzy ones too", "gout lupus gout", ["lupus", "goat"], [5, 11]),
]


@pytest.mark.parametrize(
    ("text", "mentions", "starts"), [pytest.param(*case, id=name) for name, *case in ORDER]
)
def test_order(text: str, mentions: list[str], starts: list[int | None]) -> None:
    found = Aligner(0.7).align(text, mentions)
    assert [match and match.start for match in found] == starts


REPEATS = [
    ("in order", "gout gout gout", ["gout", "gout"], [0, 5]),
    ("surplus", "gout", ["gout", "gout"], [0, None]),
    ("written differently", "Gout gout", ["gout", "Gout"], [0, 5]),
    ("with punctuation", "gout, gout.", ["gout.", "gout"], [0, 6]),
    ("exact before folded", "GOUT GOUT gout", ["gout"], [10]),
    ("chosen ones in document order", "GOUT gout GOUT gout", ["gout"] * 3, [0, 5, 15]),
    ("short ones keep their case", "ms MS", ["MS", "ms"], [3, 0]),
    ("different mentions do not compete", "lung cancer", ["lung cancer", "cancer"], [0, 5]),
    ("fuzzy ones share", "telangectasia", ["telangiectasia", "telangiectasis"], [0, 0]),
    ("fuzzy repeats do not", "telangectasia", ["telangiectasia"] * 2, [0, None]),
    ("overlapping candidates are one", "-MS, MS", ["-MS", "MS", "MS"], [0, 5, None]),
    ("others in between", "a gout b gout", ["gout", "b", "gout"], [2, 7, 9]),
]


@pytest.mark.parametrize(
    ("text", "mentions", "starts"), [pytest.param(*case, id=name) for name, *case in REPEATS]
)
def test_repeats(text: str, mentions: list[str], starts: list[int | None]) -> None:
    found = Aligner().align(text, mentions)
    assert [match and match.start for match in found] == starts


def test_a_surplus_repeat_has_candidates_and_a_hallucination_has_none() -> None:
    aligner = Aligner()
    assert aligner.align("gout", ["gout", "gout", "lupus"])[1:] == [None, None]
    assert aligner.candidates("gout", "gout")
    assert not aligner.candidates("gout", "lupus")


def test_the_best_fuzzy_match_comes_first_then_the_earliest() -> None:
    text = "telangectasja, telangiectasya, telangiectasja"
    found = Aligner().candidates(text, "telangiectasia")
    assert [match.start for match in found] == [15, 31, 0]
    assert found[0].score == found[1].score == 13 / 14
    assert found[2].score == 12 / 14


def test_the_threshold_is_reached_by_an_equal_similarity() -> None:
    assert Aligner(0.8).candidates("lupos", "lupus")
    assert not Aligner(0.81).candidates("lupos", "lupus")


def test_windows_hold_whole_words() -> None:
    text = "acute lymphoblastic leukaemias now"
    found = Aligner().candidates(text, "acute lymphoblastic leukemia")
    assert parts(text, found) == ["acute lymphoblastic leukaemias"]


@given(st.text(max_size=40), st.data())
def test_an_exact_match_is_the_mention_itself(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    mention = text[start : data.draw(st.integers(start, len(text)))]
    for match in Aligner(LOOSE).candidates(text, mention):
        assert 0 <= match.start < match.end <= len(text)
        if match.tier == "exact":
            assert text[match.start : match.end] == reference.trimmed(mention)


@given(st.text(max_size=30), st.text(max_size=10))
def test_space_and_other_text_around_do_not_change_the_offsets(text: str, mention: str) -> None:
    aligner = Aligner(LOOSE)
    shifted = [
        Match(match.start + 2, match.end + 2, match.tier, match.score)
        for match in aligner.candidates(text, mention)
    ]
    assert aligner.candidates("\n\n" + text + "\n", f" {mention}\t") == shifted


@given(
    st.lists(st.tuples(st.text("ab \u0301é-", max_size=12), st.lists(st.text("ab é", max_size=4)))),
    st.integers(2, 4),
)
def test_a_batch_is_its_texts_one_by_one(pairs: list[tuple[str, list[str]]], threads: int) -> None:
    aligner = Aligner(LOOSE)
    texts, mentions = [text for text, _ in pairs], [list_ for _, list_ in pairs]
    expected = [aligner.align(text, list_) for text, list_ in pairs]
    assert aligner.align_batch(texts, mentions) == expected
    assert aligner.align_batch(texts, mentions, threads=threads) == expected


def test_columns_hold_what_the_lists_hold() -> None:
    texts = ["gout and góut 🙂 lupus", "", "lupus"]
    mentions = [["gout", "rash", "gout"], [], ["lupos"]]
    found = Aligner().align_batch(texts, mentions)
    columns = Aligner().align_batch(texts, mentions, columns=True)
    assert columns.offsets.tolist() == [0, 3, 3, 4]
    tiers = ["exact", "folded", "fuzzy"]
    rows = zip(columns.start, columns.end, columns.tier, columns.score, strict=True)
    read = [
        None if start < 0 else Match(start, end, tiers[t], score) for start, end, t, score in rows
    ]
    assert read == [match for of_text in found for match in of_text]
    assert (columns.tier[1], columns.end[1], columns.score[1]) == (-1, -1, 0.0)
    empty = Aligner().align_batch([], [], columns=True)
    assert (empty.offsets.tolist(), empty.start.size) == ([0], 0)


@pytest.mark.parametrize("threshold", [0, -1, 1.01, float("nan"), float("inf")])
def test_thresholds_outside_of_the_unit_interval_are_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match=r"threshold must be in \(0, 1\]"):
        Aligner(threshold)


@pytest.mark.parametrize(
    ("text", "mention", "message"),
    [("a\ud800", "a", "text has a lone surrogate at character 1"), ("a", "\udfff", "mention")],
)
def test_lone_surrogates_are_refused(text: str, mention: str, message: str) -> None:
    aligner = Aligner()
    with pytest.raises(ValueError, match=message):
        aligner.align(text, [mention])
    with pytest.raises(ValueError, match=message):
        aligner.candidates(text, mention)
    with pytest.raises(ValueError, match="lone surrogate"):
        aligner.align_batch([text], [[mention]])
    with pytest.raises(ValueError, match="lone surrogate"):
        similarity(text, mention)


def test_batches_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 texts need as many lists of mentions, got 1"):
        Aligner().align_batch(["a", "b"], [["a"]])
    for threads in (0, -1):
        with pytest.raises(ValueError, match="threads must"):
            Aligner().align_batch(["a"], [["a"]], threads=threads)
    with pytest.raises(TypeError):
        Aligner().align("lupus", "lupus")


def test_values_are_frozen_comparable_and_can_be_sent_to_other_processes() -> None:
    match = Match(0, 5, "exact", 1.0)
    assert Aligner().align("lupus", ["lupus"]) == [match]
    assert repr(match) == "Match(start=0, end=5, tier='exact', score=1.0)"
    assert pickle.loads(pickle.dumps((match, Aligner(0.7)))) == (match, Aligner(0.7))
    with pytest.raises(AttributeError):
        match.start = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("a", "b", "tier", "score"),
    [
        ("lupus", "lupus", "exact", 1.0),
        ("", "", "exact", 1.0),
        ("Lu-pus", "lupus.", "folded", 1.0),
        ("MS", "ms", "folded", 1.0),
        ("lupus", "lupos", "fuzzy", 0.8),
        ("lupus", "gout", "fuzzy", 0.2),
        ("type 1", "type 2", None, 0.8),
        ("ab", "abc", None, 2 / 3),
        ("abc", "xyz", None, 0.0),
        ("lupus", "", None, 0.0),
        ("?", "!", None, 0.0),
    ],
)
def test_similarity(a: str, b: str, tier: str | None, score: float) -> None:
    assert similarity(a, b) == (tier, score)
    assert similarity(b, a) == (tier, score)


@pytest.mark.parametrize(
    ("mentions", "starts"),
    [
        (["Familial gastric cancer", "gastric cancer"], [0, 38]),
        (["gastric cancer", "Familial gastric cancer"], [38, 0]),
        (["gastric cancer", "gastric cancer", "Familial gastric cancer"], [9, 38, 0]),
        (["cancer", "gastric cancer", "Familial gastric cancer"], [17, 38, 0]),
        (["gastric cancer"], [9]),
    ],
)
def test_an_occurrence_inside_a_longer_mention_is_taken_last(
    mentions: list[str], starts: list[int]
) -> None:
    text = "Familial gastric cancer is other than gastric cancer."
    found = Aligner().align(text, mentions)
    assert [match.start if match else None for match in found] == starts
