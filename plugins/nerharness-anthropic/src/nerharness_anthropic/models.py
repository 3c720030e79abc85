"""What the server says of a model before it is asked anything."""

from __future__ import annotations

import anthropic
from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.remote import Key

from nerharness_anthropic.fault import of_error

_PATIENCE = 30.0
"""Seconds to wait for what the server says of a model."""


async def check_model(client: anthropic.AsyncAnthropic, model: str, url: str, key: Key) -> None:
    """Raise an error for a user unless the server is there, takes the key and knows the model."""
    try:
        await client.models.retrieve(model, timeout=_PATIENCE)
    except anthropic.AuthenticationError as error:
        raise UsageError(
            f"the server refuses the API key: {of_error(error, key).text}",
            where="--backend anthropic",
        ) from None
    except anthropic.NotFoundError as error:
        raise ModelNotFoundError(
            f"the server knows no model {model!r}: {of_error(error, key).text}",
            where="--model",
            hint="--no-check-model asks for it all the same",
        ) from None
    except anthropic.APIStatusError:
        return  # what it says to a question will tell
    except anthropic.AnthropicError as error:
        raise UsageError(
            f"{url} cannot be reached: {of_error(error, key).text}",
            where="--base-url",
            hint="correct the address, or connect to the network",
        ) from None
