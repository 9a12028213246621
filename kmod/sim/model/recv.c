// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command queue: takes and checks the CPU's records, assembles large requests and executes
 * them. The read pointer advances once a record is copied out, before its execution.
 */
#include "internal.h"

/* XOR of the 64-bit words, folded: 0 over a record whose checksum is right. */
u32 gsim_checksum(const u8 *buf, u32 len)
{
	u64 x = 0;
	u32 i, k;

	for (i = 0; i + 8 <= len; i += 8)
		x ^= get_unaligned_le64(buf + i);
	for (k = 0; i < len; i++, k++)
		x ^= (u64)buf[i] << (8 * k);
	return (u32)(x >> 32) ^ (u32)x;
}

static u64 gsim_rec_get(struct gsim *sim, enum nova_field f)
{
	return gsim_get(sim, f, sim->queue->in, NOVA_MSGQ_SLOT_BYTES);
}

static u32 gsim_rpc_get(struct gsim *sim, enum nova_field f)
{
	struct gsim_queue *q = sim->queue;

	return (u32)gsim_get(sim, f, q->in + q->elem_hdr_bytes, NOVA_RPC_HDR_BYTES);
}

static u32 gsim_available(struct gsim *sim)
{
	struct gsim_queue *q = sim->queue;
	u32 w;

	if (!gsim_queue_index(sim, q->cmd_off + gsim_off(sim, NOVA_MSGQ_TX_WRITE_PTR), q->cmd_count,
			      "command queue: writePtr", &w))
		return 0;
	/* The pointer first, then what it covers. */
	dma_rmb();
	return (w + q->cmd_count - q->cmd_read) % q->cmd_count;
}

static bool gsim_read_slot(struct gsim *sim, u32 i)
{
	struct gsim_queue *q = sim->queue;
	u32 slot = (q->cmd_read + i) % q->cmd_count;

	return !gsim_queue_read(sim, q->cmd_off + NOVA_MSGQ_ENTRY_OFF +
				slot * NOVA_MSGQ_SLOT_BYTES,
				q->in + i * NOVA_MSGQ_SLOT_BYTES, NOVA_MSGQ_SLOT_BYTES);
}

static void gsim_consume(struct gsim *sim, u32 slots)
{
	struct gsim_queue *q = sim->queue;
	u8 word[4];

	q->cmd_read = (q->cmd_read + slots) % q->cmd_count;
	put_unaligned_le32(q->cmd_read, word);
	gsim_queue_write(sim, q->stat_off + NOVA_MSGQ_RX_HDR_OFF, word, sizeof(word));
	sim->progress = true;
}

static void gsim_bad(struct gsim *sim, enum gsim_stat kind, const char *what, u32 have, u32 want)
{
	sim->stat[kind]++;
	gsim_refuse(sim, "command record: %s %u (0x%x), want %u (0x%x)", what, have, have, want,
		    want);
}

/*
 * Checks the framing of the record at the read pointer. Return: its slots, or 0 where its
 * length is invalid.
 */
static u32 gsim_frame(struct gsim *sim, u32 available)
{
	struct gsim_queue *q = sim->queue;
	u32 len = gsim_rpc_get(sim, NOVA_RPC_LENGTH), elems;

	if (len > q->rpc_max_bytes || len < NOVA_RPC_HDR_BYTES) {
		gsim_bad(sim, GSIM_ST_BAD_LENGTH, "length", len, q->rpc_max_bytes);
		return 0;
	}
	elems = DIV_ROUND_UP(q->elem_hdr_bytes + len, NOVA_MSGQ_SLOT_BYTES);
	if (gsim_has(sim, NOVA_ELEM_ELEM_COUNT)) {
		u32 told = (u32)gsim_rec_get(sim, NOVA_ELEM_ELEM_COUNT);

		if (told != elems || told > NOVA_RECORD_ELEMS_MAX) {
			gsim_bad(sim, GSIM_ST_BAD_ELEMS, "elemCount", told, elems);
			return 0;
		}
	}
	if (elems > available) {
		gsim_bad(sim, GSIM_ST_BAD_ELEMS, "slots that the record needs", elems, available);
		return 0;
	}
	return elems;
}

/* Checks checksum and transport sequence. Return: whether to use the record. */
static bool gsim_check_transport(struct gsim *sim, u32 elems)
{
	struct gsim_queue *q = sim->queue;
	u32 covered = elems * NOVA_MSGQ_SLOT_BYTES, seq;

	if (!sim->abi->rules->checksum_whole)
		covered = q->elem_hdr_bytes + gsim_rpc_get(sim, NOVA_RPC_LENGTH);
	if (gsim_checksum(q->in, covered)) {
		gsim_bad(sim, GSIM_ST_BAD_CHECKSUM, "checksum folds to",
			 gsim_checksum(q->in, covered), 0);
		q->rx_seq++;
		return false;
	}
	seq = (u32)gsim_rec_get(sim, NOVA_ELEM_SEQ_NUM);
	if (seq == q->rx_seq) {
		q->rx_seq++;
		return true;
	}
	gsim_bad(sim, (s32)(seq - q->rx_seq) < 0 ? GSIM_ST_BAD_SEQ_OLD : GSIM_ST_BAD_SEQ_GAP,
		 "seqNum", seq, q->rx_seq);
	/* An old record is only skipped; after a gap the stream goes on behind it. */
	if ((s32)(seq - q->rx_seq) > 0)
		q->rx_seq = seq + 1;
	return false;
}

static bool gsim_check_message(struct gsim *sim)
{
	u32 version = gsim_rpc_get(sim, NOVA_RPC_HEADER_VERSION);
	u32 signature = gsim_rpc_get(sim, NOVA_RPC_SIGNATURE);

	if (signature != NOVA_WIRE_SIGNATURE)
		gsim_bad(sim, GSIM_ST_BAD_SIGNATURE, "signature", signature,
			 NOVA_WIRE_SIGNATURE);
	else if (version != NOVA_WIRE_HEADER_VERSION)
		gsim_bad(sim, GSIM_ST_BAD_VERSION, "header_version", version,
			 NOVA_WIRE_HEADER_VERSION);
	else
		return true;
	return false;
}

static void gsim_req_reply_malformed(struct gsim *sim)
{
	struct gsim_req *r = &sim->fw.req;
	struct gsim_out *o = r->out;

	sim->stat[GSIM_ST_BAD_PAYLOAD]++;
	r->out = NULL;
	o->result = NOVA_RPC_INVALID_MESSAGE_FORMAT;
	o->len = 0;
	gsim_boot_init_rpc(sim, r->op, o->result);
	if (gsim_function_async(r->op) || sim->faults.mute)
		gsim_free(sim, o);
	else
		gsim_out_queue(sim, o);
}

static void gsim_req_finish(struct gsim *sim, u64 now)
{
	struct gsim_req req = sim->fw.req;

	sim->fw.req.out = NULL;
	sim->stat[GSIM_ST_REQUESTS]++;
	gsim_function_run(sim, &req, now);
}

static void gsim_req_first(struct gsim *sim, bool well_formed, u64 now)
{
	struct gsim_req *r = &sim->fw.req;
	struct gsim_queue *q = sim->queue;
	u32 length = gsim_rpc_get(sim, NOVA_RPC_LENGTH), len = length - NOVA_RPC_HDR_BYTES;
	const u8 *data = q->in + q->elem_hdr_bytes + NOVA_RPC_HDR_BYTES;
	u32 want;

	memset(r, 0, sizeof(*r));
	r->fn = gsim_rpc_get(sim, NOVA_RPC_FUNCTION);
	r->op = nova_op_of(sim->abi, r->fn);
	r->seq = gsim_rpc_get(sim, NOVA_RPC_SEQUENCE);
	r->gfid = gsim_rpc_get(sim, NOVA_RPC_GFID);
	want = well_formed ? gsim_function_want(sim, r->op, data, len) : len;
	r->want = max_t(u32, want, len);
	/* One function has a reply longer than its request. */
	r->out = gsim_out_new(sim, max_t(u32, min_t(u32, r->want, GSIM_MESSAGE_MAX),
					 r->op == NOVA_OP_RPC_GET_GSP_STATIC_INFO ?
						 GSIM_REPLY_ROOM : 0));
	if (!r->out)
		return;
	r->out->fn = r->fn;
	r->out->seq = r->seq;
	r->out->gfid = r->gfid;
	memcpy(r->out->data, data, len);
	r->have = len;
	if (!well_formed || r->want > GSIM_MESSAGE_MAX ||
	    (r->want > len && length != q->rpc_max_bytes)) {
		if (well_formed)
			gsim_refuse(sim, "%s: %u bytes announced, %u came", nova_op_name(r->op),
				    r->want, len);
		gsim_req_reply_malformed(sim);
		return;
	}
	if (r->want > len)
		sim->stat[GSIM_ST_LARGE]++;
	else
		gsim_req_finish(sim, now);
}

static void gsim_req_continue(struct gsim *sim, u64 now)
{
	struct gsim_req *r = &sim->fw.req;
	struct gsim_queue *q = sim->queue;
	u32 len = gsim_rpc_get(sim, NOVA_RPC_LENGTH) - NOVA_RPC_HDR_BYTES;

	if (!r->out || !len || len > r->want - r->have) {
		gsim_bad(sim, GSIM_ST_BAD_CONTINUATION, "continuation of", len,
			 r->out ? r->want - r->have : 0);
		return;
	}
	memcpy(r->out->data + r->have, q->in + q->elem_hdr_bytes + NOVA_RPC_HDR_BYTES, len);
	r->have += len;
	if (r->have == r->want)
		gsim_req_finish(sim, now);
}

static void gsim_record(struct gsim *sim, u32 elems, u64 now)
{
	struct gsim_req *r = &sim->fw.req;
	enum nova_op op;

	sim->stat[GSIM_ST_RECORDS_IN]++;
	if (sim->faults.lose_record && !--sim->faults.lose_record)
		return;
	if (!gsim_check_transport(sim, elems))
		return;
	op = nova_op_of(sim->abi, gsim_rpc_get(sim, NOVA_RPC_FUNCTION));
	/* Continuations need not carry signature and version. */
	if (op == NOVA_OP_RPC_CONTINUATION_RECORD) {
		gsim_req_continue(sim, now);
		return;
	}
	if (r->out) {
		gsim_bad(sim, GSIM_ST_BAD_CONTINUATION, "new request, bytes so far", r->have,
			 r->want);
		gsim_req_reply_malformed(sim);
	}
	gsim_req_first(sim, gsim_check_message(sim), now);
}

/* Takes one record. Return: whether there was one. */
static bool gsim_recv_one(struct gsim *sim, u64 now)
{
	u32 available = gsim_available(sim), elems, i;

	if (!available || !gsim_read_slot(sim, 0))
		return false;
	elems = gsim_frame(sim, available);
	if (!elems) {
		sim->queue->rx_seq++;
		gsim_consume(sim, 1);
		return true;
	}
	for (i = 1; i < elems; i++)
		if (!gsim_read_slot(sim, i))
			return false;
	gsim_consume(sim, elems);
	gsim_record(sim, elems, now);
	return true;
}

void gsim_recv_run(struct gsim *sim, u64 now)
{
	struct gsim_fw *fw = &sim->fw;
	enum gsim_phase phase = fw->phase;
	u32 i;

	if (!fw->cmd_scan || sim->faults.stall)
		return;
	/* Bounded by what the ring can hold; more comes with the next doorbell. */
	for (i = 0; i < sim->queue->cmd_count; i++) {
		if (fw->phase != phase || fw->pending >= sim->inflight ||
		    (phase == GSIM_FW_WAIT_INIT && !gsim_boot_wants_init(sim)))
			return;
		if (!gsim_recv_one(sim, now)) {
			fw->cmd_scan = false;
			return;
		}
	}
}
