# demo, test, bench, leaderboard, baselines: each makes .venv when it is missing and installs what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AIRPORT ?=
ICAO ?=
DEMO_ARGS := $(if $(AIRPORT),--airport "$(AIRPORT)") $(if $(ICAO),--icao "$(ICAO)")
JOBS ?= 2

.PHONY: demo test test-slow bench leaderboard baselines lint format clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[render,train]'
	touch $@

# safety-gymnasium pins a gymnasium of 2023: without --no-deps nothing else installs beside it.
$(VENV)/.all: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e '.[all]'
	$(BIN)/python -m pip install --quiet --no-deps safety-gymnasium==1.0.0
	touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	$(BIN)/python -m airside_sim demo $(DEMO_ARGS)

lint: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -m "not slow" -n $(JOBS) --dist loadfile

test-slow: $(VENV)/.all
	$(BIN)/python -m pytest -m slow

bench: $(VENV)/.all
	$(BIN)/python benchmarks/throughput.py

leaderboard: $(VENV)/.all
	$(BIN)/python benchmarks/leaderboard.py --agents stop blind cautious aggressive ppo sac ppo_lag \
		--suite all --seeds 20 --out leaderboard --jobs $(JOBS) --resume

baselines: $(VENV)/.all
	PYTHON=$(BIN)/python benchmarks/train_baselines.sh

format: $(VENV)/.all
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache dist build
