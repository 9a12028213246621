// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a firmware: it is marked as failed, and why it halted is read from
 * its registers.
 */
#include "../gsp.h"

void nova_gsp_fail(struct nova_gsp *gsp, int err, const char *fmt, ...)
{
	char text[sizeof(gsp->failure)];
	va_list args;
	enum nova_incident kind;
	bool first;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	spin_lock_irq(&gsp->lock);
	first = !gsp->failure[0];
	kind = gsp->state == NOVA_GSP_READY ? NOVA_INCIDENT_ERROR : NOVA_INCIDENT_INIT;
	if (first)
		strscpy(gsp->failure, text, sizeof(gsp->failure));
	spin_unlock_irq(&gsp->lock);
	nova_gsp_set_state(gsp, NOVA_GSP_FAILED);
	if (first)
		nova_incident(gsp, kind, "%s%s", gsp->recovery.on && kind == NOVA_INCIDENT_INIT ?
			      "recovery failed: " : "", text);

	spin_lock_irq(&gsp->lock);
	nova_rpc_end_all(gsp, err, NOVA_FATE_HALTED, &gsp->ended);
	nova_rpc_leave_ended(gsp);
	spin_unlock_irq(&gsp->lock);
	/* The boot has ended: release a waiter for it. */
	complete_all(&gsp->init_done);
}

/*
 * Where a report waits. Which scratch register has it differs; a signature tells.
 * The report itself lies in memory, in a form that is not decoded here.
 */
static u32 halt_wayfinder(struct nova_gsp *gsp)
{
	u32 i, v;

	/* The first two are heartbeats where there are such: any value may be there. */
	for (i = gsp->abi->rules->heartbeat ? 2 : 0; i < NV_PGSP_MAILBOXES; i++) {
		v = nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(i));
		if (NV_CRASHCAT_SIGNATURE(v) == NV_CRASHCAT_SIGNATURE_VALID)
			return v;
	}
	return 0;
}

/*
 * The old format of a fatal error: code 7:0, reason 15:8, task 23:16, tag 31:28
 * = 0xE. Later releases write a report instead.
 */
enum nova_incident nova_halt_cause(struct nova_gsp *gsp, char *why, size_t size)
{
	u32 v = nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(0)), way = halt_wayfinder(gsp);

	if (nova_gsp_off_bus(gsp)) {
		scnprintf(why, size, "no register answers");
		return NOVA_INCIDENT_BUS;
	}
	if (way)
		scnprintf(why, size, "GSP crashed: CrashCat report (wayfinder 0x%08x, version %u)",
			  way, NV_CRASHCAT_VERSION(way));
	else if (v >> 28 == 0xe)
		scnprintf(why, size, "GSP halted: code 0x%02x, reason 0x%02x, task %u", v & 0xff,
			  v >> 8 & 0xff, v >> 16 & 0xff);
	else
		scnprintf(why, size, "GSP halted (mailbox 0x%08x)", v);
	return NOVA_INCIDENT_ERROR;
}
