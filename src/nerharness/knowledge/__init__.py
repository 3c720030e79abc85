"""Built-in readers of background knowledge, and the glossary."""

from collections.abc import Mapping

from nerharness.plugin import Provider, hookimpl


@hookimpl
def nerharness_knowledge() -> Mapping[str, Provider]:
    """Offer the built-in readers."""
    return {
        "glossary": Provider(
            "nerharness.knowledge.glossary:Glossary",
            "the built-in glossary about rare diseases, for trying things",
        ),
        "jsonl": Provider(
            "nerharness.knowledge.jsonl:JsonlReader",
            "one JSON object per concept: name, definition, maybe synonyms, id, parents",
        ),
        "obo": Provider("nerharness.knowledge.obo:OboReader", "ontologies as OBO"),
        "obographs": Provider(
            "nerharness.knowledge.obographs:ObographsReader", "ontologies as obographs JSON"
        ),
        "owl": Provider(
            "nerharness.knowledge.owl:OwlReader",
            "ontologies as OWL in RDF/XML, with pronto",
            requires=("pronto",),
            extra="nerharness[owl]",
        ),
        "tsv": Provider(
            "nerharness.knowledge.tsv:TsvReader",
            "tab-separated names, synonyms and definitions under a header line",
        ),
        "text": Provider(
            "nerharness.knowledge.text:TextReader",
            "folders of .txt and .md files, cut into passages of whole sentences",
        ),
    }
