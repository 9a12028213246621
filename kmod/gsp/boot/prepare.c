// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has to exist before a processor is started: checked images, the memory
 * that Booter and GSP read, and its contents.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include "boot.h"
#include "sysinfo.h"

#define LIBOS_PAGE_BYTES	NOVA_GSP_PAGE_BYTES

static const struct {
	const char *name;
	u32 mask;
	u32 bytes;
} logs[NOVA_BOOT_LOGS_MAX] = {
	{ "LOGINIT", NOVA_LIBOS_LOG_INIT, NOVA_LIBOS_LOG_BYTES },
	{ "LOGINTR", NOVA_LIBOS_LOG_INTR, NOVA_LIBOS_LOG_BYTES },
	{ "LOGRM", NOVA_LIBOS_LOG_RM, NOVA_LIBOS_LOG_BYTES },
	{ "LOGMNOC", NOVA_LIBOS_LOG_MNOC, NOVA_LIBOS_LOG_BYTES },
	{ "LOGROOT", NOVA_LIBOS_LOG_ROOT, NOVA_LIBOS_LOG_ROOT_BYTES },
	{ "LOGRMON", NOVA_LIBOS_LOG_RMON, NOVA_LIBOS_LOG_RMON_BYTES },
};

static int boot_get_image(struct nova_gsp *gsp, enum nova_fw_kind kind, const void **data,
			  size_t *bytes)
{
	struct nova_gpu *gpu = gsp->gpu;
	int ret;

	ret = gpu->ops->firmware(gpu->hw, kind, data, bytes);
	if (ret)
		return nova_boot_fail(gsp, ret, "no firmware image \"%s\" for %s (error %d)",
				      nova_fw_kind_name(kind), gpu->chip->name, ret);
	return 0;
}

/* Return: the release that an image is; never guessed at, unless the administrator did. */
static const struct nova_abi *boot_known_release(struct nova_gsp *gsp, const char *release)
{
	const struct nova_abi *abi = nova_abi_find(release);

	if (abi)
		return abi;
	abi = nova_boot_abi_as();
	if (abi)
		dev_warn(gsp->gpu->dma_dev, "gpu%u: unknown firmware %s is taken for %s (abi_as)\n",
			 gsp->gpu->id, release, abi->release);
	return abi;
}

/*
 * On a GPU that is registered gsp->abi does not change: sysfs and callers from before a
 * recovery read it at any time, and limits, types and layouts were taken from it. An
 * image that is not of this release is refused before anything of it runs.
 */
static int boot_find_release(struct nova_gsp *gsp, const char *release)
{
	const struct nova_abi *abi = boot_known_release(gsp, release), *below, *above;

	if (!abi) {
		nova_abi_nearest(release, &below, &above);
		return nova_boot_fail(gsp, -ENOPKG, "firmware %s is unknown; nearest known: %s, %s",
				      release, below ? below->release : "none before it",
				      above ? above->release : "none after it");
	}
	if (device_is_registered(&gsp->gpu->dev) && abi != gsp->abi)
		return nova_boot_fail(gsp, -ENOPKG,
				      "firmware %s is there where %s ran: remove the GPU and add it again",
				      abi->release, gsp->abi->release);
	gsp->abi = abi;
	return 0;
}

static int boot_load_gsp_image(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	const char *why = "";
	const void *data;
	size_t bytes;
	int ret;

	ret = boot_get_image(gsp, NOVA_FW_GSP, &data, &bytes);
	if (ret)
		return ret;
	ret = nova_fw_gsp_parse(data, bytes, gsp->gpu->chip->signature, &boot->fw, &why);
	if (ret)
		return nova_boot_fail(gsp, ret == -ENOENT ? -EOPNOTSUPP : -EINVAL,
				      "firmware image \"gsp\" does not fit %s: %s",
				      gsp->gpu->chip->name, why);
	return boot_find_release(gsp, boot->fw.release);
}

/**
 * nova_boot_load_images() - fetch and check all images, set @gsp->abi
 * @gsp: firmware
 *
 * Context: may sleep.
 * Return: 0; -ENOPKG unknown release; -EOPNOTSUPP where the
 * image is for other chips; -EINVAL, -ENOENT.
 */
int nova_boot_load_images(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	enum nova_fw_kind kind;
	const char *why = "";
	const void *data;
	size_t bytes;
	int ret;

	ret = boot_load_gsp_image(gsp);
	if (ret)
		return ret;
	for (kind = NOVA_FW_BOOTLOADER; kind < NOVA_FW_KINDS; kind++) {
		if (kind == NOVA_FW_FWSEC && !gsp->gpu->chip->frts)
			continue;
		ret = boot_get_image(gsp, kind, &data, &bytes);
		if (ret)
			return ret;
		ret = nova_fw_ucode_parse(data, bytes, kind, &boot->ucode[kind], &why);
		if (ret)
			return nova_boot_fail(gsp, ret, "firmware image \"%s\" is malformed: %s",
					      nova_fw_kind_name(kind), why);
	}
	return 0;
}

static int boot_dma_make(struct nova_boot *boot, struct nova_dma *d, size_t bytes)
{
	d->bytes = ALIGN(bytes, NOVA_GSP_PAGE_BYTES);
	d->cpu = dma_alloc_coherent(boot->dev, d->bytes, &d->addr, GFP_KERNEL);
	return d->cpu ? 0 : -ENOMEM;
}

static int boot_dma_make_copy(struct nova_boot *boot, struct nova_dma *d, const void *data,
			      size_t bytes)
{
	int ret = boot_dma_make(boot, d, bytes);

	if (!ret)
		memcpy(d->cpu, data, bytes);
	return ret;
}

static void boot_dma_drop(struct nova_boot *boot, struct nova_dma *d)
{
	if (d->cpu)
		dma_free_coherent(boot->dev, d->bytes, d->cpu, d->addr);
	d->cpu = NULL;
}

/**
 * nova_boot_alloc() - make all memory of the boot but the queues
 * @gsp: firmware, images loaded
 *
 * Context: may sleep.
 * Return: 0 or -errno; nova_boot_free() cleans up.
 */
int nova_boot_alloc(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	struct nova_field_pos pos;
	enum nova_fw_kind kind;
	u32 i;
	int ret;

	ret = nova_radix3_alloc(&boot->radix3, boot->dev, boot->fw.fw, boot->fw.fw_bytes);
	if (!ret)
		ret = boot_dma_make_copy(boot, &boot->signature, boot->fw.sig, boot->fw.sig_bytes);
	for (kind = NOVA_FW_BOOTLOADER; !ret && kind < NOVA_FW_KINDS; kind++)
		if (boot->ucode[kind].payload)
			ret = boot_dma_make_copy(boot, &boot->payload[kind],
						 boot->ucode[kind].payload,
						 boot->ucode[kind].payload_bytes);
	if (!ret)
		ret = boot_dma_make(boot, &boot->meta, NOVA_WPR_META_BYTES);
	if (!ret)
		ret = boot_dma_make(boot, &boot->libos, LIBOS_PAGE_BYTES);
	if (!ret)
		ret = boot_dma_make(boot, &boot->rmargs, nova_msg_size(gsp->abi,
								       NOVA_MSG_GSP_ARGS));
	for (i = 0; !ret && i < NOVA_BOOT_LOGS_MAX; i++)
		if (gsp->abi->rules->log_regions & logs[i].mask)
			ret = boot_dma_make(boot, &boot->log[i], logs[i].bytes);
	if (!ret &&
	    !nova_field_pos(gsp->abi, NOVA_WPR_META_SYSMEM_ADDR_OF_CRASH_REPORT_QUEUE, &pos))
		ret = boot_dma_make(boot, &boot->crash, NOVA_GSP_PAGE_BYTES);
	return ret ? nova_boot_fail(gsp, ret, "no memory for the boot of the firmware") : 0;
}

/**
 * nova_boot_free() - give the memory of a boot back
 * @boot: of a GPU whose processors do not use it any more
 *
 * Context: may sleep.
 */
void nova_boot_free(struct nova_boot *boot)
{
	enum nova_fw_kind kind;
	u32 i;

	for (i = 0; i < NOVA_BOOT_LOGS_MAX; i++)
		boot_dma_drop(boot, &boot->log[i]);
	boot_dma_drop(boot, &boot->crash);
	boot_dma_drop(boot, &boot->rmargs);
	boot_dma_drop(boot, &boot->libos);
	boot_dma_drop(boot, &boot->meta);
	for (kind = NOVA_FW_BOOTLOADER; kind < NOVA_FW_KINDS; kind++)
		boot_dma_drop(boot, &boot->payload[kind]);
	boot_dma_drop(boot, &boot->signature);
	nova_radix3_free(&boot->radix3);
	kfree(boot);
}

static int boot_fill_meta(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	const struct nova_chip *chip = gsp->gpu->chip;
	const struct nova_fw_ucode_image *loader = &boot->ucode[NOVA_FW_BOOTLOADER];
	struct nova_wpr_request rq = {
		.fb_bytes = gsp->gpu->fb_bytes,
		.fw_bytes = boot->fw.fw_bytes,
		.bootloader_bytes = loader->payload_bytes,
		.scrubbed_mb = chip->wpr_scrubbed_mb,
		.libos2 = chip->libos2,
		.frts = chip->frts,
	};
	struct nova_wpr_images images = {
		.radix3 = nova_radix3_root(&boot->radix3),
		.bootloader = boot->payload[NOVA_FW_BOOTLOADER].addr,
		.bootloader_code = loader->desc.code_offset,
		.bootloader_data = loader->desc.data_offset,
		.signature = boot->signature.addr,
		.signature_bytes = boot->fw.sig_bytes,
		.crash = boot->crash.addr,
		.crash_bytes = boot->crash.bytes,
	};
	int ret;

	ret = nova_wpr_layout(gsp->abi->rules, &rq, &boot->layout);
	if (ret)
		return nova_boot_fail(gsp, ret, "%s of framebuffer (%llu MiB) for firmware %s",
				      ret == -ENOSPC ? "too little" : "odd amount",
				      rq.fb_bytes >> 20, gsp->abi->release);
	ret = nova_wpr_meta_fill(gsp->abi, &boot->layout, &images, boot->meta.cpu,
				 boot->meta.bytes);
	if (ret)
		return nova_boot_fail(gsp, ret, "GspFwWprMeta of %s cannot be filled in",
				      gsp->abi->release);
	return 0;
}

/* A log starts with its put index, then come the addresses of its own pages. */
static void boot_fill_log(struct nova_dma *log)
{
	size_t i;

	for (i = 0; i < log->bytes / NOVA_GSP_PAGE_BYTES; i++)
		put_unaligned_le64(log->addr + i * NOVA_GSP_PAGE_BYTES,
				   log->cpu + (1 + i) * sizeof(u64));
}

static int boot_fill_libos(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	u32 bytes = nova_msg_size(gsp->abi, NOVA_MSG_LIBOS_REGION);
	u8 *p = boot->libos.cpu;
	int ret = 0;
	u32 i;

	/* One more than the logs, and an empty entry ends the list. */
	if (!bytes || bytes * (NOVA_BOOT_LOGS_MAX + 2) > LIBOS_PAGE_BYTES)
		return -EINVAL;
	for (i = 0; !ret && i < NOVA_BOOT_LOGS_MAX; i++) {
		struct nova_dma *log = &boot->log[i];

		if (!log->cpu)
			continue;
		boot_fill_log(log);
		ret = nova_libos_region_fill(gsp->abi, logs[i].name, log->addr, log->bytes, p,
					     bytes);
		p += bytes;
	}
	if (ret)
		return ret;
	return nova_libos_region_fill(gsp->abi, "RMARGS", boot->rmargs.addr, boot->rmargs.bytes,
				      p, bytes);
}

/**
 * nova_boot_fill() - write what Booter and GSP will read
 * @gsp: firmware; memory and queues made
 *
 * Return: 0 or -errno.
 */
int nova_boot_fill(struct nova_gsp *gsp)
{
	struct nova_boot *boot = gsp->boot;
	struct nova_queue_place place = {
		.table = gsp->block.addr[0],
		.pages = gsp->block.npages,
		.cmdq_off = nova_block_cmdq_offset(&gsp->block),
		.statq_off = nova_block_statq_offset(&gsp->block),
	};
	int ret;

	ret = boot_fill_meta(gsp);
	if (ret)
		return ret;
	ret = nova_gsp_args_fill(gsp->abi, &place, gsp->gpu->id, boot->rmargs.cpu,
				 boot->rmargs.bytes);
	if (!ret)
		ret = boot_fill_libos(gsp);
	if (ret)
		return nova_boot_fail(gsp, ret, "boot arguments of %s cannot be filled in",
				      gsp->abi->release);
	return 0;
}
