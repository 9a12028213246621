/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF links from the kernel's side: what a link attached to a GPU ends with the GPU,
 * and the link, which user space may have pinned, becomes inert.
 */
#ifndef NOVABPF_BASE_LINK_H
#define NOVABPF_BASE_LINK_H

struct bpf_link;

/**
 * nova_link_take() - get a reference to a link that is to be detached
 * @link: the link, or NULL; its memory is valid, which the caller's lock sees to
 *
 * Context: any.
 * Return: for nova_link_drop(); NULL where there is no link, where it
 * is on its way out by itself, and before 6.11, which cannot detach a link.
 */
struct bpf_link *nova_link_take(struct bpf_link *link);

/**
 * nova_link_drop() - detach a link and give the reference back
 * @link: from nova_link_take()
 *
 * Ends in unreg() of the table of operations, so the caller holds no lock of that.
 * Context: may sleep.
 */
void nova_link_drop(struct bpf_link *link);

#endif /* NOVABPF_BASE_LINK_H */
