#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How tools/vm/run deals with KVM and with its own end, against a false QEMU that
# does what was seen of real ones. No machine is booted.

cd "$(dirname "$0")/../.." || exit 1
if ! kernel=$(scripts/krel 2>/dev/null) || [[ ! -r /boot/vmlinuz-$kernel ]]; then
	echo "1..0 # SKIP no kernel image that can be read"
	exit 0
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0

check() { # NAME CONDITION...: a command
	count=$((count + 1))
	if "${@:2}"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# exit $status; stdout: $out"
		sed 's/^/# stderr: /' <<<"$err"
		sed 's/^/# started: /' "$tmp/starts"
	fi
}

matches() { [[ $1 =~ $2 ]]; }
lacks() { [[ ! $1 =~ $2 ]]; }
started() { [[ $(paste -sd' ' "$tmp/starts") == "$1" ]]; }
in_file() { grep -q "$1" "$2"; }
gone() { # nothing of the false QEMU is left
	local i

	for ((i = 0; i < 300; i++)); do
		kill -0 "$(<"$tmp/pid")" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

mkdir "$tmp/bin" "$tmp/tmp"
cat >"$tmp/bin/vng" <<'EOF'
#!/bin/bash
# What virtme-ng does with the options of tools/vm/run, as far as it matters here.
machine=(-machine accel=kvm:tcg -cpu host)
for arg; do
	case $arg in
	--disable-kvm) machine=(-machine q35) ;;
	--qemu=*) qemu=${arg#*=} ;;
	--rwdir=*) export FAKE_OUT=${arg##*=} ;;
	esac
done
exec sh -c "exec $qemu ${machine[*]} -chardev file,id=console,path=/dev/null \
	-chardev file,id=stderr,path=/proc/self/fd/2"
EOF
cat >"$tmp/bin/qemu-system-x86_64" <<'EOF'
#!/bin/bash
if [[ $1 == --version ]]; then
	cat "$FAKE/version"
	exit
fi
accel=tcg
for arg; do
	case $arg in
	accel=kvm*) accel=kvm ;;
	file,id=console,path=*) console=${arg##*=} ;;
	file,id=stderr,path=*) stderr=${arg##*=} ;;
	esac
done
echo $accel >>"$FAKE/starts"
echo $$ >"$FAKE/pid"

stands_still() {
	{
		echo "KVM internal error. Suberror: 1"
		echo "emulation failure"
		echo "RAX=0000000000000000 RBX=00000000036d2000 RCX=0000000000000000"
		echo "CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]"
		echo "Code=c4 e2 fb f7 c0 <c4> e2 73 f7 d2 49 89 c8"
	} >&2
	exec sleep 300
}

case $(<"$FAKE/$accel") in
suberror) stands_still ;;
silent) exec sleep 300 ;;
abort)
	echo "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69" >&2
	kill -ABRT $$
	;;
esac
echo "[    1.000000] vm/init: begun" >>"$console"
echo "qemu-system-x86_64: warning: a word of QEMU's" >&2
: >"$FAKE_OUT/.vm/begun"
echo out
echo err >"$stderr"
case $(<"$FAKE/$accel") in
later) stands_still ;;
endless) exec sleep 300 ;;
slow) sleep 4 ;;
esac
echo 7 >"$FAKE_OUT/.vm/status"
EOF
chmod +x "$tmp"/bin/*

export FAKE=$tmp TMPDIR=$tmp/tmp PATH=$tmp/bin:$PATH NOVABPF_VM_NODE=$tmp/node
export NOVABPF_VM_LIFE_S=2 NOVABPF_TEST_OUT=$tmp NOVABPF_TEST_UNBUILT=1
unset NOVABPF_VM_ACCEL
: >"$tmp/node"

fresh() { # KVM TCG: nothing is remembered; how machines behave
	rm -f "$tmp"/tmp/novabpf-vm-kvm-*
	echo "$1" >"$tmp/kvm"
	echo "$2" >"$tmp/tcg"
	echo "QEMU emulator version 7.2" >"$tmp/version"
}

run() { # OPTIONS: status and both streams into $status, $out, $err
	: >"$tmp/starts"
	timeout 60 tools/vm/run --out "$tmp/o" "$@" -- true >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(<"$tmp/out") err=$(<"$tmp/err")
}

echo 1..55

fresh works works
run
check "a working KVM is used" started kvm
check "the command's status comes through" test "$status" = 7
check "with the streams of the command, and nothing of QEMU's" test "$out/$err" = out/err
check "QEMU's words are in the log" in_file "a word of QEMU's" "$tmp/o/qemu.log"
check "it is remembered that the kernel ran" in_file "^works $kernel$" "$tmp"/tmp/novabpf-vm-kvm-*
run --verbose
check "--verbose shows QEMU's words" matches "$err" "a word of QEMU's"
echo slow >"$tmp/kvm"
NOVABPF_VM_LIFE_S=1 run
check "a machine that has begun may be silent" test "$status" = 7

for kind in suberror silent abort; do
	fresh $kind works
	start=$SECONDS
	run
	check "$kind: it is emulated instead" started "kvm tcg"
	check "$kind: the run succeeds" test "$status/$out" = 7/out
	check "$kind: one plain line" matches "$err" \
		$'^vm/run: KVM does not run kernel [^\n]*: it is emulated[^\n]*\nerr$'
	# The false QEMU stands still for 300 s.
	check "$kind: in bounded time" test $((SECONDS - start)) -lt 150
	check "$kind: no machine is left" gone
	run
	check "$kind: it is remembered, without a word" test "$(<"$tmp/starts")/$err" = tcg/err
done

echo "QEMU emulator version 7.3" >"$tmp/version"
run
check "another QEMU is tried anew" started "kvm tcg"

fresh suberror works
run
check "QEMU's dump is no user's business" lacks "$err" 'RAX|Code='
check "it is in the log" in_file '^RAX=' "$tmp/o/qemu.log"
fresh suberror works
run --verbose
check "--verbose shows it" matches "$err" 'RAX='

fresh abort abort
run
check "a machine that dies emulated, too, is no fault of KVM's" started "kvm tcg"
check "its end is told" test "$status" = 125
check "and what QEMU said last" matches "$err" 'QEMU: .*failed to set MSR'
run
check "so nothing is remembered" started "kvm tcg"

fresh later works
run
check "KVM that gives up on a command is not emulated anew" started kvm
check "KVM that gives up on a command fails it" test "$status" = 125
check "and says so" matches "$err" 'KVM does not run kernel .* any more: QEMU stopped'
run
check "the next machine is emulated" started tcg

for kind in suberror silent abort; do
	fresh $kind works
	NOVABPF_VM_ACCEL=kvm run
	check "$kind, forced: fails" test "$status/$(<"$tmp/starts")" = 125/kvm
	check "$kind, forced: and says why" matches "$err" \
		'KVM does not run kernel .* here: .*NOVABPF_VM_ACCEL=kvm forbids'
done
NOVABPF_VM_ACCEL=kvm NOVABPF_VM_NODE=$tmp/none run
check "forced without a node" matches "$status $err" '^125 .*none does not exist'
NOVABPF_VM_NODE=$tmp/none run
check "without a node it is emulated" test "$(<"$tmp/starts")/$err" = tcg/err
NOVABPF_VM_LIFE_S=soon run
check "a bad limit is refused" matches "$status $err" "^2 .*NOVABPF_VM_LIFE_S is 'soon'"

echo "# the end of the runner is the end of the machine"
fresh works endless
started_by() { # COMMAND...: in the background, until its machine has begun
	rm -rf "$tmp/pid" "$tmp/o"
	: >"$tmp/starts"
	NOVABPF_VM_ACCEL=tcg "$@" >"$tmp/out" 2>"$tmp/err" &
	job=$!
	for ((i = 0; i < 600; i++)); do
		[[ -s $tmp/pid ]] && break
		sleep 0.1
	done
}
started_by tools/vm/run --out "$tmp/o" -- true
kill -TERM $job
wait $job
status=$? err=$(<"$tmp/err")
check "SIGTERM ends the machine" gone
check "and is told" matches "$status $err" '^143 .*stopped by SIGTERM'
started_by tools/vm/run --out "$tmp/o" -- true
kill -KILL $job
wait $job 2>/dev/null
status=$?
check "SIGKILL ends the machine, too" gone
started_by selftests/run --vm --only 00-modules
kill -TERM $job
wait $job
status=$? err=$(<"$tmp/err")
check "SIGTERM to the tests ends their machine" gone
check "their status says so" test $status = 143
started_by selftests/run --vm --only 00-modules
kill -KILL $job
wait $job 2>/dev/null
check "SIGKILL to the tests ends their machine, too" gone
tied=$(make -s --no-print-directory --eval 'tied: ; @echo $(TIED)' tied)
started_by sh -c "$tied selftests/run --vm --only 00-modules; :"
kill -TERM $job
wait $job
status=$?
check "the end of a recipe's shell ends its machine" gone
check "that shell had died of it" test $status = 143
status=0 out=$(grep -nE '(^|[^#]*[[:space:]@;])(tools/vm|selftests)/run ' Makefile | grep -v -e '(TIED)' -e '^[0-9]*:#')
check "all recipes are made so" test -z "$out"
