# SPDX-License-Identifier: GPL-2.0-only
"""Firmware ABI data -> C tables, as text; writes nothing itself."""

import os
from collections import OrderedDict

from abidata import (KINDS, SIZEOF, AbiError, Tables, missing_ops, read_fields, read_names,
                     read_ops, read_payloads, read_rules, resolve_rules, rule_keys)

DATA = "tools/abi/data"
TABLES_C = "kmod/abi/tables.c"
IDS_H = "include/novabpf/abi_ids.h"
ABI_H = "include/novabpf/driver/abi.h"
ABSENT = 0xffff
MAX_TABLES = 64
WIDTH = 100
TAB = 8


class Pool:
    """One string pool; equal strings and shared tails are kept once."""

    def __init__(self, strings):
        self.text = []
        self.offsets = {}
        end = 0
        # Longest reversed first: a string that ends another comes right after it.
        previous = ""
        start = 0
        for name in sorted(set(strings), key=lambda s: s[::-1], reverse=True):
            if previous.endswith(name):
                self.offsets[name] = start + len(previous) - len(name)
                continue
            self.text.append(name)
            self.offsets[name] = end
            previous, start = name, end
            end += len(name) + 1
        if end > 0xffff:
            raise AbiError("the names do not fit 64 KiB; shorten fields.list")

    def __getitem__(self, name):
        return self.offsets[name]


class Layout:
    """The used part of one or more layouts of a struct."""

    def __init__(self, size, positions):
        self.size = size
        self.positions = positions
        self.releases = []


def place(path, message, number, fields):
    """Used part of one layout: (size, ((off, size), ...))."""
    size = fields[SIZEOF][1]
    out = []
    for name, paths in message.fields:
        found = next((fields[p] for p in paths if p in fields), None)
        if found is None:
            out.append((ABSENT, 0))
            continue
        off, length, _ = found
        where = f"{path}: {message.struct} layout {number}: field {name}"
        if off >= ABSENT:
            raise AbiError(f"{where} lies at {off}; offsets end at {ABSENT - 1}")
        if length > 0xffff:
            if off + length != size:
                raise AbiError(f"{where} has {length} bytes and is not the last one")
            length = 0
        out.append((off, length))
    return size, tuple(out)


class Model:
    """Everything that goes into the C tables."""

    def __init__(self, root, tables=None, ops=None):
        data = os.path.join(root, DATA)
        self.layouts_path = os.path.join(data, "layouts.csv")
        self.tables = tables or Tables(data)
        self.ops = ops or read_ops(os.path.join(data, "ops.csv"))
        self.fields_path = os.path.join(data, "fields.list")
        self.messages = read_fields(self.fields_path)
        self.controls = read_names(os.path.join(data, "controls.csv"), ("number", "name"))
        self.statuses = read_names(os.path.join(data, "status.csv"), ("value", "name", "errno"))
        self.heads, self.params = read_payloads(os.path.join(data, "payloads.csv"), self.tables,
                                                self.ops, self.controls)
        rules_path = os.path.join(data, "rules.txt")
        self.keys = rule_keys(os.path.join(root, ABI_H))
        rules = read_rules(rules_path, self.keys)
        self.releases = self.tables.ordered()
        if missing_ops(self.tables, self.ops):
            name = missing_ops(self.tables, self.ops)[0][1]
            raise AbiError(f"{data}/ops.csv: no id for {name}; tools/abi/import appends ids")
        self._resolve_rules(rules_path, rules)
        self._resolve_layouts()
        self._resolve_names()

    def _resolve_rules(self, path, rules):
        self.rules = OrderedDict()            # values -> index
        self.rule_of = {}
        for release in self.releases:
            values = resolve_rules(path, rules, release)
            self.rule_of[release] = self.rules.setdefault(values, len(self.rules))

    def _resolve_layouts(self):
        self.layouts = []                     # per message: [Layout]
        self.layout_of = {release: [] for release in self.releases}
        for message in self.messages:
            known = self.tables.layouts.get(message.struct)
            if known is None:
                raise AbiError(f"{self.fields_path}: {self.layouts_path} has no struct "
                               f"{message.struct}")
            for name, paths in message.fields:
                for path in paths:
                    if not any(path in fields for fields in known.values()):
                        raise AbiError(f"{self.fields_path}: {message.struct} has no field "
                                       f"'{path}' in any layout ({message.name} {name})")
            used = OrderedDict()
            for release in self.releases:
                number = self.tables.releases[release].get(message.struct)
                if number is None and message.required:
                    raise AbiError(f"release {release} has no {message.struct}, which "
                                   f"{self.fields_path} requires; complete its tables")
                if number is None:
                    self.layout_of[release].append(0)
                    continue
                key = place(self.layouts_path, message, number, known[number])
                layout = used.setdefault(key, Layout(*key))
                layout.releases.append(release)
                self.layout_of[release].append(list(used).index(key) + 1)
            self.layouts.append(list(used.values()))

    def _resolve_names(self):
        # Function tables that differ in placeholders only become one.
        ids = {op: index + 1 for index, op in enumerate(self.ops)}
        distinct = OrderedDict()
        self.names_of = {}
        for release in self.releases:
            table = self.tables.functions[self.tables.release_functions[release]]
            key = tuple(sorted((num, ids[(kind, name)]) for kind, num, name in table
                               if (kind, name) in ids))
            self.names_of[release] = distinct.setdefault(key, len(distinct))
        if len(distinct) > MAX_TABLES:
            raise AbiError(f"more than {MAX_TABLES} different tables of functions; widen "
                           "nova_abi_number in kmod/abi/tables.h")
        masks = {}
        for key, index in distinct.items():
            for pair in key:
                masks[pair] = masks.get(pair, 0) | 1 << index
        self.numbers = [(num, op, masks[(num, op)]) for num, op in sorted(masks)]
        self.by_op = sorted(range(len(self.numbers)),
                            key=lambda i: (self.numbers[i][1], self.numbers[i][0]))


def banner(licence, purpose):
    """Opening of a generated file."""
    return [licence, "/*", f" * {purpose}", " *",
            f" * Generated by tools/abi/gen from {DATA}; do not edit.", " */"]


def ids_h(model):
    """Text of include/novabpf/abi_ids.h."""
    out = banner("/* SPDX-License-Identifier: GPL-2.0-only */",
                 "Stable ids of messages, fields and operations.")
    out += ["#ifndef NOVABPF_ABI_IDS_H", "#define NOVABPF_ABI_IDS_H", "", "enum nova_msg {"]
    out += [f"\tNOVA_MSG_{message.name}," for message in model.messages]
    out += ["\tNOVA_MSG_COUNT", "};", "", "/* (message << 8) | index of the field in it */",
            "enum nova_field {"]
    for count, message in enumerate(model.messages):
        out.append(f"\t/* {message.struct} */")
        out += [f"\tNOVA_{message.name}_{name} = {count << 8 | index:#06x},"
                for index, (name, _) in enumerate(message.fields)]
    out += ["};", "", "enum nova_op {", "\tNOVA_OP_UNKNOWN = 0,"]
    out += [f"\tNOVA_OP_{KINDS[kind]}_{name} = {index}," for index, (kind, name) in
            enumerate(model.ops, 1)]
    out += ["\tNOVA_OP_COUNT", "};", "", "#endif /* NOVABPF_ABI_IDS_H */"]
    return "\n".join(out) + "\n"


def wrap(items, depth=1):
    """Items as lines indented by depth tabs, each item followed by a comma."""
    out = []
    line = ""
    for item in items:
        if line and depth * TAB + len(line) + len(item) + 2 > WIDTH:
            out.append("\t" * depth + line)
            line = ""
        line += (" " if line else "") + item + ","
    return out + (["\t" * depth + line] if line else [])


class Writer:
    """Collects the arrays of tables.c."""

    def __init__(self):
        self.lines = []
        self.names = []

    def array(self, ctype, name, lines):
        """One array; its size is counted in nova_abi_tbl_bytes."""
        self.lines += ["", f"const {ctype} {name}[] = {{", *lines, "};"]
        self.names.append(name)


def span(releases):
    """Short comment that says which releases share something."""
    if len(releases) == 1:
        return releases[0]
    return f"{releases[0]} .. {releases[-1]}, {len(releases)} releases"


def tables_c(model):
    """Text of kmod/abi/tables.c."""
    pool = Pool([name for _, name in model.ops] + [message.struct for message in model.messages]
                + [paths[0] for message in model.messages for _, paths in message.fields]
                + [entry[1] for entry in model.controls + model.statuses] + model.releases)
    writer = Writer()
    writer.lines += ["", "const char nova_abi_tbl_pool[] ="]
    writer.lines += [f'\t"{text}\\0"' for text in pool.text]
    writer.lines[-1] += ";"
    writer.names.append("nova_abi_tbl_pool")

    sizes, places, paths, messages = [], [], [], []
    for message, layouts in zip(model.messages, model.layouts):
        messages.append(f"\t{{ {pool[message.struct]}, {len(paths)}, {len(sizes)}, "
                        f"{sum(len(line.positions) for line in places)}, "
                        f"{len(message.fields)}, {len(layouts)} }},")
        paths += [str(pool[names[0]]) for _, names in message.fields]
        sizes += [str(layout.size) for layout in layouts]
        for layout in layouts:
            layout.title = f"{message.name}: {span(layout.releases)}"
            places.append(layout)
    if sum(len(layout.positions) for layout in places) > 0xffff:
        raise AbiError("more than 65535 field positions; widen struct nova_abi_msg")
    lines = []
    for layout in places:
        lines.append(f"\t/* {layout.title} */")
        lines += wrap(f"{{ {off:#x}, {size} }}" if off == ABSENT else f"{{ {off}, {size} }}"
                      for off, size in layout.positions)
    writer.array("struct nova_field_pos", "nova_abi_tbl_pos", lines)
    writer.array("u32", "nova_abi_tbl_sizes", wrap(sizes))
    writer.array("u16", "nova_abi_tbl_paths", wrap(paths))
    writer.array("struct nova_abi_msg", "nova_abi_tbl_msgs", messages)

    lines = []
    for values in model.rules:
        pairs = [f".{key} = {value:#x}" if key.startswith("vgx") or key == "log_regions"
                 else f".{key} = {value}" for key, value in zip(model.keys, values)]
        lines += ["\t{", *wrap(pairs, 2), "\t},"]
    writer.array("struct nova_abi_rules", "nova_abi_tbl_rules", lines)

    lines = []
    for release in model.releases:
        lines += ["\t{", f"\t\t.release = nova_abi_tbl_pool + {pool[release]},\t/* {release} */",
                  f"\t\t.rules = nova_abi_tbl_rules + {model.rule_of[release]},",
                  "\t\t.layout = {",
                  *wrap(map(str, model.layout_of[release]), 3),
                  "\t\t},", f"\t\t.names = {model.names_of[release]},", "\t},"]
    writer.array("struct nova_abi", "nova_abi_tbl_releases", lines)

    writer.array("struct nova_abi_number", "nova_abi_tbl_numbers",
                 [f"\t{{ {mask:#x}, {num:#x}, {op} }}," for num, op, mask in model.numbers])
    writer.array("u16", "nova_abi_tbl_by_op", wrap(map(str, model.by_op)))
    writer.array("u16", "nova_abi_tbl_ops", wrap(str(pool[name]) for _, name in model.ops))
    writer.array("struct nova_abi_ctrl", "nova_abi_tbl_ctrls",
                 [f"\t{{ {num:#010x}, {pool[name]} }}," for num, name in model.controls])
    writer.array("struct nova_abi_status", "nova_abi_tbl_statuses",
                 [f"\t{{ {value:#010x}, {pool[name]}, {err} }},"
                  for value, name, err in model.statuses])
    ids = {message.struct: f"NOVA_MSG_{message.name}" for message in model.messages}
    writer.array("struct nova_abi_head", "nova_abi_tbl_heads",
                 [f"\t{{ NOVA_OP_{KINDS[kind]}_{name}, {ids[struct]} }},"
                  for (kind, name), struct in model.heads.items() if struct in ids])
    writer.array("struct nova_abi_params", "nova_abi_tbl_params",
                 [f"\t{{ {num:#010x}, {ids[model.params[num]]} }},"
                  for num in sorted(model.params) if model.params[num] in ids])
    head = banner("// SPDX-License-Identifier: GPL-2.0-only",
                  "Releases, layouts, rules, numbers and names of the firmware ABI.")
    head += ['#include "tables.h"']
    tail = ["", "const struct nova_abi_counts nova_abi_tbl_counts = {",
            *(f"\t.{field} = ARRAY_SIZE({name})," for field, name in (
                ("releases", "nova_abi_tbl_releases"), ("numbers", "nova_abi_tbl_numbers"),
                ("ctrls", "nova_abi_tbl_ctrls"), ("statuses", "nova_abi_tbl_statuses"),
                ("heads", "nova_abi_tbl_heads"), ("params", "nova_abi_tbl_params"))),
            "\t.bytes = sizeof(nova_abi_tbl_counts) +",
            *(f"\t\t sizeof({name}) +" for name in writer.names[:-1]),
            f"\t\t sizeof({writer.names[-1]}),", "};"]
    return "\n".join(head + writer.lines + tail) + "\n"


def generated(model):
    """Generated files: path below the root -> text."""
    return OrderedDict(((IDS_H, ids_h(model)), (TABLES_C, tables_c(model))))
