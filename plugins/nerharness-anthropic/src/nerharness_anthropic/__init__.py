"""Claude models by Anthropic's Messages API, as a backend of nerharness."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_backends() -> Mapping[str, Provider]:
    """Offer the backend `anthropic`; the library is imported only when one is made."""
    return {
        "anthropic": Provider(
            "nerharness_anthropic.backend:AnthropicBackend",
            "Claude models by Anthropic's Messages API",
            options=_OPTIONS,
            remote=True,
            abilities=frozenset({"schema"}),
            price="nerharness_anthropic.address:price",
            requires=("anthropic",),
            extra="anthropic>=2.12,<3",
        ),
    }


_OPTIONS = (
    Option("model", str, None, "name of the model"),
    Option("base_url", str, None, "the server's address; else ANTHROPIC_BASE_URL, or Anthropic's"),
    Option(
        "api_key_env",
        str,
        "ANTHROPIC_API_KEY",
        "environment variable that holds the API key",
        decides=False,
    ),
    Option(
        "api_key_file",
        str,
        None,
        "file with the API key, for its owner's eyes only",
        decides=False,
    ),
    Option(
        "check_model", bool, True, "refuse a model that the server does not know", decides=False
    ),
    Option("max_tokens", int, 1024, "upper bound for any answer, in tokens"),
    Option("price_in", float, None, "US dollars per million tokens read", decides=False),
    Option("price_out", float, None, "US dollars per million tokens written", decides=False),
    Option(
        "concurrency",
        int,
        32,
        "most requests at once; fewer where the server slows us down",
        decides=False,
    ),
    Option("request_timeout", float, 120.0, "seconds to wait for one answer", decides=False),
    Option("deadline", float, 600.0, "seconds after which a prompt is given up", decides=False),
    Option("retries", int, 8, "how often to ask again after a fault that may pass", decides=False),
    Option("prompt_cache", bool, True, "have the server keep what prompts share", decides=False),
)
