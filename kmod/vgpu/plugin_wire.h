/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages between the host and the plugin task of a vGPU. Pure. Where they lie is
 * told by novabpf/driver/plugin.h; the task is firmware, and nothing that it writes is taken
 * for granted.
 */
#ifndef NOVABPF_VGPU_PLUGIN_WIRE_H
#define NOVABPF_VGPU_PLUGIN_WIRE_H

#include <novabpf/driver/abi.h>
#include <novabpf/driver/plugin.h>

struct nova_plugin_setup;

/**
 * struct nova_plugin_family - how the tasks of some releases are talked to
 * @major: first release of the family
 * @comm_version: version word of the control area
 * @rpc_min: oldest version of the requests that is spoken
 * @rpc_max: newest
 * @fill_setup: writes the payload of SETUP, returns its length or -errno
 */
struct nova_plugin_family {
	u32 major;
	u32 comm_version;
	u32 rpc_min;
	u32 rpc_max;
	int (*fill_setup)(const struct nova_plugin_setup *s, void *buf, size_t len);
};

/**
 * struct nova_plugin_setup - a vGPU as its task gets it
 * @dbdf: PCI address of the function, 0 where there is none
 * @type: type
 * @vm_pid: process of the virtual machine, 0 for none
 * @channels: channel ids of each runlist
 * @plugin_channels: of these, for the task itself
 * @cpu_arch: NOVA_SETUP_CPU_*
 * @page_bytes: page size of the host
 */
struct nova_plugin_setup {
	u32 dbdf;
	u32 type;
	u32 vm_pid;
	u32 channels;
	u32 plugin_channels;
	u32 cpu_arch;
	u32 page_bytes;
};

/**
 * struct nova_plugin_answer - what the response area says
 * @received: request that was seen
 * @processed: request that was done
 * @result: how it went
 */
struct nova_plugin_answer {
	u32 received;
	u32 processed;
	u32 result;
};

const struct nova_plugin_family *nova_plugin_family(const struct nova_abi *abi);

/* "SETUP" and so on; never NULL. */
const char *nova_plugin_rpc_name(u32 type);

/* The number of the next request; 0 is none. */
u32 nova_plugin_next_seq(u32 seq);

/* The control area but for its version word; @buf has NOVA_COMM_CTL_BYTES. */
void nova_plugin_fill_control(void *buf);

/* Payload of VERSION; its length or -EMSGSIZE. */
int nova_plugin_fill_version(const struct nova_plugin_family *f, void *buf, size_t len);

/* The version that the task chose: 0, -EMSGSIZE, or -EPROTO where it may not. */
int nova_plugin_chosen(const struct nova_plugin_family *f, const void *buf, size_t len,
		       u32 *version);

/**
 * nova_plugin_check() - the response area once it has changed
 * @buf: its start
 * @len: bytes, at least NOVA_COMM_RSP_BYTES
 * @seq: request that is out
 * @a: filled in unless @len is short
 *
 * Return: 0 where the request was done, whatever @a->result says; -EBADMSG where the
 * area speaks of another request; -EMSGSIZE.
 */
int nova_plugin_check(const void *buf, size_t len, u32 seq, struct nova_plugin_answer *a);

#endif /* NOVABPF_VGPU_PLUGIN_WIRE_H */
