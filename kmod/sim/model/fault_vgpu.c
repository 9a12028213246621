// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that have to do with vGPUs: their plugin tasks, their memory, the requests of
 * several records that tell of them.
 */
#include "fault_spec.h"

/* plugin rpc TYPE KIND [ARG] | plugin rpc off */
static int nsim_f_plugin_rpc(struct nsim_spec *s)
{
	struct nsim_rpc_fault f = {};
	u32 kind;

	if (nsim_word_is(&s->words, 2, "off")) {
		if (nsim_spec_end(s, 3))
			return -EINVAL;
		s->sim->vgpus->rpc_fault = f;
		return 0;
	}
	if (nsim_spec_number(s, 2, U32_MAX, &f.type))
		return -EINVAL;
	for (kind = NSIM_RPC_GOOD + 1; kind < NSIM_RPC_KINDS; kind++)
		if (nsim_word_is(&s->words, 3, nsim_rpc_fault_name(kind)))
			break;
	if (kind == NSIM_RPC_KINDS)
		return nsim_spec_bad(s, 3, "mute, late, refuse, wrongseq, badversion or crash");
	f.kind = (enum nsim_rpc_fault_kind)kind;
	if (kind == NSIM_RPC_LATE || kind == NSIM_RPC_REFUSE) {
		if (nsim_spec_number(s, 4, NSIM_US_MAX, &f.arg) || nsim_spec_end(s, 5))
			return -EINVAL;
	} else if (nsim_spec_end(s, 4)) {
		return -EINVAL;
	}
	s->sim->vgpus->rpc_fault = f;
	return 0;
}

/* plugin mute|keep [N] | plugin delay US | plugin crash GFID | plugin rpc ... */
int nsim_f_plugin(struct nsim_spec *s)
{
	struct nsim_vgpus *vs = s->sim->vgpus;
	bool mute = nsim_word_is(&s->words, 1, "mute"), keep = nsim_word_is(&s->words, 1, "keep");
	bool delay = nsim_word_is(&s->words, 1, "delay");
	u32 v = 1;

	if (nsim_word_is(&s->words, 1, "rpc"))
		return nsim_f_plugin_rpc(s);
	if (!mute && !keep && !delay && !nsim_word_is(&s->words, 1, "crash"))
		return nsim_spec_bad(s, 1, "mute, keep, delay, crash or rpc");
	if (((!mute && !keep) || s->words.n > 2) &&
	    nsim_spec_number(s, 2, delay ? NSIM_US_MAX : NSIM_VGPUS_MAX, &v))
		return -EINVAL;
	if (nsim_spec_end(s, 3))
		return -EINVAL;
	if (mute)
		vs->mute = v;
	else if (keep)
		vs->keep = v;
	else if (delay)
		vs->delay_us = v;
	else if (nsim_spec_running(s))
		return -EINVAL;
	else if (!nsim_vgpu_crash(s->sim, v))
		return nsim_spec_bad(s, 2, "the gfid of a vGPU that runs");
	return 0;
}

/* scrub dirty [N] */
int nsim_f_scrub(struct nsim_spec *s)
{
	u32 v = 1;

	if (!nsim_word_is(&s->words, 1, "dirty"))
		return nsim_spec_bad(s, 1, "dirty");
	if ((s->words.n > 2 && nsim_spec_number(s, 2, NSIM_STORM_MAX, &v)) || nsim_spec_end(s, 3))
		return -EINVAL;
	s->sim->faults.scrub_dirty = v;
	return 0;
}

bool nsim_scrub_fails(struct nsim *sim)
{
	if (!sim->faults.scrub_dirty)
		return false;
	sim->faults.scrub_dirty--;
	return true;
}

/* record lose N: of the records that come, the Nth */
int nsim_f_record(struct nsim_spec *s)
{
	u32 v;

	if (!nsim_word_is(&s->words, 1, "lose"))
		return nsim_spec_bad(s, 1, "lose");
	if (nsim_spec_number(s, 2, NSIM_STORM_MAX, &v) || nsim_spec_end(s, 3))
		return -EINVAL;
	s->sim->faults.lose_record = v;
	return 0;
}

void nsim_fault_show_vgpu(struct nsim *sim, struct nsim_text *t)
{
	const struct nsim_vgpus *vs = sim->vgpus;

	if (vs->mute)
		nsim_print(t, "plugin mute %u\n", vs->mute);
	if (vs->keep)
		nsim_print(t, "plugin keep %u\n", vs->keep);
	if (vs->delay_us)
		nsim_print(t, "plugin delay %u\n", vs->delay_us);
	if (vs->rpc_fault.kind != NSIM_RPC_GOOD)
		nsim_print(t, "plugin rpc %u %s %u\n", vs->rpc_fault.type,
			   nsim_rpc_fault_name(vs->rpc_fault.kind), vs->rpc_fault.arg);
	if (sim->faults.scrub_dirty)
		nsim_print(t, "scrub dirty %u\n", sim->faults.scrub_dirty);
	if (sim->faults.lose_record)
		nsim_print(t, "record lose %u\n", sim->faults.lose_record);
}
