# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf. "make help" lists the targets.
#
# KREL=release  kernel to build for and to boot (default: the running one where its headers
#               are there; for tests, demo and bench the newest 6.12 with headers)
# KDIR=folder   its build folder (default: /lib/modules/KREL/build)
# PREFIX, DESTDIR  where install puts things (default: /usr/local, nothing)

.DEFAULT_GOAL := all
# Tests are the same everywhere, whatever runs.
TESTS = check check-% demo bench soak stress lint fuzz-vfio test-programs
KREL ?= $(shell scripts/krel $(if $(filter $(TESTS),$(MAKECMDGOALS)),,--here) 2>/dev/null)
KDIR ?= /lib/modules/$(KREL)/build
PREFIX ?= /usr/local
CLANG ?= clang
BPFTOOL ?= $(shell PATH=$$PATH:/usr/sbin:/sbin command -v bpftool)
CFLAGS ?= -O2 -g
# Packages link it in: -l:libbpf.a
LIBBPF ?= -lbpf
FUZZ_SECONDS ?= 600
SOAK_CALLS ?= 1000000
SOAK_SEED ?= 1
SOAK_ROUND ?=
NPROC := $(shell nproc)
# Where make was not told how much to do at once.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(NPROC))
# The shell of a recipe hands on no signal; a machine ends with it all the same.
TIED := setpriv --pdeathsig TERM --
STRESS_SECONDS ?= 600
STRESS_SEED ?= 1
STRESS_ROUND ?=
STRESS_STEPS ?=
STRESS_ARGS = '$(STRESS_SECONDS)' '$(STRESS_SEED)' '$(STRESS_ROUND)' '$(STRESS_STEPS)'
# What was asked for; "make stress" is for a stock kernel otherwise.
DEBUG_ASKED := $(DEBUG)
DEBUG ?= lockdep
ONLY ?=

# The file is its one place: tool, man page, modules, pkg-config and HTML take it from there.
VERSION := $(shell cat VERSION)
MODDIR := $(DESTDIR)/lib/modules/$(KREL)/updates/novabpf
SHARE := $(DESTDIR)$(PREFIX)/share

CLI_SRC := $(wildcard tools/novabpf/*.c tools/novabpf/*/*.c)
# What the tool shares with the modules: the ABI tables, and what hooks may ask for.
CLI_PURE := kmod/abi/abi.c kmod/abi/tables.c kmod/gsp/hook/payload.c kmod/gsp/hook/verdict.c
CLI_OBJ := $(CLI_SRC:tools/novabpf/%.c=build/cli/%.o) $(CLI_PURE:kmod/%.c=build/cli/kmod/%.o)
BPF_SRC := $(shell find bpf -name '*.bpf.c' 2>/dev/null)
BPF_OBJ := $(BPF_SRC:%.c=build/%.o)
TEST_BPF := $(patsubst %.c,build/%.o,$(shell find selftests -name '*.bpf.c'))
TEST_BIN := $(patsubst %.c,build/%,$(filter-out %.bpf.c,$(wildcard selftests/bpf/*.c selftests/bench/*.c)))
TEST_BIN += $(patsubst %,build/selftests/vfio/vfio_%,direct phases fuzz bench) build/selftests/guest/kvmhold \
	build/selftests/stress/stress
MAN := $(patsubst Documentation/man/%.rst,build/man/%,$(wildcard Documentation/man/*.8.rst))
MODULES := $(if $(KREL),$(wildcard build/$(KREL)/kmod/*.ko))
BPFTRACE := $(wildcard tools/bpftrace/*.bt)
LOADS := $(wildcard tools/load/*.load)
INJECT := $(wildcard tools/inject/*.rules)

.PHONY: all modules cli guest bpf man htmldocs test-programs
all: modules cli guest bpf man abi-types wireshark ## modules, BPF programs, tools, man page

modules: | tools ## kernel modules, in build/KREL/kmod
	@scripts/build-modules '$(KREL)' '$(KDIR)'

cli: $(if $(CLI_SRC),build/novabpf) ## command line tool, build/novabpf

guest: build/novaguest ## program for guests, build/novaguest

bpf: $(BPF_OBJ) ## BPF programs, in build/bpf

man: $(MAN) ## man page, in build/man

test-programs: $(TEST_BPF) $(TEST_BIN) build/installed/done ## programs for the virtual machine tests

# What authors of policies get, and nothing else: selftests/vm/85-kit.sh works from it.
build/installed/done: build/novabpf VERSION tools/kit/install $(wildcard tools/kit/*.* tools/kit/new/*/* \
		include/novabpf/*.h include/novabpf/format/*.h) include/uapi/novabpf.h
	@rm -rf $(@D)
	@install -D -m 755 build/novabpf $(@D)/usr/sbin/novabpf
	@tools/kit/install $(@D) /usr '$(VERSION)'
	@touch $@

# What is missing is named before a compiler trips over it.
.PHONY: tools setup
tools:
	@scripts/setup.sh --check --quiet --build || { \
		echo 'make: run scripts/setup.sh, it installs what is missing' >&2; exit 1; }

setup: ## install what build, demo and check need (Debian, Ubuntu)
	@scripts/setup.sh

build/novabpf: $(CLI_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBBPF) -ljson-c -lelf -lz -lm

build/cli/%.o: tools/novabpf/%.c | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -Itools/novabpf -Iinclude -Ikmod \
		-DNOVABPF_VERSION='"$(VERSION)"' -MMD -MP -c -o $@ $<

build/cli/commands.o build/cli/capture/record.o: VERSION

build/cli/kmod/%.o: kmod/%.c | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -Iinclude -Ikmod -MMD -MP -c -o $@ $<

# What tools know of every release beyond the tables of the core.
.PHONY: abi-types wireshark
ABI_DATA := $(wildcard tools/abi/data/* tools/abi/*.py) tools/abi/gen
abi-types: build/abi/stamp ## types (BTF) of every message of every release, in build/abi

wireshark: build/wireshark/novabpf.lua ## dissector for Wireshark and tshark

build/abi/stamp: $(ABI_DATA) | tools
	@mkdir -p $(@D)
	tools/abi/gen --btf $(@D)
	@touch $@

build/wireshark/novabpf.lua: $(ABI_DATA) tools/wireshark/novabpf.lua include/uapi/novabpf.h | tools
	tools/abi/gen --lua $@

# Another kernel, other types: all objects are made anew then, so that a test never runs
# those that were made for another one.
.PHONY: always
build/bpf/kernel: always
	@mkdir -p $(@D)
	@echo '$(KREL)' | cmp -s - $@ || echo '$(KREL)' >$@

build/bpf/vmlinux.h: build/bpf/kernel | tools
	@btf=$$(scripts/kernel-btf '$(KREL)' '$(KDIR)') && $(BPFTOOL) btf dump file "$$btf" format c >$@.new
	@mv $@.new $@

# Kernels of 7.x are built with the extensions, and their types have members without a name.
BPF_CC = $(CLANG) -target bpf -O2 -g -mcpu=v3 -Wall -Werror -D__TARGET_ARCH_x86 \
	-fms-extensions -Wno-microsoft-anon-tag -include build/bpf/vmlinux.h -Ibpf -Iinclude -MMD -MP

build/bpf/%.bpf.o: bpf/%.bpf.c build/bpf/vmlinux.h
	@mkdir -p $(@D)
	$(BPF_CC) -c -o $@ $<

# There are many of them, and each is short.
build/selftests/%.bpf.o: selftests/%.bpf.c build/bpf/vmlinux.h
	@mkdir -p $(@D)
	@echo '  CLANG $<'
	@$(BPF_CC) -c -o $@ $<

build/selftests/%: selftests/%.c | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -Iinclude -MMD -MP -o $@ $< -lbpf -lelf -lz

build/selftests/vfio/vfio_%: selftests/vfio/vfio_%.c selftests/vfio/vfio_user.c \
		selftests/vfio/vfio_user.h include/uapi/novabpf_guest.h | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -Iinclude -o $@ $(filter %.c,$^) -lpthread

STRESS_SRC := $(wildcard selftests/stress/*.c)
build/selftests/stress/stress: $(STRESS_SRC) $(wildcard selftests/stress/*.h) | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Iinclude -o $@ $(STRESS_SRC) -lbpf -lelf -lz

# Needs nothing of the guest's but its kernel.
GUEST_SRC := $(wildcard tools/guest/*.c)
build/novaguest: $(GUEST_SRC) $(wildcard tools/guest/*.h) include/uapi/novabpf_guest.h | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=gnu11 -Wall -Wextra -static -Iinclude -o $@ $(GUEST_SRC)

build/man/%: Documentation/man/%.rst VERSION
	@mkdir -p $(@D)
	sed 's/^:Manual section:.*/&\n:Version: novabpf $(VERSION)/' $< | rst2man --halt=warning - $@.new
	@mv $@.new $@

htmldocs: ## documentation as HTML, in build/html; a warning is an error
	@scripts/htmldocs

-include $(CLI_OBJ:.o=.d) $(BPF_OBJ:.o=.d) $(TEST_BPF:.o=.d) $(TEST_BIN:=.d)

.PHONY: demo check check-unit check-vm check-guest bench soak soak-check check-kernels
.PHONY: check-debug check-kconfig check-style lint fuzz stress stress-check
demo: setup ## show it in a virtual machine
	@$(MAKE) --no-print-directory KREL='$(KREL_NOW)' all
	@$(TIED) tools/vm/run --kernel '$(KREL_NOW)' --again 2 --out build/demo -- scripts/demo-vm.sh

check: setup ## all tests: style (lint), unit, virtual machine
	@$(MAKE) --no-print-directory $(PARALLEL) KREL='$(KREL_NOW)' all test-programs
	@KREL='$(KREL_NOW)' $(TIED) selftests/run

check-unit: all ## unit tests and short fuzzing only
	@$(TIED) selftests/run --unit

check-vm: modules cli bpf test-programs ## virtual machine tests only
	@KREL='$(KREL)' $(TIED) selftests/run --vm

check-guest: modules cli bpf guest test-programs ## vGPUs in two nested virtual machines
	@KREL='$(KREL)' $(TIED) selftests/run --guest

bench: modules cli bpf test-programs ## what decisions and firmware calls cost, in instructions
	@selftests/bench/build-without '$(KREL)' '$(KDIR)' build/bench/without
	@$(TIED) tools/vm/run --kernel '$(KREL)' --icount --timeout 3600 --out build/bench -- \
		bash -c 'selftests/bench/decisions.sh && selftests/bench/rpc.sh && \
			selftests/bench/vfio.sh'

soak: soak-check modules cli bpf test-programs ## faults of all kinds under SOAK_CALLS (1000000) calls; SOAK_SEED (1), SOAK_ROUND (all)
	@$(TIED) tools/vm/run --kernel '$(KREL)' --timeout 14400 --out build/soak -- \
		selftests/soak/soak.sh $(SOAK_CALLS) $(SOAK_SEED) $(SOAK_ROUND)

# Before anything is built for it.
soak-check:
	@selftests/soak/soak.sh --check '$(SOAK_CALLS)' '$(SOAK_SEED)' '$(SOAK_ROUND)'

# Some rounds more than were asked for, and the boot, on a slow kernel.
STRESS_RUN = --append slub_debug=FZPU --timeout $$(expr '$(STRESS_SECONDS)' \* 3 + 3600) \
	--out build/stress -- selftests/stress/stress.sh $(STRESS_ARGS)

stress: stress-check ## all steps at once for STRESS_SECONDS (600); STRESS_SEED (1), STRESS_ROUND (all), STRESS_STEPS (all), DEBUG (none, lockdep, kasan)
ifeq ($(DEBUG_ASKED),)
	@$(MAKE) --no-print-directory KREL='$(KREL)' modules cli bpf test-programs
	@$(TIED) tools/vm/run --kernel '$(KREL)' $(STRESS_RUN)
else
	@scripts/setup.sh --debug --quiet
	@dir=$$(scripts/debug-kernel '$(DEBUG)') && rel=$$(cat "$$dir/build/include/config/kernel.release") && \
		$(MAKE) --no-print-directory KREL="$$rel" KDIR="$$dir/build" modules cli bpf test-programs && \
		$(TIED) tools/vm/run --kernel "$$dir" $(STRESS_RUN)
endif

# Before anything is built for it.
stress-check:
	@STRESS_DEBUG='$(DEBUG_ASKED)' selftests/stress/stress.sh --check $(STRESS_ARGS)

check-kernels: ## virtual machine tests on Debian's kernels of 12 and 13, in a table; KERNELS (all), ONLY (all)
	@$(TIED) selftests/kernels/check $(if $(ONLY),--only '$(ONLY)') $(KERNELS)

.PHONY: backport-report
backport-report: ## write Documentation/backports.rst from compat.h and the last make check-kernels
	@scripts/backport-report

check-debug: ## virtual machine tests on a debugging kernel; DEBUG (lockdep, kasan), ONLY (all)
	@scripts/setup.sh --debug --quiet
	@dir=$$(scripts/debug-kernel '$(DEBUG)') && rel=$$(cat "$$dir/build/include/config/kernel.release") && \
		$(MAKE) --no-print-directory KREL="$$rel" KDIR="$$dir/build" modules cli bpf test-programs && \
		KREL="$$dir" $(TIED) selftests/run --vm $(if $(ONLY),--only '$(ONLY)')

check-kconfig: ## every sensible combination of switches, out of tree and in a kernel's tree
	@scripts/setup.sh --debug --quiet
	@selftests/kconfig/check.sh '$(KDIR)'

check-style: ## checkpatch, Python and shell syntax
	@scripts/check-style

lint: modules cli ## check-style, kernel-doc, shellcheck, codespell, modules with W=1 and sparse
	@KREL='$(KREL)' $(TIED) selftests/run --lint

fuzz: ## fuzz each parser for FUZZ_SECONDS (600)
	@$(MAKE) --no-print-directory -C selftests/unit fuzz SECONDS=$(FUZZ_SECONDS)

FUZZ_SEED ?= 1
.PHONY: fuzz-vfio
fuzz-vfio: modules cli test-programs ## hostile users of vGPUs, beside a good one, for FUZZ_SECONDS (600); FUZZ_SEED (1)
	@$(TIED) tools/vm/run --kernel '$(KREL)' --timeout $$(($(FUZZ_SECONDS) * 2 + 900)) \
		--out build/fuzz-vfio -- env FUZZ_SECONDS='$(FUZZ_SECONDS)' \
		FUZZ_SEED='$(FUZZ_SEED)' selftests/vm/92-vfio-fuzz.sh

# Read after setup, which may have installed the kernel.
KREL_NOW = $(or $(KREL),$(shell scripts/krel))

.PHONY: abi abi-import abi-check
abi: ## make the firmware ABI tables anew from their data
	@tools/abi/gen

abi-check: ## fail when the generated ABI tables are stale
	@tools/abi/gen --check

abi-import: ## add firmware releases from the tables in DIR
	@[ -n '$(DIR)' ] || { echo 'abi-import: say where: make abi-import DIR=folder' >&2; exit 2; }
	@tools/abi/import '$(DIR)'

.PHONY: install install-modules install-tools install-kit uninstall clean help
install: install-modules install-tools install-kit ## install what was built (DESTDIR, PREFIX, KREL)

install-modules:
	@[ -n '$(MODULES)' ] || { echo 'install: nothing built for "$(KREL)": run make first' >&2; exit 1; }
	install -d $(MODDIR)
	install -m 644 $(MODULES) $(MODDIR)
	strip --strip-debug $(addprefix $(MODDIR)/,$(notdir $(MODULES)))
	install -D -m 644 scripts/modprobe.conf $(DESTDIR)$(PREFIX)/lib/modprobe.d/novabpf.conf
	$(if $(DESTDIR),,depmod $(KREL))

# Each where it was built: a part of the build may do.
install-tools:
	$(if $(wildcard build/novabpf),install -D -m 755 build/novabpf $(DESTDIR)$(PREFIX)/sbin/novabpf)
	$(if $(wildcard build/novaguest),install -D -m 755 build/novaguest $(DESTDIR)$(PREFIX)/bin/novaguest)
	$(foreach m,$(wildcard build/man/*.8),install -D -m 644 $m $(SHARE)/man/man8/$(notdir $m);)
	install -D -m 644 tools/novabpf/completion.bash $(SHARE)/bash-completion/completions/novabpf
	$(foreach b,$(BPFTRACE),install -D -m 755 $b $(SHARE)/novabpf/$(notdir $b);)
	$(foreach l,$(LOADS),install -D -m 644 $l $(SHARE)/novabpf/load/$(notdir $l);)
	$(foreach r,$(INJECT),install -D -m 644 $r $(SHARE)/novabpf/inject/$(notdir $r);)
	$(foreach b,$(wildcard build/bpf/*/*.bpf.o),install -D -m 644 $b \
		$(SHARE)/novabpf/$(b:build/bpf/%=%);)
	$(foreach f,$(wildcard build/wireshark/*.lua),install -D -m 644 $f $(SHARE)/novabpf/$(notdir $f);)
	$(foreach t,$(wildcard build/abi/*.btf),install -D -m 644 $t $(SHARE)/novabpf/abi/$(notdir $t);)

install-kit:
	tools/kit/install '$(DESTDIR)' '$(PREFIX)' '$(VERSION)'

uninstall: ## remove what install put there
	rm -rf $(if $(KREL),$(MODDIR)) $(SHARE)/novabpf $(DESTDIR)$(PREFIX)/include/novabpf
	rm -f $(DESTDIR)$(PREFIX)/sbin/novabpf $(DESTDIR)$(PREFIX)/bin/novaguest \
		$(DESTDIR)$(PREFIX)/lib/modprobe.d/novabpf.conf $(SHARE)/bash-completion/completions/novabpf \
		$(SHARE)/pkgconfig/novabpf.pc
	rm -f $(patsubst Documentation/man/%.rst,$(SHARE)/man/man8/%,$(wildcard Documentation/man/*.8.rst))
	$(if $(DESTDIR),,depmod $(KREL))

.PHONY: deb check-deb
deb: ## Debian packages, in build/deb
	@tools/package/deb

SUITES ?= bookworm trixie
check-deb: ## install, load and purge them in a clean Debian 12 and 13; SUITES
	@$(TIED) selftests/package/check-deb $(SUITES)

clean: ## remove build/
	rm -rf build

help: ## this list
	@echo 'Targets (KREL=$(KREL)):'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16
