# SPDX-License-Identifier: GPL-2.0-only
"""What tools/vm/run knows of this host's KVM: whether a kernel ran under it, as a
boot of that kernel showed. A node in /dev proves nothing, nor do a few bytes of
guest code: some KVMs run those and stop at the first instruction of a kernel
that they have to emulate."""

import os
import re
import subprocess
import tempfile

# Other places are for tests.
NODE = os.environ.get("NOVABPF_VM_NODE", "/dev/kvm")
LIFE_S = 40

# What QEMU prints when KVM gives up on a guest. QEMU then stands still.
ERROR = re.compile(r"^(KVM internal error|KVM: (entry failed|unknown exit|exception)"
                   r"|error: kvm run failed).*", re.M)
# tools/vm/init writes this to the console before anything else.
MARK = b"vm/init: begun"


def node_missing():
    """Why the node cannot be used, or None."""
    if not os.path.exists(NODE):
        return f"{NODE} does not exist"
    if not os.access(NODE, os.R_OK | os.W_OK):
        return f"{NODE} may not be opened by you"
    return None


def life_limit():
    text = os.environ.get("NOVABPF_VM_LIFE_S", "")
    if not text:
        return LIFE_S
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text):
        raise ValueError(f"NOVABPF_VM_LIFE_S is '{text}', must be seconds from 1 to 99999")
    return int(text)


class Memory:
    """A file that holds as long as the host's boot and QEMU's version do. Lines:
    "qemu VERSION", then "works RELEASE" or "unusable REASON"."""

    def __init__(self):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot = f.read().strip()
        self.path = os.path.join(tempfile.gettempdir(), f"novabpf-vm-kvm-{os.getuid()}-{boot}")
        got = subprocess.run(["qemu-system-x86_64", "--version"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                             errors="replace", check=False)
        self.qemu = (got.stdout.splitlines() or ["?"])[0]
        self.works = set()
        self.unusable = None
        self._load()

    def _load(self):
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        with os.fdopen(fd, encoding="utf-8", errors="replace") as f:
            if os.fstat(fd).st_uid != os.getuid():
                return
            lines = f.read(65536).splitlines()
        if not lines or lines[0] != f"qemu {self.qemu}":
            return
        for line in lines[1:]:
            word, _, rest = line.partition(" ")
            if word == "works":
                self.works.add(rest)
            elif word == "unusable":
                self.unusable = rest

    def _keep(self):
        lines = [f"qemu {self.qemu}"]
        if self.unusable:
            lines.append(f"unusable {self.unusable}")
        lines += [f"works {rel}" for rel in sorted(self.works)]
        try:
            fd, name = tempfile.mkstemp(prefix="novabpf-vm-kvm-new-")
            with os.fdopen(fd, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n")
            os.chmod(name, 0o644)
            os.replace(name, self.path)
        except OSError:
            pass

    def runs(self, rel):
        if rel not in self.works or self.unusable:
            self.works.add(rel)
            self.unusable = None
            self._keep()

    def fails(self, reason):
        if self.unusable != reason:
            self.unusable = reason
            self.works.clear()
            self._keep()


class Machine:
    """What can be seen of a machine from outside while it boots."""

    def __init__(self, out):
        self.out = out

    def alive(self):
        """Has something of ours run in it?"""
        if os.path.exists(f"{self.out}/.vm/begun"):
            return True
        try:
            with open(f"{self.out}/console.log", "rb") as f:
                return MARK in f.read(1 << 20)
        except OSError:
            return False

    def error(self):
        """The line with which QEMU says that KVM gave up, or None."""
        try:
            with open(f"{self.out}/qemu.log", encoding="utf-8", errors="replace") as f:
                got = ERROR.search(f.read(1 << 20))
        except OSError:
            return None
        return got and got.group(0)

    def last_words(self):
        """QEMU's last lines, without registers and code bytes."""
        try:
            with open(f"{self.out}/qemu.log", encoding="utf-8", errors="replace") as f:
                lines = f.read(1 << 20).splitlines()
        except OSError:
            return []
        return [line for line in lines
                if line.strip() and not re.match(r" *(\w{1,4} ?=|Code=)", line)][-3:]
