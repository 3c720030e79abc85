"""A corpus in each format, and what is expected of one that is malformed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import open_reader

HEADER = "Token,Tag,Sentence_Num,Sentence_Num_Global,File\n"
TITLE = "1|t|No rash\n1|a|\n"

Case = tuple[str | bytes, int | None, str]
"""What a file holds, the line of the error if there is one, and what the error says."""


def bioc(
    annotation: str = '<annotation id="1"><infon key="type">S</infon>'
    '<location offset="3" length="4"/><text>rash</text></annotation>',
    passage: str = "<passage><offset>0</offset><text>No rash</text>{}</passage>",
) -> str:
    body = passage.format(annotation)
    return f"<collection>\n<document><id>1</id>\n{body}\n</document>\n</collection>"


def bioc_json(**changes: object) -> str:
    annotation = {
        "id": "1",
        "infons": {"type": "S"},
        "locations": [{"offset": 3, "length": 4}],
        "text": "rash",
        **changes,
    }
    passage = {"offset": 0, "text": "No rash", "annotations": [annotation]}
    document = {"id": "1", "passages": [passage]}
    return '{"source": "",\n"documents": [\n' + json.dumps(document) + "]}"


SAID = "W\u00f6rter: no rash"
GOOD = {
    "conll": "# newdoc id = a\nW\u00f6rter\tO\nrash\tB-S\n\n# newdoc id = b\nrash\tB-S\n",
    "csv": HEADER + "W\u00f6rter,O,1,1,f\nrash,B-S,1,1,f\nrash,B-S,1,1,g\n",
    "pubtator": "".join(f"{n}|t|{SAID}\n{n}|a|x\n{n}\t11\t15\trash\tS\n\n" for n in "12"),
    "bioc-xml": bioc(passage="<passage><offset>0</offset><text>W\u00f6rash</text>{}</passage>"),
    "bioc-json": bioc_json().replace("No rash", "No rash, W\u00f6rter"),
    "jsonl": "".join(f'{{"id": "{n}",\t"text": "{SAID}"}}\n' for n in "12"),
    "brat": "T1\tS 11 15\trash\n#1\tNote T1\tW\u00f6rter\n",
}
"""A corpus in each format that is text, with a letter outside of ASCII."""


def place(folder: Path, reader: str, content: bytes) -> tuple[str, Path]:
    """Write the corpus; return what names it to a command, and the file that holds the content."""
    folder.mkdir(exist_ok=True)
    file = folder / ("n.ann" if reader == "brat" else "in.txt")
    file.write_bytes(content)
    if reader == "brat":
        (folder / "n.txt").write_text(SAID, encoding="utf-8")
    return f"{folder if reader == 'brat' else file}:{reader}", file


def skip_without(reader: str) -> None:
    """Skip the test if what reads the format is not installed."""
    module = {"bioc-xml": "lxml", "docbin": "spacy"}.get(reader)
    if module and find_spec(module) is None:
        pytest.skip(f"needs {module}")


def is_one_error(folder: Path, host: Host, reader: str, case: Case) -> None:
    """Assert that reading the file raises the error, with file and line."""
    skip_without(reader)
    content, line, message = case
    file = folder / "in.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(CorpusError) as caught:
        read_corpus(open_reader(host, f"{file}:{reader}")[0], file, None)
    assert message in caught.value.what
    assert caught.value.where == (f"{file}:{line}" if line else str(file))
