/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the device model. All state of one GPU is in one
 * struct nsim. Two rules keep it consistent:
 *
 * - "regs" is guarded by the port's register lock and is all that a register
 *   access from any context touches;
 * - the rest belongs to whoever runs nsim_run(), which the port serialises.
 *
 * Lock order: the port's mutex, then the register lock. No memory is read,
 * written or allocated under the register lock.
 */
#ifndef NOVABPF_SIM_INTERNAL_H
#define NOVABPF_SIM_INTERNAL_H

#include <novabpf/driver/channel.h>
#include <novabpf/driver/gsp_wire.h>
#include <novabpf/driver/regs.h>
#include "model.h"
#include "engine.h"

/* u64 is no unsigned long long natively; printing needs the one type everywhere. */
#define ull			unsigned long long

#define NSIM_MIB		(1024ULL * 1024)
#define NSIM_PAGE		NOVA_GSP_PAGE_BYTES
#define NSIM_FALCON_MEM_BYTES	0x10000
#define NSIM_QUEUE_PAGES_MAX	(2 * NOVA_GSP_QUEUE_BYTES_MAX / NSIM_PAGE + 2)
#define NSIM_MESSAGE_MAX	(1024 * 1024)
#define NSIM_REPLY_ROOM		8192
#define NSIM_OBJECTS		4096
#define NSIM_OBJECT_DEPTH	16
#define NSIM_EVENTS_QUEUED_MAX	64
#define NSIM_LOG_REGIONS	6
#define NSIM_NEXT_FAULTS	16
#define NSIM_CHIDS		2048
#define NSIM_GFID_WORDS		(NSIM_VGPUS_MAX / 64 + 1)
#define NSIM_TEXT		200

enum nsim_falcon_id { NSIM_GSP, NSIM_SEC2, NSIM_FALCONS };
enum nsim_family { NSIM_TU10X, NSIM_TU11X, NSIM_GA100, NSIM_GA10X, NSIM_AD10X };

/* chip.c */
struct nsim_chip {
	const char *name;
	u32 id;
	enum nsim_family family;
};

/* One command of the falcon's DMA engine, frozen when it was issued */
struct nsim_dma {
	u32 cmd;
	u32 base;
	u32 base1;
	u32 moffs;
	u32 fboffs;
	u32 transcfg;
	u32 fbif_ctl;
	bool pending;
};

struct nsim_falcon_regs {
	u32 mailbox[2];
	u32 irqstat;
	u32 os;
	u32 bootvec;
	u32 dmactl;
	u32 dma_base;
	u32 dma_base1;
	u32 dma_moffs;
	u32 dma_fboffs;
	u32 dma_cmd;
	u32 transcfg[8];
	u32 fbif_ctl;
	u32 mod_sel;
	u32 ucode_id;
	u32 engine_id_mask;
	u32 paraaddr0;
	bool riscv_selected;
	bool in_reset;
	bool halted;
	/* clean since the last reset: no ucode was started */
	bool fresh;
	/* a reset wants IMEM and DMEM cleared; done once run and time are past */
	bool scrub;
	u64 scrub_ns;
	bool start;
	u64 start_ns;
	struct nsim_dma dma;
};

struct nsim_regs {
	struct nsim_falcon_regs falcon[NSIM_FALCONS];
	u32 wpr2_lo;
	u32 wpr2_hi;
	u32 scratch_0e;
	u32 gsp_mailbox[4];
	u64 gfw_done_ns;
	bool riscv_active;
	bool riscv_halted;
	bool doorbell;
	bool heartbeat;
	/* counts resets of GSP: what runs compares it and stops */
	u32 gsp_epoch;
	bool irq_off;
	bool irq_lost;
	u64 reads_unknown;
	u64 writes_unknown;
	u64 writes_refused;
	u64 doorbells;
	u64 irqs;
	u64 irqs_lost;
	u32 last_unknown;
	bool channel_rung;
	u64 rung[NSIM_CHIDS / 64];	/* doorbells of channels, by number */
	bool any_plugin_rung;
	u64 plugin_rung[NSIM_GFID_WORDS];	/* doorbells of plugin tasks, by gfid */
};

/* images.c */
struct nsim_image {
	u8 *data;
	size_t size;
	const struct nova_fw_ucode *ucode;	/* not for the ELF */
	const u8 *payload;
};

struct nsim_elf_layout {
	u32 image_off;
	u32 image_size;
	u32 sig_off;	/* of this chip's family */
	u32 sig_size;
};

/* fault.c: what happens to one reply */
enum nsim_fx {
	NSIM_FX_NONE,
	NSIM_FX_BADSUM,
	NSIM_FX_BADLEN,
	NSIM_FX_ELEM0,
	NSIM_FX_ELEM17,
	NSIM_FX_BADSIG,
	NSIM_FX_BADVER,
	NSIM_FX_BADFN,
	NSIM_FX_LOST,
	NSIM_FX_STALE,
	NSIM_FX_DROP,
	NSIM_FX_DUP,
	NSIM_FX_LATE,
	NSIM_FX_WRONGSEQ,
	NSIM_FX_WRONGFN,
	NSIM_FX_SHORT,
	NSIM_FX_CORRUPT,
	NSIM_FX_REORDER,
	NSIM_FX_COUNT,
};

struct nsim_next_fault {
	enum nsim_fx kind;
	u32 left;
	u32 arg_us;
};

/* Which heartbeats have stopped; all read as 0 */
enum nsim_beat { NSIM_BEAT_ON, NSIM_BEAT_RM, NSIM_BEAT_CORE, NSIM_BEAT_ZERO };

struct nsim_faults {
	u32 corrupt_ppm;
	u32 drop_ppm;
	u32 delay_ppm;
	u32 dup_ppm;
	u32 reorder_ppm;
	u32 delay_us;
	struct nsim_next_fault next[NSIM_NEXT_FAULTS];
	u32 next_count;
	u32 storm_left;
	u32 storm_period_us;
	u64 storm_due_ns;
	u32 storm_kind;
	bool mute;
	bool stall;
	enum nsim_beat beat;
	bool wpr2_stuck;
	bool gfw_stuck;
	bool bus_lost;
	u32 init_mute;
	u32 init_fail;
	u32 scrub_dirty;
	u32 lose_record;
	u64 applied[NSIM_FX_COUNT];
};

/* One message on its way to the driver */
struct nsim_out {
	struct nsim_out *next;
	u64 due_ns;
	u64 order;		/* of the request */
	struct nsim_act *act;	/* what executing it does to an engine */
	u32 fn;
	u32 result;
	u32 result_private;
	u32 seq;
	u32 gfid;
	u32 sent;
	u32 records;
	u32 repeat;
	enum nsim_fx fx;
	bool event;
	bool detached;	/* held back by a fault: does not count as in flight */
	u32 len;
	u32 cap;
	u8 data[];
};

/* A request while its records are put together and while it is executed */
struct nsim_req {
	struct nsim_out *out;
	enum nova_op op;
	u32 fn;
	u32 seq;
	u32 gfid;
	u32 want;	/* bytes of the whole payload */
	u32 have;
	bool no_reply;
};

struct nsim_queue {
	u64 page[NSIM_QUEUE_PAGES_MAX];
	u32 page_count;
	u32 cmd_off;
	u32 cmd_bytes;
	u32 cmd_count;
	u32 cmd_rx_off;
	u32 stat_off;
	u32 stat_bytes;
	u32 stat_count;
	u32 elem_hdr_bytes;
	u32 rpc_max_bytes;
	u32 cmd_read;
	u32 stat_write;
	u32 rx_seq;
	u32 tx_seq;
	u8 in[NOVA_RECORD_BYTES_MAX];
	u8 rec[NOVA_RECORD_BYTES_MAX];
};

/* service.c; @free_ns: when each of @parallel servers is */
struct nsim_service {
	u32 ns;
	u32 parallel;
	struct nsim_rng rng;
	u64 free_ns[NSIM_PARALLEL_MAX];
};

enum nsim_phase {
	NSIM_FW_OFF,
	NSIM_FW_START,
	NSIM_FW_WAIT_INIT,
	NSIM_FW_LOCKDOWN,
	NSIM_FW_SEQUENCER,
	NSIM_FW_INIT_DONE,
	NSIM_FW_RUNNING,
	NSIM_FW_FAILED,
	NSIM_FW_UNLOADING,
	NSIM_FW_UNLOADED,
	NSIM_FW_HALTED,
};

/* Scheduling policy that a firmware starts with, as the controls number it */
#define NSIM_POLICY_BEST_EFFORT	2

struct nsim_log_region {
	u64 pa;
	u32 bytes;
};

struct nsim_fw {
	enum nsim_phase phase;
	u32 epoch;
	u64 due_ns;
	u64 deadline_ns;
	u64 libos_pa;
	u64 rmargs_pa;
	struct nsim_log_region log[NSIM_LOG_REGIONS];
	u32 init_seen;
	bool cmd_scan;
	bool in_restart;
	u64 last_due_ns;
	u64 last_order;
	u64 full_retry_ns;
	u32 full_backoff_us;
	u32 pending;
	u32 events_queued;
	struct nsim_out *out;		/* by due_ns */
	struct nsim_out *sending;	/* its records must stay together */
	struct nsim_req req;
	u32 objsched_policy;
	u32 objsched_arr;
	u32 objsched_timeslice_ns;
	u32 objsched_arr_factor;
};

#define NSIM_NO_OBJECT		0xffff
#define NSIM_OBJECT_BUCKETS	1024

struct nsim_object {
	u32 client;
	u32 handle;
	u32 parent;
	u32 class;
	u32 gfid;
	struct nsim_tsg *tsg;
	struct nsim_channel *channel;
	u64 timeslice_us;
	u16 next;
	u8 depth;
	bool used;
	bool doomed;
};

struct nsim_objects {
	struct nsim_object o[NSIM_OBJECTS];
	u16 bucket[NSIM_OBJECT_BUCKETS];
	u32 count;
	u32 hint;
};

/* vgpu.c */
#define NSIM_VGPU_TYPES		128
#define NSIM_CHID_ENGINES	84
#define NSIM_VMMU_SEGMENT	(32 * NSIM_MIB)
#define NSIM_VMMU_SEGMENTS	8192	/* 256 GiB, the largest framebuffer */

struct nsim_vgpu_type {
	u32 id;
	u32 max_instances;
	u64 profile_bytes;
	u64 fb_bytes;
	u64 heap_bytes;
};

enum nsim_vgpu_state {
	NSIM_VGPU_FREE,
	NSIM_VGPU_BOOTING,
	NSIM_VGPU_RUNNING,
	NSIM_VGPU_CRASHED,
	NSIM_VGPU_ENDING,	/* was told to end, and has not reported it */
	NSIM_VGPU_SHUT,
};

/* How far host and plugin task have come with each other */
enum nsim_talk { NSIM_TALK_NONE, NSIM_TALK_VERSION, NSIM_TALK_SETUP };

struct nsim_vgpu {
	enum nsim_vgpu_state state;
	u32 type;
	u64 due_ns;
	u64 heap_pa;
	u64 heap_bytes;
	u64 comm_off;	/* of the communication buffer, in the heap */
	u64 rpc_due_ns;
	u32 seq;
	enum nsim_talk talk;
	u32 vm_pid;
	u32 chids;
	bool told_chids;
	u16 chid[NSIM_CHID_ENGINES];
};

/* What goes wrong with one request to a plugin task */
enum nsim_rpc_fault_kind {
	NSIM_RPC_GOOD,
	NSIM_RPC_MUTE,
	NSIM_RPC_LATE,
	NSIM_RPC_REFUSE,
	NSIM_RPC_WRONGSEQ,
	NSIM_RPC_BADVERSION,
	NSIM_RPC_CRASH,
	NSIM_RPC_KINDS,
};

struct nsim_rpc_fault {
	enum nsim_rpc_fault_kind kind;
	u32 type;
	u32 arg;
};

struct nsim_vgpus {
	struct nsim_vgpu v[NSIM_VGPUS_MAX + 1];
	struct nsim_vgpu_type type[NSIM_VGPU_TYPES];
	u32 types;
	u32 count;	/* not free */
	u32 waiting;	/* will report that they run, or that they ended */
	u64 rung[NSIM_GFID_WORDS];
	u32 last_pid;
	/* Faults: how many plugin tasks do not report, how long the next one takes */
	u32 mute;
	u32 keep;
	u32 delay_us;
	struct nsim_rpc_fault rpc_fault;
	u16 owner[NSIM_VMMU_SEGMENTS];	/* gfid of each part of the framebuffer */
};

/* In the order of nsim_stat_names[] in status.c */
enum nsim_stat {
	NSIM_ST_REQUESTS,
	NSIM_ST_RECORDS_IN,
	NSIM_ST_RECORDS_OUT,
	NSIM_ST_REPLIES,
	NSIM_ST_EVENTS,
	NSIM_ST_LARGE,
	NSIM_ST_BAD_ELEMS,
	NSIM_ST_BAD_LENGTH,
	NSIM_ST_BAD_CHECKSUM,
	NSIM_ST_BAD_SEQ_OLD,
	NSIM_ST_BAD_SEQ_GAP,
	NSIM_ST_BAD_SIGNATURE,
	NSIM_ST_BAD_VERSION,
	NSIM_ST_BAD_CONTINUATION,
	NSIM_ST_BAD_PAYLOAD,
	NSIM_ST_BAD_POINTER,
	NSIM_ST_UNKNOWN_FUNCTION,
	NSIM_ST_FULL_WAITS,
	NSIM_ST_EVENTS_DROPPED,
	NSIM_ST_DMA_ERRORS,
	NSIM_ST_MUTED,
	NSIM_ST_REFUSALS,
	NSIM_ST_BOOTS,
	NSIM_ST_FATALS,
	NSIM_ST_PLUGIN_RPCS,
	NSIM_ST_COUNT,
};

struct nsim {
	struct nsim_port port;
	void *ctx;
	const struct nova_abi *abi;
	const struct nsim_chip *chip;
	u64 fb_bytes;
	u32 lmr;	/* NV_PFB_PRI_MMU_LOCAL_MEMORY_RANGE */
	u32 latency_us;
	u32 jitter_us;
	u32 inflight;
	u32 ctxsw_us;
	u32 preempt_us;
	u32 tsg_slice_us;
	u32 vgpus_max;
	u64 seed;
	u64 version;	/* of the release: major << 32 | minor << 16 | patch */
	char fwversion[64];

	struct nsim_regs regs;

	u8 *falcon_mem[NSIM_FALCONS];	/* IMEM, then DMEM */
	struct nsim_image image[NOVA_FW_KINDS];
	struct nsim_elf_layout elf;
	struct nsim_rng rng;
	struct nsim_rng jitter;
	struct nsim_faults faults;
	struct nsim_service service;
	struct nsim_fw fw;
	struct nsim_queue *queue;
	struct nsim_objects *objects;
	struct nsim_engines eng;
	struct nsim_vgpus *vgpus;
	bool progress;
	u64 stat[NSIM_ST_COUNT];
	u64 dma_addr_bad;
	u64 crash_pa;	/* crash report queue; 0 where the driver gave none */
	u32 crash_bytes;
	char refusal[NSIM_TEXT];
	u8 page[NSIM_PAGE];
	u8 page2[NSIM_PAGE];
};

/* util.c */
struct nsim_text {
	char *buf;
	size_t size;
	size_t len;
};

__printf(2, 3) void nsim_print(struct nsim_text *t, const char *fmt, ...);
__printf(2, 3) void nsim_refuse(struct nsim *sim, const char *fmt, ...);
__printf(3, 4) void nsim_error(char *err, size_t size, const char *fmt, ...);
bool nsim_parse_u32(const char *s, size_t len, u32 *val);
u64 nsim_get(struct nsim *sim, enum nova_field f, const void *buf, size_t len);
void nsim_put(struct nsim *sim, enum nova_field f, void *buf, size_t len, u64 val);
void nsim_put_text(struct nsim *sim, enum nova_field f, void *buf, size_t len, const char *text);
bool nsim_has(struct nsim *sim, enum nova_field f);
u32 nsim_off(struct nsim *sim, enum nova_field f);
u64 nsim_now(struct nsim *sim);
void *nsim_alloc(struct nsim *sim, size_t size);
void nsim_free(struct nsim *sim, void *p);
int nsim_dma_read(struct nsim *sim, u64 addr, void *buf, u32 len);
int nsim_fw_read(struct nsim *sim, u64 addr, void *buf, u32 len);
int nsim_fw_write(struct nsim *sim, u64 addr, const void *buf, u32 len);
unsigned long nsim_lock(struct nsim *sim);
void nsim_unlock(struct nsim *sim, unsigned long flags);

/* rng.c */
void nsim_rng_seed(struct nsim_rng *r, u64 seed);
void nsim_streams_seed(struct nsim *sim, u64 seed);
u64 nsim_rng_next(struct nsim_rng *r);
u32 nsim_rng_below(struct nsim_rng *r, u32 n);
bool nsim_rng_ppm(struct nsim_rng *r, u32 ppm);

/* chip.c */
const struct nsim_chip *nsim_chip_find(const char *name);
void nsim_chip_names(struct nsim_text *t);
const char *nsim_chip_family_name(enum nsim_family family);
bool nsim_chip_is_libos3(const struct nsim_chip *chip);
bool nsim_chip_has_bcr(const struct nsim_chip *chip);
u32 nsim_chip_lmr(u64 fb_bytes);

/* images.c */
int nsim_images_build(struct nsim *sim);
void nsim_images_free(struct nsim *sim);
void nsim_image_name(struct nsim *sim, const char *name, size_t len);

/* regs.c */
void nsim_regs_reset(struct nsim *sim);
void nsim_raise(struct nsim *sim, u32 bits);

/* falcon.c */
u32 nsim_falcon_rd32(struct nsim *sim, enum nsim_falcon_id id, u32 off);
bool nsim_falcon_wr32(struct nsim *sim, enum nsim_falcon_id id, u32 off, u32 val);
u64 nsim_falcon_run(struct nsim *sim, enum nsim_falcon_id id, u64 now);

/* ucode.c: both return what goes into MAILBOX0 */
u32 nsim_ucode_identify(struct nsim *sim, enum nsim_falcon_id id,
			const struct nsim_falcon_regs *r, enum nova_fw_kind *kind);
u32 nsim_ucode_execute(struct nsim *sim, enum nova_fw_kind kind, const struct nsim_falcon_regs *r);

/* wpr.c */
u32 nsim_wpr_check(struct nsim *sim, u64 meta_pa, u64 *start, u64 *end);

/* boot.c */
void nsim_boot_start(struct nsim *sim, u64 libos_pa);
u64 nsim_boot_run(struct nsim *sim, u64 now);
void nsim_boot_stop(struct nsim *sim, enum nsim_phase phase);
bool nsim_boot_crash(struct nsim *sim, const char *cause);
void nsim_boot_init_rpc(struct nsim *sim, enum nova_op op, u32 status);
bool nsim_boot_wants_init(struct nsim *sim);
__printf(3, 4) void nsim_die(struct nsim *sim, enum nsim_fatal reason, const char *fmt, ...);

/* args.c */
bool nsim_args_read(struct nsim *sim);
void nsim_args_log(struct nsim *sim, u32 region, const char *text);

/* queue.c */
bool nsim_queue_open(struct nsim *sim, const void *args, u32 len);
void nsim_queue_close(struct nsim *sim);
int nsim_queue_read(struct nsim *sim, u32 off, void *buf, u32 len);
int nsim_queue_write(struct nsim *sim, u32 off, const void *buf, u32 len);
bool nsim_queue_drained(struct nsim *sim);
void nsim_queue_publish(struct nsim *sim, u32 write_ptr);

/* recv.c, send.c */
void nsim_recv_run(struct nsim *sim, u64 now);
u64 nsim_send_run(struct nsim *sim, u64 now);
struct nsim_out *nsim_out_new(struct nsim *sim, u32 cap);
void nsim_out_queue(struct nsim *sim, struct nsim_out *out);
void nsim_out_mute(struct nsim *sim, struct nsim_out *out);
void nsim_out_drop_all(struct nsim *sim);
u32 nsim_checksum(const u8 *buf, u32 len);

/* service.c */
void nsim_service_seed(struct nsim *sim, u64 seed);
void nsim_service_idle(struct nsim *sim);
u64 nsim_service_due(struct nsim *sim, const struct nsim_out *o, u64 now);

/* functions.c */
u32 nsim_function_want(struct nsim *sim, enum nova_op op, const u8 *data, u32 len);
bool nsim_function_async(enum nova_op op);
void nsim_function_run(struct nsim *sim, struct nsim_req *req, u64 now);

/* info.c */
void nsim_info_static(struct nsim *sim, u8 *buf, u32 len);

/* registry.c */
bool nsim_registry_check(struct nsim *sim, const u8 *data, u32 len);

/* controls.c */
u32 nsim_control(struct nsim *sim, struct nsim_object *obj, u32 cmd, u8 *params, u32 len,
		 struct nsim_out *out);

/* rm.c */
#define NSIM_INTERNAL_CLIENT	0xc1e00001
#define NSIM_INTERNAL_DEVICE	0xc1e00002
#define NSIM_INTERNAL_SUBDEVICE	0xc1e00003
void nsim_rm_reset(struct nsim *sim);
struct nsim_object *nsim_rm_find(struct nsim *sim, u32 client, u32 handle);
u32 nsim_rm_alloc(struct nsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 class,
		  const u8 *params, u32 size);
u32 nsim_rm_free(struct nsim *sim, u32 client, u32 handle);
u32 nsim_rm_dup(struct nsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 src_client,
		u32 src_handle);

/* vgpu.c: controls return an NV_STATUS */
void nsim_vgpu_reset(struct nsim *sim);
u32 nsim_vgpu_limit(struct nsim *sim);
bool nsim_vgpu_exists(struct nsim *sim, u32 gfid);
u64 nsim_vgpu_run(struct nsim *sim, u64 now);
u32 nsim_vgpu_add_types(struct nsim *sim, const u8 *params, u32 len);
u32 nsim_vgpu_bootload(struct nsim *sim, const u8 *params, u32 len);
u32 nsim_vgpu_shutdown(struct nsim *sim, u32 gfid);
u32 nsim_vgpu_cleanup(struct nsim *sim, u32 gfid);
bool nsim_vgpu_crash(struct nsim *sim, u32 gfid);

/* plugin.c */
void nsim_plugin_ring(struct nsim *sim, u32 val);
u64 nsim_plugin_run(struct nsim *sim, u64 now);
const char *nsim_rpc_fault_name(enum nsim_rpc_fault_kind kind);

/* events.c */
void nsim_event_mixed(struct nsim *sim);
void nsim_event_plugin(struct nsim *sim, u32 gfid, u32 notifier);
void nsim_event_lockdown(struct nsim *sim, bool engaging);
bool nsim_event_pmu_halted(struct nsim *sim);
bool nsim_event_action(struct nsim *sim, u32 type);
bool nsim_event_fecs(struct nsim *sim, u32 type);
void nsim_event_print(struct nsim *sim, const char *text);
void nsim_event_sequencer(struct nsim *sim);
void nsim_event_init_done(struct nsim *sim, u32 result);
bool nsim_event_sequencer_done(struct nsim *sim);

/* fault.c */
void nsim_fault_on_reply(struct nsim *sim, struct nsim_out *out);
u64 nsim_fault_run(struct nsim *sim, u64 now);
const char *nsim_fx_name(enum nsim_fx fx);

#endif /* NOVABPF_SIM_INTERNAL_H */
