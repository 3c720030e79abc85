"""GGUF models on llama.cpp as a backend of nerharness, and an example for plugin authors."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_backends() -> Mapping[str, Provider]:
    """Offer the backend `llamacpp`; the library is imported only when one is made."""
    return {
        "llamacpp": Provider(
            "nerharness_llamacpp.backend:LlamaCppBackend",
            "a local GGUF model on llama.cpp, several prompts side by side",
            options=(
                Option(
                    "model",
                    str,
                    "smollm2-135m-instruct",
                    "packaged model, or path of a .gguf file",
                ),
                Option(
                    "n_ctx",
                    int,
                    None,
                    "most tokens of a prompt and its answer; unset: the model's, at most 8192",
                ),
                Option("slots", int, 8, "most prompts at once", decides=False),
                Option("threads", int, None, "processor threads; unset: half the cores"),
                Option("max_tokens", int, 1024, "upper bound for any answer, in tokens"),
            ),
            remote=False,
            abilities=frozenset({"grammar", "prefix", "sampling", "logprobs"}),
            requires=("llama_cpp", "llguidance"),
            counter="nerharness_llamacpp.counter:PromptCounter",
            extra="llama-cpp-python>=0.3.32,<0.4' 'llguidance>=1.9,<2",
        ),
    }
