#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vGPUs as mediated VFIO devices, driven by a program without a virtual machine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 53

types=$gpu/device/mdev_supported_types
direct=build/selftests/vfio/vfio_direct
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
v() { cat "$gpu/$1" 2>/dev/null; }
create() { echo "$2" >"$types/novabpf_sim-$1/create"; } # TYPE UUID
remove() { echo 1 >"/sys/bus/mdev/devices/$1/remove"; }
check() { succeeds "direct: $1" timeout 60 "$direct" "$@"; }

# What the ecosystem's tools look at
load_sim fb_mb=24576 gpus=2
succeeds "the module loads" modprobe novabpf_vfio
succeeds "the GPU is an mdev parent" test -e /sys/class/mdev_bus/novabpf_sim.0/mdev_supported_types
is "$(cat "$types"/novabpf_sim-NOVA-4Q/{name,device_api,available_instances})" $'NOVA-4Q\nvfio-pci\n6' \
	"a type says name, interface and how many"
like "$(cat "$types/novabpf_sim-NOVA-4Q/description")" "^framebuffer=[0-9]*M, max_instance=6, class=Quadro" \
	"and what it is"
is "$(find "$types/" -mindepth 1 -maxdepth 1 | wc -l)" "$(find "$gpu/vgpu_types/" -mindepth 1 -maxdepth 1 | wc -l)" \
	"there is one for each vGPU type"
fails "a bad uuid" create NOVA-4Q 1234
succeeds "a device is created" create NOVA-4Q $a
fails "its uuid is taken, on another GPU as well" sh -c \
	"echo $a >/sys/class/mdev_bus/novabpf_sim.1/mdev_supported_types/novabpf_sim-NOVA-4Q/create"
fails "a type that does not go with it" create NOVA-2Q $b
is "$(v vgpu1/state) $(v vgpu1/type) $(basename "$(readlink "$gpu/vgpu1/user")")" "new NOVA-4Q $a" \
	"it has a vGPU, not started"
is "$(cat "$types/novabpf_sim-NOVA-4Q/available_instances") $(v vgpu_types/NOVA-4Q/available_instances)" \
	"5 5" "and takes a place"
like "$(novabpf vgpu list 0)" "vgpu1 .*NOVA-4Q .*new" "the tool lists it"
fails "which the tool cannot destroy" novabpf vgpu destroy 0 vgpu1
succeeds "its weight can be set" novabpf vgpu set 0 vgpu1 weight=300
succeeds "another is made by the tool" novabpf vgpu create 0 NOVA-4Q --count 4
succeeds "and one more by uuid" create NOVA-4Q $b
is "$(cat "$types/novabpf_sim-NOVA-4Q/available_instances")" 0 "then all places are taken"
fails "and no more" create NOVA-4Q 11111111-2222-3333-4444-555555555503
for i in 2 3 4 5; do novabpf vgpu destroy 0 $i; done

check info $a
is "$(v vgpu1/state) $(v vgpu1/vm_pid)" "new 0" "closed, it is as before"
check config $a
check regs $a
check fb $a
check work $a
check errors $a
check master $a
check msix $a
check intx $a
check reset $a
check unmap $a
check two $a $b
check crossed $a $b

# Users that go without a word, and devices that go with a user
"$direct" hold $a >"$NOVABPF_OUT/hold" &
pid=$!
wait_for 20 grep -q open "$NOVABPF_OUT/hold"
is "$(v vgpu1/state) $(v vgpu1/vm_pid) $(v vgpu1/weight)" "ready $pid 300" "an open one runs"
fails "it has one user" timeout 20 "$direct" open $a
kill -9 $pid
wait $pid 2>/dev/null
succeeds "killed, it is closed" wait_for 20 grep -q new "$gpu/vgpu1/state"
"$direct" hold $a >"$NOVABPF_OUT/hold" &
wait_for 20 grep -q open "$NOVABPF_OUT/hold"
fails "the module is in use" rmmod novabpf_vfio
succeeds "removed while open" remove $a
is "$(cat "$NOVABPF_OUT/hold")" $'open\nasked' "its user was asked for it"
is "$(cat "$types/novabpf_sim-NOVA-4Q/available_instances") $(v vgpu_count)" "5 1" "nothing is left of it"

# The GPU loses a vGPU: its own crash, then a reset of the GPU
lost() { # Ends with the status of a user who resets what the GPU lost
	wait $lost && [[ $(<"$NOVABPF_OUT/lost") == $'open\nback' ]]
}
begin() {
	"$direct" lost $a >"$NOVABPF_OUT/lost" &
	lost=$!
	wait_for 20 grep -q open "$NOVABPF_OUT/lost"
}
create NOVA-4Q $a
ga=$(basename "$(dirname "$(find -L "$gpu"/vgpu*/user -maxdepth 0 -samefile /sys/bus/mdev/devices/$a)")")
gb=$(basename "$(dirname "$(find -L "$gpu"/vgpu*/user -maxdepth 0 -samefile /sys/bus/mdev/devices/$b)")")
"$direct" hold $b >"$NOVABPF_OUT/hold" &
hold=$!
wait_for 20 grep -q open "$NOVABPF_OUT/hold"
begin
fault plugin crash "$(v "$ga/gfid")"
if lost; then ok "a crash is told, and a reset brings it back"; else not_ok "crash"; fi
is "$(v "$gb/state")" ready "the other goes on"
kill $hold
wait $hold 2>/dev/null
begin
echo 1 >"$gpu/recover"
if lost; then ok "so it is with a reset of the GPU"; else not_ok "reset of the GPU"; fi

# A GPU that is not in service
echo 0 >/sys/module/novabpf/parameters/recoveries_max
fault halt
wait_for 20 grep -q failed "$gpu/state"
fails "a GPU that failed takes no device" create NOVA-4Q 11111111-2222-3333-4444-555555555503
fails "and opens none" timeout 20 "$direct" open $a
is "$(v "$ga/state")" new "which stays"
succeeds "a device of it can be removed" remove $b
echo 1 >"$gpu/recover"
check open $a

# The GPU goes with a user; the user hears of it, and it goes once he has closed
"$direct" hold $a >"$NOVABPF_OUT/hold" &
wait_for 20 grep -q open "$NOVABPF_OUT/hold"
succeeds "the GPUs go with a device open" rmmod novabpf_sim
is "$(cat "$NOVABPF_OUT/hold")" $'open\nasked' "its user was asked for it"
is "$(find /sys/bus/mdev/devices/ -mindepth 1 | wc -l)" 0 "and no device is left"
succeeds "they come again" load_sim
succeeds "and are offered again" create NOVA-4Q $a
succeeds "all unloads with a device there" unload_all
