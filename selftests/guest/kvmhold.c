// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps a KVM machine open until it is killed. The kernel patches its own code when the
 * first machine comes and when the last goes, and also when the first CPU comes whose
 * local APIC is switched off and when none is left. Emulated CPUs have been seen to trip
 * over that. So none of it happens while tests start and kill machines: this machine has a
 * CPU that never runs, and an APIC that stays off.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR), vm = -1;

	if (kvm >= 0)
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0 || ioctl(vm, KVM_CREATE_IRQCHIP, 0) || ioctl(vm, KVM_CREATE_VCPU, 0) < 0) {
		perror("kvmhold");
		return 1;
	}
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}
