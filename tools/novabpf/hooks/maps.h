/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps and variables of an RPC hook that is attached. They are found by way of
 * its programs, so it does not matter who attached it and whether it is pinned.
 */
#ifndef NOVABPF_TOOL_HOOK_MAPS_H
#define NOVABPF_TOOL_HOOK_MAPS_H

#include <novabpf/format/filters.h>

#include "policy/policy.h"

struct hook_maps {
	uint32_t gpu_id;
	char name[NOVA_NAME_LEN];	/* of the hook */
	const char *program;		/* that it comes from */
	uint32_t *ids;
	size_t nr;
};

/*
 * The hook on a GPU that has a map called @map: on the one that the first argument
 * names, or on the only one that has it.
 */
int hook_maps_find(const struct call *call, const char *map, const char *program,
		   struct hook_maps *h);
/* The same, with that map opened. */
int hook_open(const struct call *call, const char *map, const char *program, struct hook_maps *h,
	      int *fd, size_t key_size, size_t value_size);
/* Passes to @take what a ring buffer holds, once. */
int hook_events(const struct hook_maps *h, int fd, ring_buffer_sample_fn take, void *ctx);
void hook_maps_free(struct hook_maps *h);
/* A map of it, to be closed. Prints an error; -1. */
int hook_map(const struct hook_maps *h, const char *name, size_t key_size, size_t value_size);
/* A global variable, 0 where it has none of that name. */
uint64_t hook_variable(const struct hook_maps *h, const char *name);

/* For qsort(): two struct nova_call_key, or what begins with one. */
int call_key_order(const void *a, const void *b);

/* "host", "any" or a number. */
int gfid_parse(const char *word, uint32_t *gfid);
char *gfid_text(uint32_t gfid);
/* Function, number and name of the control of an RPC; @rest names a key of any function. */
void json_add_call(struct json_object *obj, uint32_t op, uint32_t cmd);
void table_add_call(struct table *t, const struct nova_call_key *key, const char *rest);

#endif /* NOVABPF_TOOL_HOOK_MAPS_H */
