# SPDX-License-Identifier: GPL-2.0-only
"""Firmware ABI data: reading, checking and resolving it.

Shared by gen (data -> C tables) and import (new releases -> data). Every
complaint is an AbiError with one line that names the file, the line and what
to do about it.
"""

import os
import re
from collections import OrderedDict

TABLES = OrderedDict((
    ("layouts.csv", ("struct", "layout", "field", "offset", "size", "type")),
    ("releases.csv", ("release", "struct", "layout")),
    ("functions.csv", ("table", "kind", "number", "name")),
    ("release_functions.csv", ("release", "table")),
))
OPS_COLUMNS = ("id", "kind", "name")
KINDS = {"rpc": "RPC", "event": "EVT"}
SIZEOF = "(sizeof)"
RE_RELEASE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,5}\Z")
RE_IDENT = re.compile(r"[A-Z][A-Z0-9_]*\Z")
RE_CNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
RE_PATH = re.compile(r"[A-Za-z0-9_.\[\]: ]+\Z")
# Names that mark a slot or a bound, not an operation; and 0, which is never sent.
RE_PLACEHOLDER = re.compile(r"(RESERVED(_[0-9]+)?|NUM_FUNCTIONS|NUM_EVENTS|FIRST_EVENT|NOP)\Z")


class AbiError(Exception):
    """One line for the user: what is wrong and where."""


def version(name):
    """Release name as a tuple of numbers, the order of releases."""
    return tuple(int(part) for part in name.split("."))


def is_op(name):
    """True if a function or event name stands for an operation."""
    return not RE_PLACEHOLDER.match(name)


def read_text(path):
    """Text of a data file, or AbiError."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as err:
        raise AbiError(f"{path}: {err.strerror}") from None
    except UnicodeDecodeError:
        raise AbiError(f"{path}: not a text file") from None


def rows(path, columns):
    """Yield (where, list of cells) for each row of a plain CSV file.

    The tables hold no quotes; the last column may hold commas (C types do).
    """
    seen_header = False
    for number, line in enumerate(read_text(path).split("\n"), 1):
        where = f"{path}:{number}"
        line = line.rstrip("\r")
        if not line or line.startswith("#"):
            continue
        cells = line.split(",", len(columns) - 1)
        if not seen_header:
            if tuple(cells) != columns:
                raise AbiError(f"{where}: expected the header {','.join(columns)}")
            seen_header = True
            continue
        if len(cells) != len(columns):
            raise AbiError(f"{where}: expected {len(columns)} columns "
                           f"({','.join(columns)}), found {len(cells)}")
        yield where, cells
    if not seen_header:
        raise AbiError(f"{path}: empty; expected the header {','.join(columns)}")


def number(where, what, text, limit=0xffffffff):
    """Decimal or 0x number in 0..limit, or AbiError."""
    if not re.match(r"(0x[0-9a-fA-F]+|[0-9]+)\Z", text):
        raise AbiError(f"{where}: {what} '{text}' is not a number")
    value = int(text, 16) if text.startswith("0x") else int(text)
    if value > limit:
        raise AbiError(f"{where}: {what} {text} is larger than {limit}")
    return value


def release_name(where, text):
    """A release name, or AbiError."""
    if not RE_RELEASE.match(text):
        raise AbiError(f"{where}: '{text}' is not a release (expected numbers "
                       "and dots, such as 570.144)")
    return text


class Tables:
    """Layouts, functions, and which release has which."""

    def __init__(self, folder):
        self.folder = folder
        self.layouts = OrderedDict()      # struct -> layout -> [(field, off, size, type)]
        self.releases = {}                # release -> struct -> layout
        self.functions = OrderedDict()    # table -> [(kind, number, name)]
        self.release_functions = {}       # release -> table
        self._where = {}
        self._read_layouts()
        self._read_functions()
        self._read_releases()
        self._check_versions()

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _read_layouts(self):
        name = "layouts.csv"
        for where, (struct, layout, field, off, size, ctype) in rows(
                self._path(name), TABLES[name]):
            if not RE_CNAME.match(struct):
                raise AbiError(f"{where}: '{struct}' is not a struct name")
            layout = number(where, "layout", layout, 255)
            if layout == 0:
                raise AbiError(f"{where}: layout numbers start at 1")
            off = number(where, "offset", off)
            size = number(where, "size", size)
            fields = self.layouts.setdefault(struct, OrderedDict()).setdefault(
                layout, OrderedDict())
            if field in fields:
                raise AbiError(f"{where}: {struct} layout {layout}: field '{field}' twice")
            if field != SIZEOF and not RE_PATH.match(field):
                raise AbiError(f"{where}: '{field}' is not a field path")
            if (field == SIZEOF) != (not fields):
                raise AbiError(f"{where}: {struct} layout {layout}: "
                               f"{SIZEOF} must be its first row, and once")
            if field != SIZEOF and off + size > fields[SIZEOF][1] and not self._in_tail(
                    fields, field):
                raise AbiError(f"{where}: {struct} layout {layout}: field '{field}' "
                               f"ends at {off + size}, past the struct's "
                               f"{fields[SIZEOF][1]} bytes")
            fields[field] = (off, size, ctype)

    @staticmethod
    def _in_tail(fields, field):
        """True for what lies in a flexible array, which sizeof does not count."""
        stem = field.partition("[")[0]
        return stem != field and stem in fields and fields[stem][1] == 0

    def _read_functions(self):
        name = "functions.csv"
        numbers = set()
        names = set()
        for where, (table, kind, num, op) in rows(self._path(name), TABLES[name]):
            table = number(where, "table", table, 255)
            num = number(where, "number", num, 0xffff)
            if kind not in KINDS:
                raise AbiError(f"{where}: kind '{kind}' is neither rpc nor event")
            if (num >= 0x1000) != (kind == "event"):
                raise AbiError(f"{where}: {kind} number {num:#x} is on the wrong side of 0x1000")
            if not RE_IDENT.match(op):
                raise AbiError(f"{where}: '{op}' is not an operation name")
            self.functions.setdefault(table, []).append((kind, num, op))
            if not is_op(op):
                continue
            if num == 0:
                raise AbiError(f"{where}: number 0 cannot name an operation")
            if (table, num) in numbers:
                raise AbiError(f"{where}: table {table} has number {num} twice")
            if (table, kind, op) in names:
                raise AbiError(f"{where}: table {table} has {kind} {op} twice")
            numbers.add((table, num))
            names.add((table, kind, op))

    def _read_releases(self):
        name = "releases.csv"
        for where, (release, struct, layout) in rows(self._path(name), TABLES[name]):
            release_name(where, release)
            layout = number(where, "layout", layout, 255)
            if layout not in self.layouts.get(struct, ()):
                raise AbiError(f"{where}: {struct} has no layout {layout} in layouts.csv")
            if struct in self.releases.setdefault(release, OrderedDict()):
                raise AbiError(f"{where}: release {release} has {struct} twice")
            self.releases[release][struct] = layout
            self._where.setdefault(release, where)
        name = "release_functions.csv"
        for where, (release, table) in rows(self._path(name), TABLES[name]):
            release_name(where, release)
            table = number(where, "table", table, 255)
            if table not in self.functions:
                raise AbiError(f"{where}: functions.csv has no table {table}")
            if release in self.release_functions:
                raise AbiError(f"{where}: release {release} twice")
            if release not in self.releases:
                raise AbiError(f"{where}: release {release} has no rows in releases.csv")
            self.release_functions[release] = table
        for release in self.releases:
            if release not in self.release_functions:
                raise AbiError(f"{self._where[release]}: release {release} has no row in "
                               "release_functions.csv")

    def _check_versions(self):
        seen = {}
        for release in self.releases:
            other = seen.setdefault(version(release), release)
            if other != release:
                raise AbiError(f"{self._where[release]}: releases {other} and {release} "
                               "are the same version")

    def ordered(self):
        """Release names in version order."""
        return sorted(self.releases, key=version)

    def text(self, name):
        """The file's content, written the one way this tool writes it."""
        out = [",".join(TABLES[name])]
        if name == "layouts.csv":
            for struct, layouts in self.layouts.items():
                for layout, fields in layouts.items():
                    out += [f"{struct},{layout},{field},{off},{size},{ctype}"
                            for field, (off, size, ctype) in fields.items()]
        elif name == "releases.csv":
            for release in self.ordered():
                out += [f"{release},{struct},{layout}"
                        for struct, layout in self.releases[release].items()]
        elif name == "functions.csv":
            for table, entries in self.functions.items():
                out += [f"{table},{kind},{num},{op}" for kind, num, op in entries]
        else:
            out += [f"{release},{self.release_functions[release]}"
                    for release in self.ordered()]
        return "\n".join(out) + "\n"


class Message:
    """One block of fields.list."""

    def __init__(self, name, struct, required):
        self.name = name
        self.struct = struct
        self.required = required          # every release must have it
        self.fields = []                  # [(name, [path, ...])]


def read_fields(path):
    """Messages of fields.list in order."""
    messages = []
    idents = {"MSG_COUNT"}
    for count, line in enumerate(read_text(path).split("\n"), 1):
        where = f"{path}:{count}"
        line = line.split("#", 1)[0].rstrip()
        if not line:
            continue
        words = line.split()
        if not RE_IDENT.match(words[0]):
            raise AbiError(f"{where}: '{words[0]}' is not a name in capitals")
        if not line[0].isspace():
            if (len(words) < 2 or words[2:] not in ([], ["required"])
                    or not RE_CNAME.match(words[1])):
                raise AbiError(f"{where}: expected a message name, a struct name, and "
                               "optionally 'required'")
            messages.append(Message(words[0], words[1], len(words) == 3))
            ident = "MSG_" + words[0]
        else:
            if not messages:
                raise AbiError(f"{where}: field before the first message")
            if len(words) < 2:
                raise AbiError(f"{where}: field {words[0]} has no path")
            messages[-1].fields.append((words[0], words[1:]))
            ident = messages[-1].name + "_" + words[0]
        if ident in idents:
            raise AbiError(f"{where}: NOVA_{ident} is there already")
        idents.add(ident)
        if len(messages) > 255 or len(messages[-1].fields) > 256:
            raise AbiError(f"{where}: more than 255 messages, or 256 fields in one")
    return messages


def read_ops(path):
    """Stable operation ids: [(kind, name)], index + 1 is the id."""
    ops = []
    for where, (ident, kind, name) in rows(path, OPS_COLUMNS):
        if number(where, "id", ident, 0xffff) != len(ops) + 1:
            raise AbiError(f"{where}: id {ident} out of order, expected {len(ops) + 1}; "
                           "ids are only ever appended")
        if kind not in KINDS or not RE_IDENT.match(name) or not is_op(name):
            raise AbiError(f"{where}: '{kind},{name}' is no operation")
        if (kind, name) in ops:
            raise AbiError(f"{where}: {kind} {name} twice")
        ops.append((kind, name))
    return ops


def missing_ops(tables, ops):
    """Operations of the tables that have no stable id yet, in table order."""
    known = set(ops)
    new = OrderedDict()
    for entries in tables.functions.values():
        for kind, _, name in entries:
            if is_op(name) and (kind, name) not in known:
                new[(kind, name)] = None
    return list(new)


def read_names(path, columns):
    """[(number, name, rest...)] of controls.csv or status.csv, by number."""
    out = {}
    for where, cells in rows(path, columns):
        value = number(where, columns[0], cells[0])
        if value in out:
            raise AbiError(f"{where}: {cells[0]} twice")
        if not RE_CNAME.match(cells[1]):
            raise AbiError(f"{where}: '{cells[1]}' is not a name")
        if len(cells) > 2 and not re.match(r"(0|E[A-Z0-9]+)\Z", cells[2]):
            raise AbiError(f"{where}: '{cells[2]}' is neither 0 nor an errno")
        out[value] = (value, *cells[1:])
    return [out[value] for value in sorted(out)]


def read_payloads(path, tables, ops, controls):
    """Structs of payloads: ({(kind, name): struct}, {control number: struct})."""
    heads, params = OrderedDict(), OrderedDict()
    known = {entry[0] for entry in controls}
    for where, (kind, key, struct) in rows(path, ("kind", "key", "struct")):
        if struct not in tables.layouts:
            raise AbiError(f"{where}: layouts.csv has no struct {struct}")
        if kind == "control":
            value, target = number(where, "control", key), params
            if value not in known:
                raise AbiError(f"{where}: controls.csv has no control {key}")
        else:
            value, target = (kind, key), heads
            if value not in ops:
                raise AbiError(f"{where}: ops.csv has no {kind} {key}")
        if value in target:
            raise AbiError(f"{where}: {kind} {key} twice")
        target[value] = struct
    return heads, params


def rule_keys(header):
    """Members of struct nova_abi_rules: name -> largest value."""
    match = re.search(r"struct nova_abi_rules \{(.*?)\n\};", read_text(header), re.S)
    if not match:
        raise AbiError(f"{header}: struct nova_abi_rules not found")
    keys = OrderedDict()
    for bits, key in re.findall(r"^\tu(8|16|32) (\w+);$", match.group(1), re.M):
        keys[key] = (1 << int(bits)) - 1
    return keys


class Range:
    """A range of releases; see the comment in rules.txt."""

    def __init__(self, where, text):
        self.text = text
        self.low = self.high = ()
        if text == "*":
            self.rank = 0
            return
        low, dash, high = text.partition("-")
        if not low and not high:
            raise AbiError(f"{where}: '{text}' is not a range")
        self.low = self._end(where, low)
        self.high = self._end(where, high) if dash else self.low
        if not dash:
            self.rank = 2 if low.endswith(".*") else 3
        else:
            self.rank = 2 if low and high else 1
        if low and high and self.low[:len(self.high)] > self.high:
            raise AbiError(f"{where}: range '{text}' ends before it starts")

    @staticmethod
    def _end(where, text):
        stem = text[:-2] if text.endswith(".*") else text
        if not text:
            return ()
        if not re.match(r"[0-9]+(\.[0-9]+)*\Z", stem):
            raise AbiError(f"{where}: '{text}' is neither a release nor a branch such as 570.*")
        # A bare release has the marker -1 at its end, so that 570.144 as an
        # upper end does not take in 570.144.1; a branch has none.
        return version(stem) if stem != text else version(stem) + (-1,)

    def __contains__(self, ver):
        ver += (-1,)
        return ver[:len(self.low)] >= self.low and ver[:len(self.high)] <= self.high


def read_rules(path, keys):
    """Rules: key -> [(value, Range, where)]."""
    rules = OrderedDict((key, []) for key in keys)
    for count, line in enumerate(read_text(path).split("\n"), 1):
        where = f"{path}:{count}"
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        left, colon, right = line.partition(":")
        words = left.split()
        if not colon or len(words) != 2 or not right.split():
            raise AbiError(f"{where}: expected 'key value : range ...'")
        key, value = words
        if key not in rules:
            raise AbiError(f"{where}: struct nova_abi_rules has no member '{key}'")
        value = number(where, key, value, keys[key])
        rules[key] += [(value, Range(where, text), where) for text in right.split()]
    return rules


def resolve_rules(path, rules, release):
    """Value of every key for a release: tuple in the order of the keys."""
    ver = version(release)
    out = []
    for key, entries in rules.items():
        match = [entry for entry in entries if ver in entry[1]]
        if not match:
            raise AbiError(f"{path}: no rule gives '{key}' for release {release}; "
                           "add its range")
        top = max(entry[1].rank for entry in match)
        match = [entry for entry in match if entry[1].rank == top]
        if len(match) > 1:
            raise AbiError(f"{match[1][2]}: '{key}' for release {release}: ranges "
                           f"{match[0][1].text} and {match[1][1].text} both match")
        out.append(match[0][0])
    return tuple(out)
