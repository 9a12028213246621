// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters of the boot. Each is checked when it is set, so that a
 * mistake stops the load of the module and not the boot of some GPU later.
 */
#define pr_fmt(fmt) "novabpf: " fmt

#include <linux/moduleparam.h>
#include <linux/string.h>
#include "boot.h"

#define REGISTRY_TEXT_BYTES	2048
#define TIMEOUT_MS_MIN		100
#define TIMEOUT_MS_MAX		600000

static char registry_text[REGISTRY_TEXT_BYTES];
static struct nova_registry registry;

static int boot_registry_set(const char *val, const struct kernel_param *kp)
{
	struct nova_registry_error err;
	int ret;

	if (strscpy(registry_text, val, sizeof(registry_text)) < 0) {
		pr_err("registry: the text is longer than %zu characters\n",
		       sizeof(registry_text) - 1);
		return -E2BIG;
	}
	ret = nova_registry_parse(registry_text, &registry, &err);
	if (ret)
		pr_err("registry: at character %u: %s (want Name=0x11;Other=text)\n",
		       err.pos + 1, err.why);
	return ret;
}

static int boot_registry_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", registry_text);
}

static const struct kernel_param_ops registry_ops = {
	.set = boot_registry_set,
	.get = boot_registry_get,
};
module_param_cb(registry, &registry_ops, NULL, 0444);
MODULE_PARM_DESC(registry,
		 "Settings for GSP-RM, \"Name=0x11;Other=text\": numbers and strings (default: none)");

static unsigned int boot_timeout_ms = 10000;

static int boot_timeout_set(const char *val, const struct kernel_param *kp)
{
	unsigned int ms;

	if (kstrtouint(val, 0, &ms) || ms < TIMEOUT_MS_MIN || ms > TIMEOUT_MS_MAX) {
		pr_err("boot_timeout_ms: \"%s\" is not a number from %u to %u\n", val,
		       TIMEOUT_MS_MIN, TIMEOUT_MS_MAX);
		return -EINVAL;
	}
	WRITE_ONCE(boot_timeout_ms, ms);
	return 0;
}

static const struct kernel_param_ops timeout_ops = {
	.set = boot_timeout_set,
	.get = param_get_uint,
};
module_param_cb(boot_timeout_ms, &timeout_ops, &boot_timeout_ms, 0644);
MODULE_PARM_DESC(boot_timeout_ms,
		 "Limit for the firmware to finish its boot, milliseconds, 100 to 600000 (default: 10000)");

static const struct nova_abi *abi_as;

static int boot_abi_as_set(const char *val, const struct kernel_param *kp)
{
	const struct nova_abi *below, *above;
	char release[NOVA_FW_RELEASE_BYTES];
	const char *name;

	if (strscpy(release, val, sizeof(release)) < 0) {
		pr_err("abi_as: the name of a release is shorter than %zu characters\n",
		       sizeof(release));
		return -EINVAL;
	}
	name = strim(release);
	abi_as = nova_abi_find(name);
	if (abi_as)
		return 0;
	nova_abi_nearest(name, &below, &above);
	pr_err("abi_as: release \"%s\" is unknown; nearest known: %s, %s\n", name,
	       below ? below->release : "none before it", above ? above->release : "none after it");
	return -EINVAL;
}

static int boot_abi_as_get(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%s\n", abi_as ? abi_as->release : "");
}

static const struct kernel_param_ops abi_as_ops = {
	.set = boot_abi_as_set,
	.get = boot_abi_as_get,
};
module_param_cb(abi_as, &abi_as_ops, NULL, 0444);
MODULE_PARM_DESC(abi_as,
		 "Treat firmware of an unknown release as this known one (default: refuse it)");

/* The release that unknown firmware is to be taken for, or NULL */
const struct nova_abi *nova_boot_abi_as(void)
{
	return abi_as;
}

u32 nova_boot_timeout_ms(void)
{
	return READ_ONCE(boot_timeout_ms);
}

const struct nova_registry *nova_boot_registry(void)
{
	return &registry;
}
