"""What answers cost: from a price list that comes with a package, or from prices that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Protocol

from nerharness.errors import Stopped, UsageError
from nerharness.types import Usage

_LIST = "genai-prices"
_MILLION = 1_000_000


class Price(Protocol):
    """What a model's tokens cost."""

    def cost(self, usage: Usage, /, *, cache_written: int = 0) -> float:
        """Return the US dollars that one answer with this usage costs.

        So many of the tokens of the prompt were written to the server's cache.
        """

    def describe(self) -> Mapping[str, Any]:
        """Return where the price is from, for the run's record."""


@dataclass(frozen=True, slots=True)
class GivenPrice:
    """US dollars per million tokens read and written; what the server caches costs the same."""

    input: float
    output: float

    def cost(self, usage: Usage, /, *, cache_written: int = 0) -> float:
        """Return what one answer costs."""
        spent = usage.prompt_tokens * self.input + usage.completion_tokens * self.output
        return spent / _MILLION

    def describe(self) -> Mapping[str, Any]:
        """Return the price as given."""
        return {"source": "given", "input": self.input, "output": self.output}


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """The price that the installed price list has for a model at an address; asks no network."""

    model: str
    url: str
    batch: bool = False

    def cost(self, usage: Usage, /, *, cache_written: int = 0) -> float:
        """Return what one answer costs; some models' long prompts cost more per token."""
        return float(self._calculate(usage, cache_written).total_price)

    def describe(self) -> Mapping[str, Any]:
        """Return the list, its version, and the price of a million tokens in short prompts."""
        prices = {
            name: self.cost(usage) * 1000
            for name, usage in (("input", Usage(1000)), ("output", Usage(0, 1000)))
        }
        return {"source": f"{_LIST} {version(_LIST)}", **prices}

    def _calculate(self, usage: Usage, cache_written: int) -> Any:
        import genai_prices

        return genai_prices.calc_price(
            genai_prices.Usage(
                input_tokens=usage.prompt_tokens,
                cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
                cache_write_tokens=cache_written,
                output_tokens=usage.completion_tokens,
            ),
            self.model,
            provider_api_url=self.url,
            price_context={"processing": "batch"} if self.batch else None,
        )


def find_price(
    model: str | None,
    url: str,
    *,
    price_in: float | None,
    price_out: float | None,
    batch: bool = False,
) -> Price | None:
    """Return the price given, else the listed one; `None` where it is not known.

    Raises `UsageError` for a price that is below 0, or for one of the two alone.
    """
    if price_in is not None or price_out is not None:
        return _given(price_in, price_out)
    if model is None:
        return None
    listed = ListedPrice(model, url, batch)
    try:
        listed.cost(Usage(1, 1))
    except (ImportError, LookupError):
        return None
    return listed


def _given(price_in: float | None, price_out: float | None) -> GivenPrice:
    for flag, price in (("--price-in", price_in), ("--price-out", price_out)):
        if price is None:
            raise UsageError("both prices are needed", where=flag, hint="US dollars per million")
        if not 0 <= price < float("inf"):
            raise UsageError(f"must be a price of at least 0, got {price}", where=flag)
    assert price_in is not None
    assert price_out is not None
    return GivenPrice(price_in, price_out)


def priced(usage: Usage, price: Price | None, *, cache_written: int = 0) -> Usage:
    """Return one answer's usage with its cost, or counted as unpriced where that is not known.

    So many of the tokens of the prompt were written to the server's cache.
    """
    if price is None or not (usage.prompt_tokens or usage.completion_tokens):
        return replace(usage, unpriced=1)
    return replace(usage, cost=price.cost(usage, cache_written=cache_written))


class Budget:
    """The most that may be spent; a backend adds each answer, and begins none when it is used up.

    An answer whose cost is not known uses it up: nobody could say any more what is spent.
    """

    def __init__(self, most: float, spent: Usage | None = None) -> None:
        self.most = most
        self._spent = spent or Usage()

    def add(self, usage: Usage) -> None:
        """Note what an answer cost."""
        self._spent += usage

    @property
    def spent(self) -> float:
        """US dollars so far, as far as they are known."""
        return self._spent.cost or 0.0

    @property
    def used_up(self) -> bool:
        """Whether nothing more may be begun."""
        return self.spent >= self.most or self._spent.unpriced > 0

    def bears(self, cost: float) -> bool:
        """Tell whether so much more may be spent."""
        return not self.used_up and self.spent + cost <= self.most

    def stop(self, reason: str = "") -> Stopped:
        """Return what a backend raises when it begins nothing more."""
        if not reason:
            reason = (
                "an answer came without what it costs"
                if self._spent.unpriced
                else "nothing more is asked"
            )
        return Stopped(
            f"${self.spent:.4f} of ${self.most:g} is spent: {reason}", where="--max-cost"
        )
