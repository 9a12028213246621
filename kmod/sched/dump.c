// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's state as text: now, and at the last ejection.
 */
#include <linux/seq_buf.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "runlist.h"

const char * const nova_rl_phase_name[] = {
	[NOVA_RL_DEAD] = "dead",
	[NOVA_RL_IDLE] = "idle",
	[NOVA_RL_SWITCH] = "switch",
	[NOVA_RL_ON] = "on",
};

static void dump_vgpu(const struct nova_entity *e, u64 now_ns, struct seq_buf *out)
{
	const struct nova_rq_vgpu *v = &e->rq;
	u64 since = v->pub.runnable ? now_ns - v->pub.runnable_since_ns : 0;

	seq_buf_printf(out,
		       "  vgpu%u slot %u weight %u cap %u priority %u tsgs %u%s%s%s%s%s queue %u key %llu vtime %llu priv %llu since_ns %llu run_ns %llu wait_ns %llu runs %llu overrun_ns %lld\n",
		       v->pub.gfid, v->pub.slot, v->pub.weight, v->pub.cap_pct, v->pub.priority,
		       v->pub.tsgs, v->pub.runnable ? " runnable" : "",
		       v->waiting ? " waiting" : "", v->capped ? " capped" : "",
		       v->broken ? " broken" : "", e->leaving ? " leaving" : "", v->pub.queue,
		       v->key, v->pub.vtime, v->pub.priv, since, v->pub.run_total_ns,
		       v->pub.wait_total_ns, v->pub.runs, v->pub.overrun_ns);
}

static void dump_runlist(struct nova_runlist *rl, struct seq_buf *out)
{
	unsigned long flags;
	u64 now;
	u32 slot;

	spin_lock_irqsave(&rl->lock, flags);
	now = nova_now_ns(rl->sched->gpu);
	seq_buf_printf(out,
		       "runlist %s phase %s now_ns %llu on %u next %u vgpus %u runnable %u slice_us %u slice_end_ns %llu idle_until_ns %llu decisions %llu switches %llu retries %u posts %u\n",
		       rl->name, nova_rl_phase_name[rl->phase], now, rl->on ? rl->on->gfid : 0,
		       rl->next ? rl->next->gfid : 0, rl->rq.pub.nr_vgpus,
		       rl->rq.pub.nr_runnable, rl->rq.pub.slice_us, rl->slice_end_ns,
		       rl->idle_until_ns, rl->rq.pub.nr_decisions, rl->switches, rl->tries.nr,
		       rl->posts);
	seq_buf_printf(out, "  last asked: kind %u gfid %u ns %llu\n", rl->asked.kind,
		       rl->asked.gfid, rl->asked.ns);
	for (slot = 0; slot < NOVA_SLOTS_MAX; slot++) {
		struct nova_rq_vgpu *v = nova_rq_at(&rl->rq, slot);

		if (v)
			dump_vgpu(nova_entity_of(v), now, out);
	}
	spin_unlock_irqrestore(&rl->lock, flags);
}

void nova_sched_dump(struct nova_sched *s, struct seq_buf *out)
{
	struct nova_policy *p = s->policy;
	u32 i;

	lockdep_assert_held(&s->lock);
	if (p) {
		seq_buf_printf(out, "policy %s seq %llu attached_ns %llu", p->ops->name, p->seq,
			       p->attached_ns);
		if (atomic_read(&p->claimed))
			seq_buf_printf(out, " ends: %s: %s", p->ei.reason, p->ei.msg);
		seq_buf_printf(out, "\n  calls:");
		for (i = 1; i < NOVA_SCHED_OPS; i++)
			seq_buf_printf(out, " %s %lld", nova_sched_op_name[i],
				       atomic64_read(&p->calls[i]));
		seq_buf_printf(out, "\n");
	}
	for (i = 0; i < s->nr_rl; i++)
		dump_runlist(s->rl[i], out);
	if (seq_buf_has_overflowed(out)) {
		/* Mark a text that did not fit. */
		static const char mark[] = "\n~~~~ TRUNCATED ~~~~\n";

		out->len = out->size - sizeof(mark);
		seq_buf_printf(out, "%s", mark);
	}
}

int nova_sched_show(struct seq_file *m, void *unused)
{
	struct nova_sched *s = ((struct nova_gpu *)m->private)->sched;
	char *text = kvmalloc(NOVA_DUMP_BYTES, GFP_KERNEL);
	struct seq_buf out;

	if (!text)
		return -ENOMEM;
	seq_buf_init(&out, text, NOVA_DUMP_BYTES);
	mutex_lock(&s->lock);
	nova_sched_dump(s, &out);
	mutex_unlock(&s->lock);
	seq_write(m, text, min_t(size_t, out.len, NOVA_DUMP_BYTES));
	kvfree(text);
	return 0;
}

int nova_sched_dump_show(struct seq_file *m, void *unused)
{
	struct nova_sched *s = ((struct nova_gpu *)m->private)->sched;

	mutex_lock(&s->lock);
	if (s->dump)
		seq_puts(m, s->dump);
	mutex_unlock(&s->lock);
	return 0;
}
