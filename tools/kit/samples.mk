# SPDX-License-Identifier: GPL-2.0-only
#
# Compiles the samples beside it, or a copy of them: make
NOVABPF_KIT ?= @KIT@
BPF_OBJS := $(patsubst %.c,%.o,$(wildcard */*.bpf.c))
BPF_CFLAGS := -I.
include $(NOVABPF_KIT)/policy.mk
