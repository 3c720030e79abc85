"""The body of a request, in the words that the server takes."""

from __future__ import annotations

import re

from nerharness.backends.openai.api import Api, Body, Shape
from nerharness.backends.openai.fault import Fault
from nerharness.remote import Notices
from nerharness.types import Prompt

_SHAPES: tuple[Shape, ...] = ("json_schema", "json_object", "none")
_ABOUT_SHAPE = re.compile(
    r"response_?format|text\.format|json_schema|json_object|structured.?output", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"unsupported|not supported|(does|do) not support|unknown|unrecogni[sz]ed|invalid"
    r"|not permitted|not allowed|unexpected",
    re.IGNORECASE,
)
_INVALID = re.compile(r"validation errors?\b")
"""What llama-cpp-python's server says of a field that it does not know, with status 500."""
_OLD_LIMIT, _NEW_LIMIT = "max_tokens", "max_completion_tokens"
_REFUSING = frozenset({400, 404, 422})
_READ = 300


class Dialect:
    """Writes requests for one server, and learns from its refusals what to leave out.

    What was refused once is not sent again; each such thing is told once. With `store`, the server
    is told to keep nothing.
    """

    def __init__(
        self, api: Api, model: str, max_tokens: int, notices: Notices, *, store: bool = False
    ) -> None:
        self.api = api
        self._model = model
        self._max_tokens = max_tokens
        self._notices = notices
        self._store = store
        self._refused: set[str] = set()
        self._renamed = False
        self._shape: Shape = "json_schema"

    def whole(self, prompt: Prompt, shape: Shape = "json_schema") -> Body:
        """Return the request with all that the API has, whatever the server refused."""
        body = self.api.body(prompt, model=self._model, limit=self.limit(prompt), store=self._store)
        schema = prompt.constraint.schema if prompt.constraint else None
        if schema is not None and shape != "none":
            body[self.api.shaped] = self.api.shape(shape, schema)
        return body

    def limit(self, prompt: Prompt) -> int:
        """Return how many tokens an answer to the prompt may have."""
        return prompt.limit(self._max_tokens)

    def body(self, prompt: Prompt) -> Body:
        """Return what to ask for the prompt's answer."""
        if prompt.sampling and not self.api.seeds:
            self._notices.say("seed", "this API has no seed: draws differ from run to run")
        body = self.whole(prompt, self._shape)
        if self._renamed:
            body[_NEW_LIMIT] = body.pop(_OLD_LIMIT)
        return {name: value for name, value in body.items() if name not in self._refused}

    def concede(self, sent: Body, fault: Fault) -> bool:
        """Leave out what the server refused of what was sent; `False` if it refused no such thing.

        Where another request was refused the same before, there is nothing to do but ask again.
        """
        # Of a long message only the beginning: it may go on with the prompt, and so with any word.
        said, param = fault.complaint.message[:_READ], fault.complaint.param
        if fault.status not in _REFUSING and not _INVALID.search(said):
            return False
        if self.api.shaped in sent and _ABOUT_SHAPE.search(f"{param} {said}"):
            return self._concede_shape(sent, fault)
        if not _REFUSAL.search(said):
            return False
        if _OLD_LIMIT in sent and _NEW_LIMIT in said:
            self._renamed = True
            return True
        optional = {name: one for name, one in self.api.optional.items() if name in sent}
        named = [name for name, one in optional.items() if re.search(one.pattern, param or said)]
        for name in named:
            self._refused.add(name)
            consequence = optional[name].consequence
            self._notices.say(name, f"the server refuses {name}, {consequence}: {fault.text}")
        return bool(named)

    def _concede_shape(self, sent: Body, fault: Fault) -> bool:
        value = sent[self.api.shaped]
        shape: Shape = value.get("format", value)["type"]
        if shape == self._shape:
            self._shape = _SHAPES[_SHAPES.index(shape) + 1]
            instead = (
                "any JSON is asked for" if self._shape == "json_object" else "answers are free"
            )
            self._notices.say(shape, f"the server refuses {shape}, {instead}: {fault.text}")
        return True
