#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every profile of fault injection, one row each: what the caller, another tenant, the
# vGPUs and the operator see, how long it lasts on the GPU's clock, and that all is
# well afterwards. The table of Documentation/rpc.rst is from here.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"

# profile: of tools/inject; one of hooks is about vGPU 1 where it says "gfid 1".
# caller: what vGPU 1 does meanwhile: N calls with a bystander, vGPU 2, beside them;
#	"alone N": without; alloc N: allocations; down, both: vGPU 1, or both, destroyed;
#	up: a third one created; flood N: N calls at once; storm N: with events.
# sees: error, rpc_result and status of each call, or what the command says.
# other: calls of the bystander that failed, and with what.
# vGPUs: their states. resets: of the GPU, by itself. counter: one that has to move.
# operator: incident line of the log, and of the report (-: no incident); then another
# line of the log, or the failure of a GPU that has to be recovered by hand.
#
# profile; caller; sees; other; vGPUs; resets; counter; operator
rows='
busy gfid 1;alloc 6;0 0 0,(-110 0 0,0 0 0,){2}-110 0 0;0 0;ready ready;0;rpc_late;Xid 119 .*gfid 1 FREE seq [0-9]+ after 6000 ms: late, RM slow
late-dropped gfid 1;alloc 4;-110 0 0,0 0 0,-110 0 0,0 0 0;0 0;ready ready;0;rpc_late;Xid 119 .*GSP_RM_ALLOC .*late
late-same-function gfid 1;3;-110 0 0,0 0 0,0 0 0;0 0;ready ready;0;rpc_late;Xid 119 .*GET_STATE .*late
slow-half gfid 1;3;0 0 0,0 0 0,0 0 0;0 0;ready ready;0;;-
transport gfid 1;3;0 0 0,-5 0 0,0 0 0;0 0;ready ready;0;;-
busy-retry gfid 1;154;(0 0 0,){153}-121 0 3;0 0;ready ready;0;;-
rpc-result gfid 1;3;0 0 0,-121 ff100002 0,0 0 0;0 0;ready ready;0;;-
damaged-replies gfid 1;10;(0 0 0,){9}-74 0 0;0 0;ready ready;0;;-
damaged-requests gfid 1;12;0 0 0,0 0 0,-121 0 57(,0 0 0){9};0 0;ready ready;0;;-
rc-storm gfid 1;4;0 0 0(,0 0 0){3};0 0;ready ready;0;events;-
lost-events;storm 40;0 0 0(,0 0 0){3};0 0;ready ready;0;events;-
event-storm;4;0 0 0(,0 0 0){3};0 0;ready ready;0;events;-
ring-full-status;4;0 0 0(,0 0 0){3};0 0;ready ready;0;interrupts_missed;-
write-pointer;4;0 0 0(,0 0 0){3};0 0;ready ready;0;bad_pointer;-
lockdown;4;0 0 0(,0 0 0){3};0 0;ready ready;0;lockdowns;-;lockdown has not ended in 5000 ms; going on
stale-record;alone 3;0 0 0,-110 0 0,0 0 0;0 0;ready ready;0;bad_sequence;Xid 119 .*unanswered, RM slow, 1 in a row
elem-count;alone 3;-110 0 0,-110 0 0,0 0 0;0 0;ready ready;0;bad_elemcount;Xid 119 .*unanswered
bad-records;alone 4;(-110 0 0,){3}GONE;0 0;error error;1;bad_length;Xid 119 .*unanswered;Xid 154 .*3 calls in a row timed out
hang gfid 1;alone 4;(-110 0 0,){3}GONE;0 0;error error;1;rpc_timeouts;Xid 119 .*unanswered, RM slow, 1 in a row;Xid 154 .*3 calls in a row
heartbeat-dead;alone 4;(-110 0 0,){3}GONE;0 0;error error;1;rpc_timeouts;Xid 119 .*unanswered, RM unresponsive;Xid 154 .*3 calls in a row
core-dead;4;GONES;[1-9][0-9]* -110;error error;1;rpc_timeouts;Xid 119 .*unanswered, core unresponsive;Xid 154 .*3 calls in a row
heartbeat-zero;alone 3;-110 0 0,0 0 0,0 0 0;0 0;ready ready;0;rpc_timeouts;Xid 119 .*unanswered, 1 in a row
ring-full;flood 100;(-110 0 0,){99}-110 0 0;0 0;ready ready;0;ring_full;Xid 119 .*not-consumed, RM unresponsive, 1 in a row
ring-full;alone 4;(-110 0 0,){3}GONE;0 0;error error;1;;Xid 119 .*not-consumed, RM unresponsive, 1 in a row;Xid 154 .*3 calls in a row
halt;4;GONES;32 .*;error error;1;;Xid 120 .*GSP halted \(mailbox
exception;4;GONES;32 .*;error error;1;;Xid 120 .*CrashCat report
panic;4;GONES;32 .*;error error;1;;Xid 120 .*CrashCat report
pmu-halt;4;GONES;32 .*;error error;1;;Xid 62 .*the PMU halted
recovery-announced;4;GONES;32 .*;error error;1;;Xid 154 .*the firmware asks for: GPU reboot
fecs;4;GONES;32 .*;error error;1;;Xid 154 .*context switching \(FECS\) failed
init-fails;4;GONES;32 .*;error error;1;;Xid 120 .*;failed firmware 595.45.04 ended its boot with NV_ERR_INVALID_STATE
init-missing;4;GONES;32 .*;error error;1;;Xid 120 .*;failed firmware 595.45.04 did not end its boot within 10000 ms
wpr2-stuck;4;GONES;32 .*;error error;1;;Xid 120 .*;failed WPR2 is still up
gfw-stuck;4;GONES;32 .*;error error;1;;Xid 120 .*;failed the GPU.s power-on firmware did not finish
bus-lost;4;GONES;32 .*;error error;1;;Xid 119 .*not-consumed, off the bus;Xid 79 .*no register answers
plugin-slow gfid 1;both;0 0;0 0;gone gone;0;;-
teardown-late gfid 1;both;1 0;0 0;quarantined gone;0;rpc_late;Xid 119 .*SHUTDOWN_GSP_VGPU_PLUGIN_TASK seq [0-9]+ after 45000 ms: late
plugin-crash;4;0 0 0(,0 0 0){3};0 0;error ready;0;;-;gpu0: vgpu1: a: the plugin task crashed
plugin-mute;up;1;0 0;ready ready;0;;-;gpu0: vgpu3: the plugin task did not report within 10000 ms
'
nr_rows=$(grep -c ';' <<<"$rows")
plan $((nr_rows + 5))

release=595.45.04
call=/sys/kernel/debug/novabpf_call
param=/sys/module/novabpf/parameters
# What a call may end with while the GPU goes down and comes back: it was under way, new
# ones are refused, or objects of before are not known any more.
gone='(-108 0 0|-5 0 0|-11 0 0|-110 0 0|-121 0 23)'

mark() { mark=$(dmesg_mark); }
log() { dmesg_since "$mark"; }

# Without a process: there are many rows, and where these run processes are dear.
get() { # VARIABLE ATTRIBUTE
	{ IFS= read -r "$1" <"$gpu/$2"; } 2>/dev/null || printf -v "$1" gone
}
vgpus() { # VARIABLE
	local first second

	get first vgpu1/state
	get second vgpu2/state
	printf -v "$1" %s "$first $second"
}
vgpus_are() {
	local now

	vgpus now
	[[ $now == "$1" ]]
}
number() { # VARIABLE COUNTER
	get "$1" "counters/$2"
}
resets_are() {
	local now

	number now recoveries
	[[ $now == "$1" ]]
}
lines() { # VARIABLE FILE: joined by commas
	local all

	mapfile -t all <"$2"
	printf -v "$1" '%s,' "${all[@]}"
	printf -v "$1" %s "${!1%,}"
}

create() { echo "type=NOVA-test name=$1 gfid=$2" >"$gpu/vgpu_create"; }

# A minute of GPU time: as many lines as an incident may have are free again.
minute() {
	set_timeout 70000
	fault next late 61000000
	echo "1 20801120 1" >$call/call
	set_timeout 6000
}

# Runs in a shell of its own under the profile; $gpu and $call are there.
# shellcheck disable=SC2016,SC2089,SC2090 # expanded there
prelude='destroy() { echo "$1" >$gpu/vgpu_destroy; echo $?; }
settle() {
	read -r s <$gpu/state
	while [ $s != ready ] && [ $s != failed ]; do sleep 0.1; read -r s <$gpu/state; done
}'
commands() { # CALLER
	case $1 in
	alloc*) echo "echo 1 $1 2 8 >$call/call" ;;
	alone*) echo "echo 1 20801120 ${1#alone } >$call/call" ;;
	storm*) echo "echo $1 >$fault_file; echo 1 20801120 4 2 8 >$call/call" ;;
	both) echo 'destroy b >/run/b & a=$(destroy a); wait; read -r b </run/b; echo $a $b >/run/says' ;;
	up) echo 'echo type=NOVA-test name=q >$gpu/vgpu_create; echo $? >/run/says' ;;
	flood*) echo "echo flood 1 ${1#flood } >$call/call" ;;
	*) echo "echo 1 20801120 $1 2 8 >$call/call" ;;
	esac
}

expect() { # WHAT GOT WANTED
	[[ $2 =~ ^($3)$ ]] || wrong+=("$1: got '$2', wanted '$3'")
}

# All is as before: objects, vGPUs, quarantine, settings.
restore() {
	local n state quarantined own other now

	get state state
	get quarantined vgpu_quarantined
	if [[ "$state $quarantined" != "ready 0" ]]; then
		echo 1 >"$gpu/recover" || wrong+=("not recovered: $(<$gpu/failure)")
	fi
	echo again >$call/call || wrong+=("no calls afterwards")
	echo "1 20801120 1 2 1" >$call/call
	lines own $call/call
	lines other $call/other
	expect "afterwards" "$own $other" "0 0 0 1 0 0 .*"
	[[ ! -d $gpu/vgpu3 ]] || echo q >"$gpu/vgpu_destroy"
	for n in 1 2; do
		get state vgpu$n/state
		case $state in
		error) echo 1 >"$gpu/vgpu$n/reset" ;;
		gone) create "$(tr 12 ab <<<$n)" $n ;;
		esac
	done
	vgpus now
	get state state
	get quarantined vgpu_quarantined
	expect "all afterwards" "$now $state $quarantined" "ready ready ready 0"
}

row() { # PROFILE CALLER SEES OTHER VGPUS RESETS COUNTER INCIDENT [LINE]
	local profile=$1 line=$9 resets moved says err text state wrong=()
	local sees=${3//GONES/$gone(,$gone)*}

	sees=${sees//GONE/$gone}
	# What the simulator does by itself needs no hook.
	if ! has_struct_ops && grep -v '^#' "tools/inject/${profile% gfid*}.rules" | grep -qv action=firmware; then
		skip "$1, $2" "this profile needs a hook, and the kernel struct_ops for modules"
		return
	fi
	minute
	mark
	echo x >$debug/report
	echo outage >$call/call
	number resets recoveries
	[[ ! $7 ]] || number moved "$7"
	: >/run/says
	# shellcheck disable=SC2086 # words are meant
	novabpf inject run ${profile/ gfid/ --gfid} -- sh -c \
		"gpu=$gpu; $prelude; $(commands "$2"); settle" >/run/out 2>&1 || wrong+=("$(</run/out)")
	wait_for 5 vgpus_are "$5"
	lines says /run/says
	[[ $says ]] || lines says $call/call
	expect caller "$says" "$sees"
	read -r _ text err _ <$call/other
	expect "other tenant" "$text $err" "$4"
	vgpus text
	expect vGPUs "$text" "$5"
	wait_for 5 resets_are $((resets + $6))
	number text recoveries
	expect resets "$((text - resets))" "$6"
	if [[ $7 ]]; then
		number text "$7"
		((text > moved)) || wrong+=("$7 has not moved")
	fi
	IFS=$'\t' read -r _ text <$debug/report
	[[ $8 == - ]] && expect incident "$text" none || expect incident "$text" ".*$8.*"
	get state state
	get text failure
	[[ $line != failed* ]] || expect state "$state $text" "$line.*"
	restore
	text=$(log)
	[[ $8 == - || $text =~ $8 ]] || wrong+=("the log lacks '$8'")
	[[ ! $line || $line == failed* || $text =~ $line ]] || wrong+=("the log lacks '$line'")
	if ((${#wrong[@]})); then not_ok "$1, $2" "${wrong[@]}" "$text"; else ok "$1, $2"; fi
	report "$text"
}

# What goes into the table: GPU time.
report() { # LOG
	local ns service=

	read -r ns <$call/outage
	[[ $1 =~ in\ service\ again\ after\ ([0-9]+)\ us ]] && service="${BASH_REMATCH[1]} us"
	echo "# $profile: calls failed for $((ns / 1000)) us, reset and boot took ${service:--}"
}

mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf
load_sim fw=$release clock=virtual
echo 1 >$param/allow_injection
echo 16 >$param/recoveries_max
create a 1
create b 2
modprobe novabpf_call release=$release
# So that the hook stays, and each row need not attach it anew.
novabpf inject add 'function=FREE gfid=512 action=drop' >/dev/null

while IFS=';' read -r -a field; do
	[[ ${field[0]} ]] || continue
	[[ -z $ONLY || ${field[0]} =~ $ONLY ]] || continue
	row "${field[@]}"
done <<<"$rows"

without=
for file in tools/inject/*.rules; do
	name=${file##*/} name=${name%.rules}
	grep -qE "^${name}[ ;]" <<<"$rows" || without+="$name "
done
is "$without" "" "each profile has a row"

# More lines than an incident may have in a minute: the next one says how many.
minute
echo 0 >$param/rpc_timeouts_reset
mark
fault next drop 8
echo "1 20801120 8" >$call/call
is "$(log | grep -c 'Xid 119')" 5 "five lines of a kind within a minute"
minute
fault next drop
echo "1 20801120 1" >$call/call
like "$(log | tail -n 1)" "Xid 119 .*1 in a row \(3 lines of this kind are missing\)$" \
	"the next one says how many are missing"

rmmod novabpf_call
novabpf inject clear
unload_all
# The image says that it is another release than the one that runs.
mark
fails "a release that is not what its image says" load_sim fw=570.144 fwversion=595.45.04
text=$(log)
like "$text" "Xid 143 .*" "is refused with a reason"
sed -n 's/^.*Xid 143/# Xid 143/p' <<<"$text"
unload_all
