/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests of an RPC hook and their verdicts. Pure. */
#ifndef NOVABPF_GSP_VERDICT_H
#define NOVABPF_GSP_VERDICT_H

#include <novabpf/driver/abi.h>
#include <uapi/novabpf.h>

/**
 * struct nova_verdict - one request of a hook
 * @rule: the hook's, for traces and releases
 * @asked: enum nova_rpc_action, or anything
 * @arg: its argument as asked
 * @applied: enum nova_rpc_applied, set by nova_verdict_check()
 * @done: the argument that is applied, set by nova_verdict_check()
 */
struct nova_verdict {
	u32 rule;
	u32 asked;
	u64 arg;
	u32 applied;
	u64 done;
};

/**
 * struct nova_verdict_env - the circumstances
 * @phase: enum nova_rpc_phase
 * @may_inject: the hook has NOVA_RPC_F_INJECT
 * @allowed: the parameter allow_injection is on
 * @expired: the hook's time is over
 * @ended: the call or event was ended by a hook
 * @answered: reply: the firmware has answered
 * @budget: injections that are left
 * @len: bytes of the payload
 * @throttled_ns: by how much hooks have throttled the call so far
 */
struct nova_verdict_env {
	u32 phase;
	bool may_inject;
	bool allowed;
	bool expired;
	bool ended;
	bool answered;
	u32 budget;
	u32 len;
	u64 throttled_ns;
};

/**
 * nova_verdict_injects() - does an action break things?
 * @action: enum nova_rpc_action
 *
 * Return: false for what filters may do: deny and throttle.
 */
bool nova_verdict_injects(u32 action);

/**
 * nova_verdict_check() - decide on a request
 * @v: the request; @applied and @done are set
 * @env: the circumstances
 *
 * Return: true where it is to be done, with @v->done for an argument.
 */
bool nova_verdict_check(struct nova_verdict *v, const struct nova_verdict_env *env);

#endif /* NOVABPF_GSP_VERDICT_H */
