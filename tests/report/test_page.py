"""Pages: valid, harmless whatever the texts say, and true to the journal."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from report.kit import LABELS, Element, Tree, check, entity, record, run

from nerharness.escapes import escaped
from nerharness.pages import is_page
from nerharness.report.comparison_page import comparison_page
from nerharness.report.label_codes import COLOURS, LabelCodes
from nerharness.report.page import Content
from nerharness.report.run_page import run_page
from nerharness.runs.comparison import read_runs
from nerharness.runs.folder import RunFolder
from nerharness.runs.lookup import Lookup, Shown
from nerharness.runs.record import Exchange, Outputs, Record
from nerharness.scoring.comparison import Comparison
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.pair import Gap
from nerharness.types import Mention, Span

DRAWS = Resampling(draws=100)
WHOLE = Content()
ATTACK = '</div></script><script>alert(1)</script><img src=x onerror="alert(2)">'


def page_of(path: Path, *records: Record, content: Content = WHOLE, **rest: object) -> str:
    if not path.exists():
        run(path, records, **rest)  # type: ignore[arg-type]
    return run_page(RunFolder.open(path), content, DRAWS)


def test_nested_overlapping_and_discontinuous_entities_have_their_own_lines(tmp_path: Path) -> None:
    text = "pain in left arm and leg"
    gold = [entity("sign", 0, 16), entity("sign", 0, 12, 21, 24), entity("disease", 8, 16)]
    found = [entity("sign", 0, 16), entity("rare_disease", 8, 24)]
    tree = check(page_of(tmp_path / "run", record("d", text, gold, found)))
    assert tree.texts() == [text]
    start = [("c2", "pain in "), ("c2", "left"), ("c2", " "), ("c2", "arm")]
    other = [("c2", "pain in "), ("c2", "left"), ("c2", "leg"), ("c0", "left"), ("c0", " ")]
    assert sorted(tree.lined("g")) == sorted([*start, *other, ("c0", "arm")])
    below = [("c1", part) for part in ("left", " ", "arm", " and ", "leg")]
    assert sorted(tree.lined("p")) == sorted([*start, *below])
    assert [one.words for one in tree.of("span", "b") if one.words] == [" ", "arm", " and "]
    rows = [[cell.text for cell in tree.of("td") if row in cell.inside] for row in errors(tree)]
    assert rows == [
        ["1", "missed", "sign pain in left … leg", "–"],
        ["2", "both", "disease left arm", "rare_disease left arm and leg"],
    ]
    codes = [one.text for one in tree.of("span", "k")]
    assert codes == ["DI2SISI", "SI1RD2"], "gold stands over predicted, with the error's number"


def test_only_what_is_part_of_an_error_is_red_and_hovering_tells_what_it_is(tmp_path: Path) -> None:
    gold = [entity("sign", 0, 4), entity("sign", 9, 14)]
    found = [entity("sign", 0, 4), entity("disease", 9, 14)]
    wrong, empty = record("d", "rash and fever", gold, found), record("e", "well", [], [])
    tree = check(page_of(tmp_path / "run", wrong, empty))
    assert [one.words for one in tree.of("span", "x")] == ["fever"]
    titles = [one.attributes["title"] for one in tree.of("b") if "title" in one.attributes]
    assert titles == ["gold: sign", "predicted: sign", "gold: sign", "predicted: disease"]
    assert "right place, wrong label" in [one.attributes.get("title") for one in tree.of("td")]
    labels = {one.text: str(one.attributes["value"]) for one in tree.of("option")}
    (error,) = errors(tree)
    assert error.attributes["data-labels"] == " ".join((labels["disease"], labels["sign"]))
    assert [one.attributes.get("dir") for one in tree.of("div", "text")] == ["auto"] * 2


def test_stretches_without_an_answer_are_quoted_by_their_beginning(tmp_path: Path) -> None:
    text = "no rash; " + "a" * 61
    gaps = (Gap(Span(3, 7), "truncated"), Gap(Span(9, 70), "unparsed"))
    tree = check(
        page_of(tmp_path / "run", record("d", text, [entity("sign", 3, 7)], [], gaps=gaps))
    )
    assert [one.text for one in tree.of("p", "silence")] == [
        "no answer (truncated) about: rash",
        f"no answer (unparsed) about: {'a' * 60} …",
    ]


@pytest.mark.parametrize("several", [False, True])
def test_each_lane_has_its_style_and_each_text_room_for_its_lanes(
    tmp_path: Path, several: bool
) -> None:
    nested = [entity("sign", start, 9 - start) for start in range(4)]
    if several:
        for name, found in (("one", nested), ("two", [])):
            run(tmp_path / name, [record("d", "aaaaaaaaa", nested[:1], found)])
        names = [str(tmp_path / name) for name in ("one", "two")]
        page = comparison_page(Comparison.of(read_runs(names), DRAWS), [{}, {}], WHOLE)
    else:
        page = page_of(tmp_path / "run", record("d", "aaaaaaaaa", nested, []))
    tree = check(page)
    assert tree.of("div", "h4")
    (style,) = tree.of("style")
    for side, edge in (("g", "top"), ("p", "bottom")):
        pads = re.findall(rf"\.{side}\.l(\d)\{{padding-{edge}:(\d+)px\}}", style.text)
        assert pads == [("0", "1"), ("1", "6"), ("2", "11"), ("3", "16")]
    rooms = re.findall(r"\.h(\d)\{line-height:calc\(1.6em \+ (\d+)px\)\}", style.text)
    assert rooms == [(str(lanes), str(10 * lanes)) for lanes in range(5)]


def errors(tree: Tree) -> list[Element]:
    return [one for one in tree.of("tr") if "data-cause" in one.attributes]


def hostile(text: str) -> Record:
    middle = len(text) // 2
    return record(
        f"id {text}",
        text,
        [entity(ATTACK, 0, middle), entity("sign", 1, len(text))],
        [entity("sign", 0, middle + 1)],
        confidences=(0.5,),
        ungrounded=(Mention(text, "sign"), Mention("x", text)),
        gaps=(Gap(Span(0, len(text)), "truncated"),),
        outputs=Outputs(2, 1, 1, 0, {text: 3}),
        transcript=(Exchange((("system", text), ("user", text)), text, "stop", prefix=text),),
        error=text,
    )


@pytest.mark.parametrize(
    "text",
    [
        ATTACK,
        "--> ]]> & &amp; &lt; ' \" `",
        "\n\nline\none\r\ntwo\ttab",
        "\x00\x1b[31m\x7f\x9b",
        "\ud800 alone \udfff",
        "\U0001d54f astral \U0001f9ec𐐷",
        "שלום עולם ‎ مرحبا",
        "turned \u202e round \u2066 and \u2069 back",
        "\ufeff\ufffe\ufdd0 nothing",
        "</style><style>*{display:none}",
    ],
)
def test_no_text_acts_and_all_of_it_is_seen(tmp_path: Path, text: str) -> None:
    labels = ("sign", ATTACK, text)
    page = page_of(
        tmp_path / "run",
        hostile(text),
        content=Content(transcripts=True),
        labels=labels,
        corpus=text,
        plugins={"taggers": {"name": text, "options": {text: text}}},
    )
    tree = check(page)
    shown = re.sub(
        "[\u202a-\u202e\u2066-\u2069\ufdd0\ufffe]",
        lambda one: f"\\u{ord(one[0]):04x}",
        escaped(text),
    )
    assert tree.texts() == [shown]
    assert [one.text.removeprefix("\n") for one in tree.of("pre")] == [shown] * 4
    assert page.encode("utf-8")
    controls = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    assert not controls.search(page)


def test_any_entities_leave_the_text_as_it_is(tmp_path: Path) -> None:
    chance = random.Random(5)
    records = []
    for number in range(40):
        text = "".join(chance.choice("ab <&\n\U0001f9ec é") for _ in range(chance.randrange(4, 60)))

        def some(size: int = len(text)) -> list:  # type: ignore[type-arg]
            bounds = (
                sorted(chance.sample(range(size + 1), chance.choice((2, 2, 4)))) for _ in range(5)
            )
            return [entity(chance.choice(LABELS), *one) for one in bounds]

        records.append(record(f"{number}", text, some(), some()))
    tree = check(page_of(tmp_path / "run", *records))
    assert sorted(tree.texts()) == sorted(one.text for one in records)
    counted = len(errors(tree))
    scores = RunFolder.open(tmp_path / "run").score(LABELS, DRAWS).agreement.errors
    alone = scores.fp["spurious"] + scores.fp["duplicate"]
    assert counted == scores.fn.total() + alone


def test_the_policy_lets_only_the_page_itself_act(tmp_path: Path) -> None:
    page = page_of(tmp_path / "run", record("d", "rash", [entity("sign", 0, 4)], []))
    tree = check(page)
    policy = next(
        str(one.attributes["content"])
        for one in tree.of("meta")
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        (inside,) = tree.of(kind)
        digest = b64encode(sha256(inside.text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.endswith("base-uri 'none'; form-action 'none'")
    assert is_page(page)
    assert not is_page("<!DOCTYPE html>\n<html><head></head><body>someone's</body></html>")
    assert "unsafe" not in policy
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org/2000/svg", "", page)


def test_the_worst_documents_come_first_and_what_is_cut_is_said(tmp_path: Path) -> None:
    good, bad = entity("sign", 0, 4), entity("sign", 5, 8)
    records = [
        record("right", "rash and more", [good], [good]),
        record("worst", "rash and more", [good], [bad]),
        record("b", "rash and more", [good], []),
        record("c failed", "rash and more", [good], [], error="no answer"),
    ]
    page = page_of(tmp_path / "run", *records)
    titles = [one.text for one in check(page).of("h3")]
    assert [title.partition(" tp")[0] for title in titles] == ["worst", "c failed", "b", "right"]
    assert "All 4, those with the most errors first." in page
    options = {one.attributes["value"] for one in check(page).of("option")}
    assert {row.attributes["data-cause"] for row in errors(check(page))} <= options
    assert "1 of 4 documents failed; the first, &#x27;c failed&#x27;: no answer" in page
    cut = check(page_of(tmp_path / "run", content=Content(documents=1)))
    assert [one.text.partition(" tp")[0] for one in cut.of("h3")] == ["worst"]
    assert any(
        "1 of 4, those with the most errors first; the others" in p.text for p in cut.of("p")
    )
    none = check(page_of(tmp_path / "run", content=Content(documents=0)))
    assert not none.of("article")
    assert not none.of("form")


SECRETS = ("SECRETtext", "SECRETid", "SECRETpath", "SECRETmention", "SECRETsaid", "SECRETerror")


def secret(found: bool) -> Record:
    rash = entity("sign", 11, 15)
    return record(
        "SECRETid",
        "SECRETtext rash",
        [rash, entity("disease", 0, 10)],
        [rash] if found else [],
        ungrounded=(Mention("SECRETmention", "sign"),),
        outputs=Outputs(1, 0, 1),
        transcript=(Exchange((("user", "SECRETsaid"),), "SECRETsaid", "stop"),),
        error="SECRETerror",
    )


def plugins() -> dict[str, object]:
    options = {"model": "/SECRETpath/model", "url": "SECRETpath"}
    return {"backends": {"name": "hf", "options": options}, "strategies": {"name": "rag"}}


def test_without_text_there_are_only_figures(tmp_path: Path) -> None:
    spec = {"corpus": "/SECRETpath/x", "knowledge": "SECRETpath", "plugins": plugins()}
    for name in ("one", "two"):
        run(tmp_path / "SECRETpath" / name, [secret(name == "one")], **spec)
    folder = RunFolder.open(tmp_path / "SECRETpath" / "one")
    for text in (True, False):
        content = Content(text=text, transcripts=text)
        page = run_page(folder, content, DRAWS)
        check(page)
        assert [word for word in SECRETS if word in page] == list(SECRETS) * text
        assert "F1 by strict match" in page
        assert "1 of 1 documents failed" in page
        runs = read_runs([str(tmp_path / "SECRETpath" / name) for name in ("one", "two")])
        described = [folder.description()] * 2
        both = comparison_page(Comparison.of(runs, DRAWS), described, content)
        check(both)
        assert any(word in both for word in SECRETS) == text
        assert "two minus one" in both


def test_runs_of_one_name_have_numbers_where_paths_must_not_be_shown(tmp_path: Path) -> None:
    names = [str(tmp_path / place / "run") for place in ("SECRETpath", "SECRETid")]
    for name in names:
        run(Path(name), [record("d", "rash", [entity("sign", 0, 4)], [])])
    comparison = Comparison.of(read_runs(names), DRAWS)
    described = [RunFolder.open(Path(name)).description() for name in names]
    page = comparison_page(comparison, described, Content(text=False))
    check(page)
    assert "SECRET" not in page
    assert "run 2 minus run 1" in page
    assert f"{names[1]} minus {names[0]}" in comparison_page(comparison, described, WHOLE)
    first, second = comparison.runs
    here = Comparison.of([first._replace(name="run"), second._replace(name="SECRETid/run")], DRAWS)
    assert "SECRET" not in comparison_page(here, described, Content(text=False))


def test_what_the_terminal_warns_of_stands_on_the_page(tmp_path: Path) -> None:
    path = run(tmp_path / "run", [record("d", "rash", [entity("sign", 0, 4)], [])])
    described = json.loads((path / "run.json").read_text())
    described["corpus"]["documents"] = 3
    (path / "run.json").write_text(json.dumps(described))
    warnings = [one.text for one in check(page_of(path)).of("p", "warning")]
    assert warnings[0] == "2 documents of the run are missing, and not scored"
    assert warnings[1].startswith("warning: intervals are too narrow")
    assert not check(page_of(path)).of("p", "protected")
    marked = check(page_of(path, content=Content(protected=True)))
    assert [one.text for one in marked.of("p", "protected")] == [
        "This page holds protected texts: treat it as the notes themselves."
    ]


def test_what_failed_in_a_run_that_is_compared_is_said(tmp_path: Path) -> None:
    for name, error in (("one", None), ("two", "SECRETerror")):
        one = record("d", "rash", [entity("sign", 0, 4)], [], error=error)
        run(tmp_path / name, [one])
    names = [str(tmp_path / name) for name in ("one", "two")]
    comparison = Comparison.of(read_runs(names), DRAWS)
    page = comparison_page(comparison, [{}, {}], Content(text=False))
    lines = [one.text for one in check(page).of("p", "warning")]
    assert lines[0] == "two: 1 documents failed, and count as without entities"
    assert not [line for line in lines if line.startswith("one: ")]
    assert "SECRETerror" not in page


def test_a_run_without_gold_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path / "run", record("d", "rash", [], [entity("sign", 0, 4)]))
    line = "no document has gold entities: each predicted one counts as an error"
    assert check(page).of("p", "warning")[0].text == line
    assert line not in page_of(tmp_path / "two", record("d", "rash", [entity("sign", 0, 4)], []))


def test_all_that_prompts_were_made_from_is_said(tmp_path: Path) -> None:
    paths = {
        name: f"/SECRET/{name}" for name in ("guidelines", "templates", "training", "knowledge")
    }
    numbers = {"continuations": 2, "reasoning_tokens": 0, "threshold": 0.9, "limit": 1000}
    spec = {"unit": "window", "confidence": True, "hints": "none", **paths, **numbers}
    one = record("d", "rash", [entity("sign", 0, 4)], [])
    run(tmp_path / "run", [one], plugins={"backends": {"name": "hf"}}, **spec)
    for text in (True, False):
        tree = check(page_of(tmp_path / "run", content=Content(text=text)))
        names, values = ([one.text for one in tree.of(tag)] for tag in ("dt", "dd"))
        facts = dict(zip(names, values, strict=True))
        assert {name: facts[name] for name in paths} == {
            name: path if text else "given" for name, path in paths.items()
        }
        assert (facts["continuations"], facts["threshold"]) == ("2", "0.9")
        assert (facts["unit"], facts["confidence"]) == ("window", "yes")
        assert facts["split"] == "test, the first 1000 documents"
        assert not {"reasoning tokens", "hints", "labels", "tokens"} & facts.keys()


def test_the_picture_says_what_the_tables_say(tmp_path: Path) -> None:
    gold = [entity("sign", 0, 4), entity("sign", 9, 14), entity("disease", 15, 19)]
    found = [entity("sign", 0, 4), entity("rare_disease", 5, 8), entity("disease", 15, 19)]
    records = [record(str(n), "rash and fever gout", gold, found) for n in range(3)]
    tree = check(page_of(tmp_path / "run", *records, labels=(*LABELS, "never")))
    cells = {}
    for row in tree.of("tr"):
        inside = [one for one in tree.of("td") if row in one.inside]
        if len(inside) == 8 and "never" not in inside[0].text:  # label P R F1 interval tp fp fn
            cells[inside[0].text] = f"{inside[3].text} ({inside[4].text})"
            assert [one.has("n") for one in inside] == [False, *[True] * 7]
            assert row.has("strong") == (inside[0].text in {"micro", "macro", "weighted"})
    assert cells["rare_disease"] == "0.000 (0.000–0.000)"
    assert cells["macro"] != cells["weighted"]
    del cells["weighted"]
    titles = [one.text for one in tree.of("figcaption")]
    assert titles[:3] == ["all protocols", "strict match", "F1 by strict match"]
    assert {"what would be, with one thing put right", "strict match by nesting"} <= set(titles)
    assert not [title for title in titles if title.startswith("gold mentions in")]
    (picture,) = tree.of("svg")
    told = [one.text for one in tree.of("title") if picture in one.inside][1:]
    assert told == [f"F1: {name} {figures}" for name, figures in cells.items()]


def test_what_was_retrieved_has_its_table(tmp_path: Path) -> None:
    found = Lookup(
        Span(0, 4),
        (("e", 0.5),),
        (),
        2,
        {"examples": Shown(1, 2, 2), "passages": Shown(), "any": Shown(1, 2, 2)},
    )
    one = record("d", "rash", [entity("sign", 0, 4)], [], retrieved=(found,))
    tree = check(page_of(tmp_path / "run", one))
    assert "gold mentions in what was retrieved (2)" in [f.text for f in tree.of("figcaption")]
    cells = [one.text for one in tree.of("td")]
    assert cells[cells.index("examples") :][:5] == ["examples", "1", "50.0%", "100.0%", "100.0%"]


def test_each_run_of_several_has_its_facts_labels_and_causes(tmp_path: Path) -> None:
    gold, other = entity("sign", 0, 4), entity("odd", 5, 8)
    plugins = {"taggers": {"name": "gazetteer"}, "backends": 3}
    spec: dict[str, object] = {"plugins": plugins, "unit": "window", "confidence": True}
    run(tmp_path / "one", [record(id, "rash and", [gold], []) for id in "ab"], **spec)
    found = [gold, other, entity("odd", 0, 3)]
    run(tmp_path / "two", [record(id, "rash and", [gold], found, error="") for id in "ab"])
    folders = [RunFolder.open(tmp_path / name) for name in ("one", "two")]
    described = [folder.description() for folder in folders]
    described[1]["model"] = {"model": "/SECRETpath/m"}
    comparison = Comparison.of(read_runs([str(one.path) for one in folders]), DRAWS)
    tree = check(comparison_page(comparison, described, WHOLE))
    assert {"missed", "spurious"} <= {one.text for one in tree.of("option")}
    assert "odd" in [one.text for one in tree.of("option")]
    rows = [[one.text for one in tree.of("td") if row in one.inside] for row in tree.of("tr")]
    assert ["tagger", "gazetteer", "–"] in rows
    assert ["model", "–", "/SECRETpath/m"] in rows
    assert not [row for row in rows if row and row[0] in {"unit", "confidence"}]
    titles = [one.text for one in tree.of("figcaption")]
    assert {"two minus one: micro F1", "two minus one: F1 by strict match"} <= set(titles)
    warned = [one.text for one in tree.of("p", "warning")]
    assert warned[0] == "two: 2 documents failed, and count as without entities"
    bare = check(comparison_page(comparison, described, Content(text=False)))
    rows = [[one.text for one in bare.of("td") if row in one.inside] for row in bare.of("tr")]
    assert ["model", "–", "m"] in rows
    assert "2 of 2 documents failed" in page_of(tmp_path / "two")


def test_what_a_run_did_not_use_is_no_fact_of_it(tmp_path: Path) -> None:
    named: dict[str, object] = {
        "backends": {"name": "hf", "options": {"model": "m", "revision": None, "trust": False}},
        "retrievers": {"name": "dense"},
    }
    path = run(tmp_path / "run", [record("d", "rash", [], [])], plugins=named)
    facts = {one.text for one in check(page_of(path)).of("dt")}
    assert "backend" in facts
    assert "retriever" not in facts
    assert "hf (model m)" in [one.text for one in check(page_of(path)).of("dd")]
    described = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps({**described, "observed": [{"retriever": {}}]}))
    assert "retriever" in {one.text for one in check(page_of(path)).of("dt")}


def test_a_page_says_whether_it_holds_texts(tmp_path: Path) -> None:
    path = run(tmp_path / "run", [record("d", "rash", [], [])])
    for documents, what in ((1, "holds texts"), (0, "may hold ids and errors of texts")):
        tree = check(page_of(path, content=Content(documents=documents)))
        assert tree.of("p", "note")[0].text.startswith(f"This page {what} of documents")
        assert not tree.of("form"), "one document needs no filter"


def test_an_unusual_description_and_a_run_without_entities_have_a_page(tmp_path: Path) -> None:
    path = run(tmp_path / "run", [record("d", "no rash", [], []), record("e", "", [], [])])
    (path / "run.json").write_text('{"schema": 1, "labels": [], "spec": 3, "corpus": []}')
    tree = check(page_of(path))
    assert sorted(tree.texts()) == ["", "no rash"]
    assert "None by strict match." in [one.text for one in tree.of("p")]


def test_confusions_calibration_and_outputs_are_shown(tmp_path: Path) -> None:
    text = "rash fever gout"
    gold = [entity("sign", 0, 4), entity("sign", 5, 10), entity("disease", 11, 15)]
    found = [entity("disease", 0, 4), entity("disease", 5, 10), entity("disease", 11, 15)]
    one = record("d", text, gold, found, confidences=(0.2, 0.4, 0.9), outputs=Outputs(4, 1, 2, 1))
    page = page_of(tmp_path / "run", one)
    tree = check(page)
    (heat,) = tree.of("table", "heat")
    rows = [[one.text for one in tree.elements if row in one.inside] for row in tree.of("tr")
            if heat in row.inside]  # fmt: skip
    assert rows == [["", "disease", "sign"], ["disease", "·", "·"], ["sign", "2", "·"]]
    assert [cell.text for cell in tree.of("td", "q6")] == ["2"]
    assert "confidence (expected error" in page
    assert "4: parse failed 1 (25.0%), repaired 2 (50.0%), truncated 1 (25.0%)" in page
    assert "(0.40)" in page


def test_runs_stand_beside_each_other_with_their_predictions(tmp_path: Path) -> None:
    good, bad = entity("sign", 0, 4), entity("sign", 5, 8)
    texts = {id: f"rash and {id}" for id in ("same", "little", "much")}
    answers = {
        "one": {id: [good] for id in texts},
        "two": {"same": [good], "little": [], "much": [bad]},
    }
    for name, found in answers.items():
        run(tmp_path / name, [record(id, text, [good], found[id]) for id, text in texts.items()])
    names = [str(tmp_path / name) for name in answers]
    comparison = Comparison.of(read_runs(names), DRAWS)
    described = [RunFolder.open(Path(name)).description() for name in names]
    page = comparison_page(comparison, described, Content())
    tree = check(page)
    assert [one.text for one in tree.of("h3")][2:] == ["much", "little"]
    assert tree.texts() == ["rash and much"] * 2 + ["rash and little"] * 2
    assert [one.text for one in tree.of("h4")] == [
        "one tp 1, fp 0, fn 0",
        "two tp 0, fp 1, fn 1",
        "one tp 1, fp 0, fn 0",
        "two tp 0, fp 0, fn 1",
    ]
    assert "All 2 about which runs differ (of 3 documents)" in page
    assert "two minus one: F1 by strict match" in page
    assert "p perm." in page
    assert "3 documents; 100 draws, seed 0." in page
    cut = check(comparison_page(comparison, described, Content(documents=1)))
    assert len(cut.of("article")) == 1
    same = Comparison.of([comparison.runs[0], comparison.runs[0]._replace(name="again")], DRAWS)
    assert not check(comparison_page(same, described, Content())).of("article")


def test_only_shown_transcripts_are_read_and_folds_are_closed(tmp_path: Path) -> None:
    said = Exchange((("user", "which?"),), "rash", "length")
    records = [
        replace(record(str(n), "rash", [entity("sign", 0, 4)] * (n == 1), []), transcript=(said,))
        for n in range(3)
    ]
    run(tmp_path / "run", records)
    assert not check(page_of(tmp_path / "run")).of("details")
    tree = check(page_of(tmp_path / "run", content=Content(documents=2, transcripts=True)))
    assert [one.attributes for one in tree.of("details")] == [{}, {}]
    assert [one.text for one in tree.of("p", "who")] == ["user", "answer (length)"] * 2


def test_codes_tell_labels_apart() -> None:
    labels = [
        "disease",
        "rare_disease",
        "RareDisease",
        "sign",
        "signal",
        "s",
        "-",
        "疾病",
        "",
        "--",
    ]
    codes = LabelCodes.of(labels).codes
    assert codes["rare_disease"] == "RD"
    assert codes["sign"] == "SI"
    assert len(set(codes.values())) == len(labels)
    assert LabelCodes.of(["lab", "labels", "label"]).codes["label"] == "LABE"
    ninth = LabelCodes.of(map(str, range(COLOURS + 1)))
    assert ninth.colour(str(COLOURS)) == ninth.colour("0") == "c0"
    many = LabelCodes.of(f"label {n}" for n in range(300)).codes
    assert len(set(many.values())) == 300


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of WCAG 2."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


@pytest.mark.parametrize("dark", [False, True])
def test_colours_have_the_contrast_that_text_needs(dark: bool) -> None:
    style = (files("nerharness") / "data/page/report.css").read_text()
    light, _, rest = style.partition("@media (prefers-color-scheme:dark)")
    rules = rest.partition("}}")[0] if dark else light
    known = {name: long(value) for name, value in re.findall(r"--(\w+):(#[0-9a-f]+)", rules)}
    for number in range(COLOURS):
        assert contrast(known[f"c{number}"], known["on"]) >= 4.5, number
        assert contrast(known[f"c{number}"], known["paper"]) >= 4.5, number
    grounds = [("ink", one) for one in ("paper", "fault", "soft", *(f"q{n}" for n in range(1, 7)))]
    for text, ground in (*grounds, ("dim", "paper"), ("link", "paper"), ("warn", "warned")):
        assert contrast(known[text], known[ground]) >= 4.5, (text, ground)
