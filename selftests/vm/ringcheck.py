#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Check raw GSP message-queue memory against the layout tables of one firmware release.

usage: ringcheck.py --release REL [--tables DIR] [--json] [--list] DUMP

DUMP holds the whole shared block (page table, command queue, status queue) as in
/sys/kernel/debug/novabpf/gpuN/queues. Knows nothing of the driver: only the tables and the
wire rules. Exit 0 when everything found is well formed, 1 when not, 2 for misuse.
"""
import argparse, csv, json, os, struct, sys

SIGNATURE, VERSION, PENDING = 0x43505256, 0x03000000, 0xFFFFFFFF
SLOT, CONT = 4096, 71
PAYLOAD = {  # function or event name -> (struct whose size is the payload's, exact?)
    'GSP_SET_SYSTEM_INFO': ('GspSystemInfo', True),
    'UNLOADING_GUEST_DRIVER': ('rpc_unloading_guest_driver_v', True),
    'FREE': ('rpc_free_v', True),
    'SET_GUEST_SYSTEM_INFO': ('rpc_set_guest_system_info_v', True),
    'SET_GUEST_SYSTEM_INFO_EXT': ('rpc_set_guest_system_info_ext_v', True),
    'POST_EVENT': ('rpc_post_event_v', False),
    'RC_TRIGGERED': ('rpc_rc_triggered_v', False),
    'OS_ERROR_LOG': ('rpc_os_error_log_v', True),
    'GSP_LOCKDOWN_NOTICE': ('rpc_gsp_lockdown_notice_v', True),
    'VGPU_GSP_PLUGIN_TRIGGERED': ('rpc_vgpu_gsp_plugin_triggered_v', True),
}
REPLY_PAYLOAD = {'GET_GSP_STATIC_INFO': ('GspStaticConfigInfo', True)}


def rows(path, column=None, wanted=()):
    """Dicts of the rows of which the column has a wanted value. Most are dropped before."""
    with open(path) as f:
        table = csv.reader(f)
        names = next(table)
        at = names.index(column) if column else 0
        for row in table:
            if not column or row[at] in wanted:
                yield dict(zip(names, row))


class Tables:
    def __init__(self, d, rel):
        rd = lambda f, *only: rows(os.path.join(d, f), *only)
        want = {r['struct']: r['layout'] for r in rd('releases.csv', 'release', (rel,))}
        if not want:
            sys.exit(f'ringcheck: release {rel} is not in {d}/releases.csv')
        self.off, self.size = {}, {}
        for r in rd('layouts.csv', 'layout', set(want.values())):
            if want.get(r['struct']) == r['layout']:
                if r['field'] == '(sizeof)':
                    self.size[r['struct']] = int(r['size'])
                else:
                    self.off[r['struct'], r['field']] = int(r['offset'])
        table = next(rd('release_functions.csv', 'release', (rel,)))['table']
        self.name = {int(r['number']): r['name'] for r in rd('functions.csv', 'table', (table,))}


def u32(b, o): return struct.unpack_from('<I', b, o)[0]


def xor_fold(b):
    b = bytes(b) + bytes(-len(b) % 8)
    x = 0
    for (w,) in struct.iter_unpack('<Q', b):
        x ^= w
    return (x >> 32) ^ (x & 0xFFFFFFFF)


class Queue:
    def __init__(self, name, block, base, t, errs):
        self.name, self.t, self.errs = name, t, errs
        v, size, msg, count, wp, flags, rxoff, entry = struct.unpack_from('<8I', block, base)
        self.count, self.wp, self.rp_of_peer = count, wp, u32(block, base + rxoff) if rxoff + 4 <= 4096 else None
        for what, got, exp in (('version', v, 0), ('msgSize', msg, SLOT), ('rxHdrOff', rxoff, 32), ('entryOff', entry, SLOT), ('flags', flags & 1, 1)):
            if got != exp:
                errs.append(f'{name}: TX header {what} {got}, want {exp}')
        if msg and count != (size - entry) // msg:
            errs.append(f'{name}: msgCount {count} does not follow from size {size}')
        if wp >= count:
            errs.append(f'{name}: writePtr {wp} >= msgCount {count}')
        if self.rp_of_peer is not None and self.rp_of_peer >= 63:
            errs.append(f'{name}: stored readPtr {self.rp_of_peer} out of range')
        self.slots = [block[base + entry + i * SLOT: base + entry + (i + 1) * SLOT] for i in range(min(count, 63))]
        el = 'GSP_MSG_QUEUE_ELEMENT'
        self.o_rpc = t.off[el, 'rpc']
        self.o_seq, self.o_cnt = t.off[el, 'seqNum'], t.off.get((el, 'elemCount'))

    def record(self, i):
        """The record that starts at slot i, or None where no whole valid record starts there."""
        s = self.slots[i]
        sig, ln = u32(s, self.o_rpc + 4), u32(s, self.o_rpc + 8)
        fn = u32(s, self.o_rpc + 12)
        if not (32 <= ln <= 65536 - self.o_rpc) or (sig != SIGNATURE and fn != CONT):
            return None
        n = -(-(self.o_rpc + ln) // SLOT)
        if self.o_cnt is not None and u32(s, self.o_cnt) != n:
            return {'slot': i, 'bad': f'elemCount {u32(s, self.o_cnt)}, length {ln} wants {n}'}
        raw = b''.join(self.slots[(i + k) % len(self.slots)] for k in range(n))
        r = dict(slot=i, n=n, seq=u32(s, self.o_seq), fn=fn, length=ln, result=u32(s, self.o_rpc + 16),
                 rpcseq=u32(s, self.o_rpc + 24), hv=u32(s, self.o_rpc), payload=raw[self.o_rpc + 32:self.o_rpc + ln])
        if xor_fold(raw[:self.o_rpc + ln]):
            r['bad'] = 'checksum over the message'
        elif xor_fold(raw):
            r['bad'] = 'checksum over whole elements (tail not zero-filled)'
        return r

    def newest_run(self):
        """Records walking back from writePtr while they are whole: newest first."""
        recs = {}
        for i in range(len(self.slots)):
            r = self.record(i)
            if r and 'n' in r:
                recs.setdefault((i + r['n']) % len(self.slots), []).append(r)
        out, end, used = [], self.wp % max(1, len(self.slots)), 0
        while used < len(self.slots):
            cand = [r for r in recs.get(end, []) if not out or r['seq'] == out[-1]['seq'] - 1 or 'bad' in r]
            if not cand:
                break
            r = max(cand, key=lambda c: ('bad' not in c, c['seq']))
            if used + r['n'] > len(self.slots) or (out and 'bad' in r):
                break
            out.append(r); used += r['n']; end = r['slot']
        self.used = used
        return out

    def check(self, reply):
        t, e = self.t, lambda r, m: self.errs.append(f"{self.name}: slot {r['slot']} seq {r['seq']} {t.name.get(r['fn'], r['fn'])}: {m}")
        run = self.newest_run()
        if not run:
            self.errs.append(f'{self.name}: no whole record ends at writePtr {self.wp}')
        if run and run[-1]['seq'] != 0 and self.used < len(self.slots) - 16:
            self.errs.append(f"{self.name}: chain breaks before seq {run[-1]['seq']} after only {self.used} slots")
        for r in run:
            if 'bad' in r:
                e(r, r['bad']); continue
            if r['hv'] != VERSION and r['fn'] != CONT:
                e(r, f"header_version {r['hv']:#x}")
            if r['fn'] not in t.name:
                e(r, 'number unknown to this release'); continue
            name = t.name[r['fn']]
            event = r['fn'] >= 0x1000
            if not reply and event:
                e(r, 'event number in the command queue')
            if not reply and r['result'] != PENDING and name != 'CONTINUATION_RECORD':
                e(r, f"request rpc_result {r['result']:#x}, want pending")
            if reply and r['result'] == PENDING:
                e(r, 'reply still pending')
            pl = len(r['payload'])
            st = (REPLY_PAYLOAD if reply else {}).get(name) or PAYLOAD.get(name)
            if st and st[0] in t.size and (not reply or event or name in REPLY_PAYLOAD or pl):
                want = t.size[st[0]]
                if (pl != want) if st[1] else (pl < t.off.get((st[0], 'eventData'), want) and pl < want - 8):
                    e(r, f'payload {pl} bytes, {st[0]} is {want}')
            for fn, s in (('GSP_RM_CONTROL', 'rpc_gsp_rm_control_v'), ('GSP_RM_ALLOC', 'rpc_gsp_rm_alloc_v')):
                if name == fn and s in t.size:
                    head, ps = t.off[s, 'params'], t.off[s, 'paramsSize']
                    if pl < head:
                        e(r, f'payload {pl} shorter than the {head}-byte head')
                    elif not reply and r['length'] < 65536 - self.o_rpc and pl != head + u32(r['payload'], ps):
                        e(r, f"payload {pl} is not head {head} + paramsSize {u32(r['payload'], ps)}")
            if name == 'SET_REGISTRY' and pl >= 8 and u32(r['payload'], 0) != pl:
                e(r, f"registry size {u32(r['payload'], 0)}, payload {pl}")
        return run


def main():
    ap = argparse.ArgumentParser(add_help=True)
    ap.add_argument('--release', required=True)
    ap.add_argument('--tables', default=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tools', 'abi', 'data'))
    ap.add_argument('--json', action='store_true')
    ap.add_argument('--list', action='store_true', help='print each record, oldest first')
    ap.add_argument('dump')
    a = ap.parse_args()
    t = Tables(a.tables, a.release)
    block = open(a.dump, 'rb').read()
    errs = []
    if len(block) < 0x81000:
        sys.exit(f'ringcheck: {a.dump} has {len(block)} bytes, the block is at least {0x81000}')
    ptes = struct.unpack_from('<512Q', block, 0)
    n = next((i for i, p in enumerate(ptes) if not p), 512)
    if n < len(block) // 4096 or any(p & 0xFFF for p in ptes[:n]) or len(set(ptes[:n])) != n:
        errs.append(f'page table: {n} entries for {len(block) // 4096} pages, or unaligned, or repeated')
    cmd = Queue('cmdq', block, 0x1000, t, errs)
    stat = Queue('statq', block, 0x1000 + u32(block, 0x1004), t, errs)
    runs = {'cmdq': cmd.check(False), 'statq': stat.check(True)}
    if a.list:
        for q, run in runs.items():
            for r in reversed(run):
                print(f"{q} slot {r['slot']:2} x{r['n']:<2} seq {r['seq']:<6} {t.name.get(r['fn'], hex(r['fn'])):28} len {r['length']:<6} result {r['result']:#x} rpcseq {r['rpcseq']}")
    seen = sorted({t.name.get(r['fn'], '?') for run in runs.values() for r in run})
    if a.json:
        print(json.dumps(dict(release=a.release, records={k: len(v) for k, v in runs.items()}, functions=seen, errors=errs)))
    else:
        for m in errs:
            print(m)
        print(f"{a.release}: cmdq {len(runs['cmdq'])} records, statq {len(runs['statq'])} records, {len(errs)} errors; {', '.join(seen)}")
    sys.exit(1 if errs else 0)


main()
