// SPDX-License-Identifier: GPL-2.0-only
/*
 * RPCs of the scheduler: allocate channel groups, put them on the runlist, take them off,
 * preempt. The controls of a switch are posted together. The firmware executes them in
 * order, and the switch ends when all are answered.
 */
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include "../gsp/gsp.h"
#include "runlist.h"
#include "compat.h"

/* Update the hardware's slice if it is off by more than this part of it. */
#define NOVA_SLICE_TOLD_PART	8

static u32 tsg_handle(u32 gfid, u32 index, u32 i)
{
	return 0xa6000000 | gfid << 12 | index << 8 | i;
}

static int tsg_send(struct nova_runlist *rl, struct nova_tsg_post *p)
{
	struct nova_entity *e = p->e;

	return nova_rm_control_post_for(rl->sched->gpu, e->gfid, e->client, p->handle, p->cmd,
					p->params, p->size, &p->post);
}

static void tsg_post_ended(struct nova_runlist *rl, struct nova_tsg_post *p, int err, u64 now_ns)
{
	const struct nova_rm_result *res = &p->post.result;
	struct nova_sched *s = rl->sched;
	int status = 0;

	lockdep_assert_held(&rl->lock);
	if (err == -EREMOTEIO)
		status = nova_status_errno(res->rpc_result ?: res->status);
	p->err = err;
	p->end = nova_control_end(err, status, nova_gsp_serves(s->gpu->gsp, s->epoch));
	if (p->off)
		rl->off_at_ns = now_ns;
	if (p->end == NOVA_CONTROL_DONE && p->cmd == NOVA_WIRE_TSG_SET_TIMESLICE) {
		struct nova_tsg *t = container_of(p, struct nova_tsg, timeslice);

		t->slice_us = t->asked_us;
	}
	rl->posts--;
}

/* Called from the worker that receives replies, without a lock. */
static void tsg_post_done(struct nova_rm_post *post)
{
	struct nova_tsg_post *p = container_of(post, struct nova_tsg_post, post);
	struct nova_runlist *rl = p->e->rl;
	unsigned long flags;
	u64 now;

	spin_lock_irqsave(&rl->lock, flags);
	now = nova_now_ns(rl->sched->gpu);
	tsg_post_ended(rl, p, post->err, now);
	nova_rl_posted(rl, now);
	nova_rl_advance(rl, now);
	spin_unlock_irqrestore(&rl->lock, flags);
}

/*
 * Controls behind a retried one are sent again too, because they took effect before it. No
 * vGPU is put on ahead of a control that did not get through.
 */
static void tsg_post_all(struct nova_runlist *rl)
{
	u64 now = nova_now_ns(rl->sched->gpu);
	bool again = false, stop = false;
	u32 i;
	int err;

	for (i = 0; i < rl->nr_posts; i++) {
		struct nova_tsg_post *p = rl->post[i];

		again |= p->end != NOVA_CONTROL_DONE && p->end != NOVA_CONTROL_REFUSED;
		if (!again || p->end == NOVA_CONTROL_REFUSED)
			continue;
		p->end = NOVA_CONTROL_TODO;
		p->err = 0;
		if (stop)
			continue;
		rl->posts++;
		err = tsg_send(rl, p);
		if (err)
			tsg_post_ended(rl, p, err, now);
		stop = err && p->end != NOVA_CONTROL_REFUSED;
	}
}

static void tsg_add(struct nova_runlist *rl, struct nova_tsg *t, struct nova_tsg_post *p, u32 cmd,
		    const void *params, u32 size)
{
	p->end = NOVA_CONTROL_TODO;
	p->err = 0;
	p->handle = t->handle;
	p->cmd = cmd;
	p->size = size;
	memcpy(p->params, params, size);
	rl->post[rl->nr_posts++] = p;
}

static void tsg_add_schedule(struct nova_runlist *rl, struct nova_tsg *t, bool on)
{
	u8 params[NOVA_WIRE_TSG_SCHEDULE_BYTES] = { [NOVA_WIRE_TSG_SCHEDULE_ENABLE] = on };

	t->schedule.off = !on;
	tsg_add(rl, t, &t->schedule, NOVA_WIRE_TSG_SCHEDULE, params, sizeof(params));
}

/* Several TSGs of one vGPU share its slice; the hardware goes round them. */
static void tsg_add_timeslice(struct nova_runlist *rl, struct nova_entity *e, struct nova_tsg *t)
{
	u32 us = max_t(u64, 1, div_u64(rl->slice_ns, e->tsgs * NSEC_PER_USEC));
	u8 params[NOVA_TSG_PARAMS_MAX] = {};
	struct nova_sched *s = rl->sched;

	if (t->slice_us && abs((s32)(us - t->slice_us)) <= t->slice_us / NOVA_SLICE_TOLD_PART)
		return;
	if (nova_field_put(s->gpu->gsp->abi, NOVA_TSG_TIMESLICE_TIMESLICE_US, params,
			   s->timeslice_bytes, us))
		return;
	t->slice_us = 0;
	t->asked_us = us;
	tsg_add(rl, t, &t->timeslice, NOVA_WIRE_TSG_SET_TIMESLICE, params, s->timeslice_bytes);
}

void nova_tsg_switch(struct nova_runlist *rl, bool preempt)
{
	struct nova_sched *s = rl->sched;
	struct nova_entity *e = rl->on;
	u32 i;

	lockdep_assert_held(&rl->lock);
	rl->nr_posts = 0;
	rl->tries = (struct nova_switch_tries) {};
	rl->off_at_ns = rl->switch_since_ns;
	for (i = 0; e && i < e->tsgs; i++)
		tsg_add_schedule(rl, &e->tsg[i], false);
	for (i = 0; e && preempt && i < e->tsgs; i++)
		tsg_add(rl, &e->tsg[i], &e->tsg[i].preempt, NOVA_WIRE_TSG_PREEMPT,
			s->preempt_params,
			s->preempt_bytes);
	e = rl->next;
	for (i = 0; e && i < e->tsgs; i++) {
		tsg_add_timeslice(rl, e, &e->tsg[i]);
		tsg_add_schedule(rl, &e->tsg[i], true);
	}
	tsg_post_all(rl);
}

void nova_tsg_retry(struct nova_runlist *rl)
{
	lockdep_assert_held(&rl->lock);
	tsg_post_all(rl);
}

void nova_tsg_outcome(const struct nova_runlist *rl, struct nova_switch_outcome *o)
{
	u32 i;

	lockdep_assert_held(&rl->lock);
	*o = (struct nova_switch_outcome) { .on = rl->next };
	for (i = 0; i < rl->nr_posts; i++) {
		const struct nova_tsg_post *p = rl->post[i];

		o->todo |= p->end == NOVA_CONTROL_TODO;
		o->lost |= p->end == NOVA_CONTROL_LOST;
		o->gone |= p->end == NOVA_CONTROL_GONE;
		if (p->off) {
			o->off_err = o->off_err ?: p->err;
		} else {
			o->on_err = o->on_err ?: p->err;
			o->on &= p->end == NOVA_CONTROL_DONE;
		}
	}
}

int nova_tsg_prepare(struct nova_sched *s)
{
	const struct nova_abi *abi = s->gpu->gsp->abi;

	s->preempt_bytes = nova_msg_size(abi, NOVA_MSG_TSG_PREEMPT);
	s->timeslice_bytes = nova_msg_size(abi, NOVA_MSG_TSG_TIMESLICE);
	if (!s->preempt_bytes || s->preempt_bytes > NOVA_TSG_PARAMS_MAX ||
	    !s->timeslice_bytes || s->timeslice_bytes > NOVA_TSG_PARAMS_MAX)
		return -EOPNOTSUPP;
	memset(s->preempt_params, 0, sizeof(s->preempt_params));
	return nova_field_put(abi, NOVA_TSG_PREEMPT_WAIT, s->preempt_params, s->preempt_bytes, 1);
}

static void tsg_init(struct nova_entity *e, struct nova_tsg *t)
{
	struct nova_tsg_post *posts[] = { &t->schedule, &t->preempt, &t->timeslice };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(posts); i++) {
		posts[i]->e = e;
		posts[i]->post.done = tsg_post_done;
		posts[i]->post.urgent = true;
	}
	t->preempt.off = true;
}

int nova_tsg_alloc(struct nova_entity *e, const struct nova_sched_tenant *tenant)
{
	u8 params[NOVA_WIRE_TSG_ALLOC_BYTES] = {};
	struct nova_runlist *rl = e->rl;
	u32 index = rl->rq.pub.index;
	int err;

	put_unaligned_le32(rl->rq.pub.engine_id, params + NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE);
	while (e->tsgs < tenant->tsgs) {
		struct nova_tsg *t = &e->tsg[e->tsgs];

		tsg_init(e, t);
		t->handle = tsg_handle(e->gfid, index, e->tsgs);
		err = nova_rm_alloc_for(tenant->gpu, e->gfid, e->client, tenant->device,
					t->handle, KEPLER_CHANNEL_GROUP_A, params, sizeof(params),
					NULL);
		if (err) {
			nova_tsg_free(e);
			return err;
		}
		e->tsgs++;
	}
	return 0;
}

int nova_tsg_free(struct nova_entity *e)
{
	int err = 0;

	while (e->tsgs) {
		struct nova_tsg *t = &e->tsg[--e->tsgs];

		err = nova_rm_free_for(e->rl->sched->gpu, e->gfid, e->client, t->handle, NULL) ?:
		      err;
	}
	return err;
}
