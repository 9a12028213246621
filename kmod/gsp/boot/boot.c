// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boot and unload of the firmware, Turing to Ada: FWSEC lays out FRTS, Booter
 * on SEC2 sets up WPR2 and starts GSP, GSP links the queues and says that it is
 * done. Every limit is by the GPU's clock.
 *
 * What GSP was told about stays allocated until GSP is known to be stopped. If
 * even a reset fails the memory is given up, not reused.
 */
#include <linux/slab.h>
#include "boot.h"

#define GFW_BOOT_US		4000000
#define GFW_READABLE		0x1	/* in the mask of the progress register */
#define RISCV_ACTIVE_US		100000
#define STEP_US			200
#define UNLOADED_US		5000000
#define LOST_IRQ_NS		20000000
#define IRQ_CLEAR_ALL		0xffffffff

static struct nova_boot *boot_of(struct nova_gsp *gsp)
{
	return gsp->boot;
}

/*
 * Enters the next state, unless the firmware failed: the worker may find that
 * at any time, and its word must not be overwritten.
 */
static int boot_advance(struct nova_gsp *gsp, enum nova_gsp_state state)
{
	bool failed;

	nova_gsp_set_state(gsp, state);
	spin_lock_irq(&gsp->lock);
	failed = gsp->failure[0];
	spin_unlock_irq(&gsp->lock);
	if (!failed)
		return 0;
	nova_gsp_set_state(gsp, NOVA_GSP_FAILED);
	return -EIO;
}

static bool boot_has_failed(struct nova_gsp *gsp)
{
	return READ_ONCE(gsp->state) == NOVA_GSP_FAILED;
}

/* True where GSP itself says that it stopped; the interrupt may still be under way. */
static bool boot_gsp_halted(struct nova_gsp *gsp)
{
	if (READ_ONCE(gsp->lockdown))
		return false;
	return nova_falcon_rd(&boot_of(gsp)->gsp, NV_PFALCON_IRQSTAT) & NV_PFALCON_IRQ_HALT;
}

static int boot_check_gpu(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;
	u32 hi;
	int ret;

	if (nova_gsp_off_bus(gsp))
		return nova_boot_fail(gsp, -ENODEV, "the GPU does not answer on the bus");
	ret = nova_poll_reg(gpu, NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_PRIV_LEVEL_MASK,
			    GFW_READABLE, GFW_READABLE, GFW_BOOT_US);
	if (!ret)
		ret = nova_poll_reg(gpu, NV_PGC6_AON_SECURE_SCRATCH_GROUP_05_0_GFW_BOOT,
				    NV_PGC6_GFW_BOOT_PROGRESS_DONE,
				    NV_PGC6_GFW_BOOT_PROGRESS_DONE, GFW_BOOT_US);
	if (ret)
		return nova_boot_fail(gsp, ret, "the GPU's power-on firmware did not finish (%d)",
				      ret);

	hi = nova_rd32(gpu, NV_PFB_PRI_MMU_WPR2_ADDR_HI);
	if (NV_PFB_WPR2_ADDR(hi))
		return nova_boot_fail(gsp, -EBUSY,
				      "WPR2 is still up (end 0x%llx): earlier firmware holds the GPU; reset the GPU or power-cycle the machine",
				      NV_PFB_WPR2_ADDR(hi));
	return 0;
}

/* A run of an image on a falcon */
struct ucode_run {
	const char *step;	/* how far it got */
	u32 code;		/* MAILBOX0 at its end */
};

/* Runs an image on a falcon to its end. */
static int boot_run_ucode(struct nova_gsp *gsp, const struct nova_falcon *f, enum nova_fw_kind kind,
			  u64 arg, struct ucode_run *run)
{
	struct nova_boot *boot = gsp->boot;
	int ret;

	boot->dirty = true;
	run->code = 0;
	run->step = "reset";
	ret = nova_falcon_reset(f);
	if (ret)
		return ret;
	run->step = "load";
	ret = nova_falcon_load(f, &boot->ucode[kind].desc, boot->payload[kind].addr);
	if (ret)
		return ret;
	nova_falcon_set_mailbox(f, arg);
	run->step = "run";
	nova_falcon_start(f);
	ret = nova_falcon_wait_halt(f);
	if (!ret)
		run->code = nova_falcon_rd(f, NV_PFALCON_MAILBOX0);
	return ret;
}

static int boot_run_ucode_checked(struct nova_gsp *gsp, const struct nova_falcon *f,
				  enum nova_fw_kind kind, u64 arg)
{
	struct ucode_run run;
	int ret;

	ret = boot_run_ucode(gsp, f, kind, arg, &run);
	if (ret)
		return nova_boot_fail(gsp, ret, "\"%s\" on %s: %s did not end (error %d)",
				      nova_fw_kind_name(kind), f->name, run.step, ret);
	if (run.code)
		return nova_boot_fail(gsp, -EIO, "\"%s\" on %s ended with error code 0x%x",
				      nova_fw_kind_name(kind), f->name, run.code);
	return 0;
}

/* The command lies in the data that is loaded into the falcon. */
static void boot_patch_frts_cmd(struct nova_boot *boot)
{
	const struct nova_fw_ucode *desc = &boot->ucode[NOVA_FW_FWSEC].desc;
	const struct nova_wpr_layout *l = &boot->layout;
	const u32 words[] = {
		NOVA_FWSEC_CMD_FRTS,
		1,			/* version of the command */
		5 * sizeof(u32),	/* region descriptor: the words that follow */
		1,			/* version of the descriptor */
		5 * sizeof(u32),
		(u32)(l->frts >> NOVA_GSP_PAGE_SHIFT),
		(u32)(l->frts_bytes >> NOVA_GSP_PAGE_SHIFT),
		NOVA_FWSEC_MEDIA_FB,
	};
	u8 *p = boot->payload[NOVA_FW_FWSEC].cpu + desc->data_offset + desc->cmd_offset;
	u32 i;

	BUILD_BUG_ON(sizeof(words) != sizeof(struct nova_fwsec_frts_cmd));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		put_unaligned_le32(words[i], p + i * sizeof(u32));
}

static int boot_run_fwsec_frts(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	const struct nova_wpr_layout *l = &boot->layout;
	struct nova_gpu *gpu = gsp->gpu;
	u64 lo, hi;
	u32 err;
	int ret;

	if (!l->frts_bytes)
		return 0;
	boot_patch_frts_cmd(boot);
	ret = boot_run_ucode_checked(gsp, &boot->gsp, NOVA_FW_FWSEC, 0);
	if (ret)
		return ret;

	err = NV_PBUS_SW_SCRATCH_0E_FRTS_ERR(nova_rd32(gpu, NV_PBUS_SW_SCRATCH_0E));
	if (err)
		return nova_boot_fail(gsp, -EIO, "FWSEC refused FRTS with error code 0x%x", err);
	lo = NV_PFB_WPR2_ADDR(nova_rd32(gpu, NV_PFB_PRI_MMU_WPR2_ADDR_LO));
	hi = NV_PFB_WPR2_ADDR(nova_rd32(gpu, NV_PFB_PRI_MMU_WPR2_ADDR_HI));
	if (lo != l->frts || hi != l->frts + l->frts_bytes)
		return nova_boot_fail(gsp, -EIO, "FWSEC put FRTS at 0x%llx..0x%llx, not 0x%llx", lo,
				      hi, l->frts);
	return 0;
}

/**
 * nova_boot_start_riscv() - reset GSP into RISC-V, tell it where its arguments are
 * @gsp: firmware
 *
 * Booter, or SEC2 on a resume, then starts the core. Context: may sleep.
 * Return: 0 or -errno.
 */
int nova_boot_start_riscv(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	int ret;

	ret = nova_falcon_reset_riscv(&boot->gsp);
	if (ret)
		return ret;
	nova_falcon_set_mailbox(&boot->gsp, boot->libos.addr);
	return 0;
}

/**
 * nova_boot_check_riscv() - GSP's core has to run now
 * @gsp: firmware
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, or -EIO where it halted.
 */
int nova_boot_check_riscv(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	u64 end_ns = nova_now_ns(gsp->gpu) + RISCV_ACTIVE_US * 1000ULL;
	bool over;

	nova_falcon_wr(&boot->gsp, NV_PFALCON_OS,
		       boot->ucode[NOVA_FW_BOOTLOADER].desc.app_version);
	do {
		over = nova_now_ns(gsp->gpu) >= end_ns;
		if (nova_falcon_riscv_active(&boot->gsp))
			return 0;
		if (boot_has_failed(gsp))
			return -EIO;
		nova_gpu_sleep_us(gsp->gpu, STEP_US);
	} while (!over);
	return -ETIMEDOUT;
}

static int boot_start_gsp(struct nova_gsp *gsp)
{
	const struct nova_abi_rules *rules = gsp->abi->rules;
	struct nova_boot *boot = gsp->boot;
	int ret;

	ret = boot_run_fwsec_frts(gsp);
	if (ret)
		return ret;
	boot->dirty = true;
	ret = nova_boot_start_riscv(gsp);
	if (ret)
		return nova_boot_fail(gsp, ret, "GSP cannot be reset (error %d)", ret);

	/* These releases read both as soon as they run, so they must be there. */
	if (!rules->init_after_start) {
		ret = nova_boot_send_init(gsp);
		if (ret)
			return ret;
	}
	ret = boot_advance(gsp, NOVA_GSP_START);
	if (ret)
		return ret;
	nova_falcon_wr(&boot->gsp, NV_PFALCON_IRQSCLR, IRQ_CLEAR_ALL);
	WRITE_ONCE(gsp->gpu->irq_on, true);

	ret = boot_run_ucode_checked(gsp, &boot->sec2, NOVA_FW_BOOTER_LOAD, boot->meta.addr);
	if (ret)
		return ret;
	if (rules->init_after_start) {
		ret = nova_boot_send_init(gsp);
		if (ret)
			return ret;
	}
	ret = nova_boot_check_riscv(gsp);
	if (ret)
		return nova_boot_fail(gsp, ret, "Booter ended well, but GSP does not run");
	return 0;
}

static int boot_wait_linked(struct nova_gsp *gsp)
{
	u32 limit_ms = gsp->abi->rules->link_timeout_ms;
	u64 start_ns = nova_now_ns(gsp->gpu), end_ns = start_ns + limit_ms * 1000000ULL;
	bool over;
	int ret;

	for (;;) {
		over = nova_now_ns(gsp->gpu) >= end_ns;
		ret = nova_queues_link(gsp);
		if (!ret)
			return boot_advance(gsp, NOVA_GSP_LINKED);
		if (ret != -EAGAIN)
			return nova_boot_fail(gsp, ret, "the status queue is malformed (error %d)",
					      ret);
		if (boot_has_failed(gsp))
			return -EIO;
		if (boot_gsp_halted(gsp)) {
			char why[NOVA_INCIDENT_TEXT];

			nova_halt_cause(gsp, why, sizeof(why));
			return nova_boot_fail(gsp, -EIO, "%s", why);
		}
		if (over)
			return nova_boot_fail(gsp, -ETIMEDOUT,
					      "no status queue after %u ms (mailbox 0x%08x)",
					      limit_ms,
					      nova_rd32(gsp->gpu, NV_PGSP_MAILBOX(0)));
		nova_gpu_sleep_poll(gsp->gpu, start_ns, STEP_US);
	}
}

static int boot_wait_init_done(struct nova_gsp *gsp)
{
	u32 limit_ms = nova_boot_timeout_ms();
	u64 now_ns, start_ns = nova_now_ns(gsp->gpu);
	u64 end_ns = start_ns + limit_ms * 1000000ULL;
	u64 look_ns = start_ns + LOST_IRQ_NS;

	/* Looks once more after the limit: a slow CPU is no failure of the GPU. */
	for (;;) {
		now_ns = nova_now_ns(gsp->gpu);
		if (completion_done(&gsp->init_done))
			break;
		/* No RPC is in flight whose deadline would notice a lost interrupt. */
		if (now_ns >= look_ns) {
			nova_work_queue(gsp->wq, &gsp->work);
			look_ns = now_ns + LOST_IRQ_NS;
		}
		if (now_ns >= end_ns)
			return nova_boot_fail(gsp, -ETIMEDOUT,
					      "firmware %s did not end its boot within %u ms",
					      gsp->abi->release, limit_ms);
		nova_gpu_sleep_poll(gsp->gpu, start_ns, STEP_US);
	}
	/* A failure completes it as well. */
	if (boot_has_failed(gsp))
		return -EIO;
	if (gsp->init_result)
		return nova_boot_fail(gsp, -EIO, "firmware %s ended its boot with %s (0x%x)",
				      gsp->abi->release, nova_status_name(gsp->init_result),
				      gsp->init_result);
	return boot_advance(gsp, NOVA_GSP_HANDSHAKE);
}

static int boot_make(struct nova_gsp *gsp)
{
	struct nova_boot *boot = kzalloc(sizeof(*boot), GFP_KERNEL);

	if (!boot)
		return nova_boot_fail(gsp, -ENOMEM, "no memory for the boot of the firmware");
	boot->dev = gsp->gpu->dma_dev;
	boot->gsp = (struct nova_falcon){ gsp->gpu, NV_PGSP_BASE, "GSP" };
	boot->sec2 = (struct nova_falcon){ gsp->gpu, NV_PSEC2_BASE, "SEC2" };
	mutex_lock(&gsp->boot_lock);
	gsp->boot = boot;
	mutex_unlock(&gsp->boot_lock);
	return 0;
}

static void boot_forget_last_run(struct nova_gsp *gsp)
{
	spin_lock_irq(&gsp->lock);
	gsp->failure[0] = '\0';
	spin_unlock_irq(&gsp->lock);
	reinit_completion(&gsp->init_done);
	gsp->init_result = 0;
	gsp->lockdown = false;
	gsp->doorbell_owed = false;
	atomic_set(&gsp->irq_pending, 0);
	memset(gsp->regsave, 0, sizeof(gsp->regsave));
	gsp->more = false;
	gsp->incomplete_ns = 0;
}

static void boot_drop_static_info(struct nova_gsp *gsp)
{
	kvfree(gsp->static_info);
	gsp->static_info = NULL;
	gsp->static_info_len = 0;
}

/* Unpublishes the boot; readers are done, and the caller frees it. */
static struct nova_boot *boot_take(struct nova_gsp *gsp)
{
	struct nova_boot *boot;

	mutex_lock(&gsp->boot_lock);
	boot = gsp->boot;
	gsp->boot = NULL;
	gsp->crash = NULL;
	mutex_unlock(&gsp->boot_lock);
	return boot;
}

static void boot_free_all(struct nova_gsp *gsp)
{
	boot_drop_static_info(gsp);
	nova_queues_free(gsp);
	nova_boot_free(boot_take(gsp));
}

/*
 * Stops everything by force. Return: whether the GPU is at rest, so that memory
 * it knew of may be freed.
 */
static bool boot_reset_gpu(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;
	int ret;

	if (!boot_of(gsp)->dirty)
		return true;
	ret = gpu->ops->reset(gpu->hw);
	if (!ret)
		return true;
	dev_err(gpu->dma_dev,
		"gpu%u: reset failed (error %d): memory the firmware knows of is given up\n",
		gpu->id, ret);
	return false;
}

/* Gives up memory that the GPU may still write; nothing of ours refers to it. */
static void boot_abandon_all(struct nova_gsp *gsp)
{
	struct nova_block given_up;

	boot_drop_static_info(gsp);
	nova_queues_forget(gsp, &given_up);
	boot_take(gsp);
}

static void boot_stop_rpcs(struct nova_gsp *gsp, int err)
{
	WRITE_ONCE(gsp->gpu->irq_on, false);
	nova_rpc_stop(gsp, err, NOVA_FATE_ABORTED);
}

static int boot_prepare(struct nova_gsp *gsp)
{
	int ret;

	ret = boot_check_gpu(gsp);
	if (!ret)
		ret = nova_boot_alloc(gsp);
	if (ret)
		return ret;
	/* A report may be asked for at any time from here on. */
	mutex_lock(&gsp->boot_lock);
	gsp->crash = boot_of(gsp)->crash.cpu;
	gsp->crash_bytes = boot_of(gsp)->crash.bytes;
	mutex_unlock(&gsp->boot_lock);
	return 0;
}

static int boot_run(struct nova_gsp *gsp)
{
	int ret;

	ret = boot_start_gsp(gsp);
	if (!ret)
		ret = boot_wait_linked(gsp);
	if (!ret)
		ret = boot_wait_init_done(gsp);
	if (!ret)
		ret = nova_boot_handshake(gsp);
	/* Where its heart stands, so that the next look can see it beat. */
	spin_lock_irq(&gsp->lock);
	nova_incident_look(gsp, nova_now_ns(gsp->gpu));
	if (!ret)
		gsp->recovery.run = gsp->recovery.epoch;
	spin_unlock_irq(&gsp->lock);
	/* Clear this before READY: a caller that sees READY may submit RPCs. */
	WRITE_ONCE(gsp->booter, NULL);
	return ret ? ret : boot_advance(gsp, NOVA_GSP_READY);
}

int nova_gsp_boot(struct nova_gsp *gsp)
{
	int ret;

	boot_forget_last_run(gsp);
	WRITE_ONCE(gsp->booter, current);
	ret = boot_make(gsp);
	if (ret)
		goto err;
	/* The event of the state names the release, so the images are read first. */
	ret = nova_boot_load_images(gsp);
	if (ret)
		goto err_boot;
	nova_gsp_set_state(gsp, NOVA_GSP_PREPARE);
	ret = boot_prepare(gsp);
	if (ret)
		goto err_boot;
	ret = nova_queues_alloc(gsp);
	if (ret) {
		nova_gsp_fail(gsp, ret, "no memory for the message queues");
		goto err_boot;
	}
	ret = nova_boot_fill(gsp);
	if (ret)
		goto err_queues;
	nova_rpc_start(gsp);
	ret = boot_run(gsp);
	if (ret)
		goto err_run;
	return 0;

err_run:
	/* All failures were told where they happened; this is for the state. */
	nova_gsp_fail(gsp, ret, "boot of the firmware failed (error %d)", ret);
	boot_stop_rpcs(gsp, -EIO);
	if (!boot_reset_gpu(gsp)) {
		boot_abandon_all(gsp);
		goto err;
	}
err_queues:
	nova_queues_free(gsp);
err_boot:
	boot_drop_static_info(gsp);
	nova_boot_free(boot_take(gsp));
err:
	WRITE_ONCE(gsp->booter, NULL);
	return ret;
}

int nova_gsp_reboot(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;
	int ret;

	spin_lock_irq(&gsp->lock);
	gsp->failure[0] = '\0';
	spin_unlock_irq(&gsp->lock);
	ret = gpu->ops->reset(gpu->hw);
	if (gsp->boot && ret)
		boot_abandon_all(gsp);
	else if (gsp->boot)
		boot_free_all(gsp);
	if (ret)
		return nova_boot_fail(gsp, ret, "the GPU cannot be reset (error %d)", ret);
	return nova_gsp_boot(gsp);
}

/* Asks the firmware to end. Return: 0 where it said that it did. */
static int boot_ask_to_unload(struct nova_gsp *gsp)
{
	int ret;

	if (boot_advance(gsp, NOVA_GSP_UNLOADING))
		return -EIO;
	ret = nova_boot_send_unload(gsp);
	if (ret)
		return ret;
	return nova_poll_reg(gsp->gpu, NV_PGSP_BASE + NV_PFALCON_MAILBOX0, 0xffffffff,
			     NOVA_GSP_UNLOADED, UNLOADED_US);
}

static int boot_take_wpr2_down(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	struct ucode_run run;
	int ret;

	/* Booter Unload needs a stopped GSP. */
	ret = nova_falcon_reset(&boot->gsp);
	if (!ret)
		ret = boot_run_ucode(gsp, &boot->sec2, NOVA_FW_BOOTER_UNLOAD, 0, &run);
	if (ret)
		return ret;
	if (run.code || NV_PFB_WPR2_ADDR(nova_rd32(gsp->gpu, NV_PFB_PRI_MMU_WPR2_ADDR_HI)))
		return -EIO;
	return 0;
}

u64 nova_gsp_fb_free_bytes(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;

	return boot->layout.nonwpr_heap;
}

void nova_gsp_unload(struct nova_gsp *gsp)
{
	struct nova_gpu *gpu = gsp->gpu;
	const char *step = "UNLOADING_GUEST_DRIVER";
	int ret;

	if (!gsp->boot) {
		nova_gsp_set_state(gsp, NOVA_GSP_OFF);
		return;
	}
	ret = boot_ask_to_unload(gsp);
	boot_stop_rpcs(gsp, -ENODEV);
	if (!ret) {
		step = "Booter Unload";
		ret = boot_take_wpr2_down(gsp);
	}
	if (ret) {
		dev_warn(gpu->dma_dev, "gpu%u: %s failed (error %d), the GPU is reset instead\n",
			 gpu->id, step, ret);
		if (!boot_reset_gpu(gsp)) {
			boot_abandon_all(gsp);
			nova_gsp_set_state(gsp, NOVA_GSP_OFF);
			return;
		}
	}
	boot_free_all(gsp);
	nova_gsp_set_state(gsp, NOVA_GSP_OFF);
}
