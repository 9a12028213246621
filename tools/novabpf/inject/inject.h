/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection on a GPU: the hook, its maps, and the rules in them.
 *
 * Functions that return int print their error and return the exit status, 0 for
 * success, where not said otherwise.
 */
#ifndef NOVABPF_TOOL_INJECT_H
#define NOVABPF_TOOL_INJECT_H

#include "rule.h"
#include "policy/policy.h"

/* The rules of a GPU, locked against other runs of the tool. */
struct inject {
	uint32_t gpu_id;
	int lock;
	int fd[5];			/* maps: rules, state, index, count, once */
	struct nova_inject_rule *rules;
	struct nova_inject_state *state;
	struct nova_inject_count *count;
	bool fresh;			/* the hook was attached by inject_open() */
};

/* @create: attach the hook where it is not. Without it: rules is NULL then. */
int inject_open(struct inject *in, uint32_t gpu_id, bool create);
void inject_close(struct inject *in);
/* Return: its id, 0 after an error. */
uint32_t inject_insert(struct inject *in, const struct nova_inject_rule *rule);
struct nova_inject_rule *inject_find(const struct inject *in, uint32_t id);
void inject_remove(struct inject *in, struct nova_inject_rule *rule);
size_t inject_count(const struct inject *in);
/* Detach the hook and remove its maps. */
int inject_detach(uint32_t gpu_id);
/* Let go what @what ("all" or an id) holds. Return: 0 or -errno; prints nothing. */
int inject_release(uint32_t gpu_id, const char *what);

/* The GPU of --gpu, or the only one. */
int inject_gpu(const struct call *call, uint32_t *gpu_id);
void inject_env(uint32_t gpu_id, struct rule_env *env);
/* A fault of the simulator's, at once. */
int inject_firmware(uint32_t gpu_id, const char *fault);
/* What is printed of a rule that was added; @id is 0 for a fault of the simulator's. */
struct json_object *inject_added_json(uint32_t gpu_id, uint32_t id, const struct rule *rule);
/* All rules of a file or profile, or none. */
int inject_add_file(uint32_t gpu_id, const char *name);

#endif /* NOVABPF_TOOL_INJECT_H */
