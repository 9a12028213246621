/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls and events as they happen, with payloads: the BPF program bpf/trace/record.bpf.c
 * and who follows it. And the form they have in a file.
 */
#ifndef NOVABPF_TOOL_TAP_H
#define NOVABPF_TOOL_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include <novabpf/capture.h>

struct nova_abi;
struct call;

#define TAP_ALL_GPUS	UINT32_MAX
#define TAP_SECONDS_MAX	86400

/* Bytes of the RPC header, which stands between pseudo-header and payload in a file. */
#define TAP_RPC_BYTES	32

/* Called for every record, its release filled in. Return: 0, or a status to end with. */
typedef int (*tap_fn)(void *arg, const struct nova_capture *c, const void *payload);

struct tap {
	uint32_t gpu;		/* or TAP_ALL_GPUS */
	uint32_t payload_max;
	double seconds;		/* 0: until a signal */
	char *const *argv;	/* command to run meanwhile, or NULL */
	tap_fn fn;
	void *arg;
	uint64_t lost;		/* out: for which the kernel had no room */
	int command_status;	/* out */
};

/*
 * What record and trace rpc have in common: --gpu, --seconds, a command after "--".
 * With @from the GPU is one of a recording.
 */
int tap_parse(const struct call *call, struct tap *t, int plain_args, const char *from);
/* Return: 0, or the exit status after an error message. */
int tap_run(struct tap *t);

/* tap_file.c. The RPC header as it is on the wire of the release. */
int tap_rpc_header(const struct nova_abi *abi, const struct nova_capture *c, uint8_t *header);

/* A record of a file, checked. */
struct tap_record {
	struct nova_capture c;
	const uint8_t *payload;	/* c.payload_bytes */
	uint64_t number;	/* of the packet */
};

/* Return: NULL, or what is wrong with it. */
const char *tap_take(const void *data, uint32_t len, struct tap_record *r);

/*
 * tap_read.c: calls @fn for each record of a file in memory, until it returns a status.
 * Return: 0, that status, or one after an error message.
 */
typedef int (*tap_record_fn)(void *arg, const struct tap_record *r);
int tap_each(const char *file, const void *data, size_t len, tap_record_fn fn, void *arg);
/* The file; NULL after an error message. */
char *tap_load(const char *file, size_t *len);

const char *tap_kind_name(uint32_t kind);

int cmd_record(const struct call *call);
int cmd_replay(const struct call *call);
int cmd_trace_rpc(const struct call *call);

#endif /* NOVABPF_TOOL_TAP_H */
