# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For the tests of this folder (NN-name.sh), which run inside the virtual machine:
#	. "$(dirname "$0")/lib.sh"
#	plan 2
#	load_sim
#	like "$(novabpf gpu list)" "gpu0" "the GPU is listed"
#	...
# Output is TAP. A test that leaves its planned number of results unmet fails.

lib_count=0
lib_planned=

plan() { # NUMBER
	lib_planned=$1
	echo "1..$1"
}

ok() { # NAME
	lib_count=$((lib_count + 1))
	echo "ok $lib_count - $1"
}

not_ok() { # NAME [DIAGNOSTIC...]
	lib_count=$((lib_count + 1))
	echo "not ok $lib_count - $1"
	shift
	[[ $# -eq 0 ]] || printf '%s\n' "$@" | sed 's/^/# /'
	return 1
}

skip() { # NAME REASON: not run here; never counted as passed
	lib_count=$((lib_count + 1))
	echo "ok $lib_count - $1 # SKIP ${2:?skip needs a reason}"
}

skip_all() { # REASON: the whole file does not apply here
	echo "1..0 # SKIP ${1:?skip_all needs a reason}"
	exit 0
}

has_struct_ops() { grep -qw __register_bpf_struct_ops /proc/kallsyms; }

needs_struct_ops() { # ends a file about policies or hooks where there can be none
	has_struct_ops || skip_all "kernel $(uname -r) has no struct_ops for modules; 6.9 and later have"
}

is() { # GOT WANTED NAME
	if [[ $1 == "$2" ]]; then ok "$3"; else not_ok "$3" "got:    $1" "wanted: $2"; fi
}

like() { # TEXT REGEX NAME
	if [[ $1 =~ $2 ]]; then ok "$3"; else not_ok "$3" "text:  $1" "lacks: $2"; fi
}

unlike() { # TEXT REGEX NAME
	if [[ $1 =~ $2 ]]; then not_ok "$3" "text: $1" "has:  $2"; else ok "$3"; fi
}

succeeds() { # NAME COMMAND...
	local out status

	out=$("${@:2}" 2>&1)
	status=$?
	if ((status == 0)); then ok "$1"; else not_ok "$1" "exit $status: ${*:2}" "$out"; fi
}

fails() { # NAME COMMAND...
	local out

	if out=$("${@:2}" 2>&1); then not_ok "$1" "succeeded: ${*:2}" "$out"; else ok "$1"; fi
}

wait_for() { # SECONDS COMMAND...: until it succeeds, or status 1
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

load_sim() { # [PARAMETER=VALUE...]
	modprobe novabpf_sim "$@"
}

unused() { [[ $(<"/sys/module/$1/refcnt") == 0 ]]; } # MODULE

unload_all() {
	local module

	for module in novabpf_{splat,callers,test,call,vfio,sim} novabpf; do
		[[ -d /sys/module/$module ]] || continue
		# The kernel frees BPF objects, which hold the core, after they are let go.
		wait_for 10 unused "$module"
		rmmod "$module" || return
	done
}

# Prints a mark that is in the kernel's log from now on. Times would not do: the log's
# clock is another one than that of /proc/uptime.
dmesg_mark() {
	local mark="selftest mark $BASHPID $EPOCHREALTIME"

	echo "$mark" >/dev/kmsg
	echo "$mark"
}
lib_mark=$(dmesg_mark)

dmesg_since() { # [MARK]: kernel log since the test began, or since MARK
	dmesg | awk -v mark="${1:-$lib_mark}" 'found; index($0, mark) { found = 1 }'
}

lib_end() {
	local status=$?

	[[ $lib_planned ]] || echo "# no plan() was called"
	[[ $lib_count == "$lib_planned" ]] ||
		echo "# planned ${lib_planned:-nothing}, reported $lib_count, exit status $status"
}
trap lib_end EXIT
