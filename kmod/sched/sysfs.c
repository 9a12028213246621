// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/novabpf/gpuN/sched: the policy, settings of the built-in policies,
 * counters, and how the last policy ended.
 */
#include <linux/device.h>
#include <linux/sysfs.h>
#include "runlist.h"

static struct nova_sched *sched_to_sched(struct device *dev)
{
	struct nova_gpu *gpu = dev_get_drvdata(dev);

	return gpu->sched;
}

static const char * const state_name[] = {
	[NOVA_SCHED_BUILTIN] = "builtin",
	[NOVA_SCHED_ENABLING] = "enabling",
	[NOVA_SCHED_ENABLED] = "enabled",
	[NOVA_SCHED_DISABLING] = "disabling",
	[NOVA_SCHED_FAULTED] = "faulted",
};

static const char * const builtin_name[] = {
	[NOVA_BUILTIN_BEST_EFFORT] = "best-effort",
	[NOVA_BUILTIN_EQUAL_SHARE] = "equal-share",
	[NOVA_BUILTIN_FIXED_SHARE] = "fixed-share",
};

#define SCHED_RO(_name, _fmt, _value)							\
static ssize_t _name##_show(struct device *dev, struct device_attribute *attr, char *buf)	\
{											\
	struct nova_sched *s = sched_to_sched(dev);						\
	ssize_t len;									\
											\
	mutex_lock(&s->lock);								\
	len = sysfs_emit(buf, _fmt "\n", _value);					\
	mutex_unlock(&s->lock);								\
	return len;									\
}											\
static DEVICE_ATTR_RO(_name)

static u64 sched_count(struct nova_sched *s, enum nova_sched_stat c)
{
	return atomic64_read(&s->count[c]);
}

static const char *sched_policy_name(struct nova_sched *s)
{
	return s->policy ? s->policy->ops->name : "";
}

static u32 sched_policy_timeout_ms(struct nova_sched *s)
{
	return s->policy ? nova_policy_timeout_ms(s->policy->ops) : NOVA_SCHED_TIMEOUT_MS;
}

static u64 sched_policy_wait_max_us(struct nova_sched *s)
{
	return s->policy ? div_u64(READ_ONCE(s->policy->wait_max_ns), NSEC_PER_USEC) : 0;
}

/* dev_attr_state is the core's. */
static ssize_t sched_state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", state_name[READ_ONCE(sched_to_sched(dev)->state)]);
}

static struct device_attribute dev_attr_sched_state = __ATTR(state, 0444, sched_state_show, NULL);

SCHED_RO(policy, "%s", sched_policy_name(s));
SCHED_RO(timeout_ms, "%u", sched_policy_timeout_ms(s));
SCHED_RO(wait_max_us, "%llu", sched_policy_wait_max_us(s));
SCHED_RO(slots, "%u", s->slots);
SCHED_RO(enable_seq, "%llu", s->enable_seq);
SCHED_RO(attached_ns, "%llu", s->policy ? s->policy->attached_ns : 0);
SCHED_RO(now_ns, "%llu", nova_now_ns(s->gpu));
SCHED_RO(decisions, "%llu", sched_count(s, NOVA_SCHED_STAT_DECISIONS));
SCHED_RO(nr_rejected, "%llu", sched_count(s, NOVA_SCHED_STAT_REJECTED));
SCHED_RO(exit_kind, "%u", s->last.kind);
SCHED_RO(exit_code, "%lld", s->last.code);
SCHED_RO(exit_at_ns, "%llu", s->last.at_ns);
SCHED_RO(exit_gfid, "%u", s->last.gfid);
SCHED_RO(exit_reason, "%s", s->last.reason);
SCHED_RO(exit_msg, "%s", s->last.msg);
SCHED_RO(exit_policy, "%s", s->last_name);

static ssize_t events_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct nova_sched *s = sched_to_sched(dev);
	ssize_t len = 0;
	u32 i;

	mutex_lock(&s->lock);
	for (i = 0; i < NOVA_SCHED_STATS; i++)
		len += sysfs_emit_at(buf, len, "%s %lld\n", nova_sched_stat_name[i],
				     atomic64_read(&s->count[i]));
	for (i = 0; i < NOVA_DECISION_VERDICTS; i++)
		len += sysfs_emit_at(buf, len, "verdict_%s %lld\n", nova_verdict_name[i],
				     atomic64_read(&s->verdicts[i]));
	for (i = 1; s->policy && i < NOVA_SCHED_OPS; i++)
		len += sysfs_emit_at(buf, len, "op_%s %lld\n", nova_sched_op_name[i],
				     atomic64_read(&s->policy->calls[i]));
	mutex_unlock(&s->lock);
	return len;
}
static DEVICE_ATTR_RO(events);

static ssize_t runlists_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct nova_sched *s = sched_to_sched(dev);
	ssize_t len = 0;
	u32 i;

	for (i = 0; i < s->nr_rl; i++) {
		struct nova_runlist *rl = s->rl[i];
		struct nova_sched_rl *pub = &rl->rq.pub;
		u64 us = 0;

		spin_lock_irq(&rl->lock);
		if (rl->phase == NOVA_RL_SWITCH)
			us = div_u64(nova_now_ns(s->gpu) - rl->switch_since_ns, NSEC_PER_USEC);
		len += sysfs_emit_at(buf, len, "%u %u %s %u %u %u %llu %llu %s %llu\n", i,
				     pub->engine_id, rl->name, pub->nr_vgpus, pub->nr_runnable,
				     pub->curr_gfid, pub->nr_decisions, rl->switches,
				     nova_rl_phase_name[rl->phase], us);
		spin_unlock_irq(&rl->lock);
	}
	return len;
}
static DEVICE_ATTR_RO(runlists);

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	bool yes;

	if (kstrtobool(buf, &yes) || !yes) {
		dev_err(dev, "sched/reset: write 1\n");
		return -EINVAL;
	}
	nova_policy_reset(sched_to_sched(dev), NOVA_EXIT_RESET);
	return count;
}
static DEVICE_ATTR_WO(reset);

static ssize_t builtin_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", builtin_name[READ_ONCE(sched_to_sched(dev)->builtin)]);
}

static ssize_t builtin_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct nova_sched *s = sched_to_sched(dev);
	u32 i;

	for (i = NOVA_BUILTIN_BEST_EFFORT; i <= NOVA_BUILTIN_FIXED_SHARE; i++)
		if (sysfs_streq(buf, builtin_name[i]))
			break;
	if (i > NOVA_BUILTIN_FIXED_SHARE) {
		dev_err(dev, "sched/builtin: want best-effort, equal-share or fixed-share\n");
		return -EINVAL;
	}
	mutex_lock(&s->lock);
	s->builtin = i;
	nova_sched_apply(s);
	mutex_unlock(&s->lock);
	return count;
}
static DEVICE_ATTR_RW(builtin);

/* A number in a range, or 0 for the default if @zero is set. */
struct setting {
	struct device_attribute attr;
	size_t offset;
	bool zero;
	u32 min;
	u32 max;
};

static u32 *sched_value_of(struct device *dev, const struct setting *set)
{
	return (void *)sched_to_sched(dev) + set->offset;
}

static ssize_t setting_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct setting *set = container_of(attr, struct setting, attr);

	return sysfs_emit(buf, "%u\n", READ_ONCE(*sched_value_of(dev, set)));
}

static ssize_t setting_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct setting *set = container_of(attr, struct setting, attr);
	struct nova_sched *s = sched_to_sched(dev);
	u32 v;

	if (kstrtou32(buf, 0, &v) ||
	    ((v < set->min || v > set->max) && (v || !set->zero))) {
		dev_err(dev, "sched/%s: want %u to %u%s\n", attr->attr.name, set->min, set->max,
			set->zero ? ", or 0 for the default" : "");
		return -EINVAL;
	}
	mutex_lock(&s->lock);
	*sched_value_of(dev, set) = v;
	nova_sched_apply(s);
	mutex_unlock(&s->lock);
	return count;
}

#define SETTING(_name, _zero, _min, _max)						\
static struct setting set_##_name = {							\
	.attr = { .attr = { .name = #_name, .mode = 0644 },				\
		  .show = setting_show, .store = setting_store },			\
	.offset = offsetof(struct nova_sched, _name),					\
	.zero = _zero,									\
	.min = _min,									\
	.max = _max,									\
}

SETTING(arr, false, 0, 1);
SETTING(arr_frequency_hz, true, NOVA_ARR_FREQUENCY_MIN, NOVA_ARR_FREQUENCY_MAX);
SETTING(arr_avg_factor, false, NOVA_ARR_FACTOR_MIN, NOVA_ARR_FACTOR_MAX);
SETTING(slice_us, true, NOVA_BUILTIN_SLICE_US_MIN, NOVA_BUILTIN_SLICE_US_MAX);

static struct attribute *sched_attrs[] = {
	&dev_attr_sched_state.attr,
	&dev_attr_policy.attr,
	&dev_attr_builtin.attr,
	&set_arr.attr.attr,
	&set_arr_frequency_hz.attr.attr,
	&set_arr_avg_factor.attr.attr,
	&set_slice_us.attr.attr,
	&dev_attr_timeout_ms.attr,
	&dev_attr_wait_max_us.attr,
	&dev_attr_slots.attr,
	&dev_attr_enable_seq.attr,
	&dev_attr_attached_ns.attr,
	&dev_attr_now_ns.attr,
	&dev_attr_decisions.attr,
	&dev_attr_nr_rejected.attr,
	&dev_attr_events.attr,
	&dev_attr_runlists.attr,
	&dev_attr_reset.attr,
	&dev_attr_exit_kind.attr,
	&dev_attr_exit_code.attr,
	&dev_attr_exit_at_ns.attr,
	&dev_attr_exit_gfid.attr,
	&dev_attr_exit_reason.attr,
	&dev_attr_exit_msg.attr,
	&dev_attr_exit_policy.attr,
	NULL
};

const struct attribute_group nova_sched_group = { .name = "sched", .attrs = sched_attrs };
