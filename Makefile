# make lab      JupyterLab on the course          make test      lint, unit, notebooks and browser
# make setup    .venv, which all others need      make clean     removes it
# make lint · unit · notebooks · browser          the parts of test; browser is skipped without Chromium
# make bench    bench-explorers (key to pixels), bench-notebooks (seconds and memory of Run All), bench-bptt (by hand against nn.LSTM)
# make refresh  run all notebooks, keep outputs   make results   run the long experiments again (under two hours on 2 cores);
#               NAMES="..." for some, PROCESSES=2, CHECK=1 to run a tenth of one seed and see whether it comes out as shipped
# make slow     the claims of the text over ten seeds, and all of JupyterLab (an hour or more)
# make site     the notebooks as pages: build/site     make slides   a deck for each: build/slides; both work offline
# make stills   the pictures of the explorers for readers without a kernel; needs Chromium
# make sheet    the LSTM on one page, from notebook 06, as a PDF to print; needs Chromium
# make mutate   break the library on purpose, see the tests notice     make class N=20   a class on this machine
# make hub N=8  a JupyterHub on this machine with N learners, from log-in to the table of results; needs Node.js
# make matrix   the tests with other settings, processors and versions (ROWS="..." for some of them): ten minutes a row
# make binder-check   checks what Binder would build, by repo2docker's own rules, without Docker

PYTHON ?= python3
# words for pip in place of those that choose PyTorch's build, for example an index of your own
PIP_ARGS ?=
# the same choice as in set-up
TORCH_WORDS = $$($(PYTHON) -c 'from tests.tools.setup import torch_words; print(*torch_words())')
VENV := .venv
BIN := $(VENV)/bin
export OMP_NUM_THREADS = 1
export PYTHONWARNINGS = ignore::DeprecationWarning

.PHONY: lab test setup lint unit notebooks browser bench bench-explorers bench-notebooks bench-bptt slow refresh results stills site slides sheet mutate class matrix binder-check hub clean

# Jupyter refuses root unless told; in a container root is the usual user
AS_ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)

lab: setup
	$(BIN)/jupyter lab $(AS_ROOT) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

# each pytest adds a line for each test that it skips: tests/conftest.py
test: export NOT_RUN := $(CURDIR)/$(VENV)/not-run
test: setup
	@rm -f "$$NOT_RUN"
	$(MAKE) --no-print-directory lint unit
	$(MAKE) --no-print-directory -j2 --output-sync=target notebooks browser
	@[ ! -s "$$NOT_RUN" ] && echo "All of make test ran here. Not in it: make slow, an hour or more." || \
	echo "Not run here: $$(sort "$$NOT_RUN" | uniq -c | sed 's/^ *\([0-9]*\)/\1 x/' | paste -s -d ';' - | sed 's/;/; /g'); nor make slow, an hour or more"

setup:
	@$(PYTHON) tests/tools/setup.py $(PIP_ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

unit: setup
	$(BIN)/pytest -m "not slow and not browser"

notebooks: setup
	$(BIN)/pytest --nbval --nbval-current-env --nbval-cell-timeout=120 notebooks

browser: setup
	$(BIN)/pytest -m "browser and not slow" -rs tests/browser tests/publish

bench: bench-explorers bench-notebooks bench-bptt

bench-explorers: setup
	$(BIN)/python -m tests.bench.bench_explorers $(NAMES)

bench-notebooks: setup
	$(BIN)/python -m tests.bench.bench_notebooks $(NAMES)

bench-bptt: setup
	$(BIN)/python -m tests.bench.bench_bptt

slow: setup
	$(BIN)/pytest -m slow

refresh: setup
	$(BIN)/python -m tests.tools.hygiene $(NAMES)

results: setup
	$(BIN)/python -m lstm_lib.experiments $(NAMES) $(if $(PROCESSES),--processes $(PROCESSES)) $(if $(CHECK),--check)

mutate: setup
	$(BIN)/python -m tests.tools.mutate

class: setup
	$(BIN)/python -m tests.bench.class_on_one_machine $(N)

matrix: setup
	$(BIN)/python -m tests.tools.matrix $(ROWS)

stills: setup
	$(BIN)/python -m tests.publish.stills $(NAMES)

site slides: setup
	$(BIN)/python -m tests.publish.publish $@

sheet: setup
	$(BIN)/python -m tests.publish.sheet

binder-check:
	$(PYTHON) -m venv .venv-repo2docker
	.venv-repo2docker/bin/pip install --disable-pip-version-check --quiet jupyter-repo2docker==2026.4.0
	.venv-repo2docker/bin/python tests/tools/binder_check.py

hub: .venv-hub/.ready
	@.venv-hub/bin/python -m tests.bench.hub $(N)

.venv-hub/.ready: binder/requirements.txt
	@command -v npm >/dev/null || { echo "make hub needs Node.js with npm: nodejs.org; on Debian and Ubuntu: apt install nodejs npm"; exit 1; }
	@$(PYTHON) -m venv .venv-hub
	@sed '/^-/d' $< > .venv-hub/requirements.txt
	.venv-hub/bin/pip install --disable-pip-version-check --quiet $(or $(PIP_ARGS),$(TORCH_WORDS)) -r .venv-hub/requirements.txt jupyterhub==6.1.1 nbgitpuller==1.3.0
	npm install --no-fund --no-audit --loglevel=error --prefix .venv-hub configurable-http-proxy@5.3.0
	@mkdir -p .venv-hub/etc/ipython && cp lstm_lib/data/ipython_config.py .venv-hub/etc/ipython/
	@touch $@

clean:
	rm -rf $(VENV) .venv-*
