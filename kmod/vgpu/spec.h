/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The administrator's request: the line written to vgpu_create, and the settings of a
 * vGPU. Pure.
 */
#ifndef NOVABPF_VGPU_SPEC_H
#define NOVABPF_VGPU_SPEC_H

#include "../sched/config.h"
#include "types.h"

#define NOVA_VGPU_NAME_LEN	32
#define NOVA_PERIOD_US_MAX	10000000

/**
 * struct nova_vgpu_spec - a vGPU to be created
 * @type: name of its type
 * @name: its name, empty for "vgpuG"
 * @gfid: number of its virtual function, 0 for the lowest free one
 * @tsgs: channel groups per engine
 * @vm_pid: process of the virtual machine, 0 for none
 * @config: settings
 */
struct nova_vgpu_spec {
	char type[NOVA_VGPU_TYPE_NAME_LEN];
	char name[NOVA_VGPU_NAME_LEN];
	u32 gfid;
	u32 tsgs;
	u32 vm_pid;
	struct nova_vgpu_config config;
};

/**
 * nova_vgpu_config_check() - whether settings make sense
 * @c: settings
 *
 * Return: NULL, or what is wrong with them, in words.
 */
const char *nova_vgpu_config_check(const struct nova_vgpu_config *c);

/**
 * nova_vgpu_parse() - take "type=NAME [KEY=VALUE...]" apart
 * @line: text, with or without a line break at its end
 * @spec: filled in on success; what is not said has its default
 * @err: what is wrong, one line, on failure
 * @size: bytes of @err
 *
 * Return: 0 or -EINVAL.
 */
int nova_vgpu_parse(const char *line, struct nova_vgpu_spec *spec, char *err, size_t size);

#endif /* NOVABPF_VGPU_SPEC_H */
