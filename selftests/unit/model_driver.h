/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small driver for the tests of the device model: the CPU side of boot, ring
 * and records, written from the interface description and sharing no code with
 * the module. Every step can be spoiled by a hook.
 */
#ifndef NOVABPF_TEST_MODEL_DRIVER_H
#define NOVABPF_TEST_MODEL_DRIVER_H

#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/regs.h>
#include "sim/model/model.h"

#define DRV_PAGES	2048
#define DRV_CONTIGUOUS	512	/* of these, from the start */
#define DRV_BLOCK_PAGES	129
#define DRV_MEM_BASE	0x1234500000ULL
#define DRV_CLIENT	0xcaf00001u
#define DRV_DEVICE	0xcaf00080u
#define DRV_SUBDEVICE	0xcaf02080u
#define DRV_TSG		0xcaf0a06cu

enum drv_hook {
	DRV_HOOK_FWSEC,		/* data: command words */
	DRV_HOOK_META,		/* data: WPR meta */
	DRV_HOOK_TABLES,	/* memory objects are in place */
	DRV_HOOK_ARGS,		/* data: GSP_ARGUMENTS_CACHED */
	DRV_HOOK_LIBOS,		/* data: libos page */
	DRV_HOOK_QUEUE,		/* data: command queue header */
	DRV_HOOK_LOAD,		/* falcon loaded, before its start */
	DRV_HOOK_INIT_RPC,	/* data: payload of SYSINFO, then registry */
};

struct drv;
typedef void (*drv_hook_fn)(struct drv *d, enum drv_hook at, u8 *data, u32 len);

struct drv_record {
	u32 slots;
	u32 seq;
	u32 elems;
	bool checksum_ok;
	u32 version;
	u32 signature;
	u32 length;
	u32 fn;
	u32 result;
	u32 result_private;
	u32 rpc_seq;
	u32 gfid;
	u8 payload[NOVA_RECORD_BYTES_MAX];
	u32 payload_len;
};

struct drv {
	struct gsim *sim;
	const struct nova_abi *abi;
	u64 now_ns;
	u8 *mem;
	bool used[DRV_PAGES];
	struct drv_fb_page *fb;
	u32 scatter;
	u32 irqs;
	u32 kicks;
	bool locked;
	u32 gfid;	/* on whose behalf calls are made */
	void (*engine)(struct drv *d, u32 event, u32 engine_id, u32 gfid, u64 arg);

	drv_hook_fn hook;
	bool skip_gsp_reset;
	bool skip_init_rpc;
	bool swap_init_rpc;
	bool ignore_sequencer;
	bool no_riscv_select;

	u64 block[DRV_BLOCK_PAGES];
	u64 meta_pa;
	u64 libos_pa;
	u64 args_pa;
	u64 radix_pa[4];	/* level 0, level 1, two of level 2 */
	u64 image_pa[600];
	u64 boot_pa;
	u64 sig_pa;
	u64 log_pa[6];

	u32 hdr_bytes;
	u32 rpc_max;
	u32 tx_seq;
	u32 rx_seq;
	u32 cmd_write;
	u32 stat_read;
	u32 rpc_seq;
	u32 events[64];
	u32 event_count;
	struct drv_record rec;
	char status[4096];
};

struct drv *drv_new(const char *release, const char *chip, u32 fb_mb);
struct drv *drv_new_cfg(const struct gsim_config *cfg);
void drv_free(struct drv *d);

u32 drv_rd(struct drv *d, u32 off);
void drv_wr(struct drv *d, u32 off, u32 val);
void drv_run(struct drv *d, u64 ns);
u8 *drv_mem(struct drv *d, u64 pa);
void *drv_block_at(struct drv *d, u32 off);
const char *drv_status(struct drv *d);
bool drv_status_has(struct drv *d, const char *text);
u64 drv_counter(struct drv *d, const char *name);

void drv_hook_run(struct drv *d, enum drv_hook at, void *data, u32 len);

/* Framebuffer: the byte at @off, the rest of its page behind it. */
u8 *drv_fb(struct drv *d, u64 off);

/* Steps; 0 or what the processor left in its mailbox. */
u32 drv_fwsec(struct drv *d);
void drv_reset_gsp(struct drv *d);
void drv_prepare(struct drv *d);
u32 drv_booter_load(struct drv *d);
u32 drv_booter_unload(struct drv *d);
bool drv_link(struct drv *d);
/* All of the above up to INIT_DONE: 0, or -1 with the reason in the status. */
int drv_boot(struct drv *d);

/* Raw send: payload as one message, split into records. */
void drv_send(struct drv *d, u32 fn, const void *payload, u32 len);
void drv_send_record(struct drv *d, u32 fn, const void *payload, u32 len, u32 rpc_length,
		     void (*spoil)(struct drv *d, u8 *rec), u32 rpc_seq);
/* Takes the next record into d->rec; events too. */
bool drv_recv(struct drv *d, u64 timeout_ns);
/* Takes records until a reply, doing what events ask for. */
bool drv_reply(struct drv *d, u64 timeout_ns);
/* Whole call: reply assembled into buf. Returns rpc_result, or ~0 on timeout. */
u32 drv_call(struct drv *d, enum nova_op op, void *buf, u32 len, u32 cap, u32 *reply_len);
u32 drv_control(struct drv *d, u32 object, u32 cmd, void *params, u32 len);
/* Without waiting for the reply. */
void drv_post_control(struct drv *d, u32 object, u32 cmd, const void *params, u32 len);
/* A channel group comes on GR0. */
u32 drv_alloc(struct drv *d, u32 client, u32 parent, u32 handle, u32 class);
u32 drv_alloc_with(struct drv *d, u32 client, u32 parent, u32 handle, u32 class,
		   const void *params, u32 size);
u32 drv_free_object(struct drv *d, u32 client, u32 handle);
void drv_objects(struct drv *d);
void drv_put(struct drv *d, enum nova_field f, void *buf, u32 len, u64 val);
u64 drv_get(struct drv *d, enum nova_field f, const void *buf, u32 len);
int drv_fault(struct drv *d, const char *spec);

#endif /* NOVABPF_TEST_MODEL_DRIVER_H */
