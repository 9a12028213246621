# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Guests of the virtual machine that the tests run in; after ../vm/lib.sh. A guest is
# a number. What it says on its console is in $NOVABPF_OUT/guest-NUMBER.log.

mdevs=/sys/bus/mdev/devices
guest_dir=$(mktemp -d)
declare -A guest_pid guest_in guest_out

# What guests need of this machine. Return: 1 where it cannot have any.
guests_begin() {
	modprobe kvm_amd 2>/dev/null || modprobe kvm_intel 2>/dev/null
	[[ -c /dev/kvm ]] || return
	modprobe -a vfio_iommu_type1 vfio_pci
	build/selftests/guest/kvmhold >"$guest_dir/hold" &
	guest_hold=$!
	wait_for 20 grep -q held "$guest_dir/hold"
}

guests_end() {
	local n

	for n in "${!guest_pid[@]}"; do
		kill -9 "${guest_pid[$n]}" 2>/dev/null
	done
	kill "$guest_hold" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$guest_dir"
}

guest_start() { # NUMBER UUID: starts it, waits for nothing
	local pipe=$guest_dir/$1 log=$NOVABPF_OUT/guest-$1.log in out

	rm -f "$pipe".{in,out}
	mkfifo "$pipe".{in,out}
	qemu-system-x86_64 -machine pc,accel=kvm -cpu host -m 192M -nodefaults -no-user-config \
		-display none -serial "file:$log" -serial "pipe:$pipe" \
		-kernel "/boot/vmlinuz-$(uname -r)" -initrd "build/guest/$(uname -r).cpio" \
		-append "console=ttyS0 panic=-1 loglevel=5 nokaslr mitigations=off tsc=reliable no_timer_check audit=0 apparmor=0" \
		-device "vfio-pci,sysfsdev=$mdevs/$2" </dev/null >"$log.qemu" 2>&1 &
	guest_pid[$1]=$!
	exec {in}<>"$pipe.in" {out}<>"$pipe.out"
	guest_in[$1]=$in guest_out[$1]=$out
}

# Until it takes commands, after a start or a reboot
guest_ready() { # NUMBER
	local line

	while read -r -t 300 -u "${guest_out[$1]}" line; do
		[[ $line == '<<READY>>' ]] && return
	done
	return 1
}

# Has a guest do something; its output and status are the command's.
guest_do() { # NUMBER COMMAND
	local line

	echo "$2" >&"${guest_in[$1]}"
	while read -r -t 120 -u "${guest_out[$1]}" line; do
		[[ $line =~ ^'<<END '([0-9]+)'>>'$ ]] && return "${BASH_REMATCH[1]}"
		[[ $line ]] && echo "$line"
	done
	echo "guest $1 does not answer"
	return 124
}

guest_tell() { # NUMBER COMMAND: without an answer
	echo "$2" >&"${guest_in[$1]}"
}

# Ends with the status of its QEMU, 124 where that does not end.
guest_gone() { # NUMBER SECONDS
	local pid=${guest_pid[$1]}

	wait_for "$2" eval "! kill -0 $pid" || return 124
	unset "guest_pid[$1]"
	wait "$pid" 2>/dev/null
}

# What its kernel has to say: nothing.
guest_splats() { # NUMBER
	tools/vm/splat-scan "$NOVABPF_OUT/guest-$1.log"
}
