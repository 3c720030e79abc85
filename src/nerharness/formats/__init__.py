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
            remote=False,
        ),
        "json-by-label": Provider(
            "nerharness.formats.json_by_label:JsonByLabel",
            "a list of mentions for each label, as JSON",
            remote=False,
        ),
        "inline": Provider(
            "nerharness.formats.inline:inline_tags",
            "the text with `<label>…</label>` around entities",
            remote=False,
        ),
        "brackets": Provider(
            "nerharness.formats.brackets:brackets",
            "the text with entities as `[entity | label]`",
            remote=False,
        ),
        "markers": Provider(
            "nerharness.formats.markers:markers",
            "the text with `@@…##` around entities, one label at a time",
            remote=False,
        ),
        "lines": Provider(
            "nerharness.formats.lines:LabelledLines",
            "one `label: mention` per line",
            remote=False,
        ),
        "bio": Provider(
            "nerharness.formats.bio:TokenPerLine",
            "one `token : TAG` per line, tags in BIO",
            remote=False,
        ),
    }
