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

#include <novabpf/format/capture.h>

struct nova_abi;
struct call;

#define TAP_ALL_GPUS	UINT32_MAX
#define TAP_SECONDS_MAX	86400

/* Bytes of the RPC header, which stands between pseudo-header and payload in a file. */
#define TAP_RPC_BYTES	32

/* A record, checked. */
struct tap_record {
	struct nova_capture c;
	const uint8_t *payload;	/* c.payload_bytes */
	uint64_t number;	/* of the packet in a file */
	bool cut;		/* somebody shortened the packet */
	bool head_cut;		/* so far that the record says no more than time_ns */
};

/* Called for every record. Return: 0, or a status to end with. */
typedef int (*tap_fn)(void *arg, const struct tap_record *r);

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

/* format.c. The RPC header as it is on the wire of the release. */
int tap_rpc_header(const struct nova_abi *abi, const struct nova_capture *c, uint8_t *header);

enum tap_verdict {
	TAP_GOOD,
	TAP_FOREIGN,		/* no record of ours */
	TAP_SHORT,		/* shortened so far that nothing can be told of it */
	TAP_BAD,
};

/* A packet of @len bytes, of what were @orig_len. @why: what is wrong with a bad one. */
enum tap_verdict tap_take(const void *data, uint32_t len, uint32_t orig_len,
			  struct tap_record *r, const char **why);

struct tap_piece;

/* read.c: a file in memory, unpacked, with what was seen in it. */
struct tap_file {
	const char *name;
	char *data;
	size_t len;
	struct tap_piece *pieces;	/* by GPU, call, kind and place */
	size_t nr_pieces;
	uint64_t records;
	uint64_t cut;		/* records whose packet was shortened */
	uint64_t unknown;	/* shortened so far that nothing can be told of them */
	uint64_t foreign;
	char damage[160];	/* why there is no more of it, or "" */
};

/* Return: 0, or an exit status after an error message; tap_close() in every case. */
int tap_open(struct tap_file *f, const char *name);
/*
 * Calls @fn for each record, payloads put together, until it returns a status. They
 * stay until tap_close(). Return: 0, that status, or one after an error message.
 */
int tap_each(struct tap_file *f, tap_fn fn, void *arg);
/* One line for each thing that is missing from the file. */
void tap_tell(const struct tap_file *f);
void tap_close(struct tap_file *f);

const char *tap_kind_name(uint32_t kind);

int cmd_record(const struct call *call);
int cmd_replay(const struct call *call);

#endif /* NOVABPF_TOOL_TAP_H */
