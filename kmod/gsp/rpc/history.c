// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last RPCs of a GPU: timestamps, the task that made them, and the ring pointers when
 * they ended.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "../gsp.h"
#include "history.h"

struct entry {
	u64 id;
	enum nova_op op;
	u32 function;
	u32 cmd;
	u32 gfid;
	s32 pid;
	char comm[TASK_COMM_LEN];
	u32 seq;
	u32 record_seq;
	u32 len;
	u32 reply_len;
	u64 submit_ns;
	u64 queued_ns;
	u64 firmware_ns;
	u64 total_ns;
	bool consumed;
	u32 result;
	u32 status;
	int err;
	enum nova_rpc_fate fate;
	u32 ring[4];
};

struct event_entry {
	u64 at_ns;
	enum nova_op op;
	u32 gfid;
	u32 record_seq;
	u32 result;
	u32 len;
	u32 data[2];
	bool handled;
};

struct nova_history {
	spinlock_t lock;	/* guards the entries; any context */
	u64 added;
	u64 events;
	struct entry e[NOVA_HISTORY_ENTRIES];
	struct event_entry ev[NOVA_HISTORY_EVENTS];
};

struct nova_history *nova_history_create(void)
{
	struct nova_history *h = kvzalloc(sizeof(*h), GFP_KERNEL);

	if (h)
		spin_lock_init(&h->lock);
	return h;
}

struct nova_history *nova_history_clone(struct nova_history *h)
{
	struct nova_history *copy = kvzalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	spin_lock_init(&copy->lock);
	spin_lock_irq(&h->lock);
	copy->added = h->added;
	copy->events = h->events;
	memcpy(copy->e, h->e, sizeof(h->e));
	memcpy(copy->ev, h->ev, sizeof(h->ev));
	spin_unlock_irq(&h->lock);
	return copy;
}

void nova_history_event(struct nova_history *h, const struct nova_gsp_event *ev, u64 now_ns)
{
	unsigned long flags;
	struct event_entry *e;

	spin_lock_irqsave(&h->lock, flags);
	e = &h->ev[h->events++ % NOVA_HISTORY_EVENTS];
	e->at_ns = now_ns;
	e->op = ev->op;
	e->gfid = ev->gfid;
	e->record_seq = ev->record_seq;
	e->result = ev->result;
	e->len = ev->len;
	memcpy(e->data, ev->data, sizeof(e->data));
	e->handled = ev->handled;
	spin_unlock_irqrestore(&h->lock, flags);
}

void nova_history_destroy(struct nova_history *h)
{
	kvfree(h);
}

void nova_history_add(struct nova_history *h, const struct nova_rpc *rpc)
{
	unsigned long flags;
	struct entry *e;

	spin_lock_irqsave(&h->lock, flags);
	e = &h->e[h->added++ % NOVA_HISTORY_ENTRIES];
	e->id = rpc->id;
	e->op = rpc->op;
	e->function = rpc->function;
	e->cmd = rpc->cmd;
	e->gfid = rpc->gfid;
	e->pid = rpc->pid;
	memcpy(e->comm, rpc->comm, sizeof(e->comm));
	e->seq = rpc->seq;
	e->record_seq = rpc->record_seq;
	e->len = rpc->len;
	e->reply_len = rpc->reply_len;
	e->submit_ns = rpc->submit_ns;
	e->queued_ns = nova_rpc_queued_ns(rpc);
	e->firmware_ns = nova_rpc_firmware_ns(rpc);
	e->total_ns = nova_rpc_total_ns(rpc);
	e->consumed = rpc->consumed;
	e->result = rpc->result;
	e->status = rpc->status;
	e->err = rpc->err;
	e->fate = rpc->fate;
	memcpy(e->ring, rpc->ring, sizeof(e->ring));
	spin_unlock_irqrestore(&h->lock, flags);
}

void nova_history_late(struct nova_history *h, u64 call_id)
{
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&h->lock, flags);
	for (i = 0; i < NOVA_HISTORY_ENTRIES; i++)
		if (h->e[i].id == call_id)
			h->e[i].fate = NOVA_FATE_LATE;
	spin_unlock_irqrestore(&h->lock, flags);
}

const char *nova_fate_name(enum nova_rpc_fate fate)
{
	static const char * const name[NOVA_FATES] = {
		[NOVA_FATE_NONE]	 = "none",
		[NOVA_FATE_ANSWERED]	 = "answered",
		[NOVA_FATE_POSTED]	 = "posted",
		[NOVA_FATE_NOT_SENT]	 = "not-sent",
		[NOVA_FATE_NOT_CONSUMED] = "not-consumed",
		[NOVA_FATE_UNANSWERED]	 = "unanswered",
		[NOVA_FATE_LATE]	 = "late",
		[NOVA_FATE_HALTED]	 = "halted",
		[NOVA_FATE_ABORTED]	 = "aborted",
		[NOVA_FATE_BAD_REPLY]	 = "bad-reply",
		[NOVA_FATE_HOOK]	 = "hook",
	};

	return fate < NOVA_FATES ? name[fate] : "?";
}

static void history_show_entry(struct seq_file *m, const struct entry *e)
{
	const char *what = nova_rpc_what(e->op, e->cmd);

	seq_printf(m, "%llu\t%s\t%u\t0x%08x\t%s\t%u\t%d\t", e->id, nova_op_name(e->op),
		   e->function, e->cmd, *what ? what : "-", e->gfid, e->pid);
	/* A task may be called anything, a TAB included. */
	seq_escape_str(m, e->comm, ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NULL, "\t");
	seq_printf(m, "\t%u\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%llu\t%d\t0x%x\t0x%x\t%s\t%d\t%s",
		   e->seq, e->record_seq, e->len, e->reply_len, e->submit_ns, e->queued_ns,
		   e->firmware_ns, e->total_ns, e->consumed, e->result, e->status,
		   nova_rpc_status_name(e->fate, e->result, e->status), e->err,
		   nova_fate_name(e->fate));
	seq_printf(m, "\t%u\t%u\t%u\t%u\n", e->ring[0], e->ring[1], e->ring[2], e->ring[3]);
}

int nova_history_show(struct nova_history *h, struct seq_file *m)
{
	u64 i, from, to;
	struct entry e;

	seq_puts(m, "# id\top\tfunction\tcmd\twhat\tgfid\tpid\tcomm\tseq\trecord_seq\tlen_bytes\t"
		    "reply_bytes\tsubmit_ns\tqueued_ns\tfirmware_ns\ttotal_ns\tconsumed\tresult\t"
		    "status\tstatus_name\terr\tfate\tcmdq_write\tcmdq_read\tstatq_write\tstatq_read\n");
	spin_lock_irq(&h->lock);
	to = h->added;
	from = to > NOVA_HISTORY_ENTRIES ? to - NOVA_HISTORY_ENTRIES : 0;
	for (i = from; i < to; i++) {
		/* Copy one entry at a time: printing under the lock would delay RPCs. */
		if (h->added - i > NOVA_HISTORY_ENTRIES)
			continue;
		e = h->e[i % NOVA_HISTORY_ENTRIES];
		spin_unlock_irq(&h->lock);
		history_show_entry(m, &e);
		spin_lock_irq(&h->lock);
	}
	spin_unlock_irq(&h->lock);
	return 0;
}

int nova_history_show_events(struct nova_history *h, struct seq_file *m)
{
	struct event_entry e;
	u64 i, from, to;

	seq_puts(m, "# at_ns\tevent\tgfid\trecord_seq\tresult\tlen_bytes\tdata0\tdata1\thandled\n");
	spin_lock_irq(&h->lock);
	to = h->events;
	from = to > NOVA_HISTORY_EVENTS ? to - NOVA_HISTORY_EVENTS : 0;
	for (i = from; i < to; i++) {
		if (h->events - i > NOVA_HISTORY_EVENTS)
			continue;
		e = h->ev[i % NOVA_HISTORY_EVENTS];
		spin_unlock_irq(&h->lock);
		seq_printf(m, "%llu\t%s\t%u\t%u\t0x%x\t%u\t0x%x\t0x%x\t%d\n", e.at_ns,
			   nova_op_name(e.op), e.gfid, e.record_seq, e.result, e.len, e.data[0],
			   e.data[1], e.handled);
		spin_lock_irq(&h->lock);
	}
	spin_unlock_irq(&h->lock);
	return 0;
}
