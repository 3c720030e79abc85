"""The entities of an example that an answer is to name."""

from nerharness.types import Entity, Example, LabelSet


def asked(example: Example, labels: LabelSet) -> list[Entity]:
    """Return the entities with one of the labels, in text order."""
    wanted = [entity for entity in example.entities if entity.label in labels]
    return sorted(wanted, key=lambda entity: (entity.span, entity.label))
