/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual time: support for a GPU whose clock jumps. Private to the core.
 *
 * A virtual clock may advance only while the core is idle: no work is left that needs no
 * time to pass. Idle accounting counts works, from being queued until the end of their
 * last run, and threads between nova_busy_begin() and nova_busy_end(). A GPU in real time
 * is not accounted for: its table is NULL, and the only cost is a jump label that is off.
 */
#ifndef NOVABPF_BASE_VTIME_H
#define NOVABPF_BASE_VTIME_H

#include <linux/list.h>
#include <linux/types.h>

struct nova_gpu;
struct nova_vtime;
struct nova_work;
struct task_struct;
struct workqueue_struct;

/* A thread that is busy in the core; on the thread's stack. */
struct nova_busy {
	struct task_struct *task;
	struct list_head node;
};

/**
 * struct nova_vtime_work - idle accounting of a work
 * @queued: it was queued since its last run began
 * @counted: it is in the busy count
 * @node: in the list of works that the clock's thread runs
 *
 * All under the lock of struct nova_vtime.
 */
struct nova_vtime_work {
	bool queued;
	bool counted;
	struct list_head node;
};

/**
 * struct nova_vtime_ops - idle accounting for a virtual clock
 * @create: make the accounting of a GPU, and turn the jump label on. May sleep
 * @destroy: undo that; no work of the GPU is left. May sleep
 * @stop: cancel its timers, when no thread sleeps on the clock. May sleep
 * @count: add to the busy count, or subtract. Any context
 * @begin: see nova_busy_begin()
 * @end: see nova_busy_end()
 * @here: see nova_busy_here()
 * @queue: see nova_work_queue()
 * @run: call fn of a work whose turn in its workqueue has come
 * @cancelled: a work was cancelled, and runs no more
 * @sleep_us: see nova_gpu_sleep_us()
 * @is_clock: see nova_vtime_is_clock()
 * @allow_direct: see nova_vtime_allow_direct()
 * @freeze: see nova_vtime_freeze()
 */
struct nova_vtime_ops {
	int (*create)(struct nova_gpu *gpu);
	void (*destroy)(struct nova_gpu *gpu);
	void (*stop)(struct nova_gpu *gpu);
	void (*count)(struct nova_gpu *gpu, int n);
	void (*begin)(struct nova_gpu *gpu, struct nova_busy *b);
	void (*end)(struct nova_gpu *gpu, struct nova_busy *b);
	bool (*here)(struct nova_gpu *gpu);
	bool (*queue)(struct workqueue_struct *wq, struct nova_work *w);
	void (*run)(struct nova_work *w);
	void (*cancelled)(struct nova_work *w);
	void (*sleep_us)(struct nova_gpu *gpu, u32 us);
	bool (*is_clock)(struct nova_gpu *gpu);
	void (*allow_direct)(struct nova_gpu *gpu, bool ok);
	void (*freeze)(struct nova_gpu *gpu, bool frozen);
};

#ifdef NOVABPF_VTIME
#include <linux/jump_label.h>
/* On while a GPU with a virtual clock exists. */
DECLARE_STATIC_KEY_FALSE(nova_vtime_key);
#define nova_vtime_on()	static_branch_unlikely(&nova_vtime_key)
#else
#define nova_vtime_on()	false
#endif

#endif /* NOVABPF_BASE_VTIME_H */
