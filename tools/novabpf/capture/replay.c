// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf replay: the requests of a recording are made again, one after another, and
 * what the firmware answers is compared with what it answered then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>

#include <novabpf/driver/abi.h>
#include <uapi/novabpf.h>
#include <uapi/novabpf_call.h>

#include "base/common.h"
#include "policy/policy.h"
#include "capture.h"

#define SPEED_MAX	1e6

/* A recorded call: its request, and how it ended (kind 0: the file does not say). */
struct recorded {
	struct tap_record request;
	struct tap_record end;
};

struct replay {
	const char *file;
	struct tap_file recording;
	struct recorded *calls;
	size_t nr;
	size_t *by_id;			/* indexes of @calls, ordered by call id */
	bool has_source;
	bool asked;			/* the user named the source */
	bool ends;			/* second reading: how the calls ended */
	uint32_t source;
	uint32_t gpu;
	double speed;			/* 0: no pause */
	char release[NOVA_CAPTURE_RELEASE_LEN];
	int fd;
	struct json_object *list;
	uint64_t same;
	uint64_t differ;
	uint64_t skipped;
	uint64_t cut;			/* of those: the file has not all of the payload */
	uint64_t unknown;
	uint64_t failures;		/* recorded ones */
	uint64_t reproduced;
	uint64_t payloads;		/* same answer, other payload */
};

/* Room for the answer of one call. */
struct answer {
	struct nova_raw_result r;
	uint8_t payload[NOVA_RAW_PAYLOAD_MAX];
};

static const struct recorded *sort_calls;

static int by_call_id(const void *a, const void *b)
{
	uint64_t x = sort_calls[*(const size_t *)a].request.c.id;
	uint64_t y = sort_calls[*(const size_t *)b].request.c.id;

	return x < y ? -1 : x > y;
}

static struct recorded *call_of(const struct replay *r, uint64_t id)
{
	size_t lo = 0, hi = r->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (r->calls[r->by_id[mid]].request.c.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == r->nr || r->calls[r->by_id[lo]].request.c.id != id)
		return NULL;
	return &r->calls[r->by_id[lo]];
}

/* Read twice: first the requests, then what ended them. */
static int take_record(void *arg, const struct tap_record *rec)
{
	struct replay *r = arg;
	struct recorded *call;

	if (!r->has_source) {
		r->has_source = true;
		r->source = rec->c.gpu;
	} else if (rec->c.gpu != r->source) {
		return r->asked ? 0 : fail("%s holds several GPUs; choose one with --source N",
					   r->file);
	}
	/* A packet that was shortened may end in front of it. */
	if (!r->release[0])
		memcpy(r->release, rec->c.release, sizeof(r->release));
	else if (rec->c.release[0] && strcmp(r->release, rec->c.release))
		return fail("%s: packet %llu is of release %s, those before of %s", r->file,
			    (unsigned long long)rec->number, rec->c.release, r->release);
	if (!r->ends && rec->c.kind == NOVA_CAPTURE_REQUEST) {
		r->calls = xrealloc(r->calls, r->nr + 1, sizeof(*r->calls));
		memset(&r->calls[r->nr], 0, sizeof(*r->calls));
		r->calls[r->nr++].request = *rec;
	} else if (r->ends && !rec->head_cut && (rec->c.kind == NOVA_CAPTURE_REPLY ||
			       rec->c.kind == NOVA_CAPTURE_END)) {
		call = call_of(r, rec->c.id);
		if (call)
			call->end = *rec;
	}
	return 0;
}

static int read_recording(struct replay *r)
{
	size_t i;
	int ret;

	ret = tap_open(&r->recording, r->file);
	ret = ret ? ret : tap_each(&r->recording, take_record, r);
	if (ret)
		return ret;
	if (!r->nr)
		return fail("%s holds no calls of GPU %u", r->file, r->source);
	r->by_id = xcalloc(r->nr, sizeof(*r->by_id));
	for (i = 0; i < r->nr; i++)
		r->by_id[i] = i;
	sort_calls = r->calls;
	qsort(r->by_id, r->nr, sizeof(*r->by_id), by_call_id);
	r->ends = true;
	if (!r->release[0])
		return fail("%s: its packets end in front of the release: none can be replayed",
			    r->file);
	return tap_each(&r->recording, take_record, r);
}

static int check_gpu(const struct replay *r)
{
	char *path = root_path("/sys/class/novabpf/gpu%u/release", r->gpu);
	char *release = read_file(path, NULL);
	int ret = 0;

	free(path);
	if (!release)
		return fail("cannot read the release of gpu%u: %s", r->gpu, strerror(errno));
	release[strcspn(release, "\n")] = '\0';
	if (strcmp(release, r->release))
		ret = fail("%s was recorded with release %s, gpu%u runs %s", r->file,
			   r->release, r->gpu, release);
	free(release);
	return ret;
}

static int open_gpu(struct replay *r)
{
	char *path = root_path("/sys/kernel/debug/novabpf/gpu%u/call", r->gpu);
	char *param = root_path("/sys/module/novabpf/parameters/allow_raw_calls");
	char *value = read_file(param, NULL);
	int ret = 0;

	if (value && *value == 'N')
		ret = fail("the module allows no such calls now; run: echo 1 > %s", param);
	r->fd = ret ? -1 : open(path, O_RDWR | O_CLOEXEC);
	if (!ret && r->fd < 0)
		ret = fail("cannot open %s: %s%s", path, strerror(errno),
			   errno == EACCES || errno == EPERM ? "; run as root" : "");
	free(value);
	free(param);
	free(path);
	return ret;
}

/* Return: 0, or an exit status after an error message. */
static int make_call(const struct replay *r, const struct tap_record *rec, struct answer *a)
{
	static uint8_t buf[sizeof(struct nova_raw_call) + NOVA_RAW_PAYLOAD_MAX];
	struct nova_raw_call call = {
		.op = rec->c.op, .gfid = rec->c.gfid, .len = rec->c.payload_bytes,
	};
	ssize_t n;

	memcpy(buf, &call, sizeof(call));
	memcpy(buf + sizeof(call), rec->payload, call.len);
	n = pwrite(r->fd, buf, sizeof(call) + call.len, 0);
	if (n < 0)
		return fail("packet %llu: the module takes no such call: %s",
			    (unsigned long long)rec->number, strerror(errno));
	n = pread(r->fd, a, sizeof(*a), 0);
	if (n < (ssize_t)sizeof(a->r) || a->r.payload_bytes > n - sizeof(a->r))
		return fail("packet %llu: cannot read the answer: %s",
			    (unsigned long long)rec->number, strerror(n < 0 ? errno : EIO));
	return 0;
}

static char *ending(int err, uint32_t result, uint32_t status, uint32_t len)
{
	uint32_t said = result ? result : status;
	const char *name = nova_status_name(said);

	if (err)
		return xasprintf("%s", strerror(-err));
	if (strcmp(name, "?"))
		return xasprintf("%s, %u bytes", name, len);
	return xasprintf("0x%08x, %u bytes", said, len);
}

static void report(struct replay *r, const struct recorded *call, const struct answer *a)
{
	const struct nova_capture *req = &call->request.c, *end = &call->end.c;
	const char *control = nova_ctrl_name(req->cmd);
	bool controls = req->op == NOVA_OP_RPC_GSP_RM_CONTROL && control;
	char *then = ending(end->kind == NOVA_CAPTURE_END ? end->err : 0, end->result, end->status,
			    end->len_bytes);
	char *now = ending(a->r.err, a->r.result, a->r.status, a->r.len_bytes);
	struct json_object *obj;

	if (r->list) {
		obj = json_object_new_object();
		json_object_object_add(obj, "packet",
				       json_object_new_uint64(call->request.number));
		json_object_object_add(obj, "id", json_object_new_uint64(req->id));
		json_object_object_add(obj, "name", json_text(nova_op_name(req->op)));
		json_object_object_add(obj, "control", controls ? json_text(control) : NULL);
		json_object_object_add(obj, "recorded", json_text(then));
		json_object_object_add(obj, "replayed", json_text(now));
		json_object_array_add(r->list, obj);
	} else {
		printf("packet %llu, call %llu, %s%s%s: recorded %s; replayed %s\n",
		       (unsigned long long)call->request.number, (unsigned long long)req->id,
		       nova_op_name(req->op), controls ? " " : "", controls ? control : "",
		       then, now);
	}
	free(then);
	free(now);
}

static void compare(struct replay *r, const struct recorded *call, const struct answer *a)
{
	const struct nova_capture *end = &call->end.c;
	bool failed, same;

	if (!end->kind) {
		r->unknown++;
		return;
	}
	failed = end->kind == NOVA_CAPTURE_END || end->result || end->status;
	if (end->kind == NOVA_CAPTURE_END)
		same = a->r.err == end->err;
	else
		same = !a->r.err && a->r.result == end->result && a->r.status == end->status &&
		       a->r.len_bytes == end->len_bytes;
	r->failures += failed;
	r->reproduced += failed && same;
	if (!same) {
		r->differ++;
		report(r, call, a);
		return;
	}
	r->same++;
	r->payloads += end->kind == NOVA_CAPTURE_REPLY &&
		       (a->r.payload_bytes < end->payload_bytes ||
			memcmp(a->payload, call->end.payload, end->payload_bytes));
}

/* Sleeps until what had passed at @at_ns of the recording has passed again. */
static void pace(const struct replay *r, double start_s, uint64_t first_ns, uint64_t at_ns)
{
	double due = start_s + (at_ns > first_ns ? at_ns - first_ns : 0) / 1e9 / r->speed;
	double left;

	while (!signals_came() && (left = due - now_s()) > 0) {
		struct timespec ts = { .tv_nsec = (left > 0.1 ? 0.1 : left) * 1e9 };

		nanosleep(&ts, NULL);
	}
}

static bool is_cut(const struct tap_record *rec)
{
	return rec->cut || rec->c.payload_bytes < rec->c.len_bytes;
}

static int replay_all(struct replay *r)
{
	struct answer *a = xcalloc(1, sizeof(*a));
	double start_s = now_s();
	size_t i;
	int ret = 0;

	for (i = 0; i < r->nr && !ret && !signals_came(); i++) {
		const struct tap_record *rec = &r->calls[i].request;

		if (nova_op_is_life(rec->c.op) || is_cut(rec)) {
			r->skipped++;
			r->cut += !nova_op_is_life(rec->c.op);
			continue;
		}
		if (r->speed)
			pace(r, start_s, r->calls[0].request.c.time_ns, rec->c.time_ns);
		ret = make_call(r, rec, a);
		if (!ret)
			compare(r, &r->calls[i], a);
	}
	free(a);
	return ret;
}

static void sum_up(const struct replay *r)
{
	static const char *const names[] = {
		"calls", "same", "differ", "skipped", "unknown", "failures_recorded",
		"failures_reproduced", "payloads_differ", "cut",
	};
	const uint64_t values[] = {
		r->nr, r->same, r->differ, r->skipped, r->unknown, r->failures, r->reproduced,
		r->payloads, r->cut,
	};
	struct json_object *doc;
	size_t i;

	if (r->list) {
		doc = json_object_new_object();
		for (i = 0; i < ARRAY_LEN(names); i++)
			json_object_object_add(doc, names[i], json_object_new_uint64(values[i]));
		json_object_object_add(doc, "differences", json_object_get(r->list));
		emit_json(doc);
		return;
	}
	printf("%llu calls: %llu ended as recorded, %llu differ, %llu skipped",
	       (unsigned long long)r->nr, (unsigned long long)r->same,
	       (unsigned long long)r->differ, (unsigned long long)r->skipped);
	if (r->unknown)
		printf(", %llu whose end is not in the file", (unsigned long long)r->unknown);
	printf("\n");
	if (r->cut)
		printf("%llu of the skipped have not all of their payload in the file: %s\n",
		       (unsigned long long)r->cut, "see record --whole");
	if (r->failures)
		printf("%llu of %llu recorded failures reproduced\n",
		       (unsigned long long)r->reproduced, (unsigned long long)r->failures);
}

static int parse(const struct call *call, struct replay *r)
{
	const char *source = call_value(call, "source"), *speed = call_value(call, "speed");
	const char *gpu = call_value(call, "gpu");
	struct names gpus;
	uint64_t v;
	char *end;
	int ret;

	if (speed && call_value(call, "as-fast"))
		return usage_error("--speed and --as-fast exclude each other");
	r->speed = call_value(call, "as-fast") ? 0 : 1;
	if (speed) {
		r->speed = strtod(speed, &end);
		if (end == speed || *end || !(r->speed > 0 && r->speed <= SPEED_MAX))
			return usage_error("bad value '%s' for --speed: give a number above 0",
					   speed);
	}
	if (source) {
		source += strncmp(source, "gpu", 3) ? 0 : 3;
		if (!parse_u64(source, &v) || v >= UINT32_MAX)
			return usage_error("bad value '%s' for --source: give a number", source);
		r->has_source = true;
		r->asked = true;
		r->source = v;
	}
	if (gpu)
		return gpu_by_name(gpu, &r->gpu);
	ret = gpus_select(&(struct call){ .cmd = call->cmd }, &gpus);
	if (ret)
		return ret;
	if (!gpus.nr)
		ret = fail("there is no GPU; run: modprobe novabpf_sim");
	else if (gpus.nr > 1)
		ret = usage_error("there are %zu GPUs; choose one with --gpu", gpus.nr);
	else
		ret = gpu_by_name(gpus.name[0], &r->gpu);
	names_free(&gpus);
	return ret;
}

int cmd_replay(const struct call *call)
{
	struct replay r = { .file = call->args[0], .fd = -1 };
	int ret;

	ret = parse(call, &r);
	ret = ret ? ret : read_recording(&r);
	ret = ret ? ret : check_gpu(&r);
	ret = ret ? ret : open_gpu(&r);
	if (!ret) {
		r.list = json_output ? json_object_new_array() : NULL;
		signals_catch(true);
		ret = replay_all(&r);
		signals_catch(false);
		if (!ret)
			sum_up(&r);
		json_object_put(r.list);
		if (!ret && r.differ)
			ret = EXIT_FAILED;
	}
	if (r.fd >= 0)
		close(r.fd);
	free(r.by_id);
	free(r.calls);
	tap_close(&r.recording);
	return ret;
}
