// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shares of firmware time: parameters, and /sys/class/novabpf/gpuN/rpc.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include "../gsp.h"

static unsigned int rpc_window = 8;
static unsigned int rpc_flow_window = 6;

static int rpc_set_window(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, NOVA_INFLIGHT_MAX);
}

static const struct kernel_param_ops window_ops = {
	.set = rpc_set_window,
	.get = param_get_uint,
};
module_param_cb(rpc_window, &window_ops, &rpc_window, 0644);
MODULE_PARM_DESC(rpc_window,
		 "Firmware calls of a GPU out at once, 1..128; 0: no limit (default 8)");
module_param_cb(rpc_flow_window, &window_ops, &rpc_flow_window, 0644);
MODULE_PARM_DESC(rpc_flow_window,
		 "Firmware calls of one vGPU out at once, 1..128; 0: no limit (default 6)");

void nova_flow_take_parameters(struct nova_gsp *gsp)
{
	lockdep_assert_held(&gsp->lock);
	nova_flow_set_windows(gsp->flows, READ_ONCE(rpc_window), READ_ONCE(rpc_flow_window));
}

void nova_flow_new_tenant(struct nova_gsp *gsp, u32 gfid)
{
	spin_lock_irq(&gsp->lock);
	nova_flow_reset(gsp->flows, gfid);
	spin_unlock_irq(&gsp->lock);
}

/* Longest line of the file "flows". */
#define LINE_BYTES	128

static int rpc_show_flow(char *buf, int at, const char *who, const struct nova_flow *f)
{
	return sysfs_emit_at(buf, at, "%s\t%u\t%u\t%u\t%llu\t%llu\t%llu\t%llu\n", who, f->weight,
			     f->queued, f->out, f->sent, f->wait_ns, f->max_wait_ns,
			     f->firmware_ns);
}

/* Lists flows that ever had an RPC, as many as fit a page. */
static ssize_t flows_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct nova_gpu *gpu = dev_get_drvdata(dev);
	struct nova_gsp *gsp = gpu->gsp;
	struct nova_flow f;
	u32 i, left = 0;
	char gfid[12];
	int n;

	n = sysfs_emit(buf, "# gfid\tweight\tqueued\tout\tsent\twait_ns\tmax_wait_ns\t"
		       "firmware_ns\n");
	spin_lock_irq(&gsp->lock);
	f = gsp->flows->urgent;
	spin_unlock_irq(&gsp->lock);
	n += rpc_show_flow(buf, n, "urgent", &f);
	for (i = 0; i <= NOVA_GFID_MAX; i++) {
		spin_lock_irq(&gsp->lock);
		f = gsp->flows->flow[i];
		spin_unlock_irq(&gsp->lock);
		if (!f.sent && !f.queued && !f.out)
			continue;
		if (n > (int)PAGE_SIZE - 2 * LINE_BYTES) {
			left++;
			continue;
		}
		snprintf(gfid, sizeof(gfid), "%u", i);
		n += rpc_show_flow(buf, n, gfid, &f);
	}
	if (left)
		n += sysfs_emit_at(buf, n, "# and %u more\n", left);
	return n;
}
static DEVICE_ATTR_RO(flows);

static ssize_t weight_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t len)
{
	struct nova_gpu *gpu = dev_get_drvdata(dev);
	struct nova_gsp *gsp = gpu->gsp;
	u32 gfid, weight;
	char end;
	int err;

	if (sscanf(buf, "%u %u %c", &gfid, &weight, &end) != 2) {
		dev_err(dev, "rpc/weight: want GFID WEIGHT\n");
		return -EINVAL;
	}
	spin_lock_irq(&gsp->lock);
	err = nova_flow_set_weight(gsp->flows, gfid, weight);
	spin_unlock_irq(&gsp->lock);
	if (err) {
		dev_err(dev, "rpc/weight: gfid %u, weight %u; want 0 to %u and 1 to %u\n", gfid,
			weight, NOVA_GFID_MAX, NOVA_FLOW_WEIGHT_MAX);
		return err;
	}
	return len;
}
static DEVICE_ATTR_WO(weight);

static struct attribute *rpc_attrs[] = {
	&nova_hook_attr_hooks.attr,
	&nova_hook_attr_held.attr,
	&nova_hook_attr_release.attr,
	&dev_attr_flows.attr,
	&dev_attr_weight.attr,
	NULL
};

const struct attribute_group nova_rpc_group = { .name = "rpc", .attrs = rpc_attrs };
