/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The core as if it had no RPC hooks, to be measured against the one that has them.
 * selftests/bench/build-without includes this in front of the files that call hooks;
 * the fields that hooks use in a call stay.
 */
#include "gsp/gsp.h"
#include "gsp/hook/hook.h"

#define nova_hooks_any(...)		false
#define nova_hook_submit(...)		0
#define nova_hook_apply(...)		false
#define nova_hook_reply(...)		false
#define nova_hook_event(...)		1
#define nova_hook_may_send(...)		true
#define nova_hook_send_at(...)		((u64)0)
#define nova_hook_due(...)		U64_MAX
#define nova_hook_event_due(...)	((struct nova_gsp_event *)NULL)
#define nova_hook_event_free(...)	do { } while (0)
#define nova_hook_end_all(...)		do { } while (0)
