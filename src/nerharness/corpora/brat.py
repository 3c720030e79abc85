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
from collections.abc import Iterable, Iterator, Mapping
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
        _warn_of_others(path, {split: len(members) for split, members in splits.items()})
        starts = {
            split: partial(_examples, path, members, declared, findings)
            for split, members in splits.items()
        }
        return source_of(path, declared, starts)

    def _files(self, root: Path) -> tuple[dict[Path, list[Path]], list[Path]]:
        """Return the annotation files of each text, and the texts without any."""
        texts = {
            file: [file.with_suffix(e) for e in (".ann", *_SHARED_TASK)]
            for file in _files(root, ".txt")
        }
        found = {text: [f for f in files if f.is_file()] for text, files in texts.items()}
        for file in _files(root, ".ann"):
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
                    hint=f"its annotators: {', '.join(filter(None, sorted(who))) or 'no names'}",
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


def _files(root: Path, suffix: str) -> list[Path]:
    return sorted(file for file in root.rglob(f"*{suffix}") if file.is_file())


def _warn_of_others(root: Path, texts: Mapping[str, int]) -> None:
    """Warn of texts that no folder's name gives a split, if others have one."""
    own = root.resolve().name
    if own in texts and len(texts) > 1:
        warnings.warn(
            f"{root}: {texts[own]:,} of {sum(texts.values()):,} texts, in no folder named train, "
            f"dev or test, are a split {own!r} of their own",
            stacklevel=3,
        )


def _split(root: Path, file: Path) -> str:
    own = root.resolve().name  # "." has no name
    return _split_of(file.relative_to(root).as_posix(), split_name(own) or own)


def _split_of(name: str, own: str) -> str:
    """Return the split that the folders of a file's name say, else `own`."""
    folders = name.split("/")[:-1]
    return next((split for folder in folders if (split := split_name(folder))), own)


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
                losses += _write_split(target, split, prefix, examples, spelling)
        return losses


def _write_split(
    target: Path, split: str, prefix: str, examples: Iterable[Example], spelling: Spelling
) -> Losses:
    losses: Losses = Counter()
    for example in examples:
        document = example.document
        id = f"{prefix}{_file_name(document.id.removeprefix(prefix))}"
        if (named := _split_of(id, split)) != (split_name(split) or split):
            what = f"document {document.id!r} would be read as one of the split {named!r}"
            raise CorpusError(what, hint="give it another id")
        losses += lost(example, segment(id, document.text), notes=True)
        lines, changed = _lines(example, spelling)
        losses += changed
        try:
            _write_pair(target / f"{id}.txt", document.text, "".join(lines))
        except FileExistsError:
            what = f"document {document.id!r} would be {id}.txt, where another one stands"
            raise CorpusError(what, hint="give it another id") from None
        except OSError as error:
            what = f"document {document.id!r} cannot be {id}.txt: {error.strerror}"
            raise CorpusError(what) from None
    return losses


def _write_pair(file: Path, text: str, lines: str) -> None:
    """Write two files that are not there yet; raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    for one, content in ((file, text), (file.with_suffix(".ann"), lines)):
        with one.open("xb") as stream:
            stream.write(content.encode())


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
