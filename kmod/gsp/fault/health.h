/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heartbeats: what the two counters of a firmware that has them say of it. Pure.
 */
#ifndef NOVABPF_GSP_HEALTH_H
#define NOVABPF_GSP_HEALTH_H

#include <novabpf/driver/portable.h>

/* A heart that has not beaten for so long has stopped: 1.3 times 4 s. */
#define NOVA_HEARTBEAT_MAX_NS	5200000000ULL

/**
 * enum nova_health_verdict - which part of the firmware is to blame
 * @NOVA_HEALTH_UNKNOWN: no heartbeats, or they never moved
 * @NOVA_HEALTH_SLOW: both heartbeats advance
 * @NOVA_HEALTH_RM_DEAD: that of GSP-RM stopped, that of its operating system did not
 * @NOVA_HEALTH_CORE_DEAD: that of the operating system stopped
 * @NOVA_HEALTH_GONE: no register answers, so heartbeats cannot be read
 */
enum nova_health_verdict {
	NOVA_HEALTH_UNKNOWN,
	NOVA_HEALTH_SLOW,
	NOVA_HEALTH_RM_DEAD,
	NOVA_HEALTH_CORE_DEAD,
	NOVA_HEALTH_GONE,
};

/**
 * struct nova_beat - one counter
 * @last: its value
 * @moved_ns: when that was first seen
 * @moves: it was seen to change
 */
struct nova_beat {
	u32 last;
	u64 moved_ns;
	bool moves;
};

struct nova_health {
	struct nova_beat rm;
	struct nova_beat core;
};

/**
 * nova_health_look() - note what the counters say now
 * @h: zeroed when the firmware boots
 * @rm: counter of GSP-RM
 * @core: counter of its operating system
 * @now_ns: now
 *
 * A counter at 0 does not count: it is so before the first beat, and some firmware
 * leaves it so after a suspend. It has to be seen moving again before its silence
 * means anything.
 */
void nova_health_look(struct nova_health *h, u32 rm, u32 core, u64 now_ns);
enum nova_health_verdict nova_health_verdict(const struct nova_health *h, u64 now_ns);
/* A few words; empty where nothing is known. */
const char *nova_health_text(enum nova_health_verdict v);

#endif /* NOVABPF_GSP_HEALTH_H */
