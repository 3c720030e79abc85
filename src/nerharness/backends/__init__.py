"""Built-in backends: what turns prompts into completions."""

from collections.abc import Mapping

from nerharness.plugin import Option, Provider, hookimpl


@hookimpl
def nerharness_backends() -> Mapping[str, Provider]:
    """Offer the built-in backends."""
    return {
        "hf": Provider(
            "nerharness.backends.hf:TransformersBackend",
            "a local model on transformers and torch",
            options=(
                Option(
                    "model",
                    str,
                    "smollm2-135m-instruct",
                    "packaged model, local folder, .gguf file, or hub id",
                ),
                Option("revision", str, None, "hub revision: branch, tag or commit"),
                Option(
                    "device",
                    str,
                    "auto",
                    "where to run",
                    choices=("auto", "cpu", "cuda", "mps"),
                ),
                Option(
                    "dtype",
                    str,
                    "auto",
                    "number format; auto: bfloat16, but float32 on a cpu without it",
                    choices=("auto", "float32", "float16", "bfloat16"),
                ),
                Option("batch_size", int, 16, "prompts per forward pass"),
                Option("max_tokens", int, 1024, "upper bound for any answer, in tokens"),
            ),
            requires=("torch", "transformers", "gguf", "accelerate", "llguidance"),
            extra="nerharness[hf]",
            counter="nerharness.backends.tokenizer:PromptCounter",
        ),
    }
