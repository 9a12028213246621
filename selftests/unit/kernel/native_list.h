/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's lists, for files that use them and are compiled natively. */
#ifndef NOVABPF_UNIT_NATIVE_LIST_H
#define NOVABPF_UNIT_NATIVE_LIST_H

#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }
#define INIT_LIST_HEAD(h)	((h)->next = (h), (h)->prev = (h))
#define list_entry(p, t, m)	container_of(p, t, m)
#define list_first_entry_or_null(h, t, m) \
	(list_empty(h) ? NULL : list_entry((h)->next, t, m))
#define list_for_each_prev(at, h) \
	for (at = (h)->prev; at != (h); at = at->prev)
#define list_for_each_entry(e, h, m) \
	for (e = list_entry((h)->next, __typeof__(*e), m); &e->m != (h); \
	     e = list_entry(e->m.next, __typeof__(*e), m))
#define list_for_each_entry_safe(e, n, h, m) \
	for (e = list_entry((h)->next, __typeof__(*e), m), \
	     n = list_entry(e->m.next, __typeof__(*e), m); &e->m != (h); \
	     e = n, n = list_entry(n->m.next, __typeof__(*n), m))

static inline void list_add(struct list_head *node, struct list_head *at)
{
	node->prev = at;
	node->next = at->next;
	at->next->prev = node;
	at->next = node;
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_add(node, head->prev);
}

static inline void list_del(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
}

static inline void list_move_tail(struct list_head *node, struct list_head *head)
{
	list_del(node);
	list_add_tail(node, head);
}

static inline void list_splice_tail_init(struct list_head *from, struct list_head *to)
{
	while (!list_empty(from))
		list_move_tail(from->next, to);
}

#endif /* NOVABPF_UNIT_NATIVE_LIST_H */
