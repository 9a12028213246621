/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF links from the kernel's side: an attachment ends with its GPU, and its link, which
 * user space may have pinned, becomes inert.
 */
#ifndef NOVABPF_BASE_LINK_H
#define NOVABPF_BASE_LINK_H

struct bpf_link;

/**
 * nova_link_take() - get a reference to a link in order to detach it
 * @link: the link, or NULL; the caller's lock keeps its memory valid
 *
 * Context: any.
 * Return: a link for nova_link_drop(); NULL if there is no link, if its last reference is
 * gone already, and before 6.11, which cannot detach a link.
 */
struct bpf_link *nova_link_take(struct bpf_link *link);

/**
 * nova_link_drop() - detach a link and give the reference back
 * @link: from nova_link_take()
 *
 * Calls unreg() of the table of operations, so the caller holds no lock that this takes.
 * Context: may sleep.
 */
void nova_link_drop(struct bpf_link *link);

#endif /* NOVABPF_BASE_LINK_H */
