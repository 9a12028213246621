/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps and ring buffers for BPF programs that are compiled natively: lists that are
 * searched, for tests of a few entries.
 */
#ifndef NOVABPF_UNIT_NATIVE_MAPS_H
#define NOVABPF_UNIT_NATIVE_MAPS_H

#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#define __uint(name, val)	int (*name)[val]
#define __type(name, val)	__typeof__(val) *name

struct native_elem {
	struct native_elem *next;
	const void *map;
	u64 key[2];
	u64 value[];
};

struct native_record {
	struct native_record *next;
	const void *map;
	u64 data[];
};

/* native_full: the next reservation finds no room. */
static struct native_elem *native_elems;
static struct native_record *native_records;
static bool native_full __attribute__((unused));

static inline void *native_insert(const void *map, const void *key, size_t key_size,
				  size_t value_size)
{
	struct native_elem *e = calloc(1, sizeof(*e) + value_size);

	e->map = map;
	memcpy(e->key, key, key_size);
	e->next = native_elems;
	native_elems = e;
	return e->value;
}

static inline void *native_lookup(const void *map, const void *key, size_t key_size,
				  size_t value_size, u32 array_entries)
{
	struct native_elem *e;

	for (e = native_elems; e; e = e->next)
		if (e->map == map && !memcmp(e->key, key, key_size))
			return e->value;
	/* All entries of an array are there from the beginning. */
	if (array_entries && *(const u32 *)key < array_entries)
		return native_insert(map, key, key_size, value_size);
	return NULL;
}

static inline long native_update(const void *map, const void *key, const void *value,
				 size_t key_size, size_t value_size)
{
	void *to = native_lookup(map, key, key_size, value_size, 0);

	if (!to)
		to = native_insert(map, key, key_size, value_size);
	memcpy(to, value, value_size);
	return 0;
}

#define native_entries(m)							\
	(sizeof(*(m)->type) == BPF_MAP_TYPE_ARRAY * sizeof(int) ?		\
		sizeof(*(m)->max_entries) / sizeof(int) : 0)
#define bpf_map_lookup_elem(m, k)						\
	((__typeof__((m)->value))native_lookup(m, k, sizeof(*(m)->key),		\
					       sizeof(*(m)->value), native_entries(m)))
#define bpf_map_update_elem(m, k, v, flags)					\
	native_update(m, k, v, sizeof(*(m)->key), sizeof(*(m)->value))
#define bpf_spin_lock(lock)	((void)(lock))
#define bpf_spin_unlock(lock)	((void)(lock))

static inline void *bpf_ringbuf_reserve(void *map, size_t size, u64 flags)
{
	struct native_record *r;

	(void)flags;
	if (native_full)
		return NULL;
	r = malloc(sizeof(*r) + size);
	/* Old bytes, as in a ring. */
	memset(r->data, 0xa5, size);
	r->map = map;
	return r->data;
}

static inline void bpf_ringbuf_submit(void *data, u64 flags)
{
	struct native_record *r = (void *)((char *)data - offsetof(struct native_record, data));

	(void)flags;
	r->next = native_records;
	native_records = r;
}

static inline void native_forget(void)
{
	struct native_elem *e;
	struct native_record *r;

	while ((e = native_elems)) {
		native_elems = e->next;
		free(e);
	}
	while ((r = native_records)) {
		native_records = r->next;
		free(r);
	}
}

#endif /* NOVABPF_UNIT_NATIVE_MAPS_H */
