// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test driver's rings, records and calls, and the boot that needs them.
 */
#include <stdlib.h>
#include "model_driver.h"

/* Ring */

static u32 drv_xor(const u8 *b, u32 len)
{
	u32 lo = 0, hi = 0, i;

	for (i = 0; i < len; i += 8) {
		lo ^= get_unaligned_le32(b + i);
		hi ^= get_unaligned_le32(b + i + 4);
	}
	return lo ^ hi;
}

void drv_send_record(struct drv *d, u32 fn, const void *payload, u32 len, u32 rpc_length,
		     void (*spoil)(struct drv *d, u8 *rec), u32 rpc_seq)
{
	u32 elems = (d->hdr_bytes + 32 + len + 4095) / 4096, i, h = d->hdr_bytes;
	u8 *rec = calloc(elems, 4096);
	u32 sum_at = h == 8 ? 0 : 32;

	put_unaligned_le32(d->tx_seq++, rec + sum_at + 4);
	if (h != 8)
		put_unaligned_le32(elems, rec + 40);
	put_unaligned_le32(0x03000000, rec + h);
	memcpy(rec + h + 4, "VRPC", 4);
	put_unaligned_le32(rpc_length, rec + h + 8);
	put_unaligned_le32(fn, rec + h + 12);
	put_unaligned_le32(0xffffffff, rec + h + 16);
	put_unaligned_le32(0xffffffff, rec + h + 20);
	put_unaligned_le32(rpc_seq, rec + h + 24);
	put_unaligned_le32(d->gfid, rec + h + 28);
	if (len)
		memcpy(rec + h + 32, payload, len);
	if (spoil)
		spoil(d, rec);
	put_unaligned_le32(get_unaligned_le32(rec + sum_at) ^ drv_xor(rec, elems * 4096),
			   rec + sum_at);
	for (i = 0; i < elems; i++)
		memcpy(drv_block_at(d, 0x2000 + (d->cmd_write + i) % 63 * 4096), rec + 4096 * i,
		       4096);
	d->cmd_write = (d->cmd_write + elems) % 63;
	put_unaligned_le32(d->cmd_write, drv_block_at(d, 0x1010));
	free(rec);
	drv_wr(d, NV_PGSP_QUEUE_HEAD(0), 0);
}

static u32 drv_cmd_free(struct drv *d)
{
	u32 r = get_unaligned_le32(drv_block_at(d, 0x41020));

	return (r + 63 - d->cmd_write - 1) % 63;
}

void drv_send(struct drv *d, u32 fn, const void *payload, u32 len)
{
	u32 cont = nova_op_number(d->abi, NOVA_OP_RPC_CONTINUATION_RECORD), sent = 0, i;

	do {
		u32 chunk = len - sent < d->rpc_max - 32 ? len - sent : d->rpc_max - 32;
		u32 need = (d->hdr_bytes + 32 + chunk + 4095) / 4096;

		for (i = 0; i < 1000 && drv_cmd_free(d) < need; i++)
			drv_run(d, 10000);
		drv_send_record(d, sent ? cont : fn, (const u8 *)payload + sent, chunk, 32 + chunk,
				NULL, d->abi->rules->seq_echo ? d->rpc_seq++ : 0);
		sent += chunk;
	} while (sent < len);
}

static bool drv_stat_available(struct drv *d)
{
	u32 w = get_unaligned_le32(drv_block_at(d, 0x41010));

	return w < 63 && w != d->stat_read;
}

static void drv_take(struct drv *d)
{
	struct drv_record *r = &d->rec;
	u8 *buf = calloc(1, 65536);
	u32 h = d->hdr_bytes, i, sum_at = h == 8 ? 0 : 32;
	u8 *first = drv_block_at(d, 0x42000 + d->stat_read * 4096);

	r->length = get_unaligned_le32(first + h + 8);
	r->elems = h == 8 ? 0 : get_unaligned_le32(first + 40);
	r->slots = h == 8 ? (h + r->length + 4095) / 4096 : r->elems;
	if (!r->slots || r->slots > 16)
		r->slots = 1;
	for (i = 0; i < r->slots; i++)
		memcpy(buf + 4096 * i, drv_block_at(d, 0x42000 + (d->stat_read + i) % 63 * 4096),
		       4096);
	r->checksum_ok = !drv_xor(buf, r->slots * 4096);
	r->seq = get_unaligned_le32(buf + sum_at + 4);
	r->version = get_unaligned_le32(buf + h);
	r->signature = get_unaligned_le32(buf + h + 4);
	r->fn = get_unaligned_le32(buf + h + 12);
	r->result = get_unaligned_le32(buf + h + 16);
	r->result_private = get_unaligned_le32(buf + h + 20);
	r->rpc_seq = get_unaligned_le32(buf + h + 24);
	r->gfid = get_unaligned_le32(buf + h + 28);
	r->payload_len = 0;
	if (r->length >= 32 && r->length <= r->slots * 4096 - h) {
		r->payload_len = r->length - 32;
		memcpy(r->payload, buf + h + 32, r->payload_len);
	}
	free(buf);
	d->rx_seq++;
	d->stat_read = (d->stat_read + r->slots) % 63;
	put_unaligned_le32(d->stat_read, drv_block_at(d, 0x1020));
}

bool drv_recv(struct drv *d, u64 timeout_ns)
{
	u64 waited = 0;

	while (!drv_stat_available(d)) {
		if (waited >= timeout_ns)
			return false;
		drv_run(d, 5000);
		waited += 5000;
	}
	drv_wr(d, NV_PGSP_BASE + NV_PFALCON_IRQSCLR, NV_PFALCON_IRQ_SWGEN0);
	drv_take(d);
	return true;
}

static void drv_sequencer(struct drv *d)
{
	const u8 *p = d->rec.payload + 40;
	u32 n = get_unaligned_le32(d->rec.payload + 4), i = 0;

	if (d->ignore_sequencer)
		return;
	while (i < n) {
		u32 op = get_unaligned_le32(p + 4 * i), a = get_unaligned_le32(p + 4 * i + 4);

		switch (op) {
		case 0:
			drv_wr(d, a, get_unaligned_le32(p + 4 * i + 8));
			i += 3;
			break;
		case 1:
			drv_wr(d, a, (drv_rd(d, a) & ~get_unaligned_le32(p + 4 * i + 8)) |
				     get_unaligned_le32(p + 4 * i + 12));
			i += 4;
			break;
		case 2:
			i += 6;
			break;
		case 3:
			drv_run(d, a * 1000ULL);
			i += 2;
			break;
		case 4:
			i += 3;
			break;
		default:
			abort();
		}
	}
}

bool drv_reply(struct drv *d, u64 timeout_ns)
{
	while (drv_recv(d, timeout_ns)) {
		if (d->rec.fn < 0x1000)
			return true;
		if (d->event_count < 64)
			d->events[d->event_count++] = d->rec.fn;
		if (nova_op_of(d->abi, d->rec.fn) == NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER)
			drv_sequencer(d);
	}
	return false;
}

u32 drv_call(struct drv *d, enum nova_op op, void *buf, u32 len, u32 cap, u32 *reply_len)
{
	u32 fn = nova_op_number(d->abi, op), have = 0, k = 0, result = 0;
	u32 cont = nova_op_number(d->abi, NOVA_OP_RPC_CONTINUATION_RECORD);
	u32 first_seq = d->rpc_seq;

	drv_send(d, fn, buf, len);
	do {
		u32 n;

		if (!drv_reply(d, 100000000) || d->rec.fn != (k ? cont : fn) ||
		    !d->rec.checksum_ok || d->rec.seq != d->rx_seq - 1)
			return ~0u;
		if (d->rec.rpc_seq != (d->abi->rules->seq_echo ? first_seq + k : 0))
			return ~0u;
		n = d->rec.payload_len;
		if (have + n > cap)
			return ~0u;
		if (n)
			memcpy((u8 *)buf + have, d->rec.payload, n);
		have += n;
		if (!k)
			result = d->rec.result;
		k++;
	} while (d->rec.length == d->rpc_max && have < len);
	if (reply_len)
		*reply_len = have;
	return result;
}

/* Boot */

bool drv_link(struct drv *d)
{
	u32 i;

	for (i = 0; i < 4000; i++) {
		u8 *h = drv_block_at(d, 0x41000);

		if (get_unaligned_le32(h + 8) == 4096)
			return get_unaligned_le32(h + 4) == 0x40000 &&
			       get_unaligned_le32(h + 12) == 63 &&
			       get_unaligned_le32(h + 20) == 1 &&
			       get_unaligned_le32(h + 24) == 32 &&
			       get_unaligned_le32(h + 28) == 4096;
		drv_run(d, 10000);
	}
	return false;
}

static void drv_init_rpcs(struct drv *d)
{
	u8 info[1024] = { 0 };
	u8 reg[64] = { 0 };
	u32 n = nova_msg_size(d->abi, NOVA_MSG_SYSINFO);
	u32 f1 = nova_op_number(d->abi, NOVA_OP_RPC_GSP_SET_SYSTEM_INFO);
	u32 f2 = nova_op_number(d->abi, NOVA_OP_RPC_SET_REGISTRY);

	put_unaligned_le32(8 + 16 + 6, reg);
	put_unaligned_le32(1, reg + 4);
	put_unaligned_le32(24, reg + 8);
	reg[12] = 1;
	put_unaligned_le32(7, reg + 16);
	put_unaligned_le32(4, reg + 20);
	memcpy(reg + 24, "RMKey", 6);
	drv_hook_run(d, DRV_HOOK_INIT_RPC, info, n);
	drv_hook_run(d, DRV_HOOK_INIT_RPC, reg, 30);
	if (d->skip_init_rpc)
		return;
	if (d->swap_init_rpc) {
		drv_send_record(d, f2, reg, 30, 62, NULL, 0);
		drv_send_record(d, f1, info, n, 32 + n, NULL, 0);
		return;
	}
	drv_send_record(d, f1, info, n, 32 + n, NULL, 0);
	drv_send_record(d, f2, reg, 30, 62, NULL, 0);
}

static int drv_wait_init_done(struct drv *d)
{
	u32 done = nova_op_number(d->abi, NOVA_OP_EVT_GSP_INIT_DONE);

	while (drv_recv(d, 5000000000ULL)) {
		if (!d->rec.checksum_ok || d->rec.seq != d->rx_seq - 1 || d->rec.rpc_seq)
			return -1;
		if (d->event_count < 64)
			d->events[d->event_count++] = d->rec.fn;
		if (nova_op_of(d->abi, d->rec.fn) == NOVA_OP_EVT_GSP_RUN_CPU_SEQUENCER)
			drv_sequencer(d);
		if (d->rec.fn == done)
			return d->rec.result || d->rec.payload_len !=
			       nova_msg_size(d->abi, NOVA_MSG_INIT_DONE) ? -1 : 0;
	}
	return -1;
}

int drv_boot(struct drv *d)
{
	bool frts = NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42)) != NOVA_CHIP_GA100;

	drv_run(d, 100000);
	if (drv_rd(d, NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0_GFW_BOOT) != 0xff ||
	    drv_rd(d, NV_PFB_PRI_MMU_WPR2_ADDR_HI))
		return -1;
	drv_prepare(d);
	if (frts && drv_fwsec(d))
		return -1;
	drv_reset_gsp(d);
	if (!d->abi->rules->init_after_start)
		drv_init_rpcs(d);
	if (drv_booter_load(d))
		return -1;
	if (!drv_link(d))
		return -1;
	if (d->abi->rules->init_after_start)
		drv_init_rpcs(d);
	return drv_wait_init_done(d);
}

/* Calls */

static u8 *drv_control_message(struct drv *d, u32 object, u32 cmd, const void *params, u32 len)
{
	u32 fixed = nova_msg_size(d->abi, NOVA_MSG_CONTROL);
	u8 *buf = calloc(1, fixed + len);

	drv_put(d, NOVA_CONTROL_CLIENT, buf, fixed, DRV_CLIENT);
	drv_put(d, NOVA_CONTROL_OBJECT, buf, fixed, object);
	drv_put(d, NOVA_CONTROL_CMD, buf, fixed, cmd);
	drv_put(d, NOVA_CONTROL_PARAMS_SIZE, buf, fixed, len);
	if (len)
		memcpy(buf + fixed, params, len);
	return buf;
}

void drv_post_control(struct drv *d, u32 object, u32 cmd, const void *params, u32 len)
{
	u8 *buf = drv_control_message(d, object, cmd, params, len);

	drv_send(d, nova_op_number(d->abi, NOVA_OP_RPC_GSP_RM_CONTROL), buf,
		 nova_msg_size(d->abi, NOVA_MSG_CONTROL) + len);
	free(buf);
}

u32 drv_control(struct drv *d, u32 object, u32 cmd, void *params, u32 len)
{
	u32 fixed = nova_msg_size(d->abi, NOVA_MSG_CONTROL), result, status, reply_len;
	u8 *buf = drv_control_message(d, object, cmd, params, len);

	result = drv_call(d, NOVA_OP_RPC_GSP_RM_CONTROL, buf, fixed + len, fixed + len, &reply_len);
	status = (u32)drv_get(d, NOVA_CONTROL_STATUS, buf, fixed);
	if (!result && reply_len != fixed + len)
		result = ~0u;
	if (!result && !status && len)
		memcpy(params, buf + fixed, len);
	free(buf);
	return result ? result : status;
}

u32 drv_alloc(struct drv *d, u32 client, u32 parent, u32 handle, u32 class)
{
	u8 params[NOVA_WIRE_TSG_ALLOC_BYTES] = { 0 };

	params[NOVA_WIRE_TSG_ALLOC_ENGINE_TYPE] = 1;
	return drv_alloc_with(d, client, parent, handle, class, params,
			      class == KEPLER_CHANNEL_GROUP_A ? sizeof(params) : 0);
}

u32 drv_alloc_with(struct drv *d, u32 client, u32 parent, u32 handle, u32 class,
		   const void *params, u32 size)
{
	u32 n = nova_msg_size(d->abi, NOVA_MSG_ALLOC), result;
	u8 buf[256] = { 0 };

	if (n + size > sizeof(buf))
		abort();
	drv_put(d, NOVA_ALLOC_PARAMS_SIZE, buf, n, size);
	if (size)
		memcpy(buf + n, params, size);
	drv_put(d, NOVA_ALLOC_CLIENT, buf, n, client);
	drv_put(d, NOVA_ALLOC_PARENT, buf, n, parent);
	drv_put(d, NOVA_ALLOC_OBJECT, buf, n, handle);
	drv_put(d, NOVA_ALLOC_CLASS, buf, n, class);
	result = drv_call(d, NOVA_OP_RPC_GSP_RM_ALLOC, buf, n + size, sizeof(buf), NULL);
	return result ? result : (u32)drv_get(d, NOVA_ALLOC_STATUS, buf, n);
}

u32 drv_free_object(struct drv *d, u32 client, u32 handle)
{
	u8 buf[16] = { 0 };
	u32 result;

	drv_put(d, NOVA_FREE_ROOT, buf, 16, client);
	drv_put(d, NOVA_FREE_OBJECT_OLD, buf, 16, handle);
	result = drv_call(d, NOVA_OP_RPC_FREE, buf, 16, 16, NULL);
	return result ? result : (u32)drv_get(d, NOVA_FREE_STATUS, buf, 16);
}

void drv_objects(struct drv *d)
{
	drv_alloc(d, DRV_CLIENT, 0, DRV_CLIENT, NV01_ROOT);
	drv_alloc(d, DRV_CLIENT, DRV_CLIENT, DRV_DEVICE, NV01_DEVICE_0);
	drv_alloc(d, DRV_CLIENT, DRV_DEVICE, DRV_SUBDEVICE, NV20_SUBDEVICE_0);
	drv_alloc(d, DRV_CLIENT, DRV_DEVICE, DRV_TSG, KEPLER_CHANNEL_GROUP_A);
}
