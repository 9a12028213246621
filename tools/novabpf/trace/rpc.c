// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf trace rpc: calls to the firmware and its events, live, as lines or JSON,
 * with payloads typed by release.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <linux/types.h>

#include <novabpf/driver/abi.h>
#include <uapi/novabpf.h>

#include "base/common.h"
#include "capture/capture.h"
#include "trace.h"
#include "typed.h"

struct follow {
	struct tap tap;
	bool has_gfid;
	bool has_cmd;
	bool failed;
	bool payload;
	uint32_t gfid;
	uint32_t cmd;
	const char *function;
	const char *from;		/* a recording to read instead */
	struct tap_file recording;
	uint64_t slower_ns;
	struct typed typed;
	char release[NOVA_CAPTURE_RELEASE_LEN];	/* of typed */
	struct json_object *list;
};

static const char *const fates[] = {
	[NOVA_FATE_NONE] = "none", [NOVA_FATE_ANSWERED] = "answered",
	[NOVA_FATE_POSTED] = "posted", [NOVA_FATE_NOT_SENT] = "not-sent",
	[NOVA_FATE_NOT_CONSUMED] = "not-consumed", [NOVA_FATE_UNANSWERED] = "unanswered",
	[NOVA_FATE_LATE] = "late", [NOVA_FATE_HALTED] = "halted",
	[NOVA_FATE_ABORTED] = "aborted", [NOVA_FATE_BAD_REPLY] = "bad-reply",
	[NOVA_FATE_HOOK] = "hook",
};

static const char *const reasons[] = {
	[NOVA_RECORD_OK] = "ok", [NOVA_RECORD_INCOMPLETE] = "incomplete",
	[NOVA_RECORD_BAD_POINTER] = "bad-pointer", [NOVA_RECORD_BAD_ELEMCOUNT] = "bad-elemcount",
	[NOVA_RECORD_BAD_LENGTH] = "bad-length", [NOVA_RECORD_BAD_CHECKSUM] = "bad-checksum",
	[NOVA_RECORD_BAD_SIGNATURE] = "bad-signature", [NOVA_RECORD_BAD_VERSION] = "bad-version",
	[NOVA_RECORD_STALE] = "stale", [NOVA_RECORD_GAP] = "gap",
	[NOVA_RECORD_BAD_SEQUENCE] = "bad-sequence", [NOVA_RECORD_BAD_FUNCTION] = "bad-function",
	[NOVA_RECORD_ORPHAN] = "orphan", [NOVA_RECORD_UNMATCHED] = "unmatched",
	[NOVA_RECORD_LATE] = "late", [NOVA_RECORD_BAD_PAYLOAD] = "bad-payload",
};

static const char *name_at(const char *const *names, size_t nr, uint32_t i)
{
	return i < nr && names[i] ? names[i] : "?";
}

/* What the firmware said: of the transport first, then of the call. */
static const char *status_text(const struct nova_capture *c, char *buf, size_t len)
{
	uint32_t said = c->result ? c->result : c->status;
	const char *name = nova_status_name(said);

	if (strcmp(name, "?"))
		return name;
	snprintf(buf, len, "0x%08x", said);
	return buf;
}

static bool has_failed(const struct nova_capture *c)
{
	return c->kind == NOVA_CAPTURE_BAD || c->kind == NOVA_CAPTURE_END ||
	       (c->kind == NOVA_CAPTURE_REPLY && (c->result || c->status));
}

static bool is_wanted(const struct follow *f, const struct nova_capture *c)
{
	if (f->has_gfid && c->gfid != f->gfid)
		return false;
	if (f->function && strcmp(nova_op_name(c->op), f->function))
		return false;
	if (f->has_cmd && (c->op != NOVA_OP_RPC_GSP_RM_CONTROL || c->cmd != f->cmd))
		return false;
	if (f->failed && !has_failed(c))
		return false;
	/* Only an end has a duration. */
	return !f->slower_ns || ((c->kind == NOVA_CAPTURE_REPLY || c->kind == NOVA_CAPTURE_END) &&
				 c->total_ns > f->slower_ns);
}

/* Of a record that was cut this is not known. */
static bool wants_more(const struct follow *f)
{
	return f->has_cmd || f->failed || f->slower_ns;
}

/* Where the release has no types only its payloads are not shown. */
static void open_types(struct follow *f, const char *release)
{
	char *name = xasprintf("abi/%s.btf", release);
	char *path = shipped_path(name, name);

	typed_close(&f->typed);
	snprintf(f->release, sizeof(f->release), "%s", release);
	if (!path || typed_open(&f->typed, release, path))
		fprintf(stderr, "novabpf: no types of release %s: payloads are not shown%s\n",
			printable(release), path ? "" : "; make abi-types makes them");
	free(path);
	free(name);
}

static struct json_object *payload_json(struct follow *f, const struct nova_capture *c,
					const void *payload)
{
	if (!f->payload || !c->payload_bytes)
		return NULL;
	if (strcmp(f->release, c->release))
		open_types(f, c->release);
	return f->typed.btf ? typed_payload(&f->typed, c->function, c->cmd, payload,
					    c->payload_bytes) : NULL;
}

static void print_record(const struct tap_record *r)
{
	const struct nova_capture *c = &r->c;
	static const char *const marks[] = { "?", "->", "<-", "event", "BAD", "END" };
	const char *what = nova_ctrl_name(c->cmd);
	char buf[16];

	printf("%5llu.%09llu gpu%u gfid %-3u ", (unsigned long long)(c->time_ns / 1000000000),
	       (unsigned long long)(c->time_ns % 1000000000), c->gpu, c->gfid);
	if (c->id)
		printf("#%-6llu ", (unsigned long long)c->id);
	else
		printf("%-7s ", "-");
	printf("%-5s %s", marks[c->kind < ARRAY_LEN(marks) ? c->kind : 0], nova_op_name(c->op));
	if (r->head_cut) {
		printf("; the rest was cut from the file\n");
		return;
	}
	if (c->op == NOVA_OP_RPC_GSP_RM_CONTROL && what)
		printf(" %s", what);
	else if (c->cmd)
		printf(" 0x%08x", c->cmd);
	switch (c->kind) {
	case NOVA_CAPTURE_REQUEST:
		printf("; %u bytes, waited %.1f us; %s (%d)", c->len_bytes, c->queued_ns / 1e3,
		       printable(c->comm), c->pid);
		break;
	case NOVA_CAPTURE_REPLY:
		printf(": %s; %u bytes, firmware %.1f us, in all %.1f us",
		       status_text(c, buf, sizeof(buf)), c->len_bytes, c->firmware_ns / 1e3,
		       c->total_ns / 1e3);
		break;
	case NOVA_CAPTURE_BAD:
		printf(" function 0x%x: %s; %u bytes", c->function,
		       name_at(reasons, ARRAY_LEN(reasons), c->reason), c->len_bytes);
		break;
	case NOVA_CAPTURE_END:
		printf(": %s, error %d, after %.1f us; %s (%d)",
		       name_at(fates, ARRAY_LEN(fates), c->fate), c->err, c->total_ns / 1e3,
		       printable(c->comm), c->pid);
		break;
	default:
		printf("; %u bytes", c->len_bytes);
		break;
	}
	printf("%s\n", r->cut ? "; payload cut" : "");
}

static void add_u64(struct json_object *obj, const char *name, uint64_t v)
{
	json_object_object_add(obj, name, json_object_new_uint64(v));
}

static struct json_object *record_json(const struct tap_record *r)
{
	struct json_object *obj = json_object_new_object();
	const struct nova_capture *c = &r->c;
	const char *what = nova_ctrl_name(c->cmd);
	char buf[16];

	json_object_object_add(obj, "kind", json_text(tap_kind_name(c->kind)));
	add_u64(obj, "time_ns", c->time_ns);
	add_u64(obj, "gpu", c->gpu);
	add_u64(obj, "gfid", c->gfid);
	add_u64(obj, "id", c->id);
	json_object_object_add(obj, "name", json_text(nova_op_name(c->op)));
	json_object_object_add(obj, "cut", json_object_new_boolean(r->cut));
	if (r->head_cut)
		return obj;
	json_object_object_add(obj, "release", json_text(c->release));
	add_u64(obj, "function", c->function);
	add_u64(obj, "cmd", c->cmd);
	json_object_object_add(obj, "control", c->op == NOVA_OP_RPC_GSP_RM_CONTROL && what ?
			       json_text(what) : NULL);
	add_u64(obj, "len_bytes", c->len_bytes);
	add_u64(obj, "payload_bytes", c->payload_bytes);
	add_u64(obj, "seq", c->seq);
	add_u64(obj, "record_seq", c->record_seq);
	if (c->kind == NOVA_CAPTURE_REPLY) {
		add_u64(obj, "result", c->result);
		add_u64(obj, "status", c->status);
		json_object_object_add(obj, "status_name",
				       json_text(status_text(c, buf, sizeof(buf))));
	}
	if (c->kind == NOVA_CAPTURE_BAD)
		json_object_object_add(obj, "reason", json_text(name_at(
			reasons, ARRAY_LEN(reasons), c->reason)));
	if (c->kind == NOVA_CAPTURE_END) {
		json_object_object_add(obj, "err", json_object_new_int(c->err));
		json_object_object_add(obj, "fate", json_text(name_at(
			fates, ARRAY_LEN(fates), c->fate)));
	}
	if (c->id) {
		add_u64(obj, "queued_ns", c->queued_ns);
		add_u64(obj, "firmware_ns", c->firmware_ns);
		add_u64(obj, "total_ns", c->total_ns);
		json_object_object_add(obj, "pid", json_object_new_int(c->pid));
		json_object_object_add(obj, "comm", json_text(c->comm));
	}
	return obj;
}

static int show(void *arg, const struct tap_record *r)
{
	const struct nova_capture *c = &r->c;
	struct json_object *typed, *obj;
	struct follow *f = arg;

	if (!is_wanted(f, c) || (r->head_cut && wants_more(f)))
		return 0;
	typed = payload_json(f, c, r->payload);
	if (f->list) {
		obj = record_json(r);
		if (typed)
			json_object_object_add(obj, "payload", typed);
		json_object_array_add(f->list, obj);
		return 0;
	}
	print_record(r);
	if (typed)
		typed_print(stdout, typed, 8);
	json_object_put(typed);
	/* Whoever reads our output may have gone. */
	return fflush(stdout) ? EXIT_FAILED : 0;
}

static int show_record(void *arg, const struct tap_record *r)
{
	struct follow *f = arg;

	if (f->tap.gpu != TAP_ALL_GPUS && r->c.gpu != f->tap.gpu)
		return 0;
	return show(f, r);
}

static int read_saved(struct follow *f)
{
	int ret = tap_open(&f->recording, f->from);

	return ret ? ret : tap_each(&f->recording, show_record, f);
}

static int parse_function(struct follow *f, const char *want)
{
	const char *names[NOVA_OP_COUNT], *near;
	size_t i;

	for (i = 1; i < NOVA_OP_COUNT; i++) {
		names[i - 1] = nova_op_name(i);
		if (!strcasecmp(names[i - 1], want)) {
			f->function = names[i - 1];
			return 0;
		}
	}
	near = nearest_word(want, names, i - 1);
	if (near)
		return usage_error("no function or event '%s'; did you mean '%s'?", want, near);
	return usage_error("no function or event '%s'; give a name such as GSP_RM_CONTROL", want);
}

static int parse_cmd(struct follow *f, const char *want)
{
	const char *names[4096], *near;
	const char *name;
	uint32_t i, cmd;
	size_t nr = 0;
	char *end;

	f->has_cmd = true;
	f->cmd = strtoul(want, &end, 0);
	if (end != want && !*end)
		return 0;
	for (i = 0; nr < ARRAY_LEN(names) && nova_ctrl_at(i, &cmd, &name); i++) {
		names[nr++] = name;
		if (!strcasecmp(name, want)) {
			f->cmd = cmd;
			return 0;
		}
	}
	near = nearest_word(want, names, nr);
	if (near)
		return usage_error("no control '%s'; did you mean '%s'?", want, near);
	return usage_error("no control '%s'; give a name such as TSG_PREEMPT, or a number", want);
}

static int parse(const struct call *call, struct follow *f)
{
	const char *gfid = call_value(call, "gfid"), *slower = call_value(call, "slower");
	const char *function = call_value(call, "function"), *cmd = call_value(call, "cmd");
	uint64_t v;
	int ret;

	f->failed = call_value(call, "failed");
	f->payload = call_value(call, "payload");
	if (gfid) {
		if (!parse_u64(gfid, &v) || v > UINT32_MAX)
			return usage_error("bad value '%s' for --gfid: give a number", gfid);
		f->has_gfid = true;
		f->gfid = v;
	}
	if (slower) {
		if (!parse_u64(slower, &v) || !v || v > UINT64_MAX / 1000)
			return usage_error("bad value '%s' for --slower: give whole microseconds",
					   slower);
		f->slower_ns = v * 1000;
	}
	ret = function ? parse_function(f, function) : 0;
	if (!ret && cmd)
		ret = parse_cmd(f, cmd);
	f->from = call_value(call, "from");
	if (!ret && f->from && (call_value(call, "seconds") || call->nr_plain >= 0))
		ret = usage_error("--from takes no --seconds and no command");
	if (!ret)
		ret = tap_parse(call, &f->tap, 0, f->from);
	if (!ret && json_output && !f->from && !f->tap.seconds && !f->tap.argv)
		ret = usage_error("a JSON document needs an end: give --seconds S or a command");
	return ret;
}

/* What is missing from a file. */
static void add_cuts(struct json_object *doc, const struct tap_file *file)
{
	add_u64(doc, "cut", file->cut);
	add_u64(doc, "unknown", file->unknown);
	add_u64(doc, "foreign", file->foreign);
	json_object_object_add(doc, "damage", file->damage[0] ? json_text(file->damage) : NULL);
}

int cmd_trace_rpc(const struct call *call)
{
	struct follow f = { .tap = { .fn = show } };
	struct json_object *doc;
	int ret;

	f.tap.arg = &f;
	ret = parse(call, &f);
	if (ret)
		return ret;
	f.tap.payload_max = f.payload ? NOVA_CAPTURE_PAYLOAD_MAX : 0;
	f.list = json_output ? json_object_new_array() : NULL;
	ret = f.from ? read_saved(&f) : tap_run(&f.tap);
	typed_close(&f.typed);
	if (!ret && f.list) {
		doc = json_object_new_object();
		json_object_object_add(doc, "lost", json_object_new_uint64(f.tap.lost));
		if (f.from)
			add_cuts(doc, &f.recording);
		json_object_object_add(doc, "records", f.list);
		emit_json(doc);
	} else {
		json_object_put(f.list);
	}
	if (!ret && f.from && !json_output && !fflush(stdout))
		tap_tell(&f.recording);
	tap_close(&f.recording);
	if (!ret && f.tap.lost && !json_output)
		fprintf(stderr,
			"novabpf: %llu records were lost; trace one GPU, or leave out --payload\n",
			(unsigned long long)f.tap.lost);
	return ret ? ret : f.tap.command_status;
}
