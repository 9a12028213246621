#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bad input: one clear line, and nothing half-loaded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 20

refused() { # REGEX NAME PARAMETER=VALUE...
	local mark

	mark=$(dmesg_mark)
	fails "$2: refused" load_sim "${@:3}"
	like "$(dmesg_since "$mark")" "$1" "$2: says what is wrong"
	unload_all
}

refused '999\.1.*595\.45\.04' "unknown release" fw=999.1
refused '570\.145.*570\.144.*570' "release between two known ones" fw=570.145
refused 'nonsense' "release that is no number" fw=nonsense
refused 'gv100.*ga102' "unknown chip" chip=gv100
refused 'gpus' "too many GPUs" gpus=17
refused 'framebuffer of 12 MiB' "framebuffer too small" fb_mb=12
refused '570\.999.*570' "image of an unknown release" fw=570.144 fwversion=570.999
refused 'fault' "fault that does not exist" fault=explode

is "$(ls /sys/class/novabpf 2>/dev/null)" "" "no GPU is left"
modprobe novabpf abi_as=570.144
load_sim fw=570.144 fwversion=570.999
is "$(cat $gpu/state)" ready "the administrator may say which release an unknown one is like"
unload_all
fails "registry value without a name" modprobe novabpf registry==5
succeeds "and a good one is taken" modprobe novabpf registry='RmPVMRL=0x11;RmText="abc"'
unload_all
