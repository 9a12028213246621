// SPDX-License-Identifier: GPL-2.0-only
/* Percentiles and sums of histograms. */
#include "hist.h"

__u64 hist_count(const __u64 *hist)
{
	__u64 n = 0;
	int i;

	for (i = 0; i < NOVA_HIST_BUCKETS; i++)
		n += hist[i];
	return n;
}

/*
 * The time in ns that @percent of all do not exceed, -1 where there is none. Those
 * of a bucket are taken to lie evenly between its bounds.
 */
double hist_percentile(const __u64 *hist, double percent)
{
	double rank = hist_count(hist) * percent / 100, floor, width;
	__u64 before = 0;
	int i;

	for (i = 0; i < NOVA_HIST_BUCKETS; i++) {
		if (hist[i] && before + hist[i] >= rank) {
			floor = nova_hist_floor(i);
			width = nova_hist_floor(i + 1) - floor;
			return floor + width * (rank - before) / hist[i];
		}
		before += hist[i];
	}
	return -1;
}

void hist_add(__u64 *sum, const __u64 *hist)
{
	int i;

	for (i = 0; i < NOVA_HIST_BUCKETS; i++)
		sum[i] += hist[i];
}

/* What has come since @before; the maps may have been emptied meanwhile. */
void hist_sub(__u64 *hist, const __u64 *before)
{
	int i;

	for (i = 0; i < NOVA_HIST_BUCKETS; i++)
		hist[i] -= hist[i] < before[i] ? hist[i] : before[i];
}
