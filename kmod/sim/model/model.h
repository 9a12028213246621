/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register-level model of a Turing, Ampere or Ada GPU whose GSP firmware speaks
 * the wire format of one release.
 *
 * The model reaches memory only through DMA addresses that a driver handed over
 * in registers, or in structures found through them. It uses the ABI tables and
 * bare constants and nothing else of the driver, so that a mistake made on one
 * side is not repeated on the other.
 */
#ifndef NOVABPF_SIM_MODEL_H
#define NOVABPF_SIM_MODEL_H

#include <novabpf/driver/portable.h>
#include <novabpf/driver/abi.h>
#include <novabpf/driver/fwimage.h>

struct nsim;

#define NSIM_NEVER		(~0ULL)
#define NSIM_FB_MB_MIN		1024
#define NSIM_LATENCY_US_MAX	60000000
#define NSIM_INFLIGHT_MAX	1024
#define NSIM_SERVICE_NS_MAX	1000000000
#define NSIM_PARALLEL_MAX	64
#define NSIM_COST_US_MAX	1000000
#define NSIM_VGPUS_MAX		512

/*
 * What engines tell, numbered as enum nova_engine_event of novabpf/driver/hw.h: an item of
 * a vGPU arrived; a vGPU has no work left on an engine, told once; an item is done,
 * with the engine time it had in ns.
 */
enum nsim_event {
	NSIM_EVENT_DOORBELL,
	NSIM_EVENT_IDLE,
	NSIM_EVENT_COMPLETE,
};

/**
 * struct nsim_port - what the model needs from its surroundings
 * @now_ns: the GPU's clock, monotonic; any context
 * @dma_read: read memory of the driver; process context; 0 or -errno
 * @dma_write: write memory of the driver; process context; 0 or -errno
 * @irq: the GPU raised its interrupt; called from nsim_run() without the lock
 * @kick: ask for a call of nsim_run() soon; any context
 * @alloc: zeroed memory; process context; NULL on failure
 * @free: give back what @alloc gave; NULL allowed
 * @lock: enter the register file; any context
 * @unlock: leave it; gets what @lock returned
 * @fb: copy between @buf and the framebuffer, within a page; process context; 0 or
 *	-errno; may be NULL
 * @engine: an engine has something to tell: @event as enum nsim_event; called from
 *	nsim_run(), nsim_load_stop() and nsim_load_free(), without the lock; may be NULL
 */
struct nsim_port {
	u64 (*now_ns)(void *ctx);
	int (*dma_read)(void *ctx, u64 addr, void *buf, u32 len);
	int (*dma_write)(void *ctx, u64 addr, const void *buf, u32 len);
	void (*irq)(void *ctx);
	void (*kick)(void *ctx);
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *p);
	unsigned long (*lock)(void *ctx);
	void (*unlock)(void *ctx, unsigned long flags);
	int (*fb)(void *ctx, u64 off, void *buf, u32 len, bool write);
	void (*engine)(void *ctx, u32 event, u32 engine_id, u32 gfid, u64 arg);
};

/**
 * struct nsim_config - one GPU
 * @abi: release that the firmware plays
 * @fwversion: what the image claims in .fwversion, NULL: the release's name
 * @chip: name, such as "ga102"
 * @fb_mb: framebuffer in MiB
 * @latency_us: time from consuming a request to its reply
 * @jitter_us: uniform extra, 0 .. this
 * @inflight: requests taken from the ring and not answered
 * @rpc_ns: mean time that a call needs; 0: @latency_us is all
 * @rpc_parallel: calls that have such time at once; 0: @inflight
 * @ctxsw_us: cost of a context switch
 * @preempt_us: longest time to a preemption point
 * @tsg_slice_us: hardware time slice of a channel group that has none of its own;
 *	0: 2000
 * @vgpus_max: vGPUs that the firmware takes; 0: as its release
 * @seed: of the model's random streams
 */
struct nsim_config {
	const struct nova_abi *abi;
	const char *fwversion;
	const char *chip;
	u32 fb_mb;
	u32 latency_us;
	u32 jitter_us;
	u32 inflight;
	u32 rpc_ns;
	u32 rpc_parallel;
	u32 ctxsw_us;
	u32 preempt_us;
	u32 tsg_slice_us;
	u32 vgpus_max;
	u64 seed;
};

/*
 * What a processor of the GPU leaves in MAILBOX0 when it refuses. 0x01 and up:
 * Booter; 0x81 and up: the boot ROM, before any ucode ran.
 */
enum nsim_refusal {
	NSIM_BOOTER_META_ADDRESS	= 0x01,
	NSIM_BOOTER_META_MAGIC		= 0x02,
	NSIM_BOOTER_META_REVISION	= 0x03,
	NSIM_BOOTER_FB_SIZE		= 0x04,
	NSIM_BOOTER_ALIGNMENT		= 0x05,
	NSIM_BOOTER_REGION_ORDER	= 0x06,
	NSIM_BOOTER_HEAP_SIZE		= 0x07,
	NSIM_BOOTER_FRTS		= 0x08,
	NSIM_BOOTER_WPR2_UP		= 0x09,
	NSIM_BOOTER_RADIX3		= 0x0a,
	NSIM_BOOTER_ELF_CONTENT		= 0x0b,
	NSIM_BOOTER_BOOTLOADER		= 0x0c,
	NSIM_BOOTER_SIGNATURE		= 0x0d,
	NSIM_BOOTER_GSP_NOT_RESET	= 0x0e,
	NSIM_BOOTER_GSP_RUNNING		= 0x0f,
	NSIM_BOOTER_PARTITIONS		= 0x10,
	NSIM_BROM_UNKNOWN_CODE		= 0x81,
	NSIM_BROM_DATA			= 0x82,
	NSIM_BROM_PARAMETERS		= 0x83,
	NSIM_BROM_BOOT_VECTOR		= 0x84,
	NSIM_BROM_WRONG_ENGINE		= 0x85,
	NSIM_BROM_CORE_SELECT		= 0x86,
};

/* FWSEC's verdict in bits 31:16 of NV_PBUS_SW_SCRATCH_0E */
enum nsim_fwsec_error {
	NSIM_FWSEC_COMMAND		= 0x01,
	NSIM_FWSEC_VERSION		= 0x02,
	NSIM_FWSEC_REGION		= 0x03,
	NSIM_FWSEC_WPR2_UP		= 0x04,
};

/* Reason byte of the fatal code that GSP leaves in NV_PGSP_MAILBOX(0) */
enum nsim_fatal {
	NSIM_FATAL_LIBOS_ARGS		= 0x01,
	NSIM_FATAL_LOG_REGION		= 0x02,
	NSIM_FATAL_RM_ARGS		= 0x03,
	NSIM_FATAL_PAGE_TABLE		= 0x04,
	NSIM_FATAL_QUEUE_HEADER		= 0x05,
	NSIM_FATAL_DMA			= 0x06,
	NSIM_FATAL_SEQUENCER		= 0x07,
	NSIM_FATAL_MEMORY		= 0x08,
	NSIM_FATAL_INJECTED		= 0x0f,
};

/* 0, -EINVAL with one line in @err, or -ENOMEM. */
int nsim_create(const struct nsim_port *port, void *ctx, const struct nsim_config *cfg,
		struct nsim **out, char *err, size_t err_size);
void nsim_destroy(struct nsim *sim);

/* Any context: short, set state and kick. */
u32 nsim_rd32(struct nsim *sim, u32 off);
void nsim_wr32(struct nsim *sim, u32 off, u32 val);

/*
 * Process context, never two of these at once for one GPU: the surroundings
 * hold a mutex. nsim_run() does what is due and returns the GPU time of the next
 * event, NSIM_NEVER where it waits for a register write.
 */
u64 nsim_run(struct nsim *sim);
void nsim_reset(struct nsim *sim);
/* One fault; -EINVAL with one line in @err that names the word and the known ones. */
int nsim_fault(struct nsim *sim, const char *spec, char *err, size_t err_size);
size_t nsim_fault_show(struct nsim *sim, char *buf, size_t size);
size_t nsim_status(struct nsim *sim, char *buf, size_t size);
size_t nsim_registers(struct nsim *sim, char *buf, size_t size);

/*
 * As in struct nsim_config, from now on; the times begin as after a start. Return:
 * 0, or -EINVAL with one line in @err.
 */
int nsim_service_set(struct nsim *sim, u32 ns, u32 parallel, char *err, size_t err_size);
size_t nsim_service_show(struct nsim *sim, char *buf, size_t size);

/* Whether the next scrub of framebuffer leaves all as it is; counts it. */
bool nsim_scrub_fails(struct nsim *sim);

/* Why something was refused last, in plain words; empty where nothing was. */
const char *nsim_refusal_text(struct nsim *sim);

/*
 * Tenants (load.c). Process context, serialised with nsim_run(). The load is
 * copied. start: -EBUSY where one runs, -EINVAL or -ENOENT (no such vGPU or TSG)
 * with one line in @err. A load ends by itself; done tells. result: gives the whole
 * answer as novabpf_sim.h lays it out, from @off; 0 at its end.
 */
int nsim_load_start(struct nsim *sim, const void *blob, size_t size, char *err, size_t err_size);
void nsim_load_stop(struct nsim *sim);
bool nsim_load_done(const struct nsim *sim);
size_t nsim_load_result(struct nsim *sim, size_t off, void *buf, size_t size);
void nsim_load_free(struct nsim *sim);

/* The images stay valid until nsim_destroy(). 0 or -ENOENT. */
int nsim_firmware(struct nsim *sim, enum nova_fw_kind kind, const void **data, size_t *size);

#endif /* NOVABPF_SIM_MODEL_H */
