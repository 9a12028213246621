#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Print how often a static key of a module is turned on, as the kernel counts it.

usage: static_key.py SYMBOL
The count is the first member of the key. /proc/kcore is the memory of the kernel as an
ELF file; its segments say where in the file an address lies.
"""
import struct
import sys


def address_of(symbol):
    with open("/proc/kallsyms", encoding="ascii") as f:
        for line in f:
            words = line.split()
            if words[2] == symbol:
                return int(words[0], 16)
    sys.exit(f"static_key.py: no symbol {symbol}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: static_key.py SYMBOL")
    address = address_of(sys.argv[1])
    with open("/proc/kcore", "rb") as f:
        head = f.read(64)
        offset, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        f.seek(offset)
        for _ in range(count):
            kind, _, at, start, _, length = struct.unpack_from("<IIQQQQ", f.read(size))
            if kind == 1 and start <= address < start + length:
                f.seek(at + address - start)
                print(struct.unpack("<i", f.read(4))[0])
                return
    sys.exit(f"static_key.py: /proc/kcore has nothing at {address:#x}")


main()
