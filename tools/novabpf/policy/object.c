// SPDX-License-Identifier: GPL-2.0-only
/*
 * Object files that hold a policy or a hook: is it one, does it say what the module
 * needs, and why the kernel refuses it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define LOG_BYTES	0x100000u
#define LOG_BYTES_DEBUG	0x1000000u
#define LOG_LINES	20

static struct text warning;

/* libbpf says most first; what follows tells which of its callers failed too. */
static int keep_first(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *line;

	if (level != LIBBPF_WARN || warning.s || vasprintf(&line, fmt, ap) < 0)
		return 0;
	line[strcspn(line, "\n")] = '\0';
	text_add(&warning, "%s", line + (!strncmp(line, "libbpf: ", 8) ? 8 : 0));
	free(line);
	return 0;
}

void libbpf_forget(void)
{
	free(warning.s);
	memset(&warning, 0, sizeof(warning));
}

void libbpf_listen(void)
{
	libbpf_forget();
	libbpf_set_print(keep_first);
}

const char *libbpf_warning(void)
{
	return warning.s;
}

const struct btf_type *btf_plain_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

const struct btf_member *btf_member_find(const struct btf *btf, const struct btf_type *t,
					 const char *name)
{
	const struct btf_member *m = btf_members(t);
	int i;

	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return &m[i];
	return NULL;
}

/* Where the object keeps member @name of its policy, NULL where its type has none. */
static void *ops_member(const struct policy_obj *po, const char *name, size_t size)
{
	const struct btf *btf = bpf_object__btf(po->obj);
	const struct btf_type *t = btf_plain_type(btf, bpf_map__btf_value_type_id(po->map));
	const struct btf_member *m = t ? btf_member_find(btf, t, name) : NULL;
	size_t bytes = 0;
	char *data = bpf_map__initial_value(po->map, &bytes);

	if (!m || !data || m->offset / 8 + size > bytes)
		return NULL;
	return data + m->offset / 8;
}

static uint32_t ops_u32(const struct policy_obj *po, const char *name)
{
	uint32_t *val = ops_member(po, name, sizeof(*val));

	return val ? *val : 0;
}

static int open_failed(const char *file, int err)
{
	if (err == ENOENT || err == EACCES || err == EPERM || err == EISDIR)
		return fail("cannot open %s: %s", file, strerror(err));
	if (libbpf_warning() && strstr(libbpf_warning(), "BTF is required"))
		return fail("%s has no BTF; compile it with: clang -target bpf -O2 -g -c", file);
	if (err == LIBBPF_ERRNO__FORMAT || err == LIBBPF_ERRNO__LIBELF ||
	    err == LIBBPF_ERRNO__ENDIAN)
		return fail("%s is not a BPF object; make one with: clang -target bpf -O2 -g -c",
			    file);
	return fail("cannot read the BPF object %s: %s", file,
		    libbpf_warning() ? libbpf_warning() : strerror(err));
}

static int find_ops_map(struct policy_obj *po)
{
	struct text names = { 0 };
	struct bpf_map *map;
	int nr = 0, ret = 0;

	bpf_object__for_each_map(map, po->obj) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		text_add(&names, "%s%s", nr++ ? ", " : "", bpf_map__name(map));
		po->map = map;
	}
	if (!nr)
		ret = fail("%s has no policy and no hook: it needs one struct " SCHED_OPS
			   " or " RPC_OPS " in SEC(\".struct_ops.link\")", po->file);
	else if (nr > 1)
		ret = fail("%s has %d struct_ops maps (%s); put each into an object of its own",
			   po->file, nr, names.s);
	free(names.s);
	return ret;
}

/* What follows "___" marks a version of the type and is no part of its name. */
static bool is_type(const char *type, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(type, name, len) && (!type[len] || !strncmp(type + len, "___", 3));
}

static int check_ops_type(struct policy_obj *po)
{
	const struct btf *btf = bpf_object__btf(po->obj);
	const struct btf_type *t = btf_plain_type(btf, bpf_map__btf_value_type_id(po->map));
	const char *type = t ? btf__name_by_offset(btf, t->name_off) : "?";

	po->kind = is_type(type, RPC_OPS) ? OPS_RPC : OPS_SCHED;
	if (po->kind == OPS_SCHED && !is_type(type, SCHED_OPS))
		return fail("%s: '%s' is a struct %s; a scheduling policy is a struct " SCHED_OPS
			    ", a hook a struct " RPC_OPS, po->file, bpf_map__name(po->map), type);
	if (!(bpf_map__map_flags(po->map) & BPF_F_LINK))
		return fail("%s: '%s' has no link; put it into SEC(\".struct_ops.link\")",
			    po->file, bpf_map__name(po->map));
	return 0;
}

static bool good_slice(uint32_t us)
{
	return !us || (us * 1000ull >= NOVA_SLICE_MIN_NS && us * 1000ull <= NOVA_SLICE_MAX_NS);
}

static int check_sched_values(const struct policy_obj *po)
{
	const char *map = bpf_map__name(po->map);

	if (ops_u32(po, "flags"))
		return fail("%s: .flags of '%s' is 0x%x; no flags are known, set 0", po->file, map,
			    ops_u32(po, "flags"));
	if (ops_u32(po, "timeout_ms") > NOVA_SCHED_TIMEOUT_MAX_MS)
		return fail("%s: .timeout_ms of '%s' is %u; it may be 0 to %u", po->file, map,
			    ops_u32(po, "timeout_ms"), NOVA_SCHED_TIMEOUT_MAX_MS);
	if (!good_slice(ops_u32(po, "slice_us")))
		return fail("%s: .slice_us of '%s' is %u; it may be 0, or %llu to %llu", po->file,
			    map, ops_u32(po, "slice_us"), NOVA_SLICE_MIN_NS / 1000,
			    NOVA_SLICE_MAX_NS / 1000);
	return 0;
}

static int check_rpc_values(struct policy_obj *po)
{
	const uint32_t known = NOVA_RPC_F_INJECT | NOVA_RPC_F_GFID;
	const char *map = bpf_map__name(po->map);

	po->flags = ops_u32(po, "flags");
	po->gfid = ops_u32(po, "gfid");
	po->priority = (int32_t)ops_u32(po, "priority");
	if (po->flags & ~known)
		return fail("%s: unknown .flags 0x%x of '%s'; known: NOVA_RPC_F_INJECT and _F_GFID",
			    po->file, po->flags & ~known, map);
	if (po->gfid > NOVA_GFID_MAX)
		return fail("%s: .gfid of '%s' is %u; it may be 0 to %u", po->file, map, po->gfid,
			    NOVA_GFID_MAX);
	if (po->gfid && !(po->flags & NOVA_RPC_F_GFID))
		return fail("%s: '%s' has .gfid %u, which needs NOVA_RPC_F_GFID in .flags",
			    po->file, map, po->gfid);
	return 0;
}

/* The module checks these as well, but says why only in the kernel's log. */
static int check_ops_values(struct policy_obj *po)
{
	const char *name = ops_member(po, "name", NOVA_NAME_LEN);
	const char *map = bpf_map__name(po->map);
	size_t i;

	if (!name || !*name)
		return fail("%s: '%s' has no .name; use 1 to %d of a-z A-Z 0-9 _ . -",
			    po->file, map, NOVA_NAME_LEN - 1);
	for (i = 0; i < NOVA_NAME_LEN && name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			break;
	if (i == NOVA_NAME_LEN || name[i])
		return fail("%s: bad .name '%.*s' of '%s'; use 1 to %d of a-z A-Z 0-9 _ . -",
			    po->file, NOVA_NAME_LEN, name, map, NOVA_NAME_LEN - 1);
	memcpy(po->name, name, i);
	po->gpu_id = ops_u32(po, "gpu_id");
	return po->kind == OPS_RPC ? check_rpc_values(po) : check_sched_values(po);
}

/* Open and check all that needs no kernel. */
int policy_open(struct policy_obj *po, const char *file)
{
	int ret;

	memset(po, 0, sizeof(*po));
	po->file = file;
	libbpf_listen();
	po->obj = bpf_object__open_file(file, NULL);
	if (!po->obj)
		return open_failed(file, errno);
	ret = find_ops_map(po);
	if (!ret)
		ret = check_ops_type(po);
	if (!ret)
		ret = check_ops_values(po);
	if (ret)
		policy_close(po);
	return ret;
}

int policy_set_gpu(struct policy_obj *po, uint32_t gpu_id)
{
	uint32_t *val = ops_member(po, "gpu_id", sizeof(*val));

	if (!val && gpu_id)
		return fail("%s: its struct %s has no gpu_id, so it fits gpu0 only", po->file,
			    po->kind == OPS_RPC ? RPC_OPS : SCHED_OPS);
	if (val)
		*val = gpu_id;
	po->gpu_id = gpu_id;
	return 0;
}

static int set_hook_member(struct policy_obj *po, const char *name, uint32_t value)
{
	uint32_t *val = ops_member(po, name, sizeof(*val));

	if (po->kind != OPS_RPC)
		return usage_error("--%s is for RPC hooks; %s holds a scheduling policy", name,
				   po->file);
	if (!val)
		return fail("%s: its struct " RPC_OPS " has no %s", po->file, name);
	*val = value;
	return 0;
}

int policy_set_gfid(struct policy_obj *po, uint32_t gfid)
{
	int ret = set_hook_member(po, "gfid", gfid);

	if (!ret)
		ret = set_hook_member(po, "flags", po->flags | NOVA_RPC_F_GFID);
	if (ret)
		return ret;
	po->gfid = gfid;
	po->flags |= NOVA_RPC_F_GFID;
	return 0;
}

int policy_set_priority(struct policy_obj *po, int32_t priority)
{
	int ret = set_hook_member(po, "priority", priority);

	if (!ret)
		po->priority = priority;
	return ret;
}

/* Lines of a verifier's log; they are terminated in place. */
struct lines {
	char **l;
	size_t nr;
};

static void split_lines(char *log, struct lines *lines)
{
	char *line, *save;

	memset(lines, 0, sizeof(*lines));
	for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		lines->l = xrealloc(lines->l, lines->nr + 1, sizeof(*lines->l));
		lines->l[lines->nr++] = line;
	}
}

/* Instructions, states and statistics: not a reason. */
static bool is_noise(const char *line)
{
	static const char *const begin[] = {
		"processed ", "verification time", "stack depth", "max_states", "arg#", "from ",
		"func#", "caller:", "callee:", "mark_precise", "propagating", "; ", "-- ",
	};
	size_t i;

	line += strspn(line, " ");
	for (i = 0; i < ARRAY_LEN(begin); i++)
		if (!strncmp(line, begin[i], strlen(begin[i])))
			return true;
	i = strspn(line, "0123456789");
	return !*line || (i && line[i] == ':');
}

/* "FILE:LINE" at the end of a source line of the log, "; text @ FILE:LINE". */
static const char *source_place(const char *line)
{
	const char *at = NULL, *next = line;

	while (*line == ';' && (next = strstr(next, " @ ")))
		at = next += 3;
	return at;
}

/* Newer kernels end the log with a report, which says the same at length. */
static size_t before_report(const struct lines *log)
{
	static const char head[] = "Verification failed:";
	size_t i = 0;

	while (i < log->nr && strncmp(log->l[i], head, strlen(head)))
		i++;
	return i;
}

static void find_reason(const struct lines *log, const char **reason, const char **place)
{
	size_t i;

	*reason = *place = NULL;
	for (i = before_report(log); i > 0 && !*reason; i--)
		if (!is_noise(log->l[i - 1]))
			*reason = log->l[i - 1];
	for (; i > 0 && !*place; i--)
		*place = source_place(log->l[i - 1]);
}

static int refused(const struct policy_obj *po, const char *prog, char *log)
{
	const char *reason, *place;
	struct json_object *doc, *list;
	struct lines lines;
	char *msg;
	size_t i;

	split_lines(log, &lines);
	find_reason(&lines, &reason, &place);
	if (!reason)
		reason = "no reason given";
	i = po->debug || lines.nr < LOG_LINES ? 0 : lines.nr - LOG_LINES;
	msg = xasprintf("%s: the verifier refuses '%s': %s%s%s%s", po->file, prog, reason,
			place ? " (" : "", place ? place : "", place ? ")" : "");
	if (json_output) {
		doc = json_object_new_object();
		list = json_object_new_array();
		json_add_text(doc, "error", msg);
		json_add_text(doc, "program", prog);
		json_add_text(doc, "reason", reason);
		json_add_text(doc, "source", place);
		for (; i < lines.nr; i++)
			json_object_array_add(list, json_text(lines.l[i]));
		json_object_object_add(doc, "log", list);
		emit_json(doc);
	} else {
		fail("%s", msg);
		if (i)
			fprintf(stderr, "  ... the last %d lines of its log (all with --debug):\n",
				LOG_LINES);
		for (; i < lines.nr; i++)
			fprintf(stderr, "  %s\n", printable(lines.l[i]));
	}
	free(msg);
	free(lines.l);
	return EXIT_FAILED;
}

static int load_failed(const struct policy_obj *po, int err)
{
	struct bpf_program *prog;
	size_t i = 0;
	int ret;

	bpf_object__for_each_program(prog, po->obj) {
		if (i < po->nr_logs && *po->logs[i]) {
			ret = policy_misfit_kfunc(po, bpf_program__name(prog), po->logs[i]);
			return ret ? ret : refused(po, bpf_program__name(prog), po->logs[i]);
		}
		i++;
	}
	if (err == EPERM)
		return fail("%s: no permission to load it; run as root, with CAP_SYS_ADMIN",
			    po->file);
	if (err == ENOMEM)
		return fail("%s: no memory to load it", po->file);
	if (!libbpf_warning())
		return fail("%s: cannot load it: %s", po->file, strerror(err));
	ret = policy_misfit(po);
	return ret ? ret : fail("%s does not fit this kernel or the loaded module: %s", po->file,
				libbpf_warning());
}

int policy_load(struct policy_obj *po, bool debug)
{
	uint32_t size = debug ? LOG_BYTES_DEBUG : LOG_BYTES;
	struct bpf_program *prog;

	po->debug = debug;
	bpf_object__for_each_program(prog, po->obj) {
		po->logs = xrealloc(po->logs, po->nr_logs + 1, sizeof(*po->logs));
		po->logs[po->nr_logs] = xcalloc(1, size);
		bpf_program__set_log_buf(prog, po->logs[po->nr_logs++], size);
	}
	policy_fit(po);
	libbpf_forget();
	if (bpf_object__load(po->obj))
		return load_failed(po, errno);
	return 0;
}

void policy_close(struct policy_obj *po)
{
	size_t i;

	bpf_object__close(po->obj);
	for (i = 0; i < po->nr_logs; i++)
		free(po->logs[i]);
	free(po->logs);
	memset(po, 0, sizeof(*po));
}
