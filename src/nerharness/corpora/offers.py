"""The built-in readers and writers with their options, none of them imported."""

from __future__ import annotations

from nerharness.plugin import Option, Provider

_SCHEMES = ("IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "IOBES", "BILOU")
_SCHEME = Option("scheme", str, "IOB2", "tag scheme", _SCHEMES)
_CHECKED_SCHEME = Option(
    "scheme", str, "auto", "tag scheme to hold the tags to", ("auto", *_SCHEMES)
)
_POLICY = Option("policy", str, "longest", "which of overlapping entities stays")
_COLUMNS = Option("columns", str, "", "what each column holds: token, tag, or _ for neither")

READERS = {
    "sample": Provider(
        "nerharness.corpora.sample:Sample",
        "the built-in corpus about rare diseases, for trying things",
    ),
    "conll": Provider(
        "nerharness.corpora.conll:ConllReader",
        "one token and its tag per line, columns parted by tabs or spaces",
        (_COLUMNS, _CHECKED_SCHEME),
    ),
    "brat": Provider(
        "nerharness.corpora.brat:BratReader",
        "folders of .txt with brat stand-off .ann",
        (Option("annotator", str, "", "whose files to read where there are several, or all"),),
    ),
    "csv": Provider(
        "nerharness.corpora.token_csv:CsvReader",
        "one token per row: Token,Tag,Sentence_Num,Sentence_Num_Global,File",
        (_SCHEME,),
    ),
    "pubtator": Provider(
        "nerharness.corpora.pubtator:PubtatorReader",
        "title, abstract, and a line per annotation",
    ),
    "bioc-xml": Provider(
        "nerharness.corpora.bioc_xml:BiocXmlReader",
        "BioC collections in XML",
        requires=("lxml", "defusedxml"),
        extra="nerharness[corpora]",
    ),
    "bioc-json": Provider(
        "nerharness.corpora.bioc_json:BiocJsonReader",
        "BioC collections in JSON",
    ),
    "jsonl": Provider(
        "nerharness.corpora.jsonl:JsonlReader",
        "one JSON object per document, entities with offsets",
        (
            Option(
                "field",
                str,
                "auto",
                "what holds the annotation; where there are two such fields, one must be chosen",
                ("auto", "entities", "mentions", "label", "spans"),
            ),
        ),
    ),
    "docbin": Provider(
        "nerharness.corpora.docbin:DocbinReader",
        "spaCy DocBin files (.spacy)",
        (Option("spans", str, "sc", "span group to read; where it is empty, the entities"),),
        requires=("spacy",),
        extra="nerharness[corpora]",
    ),
    "run-folder": Provider(
        "nerharness.corpora.run_folder:RunFolderReader",
        "the folder of a run, with what it predicted or with gold",
        (
            Option("entities", str, "predicted", "whose entities to read", ("predicted", "gold")),
            Option(
                "unfinished",
                str,
                "refused",
                "what becomes of documents that failed or are not done",
                ("refused", "left-out"),
            ),
        ),
    ),
    "datasets": Provider(
        "nerharness.corpora.hf_datasets:DatasetsReader",
        "Hugging Face datasets on disk, with tokens and tags",
        requires=("datasets",),
        extra="nerharness[corpora]",
    ),
}

WRITERS = {
    "conll": Provider(
        "nerharness.corpora.conll:ConllWriter",
        "one token and its tag per line; flat entities, text as tokens",
        (
            _SCHEME,
            _POLICY,
            Option(
                "marks",
                str,
                "comment",
                "how a document begins; only a comment holds its id",
                ("comment", "docstart"),
            ),
        ),
    ),
    "brat": Provider(
        "nerharness.corpora.brat:BratWriter",
        "a folder of .txt and stand-off .ann; all entities, default tokens and sentences",
    ),
    "csv": Provider(
        "nerharness.corpora.token_csv:CsvWriter",
        "one token per row, as the RareDis release; flat entities, text as tokens",
        (_SCHEME, _POLICY),
    ),
    "pubtator": Provider(
        "nerharness.corpora.pubtator:PubtatorWriter",
        "title, abstract, and a line per annotation; overlaps, but one fragment each",
    ),
    "bioc-xml": Provider(
        "nerharness.corpora.bioc_xml:BiocXmlWriter",
        "BioC collections in XML; all entities, default tokens and sentences",
        requires=("bioc",),
        extra="nerharness[corpora]",
    ),
    "bioc-json": Provider(
        "nerharness.corpora.bioc_json:BiocJsonWriter",
        "BioC collections in JSON; all entities, default tokens and sentences",
        requires=("bioc",),
        extra="nerharness[corpora]",
    ),
    "jsonl": Provider(
        "nerharness.corpora.jsonl:JsonlWriter",
        "one JSON object per document; all there is",
    ),
    "docbin": Provider(
        "nerharness.corpora.docbin:DocbinWriter",
        "spaCy DocBin files (.spacy); overlaps in a span group, one fragment, whole tokens",
        (_POLICY,),
        requires=("spacy",),
        extra="nerharness[corpora]",
    ),
    "datasets": Provider(
        "nerharness.corpora.hf_datasets:DatasetsWriter",
        "Hugging Face datasets on disk; flat entities, text as tokens",
        (_SCHEME, _POLICY),
        requires=("datasets",),
        extra="nerharness[corpora]",
    ),
    "label-studio": Provider(
        "nerharness.corpora.exports:LabelStudioWriter",
        "tasks for Label Studio; overlaps, but one fragment each",
    ),
    "prodigy": Provider(
        "nerharness.corpora.exports:ProdigyWriter",
        "tasks for Prodigy (spans_manual); overlaps, one fragment, whole tokens",
    ),
    "doccano": Provider(
        "nerharness.corpora.exports:DoccanoWriter",
        "lines for doccano; overlaps, but one fragment each",
    ),
}
