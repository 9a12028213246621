/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands in for the kernel where files that use its services are compiled natively, for
 * a test of one thread: locks are checked and do nothing, work is counted, and waiting is
 * the test's. All headers of linux/ beside this one are links to it. A test asks for it by
 *	// include: selftests/unit/kernel
 */
#ifndef NOVABPF_UNIT_NATIVE_KERNEL_H
#define NOVABPF_UNIT_NATIVE_KERNEL_H

#include <novabpf/driver/portable.h>
#include <stdlib.h>
#include <time.h>
#include <linux/types.h>

#define TASK_COMM_LEN		16
#define THIS_MODULE		NULL
#define MAX_ERRNO		4095
#define NSEC_PER_USEC		1000L
#define NSEC_PER_MSEC		1000000L
#define NSEC_PER_SEC		1000000000L
#define USEC_PER_SEC		1000000L
#define GFP_KERNEL		0
#define GFP_ATOMIC		1
#define unlikely(x)		(x)
#define likely(x)		(x)
#define BIT(n)			(1UL << (n))
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define module_param(name, type, mode)
#define MODULE_PARM_DESC(name, text)
#define EXPORT_SYMBOL_GPL(s)

typedef u64 dma_addr_t;
typedef unsigned int gfp_t;
typedef s64 ktime_t;
typedef struct { int v; } atomic_t;
typedef struct { s64 v; } atomic64_t;
typedef struct { bool held; } spinlock_t;
typedef struct { int v; } wait_queue_head_t;

struct list_head { struct list_head *next, *prev; };
static inline bool list_empty(const struct list_head *head) { return head->next == head; }
struct rcu_head { int v; };
struct kref { int v; };
struct mutex { bool held; };
struct rw_semaphore { int v; };
struct completion { bool done; };
struct work_struct { void (*fn)(struct work_struct *work); bool queued; };
struct workqueue_struct { int v; };
struct hrtimer { int v; };
struct kobject { int v; };
struct device { void *data; };
struct device_attribute { int v; };
struct attribute_group { int v; };
struct dma_pool;
struct task_struct;
struct module;
struct class;
struct file_operations;
struct seq_file;

#define atomic_read(a)		((a)->v)
#define atomic64_read(a)	((a)->v)
#define atomic64_inc(a)		((void)(a)->v++)
#define atomic64_add(n, a)	((void)((a)->v += (n)))

#define spin_lock_init(l)	((l)->held = false)
#define native_lock(l)		(assert(!(l)->held), (void)((l)->held = true))
#define native_unlock(l)	(assert((l)->held), (void)((l)->held = false))
#define spin_lock_irq(l)	native_lock(l)
#define spin_unlock_irq(l)	native_unlock(l)
#define spin_lock_irqsave(l, f)	((f) = 0, native_lock(l))
#define spin_unlock_irqrestore(l, f)	((void)(f), native_unlock(l))
#define mutex_init(m)		((m)->held = false)
#define mutex_destroy(m)	assert(!(m)->held)
#define mutex_lock(m)		native_lock(m)
#define mutex_unlock(m)		native_unlock(m)
#define lockdep_assert_held(l)	assert((l)->held)

#define init_completion(c)	((c)->done = false)
#define complete_all(c)		((c)->done = true)
void wait_for_completion(struct completion *c);

#define INIT_WORK(w, f)		(*(w) = (struct work_struct) { .fn = (f) })
#define schedule_work(w)	((void)((w)->queued = true))
#define cancel_work_sync(w)	((void)((w)->queued = false))
#define drain_workqueue(wq)	((void)(wq))

/* u64 is another type here than in the kernel: formats are not checked. */
#undef __printf
#define __printf(a, b)
static inline void native_log(const void *dev, const char *fmt, ...)
{
	(void)dev;
	(void)fmt;
}

#define dev_warn(...)		native_log(__VA_ARGS__)
#define dev_warn_ratelimited(...)	native_log(__VA_ARGS__)
#define dev_err(...)		native_log(__VA_ARGS__)
#define dev_info(...)		native_log(__VA_ARGS__)

#define kzalloc(n, gfp)		calloc(1, n)
#define kvzalloc(n, gfp)	calloc(1, n)
#define kstrdup(s, gfp)		strdup(s)
#define kfree(p)		free(p)
#define kvfree(p)		free(p)

static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	return snprintf(to, size, "%s", from);
}

/* The clock, where it is not 0, and the processor's counter: a test of what uses it has them. */
extern u64 native_mono_ns, native_cycles, native_cycles_reads;

static inline u64 ktime_get_mono_fast_ns(void)
{
	struct timespec ts;

	if (native_mono_ns)
		return native_mono_ns;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
}

static inline u64 get_cycles(void)
{
	native_cycles_reads++;
	return native_cycles;
}

static inline ktime_t ktime_get(void) { return (ktime_t)ktime_get_mono_fast_ns(); }
#define ktime_sub(a, b)		((a) - (b))
#define ktime_to_ns(t)		(t)
#define mul_u64_u64_div_u64(a, b, c)	((u64)((unsigned __int128)(a) * (b) / (c)))

#endif /* NOVABPF_UNIT_NATIVE_KERNEL_H */
