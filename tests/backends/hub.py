"""A hub's model in its cache, whose branch moves."""

from __future__ import annotations

from pathlib import Path

MODEL = "nobody/tiny"


class Hub:
    """The cache of a hub's library, with commits of one model; the hub itself is out of reach."""

    def __init__(self, cache: Path) -> None:
        self._model = cache / f"models--{MODEL.replace('/', '--')}"

    def commit(self, letter: str, folder: Path) -> str:
        """Add a commit that holds a copy of the folder's files, and move the branch to it."""
        commit = letter * 40
        snapshot = self._model / "snapshots" / commit
        snapshot.mkdir(parents=True)
        for file in folder.iterdir():
            (snapshot / file.name).write_bytes(file.read_bytes())
        self.move(commit)
        return commit

    def move(self, commit: str, branch: str = "main") -> None:
        """Let the branch stand for another commit."""
        (self._model / "refs").mkdir(exist_ok=True)
        (self._model / "refs" / branch).write_text(commit)
