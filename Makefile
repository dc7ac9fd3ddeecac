# Two commands are enough on a fresh machine with Python 3.11+, make and a package index:
# `make demo` and `make test`. Everything is installed into .venv; PYTHON=... chooses who builds it.

VENV := .venv
BIN := $(VENV)/bin
# Tests start servers and daemons of their own: two cores are busy with three workers, and more than
# four only wait for each other.  What a worker has left at the end goes to those that are idle.
WORKERS := $(shell cores=$$(nproc 2>/dev/null || echo 2); [ $$cores -lt 3 ] && echo 3 || echo 4)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check browser postgresql bench soak format schema messages wheel constraints clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/installed ## post a Persian announcement to every platform, all of them faked here
	@$(BIN)/broadcaster demo

test: $(VENV)/installed-test browser postgresql ## run the whole suite
	@$(PYTEST)

check: $(VENV)/installed-test browser postgresql ## format, lint, import contracts, tests beside types: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@sh tools/beside.sh $(BIN)/mypy $(PYTEST)

browser:
	@sh tools/browser.sh

postgresql: $(VENV)/installed-test
	@sh tools/postgresql.sh $(VENV)

bench: $(VENV)/installed-test postgresql ## measure, side by side; ROW=name for one row only
	@$(BIN)/python -m benchmarks $(ROW)

soak: $(VENV)/installed-test ## kills and faults, seeds printed; MINUTES=10 SEED=n STORE=sqlite
	@$(BIN)/python -m tests.e2e.proof.soak --minutes $(or $(MINUTES),10) \
		$(if $(SEED),--seed $(SEED)) $(if $(STORE),--store $(STORE))

format: $(VENV)/installed-test ## put the code into its one form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

schema: $(VENV)/installed ## write config/schema.json anew, after a change of the config's keys
	@$(BIN)/python tools/schema.py

messages: $(VENV)/installed-test ## bring the Persian catalogue up to date with the texts, and compile it
	@$(BIN)/python tools/messages.py

man: $(VENV)/installed-test ## write a man page for each command into build/man/man1
	@$(BIN)/python tools/man.py build/man/man1

wheel: $(VENV)/installed ## build dist/*.whl, all that another machine needs
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

constraints: ## pin the newest versions that pyproject.toml allows (with Python 3.11)
	@sh tools/pin.sh

clean: ## remove everything that was built here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: installed anew only when the pins or the project's needs have changed.
$(VENV)/installed: pyproject.toml constraints.txt
	@sh tools/venv.sh $(VENV)
	@sh tools/install.sh $(VENV)
	@touch $@

$(VENV)/installed-test: pyproject.toml constraints.txt
	@sh tools/venv.sh $(VENV)
	@sh tools/install.sh $(VENV) test
	@touch $@ $(VENV)/installed
