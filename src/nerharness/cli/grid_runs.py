"""The runs of a grid: each is `nerharness eval` in a process of its own.

So no run has to find room beside what the one before it left in memory, and none that is killed
ends the others.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.text import Text

from nerharness.cli.grid_orders import OWN, Order
from nerharness.cli.interrupts import first_interrupt
from nerharness.cli.main import FAILED_DOCUMENTS, FAULT, INTERRUPTED
from nerharness.errors import RunError
from nerharness.journal import DESCRIPTION, Writer, read_journal
from nerharness.plugin.host import Host
from nerharness.runs.folder import RunFolder
from nerharness.runs.grid import FILE, SITTINGS
from nerharness.runs.spending import spent_before
from nerharness.runs.standing import Standing
from nerharness.whole_files import PRIVATE_FOLDER, make_folder, make_new_folder, write_whole

if TYPE_CHECKING:
    from rich.console import Console

_STDERR = 2


class GridRuns:
    """The run folders of a grid, in the order in which they are asked for."""

    def __init__(
        self, path: Path, orders: Sequence[Order], host: Host, *, numbered: bool = False
    ) -> None:
        """Look at what stands there; raises what is wrong with any run, before the first.

        The folder of one that is `numbered` is a new one, beside those that have its name.
        """
        self.path = path
        self.orders = orders
        self._numbered = numbered
        self._host = host
        self._environment = _environment()  # as it is before one that is protected is looked at
        self._standings = [self._standing(order) for order in orders]

    def place(self, order: Order) -> Path:
        """Return a run's folder."""
        return self.path / order.variant.name

    def whole(self) -> Iterator[Order]:
        """Yield the runs of which every document is finished."""
        for order, standing in self._each():
            if standing.is_over():
                yield order

    def partial(self) -> Iterator[tuple[Order, Standing]]:
        """Yield the others, and how far they are."""
        return ((order, standing) for order, standing in self._each() if not standing.is_over())

    @property
    def failed(self) -> int:
        """Return how many documents failed in all runs."""
        return sum(standing.failed for standing in self._standings)

    def work(self, text: str, notes: Console, max_cost: float | None, *, retry: bool) -> int:
        """Do what is left, until all is or it is interrupted; returns the code of the worst end.

        `text` is that of the grid's file. Without `max_cost` that of the last sitting holds. With
        `retry` failed documents are asked again. Raises `RunError` if another process is at it.
        """
        self._make()
        with closing(Writer(self.path / SITTINGS)) as sittings:
            sittings.mend()
            max_cost = max_cost or self._told()
            sittings.append({"max_cost": max_cost})
            write_whole(self.path / FILE, text)
            return self._work(notes, max_cost, retry=retry)

    def _work(self, notes: Console, max_cost: float | None, *, retry: bool) -> int:
        codes = [0]
        with first_interrupt(tell=False) as stop:
            for place, order in enumerate(self.orders):
                title = f"{place + 1} of {len(self.orders)}: {order.variant.name}"
                notes.print(Rule(Text(title), align="left", characters="─"))
                if self._standings[place].is_over(retry=retry):
                    notes.print("finished before")
                    continue
                if stop():
                    return INTERRUPTED
                left = self._left(order, max_cost)
                if left is not None and left <= 0:
                    notes.print(f"--max-cost: ${max_cost:g} is spent; to go on, give a higher one")
                    return INTERRUPTED
                code = _evaluate(self._words(place, left, retry=retry), self._environment)
                self._standings[place] = self._standing(order)
                if code == INTERRUPTED or stop():
                    return INTERRUPTED
                if code not in (0, FAILED_DOCUMENTS):
                    notes.print(f"{order.variant.name}: {_ended(code)}", style="bold red")
                codes.append(code if code >= 0 else FAULT)
        return max(*codes, FAILED_DOCUMENTS if self.failed else 0)

    def _make(self) -> None:
        try:
            if self._numbered:
                self.path = make_new_folder(self.path, PRIVATE_FOLDER)
            else:
                make_folder(self.path, PRIVATE_FOLDER)
        except OSError as error:
            raise RunError(f"cannot be made: {error.strerror}", where=str(self.path)) from None

    def _told(self) -> float | None:
        """Return the `max_cost` of the last sitting."""
        found = [line.value.get("max_cost") for line in read_journal(self.path / SITTINGS)]
        return found[-1] if found else None

    def _each(self) -> Iterator[tuple[Order, Standing]]:
        return zip(self.orders, self._standings, strict=True)

    def _standing(self, order: Order) -> Standing:
        return Standing.of(self.place(order), order.spec, self._host)

    def _words(self, place: int, left: float | None, *, retry: bool) -> Iterator[str]:
        order, begun = self.orders[place], self._standings[place].begun
        yield from order.words
        yield from (f"--{'resume' if begun else 'out'}={self.place(order)}", "--quiet")
        if begun and retry:
            yield "--retry-failed"
        if left is not None:
            yield f"--max-cost={left}"

    def _left(self, order: Order, max_cost: float | None) -> float | None:
        """Return what a run may spend in all, in US dollars; `None` for any sum, or no price."""
        spec = order.spec
        if max_cost is None or spec.tagger or not self._host.find("backends", spec.backend).price:
            return None
        begun = (file.parent for file in self.path.glob(f"*/{DESCRIPTION}"))  # in no file now, too
        others = (place for place in begun if place != self.place(order))
        spent = (spent_before(RunFolder.open(place)).cost or 0.0 for place in others)
        return max_cost - sum(spent)


def _evaluate(words: Iterator[str], environment: Mapping[str, str]) -> int:
    """Run `nerharness eval`, which says everything on stderr, and return its code.

    A negative one is the signal that ended it. If this process is told to end, so is that.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "nerharness", "eval", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=_STDERR,
    )
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _environment() -> dict[str, str]:
    """Return the environment without what is there for the grid alone."""
    own = {f"NERHARNESS_{name.upper()}" for name in OWN}
    return {name: value for name, value in os.environ.items() if name not in own}


def _ended(code: int) -> str:
    """Return how a run ended that did not as it should."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
