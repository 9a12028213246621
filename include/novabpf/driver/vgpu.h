/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vGPUs for a driver that gives them to virtual machines, such as a VFIO module. This is
 * all that such a driver knows of the provider that runs the GPU: nothing here depends on
 * a firmware release, a chip or the inside of the provider.
 *
 * The life of a vGPU, as its client sees it:
 *
 *	reserve		it has a place on the GPU; the scheduling policy admitted it
 *	open		the firmware has started it; a virtual machine may use it
 *	reset		as after open: work is gone, framebuffer is zero
 *	close		the firmware has ended it; it keeps its place
 *	release		its place is free
 *
 * What the guest wants done goes through channels: rings of the provider that the
 * client fills. The GPU reads these only, never memory of the guest: the client
 * copies from the guest what it has checked.
 *
 * Every function is exported in the symbol namespace NOVABPF.
 */
#ifndef NOVABPF_VGPU_H
#define NOVABPF_VGPU_H

#include <linux/list.h>
#include <linux/types.h>

struct device;
/* Both are the provider's and opaque. */
struct nova_gpu;
struct nova_vgpu;

#define NOVA_VGPU_CHANNELS_MAX	8
/* Longest item of work, by the GPU's clock. */
#define NOVA_VGPU_WORK_NS_MAX	10000000000ULL

/**
 * struct nova_vgpu_client - a driver that gives vGPUs away
 * @gpu_add: a GPU is there; called for each GPU that is there at registration, too.
 *	A client that cannot serve it leaves it alone
 * @gpu_remove: a GPU goes. When this returns the client has released every vGPU of
 *	it, has no call on it under way and makes none any more. It may wait for users;
 *	the removal of the GPU waits with it. Called for every GPU that @gpu_add was
 *	called for, also when the client is unregistered
 * @node: the provider's
 *
 * Both may sleep and may call everything below but nova_vgpu_client_register() and
 * nova_vgpu_client_unregister(). They are called one at a time, for all GPUs.
 */
struct nova_vgpu_client {
	void (*gpu_add)(struct nova_gpu *gpu);
	void (*gpu_remove)(struct nova_gpu *gpu);
	struct list_head node;
};

/**
 * struct nova_vgpu_type_info - a type of vGPUs
 * @id: number of the type, the same on every GPU; never 0
 * @name: such as "NOVA-4Q"; of letters, digits, '-', '_' and '.'
 * @class: use it is meant for, such as "Quadro"
 * @description: one line
 * @fb_bytes: framebuffer that the guest sees
 * @max_instances: how many a GPU has that has only such
 *
 * The strings live as long as the GPU.
 */
struct nova_vgpu_type_info {
	u32 id;
	const char *name;
	const char *class;
	const char *description;
	u64 fb_bytes;
	u32 max_instances;
};

/**
 * enum nova_vgpu_event - events of an open vGPU
 * @NOVA_VGPU_CRASHED: its own task in the firmware crashed; no other vGPU is concerned
 * @NOVA_VGPU_GPU_RESET: the GPU is being reset, and all that ran on it is gone
 *
 * After either the vGPU takes no work until nova_vgpu_reset() has succeeded, which
 * fails with -EAGAIN as long as the GPU is not in service again.
 */
enum nova_vgpu_event {
	NOVA_VGPU_CRASHED,
	NOVA_VGPU_GPU_RESET,
};

/**
 * struct nova_vgpu_callbacks - callbacks while a vGPU is open
 * @interrupt: work was done: nova_vgpu_completed() of some channel has changed.
 *	Several changes may share one call
 * @event: see enum nova_vgpu_event
 *
 * Context: any, a spinlock with interrupts off is held. They must not sleep and must
 * not call the provider. None runs before nova_vgpu_open() is called, or after
 * nova_vgpu_close() has returned; one may run before nova_vgpu_open() has returned.
 */
struct nova_vgpu_callbacks {
	void (*interrupt)(void *priv);
	void (*event)(void *priv, enum nova_vgpu_event event);
};

/**
 * struct nova_vgpu_info - an open vGPU
 * @type_id: its type
 * @gfid: number of its function on the GPU, from 1
 * @channels: its channels are 0 .. @channels - 1
 * @ring_entries: items of work that a channel takes before any of it was begun
 * @engine_id: engine of each channel, as NV2080_ENGINE_TYPE numbers them
 * @fb_bytes: framebuffer; offsets in it are from 0
 * @fb_mappable: it has pages, see nova_vgpu_fb_pfn()
 */
struct nova_vgpu_info {
	u32 type_id;
	u32 gfid;
	u32 channels;
	u32 ring_entries;
	u32 engine_id[NOVA_VGPU_CHANNELS_MAX];
	u64 fb_bytes;
	bool fb_mappable;
};

/**
 * struct nova_vgpu_work - an item of work
 * @length_ns: engine time that it takes, 1 .. NOVA_VGPU_WORK_NS_MAX
 */
struct nova_vgpu_work {
	u64 length_ns;
};

/**
 * enum nova_vgpu_setting - settings of a vGPU
 * @NOVA_VGPU_WEIGHT: share of the engines, relative to that of others
 * @NOVA_VGPU_CAP_PCT: at most this part of an engine; 0 for no limit
 * @NOVA_VGPU_PRIORITY: 0 the lowest
 * @NOVA_VGPU_PERIOD_US: time in which it gets its budget; 0 for none
 * @NOVA_VGPU_BUDGET_US: engine time in each period, at most the period
 * @NOVA_VGPU_SETTINGS: how many there are
 *
 * The provider and its scheduling policy define their effect on a vGPU.
 */
enum nova_vgpu_setting {
	NOVA_VGPU_WEIGHT,
	NOVA_VGPU_CAP_PCT,
	NOVA_VGPU_PRIORITY,
	NOVA_VGPU_PERIOD_US,
	NOVA_VGPU_BUDGET_US,
	NOVA_VGPU_SETTINGS,
};

/**
 * nova_vgpu_client_register() - learn of GPUs
 * @client: must live until nova_vgpu_client_unregister()
 *
 * Calls @client->gpu_add() for every GPU that is there, then for each that comes.
 *
 * Context: may sleep.
 * Return: 0, or -EBUSY where another client is registered already.
 */
int nova_vgpu_client_register(struct nova_vgpu_client *client);

/**
 * nova_vgpu_client_unregister() - give up all GPUs
 * @client: registered before
 *
 * Calls @client->gpu_remove() for every GPU. No callback runs when it returns.
 * Context: may sleep.
 */
void nova_vgpu_client_unregister(struct nova_vgpu_client *client);

/**
 * nova_vgpu_gpu_device() - device of a GPU
 * @gpu: GPU
 *
 * The device on its bus, such as a PCI function, as tools that look for parents of
 * mediated devices expect. For the parent of the client's own devices. Context: any.
 * Return: the device, without a reference; valid until gpu_remove() has returned.
 */
struct device *nova_vgpu_gpu_device(struct nova_gpu *gpu);

/**
 * nova_vgpu_is_available() - whether a GPU can have vGPUs now
 * @gpu: GPU
 *
 * Context: any.
 * Return: whether its firmware hosts vGPUs and is in service. This may change at any
 * time, so later operations may fail all the same.
 */
bool nova_vgpu_is_available(struct nova_gpu *gpu);

/**
 * nova_vgpu_type_get() - types of a GPU
 * @gpu: GPU
 * @index: from 0
 * @info: filled in
 *
 * The list does not change while the GPU is there. Context: any.
 * Return: 0, or -ENOENT past the end.
 */
int nova_vgpu_type_get(struct nova_gpu *gpu, u32 index, struct nova_vgpu_type_info *info);

/**
 * nova_vgpu_type_available() - how many more of a type fit
 * @gpu: GPU
 * @type_id: type
 *
 * Context: may sleep.
 * Return: the number, 0 where the type is not known.
 */
u32 nova_vgpu_type_available(struct nova_gpu *gpu, u32 type_id);

/**
 * nova_vgpu_reserve() - take a place for a vGPU
 * @gpu: GPU
 * @type_id: type
 * @user: device that the vGPU is for: the vGPU's directory in sysfs gets the link
 *	"user" to it; or NULL. Must be visible in sysfs until nova_vgpu_release()
 *
 * Asks the scheduling policy for admission. Nobody but the caller can end the vGPU
 * while it is reserved; others see it, and may change its weight and the like.
 *
 * Context: may sleep.
 * Return: the vGPU, or ERR_PTR: -ENOENT no such type; -ENOSPC no place for it (see
 * nova_vgpu_type_available()); -EAGAIN the GPU is being reset; -ENODEV it is not in
 * service; -EOPNOTSUPP it hosts no vGPUs; what the policy said; -ENOMEM.
 */
struct nova_vgpu *nova_vgpu_reserve(struct nova_gpu *gpu, u32 type_id, struct device *user);

/**
 * nova_vgpu_release() - give up the place of a vGPU
 * @vgpu: from nova_vgpu_reserve(), not open; not to be used any more
 *
 * Where the firmware may still hold something of it, it stays in quarantine: its place
 * is not given to another before the GPU has been reset. Context: may sleep.
 */
void nova_vgpu_release(struct nova_vgpu *vgpu);

/**
 * nova_vgpu_setting_get() - read a setting of a vGPU
 * @vgpu: from nova_vgpu_reserve()
 * @setting: which
 * @val: filled in on success
 *
 * Context: may sleep.
 * Return: 0; -EINVAL no such setting; -EOPNOTSUPP the provider has none of that kind.
 */
int nova_vgpu_setting_get(struct nova_vgpu *vgpu, enum nova_vgpu_setting setting, u32 *val);

/**
 * nova_vgpu_setting_set() - change a setting of a vGPU
 * @vgpu: from nova_vgpu_reserve(), in any state
 * @setting: which
 * @val: new value
 *
 * It holds at once, and until the vGPU is released: open, close and resets keep it.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL out of range, also together with the other settings, and the log says
 * why; -EINTR a signal came first; -EOPNOTSUPP as nova_vgpu_setting_get().
 */
int nova_vgpu_setting_set(struct nova_vgpu *vgpu, enum nova_vgpu_setting setting, u32 val);

/**
 * nova_vgpu_open() - start a vGPU
 * @vgpu: from nova_vgpu_reserve(), not open
 * @vm_pid: process of the virtual machine (thread group id), 0 for none
 * @cb: must live until nova_vgpu_close()
 * @priv: handed to the callbacks
 * @info: filled in on success
 *
 * Has the firmware start it, which may take seconds. Its framebuffer is zero. One vGPU
 * never waits for another. open, close and reset of the same vGPU are serialised here;
 * the caller must not hold a lock that its callbacks, or other vGPUs, wait for.
 *
 * Context: may sleep.
 * Return: 0; -EBUSY it is open, or in quarantine; -EAGAIN the GPU is being reset;
 * -ENODEV it is not in service; -EREMOTEIO the firmware refused; -ETIMEDOUT and
 * others where the firmware did not answer, after which the vGPU is in quarantine;
 * -ENOMEM. On failure it is not open.
 */
int nova_vgpu_open(struct nova_vgpu *vgpu, s32 vm_pid, const struct nova_vgpu_callbacks *cb,
		   void *priv, struct nova_vgpu_info *info);

/**
 * nova_vgpu_close() - end a vGPU
 * @vgpu: open
 *
 * Its work is gone, and so are the contents of its framebuffer: no page of it may be
 * mapped any more. It succeeds always: where the firmware did not say that it ended
 * the vGPU, this goes to quarantine. In any state of the GPU. Context: may sleep.
 */
void nova_vgpu_close(struct nova_vgpu *vgpu);

/**
 * nova_vgpu_reset() - have a vGPU as after nova_vgpu_open()
 * @vgpu: open
 *
 * Also the way back after an event. Pages of the framebuffer may be mapped, and stay
 * the same. What nova_vgpu_completed() gives begins at 0 again.
 *
 * Context: may sleep.
 * Return: 0; -EAGAIN the GPU is being reset: try again; others as nova_vgpu_open().
 * After a failure the vGPU is still open, takes no work, and may be reset again unless
 * it is in quarantine.
 */
int nova_vgpu_reset(struct nova_vgpu *vgpu);

/**
 * nova_vgpu_submit() - put work into a channel
 * @vgpu: open
 * @channel: channel
 * @work: items, in the order in which they are to be done
 * @n: how many
 *
 * The GPU looks at them after nova_vgpu_doorbell(). All items are checked before any
 * is taken. Context: any.
 * Return: how many were taken, from the first on; fewer than @n, and even 0, where the
 * ring is full; or -EINVAL no such channel, or a length out of range; -EIO after an
 * event; -ENODEV while it is not open.
 */
int nova_vgpu_submit(struct nova_vgpu *vgpu, u32 channel, const struct nova_vgpu_work *work,
		     u32 n);

/**
 * nova_vgpu_doorbell() - have the GPU look at a channel
 * @vgpu: open
 * @channel: channel
 *
 * Harmless where there is nothing new. When the work begins is up to the scheduler.
 * Context: any.
 * Return: 0, or as nova_vgpu_submit().
 */
int nova_vgpu_doorbell(struct nova_vgpu *vgpu, u32 channel);

/**
 * nova_vgpu_completed() - how much work of a channel was done
 * @vgpu: open
 * @channel: channel
 *
 * Context: any.
 * Return: number of items done since open or reset; items of one channel are done in
 * their order. 0 where there is no such channel.
 */
u64 nova_vgpu_completed(struct nova_vgpu *vgpu, u32 channel);

/**
 * nova_vgpu_now_ns() - the GPU's clock
 * @vgpu: open
 *
 * Context: any.
 * Return: nanoseconds, monotonic; the start is anywhere.
 */
u64 nova_vgpu_now_ns(struct nova_vgpu *vgpu);

/**
 * nova_vgpu_fb_pfn() - the page behind a part of the framebuffer
 * @vgpu: open, with @fb_mappable of struct nova_vgpu_info
 * @offset: multiple of PAGE_SIZE, below fb_bytes
 * @pfn: filled in
 *
 * The page stays the same until nova_vgpu_close(), and its owner is nobody else. It may
 * have no struct page. Memory comes into being with the first call for it, and is
 * charged to the caller's memory cgroup.
 *
 * Context: may sleep; takes no lock but the memory allocator's, so it may be called from a
 * fault handler.
 * Return: 0; -EINVAL offset out of range; -EOPNOTSUPP no pages; -ENOMEM.
 */
int nova_vgpu_fb_pfn(struct nova_vgpu *vgpu, u64 offset, unsigned long *pfn);

/**
 * nova_vgpu_fb_read() - copy from the framebuffer
 * @vgpu: open
 * @offset: in bytes
 * @buf: kernel memory
 * @len: bytes
 *
 * Context: may sleep.
 * Return: 0; -EINVAL not within the framebuffer; -EOPNOTSUPP; -ENOMEM.
 */
int nova_vgpu_fb_read(struct nova_vgpu *vgpu, u64 offset, void *buf, size_t len);

/**
 * nova_vgpu_fb_write() - copy to the framebuffer
 * @vgpu: open
 * @offset: in bytes
 * @buf: kernel memory
 * @len: bytes
 *
 * Context: as nova_vgpu_fb_read().
 * Return: as nova_vgpu_fb_read().
 */
int nova_vgpu_fb_write(struct nova_vgpu *vgpu, u64 offset, const void *buf, size_t len);

#endif /* NOVABPF_VGPU_H */
