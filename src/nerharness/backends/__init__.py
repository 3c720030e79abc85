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
            remote=False,
            options=_HF,
            requires=("torch", "transformers", "gguf", "accelerate", "llguidance"),
            extra="nerharness[hf]",
            counter="nerharness.backends.tokenizer:PromptCounter",
            abilities=frozenset({"grammar", "prefix", "sampling", "logprobs"}),
        ),
        "openai": Provider(
            "nerharness.backends.openai.backend:OpenAIBackend",
            "a server that speaks OpenAI's API: OpenAI, vLLM, llama.cpp, Ollama …",
            options=_OPENAI,
            requires=("openai", "httpx2", "genai_prices"),
            extra="nerharness[openai]",
            remote="nerharness.backends.openai.address:remote",
            abilities=frozenset({"schema", "sampling", "logprobs"}),
            price="nerharness.backends.openai.address:price",
        ),
        "replay": Provider(
            "nerharness.backends.replay:ReplayBackend",
            "the recorded answers of another run, without a model",
            remote=False,
            options=(Option("recorded", str, None, "run folder whose answers are given again"),),
        ),
    }


_HF = (
    Option(
        "model",
        str,
        "smollm2-135m-instruct",
        "packaged model, local folder, .gguf file, or hub id",
    ),
    Option("revision", str, None, "hub revision: branch, tag or commit"),
    Option("adapter", str, None, "folder of an adapter for the model (peft)"),
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
    Option(
        "device_map",
        str,
        None,
        "spread the model's layers over devices: auto, balanced, sequential",
    ),
    Option(
        "quantization",
        str,
        None,
        "hold the weights in fewer bits (bitsandbytes)",
        choices=("8bit", "4bit"),
    ),
    Option(
        "trust_remote_code",
        bool,
        False,
        "run Python code that comes with the model: it can do anything you can",
    ),
    Option(
        "pickled_weights",
        bool,
        False,
        "read weights that are no safetensors: pickles can run any code",
    ),
    Option(
        "batch_size",
        int,
        None,
        "answers at once, at most; by default 16 on a cpu, 256 on a cuda device",
    ),
    Option(
        "batch_tokens",
        int,
        None,
        "tokens of prompts and answers at once, at most; by default as many as fit",
    ),
    Option("max_tokens", int, 1024, "upper bound for any answer, in tokens"),
)

_OPENAI = (
    Option("model", str, None, "the server's name for the model, if it has more than one"),
    Option("base_url", str, None, "the server's address; else OPENAI_BASE_URL, or OpenAI's own"),
    Option("api", str, "chat", "Chat Completions, or Responses", choices=("chat", "responses")),
    Option("batch", bool, False, "by the Batch API: cheaper, but slow; resumable", decides=False),
    Option(
        "api_key_env",
        str,
        "OPENAI_API_KEY",
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
        "check_model", bool, True, "refuse a model that the server does not list", decides=False
    ),
    Option("local_server", bool, False, "the loopback address is this machine's own model server"),
    Option("max_tokens", int, 1024, "upper bound for any answer, in tokens"),
    Option("price_in", float, None, "US dollars per million tokens read", decides=False),
    Option("price_out", float, None, "US dollars per million tokens written", decides=False),
    Option(
        "concurrency",
        int,
        64,
        "most requests at once; fewer where the server has to slow down",
        decides=False,
    ),
    Option("request_timeout", float, 120.0, "seconds to wait for one answer", decides=False),
    Option("deadline", float, 600.0, "seconds after which a prompt is given up", decides=False),
    Option("retries", int, 8, "how often to ask again after a fault that may pass", decides=False),
)
