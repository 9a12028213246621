// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of vGPUs: of their plugin tasks, their memory, and the requests of several
 * records about them.
 */
#include "fault_spec.h"

/* plugin rpc TYPE KIND [ARG] | plugin rpc off */
static int gsim_f_plugin_rpc(struct gsim_spec *s)
{
	struct gsim_rpc_fault f = {};
	u32 kind;

	if (gsim_word_is(&s->words, 2, "off")) {
		if (gsim_spec_end(s, 3))
			return -EINVAL;
		s->sim->vgpus->rpc_fault = f;
		return 0;
	}
	if (gsim_spec_number(s, 2, U32_MAX, &f.type))
		return -EINVAL;
	for (kind = GSIM_RPC_GOOD + 1; kind < GSIM_RPC_KINDS; kind++)
		if (gsim_word_is(&s->words, 3, gsim_rpc_fault_name(kind)))
			break;
	if (kind == GSIM_RPC_KINDS)
		return gsim_spec_bad(s, 3, "mute, late, refuse, wrongseq, badversion or crash");
	f.kind = (enum gsim_rpc_fault_kind)kind;
	if (kind == GSIM_RPC_LATE || kind == GSIM_RPC_REFUSE) {
		if (gsim_spec_number(s, 4, GSIM_US_MAX, &f.arg) || gsim_spec_end(s, 5))
			return -EINVAL;
	} else if (gsim_spec_end(s, 4)) {
		return -EINVAL;
	}
	s->sim->vgpus->rpc_fault = f;
	return 0;
}

/* plugin mute|keep [N] | plugin delay US | plugin crash GFID | plugin rpc ... */
int gsim_f_plugin(struct gsim_spec *s)
{
	struct gsim_vgpus *vs = s->sim->vgpus;
	bool mute = gsim_word_is(&s->words, 1, "mute"), keep = gsim_word_is(&s->words, 1, "keep");
	bool delay = gsim_word_is(&s->words, 1, "delay");
	u32 v = 1;

	if (gsim_word_is(&s->words, 1, "rpc"))
		return gsim_f_plugin_rpc(s);
	if (!mute && !keep && !delay && !gsim_word_is(&s->words, 1, "crash"))
		return gsim_spec_bad(s, 1, "mute, keep, delay, crash or rpc");
	if (((!mute && !keep) || s->words.n > 2) &&
	    gsim_spec_number(s, 2, delay ? GSIM_US_MAX : GSIM_VGPUS_MAX, &v))
		return -EINVAL;
	if (gsim_spec_end(s, 3))
		return -EINVAL;
	if (mute)
		vs->mute = v;
	else if (keep)
		vs->keep = v;
	else if (delay)
		vs->delay_us = v;
	else if (gsim_spec_running(s))
		return -EINVAL;
	else if (!gsim_vgpu_crash(s->sim, v))
		return gsim_spec_bad(s, 2, "the gfid of a vGPU that runs");
	return 0;
}

/* scrub dirty [N] */
int gsim_f_scrub(struct gsim_spec *s)
{
	u32 v = 1;

	if (!gsim_word_is(&s->words, 1, "dirty"))
		return gsim_spec_bad(s, 1, "dirty");
	if ((s->words.n > 2 && gsim_spec_number(s, 2, GSIM_STORM_MAX, &v)) || gsim_spec_end(s, 3))
		return -EINVAL;
	s->sim->faults.scrub_dirty = v;
	return 0;
}

bool gsim_scrub_fails(struct gsim *sim)
{
	if (!sim->faults.scrub_dirty)
		return false;
	sim->faults.scrub_dirty--;
	return true;
}

/* record lose N: lose the Nth record from now */
int gsim_f_record(struct gsim_spec *s)
{
	u32 v;

	if (!gsim_word_is(&s->words, 1, "lose"))
		return gsim_spec_bad(s, 1, "lose");
	if (gsim_spec_number(s, 2, GSIM_STORM_MAX, &v) || gsim_spec_end(s, 3))
		return -EINVAL;
	s->sim->faults.lose_record = v;
	return 0;
}

void gsim_fault_show_vgpu(struct gsim *sim, struct gsim_text *t)
{
	const struct gsim_vgpus *vs = sim->vgpus;

	if (vs->mute)
		gsim_print(t, "plugin mute %u\n", vs->mute);
	if (vs->keep)
		gsim_print(t, "plugin keep %u\n", vs->keep);
	if (vs->delay_us)
		gsim_print(t, "plugin delay %u\n", vs->delay_us);
	if (vs->rpc_fault.kind != GSIM_RPC_GOOD)
		gsim_print(t, "plugin rpc %u %s %u\n", vs->rpc_fault.type,
			   gsim_rpc_fault_name(vs->rpc_fault.kind), vs->rpc_fault.arg);
	if (sim->faults.scrub_dirty)
		gsim_print(t, "scrub dirty %u\n", sim->faults.scrub_dirty);
	if (sim->faults.lose_record)
		gsim_print(t, "record lose %u\n", sim->faults.lose_record);
}
