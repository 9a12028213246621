#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A short run of the stress test (make stress): all steps at once, and what must hold
# after it. Last of all, as what it breaks is broken for those who come after it.
. "$(dirname "$0")/lib.sh"
top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
[[ -x $top/build/selftests/stress/stress ]] || skip_all "not built: make test-programs"
modprobe -n novabpf_vfio 2>/dev/null || skip_all "novabpf_vfio was not built: this kernel has no mdev"
needs_struct_ops
plan 1

"$top/selftests/stress/stress.sh" 14 1 >"$NOVABPF_OUT/stress" 2>&1
status=$?
if ((status == 0)); then
	ok "nothing breaks, and enough was tried"
else
	not_ok "nothing breaks, and enough was tried" "$(tail -n 40 "$NOVABPF_OUT/stress")"
fi
