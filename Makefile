# make lab      JupyterLab on the course          make test      lint, unit, notebooks and browser
# make lint · unit · notebooks · browser          the parts of test; browser is skipped without Chromium
# make bench    bench-explorers (key to pixels), bench-notebooks (seconds and memory of Run All), bench-bptt (by hand against nn.LSTM)
# make refresh  run all notebooks, keep outputs   make results   run the long experiments again (two hours at most on 2 cores);
#               NAMES="..." for some, PROCESSES=2, CHECK=1 to run one seed and see whether it comes out as shipped
# make slow     the claims of the text over ten seeds (minutes)
# make site     the notebooks as pages: build/site     make slides   a deck for each: build/slides; both work offline
# make stills   the pictures of the explorers for readers without a kernel; needs Chromium
# make sheet    the LSTM on one page, from notebook 06, as a PDF to print; needs Chromium
# make mutate   break the library on purpose, see the tests notice     make class N=20   a class on this machine
# make matrix   the tests with other settings, processors and versions (ROWS="..." for some of them): about an hour
# make binder-check   what Binder would build, by repo2docker's own rules, without Docker

PYTHON ?= python3
# extra words for pip, for example on Linux without a GPU, to spare gigabytes:
#   make lab PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export OMP_NUM_THREADS = 1
export PYTHONWARNINGS = ignore::DeprecationWarning

.PHONY: lab test setup lint unit notebooks browser bench bench-explorers bench-notebooks bench-bptt slow refresh results stills site slides sheet mutate class matrix binder-check clean

lab: setup
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: lint unit
	$(MAKE) --no-print-directory -j2 --output-sync=target notebooks browser

setup: $(READY)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --quiet $(PIP_ARGS) -r requirements.txt
	@mkdir -p $(VENV)/etc/ipython && cp lstm_lib/data/ipython_config.py $(VENV)/etc/ipython/
	@touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

unit: setup
	$(BIN)/pytest -m "not slow and not browser"

notebooks: setup
	$(BIN)/pytest --nbval --nbval-current-env --nbval-cell-timeout=120 notebooks

browser: setup
	$(BIN)/pytest -m browser -rs tests/browser tests/publish

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
	$(BIN)/python -m tests.publish.stills

site slides: setup
	$(BIN)/python -m tests.publish.publish $@

sheet: setup
	$(BIN)/python -m tests.publish.sheet

binder-check:
	$(PYTHON) -m venv .venv-binder
	.venv-binder/bin/pip install --disable-pip-version-check --quiet jupyter-repo2docker==2026.4.0
	.venv-binder/bin/python tests/tools/binder_check.py

clean:
	rm -rf $(VENV) .venv-*
