"""The `datasets` reader and writer: Hugging Face `datasets` on disk, for token classification.

A row is a document of one sentence: a column `tokens` of texts, a column of tags (`ner_tags` or
`tags`, as texts or `ClassLabel`), maybe an `id`. The text is the tokens joined by spaces. Arrow
files hold no code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from nerharness.corpora.files import need_path, split_name
from nerharness.corpora.ids import NOT_EMPTY, Ids, given_id, written_id
from nerharness.corpora.labels import check_label, declared_labels
from nerharness.corpora.output import taking_place
from nerharness.corpora.sources import source_of
from nerharness.corpora.tokenized import join, kept_tags, rows_of, tagged
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.flatten import Policy
from nerharness.losses import Losses
from nerharness.tags import Scheme
from nerharness.types import Example, Label, LabelSet, Source

_TAGS = ("ner_tags", "tags", "ner", "labels")
_MARKS = ("dataset_dict.json", "dataset_info.json")


class DatasetsReader:
    """Reads a folder that `save_to_disk` wrote, if its Arrow files are found to be whole."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the description that `save_to_disk` writes."""
        return path.is_dir() and any((path / name).is_file() for name in _MARKS)

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        path = need_path(path, "datasets")
        found = _load(path)
        own = path.resolve().name  # "." has no name
        parts = dict(found) if hasattr(found, "keys") else {own: found}
        places = {name: path / name if hasattr(found, "keys") else path for name in parts}
        for name, rows in parts.items():
            _check_whole(places[name], rows)
        tags = {name: _tag_names(path, rows) for name, rows in parts.items()}
        declared = declared_labels(path, labels) or _label_set(tags.values())
        starts = {
            (split := _split(name, parts)): partial(
                _examples, places[name], split, rows, tags[name], declared, findings
            )
            for name, rows in parts.items()
        }
        return source_of(path, declared, starts)


def _split(name: str, names: Iterable[str]) -> str:
    """Return the split that the name of a part says, unless another one's name says the same."""
    split = split_name(name)
    others = [other for other in names if other != name and split_name(other) == split]
    return name if split is None or others else split


def _load(path: Path) -> Any:
    import datasets

    try:
        return datasets.load_from_disk(str(path))
    except Exception as error:  # the library raises many kinds for files that are none of its
        raise CorpusError.at(path, None, f"no dataset on disk: {error}") from None


def _check_whole(path: Path, rows: Any) -> None:
    """Raise `CorpusError` for a damaged table, whose offsets would be read as addresses."""
    try:
        rows.data.validate(full=True)
    except (ValueError, OSError) as error:  # pyarrow's own are these
        raise CorpusError.at(path, None, f"cannot be read: {error}") from None


def _tag_column(path: Path, rows: Any) -> str:
    columns = set(rows.column_names)
    found = [name for name in _TAGS if name in columns]
    if "tokens" not in columns or not found:
        what = f"no columns tokens and {' or '.join(_TAGS)}"
        raise CorpusError.at(path, None, what, hint=f"it has: {', '.join(sorted(columns))}")
    return found[0]


def _tag_names(path: Path, rows: Any) -> dict[int, str] | None:
    """Return the names of the tags where these are numbers."""
    feature = rows.features[_tag_column(path, rows)]
    names = getattr(getattr(feature, "feature", None), "names", None)
    return None if names is None else {place: str(name) for place, name in enumerate(names)}


def _label_set(names: Iterable[dict[int, str] | None]) -> LabelSet | None:
    found = list(names)
    if not found or any(one is None for one in found):
        return None
    labels = {
        tag[2:]: None for one in found for tag in (one or {}).values() if tag != "O" and tag[2:]
    }
    return LabelSet(tuple(Label(name) for name in sorted(labels)))


def _examples(
    path: Path,
    split: str,
    rows: Any,
    names: dict[int, str] | None,
    declared: LabelSet | None,
    findings: Findings,
) -> Iterator[Example]:
    column = _tag_column(path, rows)
    width = len(str(len(rows)))
    ids = Ids(findings)
    for number, row in enumerate(rows, start=1):
        place = Place(path, number)
        id = given_id(row.get("id"), f"{split}-{number:0{width}}")
        tokens = ["" if token is None else str(token) for token in row["tokens"] or ()]
        try:
            tags = [str(tag) if names is None else names[tag] for tag in row[column] or ()]
        except (KeyError, TypeError) as error:
            findings.fault("tag", place, f"no such tag: {error}", repair="left out")
            continue
        if len(tags) != len(tokens) or not all(token.strip() for token in tokens):
            what = f"{len(tokens)} tokens, {len(tags)} tags, or a token that is empty or blank"
            findings.fault("syntax", place, what, repair="left out")
            continue
        if wrong := [tag for tag in tags if tag != "O" and (tag[1:2] != "-" or not tag[2:])]:
            findings.fault("tag", place, f"{wrong[0]!r} is not a tag", repair="tagged O")
            tags = ["O" if tag in wrong else tag for tag in tags]
        if not ids.is_new(id, place, "without a column id, rows are named by their numbers"):
            continue
        findings.place = place
        document = join(id, [tokens] if tokens else [], " ")
        places = [place] * len(tokens)
        entities = tuple(tagged(tags, document.tokens, places, findings, None))
        for entity in entities:
            check_label(entity.label, declared, place, findings)
        yield Example(document, entities, tags=kept_tags([tags] if tags else []))


class DatasetsWriter:
    """Writes rows of `id`, `tokens`, and `ner_tags` as `ClassLabel`; holds a split as Arrow."""

    def __init__(self, scheme: Scheme = "IOB2", policy: str = "longest") -> None:
        self._scheme = scheme
        self._policy = Policy.parse(policy)

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a folder that `load_from_disk` reads."""
        import datasets

        losses: Losses = Counter()
        tables = {split: self._table(examples, losses) for split, examples in source.splits.items()}
        names = sorted({tag for table in tables.values() for tag in _tags_in(table)} - {"O"})
        texts, label = datasets.Value("string"), datasets.ClassLabel(names=["O", *names])
        lists = getattr(datasets, "List", datasets.Sequence)
        features = datasets.Features(
            {"id": texts, "tokens": lists(texts), "ner_tags": lists(label)}
        )
        splits = {split: datasets.Dataset(table).cast(features) for split, table in tables.items()}
        with taking_place(path) as target:
            datasets.DatasetDict(splits).save_to_disk(str(target))
        return +losses

    def _table(self, examples: Iterable[Example], losses: Losses) -> Any:
        import pyarrow

        schema = pyarrow.schema(
            {
                "id": pyarrow.string(),
                "tokens": pyarrow.list_(pyarrow.string()),
                "ner_tags": pyarrow.list_(pyarrow.string()),
            }
        )
        batches: list[Any] = []
        rows: list[dict[str, Any]] = []
        for example in examples:
            sentences, lost = rows_of(example, self._policy, self._scheme, " ")
            losses.update(lost)
            if len(sentences) > 1 and not lost["sentences"]:
                losses["sentences"] += 1
            flat = [row for members in sentences for row in members]
            rows.append(
                {
                    "id": written_id(example.document.id, NOT_EMPTY),
                    "tokens": [row.token for row in flat],
                    "ner_tags": [row.tag for row in flat],
                }
            )
            if len(rows) == 1000:
                batches.append(pyarrow.RecordBatch.from_pylist(rows, schema=schema))
                rows = []
        batches.append(pyarrow.RecordBatch.from_pylist(rows, schema=schema))
        return pyarrow.Table.from_batches(batches, schema=schema)


def _tags_in(table: Any) -> list[str]:
    import pyarrow.compute

    flat = pyarrow.compute.list_flatten(table.column("ner_tags"))
    return [str(tag) for tag in pyarrow.compute.unique(flat).to_pylist()]
