/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The core as if it had no tracepoints on the way of a call, to be measured against
 * the one that has them. See nohooks.h.
 */
#include "gsp/gsp.h"
#include <trace/events/novabpf_gsp.h>

#define trace_gsp_rpc_submit(...)	do { } while (0)
#define trace_gsp_rpc_send(...)		do { } while (0)
#define trace_gsp_rpc_reply(...)	do { } while (0)
#define trace_gsp_rpc_done(...)		do { } while (0)
