#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# selftests/bench/build-without, with stand-ins for make and nm: what is left in a module fails,
# and so does a look at its symbols that fails. TAP on stdout.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
export PATH=$tmp/bin:$PATH

mkdir -p "$tmp/bin"
cat >"$tmp/bin/make" <<'EOF'
#!/bin/bash
for word; do [[ $word != M=* ]] || touch "${word#M=}"/novabpf{,_sim}.ko; done
EOF
cat >"$tmp/bin/nm" <<'EOF'
#!/bin/bash
case $* in
*"$NM_BAD"*) [ -n "$NM_BAD" ] && exit 1 ;;
esac
echo "${NM_SAYS:-U printk}"
EOF
chmod +x "$tmp/bin/make" "$tmp/bin/nm"

without() # NAME RC LAST_LINE [VARIABLE=VALUE...]
{
	rc=0
	env "${@:4}" selftests/bench/build-without 6.12 "$tmp" "$tmp/out.d" >"$tmp/out" 2>&1 || rc=$?
	check "$1" "$rc $(tail -n 1 "$tmp/out")" "$2 $3"
}

without "nothing is left in" 0 ""
without "a hook is left in" 1 "bench: nohooks.h leaves these in" "NM_SAYS=rpc.o: U nova_hook_x"
without "a tracepoint is left in" 1 "bench: notrace.h leaves these in" \
	"NM_SAYS=rpc.o: U __tracepoint_gsp_rpc_send"
without "virtual time is left in" 1 "bench: NOVABPF_VTIME=n leaves these in" "NM_SAYS=T nova_vtime_x"
without "nm fails on the objects" 1 "bench: nohooks: the symbols cannot be read" NM_BAD=deadline.o
without "nm fails on the modules" 1 "bench: novtime: the symbols cannot be read" NM_BAD=novtime.ko

echo "1..$count"
