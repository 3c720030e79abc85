"""The `brat` reader and writer: `.txt` files with stand-off `.ann` beside them.

Text-bound annotations (`T` lines) become entities, fragments included, and notes (`#` lines) on
them are kept; relations, events, attributes and normalisations are passed over and counted.
Subfolders named train, dev and test are the splits; without them the folder is one split. Line ends
count as the file has them.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from nerharness.corpora.annotation import Annotator
from nerharness.corpora.brat_lines import annotation_lines, read_annotations, spelled, spelled_note
from nerharness.corpora.files import need_path, read_text, split_name
from nerharness.corpora.labels import declared_labels
from nerharness.corpora.output import taking_place
from nerharness.corpora.sources import source_of
from nerharness.corpora.spelling import Spelling
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Findings, Place
from nerharness.losses import Losses, lost
from nerharness.segment import segment
from nerharness.types import Example, LabelSet, Source

_SHARED_TASK = (".a1", ".a2")


class BratReader:
    """Reads a folder, its subfolders included.

    Beside `x.txt` stands `x.ann`; or `x.WHO.ann` for each of several annotators, of whom
    `annotator` names one, or "all"; or `x.a1` and `x.a2`, which belong together.
    """

    def __init__(self, annotator: str = "") -> None:
        self._annotator = annotator

    def detect(self, path: Path, /) -> bool:
        """Tell whether there is an `.ann` or `.a1` file in the folder."""
        found = (file for ending in ("*.ann", "*.a1") for file in path.rglob(ending))
        return path.is_dir() and next(found, None) is not None

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every pair of files; `.txt` files without `.ann` are warned about."""
        path = need_path(path, "brat")
        if not path.is_dir():
            raise CorpusError.at(path, None, "brat corpora are folders", hint="give the folder")
        declared = declared_labels(path, labels)
        files, lonely = self._files(path)
        if lonely:
            warnings.warn(
                f"{path}: {len(lonely)} .txt without .ann not read ({lonely[0].name} …)",
                stacklevel=2,
            )
        splits: dict[str, list[tuple[Path, list[Path]]]] = {}
        for text, own in sorted(files.items()):
            splits.setdefault(_split(path, text), []).append((text, own))
        starts = {
            split: partial(_examples, path, members, declared, findings)
            for split, members in splits.items()
        }
        return source_of(path, declared, starts)

    def _files(self, root: Path) -> tuple[dict[Path, list[Path]], list[Path]]:
        """Return the annotation files of each text, and the texts without any."""
        texts = {
            file: [file.with_suffix(e) for e in (".ann", *_SHARED_TASK)] for file in _texts(root)
        }
        found = {text: [f for f in files if f.is_file()] for text, files in texts.items()}
        for file in sorted(root.rglob("*.ann")):
            text = file.with_suffix(".txt")
            if text in found:
                continue
            if (shared := text.with_suffix("").with_suffix(".txt")) not in found:
                raise CorpusError.at(file, None, f"there is no {text.name} beside it")
            found[shared].append(file)
        chosen = {text: self._chosen(text, files) for text, files in found.items() if files}
        return chosen, [text for text, files in found.items() if not files]

    def _chosen(self, text: Path, files: list[Path]) -> list[Path]:
        who = {file.name[len(text.stem) :].removesuffix(".ann").strip("."): file for file in files}
        if self._annotator and self._annotator != "all":
            if self._annotator not in who:
                raise UsageError(
                    f"no annotator {self._annotator!r}",
                    where=str(text),
                    hint=f"not in {sorted(who)}",
                )
            return [who[self._annotator]]
        if (
            len(files) > 1
            and not self._annotator
            and {f.suffix for f in files} != set(_SHARED_TASK)
        ):
            raise CorpusError.at(
                text,
                None,
                f"{len(files)} annotators: {', '.join(sorted(who))}",
                hint="choose one, or all, as in PATH:brat:annotator=all",
            )
        return files


def _texts(root: Path) -> list[Path]:
    return sorted(root.rglob("*.txt"))


def _split(root: Path, file: Path) -> str:
    own = root.resolve().name  # "." has no name
    folders = [*file.relative_to(root).parts[:-1], own]
    return next((split for name in folders if (split := split_name(name))), own)


def _examples(
    root: Path,
    members: list[tuple[Path, list[Path]]],
    declared: LabelSet | None,
    findings: Findings,
) -> Iterator[Example]:
    for source, files in members:
        text = read_text(source)
        id = source.relative_to(root).with_suffix("").as_posix()
        entities, notes = read_annotations(
            files, Annotator(text, declared, findings), together=files[0].suffix in _SHARED_TASK
        )
        findings.place = Place(source)
        yield Example(segment(id, text), entities, notes)


class BratWriter:
    """Writes a folder, with a subfolder for each split if there are several."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write `.txt` and `.ann` for each document, named by its id."""
        losses: Losses = Counter()
        with taking_place(path) as target:
            target.mkdir()
            spelling = Spelling(spelled)
            for split, examples in source.splits.items():
                prefix = f"{split}/" if len(source.splits) > 1 else ""
                losses += _write_split(target, prefix, examples, spelling)
        return losses


def _write_split(
    target: Path, prefix: str, examples: Iterable[Example], spelling: Spelling
) -> Losses:
    losses: Losses = Counter()
    for example in examples:
        document = example.document
        id = _file_name(document.id.removeprefix(prefix))
        file = target / f"{prefix}{id}.txt"
        if file.exists():
            raise CorpusError(
                f"two documents would be {prefix}{id}.txt", hint="give them other ids"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(document.text.encode())
        losses += lost(example, segment(f"{prefix}{id}", document.text), notes=True)
        lines, changed = _lines(example, spelling)
        losses += changed
        file.with_name(f"{file.name.removesuffix('.txt')}.ann").write_bytes("".join(lines).encode())
    return losses


def _lines(example: Example, spelling: Spelling) -> tuple[list[str], Losses]:
    entities, others = spelling.spelled(example.entities)
    given = [note for note in example.notes if note.entity is not None]
    notes = [spelled_note(note) for note in given]
    losses: Losses = Counter(
        {
            "labels": others,
            "notes": len(example.notes) - len(given),
            "note texts": sum(old != new for old, new in zip(given, notes, strict=True)),
        }
    )
    return annotation_lines(entities, notes, example.document.text), +losses


def _file_name(id: str) -> str:
    """Return the id as a name inside the folder; what no file name may hold becomes `_`."""
    parts = [re.sub(r'[\x00-\x1f\\:*?"<>|]', "_", part) for part in id.split("/")]
    return "/".join(part if part.strip(". ") else "_" for part in parts)
