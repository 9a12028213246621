#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Two virtual machines, each with a vGPU, work under a policy of the host.
. "$(dirname "$0")/../vm/lib.sh"
. "$(dirname "$0")/../vm/gsp.sh"
. "$(dirname "$0")/guest.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
guests_begin || skip_all "no nested KVM: this machine's processor has no virtualisation"
trap 'guests_end; lib_end' EXIT
plan 60

types=$gpu/device/mdev_supported_types
uuid=([1]=11111111-2222-3333-4444-555555555501 [2]=11111111-2222-3333-4444-555555555502)
began=$SECONDS
create() { echo "${uuid[$1]}" >"$types/novabpf_sim-NOVA-4Q/create"; }
remove() { echo 1 >"$mdevs/${uuid[$1]}/remove"; }
vgpu() { # NUMBER: directory of the guest's vGPU
	dirname "$(find -L "$gpu"/vgpu*/user -maxdepth 0 -samefile "$mdevs/${uuid[$1]}")"
}
v() { cat "${dir[$1]}/$2"; }
# What is shown at the end, whatever the outcome
note() { echo "# $*" | tee -a "$NOVABPF_OUT/report"; }
phase() { note "$((SECONDS - began)) s: $*"; }

# Of JSON on stdin, the last line: a Python expression with its members for names.
member() {
	python3 -c 'import json, sys
value = eval(sys.argv[1], {}, json.loads(sys.stdin.read().strip().split("\n")[-1]))
print(value)
sys.exit(not value)' "$1"
}

# The answer of a guest, and whether it is right: a condition on its last line.
says() { # NAME NUMBER CONDITION COMMAND
	local out status

	out=$(guest_do "$2" "$4" 2>&1)
	status=$?
	if ((status == 0)) && member "$3" <<<"$out" >/dev/null 2>&1; then
		ok "$1"
		note "guest $2: $(tail -n 1 <<<"$out")"
	else
		not_ok "$1" "exit $status: $4" "$out" "wanted: $3"
	fi
}
both() { # NAME CONDITION COMMAND
	local n

	for n in 1 2; do
		says "$1 (guest $n)" $n "$2" "$3"
	done
}

# Work that does not end, and how it goes
load() { # NUMBER
	guest_do "$1" "(novaguest run --seconds 100000 --length-us 10000 --every 200; \
		echo \$? >/run/status) >/run/load 2>&1 &"
}
progress() { guest_do "$1" "tail -n 1 /run/load" | member "$2"; } # NUMBER EXPRESSION
under_way() { [[ $(progress "$1" 'done') -gt ${2:-0} ]]; } # NUMBER [MORE-THAN]
had() { echo "$(v 1 stats/run_ns) $(v 2 stats/run_ns)"; }
# Lets them have so much of the engine and sets share_1, share_2, in 1/100 %.
share() { # GPU-SECONDS
	local a b c d end=$((SECONDS + 300))

	read -r a b < <(had)
	while read -r c d < <(had); do
		((c + d - a - b >= $1 * 1000000000 || SECONDS >= end)) && break
		sleep 0.2
	done
	share_1=$(((c - a) * 10000 / (c + d - a - b)))
	share_2=$((10000 - share_1))
	note "of $(((c + d - a - b) / 1000000)) ms: guest 1 $share_1, guest 2 $share_2 of 10000"
}
near() { # NAME GOT WANTED: within 3 % of it
	if (($2 * 100 >= $3 * 97 && $2 * 100 <= $3 * 103)); then ok "$1"; else
		not_ok "$1" "got $2, wanted $3 of 10000"
	fi
}
never_dry() { # NAME NUMBER
	is "$(progress "$2" 'dry == 0 and under_way_min > 0')" True "$1"
}

load_sim fb_mb=24576
modprobe novabpf_vfio
create 1
create 2
dir=([1]=$(vgpu 1) [2]=$(vgpu 2))
guest_start 1 "${uuid[1]}"
guest_start 2 "${uuid[2]}"
succeeds "guest 1 boots" guest_ready 1
succeeds "guest 2 boots" guest_ready 2
phase "both are up"
for n in 1 2; do
	is "$(v $n state) $(v $n vm_pid)" "ready ${guest_pid[$n]}" "its vGPU runs for its QEMU (guest $n)"
done

# Found, mapped
both "finds one device" 'len(devices) == 1' "novaguest list"
both "reads its registers" 'ready and regs_bytes == 65536 and fb_bar_bytes == 2**28 and len(engines) == 2' "novaguest info"
says "writes to the framebuffer" 1 'wrong_words == 0' "novaguest fb --seed 1"
says "so does the other" 2 'wrong_words == 0' "novaguest fb --seed 2"
says "neither sees the other's" 1 'wrong_words == 0' "novaguest fb --seed 1 --check"

# Work, interrupts, reset
both "work is done, item by item" 'done == 50 and dry == 49' \
	"novaguest run --items 50 --length-us 200 --window 1"
both "and many at once, several times round the ring" 'done == 1500' \
	"novaguest run --items 1500 --length-us 50 --channel 1"
both "INTx tells of each" 'items == 20 and interrupts >= 20' "novaguest irq --items 10"
both "MSI-X tells of each" 'items == 20 and interrupts >= 20' \
	"novaguest irq --items 10 --wait msix"
both "a reset under load" 'done == 10 and under_way > 0' "novaguest reset"
both "interrupts still come" 'interrupts >= 5' "novaguest irq --items 5 --wait msix --channel 0"

# Under a policy of the host. Long turns: what decisions cost, emulated twice, the guests
# want for themselves.
succeeds "the fair policy is attached" novabpf attach build/bpf/sched/fair.bpf.o \
	--set slice_us=20000
vgpu_of() { basename "${dir[$1]}"; }
succeeds "weight of guest 1" novabpf vgpu set 0 "$(vgpu_of 1)" weight=300
succeeds "weight of guest 2" novabpf vgpu set 0 "$(vgpu_of 2)" weight=100
load 1
load 2
succeeds "work of guest 1 is under way" wait_for 100 under_way 1
succeeds "work of guest 2 is under way" wait_for 100 under_way 2
share 30
near "3/4 for guest 1" "$share_1" 7500
near "1/4 for guest 2" "$share_2" 2500
phase "3:1 measured"
succeeds "other weights while they run" novabpf vgpu set 0 "$(vgpu_of 1)" weight=100
share 25
near "then half each" "$share_1" 5000
succeeds "another policy while they run" novabpf attach build/bpf/sched/rr.bpf.o \
	--set slice_us=20000 --replace
share 2
is "$((share_1 && share_2))" 1 "both have turns"
succeeds "none while they run" novabpf detach
for n in 1 2; do
	at=$(progress $n 'done')
	succeeds "it goes on (guest $n)" wait_for 100 under_way $n "$at"
done
never_dry "guest 1 always had work" 1
never_dry "guest 2 always had work" 2
phase "policies changed"

# One is killed
kill -9 "${guest_pid[2]}"
guest_gone 2 60
succeeds "killed, its vGPU is closed" wait_for 60 grep -q new "${dir[2]}/state"
share 1
is "$share_1" 10000 "the other has all"
at=$(progress 1 'done')
succeeds "and goes on" wait_for 100 under_way 1 "$at"
never_dry "without having noticed" 1
phase "killed"

# The killed one comes again, the other reboots with work under way
guest_start 2 "${uuid[2]}"
guest_tell 1 "reboot -f"
succeeds "the killed one boots again" guest_ready 2
succeeds "the other reboots" guest_ready 1
phase "both are up again"
both "the framebuffer is zero" 'wrong_words == 0' "novaguest fb --zero"
both "work is done" 'done == 20' "novaguest run --items 20"

# Unplug, shutdown
load 1
succeeds "its work is under way" wait_for 100 under_way 1
succeeds "a device is removed while its guest works" timeout 100 sh -c "echo 1 >$mdevs/${uuid[1]}/remove"
says "the guest goes on without it" 1 'devices == []' "novaguest list"
succeeds "its program ends" wait_for 100 guest_do 1 "test -e /run/status"
like "$(guest_do 1 "tail -n 1 /run/load; cat /run/status" | tr '\n' ' ')" "is gone 1" "and says why"
for n in 1 2; do
	guest_tell $n "poweroff -f"
	guest_gone $n 60
	is $? 0 "guest $n shuts down"
	is "$(guest_splats $n)" "" "its kernel has nothing to complain of"
done
is "$(cat "${dir[2]}/state") $(cat "$gpu/vgpu_quarantined") $(cat "$gpu/state")" "new 0 ready" \
	"the GPU is well"
phase "done"
succeeds "all unloads" unload_all
