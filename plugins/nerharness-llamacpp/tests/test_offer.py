"""What the plugin offers; needs no llama.cpp."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

plugin = pytest.importorskip("nerharness_llamacpp", reason="needs the plugin to be installed")

from nerharness.errors import MissingDependencyError, UsageError  # noqa: E402
from nerharness.plugin import Provider, load_host  # noqa: E402


def offered() -> Provider:
    provider = plugin.nerharness_backends()["llamacpp"]
    assert isinstance(provider, Provider)
    return provider


def test_the_entry_point_leads_to_the_hook() -> None:
    (point,) = entry_points(group="nerharness", name="llamacpp")
    assert point.load() is plugin
    assert point.dist is not None
    assert point.dist.name == "nerharness-llamacpp"


def test_the_command_line_lists_the_backend_with_its_options() -> None:
    command = "from nerharness.cli import main; main(['ls', 'backends', '--json'])"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)["llamacpp"]
    assert listed["package"] == "nerharness-llamacpp"
    assert listed["options"] == {
        "model": "smollm2-135m-instruct",
        "n_ctx": None,
        "slots": 8,
        "threads": None,
        "max_tokens": 1024,
    }


def test_the_offer_is_made_without_importing_the_library() -> None:
    command = (
        "import sys, nerharness_llamacpp as plugin; plugin.nerharness_backends(); "
        "sys.exit('llama_cpp' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", command]).returncode == 0


def test_shared_options_are_declared_as_the_hf_backend_declares_them() -> None:
    theirs = {option.name: option for option in load_host().find("backends", "hf").options}
    ours = {option.name: option for option in offered().options}
    assert ours["max_tokens"] == theirs["max_tokens"]
    assert ours["model"].type is theirs["model"].type
    assert ours["model"].default == theirs["model"].default


def test_a_missing_library_is_an_error_that_names_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    provider = offered()
    assert provider.missing == ("llama_cpp",)
    with pytest.raises(MissingDependencyError, match=r"pip install 'llama-cpp-python>=0\.3"):
        provider.make("llamacpp", options=provider.resolve({}))


def test_a_library_that_cannot_be_loaded_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "llama_cpp.py").write_text("raise RuntimeError('no libgomp.so.1')")
    command = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from nerharness.cli import main\n"
        "main(['eval', '--backend', 'llamacpp', '--strategy', 'zero-shot', '--out', sys.argv[1]])"
    )
    run = [sys.executable, "-c", command, str(tmp_path / "run")]
    done = subprocess.run(run, capture_output=True, text=True)
    assert done.returncode == 2
    assert "llama-cpp-python is installed, but cannot be loaded: no libgomp.so.1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_an_option_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--n-ctx: 'many' is not a whole number"):
        offered().resolve({"n_ctx": "many"})
