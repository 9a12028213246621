// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers, one stream per seed, tenant and purpose: so every policy sees
 * the same arrivals and lengths, and a tenant that is added changes no other.
 *
 * Logarithm and exponential are made of +, -, *, / and sqrt, which IEEE 754
 * defines to the last bit: libm picks its code by the processor, and two machines
 * must draw the same.
 */
#include <string.h>

#include "internal.h"

#define LN2	0.693147180559945309417
#define SQRT2	1.41421356237309504880

double exact_log(double x)
{
	double sum = 0, term, z;
	int exponent, i;

	x = frexp(x, &exponent);	/* 0.5 <= x < 1 */
	if (x < SQRT2 / 2) {
		x *= 2;
		exponent--;
	}
	/* ln x = 2 artanh z, |z| < 0.172: 11 terms are enough for a double. */
	z = (x - 1) / (x + 1);
	term = z;
	for (i = 1; i < 23; i += 2) {
		sum += term / i;
		term *= z * z;
	}
	return 2 * sum + exponent * LN2;
}

double exact_exp(double x)
{
	double n = floor(x / LN2 + 0.5), r = x - n * LN2, sum = 1, term = 1;
	int i;

	if (n > 1000 || n < -1000)
		return n > 0 ? HUGE_VAL : 0;
	for (i = 1; i < 18; i++) {	/* |r| < 0.35 */
		term *= r / i;
		sum += term;
	}
	return ldexp(sum, (int)n);
}

static uint64_t mix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint64_t hash_text(uint64_t hash, const char *s)
{
	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3ull;
	return (hash ^ 0xff) * 0x100000001b3ull;
}

void rng_seed(struct rng *rng, uint64_t seed, const char *who, const char *purpose)
{
	uint64_t state = hash_text(hash_text(0xcbf29ce484222325ull, who), purpose);
	int i;

	memset(rng, 0, sizeof(*rng));
	state ^= mix64(&seed);
	for (i = 0; i < 4; i++)
		rng->s[i] = mix64(&state);
}

static uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* xoshiro256** */
static uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->s, out = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return out;
}

double rng_unit(struct rng *rng)
{
	return ((rng_next(rng) >> 11) + 0.5) / 9007199254740992.0;
}

/* The polar method: pairs of normal numbers without sine and cosine. */
double rng_normal(struct rng *rng)
{
	double u, v, q;

	if (rng->has_spare) {
		rng->has_spare = false;
		return rng->spare;
	}
	do {
		u = 2 * rng_unit(rng) - 1;
		v = 2 * rng_unit(rng) - 1;
		q = u * u + v * v;
	} while (q >= 1 || q == 0);
	q = sqrt(-2 * exact_log(q) / q);
	rng->spare = v * q;
	rng->has_spare = true;
	return u * q;
}

double rng_exp(struct rng *rng)
{
	return -exact_log(rng_unit(rng));
}

/*
 * Mean and variance are @shape. A cubed normal number, accepted by comparison
 * with the density; below shape 1 one of shape + 1 scaled down.
 */
double rng_gamma(struct rng *rng, double shape)
{
	double boost = 1, d, c, x, v;

	if (shape < 1) {
		boost = exact_exp(exact_log(rng_unit(rng)) / shape);
		shape += 1;
	}
	d = shape - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	for (;;) {
		x = rng_normal(rng);
		v = 1 + c * x;
		if (v <= 0)
			continue;
		v = v * v * v;
		if (exact_log(rng_unit(rng)) < x * x / 2 + d - d * v + d * exact_log(v))
			return boost * d * v;
	}
}
