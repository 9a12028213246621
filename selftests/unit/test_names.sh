#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Names of states, fates and verdicts stand in the tracepoints, in the bpftrace
# scripts and in the core. All must say the same of the same number.
cd "$(dirname "$0")/../.." || exit 1

uapi=include/uapi/novabpf.h
trace=include/trace/events/novabpf_gsp.h
count=0

result() { # STATUS NAME DIAGNOSTIC
	count=$((count + 1))
	if (($1 == 0)); then echo "ok $count - $2"; else
		echo "not ok $count - $2"
		sed 's/^/# /' <<<"$3"
	fi
}

# "number name" of every value of an enum, by its symbols in the trace header
of_trace() { # PREFIX
	sed -n "s/^[[:space:]]*$1_\([A-Z_]*\) = \([0-9]*\),.*/\1 \2/p" "$uapi" |
		while read -r symbol number; do
			name=$(sed -n "s/.*EMe*($1_$symbol, \"\([^\"]*\)\").*/\1/p" "$trace")
			echo "$number ${name:-missing}"
		done
}

of_script() { # MAP FILE
	sed -n "s/^[[:space:]]*@$1\[\([0-9]*\)\] = \"\([^\"]*\)\".*/\1 \2/p" "$2"
}

of_core() { # PREFIX FILE
	sed -n "s/^[[:space:]]*$1_\([A-Z_]*\) = \([0-9]*\),.*/\1 \2/p" "$uapi" |
		while read -r symbol number; do
			name=$(sed -n "s/.*\[$1_$symbol\][[:space:]]*= \"\([^\"]*\)\".*/\1/p" "$2")
			echo "$number ${name:-missing}"
		done
}

same() { # NAME WANTED GOT: every line of GOT stands in WANTED, none is missing
	local diff

	diff=$(diff <(sort -n <<<"$2") <(sort -n <<<"$3"))
	[[ $2 && ! $diff ]]
	result $? "$1" "$diff"
}

echo 1..8
for enum in NOVA_GSP:state NOVA_FATE:fate NOVA_RECORD:reason; do
	prefix=${enum%:*} map=${enum#*:}
	want=$(of_trace "$prefix")
	! grep -q missing <<<"$want"
	result $? "$trace names every $map" "$want"
	# What is fine is never shown as the reason of a refusal.
	[[ $map == reason ]] && want=$(grep -v '^0 ' <<<"$want")
	same "tools/bpftrace/gsp-trace.bt names every $map alike" "$want" \
		"$(of_script "$map" tools/bpftrace/gsp-trace.bt)"
done
same "kmod/gsp/state/state.c names every state alike" "$(of_trace NOVA_GSP)" \
	"$(of_core NOVA_GSP kmod/gsp/state/state.c)"
same "kmod/gsp/rpc/history.c names every fate alike" "$(of_trace NOVA_FATE)" \
	"$(of_core NOVA_FATE kmod/gsp/rpc/history.c)"
