"""What requests say of this machine: nothing, whoever makes them."""

from __future__ import annotations

import pytest
from backends.batch_server import BatchScript
from backends.server import Reply, Request
from backends.talking import Talking, ask, complete

pytest.importorskip("openai")

pytestmark = pytest.mark.filterwarnings("ignore:batch batch_")


def test_no_request_says_what_machine_this_is(talking: Talking) -> None:
    batches = BatchScript()
    seen: list[Request] = []

    def script(request: Request) -> Reply:
        seen.append(request)
        return batches(request)

    backend, server = talking(script, batch=True, poll=0.01)
    complete(backend, ask("a", "b"))
    assert {request.path.split("/")[2] for request in seen} >= {"chat", "files", "batches"}
    said = [{**request.headers} for request in (*seen, *server.listed)]
    names = {name for headers in said for name in headers if name.startswith("x-stainless")}
    assert names <= {"x-stainless-raw-response"}
    assert server.listed, "the list of models was asked for, too"
