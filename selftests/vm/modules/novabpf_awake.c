// SPDX-License-Identifier: GPL-2.0-only
/*
 * As long as it is loaded, the machine's virtio devices are left out when the system
 * goes to sleep. The virtio bus resets a device on wake-up, and the driver of 9p has no
 * restore operation that would set its queue up anew: every access to the root file
 * system would then wait for ever.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/pci.h>

static void leave_out(bool yes)
{
	struct pci_dev *pdev = NULL;

	/* An empty PM domain would not do: without a callback of its own, the driver's runs. */
	for_each_pci_dev(pdev)
		if (pdev->vendor == PCI_VENDOR_ID_REDHAT_QUMRANET)
			dev_pm_syscore_device(&pdev->dev, yes);
}

static int __init novabpf_awake_init(void)
{
	leave_out(true);
	return 0;
}

static void __exit novabpf_awake_exit(void)
{
	leave_out(false);
}

module_init(novabpf_awake_init);
module_exit(novabpf_awake_exit);

MODULE_DESCRIPTION("Keeps the test machine's own devices awake");
MODULE_AUTHOR("The novabpf authors");
MODULE_LICENSE("GPL");
