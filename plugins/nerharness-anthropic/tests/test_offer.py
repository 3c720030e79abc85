"""What the plugin offers; needs no library of Anthropic's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

plugin = pytest.importorskip("nerharness_anthropic", reason="needs the plugin to be installed")

from nerharness.errors import MissingDependencyError  # noqa: E402
from nerharness.plugin import Provider, load_host  # noqa: E402

README = Path(__file__).parents[1] / "README.md"


def offered() -> Provider:
    provider = plugin.nerharness_backends()["anthropic"]
    assert isinstance(provider, Provider)
    return provider


def test_the_entry_point_leads_to_the_hook() -> None:
    (point,) = entry_points(group="nerharness", name="anthropic")
    assert point.load() is plugin
    assert point.dist is not None
    assert point.dist.name == "nerharness-anthropic"


def test_the_command_line_lists_the_backend() -> None:
    command = "from nerharness.cli import main; main(['ls', 'backends', '--json'])"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["anthropic"]["package"] == "nerharness-anthropic"


def test_the_offer_is_made_without_importing_the_library() -> None:
    command = (
        "import sys, nerharness_anthropic as plugin; plugin.nerharness_backends(); "
        "sys.exit('anthropic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", command]).returncode == 0


def test_options_that_openai_has_too_are_of_the_same_type() -> None:
    theirs = {option.name: option for option in load_host().find("backends", "openai").options}
    ours = {option.name: option for option in offered().options}
    shared = ours.keys() & theirs.keys()
    assert {"model", "base_url", "concurrency", "deadline", "retries"} <= shared
    assert [ours[name].type for name in shared] == [theirs[name].type for name in shared]


def test_only_what_changes_answers_decides() -> None:
    deciding = {option.name for option in offered().options if option.decides}
    assert deciding == {"model", "base_url", "max_tokens"}


def test_a_price_is_known_before_anything_is_asked() -> None:
    resolved = offered().resolve({"model": "m", "price_in": 1, "price_out": 2})
    assert offered().find_price(resolved).describe()["output"] == 2


def test_the_readme_tells_every_option_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(--[a-z-]+)` \| (.*?) \|", README.read_text(), re.MULTILINE))
    assert set(rows) == {option.flag for option in offered().options}
    for option in offered().options:
        if type(option.default) in (int, float):
            assert rows[option.flag] == f"{option.default:g}"


def test_a_missing_library_is_an_error_that_names_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    provider = offered()
    assert provider.missing == ("anthropic",)
    with pytest.raises(MissingDependencyError, match=r"pip install 'anthropic>=2"):
        provider.make("anthropic", options=provider.resolve({}))
