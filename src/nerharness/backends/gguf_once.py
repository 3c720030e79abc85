"""GGUF files are read once for all parts of transformers that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock

import gguf

_ONE_AT_A_TIME = RLock()
_ASKED_OFTEN = ("GGUFReader", "get_tensor_name_map")


@contextmanager
def read_once() -> Iterator[None]:
    """Have gguf remember, within, the files that it read and the names of their tensors.

    transformers has it read a file for the tokenizer, the configuration and the weights, some
    seconds each time, and make the table of names anew for each module of the model. Threads that
    load models wait for each other, as the functions are put in place for all of them.
    """
    with _ONE_AT_A_TIME:
        before = {name: getattr(gguf, name) for name in _ASKED_OFTEN}
        for name, own in before.items():
            setattr(gguf, name, cache(own))
        try:
            yield
        finally:
            for name, own in before.items():
                setattr(gguf, name, own)
