// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf record: calls to the firmware and its events into a pcapng file. Payloads
 * may hold what tenants keep secret: nobody but the owner may read the file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/types.h>

#include <novabpf/driver/abi.h>

#include "base/common.h"
#include "capture.h"
#include "pcapng.h"

#define TOOL	"novabpf " NOVABPF_VERSION

/* Two interfaces per GPU: to the firmware and from it. */
struct direction {
	uint32_t gpu;
	bool inbound;
	char release[NOVA_CAPTURE_RELEASE_LEN];
	uint64_t records;
	uint64_t last_ns;
};

struct recording {
	const char *file;
	char *part;		/* its name while it is being written */
	FILE *to;
	struct direction d[PCAPNG_INTERFACES_MAX];
	uint32_t nr;
	uint64_t records;
	uint64_t cut;
	bool whole;		/* payloads are not cut, but written in pieces */
};

static int write_failed(const struct recording *r)
{
	return fail("cannot write %s: %s", r->file, strerror(errno ? errno : EIO));
}

/* Number of the interface, made where it is not there; -1 where there are too many. */
static int direction_of(struct recording *r, const struct nova_capture *c)
{
	uint32_t kind = c->kind == NOVA_CAPTURE_MORE ? c->of_kind : c->kind;
	bool inbound = kind != NOVA_CAPTURE_REQUEST;
	char name[PCAPNG_NAME_LEN], about[96];
	uint32_t i;

	for (i = 0; i < r->nr; i++)
		if (r->d[i].gpu == c->gpu && r->d[i].inbound == inbound &&
		    !strcmp(r->d[i].release, c->release))
			return (int)i;
	if (r->nr == PCAPNG_INTERFACES_MAX)
		return -1;
	r->d[i] = (struct direction){ .gpu = c->gpu, .inbound = inbound };
	memcpy(r->d[i].release, c->release, sizeof(r->d[i].release));
	snprintf(name, sizeof(name), "gpu%u-%s", c->gpu, inbound ? "from-gsp" : "to-gsp");
	snprintf(about, sizeof(about), "GPU %u, %s, release %s", c->gpu,
		 inbound ? "from the firmware" : "to the firmware", c->release);
	pcapng_add_interface(r->to, NOVA_CAPTURE_LINKTYPE, name, about);
	return (int)r->nr++;
}

static void count(struct recording *r, const struct nova_capture *c)
{
	if (c->kind == NOVA_CAPTURE_MORE) {
		/* The last piece. */
		r->cut -= c->payload_at + c->payload_bytes == c->len_bytes;
		return;
	}
	r->records++;
	r->cut += c->kind != NOVA_CAPTURE_BAD && c->payload_bytes < c->len_bytes;
}

static int record(void *arg, const struct tap_record *rec)
{
	const struct nova_capture *c = &rec->c;
	const struct nova_abi *abi = nova_abi_find(c->release);
	uint32_t len = sizeof(*c) + TAP_RPC_BYTES + c->payload_bytes;
	struct recording *r = arg;
	static uint8_t packet[sizeof(*c) + TAP_RPC_BYTES + NOVA_CAPTURE_PAYLOAD_MAX];
	int i;

	if (!abi)
		return fail("release '%s' of gpu%u is not known to this tool", c->release, c->gpu);
	memcpy(packet, c, sizeof(*c));
	if (tap_rpc_header(abi, c, packet + sizeof(*c)))
		return fail("release %s has no RPC header that this tool knows", c->release);
	memcpy(packet + sizeof(*c) + TAP_RPC_BYTES, rec->payload, c->payload_bytes);
	i = direction_of(r, c);
	if (i < 0)
		return fail("too many GPUs for one file; give one with --gpu");
	/* What is not there counts for the record itself. */
	pcapng_add_packet(r->to, i, c->time_ns, r->d[i].inbound, packet, len,
			  c->kind == NOVA_CAPTURE_MORE ? len :
			  len - c->payload_bytes + c->len_bytes);
	r->d[i].records++;
	r->d[i].last_ns = c->time_ns;
	count(r, c);
	errno = 0;
	return ferror(r->to) ? write_failed(r) : 0;
}

/* The file appears under its name once it is whole; nobody else may read it. */
static int create(struct recording *r)
{
	struct stat st;
	int fd;

	if (!stat(r->file, &st) && !S_ISREG(st.st_mode))
		return fail("cannot write %s: it is not a plain file", r->file);
	r->part = xasprintf("%s.XXXXXX", r->file);
	fd = mkostemp(r->part, O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0600))
		return fail("cannot write %s: %s", r->file, strerror(errno));
	r->to = fdopen(fd, "w");
	return r->to ? 0 : fail("cannot write %s: %s", r->file, strerror(errno));
}

static int finish(struct recording *r, const struct tap *t)
{
	uint32_t i;
	int err;

	/* Which direction lost them is not known: the first one tells of all. */
	for (i = 0; i < r->nr; i++)
		pcapng_add_stats(r->to, i, r->d[i].last_ns, r->d[i].records, i ? 0 : t->lost);
	errno = 0;
	err = ferror(r->to);
	if (fclose(r->to) || err)
		return write_failed(r);
	return 0;
}

static void sum_up(const struct recording *r, const struct tap *t)
{
	struct json_object *doc;

	if (json_output) {
		doc = json_object_new_object();
		json_object_object_add(doc, "file", json_text(r->file));
		json_object_object_add(doc, "records", json_object_new_uint64(r->records));
		json_object_object_add(doc, "lost", json_object_new_uint64(t->lost));
		json_object_object_add(doc, "cut", json_object_new_uint64(r->cut));
		emit_json(doc);
		return;
	}
	printf("%s: %llu records", r->file, (unsigned long long)r->records);
	if (r->cut)
		printf(", %llu of them without all of their payload%s",
		       (unsigned long long)r->cut, r->whole ? "" : " (see --whole)");
	printf("\n");
	if (t->lost)
		fprintf(stderr,
			"novabpf: %llu records were lost; record one GPU, or for less time\n",
			(unsigned long long)t->lost);
}

int cmd_record(const struct call *call)
{
	struct recording *r = xcalloc(1, sizeof(*r));
	struct tap t = { .fn = record, .arg = r, .payload_max = NOVA_CAPTURE_PAYLOAD_MAX };
	int ret, failed;

	r->file = call->args[0];
	r->whole = call_value(call, "whole");
	if (r->whole)
		t.payload_max = NOVA_CAPTURE_WHOLE_MAX;
	ret = tap_parse(call, &t, 1, NULL);
	ret = ret ? ret : create(r);
	if (!ret) {
		pcapng_begin(r->to, TOOL, "recorded by " TOOL
			     "; pseudo-header: Documentation/record.rst of novabpf");
		ret = tap_run(&t);
		failed = finish(r, &t);
		ret = ret ? ret : failed;
		if (!ret && rename(r->part, r->file))
			ret = write_failed(r);
		if (ret)
			unlink(r->part);
	}
	if (!ret)
		sum_up(r, &t);
	free(r->part);
	free(r);
	return ret ? ret : t.command_status;
}
