#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/kernel-btf: where the types of a kernel are looked for, out of images that are
# made up here. And which kernel scripts/krel names.
# shellcheck source=selftests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
echo 1..14
mkdir -p "$tmp"/{scripts,kdir,boot}
cp scripts/kernel-btf "$tmp/scripts/"
kept=$tmp/build/9.9.9/kernel.btf

image() { # PACKING TYPES [CUT-TO-BYTES]: boot/vmlinuz-9.9.9; TYPES is what its .BTF has
	python3 - "$tmp/boot/vmlinuz-9.9.9" "$@" <<'EOF'
import gzip, lzma, struct, subprocess, sys
path, packing, types = sys.argv[1:4]
names = b"\0.BTF\0.shstrtab\0"
data = types.encode()
elf = b"\x7fELF\x02\x01" + bytes(0x28 - 6) + struct.pack("<Q", 0x40 + len(data) + len(names))
elf += bytes(0x3a - len(elf)) + struct.pack("<HHH", 64, 3, 2) + data + names
def header(name, offset, size):
    return struct.pack("<IIQQQQ", name, 1, 0, 0, offset, size) + bytes(64 - 40)
elf += header(0, 0, 0) + header(1 if data else 6, 0x40, len(data))
elf += header(6, 0x40 + len(data), len(names))
pack = {"gzip": gzip.compress, "xz": lzma.compress, "none": lambda d: b"????" + d,
        "zstd": lambda d: subprocess.run(["zstd", "-qc"], input=d, stdout=subprocess.PIPE).stdout}
payload = pack[packing](elf)
head = bytearray(1024)
head[0x1f1] = 1
head[0x202:0x206] = b"HdrS"
# The length of a payload counts the size that follows it.
head[0x248:0x250] = struct.pack("<II", 0x100, len(payload) + 4)
whole = bytes(head) + bytes(0x100) + payload + struct.pack("<I", len(elf))
with open(path, "wb") as f:
    f.write(whole[:int(sys.argv[4])] if len(sys.argv) > 4 else whole)
EOF
}

types() { # of kernel 9.9.9: what is printed, and what the file holds
	if NOVABPF_BOOT=$tmp/boot "$tmp/scripts/kernel-btf" 9.9.9 "$tmp/kdir" >"$tmp/path" 2>"$tmp/err"; then
		echo "$(<"$tmp/path") $(tr -d '\0' <"$(<"$tmp/path")")"
	else
		cat "$tmp/err"
	fi
}

for packing in gzip xz zstd; do
	if [[ $packing == zstd ]] && ! command -v zstd >/dev/null; then
		echo "ok $((++count)) - out of an image: zstd # SKIP no zstd"
		continue
	fi
	rm -rf "$tmp/build"
	image "$packing" "types by $packing"
	check "out of an image: $packing" "$(types)" "$kept types by $packing"
done
image xz newer
touch -d '+1 minute' "$tmp/boot/vmlinuz-9.9.9"
check "again from an image that is newer" "$(types)" "$kept newer"
image gzip older
touch -d '-1 hour' "$tmp/boot/vmlinuz-9.9.9"
check "what is kept does for an older one" "$(types)" "$kept newer"
echo vmlinux >"$tmp/kdir/vmlinux"
check "headers that have them come first" "$(types)" "$tmp/kdir/vmlinux vmlinux"
rm -rf "$tmp/kdir/vmlinux" "$tmp/build"

none="kernel-btf: no types of kernel 9.9.9: $tmp/kdir has no vmlinux, and"
image gzip ''
check "an image without" "$(types)" "$none its image has no BTF"
image none x
check "packed in a way that is not known" "$(types)" \
	"$none $tmp/boot/vmlinuz-9.9.9 is packed in a way that is not known here"
image gzip x 700
check "cut short" "$(types)" "$none $tmp/boot/vmlinuz-9.9.9 is packed in a way that is not known here"
image xz "$(seq 999)" 1400
check "cut short in what is packed" "$(types)" "$none the ELF file in its image is cut short"
echo hello >"$tmp/boot/vmlinuz-9.9.9"
check "no image of a kernel" "$(types)" "$none $tmp/boot/vmlinuz-9.9.9 is not a bzImage"
rm "$tmp/boot/vmlinuz-9.9.9"
check "no image" "$(types)" "$none $tmp/boot/vmlinuz-9.9.9 cannot be read"
check "nothing is left of a failure" "$(ls "$tmp/build" 2>/dev/null)" ""

running=$(uname -r)
[[ -e /lib/modules/$running/build/Makefile ]] || running=$(scripts/krel)
check "the kernel to install for runs, where its headers are there" "$(scripts/krel --here)" "$running"
