#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Takes the machine down by a fault in a module of ours.
. "$(dirname "$0")/../lib.sh"
plan 1
modprobe novabpf_splat fatal=1
ok "30 ran"
