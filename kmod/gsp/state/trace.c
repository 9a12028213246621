// SPDX-License-Identifier: GPL-2.0-only
#include "../gsp.h"

#define CREATE_TRACE_POINTS
#include <trace/events/novabpf_gsp.h>
