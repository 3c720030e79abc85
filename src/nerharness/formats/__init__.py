"""Built-in formats: how entities are asked for and read back."""

from collections.abc import Mapping

from nerharness.plugin import Provider, hookimpl


@hookimpl
def nerharness_formats() -> Mapping[str, Provider]:
    """Offer the built-in formats."""
    return {
        "json": Provider(
            "nerharness.formats.json_list:JsonList",
            'a list of {"text", "label"}, without offsets',
        ),
        "json-by-label": Provider(
            "nerharness.formats.json_by_label:JsonByLabel",
            "a list of mentions for each label, as JSON",
        ),
        "lines": Provider(
            "nerharness.formats.lines:LabelledLines",
            "one `label: mention` per line",
        ),
        "bio": Provider(
            "nerharness.formats.bio:TokenPerLine",
            "one `token : TAG` per line, tags in BIO",
        ),
    }
