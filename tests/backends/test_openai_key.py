"""The API key: where it may come from, and that nobody sees it."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pytest
from backends.server import Reply, Request, refused, said
from backends.talking import KEY, Talking, answer

from nerharness.errors import RunError, UsageError

pytest.importorskip("openai")

from nerharness.remote import Key, read_key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


def test_the_key_comes_from_the_environment_or_a_file(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    monkeypatch.setenv("OURS", "another")
    for source, expected in [
        ({"variable": "OURS", "file": None}, "another"),
        ({"variable": "OURS", "file": str(file)}, KEY),
    ]:
        key = read_key(**source)  # type: ignore[arg-type]
        assert key is not None
        assert key.value == expected
    assert read_key(variable="NOT_SET_ANYWHERE", file=None) is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o610])
def test_a_file_that_others_can_use_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(UsageError, match=rf"mode {mode:04o}.*chmod 600"):
        read_key(variable="X", file=str(file))


@pytest.mark.parametrize("content", ["", "two words", "two\nlines", "ké", "a\x00b"])
def test_what_is_no_key_is_refused(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="no API key") as refusal:
        read_key(variable="X", file=str(file))
    assert not content or content not in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--api-key-file: cannot be read"):
        read_key(variable="X", file=str(tmp_path / "none"))


def test_a_key_in_place_of_a_name_is_not_shown() -> None:
    with pytest.raises(UsageError, match="never a key") as refusal:
        read_key(variable=KEY, file=None)
    assert KEY not in str(refusal.value)


def test_openai_itself_needs_a_key_and_others_do_not(
    talking: Talking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    backend, server = talking()
    assert answer(backend).text == "GOUT"
    assert server.asked[0].headers["authorization"] == "Bearer none"
    with pytest.raises(UsageError, match="set OPENAI_API_KEY, or give --api-key-file"):
        talking(base_url=None)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "ftp://host/v1",
        f"http://user:{KEY}@host/v1",
        f"https://{KEY}@host/v1",
        f"https://host/v1?key={KEY}",
        f"https://host/v1#{KEY}",
        "http://",
        "http://host:port",
    ],
)
def test_an_address_holds_no_credentials(talking: Talking, url: str) -> None:
    with pytest.raises(UsageError, match="--base-url: no address such as") as refusal:
        talking(base_url=url)
    assert KEY not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bad key {KEY}!", "bad key [key]!"),
        (f"{KEY}{KEY}", "[key][key]"),
        (f"{KEY[:20]}...{KEY[-12:]}", "[key]...[key]"),
        (f"{KEY[:11]}****", f"{KEY[:11]}****"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_the_key_and_its_parts_are_hidden(text: str, shown: str) -> None:
    assert Key(KEY).hide(text) == shown


def test_a_short_key_is_hidden_in_messages_but_no_word_of_an_answer() -> None:
    assert Key("EMPTY").hide("bad key EMPTY") == "bad key [key]"
    assert Key("EMPTY").hide_in({"a": ["EMPTY"]}) == {"a": ["EMPTY"]}
    assert Key(KEY).hide_in({KEY: [f"a {KEY}", 1, None]}) == {"[key]": ["a [key]", 1, None]}
    assert Key("").hide("text") == "text"


def betrayals(request: Request) -> Reply:
    """Give the key away in every way a server has."""
    sent = request.headers["authorization"]
    status = {"401": 401, "400": 400, "500": 500, "429": 429}.get(request.question)
    if status is not None:
        return refused(status, f"wrong key: {sent}", code=sent, param=sent, type=sent)
    if request.question == "text":
        return Reply(f"<html>{sent}</html>", 502, {"x-key": sent})
    if request.question == "inside":
        return Reply({"error": {"message": sent, "code": 403}})
    return said(f"your key is {sent}", model=sent, fingerprint=sent)


@pytest.mark.parametrize("question", ["401", "400", "500", "429", "text", "inside", "fine"])
def test_no_server_gets_the_key_into_what_we_write(
    talking: Talking, caplog: pytest.LogCaptureFixture, question: str
) -> None:
    from backends.talking import ask, complete

    caplog.set_level(logging.DEBUG, "openai")
    caplog.set_level(logging.DEBUG, "nerharness")
    backend, _ = talking(betrayals, retries=1, deadline=0.5)
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always")
        try:
            (told,) = map(str, complete(backend, ask(question)))
        except RunError as error:
            told = str(error)
    written = [told, backend.identity, backend.observed, caplog.text, vars(backend)]
    written += [str(notice.message) for notice in noticed]
    assert "[key]" in told
    assert KEY[:16] not in f"{written}"


def test_a_refused_key_is_a_usage_error_that_does_not_show_it(talking: Talking) -> None:
    with pytest.raises(UsageError, match=r"refuses the API key: HTTP 401: no: \[key\]") as refusal:
        talking(models=refused(401, f"no: {KEY}"))
    assert KEY not in f"{refusal.value!r} {refusal.value} {refusal.value.__cause__}"
