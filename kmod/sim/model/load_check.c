// SPDX-License-Identifier: GPL-2.0-only
/* Validates a load before any part of it is used. */
#include "load.h"

/* Eleven days: sums of times of a load stay far below the clock's end. */
#define GSIM_DURATION_MAX	1000000000000000ULL
#define GSIM_COST_NS_MAX	1000000000u
#define GSIM_SLICE_NS_MIN	1000u

static int gsim_load_check_head(const struct nova_sim_load *l, char *err, size_t err_size)
{
	if (l->magic != NOVA_SIM_LOAD_MAGIC)
		return gsim_error(err, err_size, "magic 0x%x, want 0x%x", l->magic,
				  NOVA_SIM_LOAD_MAGIC);
	if (!l->tenants || l->tenants > NOVA_SIM_TENANTS_MAX)
		return gsim_error(err, err_size, "%u tenants; want 1 to %u", l->tenants,
				  NOVA_SIM_TENANTS_MAX);
	if (!l->duration_ns || l->duration_ns > GSIM_DURATION_MAX)
		return gsim_error(err, err_size, "duration of %llu ns; want 1 to %llu",
				  (ull)l->duration_ns, GSIM_DURATION_MAX);
	if (l->ctxsw_ns > GSIM_COST_NS_MAX || l->preempt_ns > GSIM_COST_NS_MAX)
		return gsim_error(err, err_size,
				  "context switch %u ns, preemption %u ns; want up to %u",
				  l->ctxsw_ns, l->preempt_ns, GSIM_COST_NS_MAX);
	if (l->tsg_slice_ns && l->tsg_slice_ns < GSIM_SLICE_NS_MIN)
		return gsim_error(err, err_size, "time slice of %u ns; want %u or more",
				  l->tsg_slice_ns, GSIM_SLICE_NS_MIN);
	return 0;
}

static const char *gsim_tenant_check(const struct nova_sim_tenant *t)
{
	if (!t->gfid || t->gfid > GSIM_GFID_MAX)
		return "gfid out of range";
	if (!gsim_engine_known(t->engine_id))
		return "engine type not known";
	if (!t->tsgs || t->tsgs > NOVA_SIM_TSGS_MAX)
		return "want 1 to 8 channel groups";
	if (t->arrival > NOVA_SIM_FRAME)
		return "arrival not known";
	if (t->start_ns >= t->stop_ns)
		return "stops before it starts";
	if (!t->draws || t->draws > NOVA_SIM_DRAWS_MAX)
		return "number of draws out of range";
	return NULL;
}

/* Time must pass while a tenant goes through its draws. */
static const char *gsim_draws_check(const struct nova_sim_tenant *t, const u8 *p)
{
	struct nova_sim_draw d;
	bool gap = false;
	u32 i;

	for (i = 0; i < t->draws; i++) {
		memcpy(&d, p + i * sizeof(d), sizeof(d));
		if (!d.length_ns)
			return "an item of no length";
		gap |= d.gap_ns;
	}
	return gap || t->arrival == NOVA_SIM_CLOSED ? NULL : "no gap between its items";
}

/* Return: 0, or -EINVAL with one line in @err. */
int gsim_load_check(const void *blob, size_t size, char *err, size_t err_size)
{
	const u8 *p = blob, *draws;
	struct nova_sim_tenant t;
	struct nova_sim_load l;
	const char *why;
	u64 want;
	u32 i;

	if (size < sizeof(l))
		return gsim_error(err, err_size, "%zu bytes; a load has %zu and more", size,
				  sizeof(l));
	memcpy(&l, p, sizeof(l));
	if (gsim_load_check_head(&l, err, err_size))
		return -EINVAL;
	want = sizeof(l) + (u64)l.tenants * sizeof(t);
	draws = p + want;
	for (i = 0; i < l.tenants; i++) {
		u64 bytes;

		if (size < sizeof(l) + (i + 1) * sizeof(t))
			break;
		memcpy(&t, p + sizeof(l) + i * sizeof(t), sizeof(t));
		why = gsim_tenant_check(&t);
		bytes = (u64)t.draws * sizeof(struct nova_sim_draw);
		want += bytes;
		if (!why && want <= size) {
			why = gsim_draws_check(&t, draws);
			draws += bytes;
		}
		if (why)
			return gsim_error(err, err_size, "tenant %u: %s", i, why);
	}
	if (want != size)
		return gsim_error(err, err_size, "%zu bytes; its counts make %llu", size,
				  (ull)want);
	if (want - sizeof(l) - (u64)l.tenants * sizeof(t) >
	    (u64)NOVA_SIM_DRAWS_MAX * sizeof(struct nova_sim_draw))
		return gsim_error(err, err_size, "more than %u draws", NOVA_SIM_DRAWS_MAX);
	return 0;
}
