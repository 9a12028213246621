// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments that GSP reads at its start: the libos page with its regions, the log buffers
 * and GSP_ARGUMENTS_CACHED.
 */
#include "internal.h"

#define GSIM_LIBOS_REGIONS_MAX	(GSIM_PAGE / 32)

static const struct {
	const char *id;
	u32 mask;
	u32 bytes_min;
} gsim_logs[GSIM_LOG_REGIONS] = {
	{ "LOGINIT", NOVA_LIBOS_LOG_INIT, NOVA_LIBOS_LOG_BYTES },
	{ "LOGINTR", NOVA_LIBOS_LOG_INTR, NOVA_LIBOS_LOG_BYTES },
	{ "LOGRM", NOVA_LIBOS_LOG_RM, NOVA_LIBOS_LOG_BYTES },
	{ "LOGMNOC", NOVA_LIBOS_LOG_MNOC, GSIM_PAGE },
	{ "LOGROOT", NOVA_LIBOS_LOG_ROOT, NOVA_LIBOS_LOG_ROOT_BYTES },
	{ "LOGRMON", NOVA_LIBOS_LOG_RMON, NOVA_LIBOS_LOG_RMON_BYTES },
};

/* Up to eight characters, the first in the most significant used byte. */
static u64 gsim_id8(const char *s)
{
	u64 id = 0;

	while (*s)
		id = id << 8 | (u8)*s++;
	return id;
}

static const u8 *gsim_region_find(struct gsim *sim, const u8 *page, u32 size, const char *id)
{
	u64 want = gsim_id8(id);
	u32 i;

	for (i = 0; i < GSIM_PAGE / size && i < GSIM_LIBOS_REGIONS_MAX; i++) {
		u64 have = gsim_get(sim, NOVA_LIBOS_REGION_ID8, page + i * size, size);

		if (!have)
			break;
		if (have == want)
			return page + i * size;
	}
	return NULL;
}

static bool gsim_region_read(struct gsim *sim, const u8 *page, const char *id, u32 bytes_min,
			     enum gsim_fatal reason, struct gsim_log_region *out)
{
	u32 len = nova_msg_size(sim->abi, NOVA_MSG_LIBOS_REGION);
	const u8 *r = len ? gsim_region_find(sim, page, len, id) : NULL;
	u64 pa, size, kind, loc;

	if (!r)
		return gsim_die(sim, reason, "libos arguments: region %s is missing", id);
	pa = gsim_get(sim, NOVA_LIBOS_REGION_PA, r, len);
	size = gsim_get(sim, NOVA_LIBOS_REGION_SIZE, r, len);
	kind = gsim_get(sim, NOVA_LIBOS_REGION_KIND, r, len);
	loc = gsim_get(sim, NOVA_LIBOS_REGION_LOC, r, len);
	if (!pa || pa % GSIM_PAGE || size < bytes_min || size % GSIM_PAGE || size > GSIM_MIB ||
	    kind != NOVA_LIBOS_KIND_CONTIGUOUS || loc != NOVA_LIBOS_LOC_SYSMEM)
		return gsim_die(sim, reason,
				"libos arguments: region %s at 0x%llx, %llu bytes, kind %llu, location %llu",
				id, (ull)pa, (ull)size, (ull)kind, (ull)loc);
	out->pa = pa;
	out->bytes = (u32)size;
	return true;
}

/* A log starts with its put index, then the addresses of its own pages. */
static bool gsim_log_check(struct gsim *sim, const char *id, const struct gsim_log_region *log)
{
	u32 i, n = log->bytes / GSIM_PAGE;

	if (gsim_fw_read(sim, log->pa, sim->page, GSIM_PAGE))
		return gsim_die(sim, GSIM_FATAL_LOG_REGION, "%s at 0x%llx: unreadable", id,
				(ull)log->pa);
	for (i = 0; i < n; i++) {
		u64 addr = get_unaligned_le64(sim->page + 8 + 8 * i);

		/* The memory is contiguous, so only this list is right. */
		if (addr == log->pa + (u64)i * GSIM_PAGE)
			continue;
		return gsim_die(sim, GSIM_FATAL_LOG_REGION,
				"%s: page address %u is 0x%llx, want 0x%llx", id, i, (ull)addr,
				(ull)(log->pa + (u64)i * GSIM_PAGE));
	}
	return true;
}

/*
 * Appends text to a log: 64-bit words after the page addresses, the put index
 * counts words and wraps with the buffer.
 */
void gsim_args_log(struct gsim *sim, u32 region, const char *text)
{
	struct gsim_log_region *log = &sim->fw.log[region];
	u32 first = 1 + log->bytes / GSIM_PAGE, room, i, words;
	u8 line[64] = { 0 };
	u8 word[8];
	u32 put;

	if (!log->pa || gsim_fw_read(sim, log->pa, word, sizeof(word)))
		return;
	room = log->bytes / 8 - first;
	put = get_unaligned_le64(word) < room ? get_unaligned_le32(word) : 0;
	words = (u32)DIV_ROUND_UP(min_t(size_t, strlen(text) + 1, sizeof(line) - 1), 8);
	memcpy(line, text, min_t(size_t, strlen(text), sizeof(line) - 1));
	for (i = 0; i < words; i++) {
		u32 at = (put + i) % room;

		if (gsim_fw_write(sim, log->pa + 8ULL * (first + at), line + 8 * i, 8))
			return;
	}
	dma_wmb();
	put_unaligned_le64((put + words) % room, word);
	gsim_fw_write(sim, log->pa, word, sizeof(word));
}

static bool gsim_rmargs_read(struct gsim *sim, u64 pa)
{
	u32 len = nova_msg_size(sim->abi, NOVA_MSG_GSP_ARGS);
	u8 args[256];

	if (!len || len > sizeof(args) || gsim_fw_read(sim, pa, args, len))
		return gsim_die(sim, GSIM_FATAL_RM_ARGS, "RMARGS at 0x%llx: unreadable", (ull)pa);
	if (gsim_get(sim, NOVA_GSP_ARGS_SR_OLD_LEVEL, args, len) ||
	    gsim_get(sim, NOVA_GSP_ARGS_SR_FLAGS, args, len) ||
	    gsim_get(sim, NOVA_GSP_ARGS_SR_IN_PM_TRANSITION, args, len))
		return gsim_die(sim, GSIM_FATAL_RM_ARGS,
				"RMARGS: suspend arguments set on a cold boot");
	return gsim_queue_open(sim, args, len);
}

/* Return: whether GSP can continue; otherwise it has stopped with a reason. */
bool gsim_args_read(struct gsim *sim)
{
	struct gsim_log_region rmargs;
	u64 pa = sim->fw.libos_pa;
	u8 *page = sim->page2;
	u32 i;

	if (!pa || pa % GSIM_PAGE || gsim_fw_read(sim, pa, page, GSIM_PAGE))
		return gsim_die(sim, GSIM_FATAL_LIBOS_ARGS,
				"libos arguments at 0x%llx (MAILBOX0/1): unreadable", (ull)pa);
	for (i = 0; i < GSIM_LOG_REGIONS; i++) {
		if (!(sim->abi->rules->log_regions & gsim_logs[i].mask))
			continue;
		if (!gsim_region_read(sim, page, gsim_logs[i].id, gsim_logs[i].bytes_min,
				      GSIM_FATAL_LOG_REGION, &sim->fw.log[i]) ||
		    !gsim_log_check(sim, gsim_logs[i].id, &sim->fw.log[i]))
			return false;
	}
	if (!gsim_region_read(sim, page, "RMARGS", GSIM_PAGE, GSIM_FATAL_RM_ARGS, &rmargs))
		return false;
	return gsim_rmargs_read(sim, rmargs.pa);
}
