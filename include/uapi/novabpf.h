/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Values that appear in tracepoints, sysfs and debugfs. Numbers are never
 * reused; new ones are appended.
 */
#ifndef _UAPI_NOVABPF_H
#define _UAPI_NOVABPF_H

/* Bytes of the name fields in tracepoints, terminating NUL included. */
#define NOVA_TRACE_NAME_LEN	40
/* The same for names of vGPUs. */
#define NOVA_TRACE_VGPU_NAME_LEN	32

/**
 * enum nova_gsp_state - life of the firmware of one GPU
 * @NOVA_GSP_OFF: not started, or unloaded
 * @NOVA_GSP_PREPARE: images read, release known; memory is laid out
 * @NOVA_GSP_START: processors started, boot messages arriving
 * @NOVA_GSP_LINKED: status queue found, waiting for INIT_DONE
 * @NOVA_GSP_HANDSHAKE: INIT_DONE seen; version handshake, static information
 * @NOVA_GSP_READY: serving RPCs
 * @NOVA_GSP_UNLOADING: unload was requested
 * @NOVA_GSP_FAILED: boot failed or firmware halted; RPCs are refused
 * @NOVA_GSP_RECOVERING: about to be reset and booted again; the states of a boot follow
 */
enum nova_gsp_state {
	NOVA_GSP_OFF = 0,
	NOVA_GSP_PREPARE = 1,
	NOVA_GSP_START = 2,
	NOVA_GSP_LINKED = 3,
	NOVA_GSP_HANDSHAKE = 4,
	NOVA_GSP_READY = 5,
	NOVA_GSP_UNLOADING = 6,
	NOVA_GSP_FAILED = 7,
	NOVA_GSP_RECOVERING = 8,
};

/**
 * enum nova_record_verdict - verdict on a received record
 * @NOVA_RECORD_OK: well formed
 * @NOVA_RECORD_INCOMPLETE: shorter than it says; more slots may follow
 * @NOVA_RECORD_BAD_POINTER: the firmware's write pointer is not below msgCount
 * @NOVA_RECORD_BAD_ELEMCOUNT: element count is not 1..16 or not what the length needs
 * @NOVA_RECORD_BAD_LENGTH: RPC length out of bounds
 * @NOVA_RECORD_BAD_CHECKSUM: checksum does not verify
 * @NOVA_RECORD_BAD_SIGNATURE: RPC signature wrong
 * @NOVA_RECORD_BAD_VERSION: RPC header version wrong
 * @NOVA_RECORD_STALE: transport sequence number seen before
 * @NOVA_RECORD_GAP: transport sequence number skipped: records were lost; this
 *	record itself is used
 * @NOVA_RECORD_BAD_SEQUENCE: transport sequence number far from the expected one
 * @NOVA_RECORD_BAD_FUNCTION: function number unknown to the release
 * @NOVA_RECORD_ORPHAN: continuation record that continues nothing
 * @NOVA_RECORD_UNMATCHED: reply to no RPC in flight
 * @NOVA_RECORD_LATE: reply to an RPC that had timed out
 * @NOVA_RECORD_BAD_PAYLOAD: reply or event whose payload is malformed
 * @NOVA_RECORD_VERDICTS: number of the above
 */
enum nova_record_verdict {
	NOVA_RECORD_OK = 0,
	NOVA_RECORD_INCOMPLETE = 1,
	NOVA_RECORD_BAD_POINTER = 2,
	NOVA_RECORD_BAD_ELEMCOUNT = 3,
	NOVA_RECORD_BAD_LENGTH = 4,
	NOVA_RECORD_BAD_CHECKSUM = 5,
	NOVA_RECORD_BAD_SIGNATURE = 6,
	NOVA_RECORD_BAD_VERSION = 7,
	NOVA_RECORD_STALE = 8,
	NOVA_RECORD_GAP = 9,
	NOVA_RECORD_BAD_SEQUENCE = 10,
	NOVA_RECORD_BAD_FUNCTION = 11,
	NOVA_RECORD_ORPHAN = 12,
	NOVA_RECORD_UNMATCHED = 13,
	NOVA_RECORD_LATE = 14,
	NOVA_RECORD_BAD_PAYLOAD = 15,
	NOVA_RECORD_VERDICTS
};

/**
 * enum nova_rpc_fate - how far an RPC got
 * @NOVA_FATE_NONE: not ended yet
 * @NOVA_FATE_ANSWERED: the reply was delivered
 * @NOVA_FATE_POSTED: needs no reply and was sent
 * @NOVA_FATE_NOT_SENT: timed out or aborted before it got a place in the ring
 * @NOVA_FATE_NOT_CONSUMED: timed out; GSP never took the request
 * @NOVA_FATE_UNANSWERED: timed out; GSP took the request and did not answer
 * @NOVA_FATE_LATE: timed out as @NOVA_FATE_UNANSWERED, and answered afterwards
 * @NOVA_FATE_HALTED: the firmware halted while the RPC was in flight
 * @NOVA_FATE_ABORTED: the GPU was removed or reset while it was in flight
 * @NOVA_FATE_BAD_REPLY: the reply was malformed
 * @NOVA_FATE_HOOK: ended by a hook before it was sent
 * @NOVA_FATES: number of the above
 */
enum nova_rpc_fate {
	NOVA_FATE_NONE = 0,
	NOVA_FATE_ANSWERED = 1,
	NOVA_FATE_POSTED = 2,
	NOVA_FATE_NOT_SENT = 3,
	NOVA_FATE_NOT_CONSUMED = 4,
	NOVA_FATE_UNANSWERED = 5,
	NOVA_FATE_LATE = 6,
	NOVA_FATE_HALTED = 7,
	NOVA_FATE_ABORTED = 8,
	NOVA_FATE_BAD_REPLY = 9,
	NOVA_FATE_HOOK = 10,
	NOVA_FATES
};

/**
 * enum nova_rpc_phase - when a hook is called
 * @NOVA_RPC_SUBMIT: an RPC was submitted to the core and is not in a queue yet
 * @NOVA_RPC_REPLY: an RPC got its reply, or was lost; its caller was not woken yet
 * @NOVA_RPC_EVENT: the firmware sent an event, which is not handled yet
 * @NOVA_RPC_PHASES: number of the above
 */
enum nova_rpc_phase {
	NOVA_RPC_SUBMIT = 0,
	NOVA_RPC_REPLY = 1,
	NOVA_RPC_EVENT = 2,
	NOVA_RPC_PHASES
};

/**
 * enum nova_rpc_action - request of a hook
 * @NOVA_RPC_PASS: nothing
 * @NOVA_RPC_DENY: submit: not sent; the caller gets -errno (argument: errno).
 *	By the operation's return value, no injection
 * @NOVA_RPC_THROTTLE: submit: sent after this many ns; its deadline moves with
 *	it. No injection
 * @NOVA_RPC_FAIL: submit, reply: the caller gets this NV_STATUS as if from RM; in
 *	submit nothing is sent
 * @NOVA_RPC_ERROR: submit, reply: transport error (argument: errno)
 * @NOVA_RPC_DROP: submit: not sent, the caller's deadline passes; reply: lost, the
 *	same; event: not handled
 * @NOVA_RPC_DELAY: held back for this many ns; the deadline stays
 * @NOVA_RPC_HOLD: held back until released (argument: most ns, 0 for no limit);
 *	the deadline stays
 * @NOVA_RPC_DUPLICATE: submit: sent twice; event: handled twice
 * @NOVA_RPC_REORDER: submit: sent after this many later RPCs of the GPU
 * @NOVA_RPC_TRUNCATE: payload cut to this many bytes
 * @NOVA_RPC_REWRITE: a field or bytes of the payload were changed (argument:
 *	field id, or offset)
 * @NOVA_RPC_SEND_EVENT: an event was made up (argument: its operation)
 * @NOVA_RPC_ACTIONS: number of the above
 */
enum nova_rpc_action {
	NOVA_RPC_PASS = 0,
	NOVA_RPC_DENY = 1,
	NOVA_RPC_THROTTLE = 2,
	NOVA_RPC_FAIL = 3,
	NOVA_RPC_ERROR = 4,
	NOVA_RPC_DROP = 5,
	NOVA_RPC_DELAY = 6,
	NOVA_RPC_HOLD = 7,
	NOVA_RPC_DUPLICATE = 8,
	NOVA_RPC_REORDER = 9,
	NOVA_RPC_TRUNCATE = 10,
	NOVA_RPC_REWRITE = 11,
	NOVA_RPC_SEND_EVENT = 12,
	NOVA_RPC_ACTIONS
};

/**
 * enum nova_rpc_applied - outcome of a hook's request
 * @NOVA_RPC_APPLIED: done as asked
 * @NOVA_RPC_CLIPPED: done with a smaller argument
 * @NOVA_RPC_REFUSED_PHASE: this action is not for this phase
 * @NOVA_RPC_REFUSED_ARG: argument out of bounds, or no such status or field
 * @NOVA_RPC_REFUSED_FLAG: the hook has no NOVA_RPC_F_INJECT
 * @NOVA_RPC_SUPPRESSED_OFF: the parameter allow_injection is off
 * @NOVA_RPC_SUPPRESSED_BUDGET: the hook's budget is used up
 * @NOVA_RPC_SUPPRESSED_EXPIRED: the hook's time is over
 * @NOVA_RPC_SUPPRESSED_ENDED: another hook has ended the RPC already
 * @NOVA_RPC_APPLIED_COUNT: number of the above
 */
enum nova_rpc_applied {
	NOVA_RPC_APPLIED = 0,
	NOVA_RPC_CLIPPED = 1,
	NOVA_RPC_REFUSED_PHASE = 2,
	NOVA_RPC_REFUSED_ARG = 3,
	NOVA_RPC_REFUSED_FLAG = 4,
	NOVA_RPC_SUPPRESSED_OFF = 5,
	NOVA_RPC_SUPPRESSED_BUDGET = 6,
	NOVA_RPC_SUPPRESSED_EXPIRED = 7,
	NOVA_RPC_SUPPRESSED_ENDED = 8,
	NOVA_RPC_APPLIED_COUNT
};

/* Flags of struct nova_rpc_ops. */
#define NOVA_RPC_F_INJECT	0x1	/* may break things; needs allow_injection=1 */
#define NOVA_RPC_F_GFID		0x2	/* only RPCs and events of .gfid */

/*
 * Flags of struct nova_rpc_ctx. SCHED: a control with which the core's scheduler switches
 * vGPUs. It carries the gfid of a vGPU, but no tenant requested it, and all vGPUs of the
 * engine wait for its end.
 */
#define NOVA_RPC_C_SCHED	0x1

/* Limits of RPC hooks. */
#define NOVA_RPC_HOOKS_MAX	16
#define NOVA_RPC_THROTTLE_MAX_NS	1000000000ULL
#define NOVA_RPC_DELAY_MAX_NS	600000000000ULL
#define NOVA_RPC_REORDER_MAX	64
#define NOVA_RPC_BUDGET_DEFAULT	1000000
#define NOVA_RPC_EXPIRE_MS_DEFAULT	3600000
/* Bytes that one kfunc reads or writes at most. */
#define NOVA_RPC_CHUNK_MAX	256

/* Bytes of names of policies and the like, terminating NUL included. */
#define NOVA_NAME_LEN		16
#define NOVA_EXIT_REASON_LEN	64
#define NOVA_EXIT_MSG_LEN	256

/* Limits of the scheduler. */
#define NOVA_GFID_MAX			512
#define NOVA_SCHED_QUEUES		4
#define NOVA_SCHED_TIMEOUT_MS		1000
#define NOVA_SCHED_TIMEOUT_MAX_MS	30000
#define NOVA_SCHED_IDLE_MAX_NS		100000000ULL
#define NOVA_SLICE_MIN_NS		100000ULL
#define NOVA_SLICE_MAX_NS		100000000ULL
#define NOVA_WEIGHT_DEFAULT		100
#define NOVA_WEIGHT_MAX			10000

/* Ranges of slices and averaging factors of built-in policies. */
#define NOVA_BUILTIN_SLICE_US_MIN	1000
#define NOVA_BUILTIN_SLICE_US_MAX	30000
#define NOVA_ARR_FREQUENCY_MIN		63
#define NOVA_ARR_FREQUENCY_MAX		960
#define NOVA_ARR_FACTOR_MIN		1
#define NOVA_ARR_FACTOR_MAX		60
#define NOVA_ARR_FACTOR_DEFAULT		33

/**
 * enum nova_builtin - policies of the core, numbered as the firmware's controls
 * @NOVA_BUILTIN_BEST_EFFORT: round robin over vGPUs with work
 * @NOVA_BUILTIN_EQUAL_SHARE: equal parts for all vGPUs
 * @NOVA_BUILTIN_FIXED_SHARE: equal parts for as many vGPUs as fit the GPU
 */
enum nova_builtin {
	NOVA_BUILTIN_BEST_EFFORT = 2,
	NOVA_BUILTIN_EQUAL_SHARE = 3,
	NOVA_BUILTIN_FIXED_SHARE = 4,
};

/**
 * enum nova_stop_reason - why a run ended
 * @NOVA_STOP_NONE: it has not ended
 * @NOVA_STOP_SLICE: its slice was used up
 * @NOVA_STOP_DRY: it ran out of work
 * @NOVA_STOP_PREEMPT: the policy preferred another vGPU
 * @NOVA_STOP_KICK: the policy or the administrator requested a decision
 * @NOVA_STOP_CAP: it reached its cap
 * @NOVA_STOP_GONE: the vGPU is being destroyed, or its switch failed
 */
enum nova_stop_reason {
	NOVA_STOP_NONE = 0,
	NOVA_STOP_SLICE = 1,
	NOVA_STOP_DRY = 2,
	NOVA_STOP_PREEMPT = 3,
	NOVA_STOP_KICK = 4,
	NOVA_STOP_CAP = 5,
	NOVA_STOP_GONE = 6,
};

/**
 * enum nova_decision_kind - kind of a decision
 * @NOVA_DECIDE_NONE: no request was made
 * @NOVA_DECIDE_RUN: run a vGPU for a slice
 * @NOVA_DECIDE_IDLE: leave the engine idle until a time
 */
enum nova_decision_kind {
	NOVA_DECIDE_NONE = 0,
	NOVA_DECIDE_RUN = 1,
	NOVA_DECIDE_IDLE = 2,
};

/**
 * enum nova_decision_verdict - verdict on a policy's request
 * @NOVA_APPLY: applied as requested
 * @NOVA_APPLY_CLIPPED: applied with a slice shortened to the rest of the cap window
 * @NOVA_NOOP_BUILTIN: no policy is attached, or it has no pick()
 * @NOVA_NOOP_EMPTY: no vGPU is runnable, and there was no request
 * @NOVA_REJECT_NONE: vGPUs are runnable, but there was no request
 * @NOVA_REJECT_GFID: no such vGPU on this runlist
 * @NOVA_REJECT_NOT_RUNNABLE: that vGPU has no work, or is at its cap
 * @NOVA_REJECT_SLICE: slice out of range
 * @NOVA_REJECT_IDLE: idle too long while vGPUs are runnable
 * @NOVA_DECISION_VERDICTS: number of the above
 */
enum nova_decision_verdict {
	NOVA_APPLY = 0,
	NOVA_APPLY_CLIPPED = 1,
	NOVA_NOOP_BUILTIN = 2,
	NOVA_NOOP_EMPTY = 3,
	NOVA_REJECT_NONE = 4,
	NOVA_REJECT_GFID = 5,
	NOVA_REJECT_NOT_RUNNABLE = 6,
	NOVA_REJECT_SLICE = 7,
	NOVA_REJECT_IDLE = 8,
	NOVA_DECISION_VERDICTS
};

/**
 * enum nova_exit_kind - how a policy ended; a gap separates clean from failed
 * @NOVA_EXIT_NONE: it has not ended
 * @NOVA_EXIT_DETACH: its link was detached or closed
 * @NOVA_EXIT_REPLACE: another policy took its place
 * @NOVA_EXIT_RESET: the administrator wrote to reset
 * @NOVA_EXIT_GPU_GONE: the GPU was removed
 * @NOVA_EXIT_ERROR: the first kind of a failed policy
 * @NOVA_EXIT_ERROR_INIT: init() failed
 * @NOVA_EXIT_ERROR_BPF: it called nova_bpf_error()
 * @NOVA_EXIT_ERROR_STALL: a runnable vGPU waited longer than timeout_ms
 * @NOVA_EXIT_ERROR_REJECTS: too many of its decisions were refused
 * @NOVA_EXIT_ERROR_WATCHDOG: the watchdog itself did not run
 * @NOVA_EXIT_ERROR_SLOW: its operations took too long, with interrupts off
 */
enum nova_exit_kind {
	NOVA_EXIT_NONE = 0,
	NOVA_EXIT_DETACH = 64,
	NOVA_EXIT_REPLACE = 65,
	NOVA_EXIT_RESET = 66,
	NOVA_EXIT_GPU_GONE = 67,
	NOVA_EXIT_ERROR = 1024,
	NOVA_EXIT_ERROR_INIT = 1025,
	NOVA_EXIT_ERROR_BPF = 1026,
	NOVA_EXIT_ERROR_STALL = 1027,
	NOVA_EXIT_ERROR_REJECTS = 1028,
	NOVA_EXIT_ERROR_WATCHDOG = 1029,
	NOVA_EXIT_ERROR_SLOW = 1030,
};

/**
 * enum nova_sched_state - state of a GPU's scheduler
 * @NOVA_SCHED_BUILTIN: the built-in policy
 * @NOVA_SCHED_ENABLING: a policy is taking over
 * @NOVA_SCHED_ENABLED: a BPF policy
 * @NOVA_SCHED_DISABLING: a policy is being detached; the built-in decides
 * @NOVA_SCHED_FAULTED: the built-in, after an ejection; cleared by reset or by the
 *	next policy
 */
enum nova_sched_state {
	NOVA_SCHED_BUILTIN = 0,
	NOVA_SCHED_ENABLING = 1,
	NOVA_SCHED_ENABLED = 2,
	NOVA_SCHED_DISABLING = 3,
	NOVA_SCHED_FAULTED = 4,
};

/**
 * enum nova_vgpu_state - life of a vGPU
 * @NOVA_VGPU_NEW: admitted, not yet known to the firmware
 * @NOVA_VGPU_BOOTING: its plugin task was started
 * @NOVA_VGPU_READY: its plugin task is ready; it can be scheduled
 * @NOVA_VGPU_CLOSING: being shut down
 * @NOVA_VGPU_GONE: destroyed
 * @NOVA_VGPU_ERROR: the firmware failed it; not scheduled any more
 * @NOVA_VGPU_QUARANTINED: outcome of a firmware step unknown; its resources are
 *	not used again until the GPU is reset
 */
enum nova_vgpu_state {
	NOVA_VGPU_NEW = 0,
	NOVA_VGPU_BOOTING = 1,
	NOVA_VGPU_READY = 2,
	NOVA_VGPU_CLOSING = 3,
	NOVA_VGPU_GONE = 4,
	NOVA_VGPU_ERROR = 5,
	NOVA_VGPU_QUARANTINED = 6,
};

#endif /* _UAPI_NOVABPF_H */
