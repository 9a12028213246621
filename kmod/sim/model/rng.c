// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seeded random stream (xorshift64*): the same seed gives the same faults and
 * latencies in the kernel and in a unit test.
 */
#include "internal.h"

#define NSIM_STREAM_JITTER	0x6a69747465720000ULL
#define NSIM_STREAM_PREEMPT	0x707265656d707400ULL

void nsim_rng_seed(struct nsim_rng *r, u64 seed)
{
	/* Zero is the one state the generator never leaves. */
	r->s = (seed ^ 0x9e3779b97f4a7c15ULL) ? seed ^ 0x9e3779b97f4a7c15ULL : 1;
	nsim_rng_next(r);
	nsim_rng_next(r);
}

u64 nsim_rng_next(struct nsim_rng *r)
{
	u64 s = r->s;

	s ^= s >> 12;
	s ^= s << 25;
	s ^= s >> 27;
	r->s = s;
	return s * 0x2545f4914f6cdd1dULL;
}

/* Streams of their own, so that one reply more or less shifts no other of them. */
void nsim_streams_seed(struct nsim *sim, u64 seed)
{
	nsim_rng_seed(&sim->jitter, seed ^ NSIM_STREAM_JITTER);
	nsim_service_seed(sim, seed);
	nsim_rng_seed(&sim->eng.rng, seed ^ NSIM_STREAM_PREEMPT);
}

u32 nsim_rng_below(struct nsim_rng *r, u32 n)
{
	return (u32)(((nsim_rng_next(r) >> 32) * n) >> 32);
}

bool nsim_rng_ppm(struct nsim_rng *r, u32 ppm)
{
	return ppm && nsim_rng_below(r, 1000000) < ppm;
}
