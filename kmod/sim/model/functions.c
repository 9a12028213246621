// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RPC functions of GSP-RM. A handler changes the message in place into its
 * reply; the RPC's own verdict is out->result, RM's answer is in the payload.
 */
#include "internal.h"

#define GSIM_MALFORMED		NOVA_RPC_INVALID_MESSAGE_FORMAT
#define GSIM_UNLOAD_WAIT_NS	100000000ULL

/*
 * Bytes of payload that a request announces, which may be more than its first
 * record carries. Return: 0 where the function has no such field.
 */
u32 gsim_function_want(struct gsim *sim, enum nova_op op, const u8 *data, u32 len)
{
	enum nova_field params, size;
	u32 fixed;
	u64 n;

	switch (op) {
	case NOVA_OP_RPC_GSP_RM_CONTROL:
		params = NOVA_CONTROL_PARAMS;
		size = NOVA_CONTROL_PARAMS_SIZE;
		break;
	case NOVA_OP_RPC_GSP_RM_ALLOC:
		params = NOVA_ALLOC_PARAMS;
		size = NOVA_ALLOC_PARAMS_SIZE;
		break;
	case NOVA_OP_RPC_SET_REGISTRY:
		return (u32)min_t(u64, gsim_get(sim, NOVA_REGISTRY_SIZE, data, len),
				  GSIM_MESSAGE_MAX + 1);
	default:
		return 0;
	}
	fixed = gsim_off(sim, params);
	if (!fixed)
		return 0;
	n = gsim_get(sim, size, data, len) + fixed;
	return (u32)min_t(u64, n, GSIM_MESSAGE_MAX + 1);
}

static u32 gsim_fn_control(struct gsim *sim, struct gsim_out *o)
{
	u32 client, object, cmd, size, status, fixed = gsim_off(sim, NOVA_CONTROL_PARAMS);
	struct gsim_object *obj;
	u64 flags;

	if (o->len < fixed)
		return GSIM_MALFORMED;
	client = (u32)gsim_get(sim, NOVA_CONTROL_CLIENT, o->data, o->len);
	object = (u32)gsim_get(sim, NOVA_CONTROL_OBJECT, o->data, o->len);
	cmd = (u32)gsim_get(sim, NOVA_CONTROL_CMD, o->data, o->len);
	size = (u32)gsim_get(sim, NOVA_CONTROL_PARAMS_SIZE, o->data, o->len);
	flags = gsim_get(sim, NOVA_CONTROL_FLAGS, o->data, o->len);
	if (size > o->len - fixed)
		return GSIM_MALFORMED;
	obj = gsim_rm_find(sim, client, object);
	if (!gsim_rm_find(sim, client, client))
		status = NV_ERR_INVALID_CLIENT;
	else if (!obj)
		status = NV_ERR_OBJECT_NOT_FOUND;
	else
		status = gsim_control(sim, obj, cmd, o->data + fixed, size, o);
	gsim_put(sim, NOVA_CONTROL_STATUS, o->data, o->len, status);
	o->len = fixed + size;
	/*
	 * Without success nothing is copied out, but the reply keeps its length:
	 * a large one has as many records as its request had.
	 */
	if (status && !(flags & NOVA_WIRE_CONTROL_COPYOUT_ON_ERROR))
		memset(o->data + fixed, 0, size);
	return NV_OK;
}

static u32 gsim_fn_alloc(struct gsim *sim, struct gsim_out *o)
{
	u32 fixed = gsim_off(sim, NOVA_ALLOC_PARAMS), status, size;

	if (o->len < fixed)
		return GSIM_MALFORMED;
	size = (u32)gsim_get(sim, NOVA_ALLOC_PARAMS_SIZE, o->data, o->len);
	if (size > o->len - fixed)
		return GSIM_MALFORMED;
	status = gsim_rm_alloc(sim, o->gfid,
			       (u32)gsim_get(sim, NOVA_ALLOC_CLIENT, o->data, o->len),
			       (u32)gsim_get(sim, NOVA_ALLOC_PARENT, o->data, o->len),
			       (u32)gsim_get(sim, NOVA_ALLOC_OBJECT, o->data, o->len),
			       (u32)gsim_get(sim, NOVA_ALLOC_CLASS, o->data, o->len),
			       o->data + fixed, size);
	gsim_put(sim, NOVA_ALLOC_STATUS, o->data, o->len, status);
	return NV_OK;
}

static u32 gsim_fn_free(struct gsim *sim, struct gsim_out *o)
{
	u32 status = gsim_rm_free(sim, (u32)gsim_get(sim, NOVA_FREE_ROOT, o->data, o->len),
				  (u32)gsim_get(sim, NOVA_FREE_OBJECT_OLD, o->data, o->len));

	gsim_put(sim, NOVA_FREE_STATUS, o->data, o->len, status);
	return NV_OK;
}

static u32 gsim_fn_dup(struct gsim *sim, struct gsim_out *o)
{
	u32 status;

	status = gsim_rm_dup(sim, o->gfid,
			     (u32)gsim_get(sim, NOVA_DUP_OBJECT_CLIENT, o->data, o->len),
			     (u32)gsim_get(sim, NOVA_DUP_OBJECT_PARENT, o->data, o->len),
			     (u32)gsim_get(sim, NOVA_DUP_OBJECT_OBJECT, o->data, o->len),
			     (u32)gsim_get(sim, NOVA_DUP_OBJECT_CLIENT_SRC, o->data, o->len),
			     (u32)gsim_get(sim, NOVA_DUP_OBJECT_OBJECT_SRC, o->data, o->len));
	gsim_put(sim, NOVA_DUP_OBJECT_STATUS, o->data, o->len, status);
	return NV_OK;
}

/*
 * Version handshake. The RPC itself succeeds. For a guest of another version
 * rpc_result_private is an error and the payload holds the firmware's pair.
 */
static u32 gsim_fn_guest_info(struct gsim *sim, struct gsim_out *o)
{
	const struct nova_abi_rules *rules = sim->abi->rules;
	u64 major = gsim_get(sim, NOVA_GUEST_INFO_VGX_MAJOR, o->data, o->len);
	u64 minor = gsim_get(sim, NOVA_GUEST_INFO_VGX_MINOR, o->data, o->len);

	o->result_private = NV_OK;
	if (major == rules->vgx_major && minor == rules->vgx_minor)
		return NV_OK;
	gsim_refuse(sim, "SET_GUEST_SYSTEM_INFO: version %llx.%02llx, the firmware has %x.%02x",
		    (ull)major, (ull)minor, rules->vgx_major, rules->vgx_minor);
	gsim_put(sim, NOVA_GUEST_INFO_VGX_MAJOR, o->data, o->len, rules->vgx_major);
	gsim_put(sim, NOVA_GUEST_INFO_VGX_MINOR, o->data, o->len, rules->vgx_minor);
	o->result_private = NV_ERR_NOT_SUPPORTED;
	return NV_OK;
}

static u32 gsim_fn_static_info(struct gsim *sim, struct gsim_out *o)
{
	u32 size = nova_msg_size(sim->abi, NOVA_MSG_STATIC_INFO);

	if (!size || size > o->cap)
		return GSIM_MALFORMED;
	memset(o->data, 0, size);
	o->len = size;
	gsim_info_static(sim, o->data, size);
	return NV_OK;
}

static u32 gsim_fn_system_info(struct gsim *sim, struct gsim_out *o)
{
	u32 size = nova_msg_size(sim->abi, NOVA_MSG_SYSINFO);

	if (o->len == size)
		return NV_OK;
	return gsim_reject(sim, GSIM_MALFORMED, "GSP_SET_SYSTEM_INFO: %u bytes, release %s has %u",
			   o->len, sim->abi->release, size);
}

static u32 gsim_fn_registry(struct gsim *sim, struct gsim_out *o)
{
	return gsim_registry_check(sim, o->data, o->len) ? NV_OK : GSIM_MALFORMED;
}

static const struct gsim_function {
	enum nova_op op;
	bool async;
	enum nova_msg exact;	/* the request has this size; 0: @fn checks */
	u32 (*fn)(struct gsim *sim, struct gsim_out *o);	/* NULL: no effect */
} gsim_functions[] = {
	{ NOVA_OP_RPC_GSP_RM_CONTROL, false, 0, gsim_fn_control },
	{ NOVA_OP_RPC_GSP_RM_ALLOC, false, 0, gsim_fn_alloc },
	{ NOVA_OP_RPC_FREE, false, NOVA_MSG_FREE, gsim_fn_free },
	{ NOVA_OP_RPC_DUP_OBJECT, false, NOVA_MSG_DUP_OBJECT, gsim_fn_dup },
	{ NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO, false, NOVA_MSG_GUEST_INFO, gsim_fn_guest_info },
	{ NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO_EXT, false, NOVA_MSG_GUEST_INFO_EXT, NULL },
	{ NOVA_OP_RPC_GET_GSP_STATIC_INFO, false, 0, gsim_fn_static_info },
	{ NOVA_OP_RPC_UNLOADING_GUEST_DRIVER, false, NOVA_MSG_UNLOADING, NULL },
	{ NOVA_OP_RPC_GSP_SET_SYSTEM_INFO, true, 0, gsim_fn_system_info },
	{ NOVA_OP_RPC_SET_REGISTRY, true, 0, gsim_fn_registry },
	{ NOVA_OP_RPC_ECC_NOTIFIER_WRITE_ACK, true, 0, NULL },
};

static const struct gsim_function *gsim_function_find(enum nova_op op)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gsim_functions); i++)
		if (gsim_functions[i].op == op)
			return &gsim_functions[i];
	return NULL;
}

bool gsim_function_async(enum nova_op op)
{
	const struct gsim_function *f = gsim_function_find(op);

	return f && f->async;
}

static u32 gsim_function_execute(struct gsim *sim, struct gsim_req *req)
{
	const struct gsim_function *f = gsim_function_find(req->op);
	struct gsim_out *o = req->out;
	u32 result = NOVA_RPC_UNKNOWN_FUNCTION;

	if (f && f->exact && o->len != nova_msg_size(sim->abi, f->exact))
		result = GSIM_MALFORMED;
	else if (f)
		result = f->fn ? f->fn(sim, o) : NV_OK;
	if (result == GSIM_MALFORMED) {
		sim->stat[GSIM_ST_BAD_PAYLOAD]++;
		o->len = min_t(u32, o->len, GSIM_PAGE / 2);
	} else if (result == NOVA_RPC_UNKNOWN_FUNCTION) {
		sim->stat[GSIM_ST_UNKNOWN_FUNCTION]++;
		gsim_refuse(sim, "function %u (%s) is not modelled", req->fn,
			    nova_op_name(req->op));
	}
	return result;
}

/* Executes a complete request and queues its reply; consumes req->out. */
void gsim_function_run(struct gsim *sim, struct gsim_req *req, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	struct gsim_out *o = req->out;
	bool async = gsim_function_async(req->op);

	o->len = req->have;
	o->result = gsim_function_execute(sim, req);
	gsim_boot_init_rpc(sim, req->op, o->result);
	if (async || sim->faults.mute) {
		if (!async)
			sim->stat[GSIM_ST_MUTED]++;
		gsim_out_mute(sim, o);
		return;
	}
	gsim_out_queue(sim, o);
	if (req->op == NOVA_OP_RPC_UNLOADING_GUEST_DRIVER && !o->result) {
		fw->phase = GSIM_FW_UNLOADING;
		fw->due_ns = now;
		fw->deadline_ns = now + GSIM_UNLOAD_WAIT_NS;
	}
}
