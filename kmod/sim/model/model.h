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

struct gsim;

#define GSIM_NEVER		(~0ULL)
#define GSIM_FB_MB_MIN		1024
#define GSIM_LATENCY_US_MAX	60000000
#define GSIM_INFLIGHT_MAX	1024
#define GSIM_SERVICE_NS_MAX	1000000000
#define GSIM_PARALLEL_MAX	64
#define GSIM_COST_US_MAX	1000000
#define GSIM_VGPUS_MAX		512

/*
 * Events of engines, numbered as enum nova_engine_event of novabpf/driver/hw.h: an item of
 * a vGPU arrived; a vGPU has no work left on an engine, reported once; an item is done,
 * with its engine time in ns.
 */
enum gsim_event {
	GSIM_EVENT_DOORBELL,
	GSIM_EVENT_IDLE,
	GSIM_EVENT_COMPLETE,
};

/**
 * struct gsim_port - services that the model uses
 * @now_ns: the GPU's clock, monotonic; any context
 * @dma_read: read memory of the driver; process context; 0 or -errno
 * @dma_write: write memory of the driver; process context; 0 or -errno
 * @irq: the GPU raised its interrupt; called from gsim_run() without the lock
 * @kick: ask for a call of gsim_run() soon; any context
 * @alloc: zeroed memory; process context; NULL on failure
 * @free: give back what @alloc gave; NULL allowed
 * @lock: enter the register file; any context
 * @unlock: leave it; gets what @lock returned
 * @fb: copy between @buf and the framebuffer, within a page; process context; 0 or
 *	-errno; may be NULL
 * @engine: an engine reports @event, an enum gsim_event; called from
 *	gsim_run(), gsim_load_stop() and gsim_load_free(), without the lock; may be NULL
 */
struct gsim_port {
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
 * struct gsim_config - one GPU
 * @abi: release that the firmware plays
 * @fwversion: what the image claims in .fwversion, NULL: the release's name
 * @chip: name, such as "ga102"
 * @fb_mb: framebuffer in MiB
 * @latency_us: time from consuming a request to its reply
 * @jitter_us: uniform extra, 0 .. this
 * @inflight: requests taken from the ring and not answered
 * @rpc_ns: mean service time of an RPC; 0: none, only @latency_us
 * @rpc_parallel: RPCs in service at once; 0: @inflight
 * @ctxsw_us: cost of a context switch
 * @preempt_us: longest time to a preemption point
 * @tsg_slice_us: hardware time slice of a channel group that has none of its own;
 *	0: 2000
 * @vgpus_max: vGPUs that the firmware takes; 0: as its release
 * @seed: of the model's random streams
 */
struct gsim_config {
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
 * Codes that a processor of the GPU leaves in MAILBOX0 when it refuses. 0x01 and up:
 * Booter; 0x81 and up: the boot ROM, before any ucode ran.
 */
enum gsim_refusal {
	GSIM_BOOTER_META_ADDRESS	= 0x01,
	GSIM_BOOTER_META_MAGIC		= 0x02,
	GSIM_BOOTER_META_REVISION	= 0x03,
	GSIM_BOOTER_FB_SIZE		= 0x04,
	GSIM_BOOTER_ALIGNMENT		= 0x05,
	GSIM_BOOTER_REGION_ORDER	= 0x06,
	GSIM_BOOTER_HEAP_SIZE		= 0x07,
	GSIM_BOOTER_FRTS		= 0x08,
	GSIM_BOOTER_WPR2_UP		= 0x09,
	GSIM_BOOTER_RADIX3		= 0x0a,
	GSIM_BOOTER_ELF_CONTENT		= 0x0b,
	GSIM_BOOTER_BOOTLOADER		= 0x0c,
	GSIM_BOOTER_SIGNATURE		= 0x0d,
	GSIM_BOOTER_GSP_NOT_RESET	= 0x0e,
	GSIM_BOOTER_GSP_RUNNING		= 0x0f,
	GSIM_BOOTER_PARTITIONS		= 0x10,
	GSIM_BROM_UNKNOWN_CODE		= 0x81,
	GSIM_BROM_DATA			= 0x82,
	GSIM_BROM_PARAMETERS		= 0x83,
	GSIM_BROM_BOOT_VECTOR		= 0x84,
	GSIM_BROM_WRONG_ENGINE		= 0x85,
	GSIM_BROM_CORE_SELECT		= 0x86,
};

/* FWSEC's verdict in bits 31:16 of NV_PBUS_SW_SCRATCH_0E */
enum gsim_fwsec_error {
	GSIM_FWSEC_COMMAND		= 0x01,
	GSIM_FWSEC_VERSION		= 0x02,
	GSIM_FWSEC_REGION		= 0x03,
	GSIM_FWSEC_WPR2_UP		= 0x04,
};

/* Reason byte of the fatal code that GSP leaves in NV_PGSP_MAILBOX(0) */
enum gsim_fatal {
	GSIM_FATAL_LIBOS_ARGS		= 0x01,
	GSIM_FATAL_LOG_REGION		= 0x02,
	GSIM_FATAL_RM_ARGS		= 0x03,
	GSIM_FATAL_PAGE_TABLE		= 0x04,
	GSIM_FATAL_QUEUE_HEADER		= 0x05,
	GSIM_FATAL_DMA			= 0x06,
	GSIM_FATAL_SEQUENCER		= 0x07,
	GSIM_FATAL_MEMORY		= 0x08,
	GSIM_FATAL_INJECTED		= 0x0f,
};

/* 0, -EINVAL with one line in @err, or -ENOMEM. */
int gsim_create(const struct gsim_port *port, void *ctx, const struct gsim_config *cfg,
		struct gsim **out, char *err, size_t err_size);
void gsim_destroy(struct gsim *sim);

/* Any context: short, set state and kick. */
u32 gsim_rd32(struct gsim *sim, u32 off);
void gsim_wr32(struct gsim *sim, u32 off, u32 val);

/*
 * Process context, never two of these at once for one GPU: the surroundings
 * hold a mutex. gsim_run() does what is due and returns the GPU time of the next
 * event, GSIM_NEVER where it waits for a register write.
 */
u64 gsim_run(struct gsim *sim);
void gsim_reset(struct gsim *sim);
/* One fault; -EINVAL with one line in @err that names the word and the known ones. */
int gsim_fault(struct gsim *sim, const char *spec, char *err, size_t err_size);
size_t gsim_fault_show(struct gsim *sim, char *buf, size_t size);
size_t gsim_status(struct gsim *sim, char *buf, size_t size);
size_t gsim_registers(struct gsim *sim, char *buf, size_t size);

/*
 * As in struct gsim_config, from now on; the times begin as after a start. Return:
 * 0, or -EINVAL with one line in @err.
 */
int gsim_service_set(struct gsim *sim, u32 ns, u32 parallel, char *err, size_t err_size);
size_t gsim_service_show(struct gsim *sim, char *buf, size_t size);

/* Whether the next scrub of framebuffer is a fault that changes nothing; counts it. */
bool gsim_scrub_fails(struct gsim *sim);

/* Reason of the last refusal, in words; empty without one. */
const char *gsim_refusal_text(struct gsim *sim);

/*
 * Tenants (load.c). Process context, serialised with gsim_run(). The load is
 * copied. start: -EBUSY where one runs, -EINVAL or -ENOENT (no such vGPU or TSG)
 * with one line in @err. A load ends by itself; done tells. result: gives the whole
 * answer as novabpf_sim.h lays it out, from @off; 0 at its end.
 */
int gsim_load_start(struct gsim *sim, const void *blob, size_t size, char *err, size_t err_size);
void gsim_load_stop(struct gsim *sim);
bool gsim_load_done(const struct gsim *sim);
size_t gsim_load_result(struct gsim *sim, size_t off, void *buf, size_t size);
void gsim_load_free(struct gsim *sim);

/* The images stay valid until gsim_destroy(). 0 or -ENOENT. */
int gsim_firmware(struct gsim *sim, enum nova_fw_kind kind, const void **data, size_t *size);

#endif /* NOVABPF_SIM_MODEL_H */
