// SPDX-License-Identifier: GPL-2.0-only
#include "../gsp/gsp.h"
#include "../sched/runlist.h"

#define CREATE_TRACE_POINTS
#include <trace/events/novabpf.h>
