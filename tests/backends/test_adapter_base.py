"""An adapter is for the model that it was trained on: its digest, or its name and commit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from backends.hub import MODEL

from nerharness.backends.adapter import check_adapter
from nerharness.errors import UsageError
from nerharness.models import digest, locate

FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "config.json").write_text("{}", encoding="utf-8")
    return tmp_path / "local"


def check(folder: Path, base: dict[str, str | None] | None, model: str, commit: str | None) -> None:
    """Check an adapter whose training says this of its base; `None` for one without training."""
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    (folder / "adapter_model.safetensors").touch()
    if base is not None:
        (folder / "training.json").write_text(json.dumps({"base": base}), encoding="utf-8")
    check_adapter(folder, locate(model), commit)


def test_the_model_of_training_is_taken(tmp_path: Path, local: Path) -> None:
    hub = {"name": MODEL, "sha256": None, "revision": FIRST}
    check(tmp_path, None, "some/other", SECOND)
    check(tmp_path, hub, MODEL, FIRST)
    check(tmp_path, {"name": MODEL, "sha256": None}, MODEL, SECOND)
    check(tmp_path, {"name": "moved", "sha256": digest(local), "revision": None}, str(local), None)


@pytest.mark.parametrize(
    ("model", "commit", "named"),
    [
        ("some/other", FIRST, f"'some/other' of commit {FIRST}"),
        (MODEL, SECOND, f"'{MODEL}' of commit {SECOND}"),
        ("local", None, "'local'"),
    ],
)
def test_another_model_than_that_of_a_hub_is_refused(
    tmp_path: Path,
    local: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    commit: str | None,
    named: str,
) -> None:
    monkeypatch.chdir(local.parent)
    base = {"name": MODEL, "sha256": None, "revision": FIRST}
    with pytest.raises(
        UsageError, match=f"was trained on '{MODEL}' of commit {FIRST}, which is not {named}"
    ):
        check(tmp_path, base, model, commit)


def test_a_hubs_model_is_not_the_local_one_of_training(tmp_path: Path, local: Path) -> None:
    base = {"name": "local", "sha256": digest(local), "revision": None}
    with pytest.raises(UsageError, match=f"trained on 'local', which is not '{MODEL}' of commit"):
        check(tmp_path, base, MODEL, FIRST)
