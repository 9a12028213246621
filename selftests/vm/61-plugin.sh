#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each step of a vGPU's life with each way in which it can fail: what the caller is
# told, what becomes of the vGPU, what is kept and what can be used again; and that its
# neighbour has seen nothing of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
needs_struct_ops

# do: what is done to a vGPU that is ready, but for create.
# fault: of the simulated GPU; or a rule of novabpf inject, which has a "=".
# says: errno, empty for success. state: gone, or as in sysfs. why: in failure, or the log.
#
# do; fault; says; state; why
rows='
create;cmd=0x20804001 phase=reply action=drop;timed out;quarantined;BOOTLOAD_GSP_VGPU_PLUGIN_TASK failed
create;event=VGPU_GSP_PLUGIN_TRIGGERED action=drop;timed out;quarantined;did not report within
create;function=GSP_RM_ALLOC phase=reply action=drop;timed out;quarantined;allocation of an RM object failed
create;plugin mute;timed out;quarantined;did not report within
create;plugin rpc 1 mute;timed out;quarantined;did not answer VERSION within 2000 ms
create;plugin rpc 1 late 1000000;;ready;
create;plugin rpc 1 refuse 86;Remote I/O;gone;refused VERSION: NV_ERR_NOT_SUPPORTED .0x56
create;plugin rpc 1 badversion;Remote I/O;gone;chose version 99 of its requests, wanted 1 to 1
create;plugin rpc 1 wrongseq;Bad message;quarantined;answered VERSION with request 1001, wanted 1
create;plugin rpc 1 crash;Remote I/O;gone;the plugin task crashed over VERSION
create;plugin rpc 2 mute;timed out;quarantined;did not answer SETUP
create;plugin rpc 2 late 7000000;timed out;quarantined;did not answer SETUP
create;plugin rpc 2 refuse 31;Remote I/O;gone;refused SETUP
create;plugin rpc 2 crash;Remote I/O;gone;the plugin task crashed over SETUP
create;scrub dirty;Input/output;quarantined;its framebuffer could not be zeroed
reset;;;ready;
reset;plugin rpc 3 mute;timed out;quarantined;did not answer RESET
reset;plugin rpc 3 wrongseq;Bad message;quarantined;answered RESET with request 1003, wanted 3
reset;plugin rpc 3 refuse 64;;ready;
reset;plugin rpc 3 crash;;ready;
destroy;;;gone;
destroy;plugin keep;timed out;quarantined;did not report its end within
destroy;scrub dirty;Input/output;quarantined;its framebuffer could not be zeroed
destroy;cmd=0x20804002 phase=reply action=drop;timed out;quarantined;SHUTDOWN_GSP_VGPU_PLUGIN_TASK failed
destroy;cmd=0x20804008 phase=reply action=drop;timed out;quarantined;VGPU_PLUGIN_CLEANUP failed
destroy;cmd=0x20804008 phase=reply action=late time=3s;;gone;
destroy;function=FREE phase=reply action=drop;timed out;quarantined;channel groups did not stop
destroy;function=FREE phase=reply action=drop nth=2;timed out;quarantined;release of the RM client
'
nr=$(grep -c ';' <<<"$rows")
kept_nr=$(grep -c ';quarantined;' <<<"$rows")
plan $((nr + 14))

param=/sys/module/novabpf/parameters
trace=/sys/kernel/tracing
sim=/sys/kernel/debug/novabpf_sim/gpu0/status
v() { cat "$gpu/$1" 2>/dev/null || echo gone; }
create() { echo "type=NOVA-test gfid=$1 vm_pid=$((4000 + $1))" >"$gpu/vgpu_create"; }
act() { # DO GFID
	case $1 in
	create) create "$2" ;;
	reset) echo 1 >"$gpu/vgpu$2/reset" ;;
	destroy) echo "$2" >"$gpu/vgpu_destroy" ;;
	esac
}

row() { # GFID DO FAULT SAYS STATE WHY
	local gfid=$1 said why wrong=() mark

	[[ $2 == create ]] || create "$gfid" || wrong+=("not created")
	mark=$(dmesg_mark)
	case $3 in
	event=*) novabpf inject add "$3 times=1" >/dev/null || wrong+=("no rule") ;;
	*=*) novabpf inject add "$3 gfid=$gfid times=1" >/dev/null || wrong+=("no rule") ;;
	?*) fault "$3" || wrong+=("no fault") ;;
	esac
	said=$(act "$2" "$gfid" 2>&1)
	[[ $said =~ $4 && ( $4 || ! $said ) ]] || wrong+=("said '$said'")
	[[ $(v "vgpu$gfid/state") == "$5" ]] || wrong+=("is $(v "vgpu$gfid/state")")
	why=$(v "vgpu$gfid/failure")
	[[ $why != gone ]] || why=$(dmesg_since "$mark")
	[[ ! $6 || $why =~ $6 ]] || wrong+=("because '$why'")
	[[ $(v vgpu1/state) == ready ]] || wrong+=("the neighbour is $(v vgpu1/state)")
	if [[ $5 == quarantined ]]; then
		kept=$((kept + 1))
		said=$(create "$gfid" 2>&1) && wrong+=("its gfid is used again")
		[[ $said =~ exists ]] || wrong+=("of its gfid it says '$said'")
	elif [[ $5 == gone ]]; then
		create "$gfid" || wrong+=("its gfid cannot be used again")
		[[ $(v "vgpu$gfid/state") == ready ]] || wrong+=("the next is not ready")
	fi
	[[ $(v vgpu_quarantined) == "$kept" ]] ||
		wrong+=("$(v vgpu_quarantined) in quarantine, wanted $kept")
	if ((${#wrong[@]})); then not_ok "$2, ${3:-no fault}" "${wrong[@]}"; else ok "$2, ${3:-no fault}"; fi
}

mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
load_sim fw=580.95.05 clock=virtual
echo 1 >$param/allow_injection
echo 0 >$param/rpc_timeouts_reset
echo 2000 >$param/vgpu_rpc_timeout_ms
echo 6000 >$param/rpc_slow_timeout_ms

# The table of types: of several records, one of which is lost.
fault record lose 4
fails "a record of the table of types is lost" create 1
is "$(v vgpu_count) $(v vgpu_quarantined)" "0 0" "nothing is left of the vGPU"
before=$(awk '/^records in:/ { print $3 }' $sim)
succeeds "the next one sends the table again" create 1
records=$(($(awk '/^records in:/ { print $3 }' $sim) - before))
is "$((records >= 11 + 4)) $(awk '/^vGPU types:/ { print $3 }' $sim)" "1 10" \
	"in 11 records at least, and it is taken"
is "$(v vgpu1/plugin_version) $(v vgpu1/plugin_result)" "1 0x0" "host and plugin task agree"
like "$(<$sim)" "vm pid that was told last: 4001" "the firmware was told the process"
like "$(novabpf vgpu show 0 1)" "vm_pid +4001" "and the tool tells it, too"

kept=0 gfid=1
while IFS=';' read -r -a field; do
	[[ ${field[0]} ]] || continue
	gfid=$((gfid + 1))
	row "$gfid" "${field[@]:0:5}"
done <<<"$rows"
novabpf inject clear >/dev/null
is "$kept" "$kept_nr" "all that may be in use is kept"
is "$(cat "$gpu"/vgpu*/fb_offset | sort | uniq -d | wc -l)" 0 "and nobody else has it"

echo 1 >$trace/events/novabpf/vgpu_plugin_rpc/enable
: >$trace/trace
echo 1 >$gpu/vgpu1/reset
like "$(<$trace/trace)" \
	"vgpu_plugin_rpc: gpu=0 gfid=1 type=reset seq=3 received=3 processed=3 result=0x0 ret=0" \
	"requests are traced"
echo 0 >$trace/events/novabpf/vgpu_plugin_rpc/enable
echo 1 >$gpu/recover
is "$(v vgpu_quarantined) $(cat "$gpu"/vgpu*/state | sort -u)" "0 error" "a reset takes all out"
succeeds "and all can go" novabpf vgpu destroy 0 all
unload_all

# The GPU is reset while a plugin task is being asked.
load_sim
fault plugin rpc 2 mute
create 5 2>/run/said &
asked() { [[ $(v vgpu5/plugin_version) == 1 ]]; }
wait_for 20 asked
echo 1 >$gpu/recover
wait
is "$(v vgpu5/state) $(v vgpu_quarantined)" "gone 0" "a reset in the middle: nothing is kept"
succeeds "and the next one is ready" create 5
unload_all
