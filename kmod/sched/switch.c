// SPDX-License-Identifier: GPL-2.0-only
/* Which errors of a switch's control are final, and which are retried. Pure. */
#include "switch.h"

enum nova_control_end nova_control_end(int err, int status, bool alive)
{
	if (!err)
		return NOVA_CONTROL_DONE;
	if (!alive)
		return NOVA_CONTROL_GONE;
	switch (err) {
	case -ETIMEDOUT:
		return NOVA_CONTROL_LOST;
	case -EREMOTEIO:
		if (status == -EBUSY || status == -EAGAIN || status == -ENOMEM)
			return NOVA_CONTROL_TODO;
		return NOVA_CONTROL_REFUSED;
	default:
		return NOVA_CONTROL_TODO;
	}
}

u64 nova_switch_backoff_ns(struct nova_switch_tries *t, bool lost)
{
	if (t->nr >= NOVA_SWITCH_RETRIES || (lost && t->lost >= NOVA_SWITCH_LOST_MAX))
		return 0;
	t->lost += lost;
	return NOVA_SWITCH_BACKOFF_NS << t->nr++;
}
