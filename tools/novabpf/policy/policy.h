/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling policies and RPC hooks in BPF: object files, the links that attach
 * them, and what the kernel modules say about both.
 *
 * Functions that return int print their error and return the exit status, 0 for
 * success, where not said otherwise.
 */
#ifndef NOVABPF_TOOL_POLICY_H
#define NOVABPF_TOOL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <uapi/novabpf.h>

#include "base/common.h"

#define BPFFS_DIR	"/sys/fs/bpf"
#define PIN_DIR		BPFFS_DIR "/novabpf"
#define SCHED_OPS	"nova_sched_ops"
#define RPC_OPS		"nova_rpc_ops"
#define INJECTION_PARAMETER	"/sys/module/novabpf/parameters/allow_injection"

enum ops_kind {
	OPS_SCHED,			/* a scheduling policy */
	OPS_RPC,			/* an RPC hook */
};

/* An object file that holds one policy or hook. */
struct policy_obj {
	const char *file;
	enum ops_kind kind;
	struct bpf_object *obj;
	struct bpf_map *map;		/* its struct_ops map */
	char name[NOVA_NAME_LEN];
	uint32_t gpu_id;		/* that the object asks for */
	uint32_t flags;			/* the rest is of a hook */
	uint32_t gfid;
	int32_t priority;
	char **logs;			/* of the verifier, one per program */
	size_t nr_logs;
	bool debug;
};

int policy_open(struct policy_obj *po, const char *file);
int policy_set_gpu(struct policy_obj *po, uint32_t gpu_id);
int policy_set_gfid(struct policy_obj *po, uint32_t gfid);
int policy_set_priority(struct policy_obj *po, int32_t priority);
int policy_set_var(struct policy_obj *po, const char *assignment);
int policy_load(struct policy_obj *po, bool debug);
/* fit.c: what the object wants and the loaded module lacks. */
void policy_fit(struct policy_obj *po);
int policy_misfit(const struct policy_obj *po);
int policy_misfit_kfunc(const struct policy_obj *po, const char *prog, const char *log);
void policy_close(struct policy_obj *po);

/* Kinds of types as BTF has them, without const, volatile and typedef. */
const struct btf_type *btf_plain_type(const struct btf *btf, uint32_t id);
const struct btf_member *btf_member_find(const struct btf *btf, const struct btf_type *t,
					 const char *name);
/* First warning of libbpf since libbpf_forget(), without its prefix; NULL for none. */
const char *libbpf_warning(void);
void libbpf_forget(void);
void libbpf_listen(void);

/* A link of a struct_ops type that the module defines. */
struct ops_link {
	uint32_t id;
	uint32_t map_id;		/* 0: the policy was ejected or detached */
	char type[32];			/* "" when map_id is 0 */
	char name[NOVA_NAME_LEN];
	uint32_t gpu_id;
	uint32_t progs[16];		/* ids of its programs */
	size_t nr_progs;
	char *path;			/* where it is pinned, NULL for nowhere */
};

struct ops_links {
	struct ops_link *l;
	size_t nr;
};

int links_find(struct ops_links *links);
const struct ops_link *links_sched(const struct ops_links *links, uint32_t gpu_id);
const struct ops_link *links_hook(const struct ops_links *links, uint32_t gpu_id,
				  const char *name);
/* " (link 5, pinned at ...)", to be freed; "" for no link. */
char *link_where(const struct ops_link *link);
void links_free(struct ops_links *links);

/* Pin of the hook @hook, or of the policy where that is NULL. */
char *pin_path(uint32_t gpu_id, const char *hook);
int pin_check(void);
int pin_link(int link_fd, uint32_t gpu_id, const char *hook);
bool pin_remove(uint32_t gpu_id, const char *hook);
/* Make, and remove where empty, the folder for the pins of hooks. */
int pin_make_dirs(uint32_t gpu_id, bool hooks);
void pin_remove_dirs(uint32_t gpu_id);

/* How to attach; @vars are VAR=VALUE. */
struct attach_how {
	const char *file;
	const char *gpu;		/* NULL: as the object says */
	const char *const *vars;
	size_t nr_vars;
	const char *gfid;		/* NULL: as the object says */
	const char *priority;		/* NULL: the same */
	bool replace;
	bool no_pin;
	bool debug;
	bool sched_only;		/* no hooks */
	/* Called once it is loaded and may be attached; 0 or an exit status. */
	int (*loaded)(const struct policy_obj *po);
};

/* What came of it. The link ends with link_fd where it is not pinned. */
struct attached {
	enum ops_kind kind;
	uint32_t gpu_id;
	uint32_t link_id;
	uint32_t map_id;
	int link_fd;
	char name[NOVA_NAME_LEN];
	char before[NOVA_NAME_LEN];	/* policy that it replaced, "" for none */
	char *path;			/* pin, NULL for none */
};

int policy_attach(const struct attach_how *how, struct attached *at);
void attached_close(struct attached *at);

/* sched/NAME of a GPU */
static inline char *sched_attr(uint32_t gpu_id, const char *name)
{
	return gpu_attr("gpu%u/sched/%s", gpu_id, name);
}

static inline uint64_t sched_number(uint32_t gpu_id, const char *name)
{
	return gpu_number("gpu%u/sched/%s", gpu_id, name);
}

/* "REASON: MSG" of the last policy that ended. */
char *exit_text(uint32_t gpu_id);
bool policy_runs(uint32_t gpu_id);

/* What a vGPU has had of the engines. */
struct vgpu_share {
	uint32_t gfid;
	char *name;
	char *state;
	uint64_t weight, runs, run_ns, wait_ns, wait_max_ns;
};

struct vgpu_shares {
	struct vgpu_share *t;		/* by gfid */
	size_t nr;
	uint64_t run_ns;		/* of all */
};

void shares_read(uint32_t gpu_id, struct vgpu_shares *all);
void shares_free(struct vgpu_shares *all);

/* runlists.c: of a GPU: as an array, as text, and what does not work, NULL for nothing. */
struct json_object *runlists_json(uint32_t gpu_id);
void runlists_print(uint32_t gpu_id);
char *runlists_trouble(uint32_t gpu_id);
/* 0 where it is missing. */
uint64_t attrs_number(const struct attrs *attrs, const char *name);

int gpu_by_name(const char *want, uint32_t *gpu_id);

/* A line of rpc/hooks of a GPU: columns by name, as the module prints them. */
struct hook {
	char *text;
	const char *name;
	const char **value;
};

struct hooks {
	bool known;			/* the module has such a file */
	char *head;
	const char **column;
	size_t nr_columns;
	struct hook *h;
	size_t nr;
};

void hooks_read(uint32_t gpu_id, struct hooks *hooks);
const struct hook *hooks_find(const struct hooks *hooks, const char *name);
struct json_object *hook_json(const struct hooks *hooks, const struct hook *hook);
void hooks_free(struct hooks *hooks);
bool hook_runs(uint32_t gpu_id, const char *name);
bool hooks_allow_injection(void);
/* What stands against attaching this hook. */
int hook_check(const struct policy_obj *po, bool replace);
int hook_detach(uint32_t gpu_id, const char *name);
void hooks_print(void);

/* The policy or hook behind @link is gone afterwards. Return: 0 or -errno. */
int detach_link(const struct ops_link *link);
int no_links(int err);

/* What this machine lets us do. */
#define CAP_SYS_ADMIN_BIT	21

bool parse_version(const char *s, unsigned long *major, unsigned long *minor);
bool machine_has_struct_ops(const struct btf *vmlinux, const char *release);
uint64_t machine_caps(void);

int cmd_attach(const struct call *call);
int cmd_replace(const struct call *call);
int cmd_detach(const struct call *call);
int cmd_list(const struct call *call);
int cmd_status(const struct call *call);
int cmd_sched_show(const struct call *call);
int cmd_sched_set(const struct call *call);
int cmd_sched_reset(const struct call *call);

#endif /* NOVABPF_TOOL_POLICY_H */
