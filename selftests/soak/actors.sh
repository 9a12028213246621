# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Those who break things while calls are made. Each is a process of its own, draws from
# its own seed what it does next, and goes on until it is told to stop. What it has
# done is a line of a word each on its stdout, to be counted. An emulated machine starts
# processes slowly, so what is done often is done by the shell itself.

kept=(11 12 13 14)	# vGPUs of the tenants; those that come and go are 1 to 8

going() { [[ ! -e $stop ]]; }

nap() { # SECONDS: nobody ever writes there
	read -rt "$1" <>$never
}

pause() { # SECONDS: from half of it to one and a half, or until the end
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 500000 + RANDOM * $1 * 30))

	while going && ((${EPOCHREALTIME/[.,]/} < end)); do nap 0.05; done
}

value() { # FILE: its first line, in $value
	value=
	read -r value <"$1"
}

quiet() { novabpf "$@" >/dev/null; }

one_of() { # WORDS...: a drawn one, in $drawn
	local words=("$@")

	drawn=${words[RANDOM % $#]}
}

# vGPUs come and go, or are made anew.
vgpus() {
	local gfid

	while going; do
		gfid=$((1 + RANDOM % 8))
		case $((RANDOM % 8)) in
		[0-3]) echo "type=NOVA-test gfid=$gfid" >$gpu/vgpu_create ;;
		4) [[ -d $gpu/vgpu$gfid ]] && echo 1 >$gpu/vgpu$gfid/reset && echo remade ;;
		*) echo $gfid >$gpu/vgpu_destroy ;;
		esac
		nap 0.0$((1 + RANDOM % 9))
	done
}

# Calls of their life whose end nobody learns.
unknown() {
	local n=0 rules=(
		'cmd=0x20804001 phase=reply action=drop ppm=100000'
		'cmd=0x20804002 phase=reply action=drop ppm=100000'
		'cmd=0x20804008 action=drop ppm=100000'
		'function=FREE phase=reply action=late ppm=50000'
		'event=VGPU_GSP_PLUGIN_TRIGGERED action=drop ppm=100000')

	while going; do
		one_of "${rules[@]}"
		quiet inject add "$drawn seed=$((n++))" && echo rule
		pause 1
		fault plugin mute $((1 + RANDOM % 2)) && echo silent
		pause 1
		((RANDOM % 3)) || quiet inject clear
	done
	quiet inject clear
}

# The operator resets the GPU, as it has lost too much to quarantine; also after faults.
operator() {
	while going; do
		pause 2
		going && echo 1 >$gpu/recover && echo recovered
	done
}

# The firmware ends its service in one way or another.
firmware() {
	local before i

	while going; do
		value $gpu/counters/recoveries
		before=$value
		one_of "mute on" "stall on" halt "crash exception" "crash timeout" "crash panic" \
			"crash watchdog" "event pmu" "event action 3" "event fecs 1" "storm 300" \
			"wptr 63" "next badsum 3" lockdown "irq off" "heartbeat core" "init fail" \
			"init mute" "wpr2 stuck"
		# shellcheck disable=SC2086 # words are meant
		fault $drawn || continue
		echo broken
		[[ $drawn != heartbeat* ]] || fault mute on
		[[ $drawn != init* && $drawn != wpr2* ]] || fault halt
		for ((i = 0; i < 40; i++)); do
			nap 0.05
			value $gpu/counters/recoveries
			[[ $value == "$before" ]] || break
			value $gpu/state
			[[ $value != failed ]] || break
		done
		fault irq on
		fault wpr2 ok
		pause 1
		value $gpu/state
		[[ $value != failed ]] || { echo 1 >$gpu/recover; echo recovered; }
	done
}

# vGPUs that work; one that a reset or a crash has taken is made anew.
tenants() {
	local gfid ready

	while going; do
		ready=()
		for gfid in "${kept[@]}"; do
			value $gpu/vgpu$gfid/state
			case $value in
			error) echo 1 >$gpu/vgpu$gfid/reset ;;
			"") echo "type=NOVA-test gfid=$gfid weight=$((50 * gfid))" >$gpu/vgpu_create ;;
			esac
			value $gpu/vgpu$gfid/state
			[[ $value != ready ]] || ready+=("$gfid")
		done
		((${#ready[@]})) || { nap 0.2; continue; }
		value <("$top/build/selftests/bpf/work" 3000 "${ready[@]}")
		[[ ! $value ]] || echo "items ${value%% *}"
	done
}

# Their plugin tasks crash.
crashes() {
	while going; do
		pause 1
		one_of "${kept[@]}" 1 2 3 4
		fault plugin crash $drawn && echo crashed
		((RANDOM % 3)) || fault plugin delay 2000000
	done
}

# Policies come and go; every other one goes wrong and is ejected.
policies() {
	local all=("$top"/build/bpf/sched/*.bpf.o) file set

	while going; do
		one_of "${all[@]}"
		file=$drawn
		one_of stall_gfid=11 bad_gfid_every=1 bad_slice_every=10 error_after=100 "" "" "" ""
		set=${drawn:+--set fault_$drawn}
		# shellcheck disable=SC2086 # none, or two words
		quiet attach "$file" $set --replace
		pause 1
		value $gpu/sched/state
		[[ $value != faulted ]] || echo 1 >$gpu/sched/reset
		((RANDOM % 3)) || quiet detach gpu0
	done
	quiet detach gpu0
}

# Hooks: one that breaks calls whose answers are known, and filters.
hooks() {
	local rpc=$top/build/bpf/rpc ask=$top/build/selftests/bpf/hook/ask.bpf.o name
	local actions=("action=3 arg=3" action=5 "action=6 arg=2000000" "action=7 arg=5000000" \
		"phase=1 action=3 arg=3" "phase=1 action=5" "phase=1 action=6 arg=900000000" \
		action=8 "action=9 arg=3" throttle_ns=100000)

	while going; do
		one_of "${actions[@]}"
		# shellcheck disable=SC2086 # words are meant
		quiet attach "$ask" --set ${drawn// / --set } --set nth=$((1 + RANDOM % 50)) \
			--set cmd=$((0xa06c0103 + RANDOM % 3)) --replace && echo hook
		pause 1
		one_of firewall ratelimit rpclat slow
		name=$drawn
		quiet attach "$rpc/$name.bpf.o" --replace && echo hook
		pause 1
		((RANDOM % 2)) || quiet detach gpu0 --hook $name
		((RANDOM % 3)) || quiet detach gpu0 --hook ask
	done
	for name in ask firewall ratelimit rpclat slow; do
		quiet detach gpu0 --hook $name
	done
}
