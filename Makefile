# The door. `make` builds and installs nothing; `make run` and `make test` install what is missing.
JOBS ?= $(shell nproc)
PRESET ?= release
# Options of the demo, where its ports are taken: make run DEMO="--http 127.0.0.1:0 --sip 127.0.0.1:0"
DEMO ?=

.PHONY: all build web run test test-long bench fuzz format check clean

all: check build web-if-possible

check:
	@tools/install --check build

build:
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET) -j $(JOBS)

web:
	@tools/build-web

.PHONY: web-if-possible
web-if-possible:
	@if [ -d web/node_modules ]; then tools/build-web; \
	else echo "the web application is not built: 'make web' fetches its packages from npm and builds it"; fi

run:
	@tools/install build web run
	@$(MAKE) --no-print-directory build web
	@exec build/cadran demo $(DEMO)

test:
	@tools/install build web run test
	@tools/test

test-long:
	@tools/install build web run test fuzz
	@tools/test --long

bench:
	@tools/install build run test
	@$(MAKE) --no-print-directory build
	@tools/bench

fuzz:
	@tools/install build fuzz
	@$(MAKE) --no-print-directory build PRESET=fuzz
	@tools/fuzz

format:
	@find src tests bench -name node_modules -prune -o -name '*.[ch]' -print0 | xargs -0 clang-format -i

clean:
	@rm -rf build web/dist
