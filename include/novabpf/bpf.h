/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface between BPF programs and the core: tables of operations, their arguments,
 * and kfuncs. Both sides share this header; programs include novabpf/policy.bpf.h or
 * novabpf/hook.bpf.h, which include it.
 *
 * None of this is a stable ABI. Structures grow at their end, and programs are
 * relocated to the running module by BTF (novabpf/compat.bpf.h).
 */
#ifndef NOVABPF_BPF_H
#define NOVABPF_BPF_H

#ifdef __KERNEL__
#include <linux/types.h>
#endif
#include <uapi/novabpf.h>

#ifdef __bpf__
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif

/**
 * struct nova_sched_gpu - a GPU as init() sees it
 * @gpu_id: N of gpuN
 * @nr_runlists: engines that are scheduled by software
 * @nr_vgpus: vGPUs that exist
 * @slots: vGPUs of the types in use that fit the GPU; fixed share divides by it
 * @slice_us: default time slice
 * @timeout_ms: longest wait of a runnable vGPU before the policy is ejected
 * @now_ns: GPU clock
 */
struct nova_sched_gpu {
	u32 gpu_id;
	u32 nr_runlists;
	u32 nr_vgpus;
	u32 slots;
	u32 slice_us;
	u32 timeout_ms;
	u64 now_ns;
};

/**
 * struct nova_sched_rl - a runlist: one engine that is scheduled by software
 * @gpu_id: N of gpuN
 * @index: counts up from 0 per GPU
 * @engine_id: NV2080_ENGINE_TYPE (GR0 is 1)
 * @nr_vgpus: vGPUs on this runlist
 * @nr_runnable: runnable vGPUs on it
 * @slots: as in struct nova_sched_gpu
 * @slice_us: default time slice (GPU setting, or slice_us of the policy)
 * @curr_gfid: vGPU that has the engine, 0 for none
 * @curr_since_ns: when it got the engine (GPU clock)
 * @slice_min_ns: shortest slice that is accepted
 * @slice_max_ns: longest slice that is accepted
 * @nr_decisions: decisions so far
 * @builtin: enum nova_builtin, set by the administrator
 * @arr: adaptive round robin is on
 * @arr_avg_factor: its averaging factor
 * @reserved: 0
 */
struct nova_sched_rl {
	u32 gpu_id;
	u32 index;
	u32 engine_id;
	u32 nr_vgpus;
	u32 nr_runnable;
	u32 slots;
	u32 slice_us;
	u32 curr_gfid;
	u64 curr_since_ns;
	u64 slice_min_ns;
	u64 slice_max_ns;
	u64 nr_decisions;
	u32 builtin;
	u32 arr;
	u32 arr_avg_factor;
	u32 reserved;
};

/**
 * struct nova_sched_vgpu - a vGPU on a runlist
 * @gfid: number of its virtual function, 1 and up
 * @slot: place among the vGPUs, 0 and up: the lowest free one at its creation
 * @weight: share relative to others, 1 .. 10000, default 100
 * @cap_pct: limit of its engine time, in percent; 0 for none. The core enforces it: a
 *	vGPU at its cap is not runnable
 * @priority: 0 batch, 1 normal, 2 interactive; only policies use it
 * @tsgs: channel groups that it has on this engine
 * @period_us: period of its reservation of @budget_us; 0 for no reservation
 * @budget_us: see @period_us
 * @runnable: it has work and is not held back by its cap
 * @queue: queue of the policy that it is on, plus 1; 0 for none
 * @runnable_since_ns: start of its wait, or of its run
 * @run_total_ns: engine time so far
 * @wait_total_ns: time it was runnable without having the engine
 * @runs: number of runs
 * @last_ran_ns: length of its last run
 * @overrun_ns: excess of that over the slice (until the engine was free)
 * @vtime: the policy's; writable
 * @priv: the policy's; writable
 */
struct nova_sched_vgpu {
	u32 gfid;
	u32 slot;
	u32 weight;
	u32 cap_pct;
	u32 priority;
	u32 tsgs;
	u32 period_us;
	u32 budget_us;
	u32 runnable;
	u32 queue;
	u64 runnable_since_ns;
	u64 run_total_ns;
	u64 wait_total_ns;
	u64 runs;
	u64 last_ran_ns;
	s64 overrun_ns;
	u64 vtime;
	u64 priv;
};

/**
 * struct nova_vgpu_request - request to create a vGPU
 * @gpu_id: N of gpuN
 * @gfid: number that it is about to get
 * @type_id: vGPU type
 * @max_instances: of that type on this GPU
 * @nr_vgpus: vGPUs that exist
 * @weight: see struct nova_sched_vgpu
 * @cap_pct: see struct nova_sched_vgpu
 * @priority: see struct nova_sched_vgpu
 * @period_us: see struct nova_sched_vgpu
 * @budget_us: see struct nova_sched_vgpu
 * @reserved_ppm: sum of budget / period over the vGPUs that exist, in millionths
 * @placement: place that the core has chosen; nova_bpf_place() changes it
 * @placements: number of places
 * @vm_pid: process of the virtual machine, 0 for none
 * @reserved: 0
 * @fb_bytes: framebuffer of its type
 */
struct nova_vgpu_request {
	u32 gpu_id;
	u32 gfid;
	u32 type_id;
	u32 max_instances;
	u32 nr_vgpus;
	u32 weight;
	u32 cap_pct;
	u32 priority;
	u32 period_us;
	u32 budget_us;
	u32 reserved_ppm;
	u32 placement;
	u32 placements;
	s32 vm_pid;
	u32 reserved;
	u64 fb_bytes;
};

/**
 * struct nova_exit_info - why a policy ended
 * @gpu_id: N of gpuN
 * @kind: enum nova_exit_kind
 * @code: the policy's own, from nova_bpf_error(); or -errno of init()
 * @at_ns: when (GPU clock)
 * @gfid: vGPU concerned, 0 for none
 * @reserved: 0
 * @reason: @kind in words
 * @msg: details
 */
struct nova_exit_info {
	u32 gpu_id;
	u32 kind;
	s64 code;
	u64 at_ns;
	u32 gfid;
	u32 reserved;
	char reason[NOVA_EXIT_REASON_LEN];
	char msg[NOVA_EXIT_MSG_LEN];
};

/**
 * struct nova_sched_ops - a scheduling policy
 *
 * At most one per GPU. Every operation may be missing; @name may not. Without
 * pick() the built-in policy decides. Operations other than init(), exit() and
 * admit() are called with the runlist's lock held and interrupts off, in this
 * order for one vGPU: vgpu_init, then runnable, stopped (once per run), quiescent
 * in turn as its work comes and goes, then vgpu_exit. After a policy is attached
 * vgpu_init is called for every vGPU, and runnable for every waiting one.
 *
 * A decision is requested, checked and applied. The built-in policy's decision replaces
 * an illegal request, which is counted and traced with both.
 */
struct nova_sched_ops {
	/**
	 * @init: The policy is about to take over @gpu. May sleep.
	 * Return: 0; or -errno: the policy is not attached, and exit() is called.
	 */
	s32 (*init)(const struct nova_sched_gpu *gpu);

	/**
	 * @exit: The policy has ended: detached, replaced or ejected. Called
	 * exactly once for each attachment, after the last other operation. May
	 * sleep.
	 */
	void (*exit)(const struct nova_exit_info *ei);

	/**
	 * @admit: A vGPU is about to be created. May sleep; may call
	 * nova_bpf_place(). Return: 0 to admit it, or -errno for its creator.
	 */
	s32 (*admit)(struct nova_vgpu_request *req);

	/** @vgpu_init: @v was added to a runlist. Its vtime and priv are 0. */
	void (*vgpu_init)(struct nova_sched_vgpu *v);

	/** @vgpu_exit: @v leaves its runlist. */
	void (*vgpu_exit)(struct nova_sched_vgpu *v);

	/** @vgpu_config: Weight, cap, priority or reservation of @v changed. */
	void (*vgpu_config)(struct nova_sched_vgpu *v);

	/**
	 * @runnable: @v became runnable. A decision follows if the engine is
	 * free; else preempt() is asked.
	 */
	void (*runnable)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v);

	/**
	 * @quiescent: @v has run out of work, has reached its cap, or goes away.
	 * The core has taken it off the policy's queues already.
	 */
	void (*quiescent)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v);

	/**
	 * @pick: Decide: nova_bpf_dispatch() or nova_bpf_idle(), the last call
	 * counts. @prev is the vGPU whose run just ended, or NULL. If it is
	 * chosen again it continues without a switch.
	 */
	void (*pick)(struct nova_sched_rl *rl, struct nova_sched_vgpu *prev);

	/**
	 * @preempt: @woken has got work while @curr has the engine.
	 * Return: true to end the run of @curr now and decide anew.
	 */
	bool (*preempt)(struct nova_sched_rl *rl, struct nova_sched_vgpu *curr,
			struct nova_sched_vgpu *woken);

	/**
	 * @stopped: The run of @v has ended after @ran_ns. @ran_ns includes the
	 * overrun of the previous run, which had not been reported. @reason is
	 * an enum nova_stop_reason. Called before the pick() that follows.
	 */
	void (*stopped)(struct nova_sched_rl *rl, struct nova_sched_vgpu *v, u64 ran_ns,
			u32 reason);

	/** @gpu_id: GPU to attach to; set before load. */
	u32 gpu_id;

	/** @flags: 0; others are refused. */
	u32 flags;

	/**
	 * @timeout_ms: The policy is ejected when a runnable vGPU waits this
	 * long. 0 for the default, NOVA_SCHED_TIMEOUT_MS; at most
	 * NOVA_SCHED_TIMEOUT_MAX_MS.
	 */
	u32 timeout_ms;

	/** @slice_us: Default time slice while attached; 0 for the GPU's. */
	u32 slice_us;

	/** @name: Name of the policy: letters, digits, '_', '.', '-'. Mandatory. */
	char name[NOVA_NAME_LEN];
};

/**
 * struct nova_rpc_ctx - an RPC or an event as a hook sees it
 * @gpu_id: N of gpuN
 * @gfid: vGPU on whose behalf, 0 for the host
 * @id: number of the RPC, counts up per GPU; 0 for events
 * @phase: enum nova_rpc_phase
 * @op: stable id of the function (enum nova_op of novabpf/abi_ids.h)
 * @function: number of the function in the release
 * @cmd: control number, class, or 0
 * @len: bytes of the payload: of the request, the reply, or the event
 * @seq: RPC sequence number; 0 in submit
 * @result: reply, event: rpc_result
 * @status: reply: NV_STATUS of RM
 * @err: reply: 0 or -errno of the transport; no payload unless 0
 * @pid: caller, or the task that the caller interrupted
 * @calls_out: RPCs of this GPU that have not ended
 * @release: index of the firmware release in the tables
 * @now_ns: GPU clock; stands still while the hook runs
 * @submit_ns: when the core got the RPC; @now_ns in submit
 * @sent_ns: reply: when its last record was in the ring
 * @reply_ns: reply: when the reply was complete
 * @comm: name of @pid
 * @flags: NOVA_RPC_C_*. A hook that refuses or delays requests of tenants lets RPCs with
 *	NOVA_RPC_C_SCHED pass: the core's scheduler makes them, and all vGPUs of the
 *	engine wait for them. A hook ignores flags that it does not know
 * @reserved: 0
 */
struct nova_rpc_ctx {
	u32 gpu_id;
	u32 gfid;
	u64 id;
	u32 phase;
	u32 op;
	u32 function;
	u32 cmd;
	u32 len;
	u32 seq;
	u32 result;
	u32 status;
	s32 err;
	s32 pid;
	u32 calls_out;
	u32 release;
	u64 now_ns;
	u64 submit_ns;
	u64 sent_ns;
	u64 reply_ns;
	char comm[NOVA_NAME_LEN];
	u32 flags;
	u32 reserved;
};

/**
 * struct nova_rpc_ops - a hook around firmware RPCs and events
 *
 * Up to NOVA_RPC_HOOKS_MAX per GPU, called by @priority, smallest first; equal ones
 * in the order of attachment. Each sees the changes of those before it. Every
 * operation may be missing; @name may not. All run in atomic context.
 *
 * An operation makes requests with kfuncs. Each request is checked, then done, clipped,
 * refused or suppressed, and traced with rule id, asked and applied. Injection of
 * faults needs the flag NOVA_RPC_F_INJECT and the module's parameter allow_injection,
 * and ends with the budget and the time of the hook. Hooks do not see RPCs and events
 * that hooks made.
 */
struct nova_rpc_ops {
	/**
	 * @submit: An RPC was submitted to the core. Return: 0; or -errno: it is not
	 * sent, and its caller gets the -errno (NOVA_RPC_DENY).
	 */
	s32 (*submit)(struct nova_rpc_ctx *rpc);

	/** @reply: An RPC has ended; its caller was not woken yet. Return: 0. */
	s32 (*reply)(struct nova_rpc_ctx *rpc);

	/** @event: The firmware sent an event, which is not handled yet. Return: 0. */
	s32 (*event)(struct nova_rpc_ctx *ev);

	/** @gpu_id: GPU to attach to; set before load. */
	u32 gpu_id;

	/** @gfid: With NOVA_RPC_F_GFID: only this vGPU (0: only the host). */
	u32 gfid;

	/** @flags: NOVA_RPC_F_*; others are refused. */
	u32 flags;

	/** @priority: Smallest is called first. */
	s32 priority;

	/** @budget: Limit of its injections; 0 for NOVA_RPC_BUDGET_DEFAULT. */
	u32 budget;

	/**
	 * @expire_ms: Time after attachment, by the GPU's clock, during which it
	 * may inject; 0 for NOVA_RPC_EXPIRE_MS_DEFAULT.
	 */
	u32 expire_ms;

	/** @name: Name of the hook: letters, digits, '_', '.', '-'. Mandatory. */
	char name[NOVA_NAME_LEN];
};

#ifdef __bpf__
#pragma clang attribute pop

/*
 * kfuncs. "Operations with a runlist" are runnable(), quiescent(), pick(), preempt() and
 * stopped(). The verifier refuses calls from other operations than those named.
 */

/**
 * nova_bpf_now() - clock of the GPU
 * @rl: the operation's runlist
 *
 * GPU clock at the event that the operation handles; constant while the operation runs.
 * Operations with a runlist.
 * Return: nanoseconds.
 */
u64 nova_bpf_now(const struct nova_sched_rl *rl) __ksym __weak;

/**
 * nova_bpf_dispatch() - give the engine to a vGPU
 * @rl: the operation's runlist
 * @gfid: vGPU
 * @slice_ns: longest run, NOVA_SLICE_MIN_NS .. NOVA_SLICE_MAX_NS
 *
 * Recorded, and applied after pick(); the last call counts. Operation: pick().
 * Return: 0, or -errno for a request that is bound to be refused: -ENOENT no such vGPU,
 * -EAGAIN not runnable, -ERANGE slice.
 */
s32 nova_bpf_dispatch(struct nova_sched_rl *rl, u32 gfid, u64 slice_ns) __ksym __weak;

/**
 * nova_bpf_idle() - leave the engine idle
 * @rl: the operation's runlist
 * @ns: until then or until a vGPU gets work; 0: until a vGPU gets work. At most
 *	NOVA_SCHED_IDLE_MAX_NS while a vGPU is runnable
 *
 * Checked with the decision, after pick(). Operation: pick().
 * Return: 0.
 */
s32 nova_bpf_idle(struct nova_sched_rl *rl, u64 ns) __ksym __weak;

/**
 * nova_bpf_kick() - request a decision
 * @rl: the operation's runlist
 *
 * Made as soon as the engine allows. Operations: runnable(), quiescent(), stopped().
 */
void nova_bpf_kick(struct nova_sched_rl *rl) __ksym __weak;

/**
 * nova_bpf_queue_insert() - put a vGPU on an ordered queue
 * @rl: the operation's runlist
 * @queue: 0 .. NOVA_SCHED_QUEUES - 1
 * @gfid: runnable vGPU; it leaves the queue that it is on
 * @key: smallest first, equal keys in the order of insertion
 *
 * O(log n). The core takes a vGPU off when it runs, stops being runnable or goes.
 * Operations with a runlist.
 * Return: 0; -EINVAL queue; -ENOENT gfid; -EAGAIN not runnable.
 */
s32 nova_bpf_queue_insert(struct nova_sched_rl *rl, u32 queue, u32 gfid, u64 key) __ksym __weak;

/**
 * nova_bpf_queue_remove() - take a vGPU off its queue
 * @rl: the operation's runlist
 * @gfid: vGPU
 *
 * Operations with a runlist.
 * Return: 0, or -ENOENT.
 */
s32 nova_bpf_queue_remove(struct nova_sched_rl *rl, u32 gfid) __ksym __weak;

/**
 * nova_bpf_queue_first() - first vGPU of a queue
 * @rl: the operation's runlist
 * @queue: 0 .. NOVA_SCHED_QUEUES - 1
 *
 * Operations with a runlist.
 * Return: the vGPU, or NULL where the queue is empty.
 */
struct nova_sched_vgpu *nova_bpf_queue_first(struct nova_sched_rl *rl, u32 queue) __ksym __weak;

/**
 * nova_bpf_queue_key() - key of a queue's first vGPU
 * @rl: the operation's runlist
 * @queue: 0 .. NOVA_SCHED_QUEUES - 1
 *
 * Operations with a runlist.
 * Return: the key, 0 where the queue is empty.
 */
u64 nova_bpf_queue_key(struct nova_sched_rl *rl, u32 queue) __ksym __weak;

/**
 * nova_bpf_vgpu() - vGPU of a runlist by gfid
 * @rl: the operation's runlist
 * @gfid: vGPU
 *
 * Operations with a runlist.
 * Return: the vGPU, or NULL.
 */
struct nova_sched_vgpu *nova_bpf_vgpu(struct nova_sched_rl *rl, u32 gfid) __ksym __weak;

/**
 * nova_bpf_vgpu_at() - vGPU of a runlist by slot
 * @rl: the operation's runlist
 * @slot: see struct nova_sched_vgpu
 *
 * Operations with a runlist.
 * Return: the vGPU, or NULL.
 */
struct nova_sched_vgpu *nova_bpf_vgpu_at(struct nova_sched_rl *rl, u32 slot) __ksym __weak;

/**
 * nova_bpf_error() - give up
 * @rl: the operation's runlist
 * @code: the policy's own, see struct nova_exit_info
 * @msg__str: text for the log and for struct nova_exit_info
 *
 * The policy is ejected after the operation. Operations with a runlist.
 */
void nova_bpf_error(struct nova_sched_rl *rl, s64 code, const char *msg__str) __ksym __weak;

/**
 * nova_bpf_place() - choose the place of a vGPU
 * @req: the operation's request
 * @placement: 0 .. @max_instances - 1 of @req
 *
 * Operation: admit().
 * Return: 0, or -ERANGE.
 */
s32 nova_bpf_place(struct nova_vgpu_request *req, u32 placement) __ksym __weak;

/**
 * nova_bpf_rpc_act() - request an action
 * @rpc: the operation's RPC or event
 * @rule: the caller's number; it appears in the trace, and nova_bpf_rpc_release() takes it
 * @action: enum nova_rpc_action, other than deny and throttle
 * @arg: its argument
 *
 * Operations: submit(), reply(), event().
 * Return: 0; -EINVAL refused, wrong action, phase or argument; -EPERM the hook lacks
 * NOVA_RPC_F_INJECT, or injection is off; -EDQUOT its budget is used up; -ETIME its time has
 * passed; -EALREADY another hook has ended the RPC. The trace has the reason.
 */
s32 nova_bpf_rpc_act(struct nova_rpc_ctx *rpc, u32 rule, u32 action, u64 arg) __ksym __weak;

/**
 * nova_bpf_rpc_throttle() - delay an RPC
 * @rpc: the operation's RPC
 * @rule: see nova_bpf_rpc_act()
 * @ns: NOVA_RPC_THROTTLE_MAX_NS at most for all hooks together
 *
 * The RPC's deadline moves with it. Operation: submit().
 * Return: 0, or as nova_bpf_rpc_act().
 */
s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns) __ksym __weak;

/**
 * nova_bpf_rpc_field() - read a field of the payload
 * @rpc: the operation's RPC or event
 * @field: stable id, enum nova_field: of the function, of the event, or of the parameters
 *	of its control, in any release
 * @val: the value on success
 *
 * Operations: submit(), reply(), event().
 * Return: 0; -ENOENT no such field in this payload or release; -EMSGSIZE the payload is too
 * short.
 */
s32 nova_bpf_rpc_field(struct nova_rpc_ctx *rpc, u32 field, u64 *val) __ksym __weak;

/**
 * nova_bpf_rpc_put_field() - write a field of the payload
 * @rpc: the operation's RPC or event
 * @rule: see nova_bpf_rpc_act()
 * @field: see nova_bpf_rpc_field()
 * @val: new value
 *
 * Operations: submit(), reply(), event().
 * Return: as nova_bpf_rpc_field(); -ERANGE more bits than the field has; or as
 * nova_bpf_rpc_act().
 */
s32 nova_bpf_rpc_put_field(struct nova_rpc_ctx *rpc, u32 rule, u32 field, u64 val) __ksym __weak;

/**
 * nova_bpf_rpc_read() - read bytes of the payload
 * @rpc: the operation's RPC or event
 * @off: first byte
 * @buf: filled in on success
 * @buf__sz: bytes, NOVA_RPC_CHUNK_MAX at most
 *
 * Operations: submit(), reply(), event().
 * Return: 0, or -EMSGSIZE beyond the payload's end.
 */
s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz) __ksym __weak;

/**
 * nova_bpf_rpc_write() - write bytes of the payload
 * @rpc: the operation's RPC or event
 * @rule: see nova_bpf_rpc_act()
 * @off: first byte
 * @buf: new bytes
 * @buf__sz: how many, NOVA_RPC_CHUNK_MAX at most
 *
 * Operations: submit(), reply(), event().
 * Return: 0, or -EMSGSIZE beyond the payload's end; or as nova_bpf_rpc_act().
 */
s32 nova_bpf_rpc_write(struct nova_rpc_ctx *rpc, u32 rule, u32 off, const void *buf,
		       u32 buf__sz) __ksym __weak;

/**
 * nova_bpf_rpc_send_event() - make up an event
 * @rpc: the operation's RPC or event
 * @rule: see nova_bpf_rpc_act()
 * @op: operation of the event, enum nova_op
 * @buf: payload
 * @buf__sz: bytes of it, NOVA_RPC_CHUNK_MAX at most
 *
 * Handled after the events under way. Operations: submit(), reply(), event().
 * Return: 0; -EINVAL not an event of this release, or too long; or as nova_bpf_rpc_act().
 */
s32 nova_bpf_rpc_send_event(struct nova_rpc_ctx *rpc, u32 rule, u32 op, const void *buf,
			    u32 buf__sz) __ksym __weak;

/**
 * nova_bpf_rpc_release() - release what a rule holds
 * @rpc: the operation's RPC or event
 * @rule: number of the holds, on this GPU
 *
 * Operations: submit(), reply(), event().
 * Return: number of RPCs, replies and events.
 */
s32 nova_bpf_rpc_release(struct nova_rpc_ctx *rpc, u32 rule) __ksym __weak;
#endif /* __bpf__ */

#endif /* NOVABPF_BPF_H */
