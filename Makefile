# Rush: building, testing, running. `make help` lists the targets.

PREFIX ?= /usr/local
FILE   ?= examples/fibonacci.rush
FLAGS  ?=

TOOLS := rush-parse rush-compile rush-vm rush-jit-asm rush-run
BIN   := node_modules/.bin
NODE  ?= node

SOURCES := $(shell find lib tools test schemas \( -name '*.ts' -o -name 'package.json' -o -name '*.schema.json' -o -name '*.rush' \) \
             -not -path 'test/golden/*' 2>/dev/null)
MODULES := node_modules/.package-lock.json
BUILT   := dist/.built

.PHONY: run build test fuzz fuzz-ir fuzz-asm fuzz-documents soak check golden bless bench bench-arm64 bench-startup arm64-loops arm64 docs format install uninstall clean help
.DEFAULT_GOAL := build

run: build ## run FILE (examples/fibonacci.rush) with FLAGS (e.g. FLAGS=-jit)
	@$(NODE) dist/tools/rush-run.js $(FLAGS) $(FILE)

build: $(BUILT) ## compile everything into dist/

# npm writes this file last; touching it makes it newer than the files it follows from.
$(MODULES): package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error 2>/dev/null || npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(MODULES) tsconfig.json $(SOURCES)
	@$(BIN)/tsc -p tsconfig.json
	@for file in $(wildcard tools/package.json tools/*/package.json); do cp $$file dist/$$file; done
	@$(NODE) dist/tools/build/generate-validators.js schemas dist/lib/formats/validators
	@if [ -d lib/std ]; then rm -rf dist/lib/std && mkdir -p dist/lib/std && cp lib/std/*.rush dist/lib/std/; fi
	@$(NODE) dist/tools/build/build-hash.js package.json dist/lib dist/lib/cache/build-hash.txt
	@rm -rf dist/bundle && $(NODE) dist/tools/build/bundle.js dist dist/bundle/rush.cjs
	@$(NODE) dist/tools/build/code-cache.js examples/fibonacci.rush
	@chmod +x $(TOOLS:%=dist/tools/%.js)
	@touch $@

test: build ## run the tests and compare the golden files; FLAGS=--full: more of them
	@$(NODE) dist/test/support/run-tests.js $(FLAGS)

fuzz: build ## random programs in all tiers, for a minute; e.g. FLAGS='--seed=1 --count=100', FLAGS=--help
	@$(NODE) dist/test/fuzz/run.js $(FLAGS)

fuzz-ir: build ## random IR through the passes, against an interpreter; the same flags
	@$(NODE) dist/test/jit/ir-fuzz/run.js $(FLAGS)

fuzz-asm: build ## random operands through the assemblers, against GNU as; the same flags
	@$(NODE) dist/test/asm/fuzz/run.js $(FLAGS)

fuzz-documents: build ## mutated documents into all tools, for a minute; FLAGS as above
	@$(NODE) dist/test/fuzz/documents/run.js $(FLAGS)

soak: build ## a server-like program for ten minutes: memory flat, no slower; e.g. FLAGS=--seconds=60
	@$(NODE) dist/test/soak/run.js $(FLAGS)

# The build has checked the types.
check: build ## lint, formatting, types, layers of imports
	@$(BIN)/biome check --error-on-warnings
	@$(NODE) dist/test/support/check-layers.js .

format: $(MODULES) ## format all sources
	@$(BIN)/biome check --write

docs: build ## renew the generated parts of documents (the opcode table in schemas/README.md)
	@$(NODE) dist/tools/build/opcode-table.js schemas/README.md

arm64: $(MODULES) ## fetch Node and koffi for arm64 into .arm64/, to run ARM64 code under emulation
	@test/support/setup-arm64.sh

bench: build ## ratios against Node, LuaJIT and Lua; e.g. FLAGS=--quick, FLAGS=--help
	@$(NODE) dist/test/bench/run.js $(FLAGS)

bench-arm64: build ## the same with ARM64 code, under emulation elsewhere
	@$(NODE) dist/test/bench/run.js --arm64 $(FLAGS)

bench-startup: build ## how long the tools need to start, against Node itself
	@$(NODE) dist/test/bench/startup.js $(FLAGS)

arm64-loops: build ## ARM64 instructions of hot loops, beside those of GCC -O1
	@$(NODE) dist/test/bench/arm64-loops.js

# ---- Golden files: test/golden/STAGE/NAME.txt is what STAGE makes of the program NAME. ----

# Listings are long: of the examples only. That all assemble to the right bytes is tested in test/jit.
NATIVE   := ir listing
STAGES   := ast bytecode output $(NATIVE) listing-x64
PROGRAMS := $(sort $(wildcard examples/*.rush test/programs/*.rush))
NAMES    := $(basename $(notdir $(PROGRAMS)))
EXAMPLES := $(basename $(notdir $(sort $(wildcard examples/*.rush))))
# What differs between the targets shows in a few.
FEW      := factorial fibonacci mandelbrot
ACTUAL   := $(foreach stage,ast bytecode,$(NAMES:%=dist/golden/$(stage)/%.txt)) \
            $(foreach stage,$(NATIVE),$(EXAMPLES:%=dist/golden/$(stage)/%.txt)) \
            $(FEW:%=dist/golden/listing-x64/%.txt) \
            $(NAMES:%=dist/golden/output/%.txt)

# One process for all programs of a stage; `diff` shows the output that is missing where a tool fails.
GOLDEN_STAGES := $(NODE) dist/test/support/golden-stages.js
EXAMPLE_FILES := $(sort $(wildcard examples/*.rush))

dist/golden/ast.made: $(PROGRAMS) $(BUILT)
	@$(GOLDEN_STAGES) rush-parse -format=tree dist/golden/ast txt $(PROGRAMS)
	@touch $@

dist/golden/bytecode.made: $(PROGRAMS) $(BUILT)
	@$(GOLDEN_STAGES) rush-compile -format=text dist/golden/bytecode txt $(PROGRAMS)
	@touch $@

dist/golden/rbc.made: $(EXAMPLE_FILES) $(BUILT)
	@$(GOLDEN_STAGES) rush-compile '' dist/golden/rbc rbc $(EXAMPLE_FILES)
	@touch $@

dist/golden/ir.made: dist/golden/rbc.made
	@$(GOLDEN_STAGES) rush-jit-asm -emit=ir dist/golden/ir txt $(EXAMPLES:%=dist/golden/rbc/%.rbc)
	@touch $@

dist/golden/listing.made: dist/golden/rbc.made
	@$(GOLDEN_STAGES) rush-jit-asm '' dist/golden/listing txt $(EXAMPLES:%=dist/golden/rbc/%.rbc)
	@touch $@

dist/golden/listing-x64.made: dist/golden/rbc.made
	@$(GOLDEN_STAGES) rush-jit-asm -target=x64 dist/golden/listing-x64 txt $(FEW:%=dist/golden/rbc/%.rbc)
	@touch $@

dist/golden/output.made: $(PROGRAMS) $(BUILT)
	@$(NODE) dist/test/support/golden-output.js dist/golden/output $(PROGRAMS)
	@touch $@

MADE := $(STAGES:%=dist/golden/%.made)

.DELETE_ON_ERROR:

# With TAP=1 a result line for each file, which the test runner counts.
golden: build $(MADE) ## compare every stage with the golden files
	@failed=0; for file in $(ACTUAL:dist/golden/%=%); do \
	  if diff -uN test/golden/$$file dist/golden/$$file; then $(if $(TAP),echo "ok - golden $$file",:); \
	  else echo "not ok - golden $$file"; failed=$$((failed + 1)); fi; done; \
	if [ $$failed -eq 0 ]; then echo "# $(words $(ACTUAL)) golden files agree"; \
	else echo "# $$failed of $(words $(ACTUAL)) golden files differ; if that is right: make bless"; exit 1; fi

bless: build $(MADE) ## accept the present output of every stage as golden
	@rm -rf $(STAGES:%=test/golden/%)
	@for file in $(ACTUAL:dist/golden/%=%); do \
	  mkdir -p test/golden/$$(dirname $$file) && cp dist/golden/$$file test/golden/$$file; done
	@echo "$(words $(ACTUAL)) golden files; see what changed with: git diff test/golden"

# ---- Installing: links to this build. ----

install: build ## put the tools into $(PREFIX)/bin
	@mkdir -p $(DESTDIR)$(PREFIX)/bin
	@for tool in $(TOOLS); do ln -sfn $(CURDIR)/dist/tools/$$tool.js $(DESTDIR)$(PREFIX)/bin/$$tool; done
	@echo "Installed in $(DESTDIR)$(PREFIX)/bin: $(TOOLS)"

uninstall: ## remove them again
	@for tool in $(TOOLS); do \
	  if [ "$$(readlink $(DESTDIR)$(PREFIX)/bin/$$tool)" = "$(CURDIR)/dist/tools/$$tool.js" ]; then \
	    rm $(DESTDIR)$(PREFIX)/bin/$$tool; fi; done

clean: ## remove everything that was built
	rm -rf dist .tap

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
