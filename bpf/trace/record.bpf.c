// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies firmware RPCs and events, with their payloads, into a ring buffer (novabpf
 * record, novabpf trace rpc). The fields of tracepoints have no payload, so this reads
 * their raw arguments, by the BTF of the module.
 */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <novabpf/abi_ids.h>
#include <novabpf/format/capture.h>
#include <uapi/novabpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Members of the module's structures; offsets are relocated to the loaded module. */
struct nova_rpc {
	const char *release;
	__u32 gpu_id;
	__u32 gfid;
	__u64 id;
	enum nova_op op;
	__u32 function;
	__u32 cmd;
	int pid;
	char comm[16];
	void *req;
	__u32 len;
	__u32 records;
	void *reply;
	__u32 reply_cap;
	__u32 reply_len;
	__u32 reply_conts;
	__u32 seq;
	__u32 record_seq;
	__u32 result;
	__u32 result_private;
	__u32 status;
	int err;
	enum nova_rpc_fate fate;
	__u64 submit_ns;
	__u64 sent_ns;
	__u64 reply_ns;
	__u64 done_ns;
} __attribute__((preserve_access_index));

struct nova_gsp_event {
	const char *release;
	__u32 gpu_id;
	__u32 gfid;
	enum nova_op op;
	__u32 function;
	__u32 record_seq;
	__u32 result;
	__u32 len;
	const void *payload;
	__u64 time_ns;
} __attribute__((preserve_access_index));

struct nova_record_bad {
	const char *release;
	__u32 gpu_id;
	__u32 gfid;
	__u32 reason;
	__u32 record_seq;
	__u32 function;
	__u32 seq;
	__u32 len;
	__u64 time_ns;
} __attribute__((preserve_access_index));

/* Set before loading. */
const volatile __u32 only_gpu = ~0U;
/* Captured bytes of a payload; those beyond NOVA_CAPTURE_PAYLOAD_MAX go into more records. */
const volatile __u32 payload_max = NOVA_CAPTURE_PAYLOAD_MAX;

/* Records for which the ring buffer had no room. */
__u64 lost;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} ring SEC(".maps");

/* A few fixed sizes, because the verifier needs constants to reserve room in the ring. */
struct capture_none {
	struct nova_capture head;
};

struct capture_small {
	struct nova_capture head;
	char payload[512];
};

struct capture_page {
	struct nova_capture head;
	char payload[4096];
};

struct capture_full {
	struct nova_capture head;
	char payload[NOVA_CAPTURE_PAYLOAD_MAX];
};

static __always_inline int lose(void)
{
	__sync_fetch_and_add(&lost, 1);
	return 0;
}

static __always_inline bool wanted(__u32 gpu)
{
	return only_gpu == ~0U || only_gpu == gpu;
}

#define SUBMIT(type, from, where, bytes)					\
({										\
	struct type *c = bpf_ringbuf_reserve(&ring, sizeof(*c), 0);		\
	__u32 n = (bytes);							\
										\
	if (c) {								\
		c->head = *(from);						\
		if (n > sizeof(c->payload))					\
			n = sizeof(c->payload);					\
		if (bpf_probe_read_kernel(c->payload, n, where))		\
			c->head.payload_bytes = 0;				\
		bpf_ringbuf_submit(c, 0);					\
	} else {								\
		lose();								\
	}									\
})

/* One record, with at most NOVA_CAPTURE_PAYLOAD_MAX bytes at @payload. */
static __noinline int submit_one(struct nova_capture *head, const void *payload, __u32 bytes)
{
	if (bytes > NOVA_CAPTURE_PAYLOAD_MAX)
		bytes = NOVA_CAPTURE_PAYLOAD_MAX;
	head->payload_bytes = bytes;
	if (!bytes) {
		if (bpf_ringbuf_output(&ring, head, sizeof(*head), 0))
			lose();
	} else if (bytes <= sizeof(((struct capture_small *)0)->payload)) {
		SUBMIT(capture_small, head, payload, bytes);
	} else if (bytes <= sizeof(((struct capture_page *)0)->payload)) {
		SUBMIT(capture_page, head, payload, bytes);
	} else {
		SUBMIT(capture_full, head, payload, bytes);
	}
	return 0;
}

/* One record, and more records for the rest of a long payload. */
static __always_inline int submit(struct nova_capture *head, const void *payload, __u32 bytes)
{
	__u32 i, at;

	head->magic = NOVA_CAPTURE_MAGIC;
	head->version = NOVA_CAPTURE_VERSION;
	head->header_bytes = NOVA_CAPTURE_BYTES;
	if (bytes > payload_max)
		bytes = payload_max;
	submit_one(head, payload, bytes);
	head->of_kind = head->kind;
	head->kind = NOVA_CAPTURE_MORE;
	for (i = 1; i < NOVA_CAPTURE_WHOLE_MAX / NOVA_CAPTURE_PAYLOAD_MAX; i++) {
		at = i * NOVA_CAPTURE_PAYLOAD_MAX;
		if (at >= bytes)
			break;
		head->payload_at = at;
		submit_one(head, payload + at, bytes - at);
	}
	return 0;
}

static __always_inline void set_release(struct nova_capture *c, const char *release)
{
	bpf_probe_read_kernel_str(c->release, sizeof(c->release), release);
}

static __always_inline void from_rpc(struct nova_capture *c, struct nova_rpc *rpc)
{
	set_release(c, rpc->release);
	c->gpu = rpc->gpu_id;
	c->gfid = rpc->gfid;
	c->op = rpc->op;
	c->id = rpc->id;
	c->pid = rpc->pid;
	c->err = rpc->err;
	c->fate = rpc->fate;
	c->function = rpc->function;
	c->result = rpc->result;
	c->result_private = rpc->result_private;
	c->seq = rpc->seq;
	c->status = rpc->status;
	c->cmd = rpc->cmd;
	bpf_probe_read_kernel(c->comm, sizeof(c->comm), rpc->comm);
	if (rpc->sent_ns)
		c->queued_ns = rpc->sent_ns - rpc->submit_ns;
}

SEC("tp_btf/gsp_rpc_send")
int BPF_PROG(capture_request, struct nova_rpc *rpc)
{
	struct nova_capture c = { .kind = NOVA_CAPTURE_REQUEST };

	if (!rpc || !wanted(rpc->gpu_id))
		return 0;
	from_rpc(&c, rpc);
	c.time_ns = rpc->sent_ns;
	c.total_ns = c.queued_ns;
	/* As on the wire: no reply yet. */
	c.result = ~0U;
	c.result_private = ~0U;
	c.record_seq = rpc->record_seq;
	c.records = rpc->records;
	c.len_bytes = rpc->len;
	return submit(&c, rpc->req, rpc->len);
}

SEC("tp_btf/gsp_rpc_reply")
int BPF_PROG(capture_reply, struct nova_rpc *rpc)
{
	struct nova_capture c = { .kind = NOVA_CAPTURE_REPLY };

	if (!rpc || !wanted(rpc->gpu_id))
		return 0;
	from_rpc(&c, rpc);
	c.time_ns = rpc->reply_ns;
	c.firmware_ns = rpc->reply_ns - rpc->sent_ns;
	c.total_ns = rpc->reply_ns - rpc->submit_ns;
	c.records = rpc->reply_conts + 1;
	c.len_bytes = rpc->reply_len;
	/* The core keeps at most reply_cap bytes, as requested by the caller. */
	return submit(&c, rpc->reply,
		      rpc->reply_len < rpc->reply_cap ? rpc->reply_len : rpc->reply_cap);
}

SEC("tp_btf/gsp_rpc_done")
int BPF_PROG(capture_end, struct nova_rpc *rpc)
{
	struct nova_capture c = { .kind = NOVA_CAPTURE_END };

	if (!rpc || !wanted(rpc->gpu_id) || rpc->fate == NOVA_FATE_ANSWERED ||
	    rpc->fate == NOVA_FATE_POSTED)
		return 0;
	from_rpc(&c, rpc);
	c.time_ns = rpc->done_ns;
	c.total_ns = rpc->done_ns - rpc->submit_ns;
	return submit(&c, (void *)0, 0);
}

SEC("tp_btf/gsp_event")
int BPF_PROG(capture_event, struct nova_gsp_event *ev)
{
	struct nova_capture c = { .kind = NOVA_CAPTURE_EVENT };

	if (!ev || !wanted(ev->gpu_id))
		return 0;
	set_release(&c, ev->release);
	c.gpu = ev->gpu_id;
	c.gfid = ev->gfid;
	c.op = ev->op;
	c.time_ns = ev->time_ns;
	c.function = ev->function;
	c.result = ev->result;
	c.record_seq = ev->record_seq;
	c.records = 1;
	c.len_bytes = ev->len;
	return submit(&c, ev->payload, ev->len);
}

SEC("tp_btf/gsp_record_bad")
int BPF_PROG(capture_bad, struct nova_record_bad *bad)
{
	struct nova_capture c = { .kind = NOVA_CAPTURE_BAD };

	if (!bad || !wanted(bad->gpu_id))
		return 0;
	set_release(&c, bad->release);
	c.gpu = bad->gpu_id;
	c.gfid = bad->gfid;
	c.reason = bad->reason;
	c.time_ns = bad->time_ns;
	c.function = bad->function;
	c.seq = bad->seq;
	c.record_seq = bad->record_seq;
	c.len_bytes = bad->len;
	return submit(&c, (void *)0, 0);
}
