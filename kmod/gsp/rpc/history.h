/* SPDX-License-Identifier: GPL-2.0-only */
/* The last RPCs of a GPU, for debugfs. */
#ifndef NOVABPF_GSP_HISTORY_H
#define NOVABPF_GSP_HISTORY_H

#include <uapi/novabpf.h>

struct nova_gsp_event;
struct nova_history;
struct nova_rpc;
struct seq_file;

#define NOVA_HISTORY_ENTRIES	256
#define NOVA_HISTORY_EVENTS	64

struct nova_history *nova_history_create(void);
/* A copy as it is now; NULL without memory. May sleep. */
struct nova_history *nova_history_clone(struct nova_history *h);
void nova_history_destroy(struct nova_history *h);

/* An RPC ended. Any context. */
void nova_history_add(struct nova_history *h, const struct nova_rpc *rpc);

/* An event was handled, or not. */
void nova_history_event(struct nova_history *h, const struct nova_gsp_event *ev, u64 now_ns);

/* A late reply came. Any context. */
void nova_history_late(struct nova_history *h, u64 call_id);

/* Prints a header line and a line per RPC, oldest first, TAB-separated. */
int nova_history_show(struct nova_history *h, struct seq_file *m);

/* The same of the last events. */
int nova_history_show_events(struct nova_history *h, struct seq_file *m);

const char *nova_fate_name(enum nova_rpc_fate fate);

#endif /* NOVABPF_GSP_HISTORY_H */
