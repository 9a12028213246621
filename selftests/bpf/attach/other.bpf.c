// SPDX-License-Identifier: GPL-2.0-only
/* The same policy under another name, to replace it by. */
#define NAME "other"
#include "good.bpf.c"
