"""A Batch API for the scripted server: takes files and batches in, answers when it is let to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from backends.server import Reply, Request, Script, echo

Edit = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


class BatchScript:
    """Answers each request of a batch as `answer` would at once.

    A batch is in progress until `finish` is set; `edit` may change the lines of its output. What is
    neither about files nor batches is left to `answer`, too: `live` counts it.
    """

    def __init__(self, answer: Script = echo, *, edit: Edit = lambda lines: lines) -> None:
        self.answer = answer
        self.edit = edit
        self.finish: str | None = "completed"
        self.errors: Any = None
        self.faults: list[tuple[str, Reply]] = []
        """Replies in place of the next request whose method and path match the pattern."""
        self.after: list[tuple[str, Reply]] = []
        """The same, but the request is done before."""
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.live = 0

    def __call__(self, request: Request) -> Reply:
        """Serve one request."""
        called = f"{request.method} {request.path.partition('?')[0].removeprefix('/v1')}"
        if reply := _pop(self.faults, called):
            return reply
        done = self._serve(called, request)
        return _pop(self.after, called) or done

    def _serve(self, called: str, request: Request) -> Reply:
        if called == "POST /files":
            return Reply({"id": self._take(request.raw.decode()), "object": "file"})
        if called == "POST /batches":
            return Reply(self._create(request.body))
        if called == "GET /batches":
            return Reply({"data": [self._show(id) for id in self.batches], "has_more": False})
        if match := re.fullmatch(r"GET /batches/(\S+)", called):
            return Reply(self._show(match[1]))
        if match := re.fullmatch(r"GET /files/(\S+)/content", called):
            lines = self.files[match[1]]
            return Reply("".join(f"{json.dumps(one)}\n" for one in lines))
        self.live += 1
        return self.answer(request)

    def _take(self, multipart: str) -> str:
        lines = [json.loads(line) for line in multipart.splitlines() if line.startswith("{")]
        id = f"file-{len(self.files)}"
        self.files[id] = lines
        return id

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        id = f"batch_{len(self.batches)}"
        self.batches[id] = {"id": id, **body, "status": "in_progress"}
        return self._show(id)

    def _show(self, id: str) -> dict[str, Any]:
        batch = self.batches[id]
        if self.finish is not None and batch["status"] == "in_progress":
            batch["status"] = self.finish
            batch["errors"] = self.errors
            lines = self.edit([self._done(one) for one in self.files[batch["input_file_id"]]])
            batch["output_file_id"] = f"out-{id}"
            self.files[f"out-{id}"] = lines
        return batch

    def _done(self, line: dict[str, Any]) -> dict[str, Any]:
        reply = self.answer(Request(line["url"], {}, line["body"]))
        response = {"status_code": reply.status, "request_id": "r", "body": reply.body}
        return {"id": "b", "custom_id": line["custom_id"], "response": response, "error": None}

    @property
    def submitted(self) -> list[str]:
        """The last message of every request in every batch."""
        return [
            line["body"]["messages"][-1]["content"]
            for batch in self.batches.values()
            for line in self.files[batch["input_file_id"]]
        ]


def _pop(replies: list[tuple[str, Reply]], called: str) -> Reply | None:
    if replies and re.fullmatch(replies[0][0], called):
        return replies.pop(0)[1]
    return None
