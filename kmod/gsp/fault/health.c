// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeats of the firmware; see health.h. Only changes count, not values: so it
 * does not matter which clock the firmware takes them from, and a counter that wraps
 * or starts anew raises no alarm.
 */
#include "health.h"

static void health_look(struct nova_beat *b, u32 v, u64 now_ns)
{
	if (!v) {
		*b = (struct nova_beat) { 0 };
		return;
	}
	if (v == b->last)
		return;
	b->moves = b->last;
	b->last = v;
	b->moved_ns = now_ns;
}

void nova_health_look(struct nova_health *h, u32 rm, u32 core, u64 now_ns)
{
	health_look(&h->rm, rm, now_ns);
	health_look(&h->core, core, now_ns);
}

static bool health_stopped(const struct nova_beat *b, u64 now_ns)
{
	return b->moves && now_ns - b->moved_ns > NOVA_HEARTBEAT_MAX_NS;
}

enum nova_health_verdict nova_health_verdict(const struct nova_health *h, u64 now_ns)
{
	if (health_stopped(&h->core, now_ns))
		return NOVA_HEALTH_CORE_DEAD;
	if (health_stopped(&h->rm, now_ns))
		return NOVA_HEALTH_RM_DEAD;
	return h->core.moves && h->rm.moves ? NOVA_HEALTH_SLOW : NOVA_HEALTH_UNKNOWN;
}

const char *nova_health_text(enum nova_health_verdict v)
{
	switch (v) {
	case NOVA_HEALTH_SLOW:
		return "RM slow";
	case NOVA_HEALTH_RM_DEAD:
		return "RM unresponsive";
	case NOVA_HEALTH_CORE_DEAD:
		return "core unresponsive";
	case NOVA_HEALTH_GONE:
		return "off the bus";
	default:
		return "";
	}
}
