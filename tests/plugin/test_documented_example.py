"""docs/plugins.md is followed word for word: its commands run, its files written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^```(\w+)( fails)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROGRAMS = {
    "nerharness": "-m nerharness",
    "pytest": "-W error -m pytest -p no:cacheprovider",
    "pip": str(Path(__file__).parent / "editable_install.py"),
}
"""What the guide's commands are here: `pip` installs without a network, the rest is itself."""


@dataclass
class Reader:
    """Someone who follows the guide, in a shell of their own."""

    home: Path
    folder: Path = field(init=False)
    said: str = ""

    def __post_init__(self) -> None:
        self.folder = self.home / "work"
        self.folder.mkdir()
        bin = self.home / "bin"
        bin.mkdir()
        for name, program in PROGRAMS.items():
            script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {program} "$@"\n'
            (bin / name).write_text(script)
            (bin / name).chmod(0o755)
        site = self.home / "site"
        self.environment = {
            **os.environ,
            "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(
                [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
            "SITE": str(site),
            "COLUMNS": "100",
        }

    def run(self, commands: str, *, fails: bool) -> None:
        """Run the commands, and stay in the folder where they end."""
        script = f"set -e\n{commands}\npwd > {shlex.quote(str(self.home / 'pwd'))}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        self.said = done.stdout
        assert (done.returncode != 0) == fails, f"{commands}\n{done.stdout}\n{done.stderr}"
        if not fails:
            self.folder = Path((self.home / "pwd").read_text().strip())

    def compare(self, expected: str) -> None:
        """Assert that the last commands said each line; `…` stands for anything."""
        for line in expected.splitlines():
            pattern = r"\s*.*?".join(re.escape(part.strip()) for part in line.split("…"))
            assert re.search(pattern, self.said), f"{line}\nis not in\n{self.said}"

    def write(self, code: str) -> None:
        """Write a file whose first line names it; what names none is only shown."""
        if found := re.match(r"# (\S+/\S+)\n", code):
            (self.folder / found[1]).write_text(code, encoding="utf-8")
        else:
            shown = code.strip()
            files = (file for file in self.folder.rglob("*") if file.suffix in (".py", ".toml"))
            assert any(shown in file.read_text(encoding="utf-8") for file in files), shown


@pytest.mark.skipif(sys.platform == "win32", reason="the guide's shell is a POSIX one")
def test_the_guide_can_be_followed_word_for_word(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert {language for language, _, _ in blocks} == {"sh", "text", "python", "toml"}
    for language, fails, body in blocks:
        if language == "sh":
            reader.run(body, fails=bool(fails))
        elif language == "text":
            reader.compare(body)
        else:
            reader.write(body)
    assert len(blocks) >= 10
