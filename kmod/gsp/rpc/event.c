// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: records that the firmware sends unasked. Each is shown to the hooks, handed
 * to the observer in the order of arrival, and traced, known or not.
 */
#include "../gsp.h"
#include "history.h"
#include <trace/events/novabpf_gsp.h>

static void event_report_bad(struct nova_gsp *gsp, const struct nova_gsp_event *ev,
			     enum nova_record_verdict why)
{
	struct nova_record rec = {
		.gfid = ev->gfid,
		.function = ev->function,
		.record_seq = ev->record_seq,
		.length = ev->len,
	};

	nova_rx_report(gsp, &rec, why);
}

void nova_event_handle(struct nova_gsp *gsp, struct nova_gsp_event *ev)
{
	bool known;
	int err = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ev->data); i++)
		ev->data[i] = (i + 1) * 4 <= ev->len ? get_unaligned_le32(ev->payload + i * 4) : 0;
	nova_count(gsp, NOVA_COUNT_EVENTS);
	known = gsp->observer->event(gsp, ev, &err);
	ev->handled = known && !err;
	if (!known)
		nova_count(gsp, NOVA_COUNT_EVENTS_UNHANDLED);
	trace_gsp_event(ev);
	nova_history_event(gsp->history, ev, nova_now_ns(gsp->gpu));
	if (err)
		event_report_bad(gsp, ev, NOVA_RECORD_BAD_PAYLOAD);
}

void nova_event_dispatch(struct nova_gsp *gsp, const struct nova_record *rec)
{
	struct nova_gsp_event ev = {
		.release = gsp->abi->release,
		.gpu_id = gsp->gpu->id,
		.gfid = rec->gfid,
		.op = nova_op_of(gsp->abi, rec->function),
		.function = rec->function,
		.record_seq = rec->record_seq,
		.result = rec->result,
		.len = rec->payload_len,
		.payload = rec->payload,
		.time_ns = nova_now_ns(gsp->gpu),
	};
	u32 times = 1;

	if (ev.op == NOVA_OP_UNKNOWN) {
		nova_rx_report(gsp, rec, NOVA_RECORD_BAD_FUNCTION);
		return;
	}
	if (nova_hooks_any(&gsp->hooks))
		times = nova_hook_event(gsp, &ev);
	while (times--)
		nova_event_handle(gsp, &ev);
}
