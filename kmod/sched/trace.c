// SPDX-License-Identifier: GPL-2.0-only
#include "runlist.h"

#define CREATE_TRACE_POINTS
#include <trace/events/novabpf_sched.h>
