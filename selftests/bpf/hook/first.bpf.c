// SPDX-License-Identifier: GPL-2.0-only
/* The same before it, and without the flag to break things. */
#define NAME "first"
#define FLAGS 0
#define PRIORITY -10
#include "ask.bpf.c"
