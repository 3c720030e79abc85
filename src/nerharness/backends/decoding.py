"""One call's answers: as some are done, others take their place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import torch

from nerharness.backends.answer import Answer, Tokens
from nerharness.backends.batch import Batch
from nerharness.backends.batching import Group
from nerharness.backends.chooser import Chooser, Turn
from nerharness.backends.guesses import Guesser
from nerharness.backends.prefix import Prefix
from nerharness.backends.reader import Reader
from nerharness.backends.room import Room

SHORTEST_PREFIX = 16
"""Sharing fewer tokens than this costs more than reading them again."""


class Decoding:
    """Writes answers, those of a group one after the other, until all are done.

    All of them begin with `opening`. Once `stop` is true, no other is begun.
    """

    def __init__(
        self,
        reader: Reader,
        chooser: Chooser,
        room: Room,
        answers: Sequence[Answer],
        groups: Iterable[Group],
        opening: Prefix,
        stop: Callable[[], bool],
    ) -> None:
        self._reader, self._chooser, self._room = reader, chooser, room
        self._answers, self._groups, self._opening = answers, deque(groups), opening
        self._stop = stop
        self._known: tuple[Group | None, Prefix] = (None, opening)
        """The group that was begun last, and what its prompts begin with."""
        self._again: deque[Answer] = deque()
        """Answers that are begun, and for which there was no memory."""
        self._batch: Batch | None = None
        self._live: dict[int, Answer] = {}
        """The rows of the batch that are not done, by index."""
        self._guessers: dict[int, Guesser] = {}

    def run(self) -> Iterator[Answer]:
        """Yield the answers as they are done."""
        while self._live or self._more():
            if self._more() and self._has_room():
                yield from self._admit()
            else:
                yield from self._step()

    def _more(self) -> bool:
        return bool(self._again) or (bool(self._groups) and not self._stop())

    def _has_room(self) -> bool:
        """Tell whether reading more prompts pays: half of the room is free, and can be used."""
        if self._batch is None or not self._live:
            return True
        free = self._room.rows - len(self._live)
        if 2 * free < self._room.rows or not self._reader.is_plain:
            return False
        following = self._again[0] if self._again else self._answers[self._groups[0].places[0]]
        return self._fit([following])

    def _fit(self, rows: Sequence[Answer]) -> bool:
        """Tell whether there is room for these besides those under way."""
        return self._room.fits([row.request for row in (*self._live.values(), *rows)])

    def _admit(self) -> list[Answer]:
        """Begin more answers, with their first tokens; return those that are done."""
        group, rows = self._take()
        turns = [Turn(place, row, []) for place, row in enumerate(rows)]
        try:
            prefix = self._prefix(group, rows)
            self._chooser.foresee(turns)
            batch, logits = self._reader.begin(rows, prefix)
        except RuntimeError as error:
            self._check_memory(error)
        else:
            for row in rows:
                row.unread = 0
            done = self._choose(batch, turns, logits)
            return done + self._add(batch, [row for row in rows if row not in done])
        return self._put_back(rows)

    def _take(self) -> tuple[Group | None, list[Answer]]:
        """Return answers to begin, or to begin again, as many as there is room for."""
        free = max(1, self._room.rows - len(self._live))
        if self._again:
            rows = [self._again.popleft()]
            while self._again and len(rows) < free and self._fit([*rows, self._again[0]]):
                rows.append(self._again.popleft())
            return None, rows
        group = self._groups[0]
        places = group.take(
            free, lambda found: self._fit([self._answers[place] for place in found])
        )
        if not group.places:
            self._groups.popleft()
        return group, [self._answers[place] for place in places]

    def _prefix(self, group: Group | None, rows: Sequence[Answer]) -> Prefix:
        """Return what all prompts of the group begin with, which is read with its first rows."""
        if group is None:
            return self._opening
        if self._known[0] is not group:
            more = rows[0].text[len(self._opening.tokens) : group.shared]
            several = len(rows) + len(group.places) > 1 and self._reader.is_plain
            worth = several and len(more) >= SHORTEST_PREFIX
            found = self._reader.extend(self._opening, more) if worth else self._opening
            self._known = (group, found)
        return self._known[1]

    def _add(self, batch: Batch, going: Sequence[Answer]) -> list[Answer]:
        """Let the rows that go on join those under way; return what there is no memory for."""
        if not going:
            return []
        try:
            self._keep_live()
            batch.keep([place for place, row in enumerate(batch.rows) if row in going])
            if self._batch is None:
                self._batch = batch
            else:
                self._batch.join(batch)
        except RuntimeError as error:
            self._check_memory(error)
            self._batch = None
        self._live |= {row.index: row for row in going}
        self._guessers |= {row.index: Guesser(row.text) for row in going}
        return self._give_up() if self._batch is None else []

    def _keep_live(self) -> None:
        """Let the rows that are done leave the batch."""
        if self._batch is None or not self._live:
            self._batch = None
            return
        rows = enumerate(self._batch.rows)
        self._batch.keep([place for place, row in rows if row.index in self._live])

    def _step(self) -> list[Answer]:
        """Read what was chosen last, and choose what comes next; return what is done."""
        batch = self._batch
        assert batch is not None
        try:
            # Leaving copies the whole cache, so it must pay: a quarter of the rows, or more.
            if 4 * len(self._live) <= 3 * len(batch.rows):
                self._keep_live()
            if self._reader.is_plain:
                batch.pack()
            turns, waiting = self._turns(batch)
            tokens = [list(part) for part in waiting]
            for turn in turns:
                tokens[turn.place] += turn.guess
            keep = 1 + max((len(turn.guess) for turn in turns), default=0)
            self._chooser.foresee(turns)
            logits = self._reader.go_on(batch, tokens, keep)
        except RuntimeError as error:
            self._check_memory(error)
        else:
            for row, part in zip(batch.rows, waiting, strict=True):
                row.unread -= len(part)
            done = self._choose(batch, turns, logits)
            for row in done:
                del self._live[row.index], self._guessers[row.index]
            return done
        return self._give_up()

    def _give_up(self) -> list[Answer]:
        """Put back all that is under way; return what there is no memory for."""
        rows = list(self._live.values())
        self._batch, self._live = None, {}
        return self._put_back(rows)

    def _turns(self, batch: Batch) -> tuple[list[Turn], list[Tokens]]:
        """Return the rows that have a token to choose, and what each row is to read for it.

        What does not fit into the step, which is as wide as its longest row, waits for the next.
        """
        width = max(1, self._room.step // len(batch.rows)) if self._reader.is_plain else 1
        turns: list[Turn] = []
        waiting: list[Tokens] = []
        for place, row in enumerate(batch.rows):
            part = row.waiting[:width] if row.index in self._live else []
            waiting.append(part)
            if part and len(part) == row.unread:
                turns.append(Turn(place, row, self._guess(row, width - len(part))))
        return turns, waiting

    def _guess(self, row: Answer, most: int) -> Tokens:
        most = min(most, row.request.limit - len(row.tokens) - 1)
        if most < 1:
            return []
        guess = self._guessers[row.index].guess(most)
        return self._chooser.allowed(row, guess)

    def _choose(self, batch: Batch, turns: Sequence[Turn], logits: torch.Tensor) -> list[Answer]:
        """Choose tokens, hide the guesses that were wrong, and return the answers that are done."""
        sizes = [len(turn.row.tokens) for turn in turns]
        wrong = [0] * len(batch.rows)
        done = []
        for turn, size, found in zip(
            turns, sizes, self._chooser.choose(turns, logits), strict=True
        ):
            turn.row.unread -= found.right
            wrong[turn.place] = len(turn.guess) - found.right
            if not found.goes_on:
                done.append(turn.row)
            elif (guesser := self._guessers.get(turn.row.index)) is not None:
                guesser.extend(turn.row.tokens[size:])
        batch.forget(wrong)
        return done

    def _check_memory(self, error: RuntimeError) -> None:
        """Raise the error again unless it says that there is no memory left."""
        self._chooser.forget()
        if not is_out_of_memory(error):
            raise error

    def _put_back(self, rows: Sequence[Answer]) -> list[Answer]:
        """Have fewer answers at once and begin these again; return one that alone is too large."""
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if self._live:
            self._room.rows = len(self._live)
        elif len(rows) > 1:
            self._room.halve(len(rows))
        else:
            rows[0].failure = "there is not enough memory for this prompt and its answer"
            return list(rows)
        self._again.extend(rows)
        return []


def is_out_of_memory(error: RuntimeError) -> bool:
    """Tell whether that is what an error of torch says."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(
        words in said for words in ("out of memory", "can't allocate memory", "not enough memory")
    )
