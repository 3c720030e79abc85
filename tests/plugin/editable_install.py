"""`pip install -e '.[dev]'` as far as the guide's test needs it, without a network.

Makes the project in this folder importable and its entry points known, in the folder SITE.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path


def install(project: Path, site: Path) -> None:
    """Write what an editable install writes: a link to the sources, and the metadata."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = declared["name"], declared["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    points = declared["entry-points"]["nerharness"].items()
    lines = ["[nerharness]", *(f"{point} = {module}" for point, module in points), ""]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    for package in (project / "src").iterdir():
        (site / package.name).symlink_to(package)


if __name__ == "__main__":
    assert sys.argv[1:3] == ["install", "-e"] and sys.argv[3].startswith("."), sys.argv
    install(Path.cwd(), Path(os.environ["SITE"]))
