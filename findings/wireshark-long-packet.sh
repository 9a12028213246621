#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Wireshark 4.0.17 (Debian 12: tshark, wireshark-common), packets of more than 262,144 bytes.
#
# Both forms of capture files have 32 bits for the length of a packet, and the files made
# here are valid: 60 bytes, 262,145 bytes, 60 bytes, link type USER0, no snapshot limit in
# the way. Nobody would guess what happens:
#
# * pcap: tshark does not refuse the long packet, but takes the whole file for another
#   dialect of pcap, and shows thousands of packets that do not exist, of 0 bytes, times
#   included. Seen: "12504 packets" for 300,000 bytes, then "appears to have been cut
#   short in the middle of a packet".
# * pcapng: tshark stops with status 2, "cap_len 262145 is larger than 262144", and the good
#   packet behind it is out of reach. The limit is not that of the file, but of Wireshark.
# * editcap, which stops there, too, prints the same and exits with 0: a script goes on with a
#   copy that lacks the rest. 262,144 bytes are fine everywhere.
#
# So a writer has to cut what is longer into pieces, and "editcap || exit" protects nobody.
# Exit status: 0 where it still is so, 1 where it changed, 77 without the tools.

for tool in tshark editcap python3; do
	command -v "$tool" >/dev/null || {
		echo "$tool is not there (Debian: tshark, wireshark-common, python3)"
		exit 77
	}
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

is() # GOT WANTED NAME
{
	echo "$3: $1"
	[ "$1" = "$2" ] || { echo "  changed: was $2"; failed=1; }
}

version=$(tshark --version 2>/dev/null | sed -n '1s/.* \([0-9.]*[0-9]\)\( .*\|\.$\|$\)/\1/p')
is "$version" 4.0.17 "version of tshark"

python3 - <<'END'
import struct


def block(kind, body):
    size = 12 + len(body)
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def packet_ng(size):
    return block(6, struct.pack("<IIIII", 0, 0, 1, size, size) + bytes(size + -size % 4))


def packet(size):
    return struct.pack("<IIII", 0, 0, size, size) + bytes(size)


HEAD_NG = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) + \
    block(1, struct.pack("<HHI", 147, 0, 0))
HEAD = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 0x7fffffff, 147)
for size in 262144, 262145, 300000:
    with open(f"{size}.pcapng", "wb") as f:
        f.write(HEAD_NG + packet_ng(60) + packet_ng(size) + packet_ng(60))
    with open(f"{size}.pcap", "wb") as f:
        f.write(HEAD + packet(60) + packet(size) + packet(60))
END

for form in pcap pcapng; do
	tshark -r "262144.$form" >out 2>err
	is "$? $(wc -l <out)" "0 3" "$form, 262,144 bytes: tshark's status, packets"
done
tshark -r 262145.pcapng >out 2>err
is "$? $(wc -l <out)" "2 1" "pcapng, 262,145 bytes: tshark's status, packets"
grep -o 'cap_len.*' err
editcap -s 100 262145.pcapng copy.pcapng 2>err
status=$?
tshark -r copy.pcapng >out 2>/dev/null
is "$status $(wc -l <out)" "0 1" "pcapng, 262,145 bytes: editcap's status, packets in its copy"
tshark -r 300000.pcap >out 2>err
is "$? $(wc -l <out)" "2 12504" "pcap, 300,000 bytes: tshark's status, packets (of 3)"
head -n 4 out
exit $failed
