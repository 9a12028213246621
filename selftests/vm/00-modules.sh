#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The machine itself and the loading of the modules.
. "$(dirname "$0")/lib.sh"
plan 6

is "$(id -u)" 0 "commands run as root"
succeeds "BPF file system is mounted" mountpoint -q /sys/fs/bpf
succeeds "debugfs and tracefs are mounted" test -d /sys/kernel/debug -a -e /sys/kernel/tracing/README
succeeds "novabpf loads" modprobe novabpf
like "$(novabpf version)" "^novabpf $(<VERSION)"$'\n'".*module $(<VERSION)" "tool and module tell the version"
succeeds "novabpf unloads" rmmod novabpf
