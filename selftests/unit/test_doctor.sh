#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# novabpf doctor on machines of a first hour, where nothing is loaded yet: each has its
# line with a remedy, and one next step. The machine is a fake tree.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
rel=6.12.1-test
lib=/lib/modules/$rel
all=000001ffffffffff
emulated='nothing to do: machines are emulated'

put() # PATH VALUE
{
	mkdir -p "$(dirname "$NOVABPF_ROOT$1")"
	printf '%s\n' "$2" >"$NOVABPF_ROOT$1"
}

drop() # PATH...
{
	local path

	for path; do
		rm -rf "${NOVABPF_ROOT:?}$path"
	done
}

caps() # HEX
{
	put /proc/self/status "$(printf 'Name:\tx\nCapEff:\t%s' "$1")"
}

# All that is needed is installed, and nothing is loaded.
fresh()
{
	drop /
	put /proc/sys/kernel/osrelease $rel
	put /proc/sys/kernel/random/boot_id boot-1
	put /proc/sys/kernel/modules_disabled 0
	put /proc/self/mounts ''
	caps $all
	put /boot/config-$rel "$(printf 'CONFIG_%s=y\n' MODULES BPF_SYSCALL DEBUG_INFO_BTF \
		DEBUG_INFO_BTF_MODULES TRACEPOINTS FTRACE DEBUG_FS HIGH_RES_TIMERS VFIO VFIO_MDEV)"
	put /boot/vmlinuz-$rel image
	put $lib/build/Makefile ''
	put $lib/build/vmlinux ''
	put $lib/modules.dep "kernel/a.ko:
updates/novabpf/novabpf.ko: kernel/a.ko
updates/novabpf/novabpf_sim.ko: updates/novabpf/novabpf.ko kernel/a.ko"
	module "$rel" ''
	for program in qemu-system-x86_64 vng; do
		put /usr/bin/$program ''
		chmod +x "$NOVABPF_ROOT/usr/bin/$program"
	done
	put /dev/kvm ''
	kvm_memory "works $rel"
}

module() # RELEASE END: the file, as built for RELEASE
{
	put $lib/updates/novabpf/novabpf.ko x
	printf 'ELF\0license=GPL\0vermagic=%s SMP preempt mod_unload \0depends=\0%s' "$1" "$2" \
		>"$NOVABPF_ROOT$lib/updates/novabpf/novabpf.ko"
}

kvm_memory() # LINE [OWNER]
{
	drop /tmp
	put "/tmp/novabpf-vm-kvm-${2:-$(id -u)}-boot-1" "qemu QEMU emulator version 7.2
$1"
}

no_files() # modules of ours are not there
{
	drop $lib/updates
	put $lib/modules.dep kernel/a.ko:
}

says() # NAME LINE [NEXT]: both are the beginnings of lines
{
	TMPDIR=/tmp run doctor
	awk -v line="$2" -v next_step="next: $3" 'index($0, line) == 1 { a = 1 }
		index($0, next_step) == 1 { b = 1 } /^next: .*;/ { b = 0; exit }
		END { exit !(a && b) }' "$tmp/out"
	result $? "$1"
}

lacks() # NAME TEXT
{
	! grep -qF -- "$2" "$tmp/out"
	result $? "$1"
}

if [ ! -x "$cli" ]; then
	echo "Bail out! no $cli; run: make cli"
	exit 1
fi

echo 1..39
fresh
says "all is there" "ok   module files: $NOVABPF_ROOT$lib/updates/novabpf/novabpf.ko" \
	"run 'modprobe novabpf_sim'"
[ "$rc" -eq 1 ] && [ "$(grep -c '^next: ' "$tmp/out")" -eq 1 ]
result $? "what is not loaded fails, and there is one next step"
tail -n 1 "$tmp/out" | grep -q '^next: '
result $? "which is the last line"
caps 0
says "somebody who is not root" "FAIL module novabpf: not loaded" "run 'sudo modprobe novabpf_sim'"

# --- files of modules
fresh
module 6.12.0-older ''
says "modules of another kernel" "FAIL module files: $NOVABPF_ROOT$lib/updates/novabpf/novabpf.ko was \
built for 6.12.0-older, the running kernel is $rel" "run 'make KREL=$rel && sudo make install KREL=$rel'"
fresh
put $lib/modules.dep kernel/a.ko:
says "depmod did not run" "FAIL module files: $lib/updates/novabpf/novabpf.ko is there, but not in" \
	"run 'sudo depmod'"
fresh
drop $lib/modules.dep
says "no list of modules" "FAIL module files: " "run 'sudo depmod'"
fresh
no_files
says "nothing is installed" "FAIL module files: none for the running kernel $rel — run 'make" \
	"run 'make KREL=$rel && sudo make install KREL=$rel'"
put /lib/modules/6.1.0-9/updates/novabpf/novabpf.ko x
put /lib/modules/6.9.0-1/updates/novabpf/novabpf.ko x
says "installed for other kernels" \
	"FAIL module files: none for the running kernel $rel (there are some for 6.1.0-9, 6.9.0-1)"
put "$(dirname "$(readlink -f "$cli")")/$rel/kmod/novabpf.ko" x
says "built and not installed" "FAIL module files: " "run 'sudo make install': they are built already"
fresh
no_files
drop $lib/build
says "no headers" "FAIL module files: " \
	"'make demo' needs nothing loaded here"
fresh
no_files
drop $lib/build/vmlinux
says "headers that give no BTF" "FAIL module files: " \
	"'make demo' needs nothing loaded here"

# --- kernels that refuse
fresh
for lockdown in "none [integrity] confidentiality" "none integrity [confidentiality]"; do
	put /sys/kernel/security/lockdown "$lockdown"
	says "lockdown: $lockdown" "FAIL module signing: modules without a signature are refused (lockdown=" \
		"sign them (kmodsign, mokutil --import)"
done
grep -q '^warn lockdown: programs in BPF may not read' "$tmp/out"
result $? "confidentiality keeps one from tracing"
module "$rel" '~Module signature appended~
'
says "signed modules" "ok   module signing: enforced by lockdown=confidentiality; the modules are signed" \
	"run 'modprobe"
fresh
put /sys/kernel/security/lockdown "[none] integrity confidentiality"
says "no lockdown" "ok   module signing: not enforced" "run 'modprobe"
put /sys/module/module/parameters/sig_enforce Y
says "enforced by a parameter" "FAIL module signing: modules without a signature are refused (module.sig" \
	"sign them"
fresh
mkdir -p "$NOVABPF_ROOT/sys/firmware/efi/efivars"
efi=$NOVABPF_ROOT/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
printf '\006\000\000\000\001' >"$efi"
says "Secure Boot, lockdown not seen" \
	"FAIL module signing: modules without a signature are refused (Secure Boot, most likely" "sign them"
printf '\006\000\000\000\000' >"$efi"
says "Secure Boot off" "ok   module signing: not enforced"
fresh
put /proc/sys/kernel/modules_disabled 1
says "modules disabled" "FAIL module loading: turned off until the next boot" \
	"boot without kernel.modules_disabled=1"
fresh
sed -i 's/^CONFIG_DEBUG_INFO_BTF=y//' "$NOVABPF_ROOT/boot/config-$rel"
says "a kernel without BTF" "FAIL config DEBUG_INFO_BTF: not set" \
	"run 'make demo', which boots its own kernel"
drop /usr/bin/vng
says "nor the programs of machines" "warn machine programs: missing: vng — run scripts/setup.sh" \
	"run scripts/setup.sh, which gets"
fresh
put /proc/sys/kernel/osrelease 5.10.0
says "a kernel that is too old" "FAIL kernel: 5.10.0 is too old" \
	"run 'make demo', which boots its own kernel"
fresh
put /proc/sys/kernel/osrelease 6.6.0
says "a kernel without struct_ops for modules" "warn struct_ops: modules cannot define struct_ops" ''

# --- virtual machines
fresh
says "a KVM that ran a kernel" "ok   kvm: runs kernel $rel"
kvm_memory "unusable $rel: QEMU stopped"
says "a KVM that ran none" "warn kvm: /dev/kvm exists, but does not run a kernel: $rel: QEMU stopped — $emulated"
kvm_memory "unusable $rel: no" 54321
says "somebody else's word for it" "warn kvm: /dev/kvm exists; whether it runs a kernel has not been tried"
kvm_memory "unusable $(printf '\033[31m')"
says "a word that would paint the screen" "warn kvm: /dev/kvm exists, but does not run a kernel: \\\\x1b[31m"
drop /tmp
put "/tmp/novabpf-vm-kvm-$(id -u)-boot-0" "qemu x
unusable y"
says "an earlier boot's word" "warn kvm: /dev/kvm exists; whether it runs a kernel has not been tried — 'make demo'"
drop /dev/kvm
says "no KVM" "warn kvm: /dev/kvm does not exist — $emulated"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	fresh
	chmod -R go+rX "$tmp"
	chmod 600 "$NOVABPF_ROOT/dev/kvm" "$NOVABPF_ROOT/boot/vmlinuz-$rel"
	TMPDIR=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups "$cli" doctor >"$tmp/out" 2>&1
	grep -q '^warn kvm: /dev/kvm may not be opened by you' "$tmp/out"
	result $? "a KVM for others"
	grep -q '^warn machine kernel: .* may not be read by you' "$tmp/out"
	result $? "an image for others"
else
	count=$((count + 2))
	echo "ok $((count - 1)) - a KVM for others # SKIP not root"
	echo "ok $count - an image for others # SKIP not root"
fi
fresh
put /lib/modules/7.1.0/build/Makefile ''
put /lib/modules/6.12.99/build/Makefile ''
put /boot/vmlinuz-6.12.99 image
says "the kernel of machines is that of scripts/krel" "ok   machine kernel: 6.12.99"
drop /boot/vmlinuz-6.12.99
says "headers without an image" "warn machine kernel: 6.12.99 has headers and no image in /boot"
drop /lib/modules
says "no kernel at all" "warn machine kernel: none with headers — run scripts/setup.sh"

# --- loaded
fresh
put /sys/module/novabpf/version 0.1.0
put /sys/class/novabpf/gpu0/state ready
put /sys/kernel/security/lockdown "none [integrity] confidentiality"
no_files
says "loaded modules need no files" "ok   module signing: enforced by lockdown=integrity, which" ''
lacks "nor are these asked for" "module files"

# --- JSON
fresh
TMPDIR=/tmp run doctor -j
python3 -c "import json, sys; d = json.load(sys.stdin)
sys.exit(not (d['next'] == \"run 'modprobe novabpf_sim'\" and not d['ok'] and
	{'module files', 'module loading', 'module signing', 'machine programs', 'machine kernel',
	 'kvm'} <= {c['name'] for c in d['checks']}))" <"$tmp/out" 2>"$tmp/err"
result $? "the next step as JSON"
