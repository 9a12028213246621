/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last calls of a GPU, for debugfs.
 */
#ifndef NOVABPF_GSP_HISTORY_H
#define NOVABPF_GSP_HISTORY_H

struct nova_history;
struct nova_rpc;
struct seq_file;

#define NOVA_HISTORY_ENTRIES	256

struct nova_history *nova_history_create(void);
void nova_history_destroy(struct nova_history *h);

/* A call ended. Any context. */
void nova_history_add(struct nova_history *h, const struct nova_rpc *rpc);

/* The reply to a call that had timed out came after all. Any context. */
void nova_history_late(struct nova_history *h, u64 call_id);

/* Prints a header line and a line per call, oldest first, TAB-separated. */
int nova_history_show(struct nova_history *h, struct seq_file *m);

#endif /* NOVABPF_GSP_HISTORY_H */
