"""`nerharness align`: lines of mentions in, the same lines with offsets out."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness.align import Aligner
from nerharness.mention_lines import BATCH

Cli = Callable[..., Any]
Line = dict[str, Any]

REPOSITORY = Path(__file__).parents[2]
PLACE = ("start", "end", "tier", "score")
NOWHERE = {"start": None, "end": None, "tier": "none", "score": None}


def line(text: str, *mentions: str | Line, **more: Any) -> Line:
    objects = [{"text": one} if isinstance(one, str) else one for one in mentions]
    return {**more, "text": text, "mentions": objects}


def put(*lines: str | bytes | Line, name: str = "in.jsonl") -> str:
    """Write a file of lines; returns its name."""
    texts = [json.dumps(one, ensure_ascii=False) if isinstance(one, dict) else one for one in lines]
    data = [one.encode() if isinstance(one, str) else one for one in texts]
    Path(name).write_bytes(b"".join(one + b"\n" for one in data))
    return name


def parsed(out: str) -> list[Line]:
    assert out == "" or out.endswith("\n")
    return [json.loads(one) for one in out.split("\n")[:-1]]


def places(out: str) -> list[list[tuple[Any, ...]]]:
    return [[tuple(m[key] for key in PLACE) for m in one["mentions"]] for one in parsed(out)]


def many(count: int) -> list[Line]:
    return [
        line(f"Note {n}: no fever{' at all' * (n % 7)}, ataxia.", "ataxia", "Fever", "rash", id=n)
        for n in range(count)
    ]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    def feed(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return feed


def test_each_mention_is_given_its_place_and_tier(cli: Cli) -> None:
    mentions = ("fever", "FEVER", "ataxia-telangiectasia", "Friedrich ataxia", "rash", "", " ")
    file = put(line("fever, Fever; Ataxia telangiectasia or Friedreich ataxia", *mentions))
    code, out, _ = cli("align", file)
    assert code == 0
    assert places(out) == [
        [
            (0, 5, "exact", 1.0),
            (7, 12, "folded", 1.0),
            (14, 35, "folded", 1.0),
            (39, 56, "fuzzy", 0.9375),
            *[tuple(NOWHERE.values())] * 3,
        ]
    ]


def test_offsets_count_code_points_and_the_text_is_written_as_it_was(cli: Cli) -> None:
    text = "🧬 Sjo\u0308gren\u2028 – \U0001f3fd fièvre\u0085"
    out = cli("align", put(line(text, "Sjögren", "fièvre"))).out
    (found,) = parsed(out)
    assert found["text"] == text
    surfaces = [text[mention["start"] : mention["end"]] for mention in found["mentions"]]
    assert surfaces == ["Sjo\u0308gren", "fièvre"]
    assert "🧬" in out


def test_everything_else_in_a_line_is_kept_in_its_order(cli: Cli) -> None:
    mention = {"p": 0.25, "end": 9, "text": "fever", "label": ["a", {"b": None}], "x": "ü"}
    given = {"meta": {"z": [1, 2.5, True]}, **line("No fever.", mention), "id": 7, "error": None}
    (found,) = parsed(cli("align", put(given)).out)
    assert list(found) == list(given)
    (placed,) = found["mentions"]
    assert list(placed) == ["p", "end", "text", "label", "x", "start", "tier", "score"]
    assert placed == {**mention, "start": 3, "end": 8, "tier": "exact", "score": 1.0}
    assert {**found, "mentions": [mention]} == given


def test_ids_may_be_missing_or_stand_twice(cli: Cli) -> None:
    lines = [line("a b", "a", id="x"), line("c d", "d", id="x"), line("e", "e")]
    code, out, _ = cli("align", put(*lines))
    assert code == 0
    assert [one.get("id") for one in parsed(out)] == ["x", "x", None]


def test_aligning_what_was_aligned_changes_nothing(cli: Cli) -> None:
    first = cli("align", put(*many(3), line("", "x")))
    second = cli("align", put(*first.out.encode().splitlines()), "--json")
    assert second.out == first.out
    assert json.loads(second.err)["offsets"] == {"given": 6, "differing": 0}


def test_the_threshold_decides_what_is_similar_enough(cli: Cli) -> None:
    file = put(line("Friedreich ataxia", "Friedrich ataxia"))
    assert places(cli("align", file, "--threshold", "0.93").out)[0][0][2] == "fuzzy"
    assert places(cli("align", file, "--threshold", "0.94").out)[0][0][2] == "none"


def test_mentions_in_fragments_are_found_if_asked_for(cli: Cli) -> None:
    stale = {"text": "ovarian cancer", "fragments": [[0, 1], [2, 3]]}
    again = {"text": "breast cancer", "fragments": [[0, 1], [2, 3]], "label": "x"}
    file = put(line("🧬 Breast and ovarian cancer", again, stale, "rash"))
    (plain,) = parsed(cli("align", file).out)
    assert plain["mentions"][0] == {**again, **NOWHERE}
    assert plain["mentions"][1]["fragments"] == stale["fragments"]
    code, out, _ = cli("align", file, "--discontinuous")
    (found,) = parsed(out)
    assert code == 0
    assert list(found["mentions"][0]) == ["text", "fragments", "label", *PLACE]
    assert found["mentions"] == [
        {
            **again, "start": 2, "end": 27, "tier": "folded", "score": 1.0,
            "fragments": [[2, 8], [21, 27]],
        },
        {"text": "ovarian cancer", "start": 13, "end": 27, "tier": "exact", "score": 1.0},
        {"text": "rash", **NOWHERE},
    ]  # fmt: skip
    assert cli("align", put(out.encode().rstrip()), "--discontinuous").out == out


@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1, 2 * BATCH + 3])
def test_lines_keep_their_order_across_batches_and_threads(cli: Cli, count: int) -> None:
    lines: list[Line | str] = [*many(count)]
    lines.insert(count // 2, "not JSON")
    file = put(*lines)
    one = cli("align", file)
    ids = [found.get("id") for found in parsed(one.out)]
    assert ids == [*range(count // 2), None, *range(count // 2, count)]
    for threads in (2, 5):
        assert cli("align", file, "--threads", threads).out == one.out


def test_the_threads_are_those_that_are_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(Aligner, "align_batch", lambda *given: asked.append(given[-1]) or [[]])
    for flags in ([], ["--threads", "3"]):
        assert cli("align", put(line("a")), *flags).code == 0
    assert asked == [1, 3]


def test_stdin_gives_what_a_file_gives(cli: Cli, stdin: Callable[[bytes], None]) -> None:
    file = put(*many(3))
    stdin(Path(file).read_bytes())
    assert cli("align", "-").out == cli("align", file).out
    stdin(b"{}\n")
    assert "<stdin>:1: no field 'text'" in cli("align", "-").err


def test_a_line_that_cannot_be_used_is_reported_and_the_others_are_aligned(cli: Cli) -> None:
    bad = {"id": 5, "text": "a", "mentions": [{"label": "x"}]}
    code, out, err = cli("align", put(*many(1), "", bad, "no", *many(1)))
    assert code == 1
    reports = [one for one in err.splitlines() if one.startswith("nerharness: ")]
    expected = '; expected {"text": "…", "mentions": [{"text": "…"}]}'
    assert reports == [
        f"nerharness: in.jsonl:3: mentions[0]: no field 'text'{expected}",
        f"nerharness: in.jsonl:4: not JSON: Expecting value at column 1{expected}",
    ]
    first, *failed, last = parsed(out)
    assert first == last
    errors = [report.removeprefix("nerharness: ") for report in reports]
    assert failed == [{**bad, "error": errors[0]}, {"error": errors[1]}]
    assert re.search(r"failed +2 +50\.0%", err)


def test_of_many_failed_lines_the_first_are_reported_and_all_are_counted(cli: Cli) -> None:
    code, out, err = cli("align", put(*["{}"] * 23))
    assert code == 1
    assert all("error" in one for one in parsed(out))
    assert len(parsed(out)) == 23
    reports = [one for one in err.splitlines() if one.startswith("nerharness: ")]
    assert reports[19].startswith("nerharness: in.jsonl:20: ")
    assert reports[20:] == ['nerharness: 3 more lines failed; each comes out with its "error"']


def test_the_summary_as_json_is_the_last_line_of_stderr_or_stdout_if_that_is_free(
    cli: Cli,
) -> None:
    file = put(*many(2), "no")
    wanted = {
        "schema": 1,
        "documents": {"total": 3, "failed": 1},
        "mentions": {
            "total": 6, "exact": 2, "folded": 2, "fuzzy": 0, "repeat": 0, "ungrounded": 2
        },
        "offsets": {"given": 0, "differing": 0},
    }  # fmt: skip
    err = cli("align", file, "--json").err
    assert len(err.splitlines()) == 2
    summary = json.loads(err.splitlines()[-1])
    assert isinstance(summary.pop("seconds"), float)
    assert summary == wanted
    outcome = cli("align", file, "--json", "--out", "out.jsonl")
    assert {**outcome.json, "seconds": 0} == {**wanted, "seconds": 0}
    assert len(outcome.err.splitlines()) == 1


def test_out_holds_what_stdout_would_and_nothing_else_is_left(cli: Cli) -> None:
    file = put(*many(3), "no")
    put("of before", name="out.jsonl")
    outcome = cli("align", file, "--out", "out.jsonl")
    assert (outcome.code, outcome.out) == (1, "")
    assert "documents" in outcome.err
    assert Path("out.jsonl").read_text(encoding="utf-8") == cli("align", file).out
    assert {path.name for path in Path().iterdir()} == {"in.jsonl", "out.jsonl"}


def test_out_may_be_a_link_and_stays_one(cli: Cli) -> None:
    Path("elsewhere").mkdir()
    Path("out.jsonl").symlink_to("elsewhere/real.jsonl")
    assert cli("align", put(*many(1)), "--out", "out.jsonl").code == 0
    assert Path("out.jsonl").is_symlink()
    assert len(Path("elsewhere/real.jsonl").read_bytes().splitlines()) == 1


def complaint(cli: Cli, *arguments: object) -> str:
    """Return the one line on stderr, having seen that no file changed."""
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    code, out, err = cli("align", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("nerharness: ")
    assert err.count("\n") == 1
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before
    return str(err)


def test_a_file_that_cannot_be_written_is_a_complaint(cli: Cli) -> None:
    file = put(*many(1))
    Path("folder").mkdir()
    Path("link").symlink_to(file)
    choose = "is the input; choose another file"
    for out in (file, f"./{file}", "link"):
        assert f"--out {Path(out)}: {choose}" in complaint(cli, file, "--out", out)
    os.mkfifo("pipe")
    for out in ("folder", ".", "pipe"):
        assert f"--out {out}: not a file" in complaint(cli, file, "--out", out)
    said = complaint(cli, file, "--out", "nowhere/out.jsonl")
    assert "--out nowhere/out.jsonl: cannot be written: No such file or directory" in said


def test_files_that_look_like_unfinished_ones_stay(cli: Cli) -> None:
    file = put(*many(1))
    Path("out.1.part").write_text("mine", encoding="utf-8")
    code, _, err = cli("align", file, "--out", "out")
    assert code == 0, err
    assert sorted(path.name for path in Path().glob("out*")) == ["out", "out.1.part"]
    assert Path("out.1.part").read_text(encoding="utf-8") == "mine"


def test_an_input_that_cannot_be_read_is_a_complaint(
    cli: Cli, stdin: Callable[[bytes], None]
) -> None:
    put("of before", name="out.jsonl")
    assert "nowhere.jsonl: No such file" in complaint(cli, "nowhere.jsonl", "--out", "out.jsonl")
    assert ".: Is a directory" in complaint(cli, ".")
    for content in ("", "\n \n"):
        Path("empty.jsonl").write_text(content, encoding="utf-8")
        said = complaint(cli, "empty.jsonl", "--out", "out.jsonl")
        assert 'empty.jsonl: no line in it; expected {"text": "…"' in said
    stdin(b"")
    assert "<stdin>: no line in it" in complaint(cli, "-")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'FILE'"),
        (["a", "b"], "unexpected extra argument"),
        (["in.jsonl", "--threshold", "0"], "--threshold: must be in (0, 1], got 0"),
        (["in.jsonl", "--threshold", "nan"], "--threshold: must be in (0, 1], got NaN"),
        (["in.jsonl", "--threshold", "high"], "'high' is not a valid float"),
        (["in.jsonl", "--threads", "0"], "0 is not in the range x>=1"),
        (["in.jsonl", "--threads", "many"], "'many' is not a valid integer"),
        (["in.jsonl", "--thread", "2"], "--threads"),
    ],
)
def test_a_flag_that_cannot_be_used_is_a_complaint(
    cli: Cli, arguments: list[str], message: str
) -> None:
    put(*many(1))
    assert message in complaint(cli, *arguments)


class Interrupted(io.BytesIO):
    """A batch of lines, and then Ctrl-C."""

    def __next__(self) -> bytes:
        if chunk := self.readline():
            return chunk
        raise KeyboardInterrupt


def test_an_interrupted_job_leaves_whole_lines_on_stdout_and_no_file(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("of before", name="out.jsonl")
    data = b'{"text": "a", "mentions": []}\n' * (BATCH + 1)
    for flags, written in (([], BATCH), (["--out", "out.jsonl"], 0)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Interrupted(data)))
        outcome = cli("align", "-", *flags)
        assert outcome.code == 130
        assert outcome.err.strip() == "nerharness: interrupted"
        assert len(parsed(outcome.out)) == written
    assert [path.name for path in Path().iterdir()] == ["out.jsonl"]
    assert Path("out.jsonl").read_bytes() == b"of before\n"


def test_lines_come_before_the_input_ends_and_a_reader_may_go_away(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")])
    one = b'{"text": "", "mentions": []}\n'
    with subprocess.Popen(
        [sys.executable, "-m", "nerharness", "align", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": ""},
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        watch = threading.Timer(30, process.kill)  # so that a fault is a failure, not a standstill
        watch.daemon = True
        watch.start()
        process.stdin.write(one * BATCH)
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(BATCH)] == [one] * BATCH
        process.stdout.close()
        process.stdin.write(one * BATCH)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141
        watch.cancel()


def test_the_page_about_it_shows_what_it_does(cli: Cli) -> None:
    page = REPOSITORY.joinpath("docs", "align.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    given, command, wanted, summary, apart, shape, _ = blocks
    Path("notes.jsonl").write_text(given, encoding="utf-8")
    assert command == "nerharness align notes.jsonl\n"
    code, out, err = cli("align", "notes.jsonl")
    assert (code, out) == (1, wanted)
    shown, printed = ([one.rstrip() for one in text.splitlines()] for text in (summary, err))
    assert shown[:-1] == printed[:-1]
    assert [one.split()[0] for one in (shown[-1], printed[-1])] == ["seconds", "seconds"]
    keys = re.findall(r'"(\w+)"', shape)
    summary_json = json.loads(cli("align", "notes.jsonl", "--json").err.splitlines()[-1])
    inner = [
        [key, *value] if isinstance(value, dict) else [key] for key, value in summary_json.items()
    ]
    assert keys == [key for group in inner for key in group]
    said = [{"text": mention["text"]} for mention in json.loads(apart)["mentions"]]
    Path("notes.jsonl").write_text(json.dumps(line(json.loads(apart)["text"], *said)))
    assert cli("align", "notes.jsonl", "--discontinuous").out == apart


def test_the_page_shows_what_python_answers() -> None:
    page = REPOSITORY.joinpath("docs", "align.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    shown = 0
    for statement in ast.parse(program).body:
        if not isinstance(statement, ast.Expr):
            exec(compile(ast.Module([statement], []), "page", "exec"), names)
            continue
        answer = eval(compile(ast.Expression(statement.value), "page", "eval"), names)
        comment = program.splitlines()[statement.lineno - 1].partition("# ")[2]
        if wanted := re.search(r"\[.*\]$", comment):
            assert answer == ast.literal_eval(wanted[0])
            shown += 1
    assert shown == 4
    assert names["tags"] == ["B-disease", "I-disease", "I-disease", "O", "B-disease", "O"]


def test_the_summary_says_of_how_many_given_offsets_the_place_is_another_one(cli: Cli) -> None:
    right, wrong = ({"text": "fever", "start": start, "end": start + 5} for start in (3, 4))
    err = cli("align", put(line("No fever.", right), line("No fever.", wrong, "rash"))).err
    assert re.search(r"with offsets +2 +66\.7%", err)
    assert re.search(r"differing +1 +50\.0%", err)
    assert "offsets" not in cli("align", put(*many(1))).err
