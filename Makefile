# The two commands: `make run` and `make test`. Both first make what they need, once.
# PYTHON=... names a Python 3.11 or newer; ARGS=... goes to `scrutiny up`; FULL=1 skips no test.

.PHONY: run test chaos bench bench-compare clean ready

run: ready
	@exec .venv/bin/scrutiny up $(ARGS)

test: ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports
	SCRUTINY_FULL=$(FULL) .venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

# Every promise broken on purpose, in full (hours); CHAOS=nothing_lost attacks that one alone.
# SHARE=0.1 attacks with a tenth of the numbers, SEED=1234 in the same way as before.
chaos: ready
	SCRUTINY_CHAOS=full SCRUTINY_CHAOS_SHARE=$(SHARE) SCRUTINY_SEED=$(SEED) \
		.venv/bin/python -m pytest -s -m chaos tests/chaos$(if $(CHAOS),/test_$(CHAOS)*.py) $(ARGS)
	.venv/bin/python -m tests.chaos.page

# How fast it is next to the raw libraries beneath it; BENCH="intake relay" measures only those.
bench: ready
	.venv/bin/python -m tests.benchmarks $(BENCH)

# What the last `make bench` changed against the results that are checked in.
bench-compare: ready
	.venv/bin/python -m tests.benchmarks.compare

# Removes what can be made again; the data stays (`scrutiny reset` removes that).
clean:
	rm -rf .venv .uv .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	find services shared deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +

ready:
	@PYTHON="$(PYTHON)" sh deploy/local/make-venv.sh
