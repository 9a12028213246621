#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Policies in BPF by the tool: attach, replace, detach, and what it says to bad input.
. "$(dirname "$0")/lib.sh"

objs=build/selftests/bpf/attach
out=$(mktemp -d)
pin=/sys/fs/bpf/novabpf/gpu0/sched
sched=/sys/class/novabpf/gpu0/sched

# True where COMMAND's document meets the condition (Python, document d).
json() { # NAME CONDITION COMMAND...
	local doc

	doc=$("${@:3}" 2>"$out/err")
	if [[ ! -s $out/err ]] &&
	   python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($2))" \
		<<<"$doc" 2>"$out/err"; then
		ok "$1"
	else
		not_ok "$1" "command:   ${*:3}" "condition: $2" "${doc:0:2000}" "$(<"$out/err")"
	fi
}

# COMMAND fails with exactly this line on stderr; then no policy and no pin is there.
refused() { # NAME LINE COMMAND...
	local err status

	err=$("${@:3}" 2>&1 >"$out/stdout")
	status=$?
	if [[ $status -ne 0 && $err == "novabpf: $2" && ! -s $out/stdout && ! -e $pin &&
	      -z $(<"$sched/policy") ]]; then
		ok "$1"
	else
		not_ok "$1" "exit $status" "got:    $err" "wanted: novabpf: $2" \
			"policy: $(<"$sched/policy")" "$(ls -l "$pin" 2>&1)"
	fi
}

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
cli=$(command -v novabpf)
attached() { [[ $(<"$sched/policy") == "$1" ]]; }

if [[ ! -e $objs/good.bpf.o ]]; then
	skip_all "no BPF objects; run: make bpf"
fi
if ! has_struct_ops; then
	plan 1
	modprobe novabpf_sim
	like "$(novabpf attach $objs/good.bpf.o 2>&1)" \
		"kernel .* has no struct_ops for modules; boot 6.9 or newer" "an old kernel is named"
	unload_all
	exit
fi
plan 46
mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf

like "$(novabpf attach $objs/good.bpf.o 2>&1)" "the module novabpf is not loaded|there is none" \
	"no GPU: nothing to attach to"
load_sim gpus=2

# --- attach, look, replace, detach
like "$(novabpf attach $objs/good.bpf.o 2>&1)" \
	"^gpu0: policy 'good' is attached \(link [0-9]+, pinned at $pin\)$" "attach"
is "$(<$sched/state) $(<$sched/policy)" "enabled good" "the policy outlives the tool"
like "$(novabpf status 0)" "gpu0: policy 'good', state enabled.* s ago .*decisions .*rejected" \
	"status names policy, GPU and since when"
json "status as JSON" "len(d) == 2 and d[0]['policy'] == 'good' and d[0]['link'] > 0 and \
	d[0]['pinned'] == '$pin' and d[0]['age_ns'] == d[0]['now_ns'] - d[0]['attached_ns'] and \
	d[0]['age_ns'] > 0 and d[0]['pin_age_ms'] > 0 and d[0]['calls']['init'] == 1 and \
	set(d[0]['rejected']) >= {'none', 'gfid', 'slice'} and d[0]['vgpus'] == [] and \
	d[1]['policy'] is None and d[1]['state'] == 'builtin' and d[1]['link'] is None" \
	novabpf -j status
json "list finds type and name by the module's BTF" "len(d) == 1 and d[0]['attached'] and \
	d[0]['type'] == 'nova_sched_ops' and d[0]['name'] == 'good' and d[0]['gpu'] == 'gpu0' and \
	d[0]['pinned'] == '$pin'" novabpf list -j
link=$(novabpf -j list | python3 -c "import json, sys; print(json.load(sys.stdin)[0]['link'])")
is "$(novabpf attach $objs/other.bpf.o 2>&1)" "novabpf: gpu0 has the policy 'good' already (link \
$link, pinned at $pin); use --replace or 'novabpf detach gpu0'" "a second one is refused, by whom"
is "$(<$sched/policy)" good "the first one goes on"
like "$(rmmod novabpf 2>&1)" "in use" "the module cannot be unloaded meanwhile"
like "$(novabpf status gpu0)" "policy 'good'" "nor does the attempt harm"
is "$(novabpf attach $objs/other.bpf.o --replace 2>&1)" "gpu0: policy 'other' is in the place of \
'good' (link $link, pinned at $pin)" "replace, on the same link"
json "the replacement as JSON" "d['policy'] == 'good' and d['replaced'] == 'other' and \
	d['link'] == $link and d['pinned'] == '$pin' and d['gpu'] == 'gpu0'" \
	novabpf -j replace $objs/good.bpf.o --set slice_us=3000
is "$(<$sched/exit_policy) $(<$sched/exit_kind) $(<$sched/enable_seq)" "other 65 3" \
	"each policy that was replaced has ended as such"
out2=$(novabpf replace $objs/other.bpf.o --set init_ret=-12 2>&1)
is "$out2 $(<$sched/policy)" "novabpf: $objs/other.bpf.o: 'other' was not attached to gpu0: init \
failed: init returned -12 good" "a replacement whose init() fails leaves the old one"
is "$(novabpf attach $objs/second.bpf.o | cut -d' ' -f1-3)" "gpu1: policy 'second'" \
	"the GPU that the object names"
like "$(novabpf detach 2>&1)" "2 GPUs have a policy; name one: gpu0, gpu1" \
	"detach wants to know which"
json "detach as JSON" "d == {'gpu': 'gpu1', 'policy': 'second', 'builtin': 'best-effort'}" \
	novabpf detach gpu1 -j
is "$(novabpf detach)" "gpu0: policy 'good' is detached; built-in 'best-effort' decides" "detach"
is "$(<$sched/state) $(find /sys/fs/bpf -name 'novabpf*' | wc -l)" "builtin 0" \
	"the built-in decides, and no pin is left"
json "an empty list" "d == []" novabpf -j list
refused "detach without a policy" "gpu0 has no policy attached" novabpf detach 0
succeeds "replace where there is none attaches" novabpf replace $objs/good.bpf.o --gpu 1
novabpf detach >/dev/null

# --- in the foreground
novabpf attach $objs/good.bpf.o --no-pin >"$out/fg" 2>&1 &
pid=$!
wait_for 20 attached good
is "$? $(ls $pin 2>/dev/null)" "0 " "--no-pin pins nothing"
kill -9 $pid
wait_for 5 attached ""
is "$? $(<$sched/state)" "0 builtin" "killed with -9, it is cleanly gone"
novabpf attach $objs/good.bpf.o --no-pin >"$out/fg" 2>&1 &
pid=$!
wait_for 20 grep -q attached "$out/fg"
kill -TERM $pid
wait $pid
is "$? $(tail -n 1 "$out/fg")" "0 gpu0: policy 'good' has ended: detached" "a signal detaches"
novabpf -j attach $objs/good.bpf.o --no-pin >"$out/fg" 2>&1 &
pid=$!
wait_for 20 attached good
sleep 1
novabpf sched reset 0
wait $pid
json "it says why the policy ended" "d['policy'] == 'good' and d['pinned'] is None and \
	d['exit_kind'] == 66 and 'administrator' in d['exit']" cat "$out/fg"

# --- a policy that ended by itself leaves a dead pin
novabpf attach $objs/good.bpf.o >/dev/null
novabpf sched reset 0
json "reset ejects and removes the pin" "d == []" novabpf list -j
novabpf attach $objs/good.bpf.o >/dev/null
echo 1 >$sched/reset
wait_for 5 attached ""
json "a dead link is listed as such" "len(d) == 1 and not d[0]['attached'] and \
	d[0]['pinned'] == '$pin' and d[0]['name'] is None" novabpf list -j
succeeds "another policy takes the place of the dead pin" novabpf attach $objs/other.bpf.o
echo 1 >$sched/reset
wait_for 5 attached ""
is "$(novabpf detach gpu0)" "gpu0: the policy had ended already (reset by the administrator); its \
pin is removed" "detach removes a dead pin"

# --- bad input: one line, and nothing is left
refused "no such file" "cannot open $out/no.o: No such file or directory" \
	novabpf attach "$out/no.o"
refused "no BPF object" "/bin/true is not a BPF object; make one with: clang -target bpf -O2 -g -c" \
	novabpf attach /bin/true
refused "no struct_ops map" "$objs/none.bpf.o has no policy and no hook: it needs one struct \
nova_sched_ops or nova_rpc_ops in SEC(\".struct_ops.link\")" novabpf attach $objs/none.bpf.o
refused "two of them" "$objs/two.bpf.o has 2 struct_ops maps (first, second); put each into an \
object of its own" novabpf attach $objs/two.bpf.o
refused "struct_ops of another type" "$objs/foreign.bpf.o: 'foreign' is a struct \
tcp_congestion_ops; a scheduling policy is a struct nova_sched_ops, a hook a struct nova_rpc_ops" \
	novabpf attach $objs/foreign.bpf.o
refused "an unknown variable" "--set: $objs/good.bpf.o has no variable 'slise_us'; did you mean \
'slice_us'? known: slice_us, small, mood, loud, big, init_ret, error_after, seen, picks" \
	novabpf attach $objs/good.bpf.o --set slise_us=1
refused "a bad value" "--set: bad value '128' of 'small'; use -128 to 127" \
	novabpf attach $objs/good.bpf.o --set slice_us=1 --set small=128
refused "an unknown GPU" "no such GPU 'gpu7'; known: gpu0, gpu1" \
	novabpf attach $objs/good.bpf.o --gpu gpu7
refused "init() that fails" "$objs/good.bpf.o: 'good' was not attached to gpu0: init failed: init \
returned -5" novabpf attach $objs/good.bpf.o --set init_ret=-5
refused "not root" "attaching a policy needs CAP_SYS_ADMIN; run as root" \
	nobody "$cli" attach $objs/good.bpf.o
refused "not root: detach" "seeing and detaching policies needs CAP_SYS_ADMIN; run as root" \
	nobody "$cli" detach 0
refused "not root: sched set" "cannot write $sched/arr: Permission denied; run as root" \
	nobody "$cli" sched set 0 arr=0
succeeds "not root: status" nobody "$cli" status
out2=$(novabpf attach $objs/refused.bpf.o 2>&1)
like "${out2%%$'\n'*}" "refused.bpf.o: the verifier refuses 'refused_pick': R0 invalid mem access \
'(trusted_)?ptr_or_null_' \(refused.bpf.c:[0-9]+\)" "the verifier's reason comes first, with the line"
json "the same as JSON" "d['program'] == 'refused_pick' and 'invalid mem' in d['reason'] and \
	d['source'].startswith('refused.bpf.c:') and len(d['log']) > 5" \
	novabpf -j attach $objs/refused.bpf.o
umount /sys/fs/bpf
refused "no bpffs" "no bpffs to pin in; run: mount -t bpf none /sys/fs/bpf; or use \
--no-pin" novabpf attach $objs/good.bpf.o
mount -t bpf none /sys/fs/bpf
rm -r "$out"
unload_all
