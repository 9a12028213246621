#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What mdevctl, the tool of this project and sysfs say of the same devices.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
plan 28

types=$gpu/device/mdev_supported_types
type=novabpf_sim-NOVA-4Q
a=11111111-2222-3333-4444-555555555501
b=11111111-2222-3333-4444-555555555502
v() { cat "$gpu/$1" 2>/dev/null; }
left() { echo "$(cat $types/$type/available_instances) $(cat $gpu/vgpu_types/NOVA-4Q/available_instances)"; }
# Devices as each of them lists them
uuids() { find /sys/bus/mdev/devices/ -mindepth 1 -printf '%f\n' | sort | paste -sd ' '; }
of_mdevctl() { mdevctl list | awk 'NF { print $1 }' | sort | paste -sd ' '; }
of_tool() {
	for v in $(novabpf vgpu list 0 | grep -o 'vgpu[0-9]\+'); do
		readlink "$gpu/$v/user"
	done | sed "s,.*/,," | sort -u | paste -sd ' '
}

load_sim fb_mb=24576
modprobe novabpf_vfio
said=$(mdevctl types)
is "$(head -n 1 <<<"$said")" novabpf_sim.0 "mdevctl sees the GPU"
is "$(grep -c '^  novabpf_sim-' <<<"$said")" "$(find "$gpu/vgpu_types/" -mindepth 1 -maxdepth 1 | wc -l)" \
	"and all of its types"
like "$(grep -A4 "^  $type$" <<<"$said" | paste -sd ' ')" \
	'Available instances: 6 .*Device API: vfio-pci .*Name: NOVA-4Q .*framebuffer=4000M' \
	"with what is known of them"
succeeds "mdevctl makes a device" mdevctl start -u $a -p novabpf_sim.0 --type $type
echo $b >"$types/$type/create"
is "$(of_mdevctl)" "$a $b" "mdevctl lists it, and one made by hand"
is "$(of_tool)" "$(uuids)" "and so does the tool"
is "$(left)" "4 4" "all count the same places"
succeeds "the tool makes one of its own" novabpf vgpu create 0 NOVA-4Q
is "$(left) $(of_mdevctl)" "3 3 $a $b" "which takes a place and is no mediated device"
fails "mdevctl and the GPU refuse another type" mdevctl start -p novabpf_sim.0 --type novabpf_sim-NOVA-2Q
succeeds "what mdevctl defines" mdevctl define -u 11111111-2222-3333-4444-555555555503 -p novabpf_sim.0 --type $type
succeeds "it can start" mdevctl start -u 11111111-2222-3333-4444-555555555503
is "$(left)" "2 2" "with a place"
succeeds "mdevctl ends what was made by hand" mdevctl stop -u $b
is "$(of_tool | wc -w) $(left)" "2 3 3" "and it is gone everywhere"

# What the tools of the field look for: a parent with a bus and a driver, below which the
# devices are, and that says when it takes any.
parent=$(readlink -f /sys/class/mdev_bus/novabpf_sim.0)
is "$parent $(basename "$(readlink "$parent/subsystem")") $(basename "$(readlink "$parent/driver")")" \
	"$(readlink -f $gpu/device) platform novabpf_sim" "the parent is the device on its bus"
is "$(dirname "$(readlink -f /sys/bus/mdev/devices/$a)")" "$parent" "with the mediated devices below it"

# Settings that are part of a definition
c=11111111-2222-3333-4444-555555555504
define() { mdevctl modify -u $c --addattr="$1" --value="$2"; }
mdevctl define -u $c -p novabpf_sim.0 --type $type
succeeds "a weight is part of a definition" define weight 300
succeeds "and a cap" define cap_pct 40
succeeds "and a priority" define priority 2
succeeds "it starts" mdevctl start -u $c
gc=$(basename "$(dirname "$(find -L "$gpu"/vgpu*/user -maxdepth 0 -samefile /sys/bus/mdev/devices/$c)")")
is "$(cat "$gpu/$gc"/{weight,cap_pct,priority} | paste -sd ' ')" "300 40 2" "with what was defined"
echo 250 >/sys/bus/mdev/devices/$c/weight
is "$(cat /sys/bus/mdev/devices/$c/weight "$gpu/$gc/weight" | paste -sd ' ')" "250 250" \
	"one setting by two names"
fails "what is out of range is refused" sh -c "echo 101 >/sys/bus/mdev/devices/$c/cap_pct"
mdevctl stop -u $c
mdevctl modify -u $c --addattr=weight --value=0 --index=0
fails "and a definition with it does not start" mdevctl start -u $c

# Autostart: what mdevctl's udev rule is told of, and what it runs.
mdevctl undefine -u $c
mdevctl define -u $c -p novabpf_sim.0 --type $type --auto
mdevctl modify -u $c --addattr=weight --value=300
rmmod novabpf_vfio
udevadm monitor --kernel --property >/run/events 2>/dev/null &
monitor=$!
wait_for 20 grep -q '^KERNEL - ' /run/events
modprobe novabpf_vfio
succeeds "a parent that comes says so" wait_for 20 grep -q '^MDEV_STATE=registered' /run/events
kill $monitor
mdevctl start-parent-mdevs novabpf_sim.0
gc=$(basename "$(dirname "$(find -L "$gpu"/vgpu*/user -maxdepth 0 -samefile /sys/bus/mdev/devices/$c)")")
is "$(v "$gc/weight")" 300 "what the rule runs then makes what was defined"
succeeds "all unloads" unload_all
