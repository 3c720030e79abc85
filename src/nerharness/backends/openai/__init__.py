"""The `openai` backend: any server that speaks OpenAI's Chat Completions."""
