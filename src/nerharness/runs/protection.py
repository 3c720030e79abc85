"""Protected texts: nothing that sends them elsewhere is used, and hub libraries stay offline."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nerharness.corpora.mark import holds_mark, is_marked
from nerharness.errors import UsageError
from nerharness.plugin.host import SINGULAR, Host, Kind
from nerharness.runs.reading import find_path
from nerharness.runs.spec import Spec
from nerharness.telemetry import OFF

_OFFLINE: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    **OFF,
}
"""Read by the hub's libraries when they are imported."""


def is_protected(spec: Spec, host: Host) -> bool:
    """Tell whether the run is marked, or anything is that it reads and may put into prompts.

    Reads nothing but the marks; raises the errors of `find_path` and `is_marked`.
    """
    paths = [] if spec.training is None else [spec.training]
    if spec.tagger is None:
        paths += [path for path in (spec.guidelines, spec.templates) if path is not None]
        paths += _knowledge(spec, host)
    return (
        spec.protected
        or is_any_marked([spec.corpus], spec.labels, host)
        or any(map(is_marked, paths))
    )


def is_any_marked(corpora: Iterable[str], labels: Path | None, host: Host) -> bool:
    """Tell whether any corpus, as `--corpus` names it, or the file of `--labels` is marked.

    Reads and raises as `is_protected` does.
    """
    if labels is not None and (is_marked(labels) or (labels.exists() and holds_mark(labels))):
        return True
    paths = [find_path(host, "corpora", one, flag="--corpus", built_in="sample") for one in corpora]
    return any(is_marked(path) for path in paths if path is not None)


def _knowledge(spec: Spec, host: Host) -> list[Path]:
    """Return the path of the knowledge, if it has one."""
    if spec.knowledge is None:
        return []
    flag, built_in = "--knowledge", "glossary"
    path = find_path(host, "knowledge", spec.knowledge, flag=flag, built_in=built_in)
    return [] if path is None else [path]


def protect(spec: Spec, host: Host, options: Mapping[Kind, Mapping[str, Any]]) -> None:
    """Raise `UsageError` for any chosen plugin that is not local; take hub libraries offline.

    To be called before any plugin is made or text is read.
    """
    for kind, name in spec.chosen.items():
        check_local(host, kind, name, options[kind], flag=f"--{SINGULAR[kind]}")
    if spec.read_as and spec.tagger is None:
        check_local(host, "formats", spec.read_as, {}, flag="--read-as")
    go_offline()


def check_local(
    host: Host, kind: Kind, name: str, options: Mapping[str, Any], *, flag: str = ""
) -> None:
    """Raise `UsageError` unless the plugin declares that with these options it is local."""
    sends = host.sends(kind, name, options)
    if sends is False:
        return
    fault = "sends them to another machine" if sends else "does not declare that it is local"
    raise UsageError(
        f"the texts are protected, and {SINGULAR[kind]} {name!r} {fault}",
        where=flag,
        hint="see docs/privacy.md",
    )


def go_offline() -> None:
    """Keep the hub's libraries from the network; `UsageError` where it is too late for that."""
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None and not constants.HF_HUB_OFFLINE:
        raise UsageError(
            "the texts are protected, but the hub's library is in use already, and online",
            hint="set HF_HUB_OFFLINE=1 before it is imported",
        )
    os.environ.update(_OFFLINE)
