// SPDX-License-Identifier: GPL-2.0-only
/*
 * GSP's side of the shared queue block: pages through the page table, the CPU's header
 * checked, and GSP's own header written in an order in which a partial one is never valid.
 */
#include "internal.h"

/* Transfers between a buffer and the block, page by page. */
static int gsim_queue_copy(struct gsim *sim, u32 off, void *in, const void *out, u32 len)
{
	struct gsim_queue *q = sim->queue;
	u32 done = 0;

	if (off > q->page_count * GSIM_PAGE || len > q->page_count * GSIM_PAGE - off)
		return -EFAULT;
	while (done < len) {
		u32 at = off + done;
		u32 chunk = min_t(u32, len - done, GSIM_PAGE - at % GSIM_PAGE);
		u64 addr = q->page[at / GSIM_PAGE] + at % GSIM_PAGE;
		int err;

		if (in)
			err = gsim_fw_read(sim, addr, (u8 *)in + done, chunk);
		else
			err = gsim_fw_write(sim, addr, (const u8 *)out + done, chunk);
		if (err)
			return err;
		done += chunk;
	}
	return 0;
}

int gsim_queue_read(struct gsim *sim, u32 off, void *buf, u32 len)
{
	return gsim_queue_copy(sim, off, buf, NULL, len);
}

int gsim_queue_write(struct gsim *sim, u32 off, const void *buf, u32 len)
{
	return gsim_queue_copy(sim, off, NULL, buf, len);
}

struct gsim_rule {
	enum nova_field f;
	u32 want;
};

/* Checks fields for their only valid value; a field that the release lacks is skipped. */
static bool gsim_rules_hold(struct gsim *sim, enum gsim_fatal reason, const char *where,
			    const struct gsim_rule *rule, u32 rules, const void *buf, u32 len)
{
	u32 i;

	for (i = 0; i < rules; i++) {
		u64 v = gsim_get(sim, rule[i].f, buf, len);

		if (gsim_has(sim, rule[i].f) && v != rule[i].want)
			return gsim_die(sim, reason, "%s: %s %llu, want %u", where,
					nova_field_name(rule[i].f), (ull)v, rule[i].want);
	}
	return true;
}

/* Only one geometry is valid, also where the release reports it. */
static bool gsim_check_geometry(struct gsim *sim, const void *args, u32 len)
{
	const struct gsim_rule rule[] = {
		{ NOVA_GSP_ARGS_QUEUE_ELEMENT_HDR_SIZE, gsim_off(sim, NOVA_ELEM_RPC) },
		{ NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MIN, NOVA_MSGQ_SLOT_BYTES },
		{ NOVA_GSP_ARGS_QUEUE_ELEMENT_SIZE_MAX, NOVA_RECORD_BYTES_MAX },
		{ NOVA_GSP_ARGS_QUEUE_HEADER_ALIGN, 4 },
		{ NOVA_GSP_ARGS_QUEUE_ELEMENT_ALIGN, NOVA_GSP_PAGE_SHIFT },
		{ NOVA_GSP_ARGS_QUEUE_LOCKLESS_CMD_QUEUE_OFFSET, 0 },
		{ NOVA_GSP_ARGS_QUEUE_LOCKLESS_STAT_QUEUE_OFFSET, 0 },
	};

	return gsim_rules_hold(sim, GSIM_FATAL_RM_ARGS, "queue arguments", rule, ARRAY_SIZE(rule),
			       args, len);
}

static bool gsim_check_offsets(struct gsim *sim, const void *args, u32 len)
{
	u64 cmd = gsim_get(sim, NOVA_GSP_ARGS_QUEUE_CMD_QUEUE_OFFSET, args, len);
	u64 stat = gsim_get(sim, NOVA_GSP_ARGS_QUEUE_STAT_QUEUE_OFFSET, args, len);
	u64 count = gsim_get(sim, NOVA_GSP_ARGS_QUEUE_PAGE_TABLE_ENTRY_COUNT, args, len);
	struct gsim_queue *q = sim->queue;
	u32 table = DIV_ROUND_UP((u32)count * 8, GSIM_PAGE) * GSIM_PAGE;
	u64 total = count * GSIM_PAGE;

	if (!count || count > GSIM_QUEUE_PAGES_MAX || cmd != table || stat % GSIM_PAGE ||
	    stat < cmd || stat > total || stat - cmd < NOVA_GSP_QUEUE_BYTES_MIN ||
	    stat - cmd > NOVA_GSP_QUEUE_BYTES_MAX || total - stat < NOVA_GSP_QUEUE_BYTES_MIN ||
	    total - stat > NOVA_GSP_QUEUE_BYTES_MAX)
		return gsim_die(sim, GSIM_FATAL_PAGE_TABLE,
				"queue arguments: %llu pages, command queue at 0x%llx, status queue at 0x%llx do not fit together",
				(ull)count, (ull)cmd, (ull)stat);
	q->page_count = (u32)count;
	q->cmd_off = (u32)cmd;
	q->cmd_bytes = (u32)(stat - cmd);
	q->stat_off = (u32)stat;
	q->stat_bytes = (u32)(total - stat);
	return true;
}

/*
 * The table lists every page of the block, its own first. Its pages follow the
 * first one only through the table itself, so that it is read entry by page.
 */
static bool gsim_read_page_table(struct gsim *sim, u64 base)
{
	struct gsim_queue *q = sim->queue;
	u32 i, k;

	q->page[0] = base;
	for (i = 0; i < q->page_count; i++) {
		u32 at = i * 8;

		if (at % GSIM_PAGE == 0 &&
		    gsim_fw_read(sim, q->page[at / GSIM_PAGE], sim->page, GSIM_PAGE))
			return gsim_die(sim, GSIM_FATAL_PAGE_TABLE,
					"page table at 0x%llx: unreadable",
					(ull)q->page[at / GSIM_PAGE]);
		q->page[i] = get_unaligned_le64(sim->page + at % GSIM_PAGE);
		if (!q->page[i] || q->page[i] % GSIM_PAGE)
			return gsim_die(sim, GSIM_FATAL_PAGE_TABLE,
					"page table: entry %u is 0x%llx", i, (ull)q->page[i]);
		for (k = 0; k < i; k++) {
			if (q->page[k] != q->page[i])
				continue;
			return gsim_die(sim, GSIM_FATAL_PAGE_TABLE,
					"page table: entries %u and %u are both 0x%llx", k, i,
					(ull)q->page[i]);
		}
	}
	if (q->page[0] == base)
		return true;
	return gsim_die(sim, GSIM_FATAL_PAGE_TABLE,
			"page table: entry 0 is 0x%llx, the table lies at 0x%llx", (ull)q->page[0],
			(ull)base);
}

static bool gsim_check_cmd_header(struct gsim *sim)
{
	struct gsim_queue *q = sim->queue;
	u32 slots = (q->cmd_bytes - NOVA_MSGQ_ENTRY_OFF) / NOVA_MSGQ_SLOT_BYTES;
	const struct gsim_rule rule[] = {
		{ NOVA_MSGQ_TX_VERSION, NOVA_MSGQ_VERSION },
		{ NOVA_MSGQ_TX_SIZE, q->cmd_bytes },
		{ NOVA_MSGQ_TX_MSG_SIZE, NOVA_MSGQ_SLOT_BYTES },
		{ NOVA_MSGQ_TX_MSG_COUNT, slots },
		{ NOVA_MSGQ_TX_FLAGS, NOVA_MSGQ_FLAGS_SWAP_RX },
		{ NOVA_MSGQ_TX_RX_HDR_OFF, NOVA_MSGQ_RX_HDR_OFF },
		{ NOVA_MSGQ_TX_ENTRY_OFF, NOVA_MSGQ_ENTRY_OFF },
	};
	u8 hdr[64];

	if (gsim_queue_read(sim, q->cmd_off, hdr, sizeof(hdr)) ||
	    !gsim_rules_hold(sim, GSIM_FATAL_QUEUE_HEADER, "command queue header", rule,
			     ARRAY_SIZE(rule), hdr, sizeof(hdr)))
		return false;
	q->cmd_count = slots;
	return true;
}

/* msgSize comes last: a header without it is refused by every linker. */
static bool gsim_write_stat_header(struct gsim *sim)
{
	struct gsim_queue *q = sim->queue;
	u32 msg_size_off = gsim_off(sim, NOVA_MSGQ_TX_MSG_SIZE);
	u8 hdr[NOVA_MSGQ_RX_HDR_OFF] = { 0 };
	u32 zero = 0;
	u8 word[4];

	q->stat_count = (q->stat_bytes - NOVA_MSGQ_ENTRY_OFF) / NOVA_MSGQ_SLOT_BYTES;
	gsim_put(sim, NOVA_MSGQ_TX_VERSION, hdr, sizeof(hdr), NOVA_MSGQ_VERSION);
	gsim_put(sim, NOVA_MSGQ_TX_SIZE, hdr, sizeof(hdr), q->stat_bytes);
	gsim_put(sim, NOVA_MSGQ_TX_MSG_COUNT, hdr, sizeof(hdr), q->stat_count);
	gsim_put(sim, NOVA_MSGQ_TX_FLAGS, hdr, sizeof(hdr), NOVA_MSGQ_FLAGS_SWAP_RX);
	gsim_put(sim, NOVA_MSGQ_TX_RX_HDR_OFF, hdr, sizeof(hdr), NOVA_MSGQ_RX_HDR_OFF);
	gsim_put(sim, NOVA_MSGQ_TX_ENTRY_OFF, hdr, sizeof(hdr), NOVA_MSGQ_ENTRY_OFF);
	put_unaligned_le32(NOVA_MSGQ_SLOT_BYTES, word);
	if (gsim_queue_write(sim, q->stat_off + NOVA_MSGQ_RX_HDR_OFF, &zero, sizeof(zero)) ||
	    gsim_queue_write(sim, q->stat_off, hdr, sizeof(hdr)))
		return false;
	dma_wmb();
	return !gsim_queue_write(sim, q->stat_off + msg_size_off, word, sizeof(word));
}

bool gsim_queue_open(struct gsim *sim, const void *args, u32 len)
{
	u64 base = gsim_get(sim, NOVA_GSP_ARGS_QUEUE_SHARED_MEM_PHYS_ADDR, args, len);
	struct gsim_queue *q;

	sim->queue = gsim_alloc(sim, sizeof(*sim->queue));
	q = sim->queue;
	if (!q)
		return gsim_die(sim, GSIM_FATAL_MEMORY, "no memory for the queues");
	q->elem_hdr_bytes = gsim_off(sim, NOVA_ELEM_RPC);
	q->rpc_max_bytes = NOVA_RECORD_BYTES_MAX - q->elem_hdr_bytes;
	if (!gsim_check_offsets(sim, args, len) || !gsim_check_geometry(sim, args, len))
		return false;
	if (!base || base % GSIM_PAGE)
		return gsim_die(sim, GSIM_FATAL_PAGE_TABLE, "queue arguments: block at 0x%llx",
				(ull)base);
	if (!gsim_read_page_table(sim, base) || !gsim_check_cmd_header(sim))
		return false;
	if (gsim_write_stat_header(sim))
		return true;
	return gsim_die(sim, GSIM_FATAL_DMA, "status queue header at offset 0x%x cannot be written",
			q->stat_off);
}

void gsim_queue_close(struct gsim *sim)
{
	gsim_free(sim, sim->queue);
	sim->queue = NULL;
}

/* Reads an index that the CPU writes. Return: whether it is one of @slots. */
bool gsim_queue_index(struct gsim *sim, u32 off, u32 slots, const char *name, u32 *index)
{
	u8 word[4];

	if (gsim_queue_read(sim, off, word, sizeof(word)))
		return false;
	*index = get_unaligned_le32(word);
	if (*index < slots)
		return true;
	sim->stat[GSIM_ST_BAD_POINTER]++;
	gsim_refuse(sim, "%s %u, it has %u slots", name, *index, slots);
	return false;
}

/* Publishes a write pointer and tells the CPU. */
void gsim_queue_publish(struct gsim *sim, u32 write_ptr)
{
	struct gsim_queue *q = sim->queue;
	u8 word[4];

	put_unaligned_le32(write_ptr, word);
	/* The elements are in memory before the pointer that covers them. */
	dma_wmb();
	if (gsim_queue_write(sim, q->stat_off + gsim_off(sim, NOVA_MSGQ_TX_WRITE_PTR), word,
			     sizeof(word)))
		return;
	gsim_raise(sim, NV_PFALCON_IRQ_SWGEN0);
}

/* Whether the CPU has read all records. */
bool gsim_queue_drained(struct gsim *sim)
{
	struct gsim_queue *q = sim->queue;
	u8 word[4];

	if (!q || gsim_queue_read(sim, q->cmd_off + NOVA_MSGQ_RX_HDR_OFF, word, sizeof(word)))
		return false;
	return get_unaligned_le32(word) == q->stat_write;
}
