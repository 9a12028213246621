// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last calls of a GPU with all their stamps, who made them, and where the
 * ring pointers stood when they ended.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "history.h"
#include "rpc.h"

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

struct nova_history {
	spinlock_t lock;	/* guards the entries; any context */
	u64 added;
	struct entry e[NOVA_HISTORY_ENTRIES];
};

struct nova_history *nova_history_create(void)
{
	struct nova_history *h = kvzalloc(sizeof(*h), GFP_KERNEL);

	if (h)
		spin_lock_init(&h->lock);
	return h;
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

static const char *fate_name(enum nova_rpc_fate fate)
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

static const char *status_name(const struct entry *e)
{
	return e->fate == NOVA_FATE_ANSWERED ? nova_status_name(e->result ?: e->status) : "-";
}

static void show_entry(struct seq_file *m, const struct entry *e)
{
	const char *what = NULL;

	if (e->op == NOVA_OP_RPC_GSP_RM_CONTROL)
		what = nova_ctrl_name(e->cmd);
	seq_printf(m, "%llu\t%s\t%u\t0x%08x\t%s\t%u\t%d\t", e->id, nova_op_name(e->op),
		   e->function, e->cmd, what ?: "-", e->gfid, e->pid);
	/* A task may be called anything, a TAB included. */
	seq_escape_str(m, e->comm, ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NULL, "\t");
	seq_printf(m, "\t%u\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%llu\t%d\t0x%x\t0x%x\t%s\t%d\t%s",
		   e->seq, e->record_seq, e->len, e->reply_len, e->submit_ns, e->queued_ns,
		   e->firmware_ns, e->total_ns, e->consumed, e->result, e->status,
		   status_name(e), e->err, fate_name(e->fate));
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
		/* One at a time: printing under the lock would hold up the calls. */
		if (h->added - i > NOVA_HISTORY_ENTRIES)
			continue;
		e = h->e[i % NOVA_HISTORY_ENTRIES];
		spin_unlock_irq(&h->lock);
		show_entry(m, &e);
		spin_lock_irq(&h->lock);
	}
	spin_unlock_irq(&h->lock);
	return 0;
}
