"""The checks of `nerharness doctor`, each with what it says where something is broken."""

from __future__ import annotations

import sqlite3
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from backends.hub import MODEL, Hub

from nerharness.memory import free_memory, size_text
from nerharness.models import PACKAGED, Packaged
from nerharness.plugin import Provider
from nerharness.plugin.host import Host, Plugin
from nerharness.runs.cache import Cache, cache_file
from nerharness.runs.installation import folders, machine, models, packages, torch_check
from nerharness.runs.installation.fact import Fact, checked
from nerharness.runs.installation.folders import answer_facts, index_facts, run_facts
from nerharness.runs.installation.inspection import inspect
from nerharness.runs.installation.keys import key_facts, without_secrets
from nerharness.runs.installation.machine import processor_facts, usable_cores
from nerharness.runs.installation.models import hub_facts, model_fact
from nerharness.runs.installation.packages import EXTRAS, base_facts, extra_facts
from nerharness.runs.installation.plugins import key_variables, plugin_facts
from nerharness.runs.installation.settings import setting_facts
from nerharness.runs.installation.torch_check import accelerator_facts, torch_facts
from nerharness.types import Completion

SECRET = "sk-proj-0123456789abcdef0123456789"
DEVELOPERS = {"bench", "check", "dev"}


def by_name(facts: Iterable[Fact]) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


def only(facts: Iterable[Fact]) -> Fact:
    (fact,) = facts
    return fact


# --- the guard ---


@pytest.mark.parametrize("error", [RuntimeError("a\nb"), SystemExit(3), ImportError(), KeyError(1)])
def test_what_a_check_raises_is_a_problem_in_one_line(error: BaseException) -> None:
    def check() -> Iterable[Fact]:
        yield Fact("first", "ok", "fine")
        raise error

    first, second = checked("second", check, needed=True, advice="mend it")
    assert (first.name, first.needed) == ("first", True)
    assert (second.name, second.mark, second.advice) == ("second", "problem", "mend it")
    assert second.value.startswith(type(error).__name__)
    assert "\n" not in second.value


# --- packages ---


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is installed, by name, to be filled; the package needs a part of what it does."""
    found: dict[str, str] = {}
    needs = [
        "click>=8.1,<9",
        "faiss-cpu>=1.9,<2 ; extra == 'hf'",
        'torch (>=2.4,<3) ; extra == "hf"',
        "nerharness[hf] ; extra == 'train'",
        "trl>=1.10,<2 ; extra == 'train'",
        "pytest>=8 ; extra == 'dev'",
    ]
    monkeypatch.setattr(packages, "requires", lambda _: needs)
    monkeypatch.setattr(packages, "installed", found.get)
    monkeypatch.setattr(packages, "EXTRAS", {"hf": "models", "train": "training"})
    return found


def test_an_extra_names_what_is_missing_and_how_to_get_it(here: dict[str, str]) -> None:
    here.update({"torch": "2.5.0", "trl": "1.11"})
    facts = by_name(extra_facts())
    assert list(facts) == ["hf", "train"]
    assert facts["hf"].mark == facts["train"].mark == "missing"
    assert facts["hf"].value == "models: not installed: faiss-cpu"
    assert facts["hf"].advice == "pip install 'nerharness[hf]'"
    assert facts["train"].advice == "pip install 'nerharness[train]'"
    assert "faiss-cpu" in facts["train"].value, "an extra needs what the one that it asks for does"


def test_an_extra_shows_versions_and_which_are_out_of_bounds(here: dict[str, str]) -> None:
    here.update({"torch": "2.5.0+cu132", "trl": "1.11", "faiss-cpu": "1.12.0"})
    facts = by_name(extra_facts())
    assert facts["hf"] == Fact("hf", "ok", "models: faiss-cpu 1.12.0, torch 2.5.0+cu132")
    assert facts["train"] == Fact("train", "ok", "training: trl 1.11")
    pytest.importorskip("packaging")
    here["torch"] = "1.13.1"
    wrong = by_name(extra_facts())["hf"]
    assert (wrong.mark, wrong.advice) == ("problem", "pip install 'nerharness[hf]'")
    assert "torch 1.13.1 is not >=2.4,<3" in wrong.value


def test_without_packaging_no_bounds_are_looked_at(
    here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here.update({"torch": "1.13.1", "faiss-cpu": "1.12.0"})
    monkeypatch.setitem(sys.modules, "packaging.specifiers", None)
    assert by_name(extra_facts())["hf"].mark == "ok"


def test_without_what_everything_needs_there_is_a_problem(here: dict[str, str]) -> None:
    assert only(base_facts()).mark == "problem"
    here["click"] = "8.2"
    assert only(base_facts()) == Fact("packages", "ok", "click 8.2")
    here["click"] = "7.0"
    if "packaging" in sys.modules:
        assert only(base_facts()).mark == "problem"


def test_each_extra_is_for_users_or_for_developers() -> None:
    project = tomllib.loads(
        Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    assert {*EXTRAS, *DEVELOPERS} == set(project["optional-dependencies"])


# --- the machine ---


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The limits of a container, to be written."""
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("quota", "cores"), [(None, 8), ("max 100000", 8), ("150000 100000", 1.5), ("nonsense", 8)]
)
def test_cores_are_those_that_the_container_may_use(
    group: Path, quota: str | None, cores: float
) -> None:
    if quota:
        (group / "cpu.max").write_text(f"{quota}\n")
    assert usable_cores() == cores


def test_memory_is_shown_with_what_the_container_has(
    group: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 8000000 kB\n\nMemAvailable: 2000000 kB\n")
    monkeypatch.setattr("nerharness.memory._LINUX", told)
    (group / "memory.max").write_text("1000000000\n")
    fact = by_name(processor_facts())["memory"]
    assert fact.value == "2.05 GB free of 8.19 GB; this container has 1 GB at most"
    told.unlink()
    assert free_memory() is None
    assert "memory" not in by_name(processor_facts())


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (999_700, "1 MB"), (1.5e9, "1.5 GB"), (4e12, "4,000 GB")],
)
def test_a_size_is_readable(size: float, text: str) -> None:
    assert size_text(size) == text


def test_without_torch_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_check, "installed", lambda _: None)
    fact = only(torch_facts())
    assert (fact.mark, fact.advice) == ("missing", "pip install 'nerharness[hf]'")


def test_torch_is_asked_in_a_process_of_its_own() -> None:
    pytest.importorskip("torch")
    facts = by_name(torch_facts())
    assert set(facts) >= {"torch", "processor"}
    assert facts["torch"].mark == "ok"
    assert facts["torch"].needed


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise OSError('libcudart.so.13: cannot open')", "OSError: libcudart.so.13: cannot open"),
        ("import os; os.abort()", "its import ends Python (signal SIGABRT)"),
        (
            "import os; os.write(2, b'MKL FATAL ERROR\\n'); os._exit(2)",
            "its import ends Python (code 2): MKL FATAL ERROR",
        ),
        ("import time; time.sleep(60)", "is not imported after 1 seconds"),
    ],
)
def test_a_torch_that_is_broken_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (tmp_path / "torch.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(torch_check, "installed", lambda _: "2.15.0")
    if "sleep" in code:
        monkeypatch.setattr(torch_check, "_PATIENCE", 1.0)
    fact = next(iter(torch_facts()))
    assert (fact.name, fact.mark, fact.needed) == ("torch", "problem", True)
    assert (fact.value, fact.advice) == (said, "install torch anew")


def fake_torch(*, cuda: Any = None, built: str | None = None) -> Any:
    """A torch that sees the devices of `cuda`, or none."""
    return SimpleNamespace(
        cuda=cuda or SimpleNamespace(is_available=lambda: False),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: False)),
        version=SimpleNamespace(cuda=built, hip=None),
    )


def seen(monkeypatch: pytest.MonkeyPatch, torch: Any, **environ: str) -> list[Fact]:
    monkeypatch.setitem(sys.modules, "torch", torch)
    return list(accelerator_facts(environ))


def test_devices_are_shown_and_one_that_is_broken_hides_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def memory(index: int) -> tuple[int, int]:
        if index:
            raise RuntimeError("CUDA error: all CUDA-capable devices are busy")
        return 10**9, 4 * 10**9

    cuda = SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: 2,
        mem_get_info=memory,
        get_device_name=lambda index: f"Model {index}",
    )
    first, second = seen(monkeypatch, fake_torch(cuda=cuda))
    assert first == Fact("cuda:0", "ok", "Model 0, 1 GB free of 4 GB")
    assert (second.name, second.mark) == ("cuda:1", "problem")


@pytest.mark.parametrize(("built", "mark"), [(None, "missing"), ("13.2", "problem")])
def test_a_gpu_that_torch_cannot_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: str | None, mark: str
) -> None:
    monkeypatch.setattr(torch_check, "_DEVICES", tmp_path)
    assert only(seen(monkeypatch, fake_torch(built=built))).mark == "info"
    (tmp_path / "nvidia0").touch()
    fact = only(seen(monkeypatch, fake_torch(built=built)))
    assert (fact.mark, "pytorch.org" in fact.advice) == (mark, True)
    assert only(seen(monkeypatch, fake_torch(), CUDA_VISIBLE_DEVICES="")).mark == "info"


# --- models ---


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a model in a package, to be written."""
    file = tmp_path / "carried.gguf"
    packaged = Packaged("numpy", "../" * 12 + str(file).lstrip("/"), "owner/carried")
    monkeypatch.setattr(Packaged, "find", lambda _: file if file.exists() else None)
    monkeypatch.setitem(dict(PACKAGED), "carried", packaged)
    monkeypatch.setattr("nerharness.models.PACKAGED", {"carried": packaged})
    monkeypatch.setattr(models, "PACKAGED", {"carried": packaged})
    return file


def test_a_packaged_model_is_found_and_looked_at(carried: Path) -> None:
    carried.write_bytes(b"GGUF" + bytes(996))
    fact = only(model_fact("model", "carried", "--model"))
    assert fact.mark == "ok"
    assert f"1 kB: {carried}" in fact.value
    assert "of package numpy " in fact.value
    carried.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    fact = only(model_fact("model", "carried", "--model"))
    assert (fact.mark, "is no GGUF file" in fact.value) == ("problem", True)
    assert fact.advice == "pip install --force-reinstall --no-deps numpy"


def test_a_model_that_is_not_here_says_how_to_get_it(
    carried: Path, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fact = only(model_fact("model", "carried", "--model"))
    assert (fact.mark, fact.advice) == ("missing", "pip install --no-deps numpy")
    fact = only(model_fact("model", MODEL, "--model"))
    assert (fact.mark, "HF_HUB_OFFLINE" in fact.value) == ("missing", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert f"hf download {MODEL}" == only(model_fact("model", MODEL, "--model")).advice
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    hub.commit("a", folder)
    assert only(model_fact("model", MODEL, "--model")).mark == "ok"


def test_a_folder_without_a_config_is_no_model(tmp_path: Path) -> None:
    assert only(model_fact("model", str(tmp_path), "--model")).mark == "problem"
    (tmp_path / "config.json").write_text("{}")
    assert only(model_fact("model", str(tmp_path), "--model")).mark == "ok"
    gone = only(model_fact("model", str(tmp_path / "gone"), "--model"))
    assert (gone.mark, bool(gone.advice)) == ("missing", True)


def test_the_hubs_cache_is_counted(hub: Hub, tmp_path: Path) -> None:
    assert "no folder yet" in by_name(hub_facts({}))["hub cache"].value
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    hub.commit("a", folder)
    facts = by_name(hub_facts({"HF_HOME": "/x"}))
    assert "1 model, " in facts["hub cache"].value
    assert "(HF_HOME set)" in facts["hub cache"].value
    assert "HF_HUB_OFFLINE" in facts["hub"].value


# --- keys ---


def test_keys_are_named_and_never_shown(host: Host) -> None:
    variables = key_variables(host)
    assert variables == {"OPENAI_API_KEY": "backend openai"}
    assert only(key_facts(variables, {})).mark == "info"
    environ = {"OPENAI_API_KEY": SECRET, "HF_TOKEN": SECRET, "NERHARNESS_API_KEY_ENV": "OTHER"}
    facts = by_name(key_facts(variables, environ))
    assert facts["OPENAI_API_KEY"].mark == "ok"
    assert facts["OTHER"].value == "not set (NERHARNESS_API_KEY_ENV)"
    assert set(facts) == {"OPENAI_API_KEY", "OTHER", "HF_TOKEN"}
    assert SECRET[:8] not in str(facts)


@pytest.mark.parametrize(
    "environ",
    [{"OPENAI_API_KEY": f"{SECRET} and more"}, {"NERHARNESS_API_KEY_ENV": SECRET}],
)
def test_what_cannot_be_a_key_is_a_problem_that_shows_none_of_it(environ: dict[str, str]) -> None:
    facts = list(key_facts({"OPENAI_API_KEY": "backend openai"}, environ))
    assert [fact.mark for fact in facts].count("problem") == 1
    assert SECRET[:8] not in str(facts)


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    environ = {"NERHARNESS_API_KEY_FILE": str(file)}
    assert only(key_facts({}, environ)).mark == "problem"
    file.write_text(SECRET)
    file.chmod(0o644)
    open_to_all = only(key_facts({}, environ))
    assert (open_to_all.mark, open_to_all.advice) == ("problem", f"chmod 600 {file}")
    file.chmod(0o600)
    fact = only(key_facts({}, environ))
    assert (fact.mark, fact.value) == ("ok", f"{file}, mode 0600")
    assert SECRET[:8] not in str([open_to_all, fact])


def test_a_librarys_error_shows_no_secret(tmp_path: Path) -> None:
    fact = Fact("plugin", "problem", f"401 for {SECRET} at {tmp_path}", f"ask with {SECRET}")
    environ = {"SOME_TOKEN": SECRET, "KEY_FOLDER": str(tmp_path), "KEY_KIND": "problem"}
    shown = without_secrets(fact, environ)
    assert shown == Fact("plugin", "problem", f"401 for [key] at {tmp_path}", "ask with [key]")


# --- folders ---


def test_kept_answers_are_counted() -> None:
    assert "none yet" in only(answer_facts()).value
    assert not cache_file().parent.exists(), "looking makes no folder"
    cache = Cache(cache_file())
    cache.put("digest", 0, Completion("a", "stop"), backend="hf", model="m")
    cache.close()
    fact = only(answer_facts())
    assert (fact.mark, ": 1 answers, " in fact.value) == ("ok", True)


def test_a_damaged_cache_says_what_to_do() -> None:
    cache_file().parent.mkdir(parents=True)
    cache_file().write_bytes(b"no database at all" * 100)
    fact = only(answer_facts())
    assert (fact.mark, fact.advice) == ("problem", "nerharness cache clear removes it")


def test_a_cache_of_another_shape_is_a_problem() -> None:
    cache_file().parent.mkdir(parents=True)
    database = sqlite3.connect(cache_file())
    database.execute("CREATE TABLE answers (other TEXT)")
    database.close()
    assert only(checked("answers", answer_facts)).mark == "problem"


def test_folders_that_cannot_be_written_are_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    assert only(index_facts()).mark == only(run_facts()).mark == "ok"
    monkeypatch.setattr(folders.tempfile, "TemporaryFile", refuse)
    for check in (answer_facts, index_facts, run_facts):
        fact = only(check())
        assert (fact.mark, bool(fact.advice)) == ("problem", True)
        assert "Permission denied" in fact.value


def test_a_file_in_place_of_a_folder_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NERHARNESS_CACHE", str(tmp_path / "file"))
    fact = only(answer_facts())
    assert (fact.mark, fact.advice) == ("problem", "choose another folder: NERHARNESS_CACHE")


def test_a_disk_that_is_nearly_full_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    assert (only(run_facts()).mark, only(run_facts()).advice) == ("problem", "make room")


# --- plugins and settings ---


def test_plugins_are_told_with_what_failed_and_what_they_lack(host: Host) -> None:
    from nerharness.plugin import hookimpl

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        needs = Provider("x:y", "a stranger's", requires=("no_such_module",), extra="stray[all]")
        return {"strange": needs}

    host.register(SimpleNamespace(nerharness_backends=nerharness_backends), package="stray")
    host.plugins += [Plugin("ok", "stray", "1.0"), Plugin("bad", "wreck", "2.0", "KeyError: x")]
    facts = by_name(plugin_facts(host))
    assert f"backends {len(host.offers('backends'))}, " in facts["to choose from"].value
    assert facts["ok"] == Fact("ok", "ok", "stray 1.0: backends strange")
    assert (facts["bad"].mark, facts["bad"].value) == ("problem", "wreck 2.0: KeyError: x")
    lacking = facts["backend 'strange' of stray"]
    assert (lacking.mark, lacking.advice) == ("missing", "pip install 'stray[all]'")


def test_settings_are_named_and_typing_errors_caught() -> None:
    environ = {
        "NERHARNESS_LIMIT": "3-secret",
        "NERHARNESS_LIMTI": "4-secret",
        "NERHARNESS_WEATHER": "5-secret",
        "NERHARNESS_CACHE": "6-secret",
        "OTHER": "7-secret",
    }
    facts = by_name(setting_facts({"NERHARNESS_LIMIT", "NERHARNESS_SHOTS"}, environ))
    assert facts["in effect"].value == "NERHARNESS_CACHE, NERHARNESS_LIMIT"
    typo = facts["NERHARNESS_LIMTI"]
    assert (typo.mark, typo.advice) == ("problem", "did you mean NERHARNESS_LIMIT?")
    assert facts["NERHARNESS_WEATHER"].mark == "info"
    assert len(facts) == 3
    assert "secret" not in str(facts)


# --- all of them ---


def raising(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken")


def test_everything_may_be_broken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("base_facts", "extra_facts", "processor_facts", "torch_facts", "hub_facts"):
        monkeypatch.setattr(f"nerharness.runs.installation.inspection.{name}", raising)
    for name in ("answer_facts", "index_facts", "run_facts", "key_facts", "model_fact"):
        monkeypatch.setattr(f"nerharness.runs.installation.inspection.{name}", raising)
    monkeypatch.setattr("nerharness.plugin.host.load_host", raising)
    monkeypatch.setattr("nerharness.align.Aligner", raising)
    found = inspect(settings=raising, huge_pages=raising, environ={})
    assert {fact.value for fact in found.problems} == {"RuntimeError: broken"}
    assert len(found.problems) == 15
    assert {fact.name for fact in found.lacking} == {
        *("rust core", "packages", "language model", "encoder", "runs", "plugins"),
    }


def test_a_missing_extra_is_no_problem_but_keeps_eval_from_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = Fact("hf", "missing", "models: not installed: torch", "pip install 'nerharness[hf]'")
    monkeypatch.setattr("nerharness.runs.installation.inspection.extra_facts", lambda: iter([lost]))
    found = inspect(settings=set, huge_pages=bool, environ={"NERHARNESS_PLUGINS": ""})
    assert "hf" in {fact.name for fact in found.lacking}
    assert "hf" not in {fact.name for fact in found.problems}
    assert "hf" in found.to_json()["lacking"]


def test_the_models_of_another_backend_are_not_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def model(**environ: str) -> Fact:
        environ["NERHARNESS_PLUGINS"] = ""
        found = inspect(settings=set, huge_pages=bool, environ=environ)
        return by_name(found.facts)["language model"]

    assert "./gone" in model(NERHARNESS_MODEL="./gone").value
    assert "./gone" not in model(NERHARNESS_MODEL="./gone", NERHARNESS_BACKEND="openai").value
