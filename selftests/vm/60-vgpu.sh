#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vGPUs: created, listed, set, destroyed; limits; what fails is refused, taken back
# or quarantined; many at once; the GPU goes with vGPUs alive.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 42

v() { cat "$gpu/$1" 2>/dev/null; }
create() { echo "$*" >"$gpu/vgpu_create"; }
destroy() { echo "$1" >"$gpu/vgpu_destroy"; }
said() { dmesg | tail -n 3; }

load_sim fb_mb=24576
is "$(v vgpu_limit) $(v vgpu_types/NOVA-4Q/max_instances)" "32 6" "limit of 570 and size of a type"
is "$(v vgpu_types/NOVA-test/max_instances)" 32 "the limit holds for small types"
succeeds "a vGPU is created" create type=NOVA-4Q name=web weight=200 cap_pct=50
is "$(v vgpu1/state) $(v vgpu1/name) $(v vgpu1/weight) $(v vgpu1/cap_pct)" "ready web 200 50" \
	"it is ready and as asked for"
succeeds "a second one by the tool" novabpf vgpu create 0 NOVA-4Q --gfid 7
is "$(v vgpu7/name) $(v vgpu7/slot) $(v vgpu7/placement)" "vgpu7 1 1" "it has the next place"
is "$(v vgpu_types/NOVA-4Q/available_instances) $(v vgpu_types/NOVA-2Q/available_instances)" \
	"4 0" "what is left of its type and of others"
like "$(novabpf vgpu list 0)" "web .*NOVA-4Q .*ready" "the tool lists it"
succeeds "settings change" novabpf vgpu set 0 web weight=300 budget_us=2000 period_us=10000
is "$(v vgpu1/weight) $(v vgpu1/period_us) $(v vgpu1/budget_us)" "300 10000 2000" "they are seen"
fails "a budget above its period" novabpf vgpu set 0 web budget_us=20000
fails "a name that is taken" create type=NOVA-4Q name=web
fails "a gfid that is taken" create type=NOVA-4Q gfid=7
fails "a gfid that the GPU lacks" create type=NOVA-4Q gfid=33
fails "another layout" create type=NOVA-2Q
like "$(said)" "there are vGPUs of type NOVA-4Q" "and the log says why"
fails "a word that is not known" create type=NOVA-4Q size=3
like "$(said)" '"size" is not known; known are type' "and the log says which are"
like "$(novabpf vgpu create 0 NOVA-9Q 2>&1)" "no such type 'NOVA-9Q' on gpu0; known: NOVA-1Q, .*NOVA-24Q" \
	"an unknown type"
succeeds "all places are filled" novabpf vgpu create 0 NOVA-4Q --count 4
fails "and no more" create type=NOVA-4Q
is "$(cat "$gpu"/vgpu*/fb_offset | sort -u | wc -l) $(cat "$gpu"/vgpu*/chid_base | sort -u | wc -l)" \
	"6 6" "no two share memory or channels"
succeeds "all are destroyed" novabpf vgpu destroy 0 all
is "$(v vgpu_count) $(v vgpu_types/NOVA-2Q/available_instances)" "0 12" "nothing is left of them"
succeeds "the queues are in order" ringcheck 570.144

# Slow, mute, crash
fault plugin delay 8000000
create type=NOVA-test name=slow &
wait_for 5 grep -q booting "$gpu"/vgpu1/state
succeeds "a slow boot" [ "$(v vgpu1/state)" = booting ]
is "$(novabpf vgpu list 0 >/dev/null; v vgpu1/state)" booting "can be listed meanwhile"
create type=NOVA-test name=quick
is "$(v vgpu2/state) $(v vgpu1/state)" "ready booting" "holds up no other"
wait
is "$(v vgpu1/state)" ready "and ends"
fault plugin crash 2
succeeds "a crash is noticed" wait_for 5 grep -q error "$gpu/vgpu2/state"
is "$(v vgpu1/state)" ready "the other goes on"
succeeds "a crashed one can be destroyed" destroy quick
echo 500 >/sys/module/novabpf/parameters/vgpu_boot_timeout_ms
fault plugin mute 1
fails "a plugin task that never reports" create type=NOVA-test name=mute
is "$(v vgpu2/state) $(v vgpu_quarantined)" "quarantined 1" "is quarantined"
fails "its gfid is not used again" create type=NOVA-test gfid=2
fails "it cannot be destroyed" destroy mute
succeeds "a new one is created" create type=NOVA-test
is "$(v vgpu3/placement)" 2 "and lies elsewhere"

# Many at once
echo 10000 >/sys/module/novabpf/parameters/vgpu_boot_timeout_ms
for i in $(seq 16); do create type=NOVA-test "name=many$i" & done
wait
is "$(cat "$gpu"/vgpu*/state | grep -c ready)" 18 "16 created at once"
succeeds "the GPU goes with vGPUs alive" unload_all

load_sim fw=580.65.06
is "$(v vgpu_limit)" 48 "the limit of 580"
unload_all
load_sim vgpus_max=512
novabpf vgpu create 0 NOVA-test --count 100
is "$(v vgpu_limit) $(v vgpu_count)" "512 100" "a simulated GPU can be told to bear more"
unload_all
