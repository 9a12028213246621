// SPDX-License-Identifier: GPL-2.0-only
/*
 * Service time of RPCs. Without one, the reply leaves a latency after its request was
 * taken. With one, an RPC occupies one of the servers for a random time around the mean,
 * after it waited for a free one; the latency is added.
 *
 * Only firmware that echoes sequence numbers may reply out of order. RPCs that change an
 * engine stay in order on every release.
 */
#include "internal.h"

#define GSIM_STREAM_SERVICE	0x7365727669636500ULL

void gsim_service_seed(struct gsim *sim, u64 seed)
{
	gsim_rng_seed(&sim->service.rng, seed ^ GSIM_STREAM_SERVICE);
}

int gsim_service_set(struct gsim *sim, u32 ns, u32 parallel, char *err, size_t err_size)
{
	if (ns > GSIM_SERVICE_NS_MAX || parallel > GSIM_PARALLEL_MAX)
		return gsim_error(err, err_size,
				  "service time %u ns, %u calls at once; want up to %u and %u", ns,
				  parallel, GSIM_SERVICE_NS_MAX, GSIM_PARALLEL_MAX);
	sim->service.ns = ns;
	sim->service.parallel = parallel ? parallel : min_t(u32, sim->inflight, GSIM_PARALLEL_MAX);
	gsim_service_idle(sim);
	gsim_service_seed(sim, sim->seed);
	return 0;
}

size_t gsim_service_show(struct gsim *sim, char *buf, size_t size)
{
	struct gsim_text t = { buf, size, 0 };

	gsim_print(&t, "%u %u\n", sim->service.ns, sim->service.parallel);
	return t.len;
}

void gsim_service_idle(struct gsim *sim)
{
	memset(sim->service.free_ns, 0, sizeof(sim->service.free_ns));
}

/* Time at which an RPC that is taken now is served. */
static u64 gsim_served(struct gsim *sim, u64 now)
{
	struct gsim_service *s = &sim->service;
	u32 i, best = 0;

	if (!s->ns)
		return now;
	for (i = 1; i < s->parallel; i++)
		if (s->free_ns[i] < s->free_ns[best])
			best = i;
	s->free_ns[best] = max_t(u64, now, s->free_ns[best]) + s->ns / 2 +
			   gsim_rng_below(&s->rng, s->ns + 1);
	return s->free_ns[best];
}

u64 gsim_service_due(struct gsim *sim, const struct gsim_out *o, u64 now)
{
	u64 due = gsim_served(sim, now) + (u64)sim->latency_us * 1000 +
		  gsim_rng_below(&sim->jitter, sim->jitter_us * 1000 + 1);
	struct gsim_fw *fw = &sim->fw;

	if (!sim->service.ns || !sim->abi->rules->seq_echo || o->act)
		due = max_t(u64, due, fw->last_due_ns);
	fw->last_due_ns = max_t(u64, due, fw->last_due_ns);
	return due;
}
