# SPDX-License-Identifier: GPL-2.0-only
#
# How policies and hooks in BPF for novabpf are compiled. A Makefile includes it:
#	NOVABPF_KIT ?= /usr/local/share/novabpf
#	include $(NOVABPF_KIT)/policy.mk
# "make" then compiles each *.bpf.c of the folder, "make clean" removes what it made.
#
# CLANG, BPFTOOL  which ones (default: clang, bpftool)
# VMLINUX_BTF     types of the kernel come from here (default: the kernel that runs)
# BPF_CFLAGS      further flags for clang
# BPF_OBJS        what to make (default: one object per *.bpf.c)
#
# Types of the module are those of novabpf/bpf.h, so that it need not be loaded here;
# the object is fitted to the kernel and the module that run when it is attached.

NOVABPF_MK := $(abspath $(lastword $(MAKEFILE_LIST)))
NOVABPF_INCLUDE ?= $(abspath $(dir $(NOVABPF_MK))../../include)
MODULE_BTF ?= /sys/kernel/btf/novabpf
VMLINUX_BTF ?= $(firstword $(wildcard /sys/kernel/btf/vmlinux /lib/modules/$(shell uname -r)/build/vmlinux))
CLANG ?= clang
BPFTOOL ?= $(shell PATH=$$PATH:/usr/sbin:/sbin command -v bpftool)
BPF_OBJS ?= $(patsubst %.c,%.o,$(wildcard *.bpf.c))

NOVABPF_ARCH := $(subst x86_64,x86,$(subst aarch64,arm64,$(subst riscv64,riscv,$(shell uname -m))))
# Types of kernels 7.x have members without a name, which is an extension.
NOVABPF_CFLAGS := -target bpf -O2 -g -mcpu=v3 -Wall -D__TARGET_ARCH_$(NOVABPF_ARCH) \
	-fms-extensions -Wno-microsoft-anon-tag -include vmlinux.h -I$(NOVABPF_INCLUDE)

.PHONY: all clean
.DELETE_ON_ERROR:
all: $(BPF_OBJS)

%.bpf.o: %.bpf.c vmlinux.h $(NOVABPF_MK)
	$(CLANG) $(NOVABPF_CFLAGS) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

novabpf_dump = @[ -n '$(BPFTOOL)' ] || { echo 'policy.mk: no bpftool; install it, or set BPFTOOL' >&2; exit 1; }; \
	[ -r '$(1)' ] || { echo 'policy.mk: no types in "$(1)"; set $(2)' >&2; exit 1; }; \
	echo '$(notdir $(BPFTOOL)) $(3) >$@'; $(BPFTOOL) $(3) >$@.new && mv $@.new $@

vmlinux.h:
	$(call novabpf_dump,$(VMLINUX_BTF),VMLINUX_BTF to a kernel with BTF,btf dump file $(VMLINUX_BTF) format c)

# The kernel's types and all of the loaded module's, for a program that traces it. Not to
# be included beside novabpf/bpf.h, which has some of the same.
module.h:
	$(call novabpf_dump,$(MODULE_BTF),MODULE_BTF or load the module,-B $(VMLINUX_BTF) btf dump file $(MODULE_BTF) format c)

clean:
	rm -f $(BPF_OBJS) $(BPF_OBJS:.o=.d) vmlinux.h vmlinux.h.new module.h module.h.new

-include $(BPF_OBJS:.o=.d)
