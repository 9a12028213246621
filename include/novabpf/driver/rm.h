/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RPCs to the resource manager in the firmware, which allocate, control and free objects
 * of a client. The caller chooses the handles.
 */
#ifndef NOVABPF_RM_H
#define NOVABPF_RM_H

#include <linux/types.h>
#include <novabpf/driver/hw.h>

struct nova_gpu;

/**
 * struct nova_rm_result - reply of the firmware
 * @answered: there was a reply; the other members are valid
 * @rpc_result: whether the RPC was processed (0, an NV_STATUS, or a transport
 *	code from 0xff000000)
 * @status: status of the resource manager (NV_STATUS)
 */
struct nova_rm_result {
	bool answered;
	u32 rpc_result;
	u32 status;
};

/**
 * struct nova_rm_post - control without a waiting caller
 * @done: called exactly once when the control has ended; in worker context, never in
 *	the poster's, which may hold locks that @done takes; must not sleep
 * @urgent: sent ahead of requests of tenants; set by the core's scheduler
 * @err: set before @done: as the return value of nova_rm_control()
 * @result: set before @done
 *
 * Embedded in the poster's own structure, which must live until @done.
 */
struct nova_rm_post {
	void (*done)(struct nova_rm_post *post);
	bool urgent;
	int err;
	struct nova_rm_result result;
};

/* For nova_rm_control(): the control takes long (deadline 45 s). */
#define NOVA_RM_SLOW	0x1

/**
 * nova_gpu_get() - look up a GPU by number
 * @id: N of gpuN
 *
 * Return: the GPU with a reference that nova_gpu_put() gives up, or NULL.
 * RPCs on a GPU that has been removed fail with -ENODEV. Context: may sleep.
 */
struct nova_gpu *nova_gpu_get(u32 id);

/**
 * nova_rm_alloc() - allocate an object
 * @gpu: GPU
 * @client: client handle; for a client itself (class NV01_ROOT) its own handle
 * @parent: handle of the parent object
 * @object: handle for the new object
 * @class: class number
 * @params: class parameters, or NULL
 * @size: bytes of @params
 * @res: filled in, may be NULL
 *
 * Context: may sleep, at most for the deadline of an RPC.
 * Return: 0; -EREMOTEIO: the firmware refused (see @res); -ETIMEDOUT, -EIO, -EBADMSG,
 * -ENODEV, -ESHUTDOWN: no valid reply; -ENOMEM; -E2BIG.
 */
int nova_rm_alloc(struct nova_gpu *gpu, u32 client, u32 parent, u32 object, u32 class,
		  const void *params, u32 size, struct nova_rm_result *res);

/**
 * nova_rm_control() - control an object
 * @gpu: GPU
 * @client: client handle
 * @object: object handle
 * @cmd: control number
 * @params: parameters, in and out; rewritten on success only
 * @size: bytes of @params
 * @flags: NOVA_RM_SLOW or 0
 * @res: filled in, may be NULL
 *
 * Context: as nova_rm_alloc().
 * Return: as nova_rm_alloc().
 */
int nova_rm_control(struct nova_gpu *gpu, u32 client, u32 object, u32 cmd, void *params,
		    u32 size, u32 flags, struct nova_rm_result *res);

/**
 * nova_rm_control_post() - control an object without waiting
 * @gpu: GPU
 * @client: client handle
 * @object: object handle
 * @cmd: control number
 * @params: parameters; copied
 * @size: bytes of @params
 * @post: see struct nova_rm_post
 *
 * The RPC is queued if the ring is full. Context: any.
 * Return: 0: @post->done will be called; or -errno: it will not.
 */
int nova_rm_control_post(struct nova_gpu *gpu, u32 client, u32 object, u32 cmd,
			 const void *params, u32 size, struct nova_rm_post *post);

/**
 * nova_rm_free() - free an object and everything below it
 * @gpu: GPU
 * @client: client handle
 * @object: handle of the object
 * @res: filled in, may be NULL
 *
 * Context: as nova_rm_alloc().
 * Return: as nova_rm_alloc().
 */
int nova_rm_free(struct nova_gpu *gpu, u32 client, u32 object, struct nova_rm_result *res);

/*
 * The same on behalf of a vGPU: @gfid appears in the header of the RPC and in its
 * traces, and the RPC waits for the turn of that vGPU. 0 is the host.
 */
int nova_rm_alloc_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 parent, u32 object,
		      u32 class, const void *params, u32 size, struct nova_rm_result *res);
int nova_rm_control_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object, u32 cmd,
			void *params, u32 size, u32 flags, struct nova_rm_result *res);
int nova_rm_control_post_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object, u32 cmd,
			     const void *params, u32 size, struct nova_rm_post *post);
int nova_rm_free_for(struct nova_gpu *gpu, u32 gfid, u32 client, u32 object,
		     struct nova_rm_result *res);

#endif /* NOVABPF_RM_H */
