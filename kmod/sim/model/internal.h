/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the device model. All state of one GPU is in one
 * struct gsim. Two rules keep it consistent:
 *
 * - "regs" is guarded by the port's register lock and is all that a register
 *   access from any context touches;
 * - the thread that runs gsim_run() owns the rest; the port serialises such threads.
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

/* A u64 is an unsigned long in native builds, so cast it to print it with %llu. */
#define ull			unsigned long long

#define GSIM_MIB		(1024ULL * 1024)
#define GSIM_PAGE		NOVA_GSP_PAGE_BYTES
#define GSIM_FALCON_MEM_BYTES	0x10000
#define GSIM_QUEUE_PAGES_MAX	(2 * NOVA_GSP_QUEUE_BYTES_MAX / GSIM_PAGE + 2)
#define GSIM_MESSAGE_MAX	(1024 * 1024)
#define GSIM_REPLY_ROOM		8192
#define GSIM_OBJECTS		4096
#define GSIM_OBJECT_DEPTH	16
#define GSIM_EVENTS_QUEUED_MAX	64
#define GSIM_LOG_REGIONS	6
#define GSIM_NEXT_FAULTS	16
#define GSIM_CHIDS		2048
#define GSIM_GFID_WORDS		(GSIM_VGPUS_MAX / 64 + 1)
#define GSIM_TEXT		200

enum gsim_falcon_id { GSIM_GSP, GSIM_SEC2, GSIM_FALCONS };
enum gsim_family { GSIM_TU10X, GSIM_TU11X, GSIM_GA100, GSIM_GA10X, GSIM_AD10X };

/* chip.c */
struct gsim_chip {
	const char *name;
	u32 id;
	enum gsim_family family;
};

/* One command of the falcon's DMA engine, frozen when it was issued */
struct gsim_dma {
	u32 cmd;
	u32 base;
	u32 base1;
	u32 moffs;
	u32 fboffs;
	u32 transcfg;
	u32 fbif_ctl;
	bool pending;
};

struct gsim_falcon_regs {
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
	/* a reset clears IMEM and DMEM: pending until the model runs, and until scrub_ns */
	bool scrub;
	u64 scrub_ns;
	bool start;
	u64 start_ns;
	struct gsim_dma dma;
};

struct gsim_regs {
	struct gsim_falcon_regs falcon[GSIM_FALCONS];
	u32 wpr2_lo;
	u32 wpr2_hi;
	u32 scratch_0e;
	u32 gsp_mailbox[4];
	u64 gfw_done_ns;
	bool riscv_active;
	bool riscv_halted;
	bool doorbell;
	bool heartbeat;
	/* counts resets of GSP, so that the firmware of an earlier one stops */
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
	u64 rung[GSIM_CHIDS / 64];	/* doorbells of channels, by number */
	bool any_plugin_rung;
	u64 plugin_rung[GSIM_GFID_WORDS];	/* doorbells of plugin tasks, by gfid */
};

/* images.c */
struct gsim_image {
	u8 *data;
	size_t size;
	const struct nova_fw_ucode *ucode;	/* NULL for the ELF */
	const u8 *payload;
};

struct gsim_elf_layout {
	u32 image_off;
	u32 image_size;
	u32 sig_off;	/* of this chip's family */
	u32 sig_size;
};

/* fault.c: what happens to one reply */
enum gsim_fx {
	GSIM_FX_NONE,
	GSIM_FX_BADSUM,
	GSIM_FX_BADLEN,
	GSIM_FX_ELEM0,
	GSIM_FX_ELEM17,
	GSIM_FX_BADSIG,
	GSIM_FX_BADVER,
	GSIM_FX_BADFN,
	GSIM_FX_LOST,
	GSIM_FX_STALE,
	GSIM_FX_DROP,
	GSIM_FX_DUP,
	GSIM_FX_LATE,
	GSIM_FX_WRONGSEQ,
	GSIM_FX_WRONGFN,
	GSIM_FX_SHORT,
	GSIM_FX_CORRUPT,
	GSIM_FX_REORDER,
	GSIM_FX_COUNT,
};

struct gsim_next_fault {
	enum gsim_fx kind;
	u32 left;
	u32 arg_us;
};

/* Heartbeats that have stopped: none, GSP-RM's, both, or both read as 0 */
enum gsim_beat { GSIM_BEAT_ON, GSIM_BEAT_RM, GSIM_BEAT_CORE, GSIM_BEAT_ZERO };

struct gsim_faults {
	u32 corrupt_ppm;
	u32 drop_ppm;
	u32 delay_ppm;
	u32 dup_ppm;
	u32 reorder_ppm;
	u32 delay_us;
	struct gsim_next_fault next[GSIM_NEXT_FAULTS];
	u32 next_count;
	u32 storm_left;
	u32 storm_period_us;
	u64 storm_due_ns;
	u32 storm_kind;
	bool mute;
	bool stall;
	enum gsim_beat beat;
	bool wpr2_stuck;
	bool gfw_stuck;
	bool bus_lost;
	u32 init_mute;
	u32 init_fail;
	u32 scrub_dirty;
	u32 lose_record;
	u64 applied[GSIM_FX_COUNT];
};

/* One message on its way to the driver */
struct gsim_out {
	struct gsim_out *next;
	u64 due_ns;
	u64 order;		/* number of the request */
	struct gsim_act *act;	/* effect of its execution on an engine */
	u32 fn;
	u32 result;
	u32 result_private;
	u32 seq;
	u32 gfid;
	u32 sent;
	u32 records;
	u32 repeat;
	enum gsim_fx fx;
	bool event;
	bool detached;	/* held back by a fault: does not count as in flight */
	u32 len;
	u32 cap;
	u8 data[];
};

/* A request that is assembled from its records, or executed */
struct gsim_req {
	struct gsim_out *out;
	enum nova_op op;
	u32 fn;
	u32 seq;
	u32 gfid;
	u32 want;	/* bytes of the whole payload */
	u32 have;
};

struct gsim_queue {
	u64 page[GSIM_QUEUE_PAGES_MAX];
	u32 page_count;
	u32 cmd_off;
	u32 cmd_bytes;
	u32 cmd_count;
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
struct gsim_service {
	u32 ns;
	u32 parallel;
	struct gsim_rng rng;
	u64 free_ns[GSIM_PARALLEL_MAX];
};

enum gsim_phase {
	GSIM_FW_OFF,
	GSIM_FW_START,
	GSIM_FW_WAIT_INIT,
	GSIM_FW_LOCKDOWN,
	GSIM_FW_SEQUENCER,
	GSIM_FW_INIT_DONE,
	GSIM_FW_RUNNING,
	GSIM_FW_FAILED,
	GSIM_FW_UNLOADING,
	GSIM_FW_UNLOADED,
	GSIM_FW_HALTED,
};

/* Initial scheduling policy of the firmware, numbered as in the controls */
#define GSIM_POLICY_BEST_EFFORT	2

struct gsim_log_region {
	u64 pa;
	u32 bytes;
};

struct gsim_fw {
	enum gsim_phase phase;
	u32 epoch;
	u64 due_ns;
	u64 deadline_ns;
	u64 libos_pa;
	struct gsim_log_region log[GSIM_LOG_REGIONS];
	u32 init_seen;
	bool cmd_scan;
	u64 last_due_ns;
	u64 last_order;
	u64 full_retry_ns;
	u32 full_backoff_us;
	u32 pending;
	u32 events_queued;
	struct gsim_out *out;		/* by due_ns */
	struct gsim_out *sending;	/* its records must stay together */
	struct gsim_req req;
	u32 objsched_policy;
	u32 objsched_arr;
	u32 objsched_timeslice_ns;
	u32 objsched_arr_factor;
};

#define GSIM_NO_OBJECT		0xffff
#define GSIM_OBJECT_BUCKETS	1024

struct gsim_object {
	u32 client;
	u32 handle;
	u32 parent;
	u32 class;
	u32 gfid;
	struct gsim_tsg *tsg;
	struct gsim_channel *channel;
	u64 timeslice_us;
	u16 next;
	u8 depth;
	bool used;
	bool doomed;
};

struct gsim_objects {
	struct gsim_object o[GSIM_OBJECTS];
	u16 bucket[GSIM_OBJECT_BUCKETS];
	u32 count;
	u32 hint;
};

/* vgpu.c */
#define GSIM_VGPU_TYPES		128
#define GSIM_CHID_ENGINES	84
#define GSIM_VMMU_SEGMENT	(32 * GSIM_MIB)
#define GSIM_VMMU_SEGMENTS	8192	/* 256 GiB, the largest framebuffer */

struct gsim_vgpu_type {
	u32 id;
	u32 max_instances;
	u64 profile_bytes;
	u64 fb_bytes;
	u64 heap_bytes;
};

enum gsim_vgpu_state {
	GSIM_VGPU_FREE,
	GSIM_VGPU_BOOTING,
	GSIM_VGPU_RUNNING,
	GSIM_VGPU_CRASHED,
	GSIM_VGPU_ENDING,	/* SHUTDOWN was requested; its end is not reported yet */
	GSIM_VGPU_SHUT,
};

/* Progress of the handshake between host and plugin task */
enum gsim_talk { GSIM_TALK_NONE, GSIM_TALK_VERSION, GSIM_TALK_SETUP };

struct gsim_vgpu {
	enum gsim_vgpu_state state;
	u32 type;
	u64 due_ns;
	u64 heap_pa;
	u64 heap_bytes;
	u64 comm_off;	/* of the communication buffer, in the heap */
	u64 rpc_due_ns;
	u32 seq;
	enum gsim_talk talk;
	u32 vm_pid;
	u32 chids;
	bool told_chids;
	u16 chid[GSIM_CHID_ENGINES];
};

/* Fault of one request to a plugin task */
enum gsim_rpc_fault_kind {
	GSIM_RPC_GOOD,
	GSIM_RPC_MUTE,
	GSIM_RPC_LATE,
	GSIM_RPC_REFUSE,
	GSIM_RPC_WRONGSEQ,
	GSIM_RPC_BADVERSION,
	GSIM_RPC_CRASH,
	GSIM_RPC_KINDS,
};

struct gsim_rpc_fault {
	enum gsim_rpc_fault_kind kind;
	u32 type;
	u32 arg;
};

struct gsim_vgpus {
	struct gsim_vgpu v[GSIM_VGPUS_MAX + 1];
	struct gsim_vgpu_type type[GSIM_VGPU_TYPES];
	u32 types;
	u32 count;	/* not free */
	u32 waiting;	/* number that will report their start or end */
	u64 rung[GSIM_GFID_WORDS];
	u32 last_pid;
	/* Faults: plugin tasks that do not report their start or end; delay of the next start */
	u32 mute;
	u32 keep;
	u32 delay_us;
	struct gsim_rpc_fault rpc_fault;
	u16 owner[GSIM_VMMU_SEGMENTS];	/* gfid of each part of the framebuffer */
};

/* In the order of gsim_stat_names[] in status.c */
enum gsim_stat {
	GSIM_ST_REQUESTS,
	GSIM_ST_RECORDS_IN,
	GSIM_ST_RECORDS_OUT,
	GSIM_ST_REPLIES,
	GSIM_ST_EVENTS,
	GSIM_ST_LARGE,
	GSIM_ST_BAD_ELEMS,
	GSIM_ST_BAD_LENGTH,
	GSIM_ST_BAD_CHECKSUM,
	GSIM_ST_BAD_SEQ_OLD,
	GSIM_ST_BAD_SEQ_GAP,
	GSIM_ST_BAD_SIGNATURE,
	GSIM_ST_BAD_VERSION,
	GSIM_ST_BAD_CONTINUATION,
	GSIM_ST_BAD_PAYLOAD,
	GSIM_ST_BAD_POINTER,
	GSIM_ST_UNKNOWN_FUNCTION,
	GSIM_ST_FULL_WAITS,
	GSIM_ST_EVENTS_DROPPED,
	GSIM_ST_DMA_ERRORS,
	GSIM_ST_MUTED,
	GSIM_ST_REFUSALS,
	GSIM_ST_BOOTS,
	GSIM_ST_FATALS,
	GSIM_ST_PLUGIN_RPCS,
	GSIM_ST_COUNT,
};

struct gsim {
	struct gsim_port port;
	void *ctx;
	const struct nova_abi *abi;
	const struct gsim_chip *chip;
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

	struct gsim_regs regs;

	u8 *falcon_mem[GSIM_FALCONS];	/* IMEM, then DMEM */
	struct gsim_image image[NOVA_FW_KINDS];
	struct gsim_elf_layout elf;
	struct gsim_rng rng;
	struct gsim_rng jitter;
	struct gsim_faults faults;
	struct gsim_service service;
	struct gsim_fw fw;
	struct gsim_queue *queue;
	struct gsim_objects *objects;
	struct gsim_engines eng;
	struct gsim_vgpus *vgpus;
	bool progress;
	u64 stat[GSIM_ST_COUNT];
	u64 dma_addr_bad;
	u64 crash_pa;	/* crash report queue; 0 where the driver gave none */
	u32 crash_bytes;
	char refusal[GSIM_TEXT];
	u8 page[GSIM_PAGE];
	u8 page2[GSIM_PAGE];
};

/* util.c */
struct gsim_text {
	char *buf;
	size_t size;
	size_t len;
};

__printf(2, 3) void gsim_print(struct gsim_text *t, const char *fmt, ...);
__printf(2, 3) void gsim_refuse(struct gsim *sim, const char *fmt, ...);
__printf(2, 0) void gsim_vrefuse(struct gsim *sim, const char *fmt, va_list ap);
__printf(3, 4) u32 gsim_reject(struct gsim *sim, u32 code, const char *fmt, ...);
__printf(3, 4) int gsim_error(char *err, size_t size, const char *fmt, ...);
bool gsim_parse_u32(const char *s, size_t len, u32 *val);
u64 gsim_get(struct gsim *sim, enum nova_field f, const void *buf, size_t len);
void gsim_put(struct gsim *sim, enum nova_field f, void *buf, size_t len, u64 val);
void gsim_put_text(struct gsim *sim, enum nova_field f, void *buf, size_t len, const char *text);
bool gsim_has(struct gsim *sim, enum nova_field f);
u32 gsim_off(struct gsim *sim, enum nova_field f);
u64 gsim_now(struct gsim *sim);
void *gsim_alloc(struct gsim *sim, size_t size);
void gsim_free(struct gsim *sim, void *p);
int gsim_dma_read(struct gsim *sim, u64 addr, void *buf, u32 len);
int gsim_fw_read(struct gsim *sim, u64 addr, void *buf, u32 len);
int gsim_fw_write(struct gsim *sim, u64 addr, const void *buf, u32 len);
unsigned long gsim_lock(struct gsim *sim);
void gsim_unlock(struct gsim *sim, unsigned long flags);

/* rng.c */
void gsim_rng_seed(struct gsim_rng *r, u64 seed);
void gsim_streams_seed(struct gsim *sim, u64 seed);
u64 gsim_rng_next(struct gsim_rng *r);
u32 gsim_rng_below(struct gsim_rng *r, u32 n);
bool gsim_rng_ppm(struct gsim_rng *r, u32 ppm);

/* chip.c */
const struct gsim_chip *gsim_chip_find(const char *name);
void gsim_chip_names(struct gsim_text *t);
const char *gsim_chip_family_name(enum gsim_family family);
bool gsim_chip_is_libos3(const struct gsim_chip *chip);
bool gsim_chip_has_bcr(const struct gsim_chip *chip);
u32 gsim_chip_lmr(u64 fb_bytes);

/* images.c */
int gsim_images_build(struct gsim *sim);
void gsim_images_free(struct gsim *sim);
void gsim_image_name(struct gsim *sim, const char *name, size_t len);

/* regs.c */
void gsim_regs_reset(struct gsim *sim);
void gsim_raise(struct gsim *sim, u32 bits);

/* falcon.c */
u32 gsim_falcon_rd32(struct gsim *sim, enum gsim_falcon_id id, u32 off);
bool gsim_falcon_wr32(struct gsim *sim, enum gsim_falcon_id id, u32 off, u32 val);
u64 gsim_falcon_run(struct gsim *sim, enum gsim_falcon_id id, u64 now);

/* ucode.c: both return what goes into MAILBOX0 */
u32 gsim_ucode_identify(struct gsim *sim, enum gsim_falcon_id id,
			const struct gsim_falcon_regs *r, enum nova_fw_kind *kind);
u32 gsim_ucode_execute(struct gsim *sim, enum nova_fw_kind kind, const struct gsim_falcon_regs *r);

/* wpr.c */
u32 gsim_wpr_check(struct gsim *sim, u64 meta_pa, u64 *start, u64 *end);

/* boot.c */
void gsim_boot_start(struct gsim *sim, u64 libos_pa);
u64 gsim_boot_run(struct gsim *sim, u64 now);
void gsim_boot_stop(struct gsim *sim, enum gsim_phase phase);
bool gsim_boot_crash(struct gsim *sim, const char *cause);
void gsim_boot_init_rpc(struct gsim *sim, enum nova_op op, u32 status);
bool gsim_boot_wants_init(struct gsim *sim);
__printf(3, 4) bool gsim_die(struct gsim *sim, enum gsim_fatal reason, const char *fmt, ...);

/* args.c */
bool gsim_args_read(struct gsim *sim);
void gsim_args_log(struct gsim *sim, u32 region, const char *text);

/* queue.c */
bool gsim_queue_open(struct gsim *sim, const void *args, u32 len);
void gsim_queue_close(struct gsim *sim);
int gsim_queue_read(struct gsim *sim, u32 off, void *buf, u32 len);
int gsim_queue_write(struct gsim *sim, u32 off, const void *buf, u32 len);
bool gsim_queue_index(struct gsim *sim, u32 off, u32 slots, const char *name, u32 *index);
bool gsim_queue_drained(struct gsim *sim);
void gsim_queue_publish(struct gsim *sim, u32 write_ptr);

/* recv.c, send.c */
void gsim_recv_run(struct gsim *sim, u64 now);
u64 gsim_send_run(struct gsim *sim, u64 now);
struct gsim_out *gsim_out_new(struct gsim *sim, u32 cap);
void gsim_out_queue(struct gsim *sim, struct gsim_out *out);
void gsim_out_mute(struct gsim *sim, struct gsim_out *out);
void gsim_out_drop_all(struct gsim *sim);
u32 gsim_checksum(const u8 *buf, u32 len);

/* service.c */
void gsim_service_seed(struct gsim *sim, u64 seed);
void gsim_service_idle(struct gsim *sim);
u64 gsim_service_due(struct gsim *sim, const struct gsim_out *o, u64 now);

/* functions.c */
u32 gsim_function_want(struct gsim *sim, enum nova_op op, const u8 *data, u32 len);
bool gsim_function_async(enum nova_op op);
void gsim_function_run(struct gsim *sim, struct gsim_req *req, u64 now);

/* info.c */
void gsim_info_static(struct gsim *sim, u8 *buf, u32 len);

/* registry.c */
bool gsim_registry_check(struct gsim *sim, const u8 *data, u32 len);

/* controls.c */
u32 gsim_control(struct gsim *sim, struct gsim_object *obj, u32 cmd, u8 *params, u32 len,
		 struct gsim_out *out);

/* rm.c */
#define GSIM_INTERNAL_CLIENT	0xc1e00001
#define GSIM_INTERNAL_DEVICE	0xc1e00002
#define GSIM_INTERNAL_SUBDEVICE	0xc1e00003
void gsim_rm_reset(struct gsim *sim);
struct gsim_object *gsim_rm_find(struct gsim *sim, u32 client, u32 handle);
u32 gsim_rm_alloc(struct gsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 class,
		  const u8 *params, u32 size);
u32 gsim_rm_free(struct gsim *sim, u32 client, u32 handle);
u32 gsim_rm_dup(struct gsim *sim, u32 gfid, u32 client, u32 parent, u32 handle, u32 src_client,
		u32 src_handle);

/* vgpu.c: controls return an NV_STATUS */
void gsim_vgpu_reset(struct gsim *sim);
u32 gsim_vgpu_limit(struct gsim *sim);
bool gsim_vgpu_exists(struct gsim *sim, u32 gfid);
u64 gsim_vgpu_run(struct gsim *sim, u64 now);
u32 gsim_vgpu_add_types(struct gsim *sim, const u8 *params, u32 len);
u32 gsim_vgpu_bootload(struct gsim *sim, const u8 *params, u32 len);
u32 gsim_vgpu_shutdown(struct gsim *sim, u32 gfid);
u32 gsim_vgpu_cleanup(struct gsim *sim, u32 gfid);
bool gsim_vgpu_crash(struct gsim *sim, u32 gfid);

/* plugin.c */
void gsim_plugin_ring(struct gsim *sim, u32 val);
u64 gsim_plugin_run(struct gsim *sim, u64 now);
const char *gsim_rpc_fault_name(enum gsim_rpc_fault_kind kind);

/* events.c */
void gsim_event_mixed(struct gsim *sim);
void gsim_event_plugin(struct gsim *sim, u32 gfid, u32 notifier);
void gsim_event_lockdown(struct gsim *sim, bool engaging);
bool gsim_event_pmu_halted(struct gsim *sim);
bool gsim_event_action(struct gsim *sim, u32 type);
bool gsim_event_fecs(struct gsim *sim, u32 type);
void gsim_event_print(struct gsim *sim, const char *text);
void gsim_event_sequencer(struct gsim *sim);
void gsim_event_init_done(struct gsim *sim, u32 result);
bool gsim_event_sequencer_done(struct gsim *sim);

/* fault.c */
void gsim_fault_on_reply(struct gsim *sim, struct gsim_out *out);
u64 gsim_fault_run(struct gsim *sim, u64 now);
const char *gsim_fx_name(enum gsim_fx fx);

#endif /* NOVABPF_SIM_INTERNAL_H */
