// SPDX-License-Identifier: GPL-2.0-only
/*
 * Weighted deficit round robin over the calls of a GPU's vGPUs. Pure.
 *
 * A pick takes a constant number of steps, averaged over a busy period: each step
 * gives a flow credit that calls use up, or takes a flow off a list.
 */
#include "flow.h"

static void flow_add(struct nova_flow_list *l, struct nova_flow *f)
{
	f->next = NULL;
	f->prev = l->last;
	if (l->last)
		l->last->next = f;
	else
		l->first = f;
	l->last = f;
}

static void flow_del(struct nova_flow_list *l, struct nova_flow *f)
{
	if (f->next)
		f->next->prev = f->prev;
	else
		l->last = f->prev;
	if (f->prev)
		f->prev->next = f->next;
	else
		l->first = f->next;
	f->next = NULL;
	f->prev = NULL;
}

static struct nova_flow_list *flow_list_of(struct nova_flows *fs, u8 where)
{
	switch (where) {
	case NOVA_FLOW_FRESH:
		return &fs->fresh;
	case NOVA_FLOW_TURNS:
		return &fs->turns;
	case NOVA_FLOW_HELD:
		return &fs->held;
	default:
		return NULL;
	}
}

/* To the end of the list, also where it is on it. */
static void flow_move(struct nova_flows *fs, struct nova_flow *f, enum nova_flow_where where)
{
	struct nova_flow_list *from = flow_list_of(fs, f->where), *to = flow_list_of(fs, where);

	if (from)
		flow_del(from, f);
	f->where = where;
	if (to)
		flow_add(to, f);
}

static s32 flow_quantum(const struct nova_flow *f)
{
	return (s32)(f->weight * NOVA_FLOW_QUANTUM);
}

void nova_flows_init(struct nova_flows *fs)
{
	u32 i;

	memset(fs, 0, sizeof(*fs));
	for (i = 0; i <= NOVA_GFID_MAX; i++)
		nova_flow_reset(fs, i);
}

void nova_flow_reset(struct nova_flows *fs, u32 gfid)
{
	struct nova_flow *f = &fs->flow[gfid];

	f->weight = gfid ? NOVA_FLOW_WEIGHT_TENANT : NOVA_FLOW_WEIGHT_HOST;
	f->sent = 0;
	f->wait_ns = 0;
	f->max_wait_ns = 0;
	f->firmware_ns = 0;
}

int nova_flow_set_weight(struct nova_flows *fs, u32 gfid, u32 weight)
{
	if (gfid > NOVA_GFID_MAX || !weight || weight > NOVA_FLOW_WEIGHT_MAX)
		return -EINVAL;
	fs->flow[gfid].weight = weight;
	return 0;
}

void nova_flow_set_windows(struct nova_flows *fs, u32 window, u32 flow_window)
{
	u32 i;

	if (fs->window == window && fs->flow_window == flow_window)
		return;
	fs->window = window;
	fs->flow_window = flow_window;
	for (i = 0; i <= NOVA_GFID_MAX; i++)
		if (fs->flow[i].where == NOVA_FLOW_FULL)
			flow_move(fs, &fs->flow[i], NOVA_FLOW_TURNS);
}

u32 nova_flow_cost(u32 len)
{
	return NOVA_FLOW_CALL_COST + len / 4096 * NOVA_FLOW_SLOT_COST;
}

static void flow_call_add(struct nova_flow *f, struct nova_flow_call *c)
{
	c->next = NULL;
	c->prev = f->last;
	if (f->last)
		f->last->next = c;
	else
		f->first = c;
	f->last = c;
	f->queued++;
}

static void flow_call_del(struct nova_flow *f, struct nova_flow_call *c)
{
	if (c->next)
		c->next->prev = c->prev;
	else
		f->last = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		f->first = c->next;
	c->next = NULL;
	c->prev = NULL;
	f->queued--;
}

void nova_flow_queue(struct nova_flows *fs, struct nova_flow_call *c, u32 gfid, bool urgent,
		     u32 len)
{
	struct nova_flow *f = urgent ? &fs->urgent : &fs->flow[gfid];

	c->flow = f;
	c->cost = nova_flow_cost(len);
	c->out = false;
	flow_call_add(f, c);
	fs->queued++;
	if (urgent)
		return;
	if (f->where == NOVA_FLOW_IDLE) {
		f->credit = flow_quantum(f);
		flow_move(fs, f, NOVA_FLOW_FRESH);
	} else if (f->where == NOVA_FLOW_HELD) {
		flow_move(fs, f, NOVA_FLOW_TURNS);
	}
}

static struct nova_flow_call *flow_look(struct nova_flow *f, nova_flow_ready_fn ready, void *ctx)
{
	struct nova_flow_call *c;
	u32 waiting = 0;

	for (c = f->first; c && waiting < NOVA_FLOW_LOOK; c = c->next) {
		enum nova_flow_ready r = ready(c, ctx);

		if (r == NOVA_FLOW_GO)
			return c;
		waiting += r == NOVA_FLOW_WAIT;
	}
	return NULL;
}

static struct nova_flow_call *flow_take(struct nova_flows *fs, struct nova_flow_call *c)
{
	struct nova_flow *f = c->flow;

	flow_call_del(f, c);
	fs->queued--;
	c->out = true;
	f->out++;
	if (f != &fs->urgent)
		fs->out++;
	return c;
}

static struct nova_flow_call *flow_pick_urgent(struct nova_flows *fs, nova_flow_ready_fn ready,
					       void *ctx)
{
	struct nova_flow_call *c;

	if (!fs->urgent.queued || fs->urgent.out >= NOVA_FLOW_URGENT_WINDOW)
		return NULL;
	c = flow_look(&fs->urgent, ready, ctx);
	if (!c)
		return NULL;
	fs->urgent_run++;
	return flow_take(fs, c);
}

/*
 * A flow that runs dry in its first turn stays on the list of turns until its turn comes:
 * submitting one RPC at a time must not gain more than waiting in line.
 */
static void flow_run_dry(struct nova_flows *fs, struct nova_flow *f)
{
	bool stays = f->where == NOVA_FLOW_FRESH && fs->turns.first;

	flow_move(fs, f, stays ? NOVA_FLOW_TURNS : NOVA_FLOW_IDLE);
}

static struct nova_flow_call *flow_pick_turn(struct nova_flows *fs, nova_flow_ready_fn ready,
					     void *ctx)
{
	struct nova_flow_call *c;
	struct nova_flow *f;

	if (fs->window && fs->out >= fs->window)
		return NULL;
	while ((f = fs->fresh.first ? fs->fresh.first : fs->turns.first)) {
		if (f->credit <= 0) {
			f->credit += flow_quantum(f);
			flow_move(fs, f, NOVA_FLOW_TURNS);
			continue;
		}
		if (!f->queued) {
			flow_run_dry(fs, f);
			continue;
		}
		if (fs->flow_window && f->out >= fs->flow_window) {
			flow_move(fs, f, NOVA_FLOW_FULL);
			continue;
		}
		c = flow_look(f, ready, ctx);
		if (!c) {
			flow_move(fs, f, NOVA_FLOW_HELD);
			continue;
		}
		f->credit -= (s32)c->cost;
		fs->urgent_run = 0;
		return flow_take(fs, c);
	}
	return NULL;
}

struct nova_flow_call *nova_flow_pick(struct nova_flows *fs, nova_flow_ready_fn ready, void *ctx)
{
	struct nova_flow_call *c = NULL;

	if (fs->urgent_run < NOVA_FLOW_URGENT_RUN)
		c = flow_pick_urgent(fs, ready, ctx);
	if (!c)
		c = flow_pick_turn(fs, ready, ctx);
	if (!c && fs->urgent_run >= NOVA_FLOW_URGENT_RUN)
		c = flow_pick_urgent(fs, ready, ctx);
	return c;
}

void nova_flow_retry(struct nova_flows *fs)
{
	while (fs->held.first)
		flow_move(fs, fs->held.first, NOVA_FLOW_TURNS);
}

void nova_flow_sent(struct nova_flow_call *c, u64 wait_ns)
{
	struct nova_flow *f = c->flow;

	if (!f)
		return;
	f->sent++;
	f->wait_ns += wait_ns;
	f->max_wait_ns = max_t(u64, f->max_wait_ns, wait_ns);
}

void nova_flow_answered(struct nova_flows *fs, u32 gfid, u64 firmware_ns)
{
	fs->flow[gfid].firmware_ns += firmware_ns;
}

void nova_flow_end(struct nova_flows *fs, struct nova_flow_call *c)
{
	struct nova_flow *f = c->flow;

	if (!f)
		return;
	if (c->out) {
		f->out--;
		if (f != &fs->urgent)
			fs->out--;
		if (f->where == NOVA_FLOW_FULL)
			flow_move(fs, f, NOVA_FLOW_TURNS);
	} else {
		flow_call_del(f, c);
		fs->queued--;
	}
	c->flow = NULL;
	c->out = false;
}
