// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seeded random stream (xorshift64*): the same seed gives the same faults and
 * latencies in the kernel and in a unit test.
 */
#include "internal.h"

#define GSIM_STREAM_JITTER	0x6a69747465720000ULL
#define GSIM_STREAM_PREEMPT	0x707265656d707400ULL

void gsim_rng_seed(struct gsim_rng *r, u64 seed)
{
	/* Zero is the one state the generator never leaves. */
	r->s = (seed ^ 0x9e3779b97f4a7c15ULL) ? seed ^ 0x9e3779b97f4a7c15ULL : 1;
	gsim_rng_next(r);
	gsim_rng_next(r);
}

u64 gsim_rng_next(struct gsim_rng *r)
{
	u64 s = r->s;

	s ^= s >> 12;
	s ^= s << 25;
	s ^= s >> 27;
	r->s = s;
	return s * 0x2545f4914f6cdd1dULL;
}

/* Separate streams, so that an additional reply does not shift the others. */
void gsim_streams_seed(struct gsim *sim, u64 seed)
{
	gsim_rng_seed(&sim->jitter, seed ^ GSIM_STREAM_JITTER);
	gsim_service_seed(sim, seed);
	gsim_rng_seed(&sim->eng.rng, seed ^ GSIM_STREAM_PREEMPT);
}

u32 gsim_rng_below(struct gsim_rng *r, u32 n)
{
	return (u32)(((gsim_rng_next(r) >> 32) * n) >> 32);
}

bool gsim_rng_ppm(struct gsim_rng *r, u32 ppm)
{
	return ppm && gsim_rng_below(r, 1000000) < ppm;
}
