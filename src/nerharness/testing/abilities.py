"""Checking what a backend says it can: each ability is tried."""

from __future__ import annotations

import json
import math
import re

from nerharness.testing.answers import Asking
from nerharness.testing.rules import require, shown
from nerharness.types import Constraint, Sampling

_WORDS = {
    'start: "aye" | "nay"': r"aye|nay",
    r'start: "zq-" /[0-9]{3}/ "!"': r"zq-[0-9]{3}!",
    'start: "é 発 🫠"': "é 発 🫠",
}
_VERDICT = Constraint(
    r'start: "{\"verdict\": \"" ("keep" | "drop") "\"}"',
    {
        "type": "object",
        "properties": {"verdict": {"type": "string", "enum": ["keep", "drop"]}},
        "required": ["verdict"],
        "additionalProperties": False,
    },
)
_ENOUGH = 64


def _follows_grammars(asking: Asking) -> None:
    """With "grammar" an answer is one that the constraint's grammar has."""
    if not asking.able("grammar"):
        return
    prompts = [
        *(asking.ask("Well?", limit=_ENOUGH, constraint=Constraint(one))[0] for one in _WORDS),
        *asking.ask("Well?"),
    ]
    found = asking.answers(prompts)
    for completion, (grammar, pattern) in zip(found[:-1], _WORDS.items(), strict=True):
        require(
            re.fullmatch(pattern, completion.text) and completion.finish == "stop",
            f"hold the answer to {grammar!r}; it was {shown(completion)}",
        )
    free = asking.answers(prompts[-1:])[0]
    require(
        not asking.repeatable or free.text == found[-1].text,
        "the constraint of one prompt must not touch the others",
    )


def _refuses_broken_grammars(asking: Asking) -> None:
    """A grammar that cannot be read fails its own prompt alone."""
    if not asking.able("grammar"):
        return
    broken = asking.ask("Well?", constraint=Constraint('start: "unclosed'))
    bad, good = asking.answers([*broken, *asking.ask("Well?")])
    require(bad.finish == "error", f'answer with finish "error"; it was {shown(bad)}')
    require(good.finish != "error", f"answer the prompt beside it; it says {shown(good.error)}")


def _follows_schemas(asking: Asking) -> None:
    """With "grammar" or "schema" an answer is JSON that the constraint's schema allows."""
    if not (asking.able("schema") or asking.able("grammar")):
        return
    prompt = asking.ask("Keep it? Answer in JSON.", limit=_ENOUGH, constraint=_VERDICT)
    (completion,) = asking.answers(prompt)
    try:
        value = json.loads(completion.text)
    except ValueError:
        value = None
    require(
        value in ({"verdict": "keep"}, {"verdict": "drop"}),
        f"hold the answer to its schema; it was {shown(completion)}",
    )


def _takes_constraints_without_schema(asking: Asking) -> None:
    """With "schema" alone, a constraint that has none leaves the answer free."""
    if asking.able("schema") and not asking.able("grammar"):
        bound = asking.ask("Well?", constraint=Constraint('start: "aye"'))
        (completion,) = asking.answers(bound)
        require(
            completion.finish != "error",
            f"answer what has a grammar alone; it says {shown(completion.error)}",
        )


def _goes_on_from_prefixes(asking: Asking) -> None:
    """With "prefix" the completion goes on from the beginning that is given, without it."""
    if not asking.able("prefix"):
        return
    prefix = "These are the signs, in the order of the text: "
    plain, led = asking.answers(
        [*asking.ask("Name signs."), *asking.ask("Name signs.", prefix=prefix)]
    )
    require(led.finish != "error", f"go on from a prefix; it says {shown(led.error)}")
    require(not led.text.startswith(prefix), "leave the given beginning out of the text")
    read = led.usage.prompt_tokens
    require(
        not read or read > plain.usage.prompt_tokens,
        "put the beginning before the model: no more tokens were read than without it",
    )
    if asking.able("grammar"):
        bound = Constraint('start: "aye sir" | "nay sir"')
        (rest,) = asking.answers(asking.ask("Well?", prefix="nay ", constraint=bound))
        require(
            rest.text == "sir",
            f"a grammar holds prefix and text together: after 'nay ' 'sir', not {shown(rest)}",
        )


def _draws_answers(asking: Asking) -> None:
    """With "sampling" the same seed draws the same answer, and other seeds draw others."""
    if not asking.able("sampling"):
        return
    prompts = [
        asking.ask("Tell a story.", sampling=Sampling(1.5, seed))[0] for seed in (*range(6), 0)
    ]
    texts = [completion.text for completion in asking.answers(prompts)]
    require(
        not asking.repeatable or texts[0] == texts[-1],
        f"draw by the prompt's seed; twice seed 0 gave {shown(texts[0])} and {shown(texts[-1])}",
    )
    require(
        len(set(texts)) > 1,
        f"draw at the prompt's temperature; six seeds all gave {shown(texts[0])}",
    )


def _weighs_tokens(asking: Asking) -> None:
    """With "logprobs" the tokens make up the text, each with a log-probability."""
    if not asking.able("logprobs"):
        return
    for completion in asking.answers(asking.ask("What is gout?", "Say: 発熱 🫠", logprobs=True)):
        require(completion.tokens is not None, "give `tokens` where `logprobs` asks for them")
        tokens = completion.tokens or ()
        require(
            "".join(token.text for token in tokens) == completion.text,
            f"the tokens' texts must make up the text: {shown(tokens)}, {shown(completion.text)}",
        )
        require(
            all(math.isfinite(one.logprob) and one.logprob <= 1e-6 for one in tokens),
            f"a natural log-probability is a number up to 0: {shown(tokens)}",
        )


ABILITIES = (
    _follows_grammars,
    _refuses_broken_grammars,
    _follows_schemas,
    _takes_constraints_without_schema,
    _goes_on_from_prefixes,
    _draws_answers,
    _weighs_tokens,
)
