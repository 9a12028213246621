#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every row of the table in Documentation/vgpu.rst, "Who holds a vGPU": what its reset and
# its destruction say, and what a reset of the GPU leaves, on request and by itself. After
# each reset of the GPU the vGPU is in use again, or its place is free.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"

direct=build/selftests/vfio/vfio_direct
types=$gpu/device/mdev_supported_types
param=/sys/module/novabpf/parameters
uuid=11111111-2222-3333-4444-555555555501
v() { cat "$gpu/$1" 2>/dev/null || echo gone; }
create() { echo "type=NOVA-4Q gfid=1" >"$gpu/vgpu_create"; }
device() { echo $uuid >"$types/novabpf_sim-NOVA-4Q/create"; }
remove() { echo 1 >/sys/bus/mdev/devices/$uuid/remove; }
is_state() { [[ $(v vgpu1/state) == "$1" ]]; }

# The process that has the device open; resets it when told to.
open() {
	coproc USER_OF { exec "$direct" obey $uuid 2>/dev/null; }
	user=$USER_OF_PID
	IFS= read -r -t 60 said <&"${USER_OF[0]}"
}
user_reset() {
	echo >&"${USER_OF[1]}"
	IFS= read -r -t 60 said <&"${USER_OF[0]}"
}
close() {
	[[ $user ]] || return 0
	# shellcheck disable=SC1083,SC2093 # closes the descriptor that it holds
	exec {USER_OF[1]}>&-
	wait "$user"
	user=
}

# One function for each way to a state: make_HOLDER_STATE[_HOW]. vGPU 1 is the one.
make_hand_ready() { create; }
make_hand_error() { create && fault plugin crash 1 && wait_for 20 is_state error; }
make_hand_quarantined() { create && fault plugin rpc 3 mute && ! echo 1 >"$gpu/vgpu1/reset"; }
make_device_new() { device; }
make_device_quarantined_open() { device && fault plugin mute 1 && ! "$direct" open $uuid; }
make_device_quarantined_close() { device && open && fault plugin keep 1 && close; }
make_user_ready() { device && open; }
make_user_error() { make_user_ready && fault plugin crash 1 && wait_for 20 is_state error; }
make_user_quarantined() { make_user_ready && fault plugin rpc 3 mute && user_reset; }
make_nobody_quarantined_create() { fault plugin mute 1 && ! create; }
make_nobody_quarantined_destroy() { create && fault plugin keep 1 && ! echo 1 >"$gpu/vgpu_destroy"; }
make_nobody_quarantined_remove() { make_device_quarantined_open && remove; }

# Nothing but a GPU that is ready.
clean() {
	close
	[[ ! -d /sys/bus/mdev/devices/$uuid ]] || remove
	[[ $(v vgpu_quarantined) == 0 ]] || echo 1 >"$gpu/recover"
	[[ ! -d $gpu/vgpu1 ]] || echo 1 >"$gpu/vgpu_destroy"
}

want() { # WHAT GOT WANTED
	[[ $2 == "$3" ]] || wrong+=("$1: got '$2', wanted '$3'")
}

begin() { # HOW HOLDER STATE
	"$1" >/dev/null 2>&1 || wrong+=("not brought about: $1")
	want "begin" "$(v vgpu1/state)" "$3"
	case $2 in
	device | user) want "holder" "$(v vgpu1/holder)" "mdev $uuid" ;;
	*) want "holder" "$(v vgpu1/holder)" none ;;
	esac
	want "vm_pid" "$(v vgpu1/vm_pid)" "$([[ $2 == user ]] && echo "$user" || echo 0)"
}

# What its own reset makes of it: a state, or EBUSY.
own_reset() { # HOLDER
	if [[ $1 == user ]]; then
		user_reset
	else
		said=$(echo 1 2>&1 >"$gpu/vgpu1/reset")
	fi
	if [[ $said =~ busy ]]; then got=EBUSY; else got=$(v vgpu1/state); fi
}

# What its destruction makes of it, and whom the tool names.
destroy() { # HOLDER STATE
	if said=$(novabpf vgpu destroy 0 1 2>&1); then got=$(v vgpu1/state); else got=EBUSY; fi
	[[ $got == EBUSY ]] || return
	case $1 in
	device) like_="held by mediated device $uuid and goes with it" ;;
	user) like_="held by mediated device $uuid, opened by process $user, and" ;;
	*) like_="vgpu1 is in quarantine until gpu0 is reset or removed" ;;
	esac
	[[ $said == *"$like_"* ]] || wrong+=("the tool says '$said', not '$like_'")
}

reset_gpu() { # KIND
	local before

	before=$(counter recoveries)
	if [[ $1 == asked ]]; then echo 1 >"$gpu/recover"; else fault halt; fi
	wait_for 60 eval "[[ \$(counter recoveries) != $before && \$(v state) == ready ]]" ||
		wrong+=("the GPU is $(v state)")
}

# Whatever it was, it is in use again or free.
usable() { # HOLDER STATE
	case $2 in
	error) own_reset "$1" && want "reset afterwards" "$got" ready ;;
	new) "$direct" open $uuid >/dev/null 2>&1 || wrong+=("it does not open") ;;
	gone) create 2>/dev/null || wrong+=("its gfid is not free") ;;
	esac
}

row() { # HOW HOLDER STATE RESET DESTROY GPU_RESET
	local wrong=() kind

	begin "$1" "$2" "$3"
	own_reset "$2"
	want "reset" "$got" "$4"
	clean
	begin "$1" "$2" "$3"
	destroy "$2" "$3"
	want "destroy" "$got" "$5"
	clean
	for kind in asked itself; do
		begin "$1" "$2" "$3"
		reset_gpu $kind
		want "GPU reset, $kind" "$(v vgpu1/state) $(v vgpu_quarantined)" "$6 0"
		usable "$2" "$6"
		clean
		want "left" "$(v vgpu_count) $(v vgpu_types/NOVA-4Q/available_instances)" "0 6"
	done
	if ((${#wrong[@]})); then not_ok "${1#make_}" "${wrong[@]}"; else ok "${1#make_}"; fi
}

rows=$(awk '/^held by +state/ { getline; on = 1; next } on && /^=/ { exit } on' Documentation/vgpu.rst)
mapfile -t ways < <(compgen -A function make_)
plan $((${#ways[@]} + 4))
is "$(wc -l <<<"$rows")" 9 "the table has its rows"
is "$(awk '{ print $1 "_" $2 }' <<<"$rows" | sort)" \
	"$(printf '%s\n' "${ways[@]}" | cut -d_ -f2,3 | sort -u)" "each has a way to it"

load_sim fb_mb=24576
modprobe novabpf_vfio
echo 1000 >$param/vgpu_boot_timeout_ms
echo 1000 >$param/vgpu_rpc_timeout_ms
echo 16 >$param/recoveries_max
while read -r -u 3 holder state own destroyed left; do
	for how in "${ways[@]}"; do
		[[ $how == make_${holder}_$state || $how == make_${holder}_${state}_* ]] || continue
		row "$how" "$holder" "$state" "$own" "$destroyed" "$left"
	done
done 3<<<"$rows"

# The kernel says why it does not open one in quarantine.
user=
make_device_quarantined_open >/dev/null 2>&1
mark=$(dmesg_mark)
"$direct" open $uuid >/dev/null 2>&1
like "$(dmesg_since "$mark")" "open: in quarantine until the GPU is reset: .*did not report" \
	"the log says why it does not open"
clean
succeeds "all unloads" unload_all
