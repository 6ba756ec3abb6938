# The two commands: `make run` and `make test`. Both first make what they need, once.
# PYTHON=... names a Python 3.11 or newer; ARGS=... goes to `scrutiny up`; FULL=1 skips no test.

.PHONY: run test clean ready

run: ready
	@exec .venv/bin/scrutiny up $(ARGS)

test: ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports
	SCRUTINY_FULL=$(FULL) .venv/bin/python -m pytest $(ARGS)

# Removes what can be made again; the data stays (`scrutiny reset` removes that).
clean:
	rm -rf .venv .uv .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	find services shared deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@PYTHON="$(PYTHON)" sh deploy/local/make-venv.sh
