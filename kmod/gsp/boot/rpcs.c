// SPDX-License-Identifier: GPL-2.0-only
/* RPCs of the firmware's boot and unload. */
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include "boot.h"
#include "sysinfo.h"

#define NVIDIA_BAR0	0
#define NVIDIA_BAR1	1
#define NVIDIA_BAR2	3	/* BAR1 takes two slots */

/* Version of the RPC interface */
struct vgx {
	u32 major;
	u32 minor;
};

static void boot_host_info(struct nova_gpu *gpu, struct nova_host_info *h)
{
	struct pci_dev *pdev;

	memset(h, 0, sizeof(*h));
	h->max_user_va = TASK_SIZE;
	h->page_bytes = PAGE_SIZE;
	if (!dev_is_pci(gpu->dma_dev))
		return;

	pdev = to_pci_dev(gpu->dma_dev);
	h->bar0 = pci_resource_start(pdev, NVIDIA_BAR0);
	h->bar1 = pci_resource_start(pdev, NVIDIA_BAR1);
	h->bar2 = pci_resource_start(pdev, NVIDIA_BAR2);
	h->bar0_64bit = pci_resource_flags(pdev, NVIDIA_BAR0) & IORESOURCE_MEM_64;
	h->domain = pci_domain_nr(pdev->bus);
	h->bus = pdev->bus->number;
	h->devfn = pdev->devfn;
	h->vendor_device = (u32)pdev->device << 16 | pdev->vendor;
	h->subsystem = (u32)pdev->subsystem_device << 16 | pdev->subsystem_vendor;
	h->revision = pdev->revision;
}

static int boot_rpc_failed(struct nova_gsp *gsp, const struct nova_rpc *rpc, int ret)
{
	if (ret == -EREMOTEIO)
		return nova_boot_fail(gsp, -EIO, "firmware %s refused %s: %s (0x%x)",
				      gsp->abi->release, nova_op_name(rpc->op),
				      nova_status_name(rpc->result), rpc->result);
	return nova_boot_fail(gsp, ret, "%s to firmware %s failed (error %d)",
			      nova_op_name(rpc->op), gsp->abi->release, ret);
}

static int boot_no_rpc(struct nova_gsp *gsp, enum nova_op op, const struct nova_rpc *rpc)
{
	return nova_boot_fail(gsp, PTR_ERR(rpc), "%s to firmware %s cannot be made (error %ld)",
			      nova_op_name(op), gsp->abi->release, PTR_ERR(rpc));
}

/* Sends an RPC that has no reply; consumes the reference. */
static int boot_post(struct nova_gsp *gsp, struct nova_rpc *rpc, int filled)
{
	int ret = filled;

	rpc->flags |= NOVA_RPC_NO_REPLY;
	if (!ret)
		ret = nova_rpc_post(gsp, rpc);
	if (ret)
		ret = boot_rpc_failed(gsp, rpc, ret);
	nova_rpc_put(rpc);
	return ret;
}

/**
 * nova_boot_send_init() - GSP_SET_SYSTEM_INFO, then SET_REGISTRY
 * @gsp: firmware; takes calls, need not run yet
 *
 * Neither is answered. Where GSP does not run yet they wait in the ring.
 *
 * Return: 0 or -errno.
 */
int nova_boot_send_init(struct nova_gsp *gsp)
{
	const struct nova_registry *reg = nova_boot_registry();
	enum nova_op op = NOVA_OP_RPC_GSP_SET_SYSTEM_INFO;
	struct nova_host_info host;
	struct nova_rpc *rpc;
	int ret;

	boot_host_info(gsp->gpu, &host);
	rpc = nova_rpc_alloc(gsp, op, nova_msg_size(gsp->abi, NOVA_MSG_SYSINFO), 0, GFP_KERNEL);
	if (IS_ERR(rpc))
		return boot_no_rpc(gsp, op, rpc);
	ret = boot_post(gsp, rpc, nova_sysinfo_fill(gsp->abi, &host, rpc->req, rpc->len));
	if (ret)
		return ret;

	op = NOVA_OP_RPC_SET_REGISTRY;
	rpc = nova_rpc_alloc(gsp, op, nova_registry_bytes(gsp->abi, reg), 0, GFP_KERNEL);
	if (IS_ERR(rpc))
		return boot_no_rpc(gsp, op, rpc);
	return boot_post(gsp, rpc, nova_registry_pack(gsp->abi, reg, rpc->req, rpc->len));
}

static bool boot_read_vgx(struct nova_gsp *gsp, const struct nova_rpc *rpc, struct vgx *v)
{
	u32 have = min(rpc->reply_len, rpc->reply_cap);
	u64 major, minor;

	if (nova_field_get(gsp->abi, NOVA_GUEST_INFO_VGX_MAJOR, rpc->reply, have, &major) ||
	    nova_field_get(gsp->abi, NOVA_GUEST_INFO_VGX_MINOR, rpc->reply, have, &minor))
		return false;
	v->major = major;
	v->minor = minor;
	return true;
}

/*
 * Offers a version. The firmware answers with its own; where that is another
 * one *@v is set to it and -EAGAIN returned.
 */
static int boot_offer_version(struct nova_gsp *gsp, struct vgx *v, bool last)
{
	u32 bytes = nova_msg_size(gsp->abi, NOVA_MSG_GUEST_INFO);
	enum nova_op op = NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO;
	struct nova_rpc *rpc;
	struct vgx host;
	int ret;

	rpc = nova_rpc_alloc(gsp, op, bytes, bytes, GFP_KERNEL);
	if (IS_ERR(rpc))
		return boot_no_rpc(gsp, op, rpc);
	ret = nova_guest_info_fill(gsp->abi, v->major, v->minor, rpc->req, rpc->len);
	if (!ret)
		ret = nova_rpc_call(gsp, rpc);
	if ((!ret || ret == -EREMOTEIO) && !last && boot_read_vgx(gsp, rpc, &host) &&
	    (host.major != v->major || host.minor != v->minor)) {
		*v = host;
		ret = -EAGAIN;
	}
	if (ret && ret != -EAGAIN)
		ret = boot_rpc_failed(gsp, rpc, ret);
	nova_rpc_put(rpc);
	return ret;
}

static int boot_negotiate_version(struct nova_gsp *gsp)
{
	const struct nova_abi_rules *rules = gsp->abi->rules;
	struct vgx v = { rules->vgx_major, rules->vgx_minor };
	int ret;

	ret = boot_offer_version(gsp, &v, false);
	if (ret != -EAGAIN)
		return ret;
	dev_info(gsp->gpu->dma_dev, "gpu%u: firmware %s speaks RPC version %x.%02x, not %x.%02x\n",
		 gsp->gpu->id, gsp->abi->release, v.major, v.minor, rules->vgx_major,
		 rules->vgx_minor);
	return boot_offer_version(gsp, &v, true);
}

static int boot_send_guest_info_ext(struct nova_gsp *gsp)
{
	u32 bytes = nova_msg_size(gsp->abi, NOVA_MSG_GUEST_INFO_EXT);
	enum nova_op op = NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO_EXT;
	struct nova_host_info host;
	struct nova_rpc *rpc;
	int ret;

	boot_host_info(gsp->gpu, &host);
	rpc = nova_rpc_alloc(gsp, op, bytes, bytes, GFP_KERNEL);
	if (IS_ERR(rpc))
		return boot_no_rpc(gsp, op, rpc);
	ret = nova_guest_info_ext_fill(gsp->abi, &host, rpc->req, rpc->len);
	if (!ret)
		ret = nova_rpc_call(gsp, rpc);
	if (ret)
		ret = boot_rpc_failed(gsp, rpc, ret);
	nova_rpc_put(rpc);
	return ret;
}

static int boot_get_static_info(struct nova_gsp *gsp)
{
	u32 bytes = nova_msg_size(gsp->abi, NOVA_MSG_STATIC_INFO);
	enum nova_op op = NOVA_OP_RPC_GET_GSP_STATIC_INFO;
	struct nova_rpc *rpc;
	void *info;
	int ret;

	rpc = nova_rpc_alloc(gsp, op, bytes, bytes, GFP_KERNEL);
	if (IS_ERR(rpc))
		return boot_no_rpc(gsp, op, rpc);
	info = kvzalloc(bytes, GFP_KERNEL);
	ret = info ? nova_rpc_call(gsp, rpc) : -ENOMEM;
	if (ret) {
		ret = boot_rpc_failed(gsp, rpc, ret);
	} else if (rpc->reply_len < bytes) {
		ret = nova_boot_fail(gsp, -EIO, "static information of %s has %u bytes, not %u",
				     gsp->abi->release, rpc->reply_len, bytes);
	} else {
		memcpy(info, rpc->reply, bytes);
		gsp->static_info = info;
		gsp->static_info_len = bytes;
		info = NULL;
	}
	kvfree(info);
	nova_rpc_put(rpc);
	return ret;
}

/**
 * nova_boot_handshake() - agree on a version, fetch the static information
 * @gsp: firmware that has ended its boot
 *
 * Context: may sleep.
 * Return: 0 or -errno.
 */
int nova_boot_handshake(struct nova_gsp *gsp)
{
	int ret;

	ret = boot_negotiate_version(gsp);
	if (!ret && gsp->abi->rules->guest_info_ext)
		ret = boot_send_guest_info_ext(gsp);
	return ret ? ret : boot_get_static_info(gsp);
}

/**
 * nova_boot_send_unload() - tell the firmware to end
 * @gsp: firmware that runs
 *
 * Context: may sleep.
 * Return: 0 or -errno; a failure is the caller's to report.
 */
int nova_boot_send_unload(struct nova_gsp *gsp)
{
	u32 bytes = nova_msg_size(gsp->abi, NOVA_MSG_UNLOADING);
	struct nova_rpc *rpc;
	int ret;

	rpc = nova_rpc_alloc(gsp, NOVA_OP_RPC_UNLOADING_GUEST_DRIVER, bytes, bytes, GFP_KERNEL);
	if (IS_ERR(rpc))
		return PTR_ERR(rpc);
	ret = nova_rpc_call(gsp, rpc);
	nova_rpc_put(rpc);
	return ret;
}
