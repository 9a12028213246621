// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset, load and start of a falcon. All limits are by the GPU's clock.
 */
#include <linux/kernel.h>
#include "../../base/gpu.h"
#include "falcon.h"

/*
 * Hardware needs a small part of these limits; they have to hold for a modelled
 * processor that waits for a slow CPU as well.
 */
#define RESET_READY_US		150
#define RESET_PULSE_US		10
#define SCRUB_US		1000000
#define CORE_SELECT_US		1000000
#define DMA_BLOCK_US		2000000
#define HALT_US			10000000

u32 nova_falcon_rd(const struct nova_falcon *f, u32 reg)
{
	return nova_rd32(f->gpu, f->base + reg);
}

void nova_falcon_wr(const struct nova_falcon *f, u32 reg, u32 val)
{
	nova_wr32(f->gpu, f->base + reg, val);
}

static int falcon_poll(const struct nova_falcon *f, u32 reg, u32 mask, u32 want, u32 us)
{
	return nova_poll_reg(f->gpu, f->base + reg, mask, want, us);
}

/* Falcons and RISC-V cores take their argument as an address in two mailboxes. */
void nova_falcon_set_mailbox(const struct nova_falcon *f, u64 val)
{
	nova_falcon_wr(f, NV_PFALCON_MAILBOX0, lower_32_bits(val));
	nova_falcon_wr(f, NV_PFALCON_MAILBOX1, upper_32_bits(val));
}

static int falcon_select_core(const struct nova_falcon *f, u32 core)
{
	if (!f->gpu->chip->brom)
		return 0;
	nova_falcon_wr(f, NV_PRISCV_BCR_CTRL, core);
	return falcon_poll(f, NV_PRISCV_BCR_CTRL, NV_PRISCV_BCR_CTRL_VALID,
			   NV_PRISCV_BCR_CTRL_VALID, CORE_SELECT_US);
}

static int falcon_reset_engine(const struct nova_falcon *f)
{
	int ret;

	/*
	 * Chips before GA102 have no such bit, and some units of later ones
	 * never raise it before their first reset: no reason to give up.
	 */
	if (f->gpu->chip->brom) {
		ret = falcon_poll(f, NV_PFALCON_HWCFG2, NV_PFALCON_HWCFG2_RESET_READY,
				  NV_PFALCON_HWCFG2_RESET_READY, RESET_READY_US);
		if (ret && ret != -ETIMEDOUT)
			return ret;
	}

	nova_falcon_wr(f, NV_PFALCON_ENGINE, NV_PFALCON_ENGINE_RESET);
	nova_gpu_sleep_us(f->gpu, RESET_PULSE_US);
	nova_falcon_wr(f, NV_PFALCON_ENGINE, 0);
	return falcon_poll(f, NV_PFALCON_HWCFG2, NV_PFALCON_HWCFG2_MEM_SCRUBBING, 0, SCRUB_US);
}

/**
 * nova_falcon_reset() - bring it to a state that takes falcon code
 * @f: which
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int nova_falcon_reset(const struct nova_falcon *f)
{
	int ret;

	ret = falcon_reset_engine(f);
	return ret ? ret : falcon_select_core(f, 0);
}

/**
 * nova_falcon_reset_riscv() - bring it to a state in which RISC-V can start
 * @f: which
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int nova_falcon_reset_riscv(const struct nova_falcon *f)
{
	int ret;

	ret = falcon_reset_engine(f);
	return ret ? ret : falcon_select_core(f, NV_PRISCV_BCR_CTRL_CORE_SELECT_RISCV);
}

/* Copies @bytes from @addr to offset 0 of IMEM or DMEM. */
static int falcon_dma_in(const struct nova_falcon *f, u64 addr, u32 bytes, u32 imem)
{
	u32 off;
	int ret;

	nova_falcon_wr(f, NV_PFALCON_DMATRFBASE, lower_32_bits(addr >> 8));
	nova_falcon_wr(f, NV_PFALCON_DMATRFBASE1, upper_32_bits(addr >> 8));
	for (off = 0; off < bytes; off += NV_PFALCON_DMA_BYTES) {
		nova_falcon_wr(f, NV_PFALCON_DMATRFMOFFS, off);
		nova_falcon_wr(f, NV_PFALCON_DMATRFFBOFFS, off);
		nova_falcon_wr(f, NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_SIZE_256B | imem);
		ret = falcon_poll(f, NV_PFALCON_DMATRFCMD, NV_PFALCON_DMATRFCMD_IDLE,
				  NV_PFALCON_DMATRFCMD_IDLE, DMA_BLOCK_US);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * nova_falcon_load() - copy code and data in, set up the boot ROM
 * @f: which; after nova_falcon_reset()
 * @ucode: checked description
 * @addr: DMA address of the payload, a multiple of 256
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int nova_falcon_load(const struct nova_falcon *f, const struct nova_fw_ucode *ucode, u64 addr)
{
	u32 ctl = nova_falcon_rd(f, NV_PFALCON_FBIF_CTL);
	int ret;

	nova_falcon_wr(f, NV_PFALCON_FBIF_CTL, ctl | NV_PFALCON_FBIF_CTL_ALLOW_PHYS_NO_CTX);
	nova_falcon_wr(f, NV_PFALCON_DMACTL, 0);
	nova_falcon_wr(f, NV_PFALCON_FBIF_TRANSCFG(0), NV_PFALCON_FBIF_TRANSCFG_COHERENT_SYSMEM);

	ret = falcon_dma_in(f, addr + ucode->code_offset, ucode->code_size,
			    NV_PFALCON_DMATRFCMD_IMEM);
	if (!ret)
		ret = falcon_dma_in(f, addr + ucode->data_offset, ucode->data_size, 0);
	if (ret)
		return ret;

	if (f->gpu->chip->brom) {
		nova_falcon_wr(f, NV_PFALCON2_BROM_PARAADDR0, ucode->pkc_data_offset);
		nova_falcon_wr(f, NV_PFALCON2_BROM_ENGIDMASK, ucode->engine_id_mask);
		nova_falcon_wr(f, NV_PFALCON2_BROM_CURR_UCODE_ID, ucode->ucode_id);
		nova_falcon_wr(f, NV_PFALCON2_MOD_SEL, NV_PFALCON2_MOD_SEL_RSA3K);
	}
	nova_falcon_wr(f, NV_PFALCON_BOOTVEC, ucode->boot_vector);
	return 0;
}

/* Starts what was loaded; a falcon that runs ignores it. */
void nova_falcon_start(const struct nova_falcon *f)
{
	nova_falcon_wr(f, NV_PFALCON_CPUCTL, NV_PFALCON_CPUCTL_STARTCPU);
}

/**
 * nova_falcon_wait_halt() - wait until the code has ended
 * @f: which
 *
 * Context: may sleep.
 * Return: 0, -ETIMEDOUT, -ENODEV.
 */
int nova_falcon_wait_halt(const struct nova_falcon *f)
{
	return falcon_poll(f, NV_PFALCON_CPUCTL, NV_PFALCON_CPUCTL_HALTED,
			   NV_PFALCON_CPUCTL_HALTED, HALT_US);
}

bool nova_falcon_riscv_active(const struct nova_falcon *f)
{
	if (f->gpu->chip->brom)
		return nova_falcon_rd(f, NV_PRISCV_CPUCTL) & NV_PRISCV_CPUCTL_ACTIVE;
	return nova_falcon_rd(f, NV_PRISCV_CORE_SWITCH_STATUS) &
	       NV_PRISCV_CORE_SWITCH_STATUS_ACTIVE;
}
