/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the scheduler. Locks, outermost first:
 *
 *	sched->lock	mutex: the policy, settings, adding and deleting vGPUs
 *	rl->lock	spinlock, irqs off: everything of one runlist; operations of a
 *			policy other than init, exit and admit are called under it
 *	gsp->lock	taken by posting an RPC
 */
#ifndef NOVABPF_SCHED_RUNLIST_H
#define NOVABPF_SCHED_RUNLIST_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <novabpf/driver/rm.h>
#include "../base/gpu.h"
#include "decide.h"
#include "sched.h"
#include "switch.h"

#define NOVA_TSG_PARAMS_MAX	32
/* Controls of one switch: off and preempted, time slice and on. */
#define NOVA_SWITCH_POSTS_MAX	(4 * NOVA_VGPU_TSGS_MAX)

/**
 * struct nova_tsg_post - a control of a switch
 * @post: its RPC; first
 * @e: vGPU that is switched
 * @off: it takes @e off; else it puts it on
 * @end: how it ended
 * @err: 0 or -errno of its end; 0 if it was not sent
 * @handle: RM object
 * @cmd: the control
 * @size: bytes of @params
 * @params: its parameters
 *
 * At most one of each is under way: a switch ends before the next begins.
 */
struct nova_tsg_post {
	struct nova_rm_post post;
	struct nova_entity *e;
	bool off;
	enum nova_control_end end;
	int err;
	u32 handle;
	u32 cmd;
	u32 size;
	u8 params[NOVA_TSG_PARAMS_MAX];
};

/**
 * struct nova_tsg - a channel group of a vGPU on an engine
 * @handle: RM object
 * @slice_us: time slice that the firmware has confirmed, 0 for none
 * @asked_us: time slice of the request under way
 * @schedule: on or off the runlist
 * @preempt: off the engine
 * @timeslice: its hardware time slice
 */
struct nova_tsg {
	u32 handle;
	u32 slice_us;
	u32 asked_us;
	struct nova_tsg_post schedule;
	struct nova_tsg_post preempt;
	struct nova_tsg_post timeslice;
};

/**
 * struct nova_entity - a vGPU on a runlist
 * @rq: its book-keeping; first
 * @rl: the runlist
 * @gfid: vGPU
 * @client: RM client of the vGPU
 * @tsgs: number of @tsg in use
 * @tsg: channel groups
 * @woken: it got work while another vGPU had the engine, and preempt() is yet to be asked
 * @leaving: nova_sched_del() waits for @off
 * @off: completed once nova_rl_is_off() holds for a leaving vGPU
 * @err: why it is broken
 * @told: its owner knows that it is broken
 * @carry_ns: overrun of its previous run, not yet reported to the policy
 * @slow_ns: nova_watch_slow_ns() of its runlist when its wait began
 * @wait_max_ns: longest wait so far
 */
struct nova_entity {
	struct nova_rq_vgpu rq;
	struct nova_runlist *rl;
	u32 gfid;
	u32 client;
	u32 tsgs;
	struct nova_tsg tsg[NOVA_VGPU_TSGS_MAX];
	bool woken;
	bool leaving;
	struct completion off;
	int err;
	bool told;
	u64 carry_ns;
	u64 slow_ns;
	u64 wait_max_ns;
};

/**
 * enum nova_rl_phase - state of a runlist
 * @NOVA_RL_DEAD: not started, stopped, or the firmware is gone
 * @NOVA_RL_IDLE: no vGPU is on
 * @NOVA_RL_SWITCH: controls are under way, or wait for a retry; nothing is decided
 *	until they end
 * @NOVA_RL_ON: a vGPU is on
 */
enum nova_rl_phase {
	NOVA_RL_DEAD,
	NOVA_RL_IDLE,
	NOVA_RL_SWITCH,
	NOVA_RL_ON,
};

extern const char * const nova_rl_phase_name[];

struct nova_policy;

/**
 * struct nova_runlist - an engine that is scheduled by software
 * @rq: book-keeping; first
 * @sched: scheduler of the GPU
 * @lock: see above
 * @name: of the engine, such as "gr0"
 * @phase: enum nova_rl_phase
 * @policy: the attached policy, NULL for the built-in
 * @op: operation of the policy that is running, 0 for none (enum nova_op_id)
 * @op_left: countdown to the next measured operation; 1: the next one is measured
 * @op_cycles: cycle counter at the start of the measured operation
 * @op_score: see nova_op_score()
 * @since_cycles: cycle counter at @since_ns
 * @since_ns: when the policy took over (CLOCK_MONOTONIC)
 * @now_ns: time of the event under way; constant while it is handled
 * @asked: request of pick()
 * @again: an event may call for a decision
 * @kick: a decision was requested
 * @held: the system is about to sleep: no vGPU gets the engine
 * @held_ns: when @held was set
 * @nr_woken: entities with @woken set
 * @on: entity that is on in the firmware, or is being taken off
 * @next: entity that is being put on
 * @run_since_ns: when @on got the engine
 * @slice_end_ns: end of its slice
 * @slice_ns: slice of the decision under way
 * @idle_until_ns: end of deliberate idle, 0 for none
 * @switch_since_ns: when the switch under way was decided
 * @switch_reason: enum nova_stop_reason of the run before it
 * @switch_ran_ns: length of that run
 * @post: controls of the switch, in the order of execution
 * @nr_posts: number of @post
 * @posts: number of @post under way
 * @off_at_ns: when the last control that takes @on off ended
 * @tries: see struct nova_switch_tries
 * @retry_at_ns: when the failed switch is retried; 0: it does not wait for a retry
 * @retry_timer: due at @retry_at_ns
 * @timer: end of slice or idle
 * @cap_timer: end of the first cap window
 * @watchdog: see watch.c
 * @watchdog_at_ns: when it is due; 0 while not armed
 * @watchdog_slow_ns: @slow_ns when it was armed
 * @switches: switches confirmed by the firmware
 * @slow_ns: time in which no decision was possible: switches longer than
 *	NOVA_SWITCH_SLOW_NS, and stalls of the machine
 * @seen_ns: when the runlist last worked
 */
struct nova_runlist {
	struct nova_rq rq;
	struct nova_sched *sched;
	spinlock_t lock;	/* see above; irqs off */
	char name[12];
	enum nova_rl_phase phase;
	struct nova_policy *policy;
	u32 op;
	u32 op_left;
	u32 op_score;
	u64 op_cycles;
	u64 since_cycles;
	u64 since_ns;
	u64 now_ns;
	struct nova_decision asked;
	bool again;
	bool kick;
	bool held;
	u64 held_ns;
	u32 nr_woken;
	struct nova_entity *on;
	struct nova_entity *next;
	u64 run_since_ns;
	u64 slice_end_ns;
	u64 slice_ns;
	u64 idle_until_ns;
	u64 switch_since_ns;
	enum nova_stop_reason switch_reason;
	u64 switch_ran_ns;
	struct nova_tsg_post *post[NOVA_SWITCH_POSTS_MAX];
	u32 nr_posts;
	u32 posts;
	u64 off_at_ns;
	struct nova_switch_tries tries;
	u64 retry_at_ns;
	struct nova_hw_timer retry_timer;
	struct nova_hw_timer timer;
	struct nova_hw_timer cap_timer;
	struct nova_hw_timer watchdog;
	u64 watchdog_at_ns;
	u64 watchdog_slow_ns;
	u64 switches;
	u64 slow_ns;
	u64 seen_ns;
};

/* Operations of a policy, for counters and kfuncs. */
enum nova_op_id {
	NOVA_SCHED_OP_NONE,
	NOVA_SCHED_OP_INIT,
	NOVA_SCHED_OP_EXIT,
	NOVA_SCHED_OP_ADMIT,
	NOVA_SCHED_OP_VGPU_INIT,
	NOVA_SCHED_OP_VGPU_EXIT,
	NOVA_SCHED_OP_VGPU_CONFIG,
	NOVA_SCHED_OP_RUNNABLE,
	NOVA_SCHED_OP_QUIESCENT,
	NOVA_SCHED_OP_PICK,
	NOVA_SCHED_OP_PREEMPT,
	NOVA_SCHED_OP_STOPPED,
	NOVA_SCHED_OPS
};

extern const char * const nova_sched_op_name[NOVA_SCHED_OPS];

/**
 * struct nova_policy - an attachment of a struct nova_sched_ops
 * @node: in the list of attachments
 * @ref: one of the attachment, one while @work is queued
 * @ops: valid until nova_policy_detach() has returned
 * @link: the link, or NULL; valid as long as @ops
 * @sched: scheduler of @gpu
 * @gpu: GPU; this holds a reference
 * @claimed: it is being ended; the first claim fills in @ei
 * @ended: exit() was called; under sched->lock
 * @detached: nova_policy_detach() was called; under sched->lock
 * @ei: why it ends
 * @work: ends it after an ejection
 * @attached_ns: when it took over (GPU clock)
 * @wait_max_ns: longest wait of a runnable vGPU that counts against it
 * @seq: enable_seq of the attachment
 * @calls: how often each operation ran
 * @bad: refused decisions of the present stretch of NOVA_REJECT_STRETCH
 * @stretch: decisions of that stretch
 * @bad_row: decisions refused in a row
 */
struct nova_policy {
	struct list_head node;
	struct kref ref;
	const struct nova_sched_ops *ops;
	struct bpf_link *link;
	struct nova_sched *sched;
	struct nova_gpu *gpu;
	atomic_t claimed;
	bool ended;
	bool detached;
	struct nova_exit_info ei;
	struct nova_work work;
	u64 attached_ns;
	u64 wait_max_ns;
	u64 seq;
	atomic64_t calls[NOVA_SCHED_OPS];
	u32 bad;
	u32 stretch;
	u32 bad_row;
};

/* A policy is ejected after too many refused decisions per stretch, or in a row. */
#define NOVA_REJECT_STRETCH	1024
#define NOVA_REJECT_BUDGET	64
#define NOVA_REJECT_ROW		16

/* Lines of sched/events, in this order. */
enum nova_sched_stat {
	NOVA_SCHED_STAT_DECISIONS,
	NOVA_SCHED_STAT_REJECTED,
	NOVA_SCHED_STAT_SWITCHES,
	NOVA_SCHED_STAT_EXTENDS,
	NOVA_SCHED_STAT_PREEMPTS,
	NOVA_SCHED_STAT_KICKS,
	NOVA_SCHED_STAT_CAPPED,
	NOVA_SCHED_STAT_STALLS,
	NOVA_SCHED_STAT_FW_ERRORS,
	NOVA_SCHED_STAT_RETRIES,
	NOVA_SCHED_STAT_SLOW_OPS,
	NOVA_SCHED_STAT_DOORBELLS,
	NOVA_SCHED_STAT_IGNORED,
	NOVA_SCHED_STAT_EJECTIONS,
	NOVA_SCHED_STATS
};

extern const char * const nova_sched_stat_name[NOVA_SCHED_STATS];
extern const char * const nova_verdict_name[NOVA_DECISION_VERDICTS];

#define NOVA_DUMP_BYTES		32768

/**
 * struct nova_sched - scheduler of a GPU
 * @gpu: the GPU
 * @user: callbacks of the owner of vGPUs
 * @broken: work that reports broken vGPUs to @user
 * @lock: see above
 * @epoch: epoch of the firmware at the start of scheduling
 * @started: runlists take events
 * @state: enum nova_sched_state
 * @policy: attached policy, also while it is being ended
 * @last: how the previous policy ended
 * @last_name: name of the previous policy
 * @enable_seq: attachments so far
 * @nr_rl: number of @rl
 * @rl: runlists
 * @builtin: enum nova_builtin
 * @arr: adaptive round robin
 * @arr_frequency_hz: 0 for the default
 * @arr_avg_factor: see struct nova_sched_rl
 * @slice_us: without ARR; 0 for the default
 * @slots: see struct nova_sched_gpu
 * @count: see enum nova_sched_stat
 * @verdicts: decisions by verdict
 * @dump: text taken at the last ejection, or NULL
 * @preempt_params: see nova_tsg_prepare()
 * @preempt_bytes: their length
 * @timeslice_bytes: length of the parameters of a time slice
 */
struct nova_sched {
	struct nova_gpu *gpu;
	const struct nova_sched_user *user;
	struct work_struct broken;
	struct mutex lock;	/* see above */
	u32 epoch;
	bool started;
	enum nova_sched_state state;
	struct nova_policy *policy;
	struct nova_exit_info last;
	char last_name[NOVA_NAME_LEN];
	u64 enable_seq;
	u32 nr_rl;
	struct nova_runlist *rl[NOVA_RUNLISTS_MAX];
	u32 builtin;
	u32 arr;
	u32 arr_frequency_hz;
	u32 arr_avg_factor;
	u32 slice_us;
	u32 slots;
	atomic64_t count[NOVA_SCHED_STATS];
	atomic64_t verdicts[NOVA_DECISION_VERDICTS];
	char *dump;
	u8 preempt_params[NOVA_TSG_PARAMS_MAX];
	u32 preempt_bytes;
	u32 timeslice_bytes;
};

static inline void nova_sched_count(struct nova_sched *s, enum nova_sched_stat c)
{
	atomic64_inc(&s->count[c]);
}

static inline struct nova_entity *nova_entity_of(struct nova_rq_vgpu *v)
{
	return v ? container_of(v, struct nova_entity, rq) : NULL;
}

static inline struct nova_runlist *nova_runlist_of(const struct nova_sched_rl *pub)
{
	return container_of((struct nova_sched_rl *)pub, struct nova_runlist, rq.pub);
}

static inline void nova_rl_arm(struct nova_runlist *rl, struct nova_hw_timer *t, u64 at_ns)
{
	struct nova_gpu *gpu = rl->sched->gpu;

	gpu->ops->timer_arm(gpu->hw, t, at_ns);
}

/* sched.c */
/* Applies settings and the default slice to all runlists. sched->lock is held. */
void nova_sched_apply(struct nova_sched *s);

/* runlist.c; all but the timer functions with rl->lock held */
void nova_rl_work(struct nova_runlist *rl, struct nova_entity *e, bool has_work);
void nova_rl_update(struct nova_runlist *rl, struct nova_entity *e, u64 now_ns);
void nova_rl_advance(struct nova_runlist *rl, u64 now_ns);
/* Time has passed or a cap has changed: vGPUs below their caps may run again. */
void nova_rl_uncap(struct nova_runlist *rl, u64 now_ns);
/*
 * Controls were posted, or have ended. If none is under way, ends the switch or arms its
 * retry. The caller calls nova_rl_advance() next.
 */
void nova_rl_posted(struct nova_runlist *rl, u64 now_ns);
/* Return: whether @e neither has the engine nor is about to get it. */
bool nova_rl_is_off(const struct nova_runlist *rl, const struct nova_entity *e);
/* Stops scheduling: no vGPU has the engine once the controls in flight have ended. */
void nova_rl_halt(struct nova_runlist *rl);
/* Takes the lock, handles an event with @fn, and advances. */
void nova_rl_handle(struct nova_runlist *rl, void (*fn)(struct nova_runlist *rl, u64 now_ns));
void nova_rl_retry_timer(struct nova_hw_timer *t);
/*
 * The lock is not held. hold: takes the current vGPU off; none gets the engine until
 * release. Return: whether the engine is free.
 */
bool nova_rl_hold(struct nova_runlist *rl);
void nova_rl_release(struct nova_runlist *rl);
void nova_rl_timer(struct nova_hw_timer *t);
void nova_rl_cap_timer(struct nova_hw_timer *t);
/*
 * For measurements: decides n times without the firmware; each turn ends at once.
 * Return: ns of CLOCK_MONOTONIC that the decisions took, without the turns.
 */
u64 nova_rl_decide_idly(struct nova_runlist *rl, u32 n);

/* tsg.c. The first two may sleep; switch is called with rl->lock held. */
int nova_tsg_alloc(struct nova_entity *e, const struct nova_sched_tenant *tenant);
int nova_tsg_free(struct nova_entity *e);
/*
 * Posts the controls that take rl->on off (@preempt: it may still be working) and put
 * rl->next on. The caller calls nova_rl_posted() next.
 */
void nova_tsg_switch(struct nova_runlist *rl, bool preempt);
/* Posts them again, from the first control that was not executed. */
void nova_tsg_retry(struct nova_runlist *rl);

/**
 * struct nova_switch_outcome - how the controls of a switch ended
 * @off_err: why rl->on is not surely off; 0: it is, or no control was sent
 * @on_err: why rl->next is not on; 0: it is, or no control was sent
 * @on: rl->next is on
 * @todo: a control was not executed, and may be retried
 * @lost: a reply is missing
 * @gone: the firmware is gone
 */
struct nova_switch_outcome {
	int off_err;
	int on_err;
	bool on;
	bool todo;
	bool lost;
	bool gone;
};

void nova_tsg_outcome(const struct nova_runlist *rl, struct nova_switch_outcome *o);
/* Fills in the constant parameters of controls, for the running release. */
int nova_tsg_prepare(struct nova_sched *s);

/* The time of a longer switch is not charged to the policy. */
#define NOVA_SWITCH_SLOW_NS	(5 * NSEC_PER_MSEC)

/* watch.c; with rl->lock held */
/* First call in the handler of an event. Return: the time of the event. */
u64 nova_rl_now(struct nova_runlist *rl);
/* The same for a known time, and the end of the handler. */
void nova_watch_seen(struct nova_runlist *rl, u64 now_ns);
void nova_watch_done(struct nova_runlist *rl);
/* The switch under way has ended; rl->phase has not changed yet. */
void nova_watch_switched(struct nova_runlist *rl, u64 now_ns);
/* @e gets the engine after a wait. */
void nova_watch_served(struct nova_runlist *rl, const struct nova_entity *e, u64 now_ns);
/* Return: rl->slow_ns so far, with the switch under way. */
u64 nova_watch_slow_ns(const struct nova_runlist *rl, u64 now_ns);
void nova_watch_arm(struct nova_runlist *rl, u64 now_ns);
void nova_watch_check(struct nova_runlist *rl, u64 now_ns);
void nova_watch_timer(struct nova_hw_timer *t);

/* policy.c */
/**
 * nova_policy_eject() - the policy is at fault
 * @p: the policy
 * @kind: enum nova_exit_kind
 * @code: see struct nova_exit_info
 * @gfid: vGPU concerned, or 0
 * @fmt: message, as for printf()
 *
 * The built-in policy decides from now on; a worker does the rest. The first error
 * wins. Context: any; rl->lock may be held.
 */
__printf(5, 6) void nova_policy_eject(struct nova_policy *p, enum nova_exit_kind kind, s64 code,
				      u32 gfid, const char *fmt, ...);
/* Ends the policy, if there is one, and waits for that. May sleep. */
void nova_policy_reset(struct nova_sched *s, enum nova_exit_kind kind);

/* Longest wait of a runnable vGPU. */
static inline u32 nova_policy_timeout_ms(const struct nova_sched_ops *ops)
{
	return ops->timeout_ms ?: NOVA_SCHED_TIMEOUT_MS;
}

/* The policy of a runlist, NULL while the built-in decides. With rl->lock held. */
static inline struct nova_policy *nova_policy_of(struct nova_runlist *rl)
{
	struct nova_policy *p = rl->policy;

	return p && !atomic_read(&p->claimed) ? p : NULL;
}

/* calls.c: operations of the policy, with rl->lock held */
/* A policy takes over: starts to measure its operations. */
void nova_op_time_start(struct nova_runlist *rl);
void nova_op_vgpu_init(struct nova_runlist *rl, struct nova_entity *e);
void nova_op_vgpu_exit(struct nova_runlist *rl, struct nova_entity *e);
void nova_op_vgpu_config(struct nova_runlist *rl, struct nova_entity *e);
void nova_op_runnable(struct nova_runlist *rl, struct nova_entity *e);
void nova_op_quiescent(struct nova_runlist *rl, struct nova_entity *e);
void nova_op_stopped(struct nova_runlist *rl, struct nova_entity *e, u64 ran_ns, u32 reason);
bool nova_op_preempt(struct nova_runlist *rl, struct nova_entity *curr,
		     struct nova_entity *woken);
/* Return: whether the policy has a pick(); the result is in rl->asked. */
bool nova_op_pick(struct nova_runlist *rl, struct nova_entity *prev);

/* dump.c */
struct seq_buf;
void nova_sched_dump(struct nova_sched *s, struct seq_buf *out);

#endif /* NOVABPF_SCHED_RUNLIST_H */
