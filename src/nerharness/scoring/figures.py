"""Precision, recall and F1 of many counts at once, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from nerharness.scoring.counting import LabelCounts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Averaging(Enum):
    """How the labels' figures become one. It equals no label, not even one called "micro"."""

    MICRO = "micro"
    MACRO = "macro"
    WEIGHTED = "weighted"


Row: TypeAlias = str | Averaging
"""What a figure is of: a label, or all of them, averaged."""

FIGURES = ("precision", "recall", "f1")

_ROUNDING = 1e-9
"""Sums and differences of parts of credits below this are nothing but rounding."""


def count_table(documents: Sequence[LabelCounts], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return the documents' counts, of shape `(documents, 3 * labels)`: tp, fp, fn of each label.

    Labels that are none of `labels` are left out.
    """
    import numpy as np

    table = np.zeros((len(documents), len(labels), 3))
    place = {label: number for number, label in enumerate(labels)}
    for row, document in enumerate(documents):
        for label, counts in document.items():
            if label in place:
                table[row, place[label]] = counts.tp, counts.fp, counts.fn
    return table.reshape(len(documents), 3 * len(labels))


def rates(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return precision, recall and F1 of each label and of the three averages.

    `sums` has shape `(n, 3 * labels)`, the answer `(n, labels + 3, 3)`. A label that occurs neither
    in gold nor in predictions has NaN, and no part in macro; if none occurs the averages are NaN,
    too. What is undefined otherwise is 0, as in `nerharness.metrics`.
    """
    import numpy as np

    counts = np.where(sums < _ROUNDING, 0.0, sums).reshape(len(sums), sums.shape[1] // 3, 3)
    labels, micro = _rates(counts), _rates(counts.sum(axis=1, keepdims=True))
    present = counts.sum(axis=2) > 0
    support = counts[:, :, 0] + counts[:, :, 2]
    means = (_mean(labels, weights)[:, None] for weights in (present.astype(np.float64), support))
    averages = np.concatenate([micro, *means], axis=1)
    rows = [
        np.where(present[:, :, None], labels, np.nan),
        np.where(present.any(axis=1)[:, None, None], averages, np.nan),
    ]
    return np.concatenate(rows, axis=1)


def _rates(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    tp, fp, fn = np.moveaxis(counts, -1, 0)
    shares = [_share(tp, tp + fp), _share(tp, tp + fn), _share(2 * tp, 2 * tp + fp + fn)]
    return np.stack(shares, axis=-1)


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over labels, 0 where no label has a weight."""
    total = weights.sum(axis=1)[:, None]
    return _share((values * weights[:, :, None]).sum(axis=1), total)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
