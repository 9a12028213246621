#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many calls: several threads, several GPUs, load and unload, a firmware that
# damages replies at random.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gsp.sh"
plan 18

load_sim fw=595.45.04 latency_us=50 jitter_us=20
run_load 595.45.04 threads=16 calls=4000 large=500
is "$load_wrong $load_timeouts $load_failures" "0 0 0" "16 threads get their own answers"
[[ $load_calls -ge 4000 ]]
is $? 0 "all calls ended"
unload_all

# Every reply may be damaged, dropped, late, doubled or overtaken. Echoed numbers
# tell all of them apart.
load_sim fw=580.95.05 latency_us=5 jitter_us=5 seed=7
set_timeout 60
fault random corrupt=2000 drop=2000 delay=2000 dup=5000 reorder=5000 delay_us=150000
run_load 580.95.05 threads=16 calls=100000
echo "# ok $load_ok rm_errors $load_rm_errors timeouts $load_timeouts failures $load_failures" \
	"elapsed_ms $load_elapsed_ms"
[[ $load_calls -ge 100000 && $load_wrong == 0 ]]
is $? 0 "100,000 calls with random faults: none wrong, none hangs"
[[ $load_timeouts -gt 100 && $load_ok -gt 50000 && $(counter records_bad) -gt 50 ]]
is $? 0 "the faults took place, and most calls were answered"
fault random off
set_timeout 2000
succeeds "works after 100,000 calls with faults" still_works 580.95.05
succeeds "and the queues are well formed" ringcheck 580.95.05
unload_all

# Without echoed numbers: what a firmware that answers in order may do.
load_sim fw=570.144 latency_us=5 jitter_us=5 seed=7
set_timeout 60
fault random corrupt=2000 drop=2000 delay=2000 delay_us=100000
run_load 570.144 threads=16 calls=20000
echo "# ok $load_ok timeouts $load_timeouts held $(counter rpc_held) late $(counter rpc_late)"
is "$load_wrong" 0 "20,000 calls without echoed numbers: none wrong"
[[ $(counter rpc_held) -gt 0 && $(counter rpc_late) -gt 0 ]]
is $? 0 "calls were held back behind owed replies, late replies were recognised"
fault random off
set_timeout 2000
succeeds "works afterwards" wait_for 20 still_works 570.144
unload_all

load_sim gpus=2 fw=550.163.01
is "$(cat /sys/class/novabpf/gpu*/state | sort | uniq -c | tr -s ' ')" " 2 ready" "two GPUs boot"
before=$(counter rpc_submitted)
run_load 550.163.01 gpu=1 threads=4 calls=400
is "$load_wrong $load_timeouts $load_failures $(counter rpc_submitted)" "0 0 0 $before" \
	"calls to the second GPU leave the first alone"
unload_all

# A GPU goes while 8 threads call it; then comes back.
load_sim fw=570.144
before=$(counter rpc_submitted)
modprobe novabpf_test release=570.144 threads=8 calls=200000 &
called() { (($(counter rpc_submitted) > before + 500)); }
wait_for 30 called
succeeds "a GPU can be removed under load" rmmod novabpf_sim
wait
result=$(cat /sys/kernel/debug/novabpf_test/result)
like "$result" 'wrong 0' "no call got a wrong answer when it went"
like "$result" 'failures [1-9]' "the others were told"
rmmod novabpf_test
unload_all

# Memory after the first rounds is the yardstick: caches fill up once.
memory_kb() { awk '/^(Slab|VmallocUsed|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo; }
loads=0
for i in {1..20}; do
	load_sim fw=570.144 && run_load 570.144 threads=2 calls=40 && unload_all && loads=$i
	[[ $i == 5 ]] && sync && sleep 1 && base=$(memory_kb)
done
sleep 1
is "$loads" 20 "20 loads and unloads"
grown=$(($(memory_kb) - base))
echo "# memory grew by $grown KiB over 15 loads"
((grown < 4096))
is $? 0 "memory does not grow with them"

# Memory of DMA pools is checked by the kernel itself when modules go.
unlike "$(dmesg_since)" 'dma_pool.*busy' "no queue memory is left in use"
is "$(lsmod | grep -c ^novabpf)" 0 "nothing is left loaded"
