// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of incidents: everything that is known at that moment, kept until they are
 * cleared or there are newer ones of the same kind. Lines of "name TAB value", then
 * tables, each under a line "[name]".
 */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "../gsp.h"
#include "../rpc/history.h"

#define PAYLOAD_MAX	4096
#define HEX_ROW		32

/**
 * struct nova_report - what was known at an incident
 * @node: in nova_incidents.reports
 * @id: counts up from 1; 0: not kept
 * @kind: of incident
 * @text: its line
 * @at_ns: when (GPU clock)
 * @abi: release
 * @state: enum nova_gsp_state
 * @health: by heartbeat
 * @run: of the firmware, see struct nova_recovery
 * @timeouts: calls in a row that timed out
 * @cmdq: count, write, read, next sequence number
 * @statq: count, write, read, expected sequence number
 * @live: calls that wait for an answer
 * @late: late entries in the in-flight table
 * @full: something found no room in the command queue
 * @lockdown: GSP had asked the CPU to leave its registers alone
 * @counters: see enum nova_gsp_counter
 * @history: the last calls and events
 * @call: the call that failed: id, function, gfid, sequence number
 * @has_call: there is one
 * @payload_len: bytes of its request
 * @crash_len: bytes of @crash
 * @payload: the first of them
 * @crash: what GSP left in the crash report queue
 */
struct nova_report {
	struct list_head node;
	u32 id;
	enum nova_incident kind;
	char text[NOVA_INCIDENT_TEXT];
	u64 at_ns;
	const struct nova_abi *abi;
	enum nova_gsp_state state;
	enum nova_health_verdict health;
	u32 run;
	u32 timeouts;
	u32 cmdq[4];
	u32 statq[4];
	u32 live;
	u32 late;
	bool full;
	bool lockdown;
	u64 counters[NOVA_GSP_COUNTER_COUNT];
	struct nova_history *history;
	struct {
		u64 id;
		enum nova_op op;
		u32 cmd;
		u32 gfid;
		u32 seq;
		enum nova_rpc_fate fate;
	} call;
	bool has_call;
	u32 payload_len;
	u32 crash_len;
	u8 payload[PAYLOAD_MAX];
	u8 crash[PAYLOAD_MAX];
};

static void report_free(struct nova_report *r)
{
	if (r)
		nova_history_destroy(r->history);
	kvfree(r);
}

static void report_fill_queues(struct nova_gsp *gsp, struct nova_report *r)
{
	spin_lock_irq(&gsp->lock);
	if (gsp->txq.read_ptr)
		nova_txq_refresh(&gsp->txq);
	r->cmdq[0] = gsp->txq.count;
	r->cmdq[1] = gsp->txq.write;
	r->cmdq[2] = gsp->txq.read;
	r->cmdq[3] = gsp->txq.record_seq;
	r->statq[0] = gsp->rxq.count;
	r->statq[1] = gsp->rxq.linked ? READ_ONCE(*gsp->rxq.write_ptr) : 0;
	r->statq[2] = gsp->rxq.read;
	r->statq[3] = gsp->rxq.expected;
	r->live = gsp->inflight.live;
	r->late = gsp->inflight.late;
	r->full = gsp->ring_full;
	r->lockdown = gsp->lockdown;
	r->state = gsp->state;
	r->run = gsp->recovery.run;
	r->timeouts = gsp->recovery.timeouts;
	r->health = nova_incident_health(gsp, r->at_ns);
	spin_unlock_irq(&gsp->lock);
}

/* The queue's memory goes with the boot, which a recovery frees. */
static void report_copy_crash(struct nova_gsp *gsp, struct nova_report *r)
{
	mutex_lock(&gsp->boot_lock);
	if (gsp->crash && memchr_inv(gsp->crash, 0, gsp->crash_bytes)) {
		r->crash_len = min_t(u32, sizeof(r->crash), gsp->crash_bytes);
		memcpy(r->crash, gsp->crash, r->crash_len);
	}
	mutex_unlock(&gsp->boot_lock);
}

static struct nova_report *report_make(struct nova_gsp *gsp, const char *text,
				       const struct nova_rpc *rpc)
{
	struct nova_report *r = kvzalloc(sizeof(*r), GFP_KERNEL);
	u32 i;

	if (!r)
		return NULL;
	r->history = nova_history_clone(gsp->history);
	if (!r->history) {
		kvfree(r);
		return NULL;
	}
	strscpy(r->text, text, sizeof(r->text));
	r->at_ns = nova_now_ns(gsp->gpu);
	r->abi = gsp->abi;
	report_fill_queues(gsp, r);
	for (i = 0; i < NOVA_GSP_COUNTER_COUNT; i++)
		r->counters[i] = atomic64_read(&gsp->counters[i]);
	if (rpc) {
		r->has_call = true;
		r->call.id = rpc->id;
		r->call.op = rpc->op;
		r->call.cmd = rpc->cmd;
		r->call.gfid = rpc->gfid;
		r->call.seq = rpc->seq;
		r->call.fate = rpc->fate;
		r->payload_len = rpc->len;
		memcpy(r->payload, rpc->req, min_t(u32, rpc->len, PAYLOAD_MAX));
	}
	report_copy_crash(gsp, r);
	return r;
}

/* Whether there is one of this kind and run. */
static bool report_is_kept(struct nova_incidents *in, enum nova_incident kind, u32 run)
{
	struct nova_report *r;
	bool kept = false;

	mutex_lock(&in->lock);
	list_for_each_entry(r, &in->reports, node)
		kept |= r->kind == kind && r->run == run;
	mutex_unlock(&in->lock);
	return kept;
}

/* With the lock held. Return: the report to free, @r or the oldest of its kind. */
static struct nova_report *report_keep(struct nova_incidents *in, struct nova_report *r)
{
	struct nova_report *old, *oldest = NULL;
	u32 nr = 0;

	lockdep_assert_held(&in->lock);
	list_for_each_entry(old, &in->reports, node) {
		if (old->kind != r->kind)
			continue;
		if (old->run == r->run)
			return r;
		oldest = oldest ?: old;
		nr++;
	}
	r->id = ++in->last_id;
	list_add_tail(&r->node, &in->reports);
	if (nr < NOVA_REPORTS_MAX)
		return NULL;
	list_del(&oldest->node);
	return oldest;
}

void nova_report_take(struct nova_gsp *gsp, enum nova_incident kind, const char *text,
		      const struct nova_rpc *rpc)
{
	struct nova_incidents *in = &gsp->incidents;
	struct nova_report *r;

	/* Making one is dear, and there may be many incidents. */
	if (report_is_kept(in, kind, READ_ONCE(gsp->recovery.run)))
		return;
	r = report_make(gsp, text, rpc);
	if (!r)
		return;
	r->kind = kind;
	mutex_lock(&in->lock);
	r = report_keep(in, r);
	mutex_unlock(&in->lock);
	report_free(r);
}

void nova_report_clear(struct nova_gsp *gsp)
{
	struct nova_report *r, *next;
	LIST_HEAD(gone);

	mutex_lock(&gsp->incidents.lock);
	list_splice_init(&gsp->incidents.reports, &gone);
	mutex_unlock(&gsp->incidents.lock);
	list_for_each_entry_safe(r, next, &gone, node)
		report_free(r);
}

static void report_print_hex(struct seq_file *m, const char *name, const u8 *p, u32 len)
{
	u32 i;

	seq_printf(m, "[%s]\n", name);
	for (i = 0; i < len; i += HEX_ROW)
		seq_printf(m, "%04x %*phN\n", i, (int)min_t(u32, len - i, HEX_ROW), p + i);
}

static void report_print_rpc(struct seq_file *m, const struct nova_report *r)
{
	const char *what = nova_rpc_what(r->call.op, r->call.cmd);

	if (!r->has_call)
		return;
	seq_printf(m, "call_id\t%llu\ncall_function\t%s\ncall_cmd\t0x%08x\ncall_what\t%s\n",
		   r->call.id, nova_op_name(r->call.op), r->call.cmd, *what ? what : "-");
	seq_printf(m, "call_gfid\t%u\ncall_seq\t%u\ncall_fate\t%s\ncall_bytes\t%u\n",
		   r->call.gfid, r->call.seq, nova_fate_name(r->call.fate), r->payload_len);
}

static void report_print(struct seq_file *m, const struct nova_gsp *gsp,
			 const struct nova_report *r)
{
	const struct nova_abi_rules *rules = r->abi->rules;
	u32 i;

	seq_printf(m, "incident\t%s\nat_ns\t%llu\n", r->text, r->at_ns);
	if (r->id)
		seq_printf(m, "id\t%u\nkind\t%s\n", r->id, nova_incident_name(r->kind));
	seq_printf(m, "release\t%s\nsequence\t%s\nchecksum\t%s\nvgx_version\t%02X.%02X\n",
		   r->abi->release, rules->seq_echo ? "echoed" : "none",
		   rules->checksum_whole ? "elements" : "message", rules->vgx_major,
		   rules->vgx_minor);
	seq_printf(m, "control_header_bytes\t%u\nstate\t%s\nstate_now\t%s\nrun\t%u\n",
		   nova_msg_size(r->abi, NOVA_MSG_CONTROL), nova_gsp_state_name(r->state),
		   nova_gsp_state_name(READ_ONCE(gsp->state)), r->run);
	seq_printf(m, "classification\t%s\ntimeouts_in_a_row\t%u\n",
		   nova_health_text(r->health), r->timeouts);
	seq_printf(m, "cmdq_slots\t%u\ncmdq_write\t%u\ncmdq_read\t%u\ncmdq_seq\t%u\n",
		   r->cmdq[0], r->cmdq[1], r->cmdq[2], r->cmdq[3]);
	seq_printf(m, "statq_slots\t%u\nstatq_write\t%u\nstatq_read\t%u\nstatq_seq\t%u\n",
		   r->statq[0], r->statq[1], r->statq[2], r->statq[3]);
	seq_printf(m, "rpc_in_flight\t%u\nrpc_owed\t%u\nring_full\t%d\nlockdown\t%d\n", r->live,
		   r->late, r->full, r->lockdown);
	report_print_rpc(m, r);
	seq_puts(m, "[counters]\n");
	for (i = 0; i < NOVA_GSP_COUNTER_COUNT; i++)
		seq_printf(m, "%s\t%llu\n", nova_counter_name[i], r->counters[i]);
	seq_puts(m, "[events]\n");
	nova_history_show_events(r->history, m);
	seq_puts(m, "[history]\n");
	nova_history_show(r->history, m);
	report_print_hex(m, "payload", r->payload, min_t(u32, r->payload_len, PAYLOAD_MAX));
	report_print_hex(m, "crash", r->crash, r->crash_len);
}

/*
 * The first of the last run that had an incident: what came of it is of the same run. A
 * reset that was asked for counts only where there is nothing else.
 */
static struct nova_report *report_first_of_last_run(struct nova_incidents *in)
{
	struct nova_report *r, *found = NULL;

	lockdep_assert_held(&in->lock);
	list_for_each_entry(r, &in->reports, node) {
		bool asked = r->kind == NOVA_INCIDENT_REQUEST;
		bool found_asked = found && found->kind == NOVA_INCIDENT_REQUEST;

		if (!found || (asked == found_asked ? r->run != found->run : found_asked))
			found = r;
	}
	return found;
}

void *nova_report_start(struct nova_gsp *gsp, loff_t *pos)
{
	mutex_lock(&gsp->incidents.lock);
	return seq_list_start(&gsp->incidents.reports, *pos);
}

void *nova_report_next(struct nova_gsp *gsp, void *v, loff_t *pos)
{
	return seq_list_next(v, &gsp->incidents.reports, pos);
}

void nova_report_stop(struct nova_gsp *gsp)
{
	mutex_unlock(&gsp->incidents.lock);
}

int nova_report_show_one(struct nova_gsp *gsp, struct seq_file *m, void *v)
{
	report_print(m, gsp, list_entry(v, struct nova_report, node));
	return 0;
}

/* Without an incident: what would be kept if there were one now. */
int nova_report_show(struct nova_gsp *gsp, struct seq_file *m)
{
	struct nova_report *r, *now = NULL;
	int err = 0;

	mutex_lock(&gsp->incidents.lock);
	r = report_first_of_last_run(&gsp->incidents);
	if (r) {
		report_print(m, gsp, r);
	} else {
		now = report_make(gsp, "none", NULL);
		if (now)
			report_print(m, gsp, now);
		else
			err = -ENOMEM;
	}
	mutex_unlock(&gsp->incidents.lock);
	report_free(now);
	return err;
}
