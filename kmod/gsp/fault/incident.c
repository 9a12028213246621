// SPDX-License-Identifier: GPL-2.0-only
/*
 * Incidents: one line in the log for each, with the number under which the field
 * knows its kind. Where there are too many lines the rest is counted, and the next
 * line says how many are missing.
 */
#include "../gsp.h"
#include "../rpc/history.h"

/* Often enough to date the last beat, seldom enough to cost nothing. */
#define NOVA_HEARTBEAT_LOOK_NS	(250 * (u64)NSEC_PER_MSEC)

static const struct {
	u32 xid;
	const char *name;
	const char *what;
} kinds[NOVA_INCIDENTS] = {
	[NOVA_INCIDENT_TIMEOUT] = { 119, "timeout", "GSP RPC timeout" },
	[NOVA_INCIDENT_ERROR] = { 120, "error", "GSP error" },
	[NOVA_INCIDENT_PMU] = { 62, "pmu", "PMU halted" },
	[NOVA_INCIDENT_INIT] = { 143, "init", "GPU init error" },
	[NOVA_INCIDENT_ACTION] = { 154, "action", "GPU recovery action changed" },
	[NOVA_INCIDENT_BUS] = { 79, "bus", "GPU has fallen off the bus" },
	[NOVA_INCIDENT_REQUEST] = { 154, "request", "GPU recovery action changed" },
};

const char *nova_incident_name(enum nova_incident kind)
{
	return kinds[kind].name;
}

void nova_incidents_init(struct nova_gsp *gsp)
{
	mutex_init(&gsp->incidents.lock);
	INIT_LIST_HEAD(&gsp->incidents.reports);
}

void nova_incidents_start(struct nova_gsp *gsp)
{
	lockdep_assert_held(&gsp->lock);
	memset(&gsp->incidents.health, 0, sizeof(gsp->incidents.health));
	gsp->incidents.looked_ns = 0;
}

/* Return: whether to print a line; *@silent: how many were not printed before it. */
static bool incident_may_print(struct nova_gsp *gsp, enum nova_incident kind, u32 *silent)
{
	u64 now = nova_now_ns(gsp->gpu);
	bool print;

	spin_lock_irq(&gsp->lock);
	if (!gsp->incidents.rate[kind].lines ||
	    now - gsp->incidents.rate[kind].since_ns > NOVA_INCIDENT_NS) {
		gsp->incidents.rate[kind].since_ns = now;
		gsp->incidents.rate[kind].lines = 0;
	}
	print = gsp->incidents.rate[kind].lines < NOVA_INCIDENT_BURST;
	*silent = gsp->incidents.rate[kind].silent;
	if (print) {
		gsp->incidents.rate[kind].lines++;
		gsp->incidents.rate[kind].silent = 0;
	} else {
		gsp->incidents.rate[kind].silent++;
	}
	spin_unlock_irq(&gsp->lock);
	return print;
}

static void incident_log(struct nova_gsp *gsp, enum nova_incident kind, const char *text,
			 const struct nova_rpc *rpc)
{
	char line[NOVA_INCIDENT_TEXT];
	u32 silent;

	snprintf(line, sizeof(line), "Xid %u (%s): %s", kinds[kind].xid, kinds[kind].what, text);
	if (gsp->recovery.on)
		nova_report_take(gsp, kind, line, rpc);
	if (!incident_may_print(gsp, kind, &silent))
		return;
	if (silent)
		dev_err(gsp->gpu->dma_dev, "gpu%u: %s (%u lines of this kind are missing)\n",
			gsp->gpu->id, line, silent);
	else
		dev_err(gsp->gpu->dma_dev, "gpu%u: %s\n", gsp->gpu->id, line);
}

void nova_incident(struct nova_gsp *gsp, enum nova_incident kind, const char *fmt, ...)
{
	char text[NOVA_INCIDENT_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	incident_log(gsp, kind, text, NULL);
}

void nova_incident_timeout(struct nova_gsp *gsp, const struct nova_rpc *rpc)
{
	const char *what = nova_rpc_what(rpc->op, rpc->cmd), *health;
	char text[NOVA_INCIDENT_TEXT];

	spin_lock_irq(&gsp->lock);
	health = nova_health_text(nova_incident_health(gsp, rpc->done_ns));
	spin_unlock_irq(&gsp->lock);
	snprintf(text, sizeof(text), "gfid %u %s%s%s seq %u after %llu ms: %s%s%s, %u in a row",
		 rpc->gfid, nova_op_name(rpc->op), *what ? " " : "", what, rpc->seq,
		 div_u64(nova_rpc_total_ns(rpc), NSEC_PER_MSEC), nova_fate_name(rpc->fate),
		 *health ? ", " : "", health, rpc->timeouts);
	incident_log(gsp, NOVA_INCIDENT_TIMEOUT, text, rpc);
}

void nova_incident_look(struct nova_gsp *gsp, u64 now_ns)
{
	struct nova_incidents *in = &gsp->incidents;

	lockdep_assert_held(&gsp->lock);
	if (!gsp->abi->rules->heartbeat || gsp->lockdown ||
	    (in->looked_ns && now_ns - in->looked_ns < NOVA_HEARTBEAT_LOOK_NS))
		return;
	in->looked_ns = now_ns;
	nova_health_look(&in->health, nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(0)),
			 nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(1)), now_ns);
}

/* Heartbeats are read only while RPCs wait, so look once more before judging. */
enum nova_health_verdict nova_incident_health(struct nova_gsp *gsp, u64 now_ns)
{
	if (nova_gsp_off_bus(gsp))
		return NOVA_HEALTH_GONE;
	if (gsp->state == NOVA_GSP_READY)
		nova_incident_look(gsp, now_ns);
	return nova_health_verdict(&gsp->incidents.health, now_ns);
}
