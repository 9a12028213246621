# SPDX-License-Identifier: GPL-2.0-only
"""Firmware ABI data -> BTF of one release.

Every struct of the release under its own name, and as typedefs what payloads are:
function_<number> (functions and events, by number of that release) and
control_<number as 8 hex digits> (what follows the head of a control).
"""

import re
import struct
from collections import OrderedDict

from abidata import SIZEOF

INT, ARRAY, STRUCT, UNION, TYPEDEF = 1, 3, 4, 5, 8
SIGNED, CHAR, BOOL = 1, 2, 4
BASES = {"NvBool": BOOL, "char": CHAR, "NvS8": SIGNED, "NvS16": SIGNED, "NvS32": SIGNED,
         "NvS64": SIGNED}
C_NAMES = {1: "unsigned char", 2: "unsigned short", 4: "unsigned int", 8: "unsigned long long"}
RE_BITS = re.compile(r"(.*)\[bits ([0-9]+):([0-9]+)\]\Z")


class Node:
    """A field with its parts."""

    def __init__(self, off, size, ctype):
        self.off, self.size, self.ctype = off, size, ctype
        self.parts = OrderedDict()
        self.element = None               # of an array of structs

    def dims(self):
        """Numbers of elements, outermost first; [] where it is no array."""
        return [int(n or 0) for n in re.findall(r"\[([0-9]*)\]", self.ctype)]


def tree(fields):
    """The flat list of paths of a layout as one Node."""
    top = Node(0, fields[SIZEOF][1], "")
    nodes = {}
    for path, (off, size, ctype) in fields.items():
        if path == SIZEOF:
            continue
        node = nodes[path] = Node(off, size, ctype)
        stem, _, name = path.rpartition(".")
        if path.endswith("[0]"):
            nodes[re.sub(r"(\[0\])+\Z", "", path)].element = node
        elif stem:
            nodes[stem].parts[name] = node
        else:
            top.parts[path] = node
    return top


class Btf:
    """Collects types and names; equal types are kept once."""

    def __init__(self):
        self.types = []
        self.known = {}
        self.strings = bytearray(1)
        self.offsets = {"": 0}

    def name(self, text):
        """Offset of a string."""
        if text not in self.offsets:
            self.offsets[text] = len(self.strings)
            self.strings += text.encode() + b"\0"
        return self.offsets[text]

    def add(self, name, kind, size_or_type, tail=b"", vlen=0, flag=0):
        """Id of a type."""
        data = struct.pack("<III", self.name(name), flag << 31 | kind << 24 | vlen,
                           size_or_type) + tail
        if data not in self.known:
            self.types.append(data)
            self.known[data] = len(self.types)
        return self.known[data]

    def integer(self, size, encoding=0, name=None):
        """An integer of 1, 2, 4 or 8 bytes."""
        return self.add(name or C_NAMES[size], INT, size,
                        struct.pack("<I", encoding << 24 | size * 8))

    def array(self, element, count):
        """An array."""
        return self.add("", ARRAY, 0, struct.pack("<III", element, self.integer(4), count))

    def leaf(self, size, base):
        """A field without parts that is no array."""
        if size not in C_NAMES:
            return self.array(self.integer(1), size)
        encoding = BASES.get(base, 0)
        if base == "char" and size == 1:
            return self.integer(1, CHAR, "char")
        names = {SIGNED: C_NAMES[size].replace("unsigned ", ""), BOOL: "_Bool"}
        target = self.integer(size, encoding, names.get(encoding))
        return self.add(base, TYPEDEF, target) if re.match(r"\w+\Z", base) else target

    def field(self, node):
        """A field of any kind."""
        dims = node.dims()
        base = re.sub(r"\s*\[.*", "", node.ctype).removeprefix("struct ")
        count = 1
        for dim in dims:
            count *= dim
        if node.element:
            target = self.aggregate("", node.element)
        elif node.parts:
            return self.aggregate("", node)
        elif not dims:
            return self.leaf(node.size, base)
        elif not node.size or not count or node.size % count:
            # Of a flexible array without parts only the kind of its bytes is known.
            target = self.leaf({"NvU32": 4, "NvU64": 8, "NvU16": 2}.get(base, 1), base)
        else:
            target = self.leaf(node.size // count, base)
        for dim in reversed(dims):
            target = self.array(target, dim)
        return target

    def aggregate(self, name, node):
        """A struct, or a union where all parts begin where it begins."""
        members = []
        flag = any(RE_BITS.match(part) for part in node.parts)
        for part, child in node.parts.items():
            bits = RE_BITS.match(part)
            off, width = (child.off - node.off) * 8, 0
            if bits:
                part, width = bits[1], int(bits[2]) - int(bits[3]) + 1
                off += int(bits[3])
            off |= width << 24 if flag else 0
            members.append(struct.pack("<III", self.name(part), self.field(child), off))
        union = len(members) > 1 and not flag and all(child.off == node.off and child.size
                                                      for child in node.parts.values())
        return self.add(name, UNION if union else STRUCT, node.size, b"".join(members),
                        len(members), flag)

    def blob(self):
        """The file's content."""
        types = b"".join(self.types)
        return struct.pack("<HBBIIIII", 0xeb9f, 1, 0, 24, 0, len(types), len(types),
                           len(self.strings)) + types + bytes(self.strings)


def release_btf(model, release):
    """BTF of a release, as bytes."""
    btf = Btf()
    ids = {}
    for name, number in model.tables.releases[release].items():
        ids[name] = btf.aggregate(name, tree(model.tables.layouts[name][number]))
    table = model.tables.functions[model.tables.release_functions[release]]
    for kind, number, name in table:
        target = ids.get(model.heads.get((kind, name)))
        if target:
            btf.add(f"function_{number}", TYPEDEF, target)
    for number, name in model.params.items():
        if name in ids:
            btf.add(f"control_{number:08x}", TYPEDEF, ids[name])
    return btf.blob()
