// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps an empty KVM machine open until it is killed. The kernel patches its own code
 * when the first machine comes and when the last goes; emulated CPUs have been seen to
 * trip over that. So neither happens while tests start and kill machines.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR);

	if (kvm < 0 || ioctl(kvm, KVM_CREATE_VM, 0) < 0) {
		perror("kvmhold");
		return 1;
	}
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}
