"""The lines of a batch's files: what is asked for each prompt, and what came of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from nerharness.backends.openai.fault import Complaint, Fault, of_status
from nerharness.backends.openai.ledger import asked_alone
from nerharness.backends.openai.reader import Reader
from nerharness.backends.openai.request import Dialect
from nerharness.remote import Key, failed, outcome
from nerharness.types import Completion, Prompt, Usage

_BYTES_PER_TOKEN = 4

_CUT_SHORT = frozenset({"expired", "cancelled"})
_UNASKED = frozenset({"batch_expired", "batch_cancelled"})
"""What the line of a request says that a batch did not come to."""


class Lines:
    """Writes the lines of one server's batches, and reads its own."""

    def __init__(self, dialect: Dialect, reader: Reader, key: Key) -> None:
        self._dialect = dialect
        self._reader = reader
        self._key = key

    @property
    def path(self) -> str:
        """Where the requests go, below the server's address."""
        return self._dialect.api.path

    def digest(self, prompt: Prompt) -> str:
        """Return what tells the prompt from others, whatever words the server takes."""
        text = json.dumps([self.path, self._dialect.whole(prompt)])
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    def write(self, key: str, prompt: Prompt) -> str:
        """Return the line that asks for the prompt's answer under this key."""
        request = {
            "custom_id": key,
            "method": "POST",
            "url": f"/v1{self.path}",
            "body": self._dialect.body(prompt),
        }
        return json.dumps(request) + "\n"

    def guess(self, prompt: Prompt) -> Usage:
        """Return the tokens of the prompt, by its bytes, and of the longest answer to it."""
        size = sum(len(turn.content.encode()) for turn in prompt.messages)
        return Usage(size // _BYTES_PER_TOKEN, self._dialect.limit(prompt))

    def read(self, line: Any, prompt: Prompt, status: str) -> Completion | None:
        """Return what came of a request; `None` if the batch ended before it came to anything.

        `line` is a JSON object, or `None` where the batch, which ended as `status`, has none.
        """
        if line is None:
            told = f"the batch is {status} without an answer to this prompt"
            return None if status in _CUT_SHORT else failed(told)
        if (kept := asked_alone(line)) is not None:
            return kept
        if (fault := self._fault(line)) is not None:
            unasked = fault.kind == "closed" or fault.complaint.code in _UNASKED
            return None if unasked else outcome(fault)
        try:
            return self._reader.judge(line["response"].get("body"), weigh=prompt.logprobs)
        except Fault as broken:
            return replace(outcome(broken), usage=broken.usage)

    def _fault(self, line: Any) -> Fault | None:
        """Return the fault in place of an answer; `None` if there is an answer."""
        response = line.get("response")
        if not isinstance(response, dict):
            return _line_fault(line.get("error"), self._key)
        code = response.get("status_code")
        if isinstance(code, int) and code >= 400:
            return of_status(code, Complaint.of(json.dumps(response.get("body"))), self._key)
        return None


def _line_fault(error: Any, key: Key) -> Fault:
    told = error if isinstance(error, dict) else {}
    complaint = Complaint(
        str(told.get("message") or "no reason given"), str(told.get("code") or "")
    )
    fault = of_status(400, complaint, key)
    shown = f"in the batch: {key.hide(complaint.message)}"
    return Fault(fault.kind, shown, complaint=complaint)
