/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling settings of a vGPU, and limits. Pure.
 */
#ifndef NOVABPF_SCHED_CONFIG_H
#define NOVABPF_SCHED_CONFIG_H

#include <novabpf/driver/portable.h>

/* Engines per GPU that software schedules at most. */
#define NOVA_RUNLISTS_MAX	4
/* Channel groups of a vGPU per engine. */
#define NOVA_VGPU_TSGS_MAX	8

/**
 * struct nova_vgpu_config - what the administrator may change at any time
 * @weight: see struct nova_sched_vgpu
 * @cap_pct: the same
 * @priority: the same
 * @period_us: the same
 * @budget_us: the same
 */
struct nova_vgpu_config {
	u32 weight;
	u32 cap_pct;
	u32 priority;
	u32 period_us;
	u32 budget_us;
};

#endif /* NOVABPF_SCHED_CONFIG_H */
