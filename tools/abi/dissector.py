# SPDX-License-Identifier: GPL-2.0-only
"""Firmware ABI data -> the tables of the dissector for Wireshark (Lua)."""

import os
import re

from abidata import SIZEOF, read_text

TEMPLATE = "tools/wireshark/novabpf.lua"
MARK = "-- @TABLES@\n"
UAPI_H = "include/uapi/novabpf.h"
ENUMS = (("fates", "NOVA_FATE_"), ("reasons", "NOVA_RECORD_"))
INTS = {1: "1", 2: "2", 4: "4", 8: "8"}
HEX = ("NvHandle", "NvRmctrlCmd", "NvP64", "RmPhysAddr", "LibosAddress")


def kind(path, size, ctype):
    """How a field is shown: 1 2 4 8 number, h handle, s status, c control, t text,
    b bytes, a/A array of 32/64-bit numbers."""
    base = ctype.partition("[")[0].strip()
    if "[" in ctype:
        if base == "char":
            return "t"
        return {"NvU32": "a", "NvU64": "A"}.get(base, "b")
    name = path.rpartition(".")[2]
    if size == 4 and (base == "NV_STATUS" or name == "status"):
        return "s"
    if size == 4 and name == "cmd":
        return "c"
    if base in HEX and size == 4:
        return "h"
    return INTS.get(size, "b")


def rows(fields):
    """Leaves of a layout: (path, off, size, kind), arrays of structs as (path, off, size,
    element size) in front of what one element holds."""
    out = []
    for path, (off, size, ctype) in fields.items():
        if path == SIZEOF or path.endswith("[0]"):
            continue
        parts = [p for p in fields if p.startswith((path + ".", path + "[0]"))]
        if not parts:
            out.append((path, off, size, kind(path, size, ctype)))
        elif path + "[0]" in fields:
            out.append((path, off, size, fields[path + "[0]"][1]))
    return out


def quoted(text):
    """A Lua string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def layout_text(fields):
    """One layout as a Lua table."""
    cells = [f"{{{quoted(path)},{off},{size},{quoted(how) if isinstance(how, str) else how}}}"
             for path, off, size, how in rows(fields)]
    return f"{{size={fields[SIZEOF][1]},{','.join(cells)}}}"


def enum_names(root, prefix):
    """Value -> name in lower case with dashes, of an enum in the uapi header."""
    found = re.findall(rf"^\t{prefix}(\w+) = ([0-9]+),$", read_text(os.path.join(root, UAPI_H)),
                       re.M)
    return {int(value): name.lower().replace("_", "-") for name, value in found}


def dissector(model, root):
    """Text of the dissector."""
    structs = sorted(set(model.heads.values()) | set(model.params.values()))
    out = ["local layouts = {"]
    for name in structs:
        out.append(f"{quoted(name)[1:-1]} = {{")
        out += [f"[{number}]={layout_text(fields)},"
                for number, fields in model.tables.layouts[name].items()]
        out.append("},")
    out += ["}", "local structs = {" + ",".join(map(quoted, structs)) + "}"]
    out.append("local releases = {")
    for release in model.releases:
        have = model.tables.releases[release]
        numbers = "".join(f"{have.get(name, 0):02x}" for name in structs)
        out.append(f"[{quoted(release)}]={{{model.tables.release_functions[release]},"
                   f"{quoted(numbers)}}},")
    out += ["}", "local functions = {"]
    for table, entries in model.tables.functions.items():
        out.append(f"[{table}]={{" + ",".join(f"[{num}]={quoted(name)}"
                                              for _, num, name in entries) + "},")
    out += ["}", "local heads = {"]
    out += [f"[{quoted(what + ':' + name)}]={quoted(struct)}," for (what, name), struct
            in model.heads.items()]
    for name, values in (("params", model.params.items()),
                         ("controls", [entry[:2] for entry in model.controls]),
                         ("statuses", [entry[:2] for entry in model.statuses])):
        out += ["}", f"local {name} = {{"]
        out += [f"[{value:#x}]={quoted(text)}," for value, text in values]
    out.append("}")
    for name, prefix in ENUMS:
        out.append(f"local {name} = {{" + ",".join(
            f"[{value}]={quoted(text)}" for value, text in enum_names(root, prefix).items()) + "}")
    text = read_text(os.path.join(root, TEMPLATE))
    return text.replace(MARK, "\n".join(out) + "\n")
