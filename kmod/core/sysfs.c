// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/novabpf/gpuN: a GPU's identity, the ABI of its firmware, the state of its
 * queues, and its counters. One value per file.
 */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "../gsp/gsp.h"
#include "../sched/sched.h"
#include "../vgpu/vgpu.h"
#include "core.h"

static struct nova_gpu *core_to_gpu(struct device *dev)
{
	return dev_get_drvdata(dev);
}

#define GPU_ATTR(_name, _fmt, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	struct nova_gpu *gpu __maybe_unused = core_to_gpu(dev);				\
											\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static DEVICE_ATTR_RO(_name)

GPU_ATTR(name, "%s", gpu->name);
GPU_ATTR(chip, "%s", gpu->chip->name);
GPU_ATTR(simulated, "%d", gpu->simulated);
GPU_ATTR(fb_bytes, "%llu", gpu->fb_bytes);
GPU_ATTR(release, "%s", gpu->gsp->abi->release);
GPU_ATTR(state, "%s", nova_gsp_state_name(READ_ONCE(gpu->gsp->state)));
GPU_ATTR(failure, "%s", gpu->gsp->failure);

static ssize_t recover_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	bool on;
	int err;

	err = kstrtobool(buf, &on);
	if (!err && !on)
		err = -EINVAL;
	err = err ?: nova_recover_now(core_to_gpu(dev)->gsp);
	return err ?: count;
}
static DEVICE_ATTR_WO(recover);

static struct attribute *gpu_attrs[] = {
	&dev_attr_name.attr,
	&dev_attr_chip.attr,
	&dev_attr_simulated.attr,
	&dev_attr_fb_bytes.attr,
	&dev_attr_release.attr,
	&dev_attr_state.attr,
	&dev_attr_failure.attr,
	&dev_attr_recover.attr,
	NULL
};

static const struct attribute_group gpu_group = { .attrs = gpu_attrs };

/* The tables' answer for the running release. */
static u32 core_element_header_bytes(const struct nova_abi *abi)
{
	struct nova_field_pos pos;

	return nova_field_pos(abi, NOVA_ELEM_RPC, &pos) ? 0 : pos.off;
}

#define ABI_SIZE(_name, _msg) GPU_ATTR(_name, "%u", nova_msg_size(gpu->gsp->abi, _msg))

GPU_ATTR(element_header_bytes, "%u", core_element_header_bytes(gpu->gsp->abi));
GPU_ATTR(checksum, "%s", gpu->gsp->abi->rules->checksum_whole ? "elements" : "message");
GPU_ATTR(sequence, "%s", gpu->gsp->abi->rules->seq_echo ? "echoed" : "none");
GPU_ATTR(init_rpcs, "%s",
	 gpu->gsp->abi->rules->init_after_start ? "after-start" : "before-start");
ABI_SIZE(control_header_bytes, NOVA_MSG_CONTROL);
ABI_SIZE(alloc_header_bytes, NOVA_MSG_ALLOC);
ABI_SIZE(queue_args_bytes, NOVA_MSG_QUEUE_ARGS);
ABI_SIZE(gsp_args_bytes, NOVA_MSG_GSP_ARGS);
ABI_SIZE(system_info_bytes, NOVA_MSG_SYSINFO);
ABI_SIZE(static_info_bytes, NOVA_MSG_STATIC_INFO);
GPU_ATTR(releases, "%u", nova_abi_count());
GPU_ATTR(table_bytes, "%u", nova_abi_table_bytes());

static ssize_t vgx_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct nova_abi_rules *rules = core_to_gpu(dev)->gsp->abi->rules;

	return sysfs_emit(buf, "%02X.%02X\n", rules->vgx_major, rules->vgx_minor);
}
static DEVICE_ATTR_RO(vgx_version);

static struct attribute *abi_attrs[] = {
	&dev_attr_element_header_bytes.attr,
	&dev_attr_checksum.attr,
	&dev_attr_sequence.attr,
	&dev_attr_init_rpcs.attr,
	&dev_attr_control_header_bytes.attr,
	&dev_attr_alloc_header_bytes.attr,
	&dev_attr_queue_args_bytes.attr,
	&dev_attr_gsp_args_bytes.attr,
	&dev_attr_system_info_bytes.attr,
	&dev_attr_static_info_bytes.attr,
	&dev_attr_vgx_version.attr,
	&dev_attr_releases.attr,
	&dev_attr_table_bytes.attr,
	NULL
};

static const struct attribute_group abi_group = { .name = "abi", .attrs = abi_attrs };

static u32 core_pending_calls(struct nova_gsp *gsp)
{
	u32 n;

	spin_lock_irq(&gsp->lock);
	n = gsp->flows->queued + !!gsp->sending;
	spin_unlock_irq(&gsp->lock);
	return n;
}

/* The ring is gone after an unload, so read it only while it is linked. */
static u32 core_statq_write(struct nova_gsp *gsp)
{
	u32 v = 0;

	mutex_lock(&gsp->rx_mutex);
	if (gsp->rxq.linked)
		v = READ_ONCE(*gsp->rxq.write_ptr);
	mutex_unlock(&gsp->rx_mutex);
	return v;
}

static u32 core_cmdq_read(struct nova_gsp *gsp)
{
	u32 v = 0;

	spin_lock_irq(&gsp->lock);
	if (gsp->txq.read_ptr) {
		nova_txq_refresh(&gsp->txq);
		v = gsp->txq.read;
	}
	spin_unlock_irq(&gsp->lock);
	return v;
}

GPU_ATTR(cmdq_slots, "%u", gpu->gsp->txq.count);
GPU_ATTR(cmdq_write, "%u", gpu->gsp->txq.write);
GPU_ATTR(cmdq_read, "%u", core_cmdq_read(gpu->gsp));
GPU_ATTR(cmdq_seq, "%u", gpu->gsp->txq.record_seq);
GPU_ATTR(statq_slots, "%u", gpu->gsp->rxq.count);
GPU_ATTR(statq_write, "%u", core_statq_write(gpu->gsp));
GPU_ATTR(statq_read, "%u", gpu->gsp->rxq.read);
GPU_ATTR(statq_seq, "%u", gpu->gsp->rxq.expected);
GPU_ATTR(rpc_queued, "%u", core_pending_calls(gpu->gsp));
GPU_ATTR(rpc_in_flight, "%u", gpu->gsp->inflight.live);
GPU_ATTR(rpc_owed, "%u", gpu->gsp->inflight.late);

static struct attribute *queue_attrs[] = {
	&dev_attr_cmdq_slots.attr,
	&dev_attr_cmdq_write.attr,
	&dev_attr_cmdq_read.attr,
	&dev_attr_cmdq_seq.attr,
	&dev_attr_statq_slots.attr,
	&dev_attr_statq_write.attr,
	&dev_attr_statq_read.attr,
	&dev_attr_statq_seq.attr,
	&dev_attr_rpc_queued.attr,
	&dev_attr_rpc_in_flight.attr,
	&dev_attr_rpc_owed.attr,
	NULL
};

static const struct attribute_group queue_group = { .name = "queues", .attrs = queue_attrs };

struct counter_attr {
	struct device_attribute dev_attr;
	enum nova_gsp_counter counter;
};

static ssize_t counter_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct counter_attr *c = container_of(attr, struct counter_attr, dev_attr);

	return sysfs_emit(buf, "%lld\n",
			  atomic64_read(&core_to_gpu(dev)->gsp->counters[c->counter]));
}

static struct counter_attr counters[NOVA_GSP_COUNTER_COUNT];
static struct attribute *counter_attrs[NOVA_GSP_COUNTER_COUNT + 1];

static const struct attribute_group counter_group = {
	.name = "counters",
	.attrs = counter_attrs,
};

const struct attribute_group *nova_gpu_groups[] = {
	&gpu_group,
	&abi_group,
	&queue_group,
	&counter_group,
	&nova_rpc_group,
	&nova_sched_group,
	&nova_vgpus_group,
	NULL
};

void nova_sysfs_init(void)
{
	u32 i;

	for (i = 0; i < NOVA_GSP_COUNTER_COUNT; i++) {
		struct device_attribute *attr = &counters[i].dev_attr;

		sysfs_attr_init(&attr->attr);
		attr->attr.name = nova_counter_name[i];
		attr->attr.mode = 0444;
		attr->show = counter_show;
		counters[i].counter = i;
		counter_attrs[i] = &attr->attr;
	}
}
