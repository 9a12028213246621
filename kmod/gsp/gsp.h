/* SPDX-License-Identifier: GPL-2.0-only */
/* The firmware of one GPU: its life, queues and RPCs. Private to the core. */
#ifndef NOVABPF_GSP_GSP_H
#define NOVABPF_GSP_GSP_H

#include <linux/completion.h>
#include <linux/dmapool.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/hw.h>
#include <uapi/novabpf.h>
#include "../base/gpu.h"
#include "fault/incident.h"
#include "hook/hook.h"
#include "queue/match.h"
#include "queue/msgq.h"
#include "queue/rxq.h"
#include "recover.h"
#include "rpc/rpc.h"

struct nova_history;

/**
 * struct nova_gsp_users - what the rooms above do with the firmware
 * @reset_prepare: the firmware is gone and takes no calls; @cause says why in one line.
 *	Until @reset_done no RPC is made, and what the firmware had is given up
 * @reset_done: the firmware runs again, or could not be brought up: @err. Once after each
 *	@reset_prepare
 * @plugin_event: the plugin task of the vGPU @gfid raised notification @index; both are
 *	the firmware's word and not checked
 *
 * Given to nova_gsp_create(), and all of them are set. @reset_prepare and @reset_done are
 * called in the recovery work, one recovery at a time, with no lock held, and may sleep;
 * they must not wait for another recovery. @plugin_event is called in the worker that takes
 * records, in their order, under rx_mutex; it must not sleep, and takes spinlocks only.
 */
struct nova_gsp_users {
	void (*reset_prepare)(struct nova_gpu *gpu, const char *cause);
	void (*reset_done)(struct nova_gpu *gpu, int err);
	void (*plugin_event)(struct nova_gpu *gpu, u32 gfid, u32 index);
};

/**
 * struct nova_rpc_observer - what the RPC machinery reports to the rooms above it
 * @started: a run of the firmware takes RPCs; with gsp->lock held
 * @waiting: RPCs wait for the firmware at @now_ns; with gsp->lock held
 * @timed_out: an RPC has passed its deadline at @now_ns; with gsp->lock held. Returns how
 *	many did in a row
 * @done: an RPC has ended, its caller does not know yet; no lock, may sleep
 * @checked: the worker is done with one pass; no lock, may sleep
 * @halted: GSP raised its HALT interrupt; the worker, no lock, may sleep
 * @event: runs the handler of an event, *@err is what it returned. Returns whether there is
 *	one. The worker, under rx_mutex, may sleep
 *
 * All of them are set. One table, so that delivery of a reply knows nothing of
 * recovery, incidents and boot, which use RPCs themselves.
 */
struct nova_rpc_observer {
	void (*started)(struct nova_gsp *gsp);
	void (*waiting)(struct nova_gsp *gsp, u64 now_ns);
	u32 (*timed_out)(struct nova_gsp *gsp, const struct nova_rpc *rpc, u64 now_ns);
	void (*done)(struct nova_gsp *gsp, const struct nova_rpc *rpc);
	void (*checked)(struct nova_gsp *gsp);
	void (*halted)(struct nova_gsp *gsp);
	bool (*event)(struct nova_gsp *gsp, struct nova_gsp_event *ev, int *err);
};

/* One u64 each under /sys/class/novabpf/gpuN/counters, by these names in lower case. */
enum nova_gsp_counter {
	NOVA_COUNT_RPC_SUBMITTED,	/* RPCs submitted to the core */
	NOVA_COUNT_RPC_SENT,	/* RPCs put into the ring */
	NOVA_COUNT_RPC_ANSWERED,	/* RPCs that got their reply */
	NOVA_COUNT_RPC_FAILED,	/* RPCs that ended with a transport error */
	NOVA_COUNT_RPC_RM_ERRORS,	/* RPCs answered with an RM error */
	NOVA_COUNT_RPC_TIMEOUTS,	/* RPCs whose deadline passed */
	NOVA_COUNT_RPC_LATE,	/* replies to RPCs that had timed out */
	NOVA_COUNT_RPC_UNMATCHED,	/* replies that answer no RPC */
	NOVA_COUNT_RPC_HELD,	/* RPCs held back behind a late reply */
	NOVA_COUNT_RING_FULL,	/* sends that found the ring full */
	NOVA_COUNT_DOORBELLS,	/* writes of the doorbell register */
	NOVA_COUNT_RECORDS_SENT,
	NOVA_COUNT_RECORDS_RECEIVED,
	NOVA_COUNT_RECORDS_BAD,	/* refused; the next ones say why */
	NOVA_COUNT_BAD_POINTER,
	NOVA_COUNT_BAD_ELEMCOUNT,
	NOVA_COUNT_BAD_LENGTH,
	NOVA_COUNT_BAD_CHECKSUM,
	NOVA_COUNT_BAD_HEADER,	/* signature, version */
	NOVA_COUNT_BAD_SEQUENCE,	/* stale or far off */
	NOVA_COUNT_BAD_FUNCTION,
	NOVA_COUNT_BAD_PAYLOAD,
	NOVA_COUNT_ORPHANS,	/* continuations that continue nothing */
	NOVA_COUNT_RECORDS_LOST,	/* gaps in the transport sequence */
	NOVA_COUNT_EVENTS,
	NOVA_COUNT_EVENTS_UNHANDLED,
	NOVA_COUNT_INTERRUPTS,
	NOVA_COUNT_INTERRUPTS_MISSED,	/* records found by polling, not by interrupt */
	NOVA_COUNT_LOCKDOWNS,
	NOVA_COUNT_RECOVERIES,	/* resets of a firmware that had failed, or on request */
	NOVA_GSP_COUNTER_COUNT
};

/**
 * struct nova_block - queue memory shared with GSP
 * @pool: where the pages come from; they need not be contiguous
 * @page: CPU addresses of its 4 KiB pages: page table, command queue, status queue
 * @addr: DMA addresses of the same
 * @npages: number of pages
 * @table_pages: how many of them are the page table
 * @cmdq_pages: pages of the command queue, header page included
 * @statq_pages: pages of the status queue, header page included
 */
struct nova_block {
	struct dma_pool *pool;
	void **page;
	dma_addr_t *addr;
	u32 npages;
	u32 table_pages;
	u32 cmdq_pages;
	u32 statq_pages;
};

static inline u64 nova_block_cmdq_offset(const struct nova_block *b)
{
	return (u64)b->table_pages << NOVA_GSP_PAGE_SHIFT;
}

static inline u64 nova_block_statq_offset(const struct nova_block *b)
{
	return (u64)(b->table_pages + b->cmdq_pages) << NOVA_GSP_PAGE_SHIFT;
}

/**
 * struct nova_gsp - firmware of one GPU
 * @gpu: the GPU
 * @users: who depends on it
 * @observer: what learns of its RPCs
 * @abi: release that runs; set by the boot code before the queues are made, and the same
 *	for as long as the GPU is registered
 * @state: enum nova_gsp_state; written under @lock
 * @failure: why @state is NOVA_GSP_FAILED
 * @lock: guards @state, @pending, @flows, @ended, @inflight, @txq, all struct nova_rpc in
 *	flight; taken in any context, irqs off
 * @block: queue memory
 * @txq: command queue
 * @inflight: RPCs sent and not yet answered, and those whose reply may come late
 * @flows: who of those that wait goes next
 * @sending: call picked from @flows whose records are not all in the ring
 * @partial: RPC that timed out with only part of its records in the ring
 * @ring_full: something to send found no room in the ring
 * @probes: barriers sent to expire late entries
 * @stopped: takes no calls, and the timer is not armed any more
 * @suspended: the system is about to sleep: nothing is sent
 * @asleep: it sleeps: the timer is not armed and no deadline passes
 * @suspend_ns: since when
 * @timer_at_ns: what the timer is set to, U64_MAX when not
 * @seen_ns: when the worker last ended
 * @pending: calls not yet (completely) in the ring, in order of submission
 * @ended: calls that ended outside of the worker, which is to tell their callers
 * @rx_mutex: serialises readers of the status queue (the worker and the
 *	snapshot of the queues); outside @lock
 * @rxq: status queue; under @rx_mutex
 * @more: the worker stopped with records left
 * @incomplete_ns: since when a record has been incomplete, 0 if none is
 * @assembling: call whose large reply is arriving, or NULL; under @lock
 * @wq: ordered; @work and what event handlers defer run here
 * @work: drains the status queue, sends what is pending, checks deadlines
 * @timer: earliest time at which @work has something to do
 * @handlers: ordered queue for event handlers that need an RPC
 * @init_done: completed by the event INIT_DONE
 * @init_result: its rpc_result
 * @irq_pending: interrupt bits seen and not yet looked at by @work
 * @lockdown: GSP asked the CPU to leave its registers alone
 * @lockdown_ns: since when
 * @doorbell_owed: a doorbell was held back by the lockdown
 * @next_id: id of the last call
 * @next_seq: next RPC sequence number (releases that echo it)
 * @counters: see enum nova_gsp_counter
 * @hooks: hooks around calls and events
 * @history: last calls
 * @boot: what the boot code keeps while the firmware runs (private to boot.c)
 * @crash: crash report queue that the firmware writes, NULL where it has none; under
 *	@boot_lock
 * @crash_bytes: its length
 * @boot_lock: held to set @boot, to take it away, and by those who read from it without
 *	being part of the boot; innermost mutex
 * @static_info: reply of GET_GSP_STATIC_INFO, @static_info_len bytes
 * @static_info_len: its length
 * @regsave: registers saved by the CPU sequencer
 * @booter: who boots it, and alone may call it until then; NULL otherwise
 * @recovery: see recover.h
 * @incidents: see incident.h
 */
struct nova_gsp {
	struct nova_gpu *gpu;
	const struct nova_gsp_users *users;
	const struct nova_rpc_observer *observer;
	const struct nova_abi *abi;
	enum nova_gsp_state state;
	char failure[160];

	spinlock_t lock;		/* see above; irqs off */
	struct nova_block block;
	struct nova_txq txq;
	struct nova_inflight inflight;
	struct list_head pending;
	struct list_head ended;
	struct nova_flows *flows;
	struct nova_rpc *sending;
	struct nova_rpc *partial;
	bool ring_full;
	u32 probes;
	bool stopped;
	bool suspended;
	bool asleep;
	u64 suspend_ns;
	u64 timer_at_ns;
	u64 seen_ns;

	struct mutex rx_mutex;		/* see above; outside @lock */
	struct nova_rxq rxq;
	bool more;
	u64 incomplete_ns;
	struct nova_rpc *assembling;

	struct workqueue_struct *wq;
	struct nova_work work;
	struct nova_hw_timer timer;
	struct workqueue_struct *handlers;

	struct completion init_done;
	u32 init_result;

	atomic_t irq_pending;
	bool lockdown;
	u64 lockdown_ns;
	bool doorbell_owed;

	atomic64_t next_id;
	u32 next_seq;
	atomic64_t counters[NOVA_GSP_COUNTER_COUNT];
	struct nova_hooks hooks;
	struct nova_history *history;

	void *boot;
	const void *crash;
	u32 crash_bytes;
	struct mutex boot_lock;		/* see above */
	void *static_info;
	u32 static_info_len;
	u32 regsave[8];
	struct task_struct *booter;
	struct nova_recovery recovery;
	struct nova_incidents incidents;
};

static inline void nova_count_add(struct nova_gsp *gsp, enum nova_gsp_counter c, u64 n)
{
	atomic64_add(n, &gsp->counters[c]);
}

static inline void nova_count(struct nova_gsp *gsp, enum nova_gsp_counter c)
{
	nova_count_add(gsp, c, 1);
}

/*
 * Whether the run @epoch of the firmware (see recover.h) takes RPCs. The error of a single
 * RPC does not tell. Context: any.
 */
static inline bool nova_gsp_serves(const struct nova_gsp *gsp, u32 epoch)
{
	return READ_ONCE(gsp->state) == NOVA_GSP_READY &&
	       READ_ONCE(gsp->recovery.epoch) == epoch;
}

/* gsp/gsp.c. @users outlives it. Return: NULL without memory. */
struct nova_gsp *nova_gsp_create(struct nova_gpu *gpu, const struct nova_gsp_users *users);
void nova_gsp_destroy(struct nova_gsp *gsp);

/* gsp/state/state.c */
/* Whether the GPU is gone from the bus: then everything reads as all ones. */
bool nova_gsp_off_bus(struct nova_gsp *gsp);
void nova_gsp_set_state(struct nova_gsp *gsp, enum nova_gsp_state state);
/* Notifies the observers of a change of @gsp->state. May sleep. */
void nova_gsp_state_changed(struct nova_gsp *gsp, enum nova_gsp_state old,
			    enum nova_gsp_state state);
const char *nova_gsp_state_name(enum nova_gsp_state state);
extern const char * const nova_counter_name[NOVA_GSP_COUNTER_COUNT];

/**
 * nova_gsp_fail() - the firmware is no longer usable
 * @gsp: firmware
 * @err: -errno that calls in flight end with
 * @fmt: why, in words an operator understands; kept for sysfs, logged once
 *
 * The first failure wins. Context: may sleep.
 */
__printf(3, 4) void nova_gsp_fail(struct nova_gsp *gsp, int err, const char *fmt, ...);

/*
 * Makes the worker run at @at_ns or earlier. With gsp->lock held; no effect once RPCs are
 * stopped.
 */
void nova_gsp_timer_by(struct nova_gsp *gsp, u64 at_ns);
/* For the worker: exactly then; U64_MAX: not at all. */
void nova_gsp_timer_set(struct nova_gsp *gsp, u64 at_ns);

/* gsp/rpc/rx.c: the worker */
void nova_rx_work(struct nova_work *work);
void nova_rx_report(struct nova_gsp *gsp, const struct nova_record *rec,
		    enum nova_record_verdict why);
void nova_rx_lockdown(struct nova_gsp *gsp, bool on);

/* gsp/boot/boot.c */
/**
 * nova_gsp_boot() - from a GPU at rest to a firmware that answers calls
 * @gsp: firmware; nova_gsp_create() was called, no queues yet
 *
 * Sets @gsp->abi from the image, makes memory, runs the boot procedure of the
 * release, ends in NOVA_GSP_READY. On failure everything is undone, the reason
 * is logged and kept.
 *
 * Context: may sleep for seconds.
 * Return: see nova_gpu_register().
 */
int nova_gsp_boot(struct nova_gsp *gsp);

/**
 * nova_gsp_unload() - UNLOADING_GUEST_DRIVER, mailbox, WPR2 down, free memory
 * @gsp: firmware in any state
 *
 * Where the firmware does not co-operate the GPU is reset instead.
 * Context: may sleep for seconds.
 */
void nova_gsp_unload(struct nova_gsp *gsp);

/**
 * nova_gsp_reboot() - reset the GPU and boot its firmware again
 * @gsp: firmware whose calls were stopped
 *
 * Context: may sleep for seconds.
 * Return: as nova_gsp_boot(); a failure leaves
 * NOVA_GSP_FAILED and its reason.
 */
int nova_gsp_reboot(struct nova_gsp *gsp);

/* Framebuffer below what the firmware keeps for itself, in bytes, while it runs. */
u64 nova_gsp_fb_free_bytes(struct nova_gsp *gsp);

/* gsp/suspend.c */
/**
 * nova_gsp_suspend() - the firmware is left alone until nova_gsp_resume()
 * @gsp: firmware of a registered GPU
 *
 * Nothing is sent any more, what was sent is waited for within reason, deadlines
 * stop. On failure, too, nova_gsp_resume() is to follow. Context: may sleep.
 * Return: 0, or -EBUSY where the GPU has to be reset.
 */
int nova_gsp_suspend(struct nova_gsp *gsp);
/* Undoes nova_gsp_suspend(). May sleep. */
void nova_gsp_resume(struct nova_gsp *gsp);

/* gsp/queue/memory.c: queue memory */
/**
 * nova_queues_alloc() - make the queue block for @gsp->abi
 * @gsp: firmware
 *
 * Fills the page table and the command queue's header; calls may be submitted
 * and stay in the ring from here on.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int nova_queues_alloc(struct nova_gsp *gsp);
void nova_queues_free(struct nova_gsp *gsp);
/* From here on nothing of ours refers to the queues; their memory is in @block. May sleep. */
void nova_queues_forget(struct nova_gsp *gsp, struct nova_block *block);

/**
 * nova_queues_link() - look for the status queue that GSP sets up
 * @gsp: firmware
 *
 * Return: 0 once found and valid (receiving starts), -EAGAIN where it is not
 * there yet. Context: may sleep.
 */
int nova_queues_link(struct nova_gsp *gsp);

/**
 * nova_queues_snapshot() - consistent copy of the whole block
 * @gsp: firmware
 * @buf: for npages * 4096 bytes
 * @bytes: of @buf
 *
 * Context: may sleep.
 * Return: 0, -ENODATA without queues, -EAGAIN where the
 * firmware kept writing.
 */
int nova_queues_snapshot(struct nova_gsp *gsp, void *buf, size_t bytes);

/* gsp/rpc/sysfs.c: with @lock held */
void nova_flow_take_parameters(struct nova_gsp *gsp);
/* Without @lock: the flow of @gfid is as new. */
void nova_flow_new_tenant(struct nova_gsp *gsp, u32 gfid);

/* gsp/rpc/event.c */
struct nova_gsp_event {
	const char *release;
	u32 gpu_id;
	u32 gfid;
	enum nova_op op;
	u32 function;
	u32 record_seq;
	u32 result;
	u32 len;		/* payload bytes */
	u32 data[2];		/* its first two words */
	u32 handled;
	const void *payload;
	u64 time_ns;		/* taken out of the ring; GPU clock */
};

struct nova_record_bad {
	const char *release;
	u32 gpu_id;
	u32 gfid;
	u32 reason;		/* enum nova_record_verdict */
	u32 slot;
	u32 slots;
	u32 record_seq;
	u32 expected_seq;
	u32 function;
	u32 seq;
	u32 len;
	u32 elem_count;
	u64 time_ns;		/* refused; GPU clock */
};

/* Shows one event to the hooks and handles it, in the worker. @payload is a private copy. */
void nova_event_dispatch(struct nova_gsp *gsp, const struct nova_record *rec);
/* The same without the hooks. */
void nova_event_handle(struct nova_gsp *gsp, struct nova_gsp_event *ev);
/* gsp/event.c: see @event of struct nova_rpc_observer. */
bool nova_event_run(struct nova_gsp *gsp, struct nova_gsp_event *ev, int *err);

/* gsp/boot/sequencer.c: runs the program of a RUN_CPU_SEQUENCER event */
int nova_sequencer_run(struct nova_gsp *gsp, const void *payload, u32 len);

#endif /* NOVABPF_GSP_GSP_H */
