// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that look at the device, its framebuffer, and what a reset makes of them.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>

#include "command.h"

int cmd_list(struct args *a)
{
	struct ng_address bdf[16];
	int n = ng_find(bdf, 16), i;

	(void)a;
	if (n < 0)
		return failed();
	printf("{\"command\":\"list\",\"devices\":[");
	for (i = 0; i < n && i < 16; i++)
		printf("%s\"%s\"", i ? "," : "", bdf[i].name);
	printf("]}\n");
	return 0;
}

int cmd_info(struct args *a)
{
	struct ng_dev *g = ng_open(a->device);
	struct ng_info info;
	uint32_t i;

	if (!g || ng_get_info(g, &info)) {
		ng_close(g);
		return failed();
	}
	printf("{\"command\":\"info\",\"device\":\"%s\",\"driver\":\"%s\",\"type_id\":%u,",
	       info.bdf, info.driver, info.type_id);
	printf("\"version\":%u,\"ready\":%s,\"lost\":%s,", info.version,
	       info.status & NOVA_GUEST_STATUS_READY ? "true" : "false",
	       info.status & NOVA_GUEST_STATUS_LOST ? "true" : "false");
	printf("\"regs_bytes\":%" PRIu64 ",\"fb_bar_bytes\":%" PRIu64 ",\"fb_bytes\":%" PRIu64,
	       info.regs_bytes, info.fb_bar_bytes, info.fb_bytes);
	printf(",\"engines\":[");
	for (i = 0; i < info.channels; i++)
		printf("%s%u", i ? "," : "", info.engine[i]);
	printf("]}\n");
	ng_close(g);
	return 0;
}

/* Neighbouring words, and those of other seeds, differ. */
static uint64_t pattern(uint64_t seed, uint64_t i)
{
	return (seed << 32 | seed) ^ i * 0x9e3779b97f4a7c15ULL;
}

static void fill(volatile uint64_t *fb, uint64_t words, uint64_t seed)
{
	uint64_t i;

	for (i = 0; i < words; i++)
		fb[i] = pattern(seed, i);
}

/* Return: how many words are not what they should be; @seed 0: zero. */
static uint64_t compare(const volatile uint64_t *fb, uint64_t words, uint64_t seed)
{
	uint64_t i, wrong = 0;

	for (i = 0; i < words; i++)
		wrong += fb[i] != (seed ? pattern(seed, i) : 0);
	return wrong;
}

static int too_much(uint64_t bytes, uint64_t size)
{
	fprintf(stderr, "novaguest: --bytes %" PRIu64 ": the window has %" PRIu64 "\n", bytes,
		size);
	return 1;
}

static double rate(uint64_t bytes, uint64_t ns)
{
	return ns ? bytes * 1e3 / ns : 0;
}

int cmd_fb(struct args *a)
{
	uint64_t size, words = a->bytes / 8, write_ns = 0, read_ns, from, wrong;
	struct ng_dev *g = ng_open(a->device);
	volatile uint64_t *fb = g ? ng_fb(g, &size) : NULL;

	if (!fb) {
		ng_close(g);
		return failed();
	}
	if (a->bytes > size) {
		ng_close(g);
		return too_much(a->bytes, size);
	}
	from = ng_now_ns();
	if (!a->check && !a->zero) {
		fill(fb, words, a->seed);
		/* The end of the window is another page table. */
		fb[size / 8 - 1] = pattern(a->seed, size / 8 - 1);
		write_ns = ng_now_ns() - from;
	}
	from = ng_now_ns();
	wrong = compare(fb, words, a->zero ? 0 : a->seed);
	read_ns = ng_now_ns() - from;
	wrong += fb[size / 8 - 1] != (a->zero ? 0 : pattern(a->seed, size / 8 - 1));
	printf("{\"command\":\"fb\",\"bytes\":%" PRIu64 ",\"window_bytes\":%" PRIu64
	       ",\"wrong_words\":%" PRIu64 ",\"read_mb_s\":%.1f", words * 8, size, wrong,
	       rate(words * 8, read_ns));
	if (write_ns)
		printf(",\"write_mb_s\":%.1f", rate(words * 8, write_ns));
	printf("}\n");
	ng_close(g);
	if (wrong)
		fprintf(stderr, "novaguest: %" PRIu64 " words are wrong\n", wrong);
	return wrong ? 1 : 0;
}

static struct ng_channel *begin(struct ng_dev *g, const struct args *a, uint64_t items)
{
	struct ng_channel *c = ng_channel_open(g, a->channel, a->entries);

	while (c && items-- && ng_put(c, a->length_us * 1000))
		;
	if (c)
		ng_ring(c);
	return c;
}

/* What of the device is not as new */
static const char *as_new(struct ng_dev *g, const struct args *a, volatile uint64_t *fb)
{
	uint32_t at = NOVA_GUEST_CHANNEL(a->channel);

	if (ng_read(g, at + NOVA_GUEST_CHANNEL_STATE) != NOVA_GUEST_OFF)
		return "the channel is not off";
	if (ng_read(g, at + NOVA_GUEST_RING_LO) || ng_read(g, at + NOVA_GUEST_CHANNEL_DONE))
		return "registers of the channel are not 0";
	if (ng_read(g, NOVA_GUEST_INTR_ENABLE) || ng_read(g, NOVA_GUEST_INTR_STATUS))
		return "interrupts are not off";
	return compare(fb, 4096, 0) ? "the framebuffer is not zero" : NULL;
}

int cmd_reset(struct args *a)
{
	struct ng_dev *g = ng_open(a->device);
	uint64_t size, from, reset_ns = 0, under_way = 0;
	volatile uint64_t *fb = g ? ng_fb(g, &size) : NULL;
	struct ng_channel *c = NULL;
	const char *wrong = NULL;
	int err;

	if (fb) {
		fill(fb, 4096, a->seed);
		c = begin(g, a, a->entries);
	}
	if (c) {
		under_way = ng_put_count(c) - ng_done(c);
		from = ng_now_ns();
		/* The channel is gone with it. */
		err = ng_reset(g);
		reset_ns = ng_now_ns() - from;
		wrong = err ? NULL : as_new(g, a, fb);
		c = err ? NULL : begin(g, a, 10);
	}
	if (!c || ng_wait(c, ng_put_count(c), (int)a->timeout_ms)) {
		failed();
		ng_close(g);
		return 1;
	}
	if (wrong)
		fprintf(stderr, "novaguest: after the reset, %s\n", wrong);
	else
		printf("{\"command\":\"reset\",\"under_way\":%d,\"reset_ms\":%.1f,\"done\":%d}\n",
		       (int)under_way, reset_ns / 1e6, (int)ng_done(c));
	ng_close(g);
	return wrong ? 1 : 0;
}
