// SPDX-License-Identifier: GPL-2.0-only
/*
 * SET_REGISTRY: the table must be well formed; no key has an effect.
 */
#include "internal.h"

#define GSIM_REGISTRY_ENTRIES_MAX	4096

static bool gsim_registry_bad(struct gsim *sim, u32 i, const char *what, u64 v)
{
	gsim_refuse(sim, "SET_REGISTRY: entry %u: %s %llu", i, what, (ull)v);
	return false;
}

static bool gsim_registry_entry(struct gsim *sim, const u8 *data, u32 len, u32 first, u32 i,
				u32 entry_size)
{
	const u8 *e = data + gsim_off(sim, NOVA_REGISTRY_ENTRIES) + i * entry_size;
	u64 name = gsim_get(sim, NOVA_REGISTRY_ENTRY_NAME_OFFSET, e, entry_size);
	u64 type = gsim_get(sim, NOVA_REGISTRY_ENTRY_TYPE, e, entry_size);
	u64 value = gsim_get(sim, NOVA_REGISTRY_ENTRY_DATA, e, entry_size);
	u64 size = gsim_get(sim, NOVA_REGISTRY_ENTRY_LENGTH, e, entry_size);

	if (name < first || name >= len)
		return gsim_registry_bad(sim, i, "nameOffset", name);
	if (data[name] == 0 || !memchr(data + name, 0, len - name))
		return gsim_registry_bad(sim, i, "name empty or without its end, at", name);
	switch (type) {
	case NOVA_REGISTRY_DWORD:
		return size == 4 || gsim_registry_bad(sim, i, "DWORD with length", size);
	case NOVA_REGISTRY_BINARY:
	case NOVA_REGISTRY_STRING:
		if (value < first || value > len || size > len - value)
			return gsim_registry_bad(sim, i, "data outside the table, at", value);
		return true;
	default:
		return gsim_registry_bad(sim, i, "type", type);
	}
}

bool gsim_registry_check(struct gsim *sim, const u8 *data, u32 len)
{
	u32 head = nova_msg_size(sim->abi, NOVA_MSG_REGISTRY);
	u32 entry = nova_msg_size(sim->abi, NOVA_MSG_REGISTRY_ENTRY);
	u64 size = gsim_get(sim, NOVA_REGISTRY_SIZE, data, len);
	u64 n = gsim_get(sim, NOVA_REGISTRY_NUM_ENTRIES, data, len);
	u32 i;

	if (len < head || size != len || n > GSIM_REGISTRY_ENTRIES_MAX || head + n * entry > len) {
		gsim_refuse(sim, "SET_REGISTRY: size %llu with %llu entries in %u bytes", (ull)size,
			    (ull)n, len);
		return false;
	}
	for (i = 0; i < n; i++)
		if (!gsim_registry_entry(sim, data, len, head + (u32)n * entry, i, entry))
			return false;
	return true;
}
