# Two commands: `make demo` (a model on an emulated Cortex-M4) and `make test`. They need make and Python 3.10 or newer;
# everything else is set up here: a virtual environment in .venv, and compilers and emulators through apt where that is
# allowed (root, or sudo without a password). Without them the demo runs on the host.

PYTHON ?= python3
BIN := .venv/bin
DIGITS := models/digits/digits.tflite
DIGITS_DATA := models/digits/digits_test.npz
DEMO_BOARD := qemu-mps2-an386
DEMO_TOOLS := arm-none-eabi-gcc qemu-system-arm
JOBS ?= auto

APT := $(shell command -v apt-get 2>/dev/null)
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo "sudo -n")
# Whether packages can be installed without asking anybody.
MAY_INSTALL = [ -n "$(APT)" ] && { [ "$$(id -u)" = 0 ] || sudo -n true; } >/dev/null 2>&1
INSTALL = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends
UPDATE = $(SUDO) apt-get update -q

.PHONY: help setup demo test check lint bench proof fuzz clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    set up, then compile, build, run and measure a model on a Cortex-M4 in QEMU"
	@echo "make test    set up, then run all tests"
	@echo "make check   style, types and the fast tests"
	@echo "make lint    style and types"
	@echo "make bench   measure models on emulated boards, compare with the record"
	@echo "make proof   all random models of every operator against TFLite-Micro; records it for docs/operators.md"
	@echo "make fuzz    random bytes and random graphs through the compiler for a minute; make fuzz SECONDS=3600"
	@echo "make setup   only set up: .venv/bin/tinykit, compilers, emulators"
	@echo "make clean   remove what these commands made"

setup: .venv/.installed .setup/tools

demo: setup
	@board=$(DEMO_BOARD); \
	for tool in $(DEMO_TOOLS); do \
	  if ! command -v $$tool >/dev/null; then \
	    echo "$$tool is missing: the demo runs on this computer instead of $(DEMO_BOARD)."; board=native; \
	  fi; \
	done; \
	$(BIN)/tinykit run $(DIGITS) --board $$board --data $(DIGITS_DATA) --out build/demo

# The tests build hundreds of firmwares of the same sources: compilers through ccache, where Debian's is installed. They
# start Python as often: what it compiled is kept, also where the environment says not to.
CACHED := export PYTHONDONTWRITEBYTECODE=; if [ -d /usr/lib/ccache ]; then \
  export CCACHE_DIR=$(CURDIR)/.setup/ccache CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=500M PATH=/usr/lib/ccache:$$PATH; fi;
# A worker that has no tests left takes some of another's: they last from a millisecond to a minute.
SHARED_OUT := -n $(JOBS) --dist worksteal $(PYTEST_OPTIONS)
PYTEST := $(BIN)/pytest $(SHARED_OUT)

test: setup .setup/pico .setup/labgrid .venv/.builders .venv/.frameworks
	$(CACHED) failed=0; \
	if [ -d $(LABGRID)/bin ]; then $(LABGRID)/bin/python -m pytest $(SHARED_OUT) -q tests/hil/test_labgrid.py || failed=1; fi; \
	$(PYTEST) tests hil --tinykit-model $(DIGITS) --tinykit-data $(DIGITS_DATA) \
	  --tinykit-board native --tinykit-board $(DEMO_BOARD) || failed=1; \
	exit $$failed

check: lint
	$(CACHED) $(PYTEST) -q -m "not slow" tests

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Models and figures of other engines that are no part of this repository; without them the rest is measured.
SHARED := $(or $(TINYKIT_SHARED),../shared)
TINY := $(addprefix $(SHARED)/models/mlperf_tiny/,$(addsuffix .tflite, \
  ad01_int8 kws_ref_model str_ww_ref_model pretrainedResnet_quant vww_96_int8))
PEERS := $(wildcard $(SHARED)/baseline/peers.json)
BENCH_BOARDS := qemu-mps2-an385 qemu-mps2-an386 qemu-mps2-an500 qemu-mps3-an547 qemu-riscv32 $(wildcard bench/boards/*.toml)
RECORD := bench/results.json
BENCH ?= --against $(RECORD)

bench: setup
	$(BIN)/tinykit bench run $(DIGITS) $(wildcard $(TINY)) $(addprefix --board ,$(BENCH_BOARDS)) \
	  $(addprefix --peers ,$(PEERS)) $(if $(filter --record,$(BENCH)),--record $(RECORD),$(BENCH))

# Every operator and type: 200 models on this computer, 20 each on an emulated M4 and a RISC-V; some of them only with
# make proof KINDS="ABS CONV_2D".
proof: setup .venv/.builders
	$(CACHED) PYTHONPATH=tests $(BIN)/python -m proof.record $(KINDS)
	$(BIN)/python -m tinykit.compiler.operators_doc

SECONDS ?= 60
fuzz: setup
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[fuzz]'
	$(CACHED) PYTHONPATH=tests $(BIN)/python -m fuzz --seconds $(SECONDS)

clean:
	rm -rf .venv .setup build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment: tinykit itself (editable) and what its tests need.
.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "tinykit needs Python 3.10 or newer, '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)"; \
	  echo "try: make PYTHON=python3.12, or any other that is installed"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) lacks the modules venv and ensurepip."; \
	  version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  if $(MAY_INSTALL); then $(UPDATE); $(INSTALL) python$$version-venv; \
	  else echo "try: sudo apt-get install -y python$$version-venv"; exit 1; fi; }
	@echo "setting up .venv (half a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

# What further tests need: a compiler, PlatformIO and pyOCD from pip; for engine tflm a C++ library, and TFLite-Micro as
# somebody else built it; for models/keywords/train.py a speech synthesizer. Without them those tests are skipped.
TEST_PACKAGES := ccache libstdc++-arm-none-eabi-newlib libgemmlowp-dev espeak-ng
.venv/.builders: .venv/.installed .setup/tools
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[zig,platformio,pyocd,fuzz]' \
	  || echo "could not install ziglang, platformio, scons, pyocd and atheris: their tests are skipped"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps xmos-ai-tools==1.4.2 \
	  || echo "could not install xmos-ai-tools: its tests are skipped"
	@if $(MAY_INSTALL) && ! dpkg -s $(TEST_PACKAGES) >/dev/null 2>&1; then \
	  $(INSTALL) $(TEST_PACKAGES) || echo "could not install $(TEST_PACKAGES): their tests are skipped"; fi
	@touch $@

# labgrid brings a fork of pyserial that would replace pyserial's files, so its tests have an environment of their own: all
# that .venv has, and labgrid before it. Without it they are skipped.
LABGRID := .setup/labgrid
$(LABGRID): pyproject.toml .venv/.installed
	@rm -rf $@ && $(BIN)/python -m venv $@
	@$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
	  > $$($@/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/zz-tinykit.pth
	@$@/bin/python -m pip install -qq --disable-pip-version-check -e '.[labgrid]' \
	  || { echo "could not install labgrid: its tests are skipped"; rm -rf $@; mkdir -p $@; }
	@touch $@

# The frameworks whose models are converted: 3.4 GB. Without one its tests are skipped; scikit-learn's and those of .tflite
# need no more than .venv/.installed. Nobody who does not want to wait has to: make test FRAMEWORKS=none, or some of them.
# onnx2tf states requirements that do not go with the others (docs/convert.md).
FRAMEWORKS ?= keras,torch,onnx
ONNX2TF := onnx2tf==2.6.9 sng4onnx==2.0.1 sne4onnx==2.0.1
.venv/.frameworks: .venv/.installed
	@if [ "$(FRAMEWORKS)" != none ]; then \
	  echo "installing $(FRAMEWORKS) (a few minutes; make test FRAMEWORKS=none goes without)"; \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[$(FRAMEWORKS)]' \
	    && $(BIN)/python -m pip install -qq --disable-pip-version-check psutil \
	    && $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --ignore-requires-python $(ONNX2TF) \
	    || echo "could not install all of $(FRAMEWORKS): the tests of what is missing are skipped"; \
	  touch $@; \
	fi

# Compilers and emulators. Which are missing, and what brings them, is known to tinykit itself (tinykit/board/tools.py).
# Tried once: what cannot be installed is said, and is no error; `tinykit doctor` says it again at any time.
.setup/tools: .venv/.installed Makefile
	@mkdir -p .setup
	@missing=$$($(BIN)/python -c 'from tinykit.board.tools import TOOLS, find_tool; \
	  print(*(tool.packages["apt"] for tool in TOOLS if "apt" in tool.packages and not find_tool(tool.name)))'); \
	if [ -n "$$missing" ]; then \
	  if $(MAY_INSTALL); then \
	    echo "installing $$missing"; $(UPDATE); \
	    for package in $$missing; do \
	      apt-cache show $$package >/dev/null 2>&1 || { echo "this system has no package $$package"; continue; }; \
	      $(INSTALL) $$package || echo "could not install $$package"; \
	    done; \
	  fi; \
	  $(BIN)/tinykit doctor; \
	fi
	@touch $@

# The Pico SDK, picotool and rp2040js, for tests only: see .ci/pico-tools. Without them those tests are skipped.
.setup/pico: .ci/pico-tools .setup/tools
	@.ci/pico-tools || { echo "could not fetch the Pico SDK and rp2040js: their tests will be skipped"; mkdir -p $@; }
	@touch $@
