// SPDX-License-Identifier: GPL-2.0-only
// uses: selftests/unit/model_driver.c selftests/unit/model_wire.c kmod/sim/model/*.c
// uses: kmod/abi/abi.c kmod/abi/tables.c
// uses: kmod/gsp/queue/msgq.c kmod/gsp/queue/record.c kmod/gsp/queue/rxq.c
// uses: kmod/gsp/queue/match.c kmod/gsp/boot/wpr.c
// uses: kmod/gsp/boot/registry.c kmod/gsp/boot/sysinfo.c kmod/gsp/boot/fwimage.c
/*
 * The core's pure rooms against the device model, in one process: the model
 * boots from what the core's builders write, and calls go through the core's
 * rings and in-flight table, also when the firmware damages, drops, delays, doubles and
 * reorders its replies.
 */
#include "unit.h"
#include "model_driver.h"
#include "gsp/boot/fwimage.h"
#include "gsp/queue/match.h"
#include "gsp/boot/registry.h"
#include "gsp/queue/rxq.h"
#include "gsp/boot/sysinfo.h"
#include "gsp/boot/wpr.h"

#define TSGS		16
#define SLICE_MAX	4000000
#define DEADLINE_NS	3000000ULL

struct call {
	struct nova_inflight_entry *entry;
	u64 deadline_ns;
	u32 tsg;
	u32 value;	/* of a set; 0: a get */
};

struct core {
	struct drv *d;
	struct nova_txq tx;
	struct nova_rxq rx;
	struct nova_inflight inflight;
	void *cmd_slot[63];
	void *stat_slot[63];
	u32 seq;
	u32 record_seq;
	u64 ids;
	u32 known[TSGS][4];
	u32 nknown[TSGS];
	u32 answered, timeouts, late, unmatched, bad, wrong;
};

/* The builders of the core in place of the test driver's own. */

static void core_meta(struct drv *d, u8 *data, u32 len)
{
	u32 chip = NV_PMC_BOOT_42_CHIP(drv_rd(d, NV_PMC_BOOT_42));
	struct nova_wpr_images im = {
		.radix3 = drv_get(d, NOVA_WPR_META_SYSMEM_ADDR_OF_RADIX3_ELF, data, len),
		.bootloader = drv_get(d, NOVA_WPR_META_SYSMEM_ADDR_OF_BOOTLOADER, data, len),
		.signature = drv_get(d, NOVA_WPR_META_SYSMEM_ADDR_OF_SIGNATURE, data, len),
		.signature_bytes = drv_get(d, NOVA_WPR_META_SIZE_OF_SIGNATURE, data, len),
	};
	struct nova_wpr_request rq = {
		.fb_bytes = drv_get(d, NOVA_WPR_META_FB_SIZE, data, len),
		.fw_bytes = drv_get(d, NOVA_WPR_META_SIZE_OF_RADIX3_ELF, data, len),
		.bootloader_bytes = drv_get(d, NOVA_WPR_META_SIZE_OF_BOOTLOADER, data, len),
		.scrubbed_mb = 256,
		.libos2 = chip < NOVA_CHIP_GA102,
		.frts = chip != NOVA_CHIP_GA100,
	};
	struct nova_wpr_layout l;

	assert_int_equal(nova_wpr_layout(d->abi->rules, &rq, &l), 0);
	memset(data, 0, len);
	assert_int_equal(nova_wpr_meta_fill(d->abi, &l, &im, data, len), 0);
}

static void core_libos(struct drv *d, u8 *data, u32 len)
{
	u8 own[4096] = { 0 };
	u32 i, size = nova_msg_size(d->abi, NOVA_MSG_LIBOS_REGION), n = 0;
	static const char * const name[] = { "LOGINIT", "LOGINTR", "LOGRM", "LOGMNOC", "LOGROOT",
					     "LOGRMON" };

	assert_true(len >= sizeof(own));
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		if (!(d->abi->rules->log_regions & (1 << i)))
			continue;
		assert_int_equal(nova_libos_region_fill(d->abi, name[i], d->log_pa[i],
							i < 4 ? 0x10000 : 0x1000,
							own + n++ * size, size), 0);
	}
	assert_int_equal(nova_libos_region_fill(d->abi, "RMARGS", d->args_pa, 4096,
						own + n * size, size), 0);
	memcpy(data, own, sizeof(own));
}

static void core_init_rpc(struct drv *d, u8 *data, u32 len)
{
	static const struct nova_host_info host = { .page_bytes = 4096, .max_user_va = 1ULL << 47 };
	struct nova_registry_error why;
	struct nova_registry reg;
	u8 own[256];

	if (len == nova_msg_size(d->abi, NOVA_MSG_SYSINFO)) {
		assert_int_equal(nova_sysinfo_fill(d->abi, &host, data, len), 0);
		return;
	}
	/* The driver's own table has one value by the name of RMKey. */
	assert_int_equal(nova_registry_parse("RMKey=7", &reg, &why), 0);
	assert_int_equal(nova_registry_bytes(d->abi, &reg), len);
	assert_int_equal(nova_registry_pack(d->abi, &reg, own, len), 0);
	memcpy(data, own, len);
}

static void use_core(struct drv *d, enum drv_hook at, u8 *data, u32 len)
{
	struct nova_queue_place place = {
		.table = d->block[0],
		.pages = DRV_BLOCK_PAGES,
		.cmdq_off = 0x1000,
		.statq_off = 0x41000,
	};

	switch (at) {
	case DRV_HOOK_META:
		core_meta(d, data, len);
		break;
	case DRV_HOOK_LIBOS:
		core_libos(d, data, len);
		break;
	case DRV_HOOK_ARGS:
		memset(data, 0, len);
		assert_int_equal(nova_gsp_args_fill(d->abi, &place, 0, data, len), 0);
		break;
	case DRV_HOOK_QUEUE:
		memset(data, 0, len);
		assert_int_equal(nova_msgq_header_init(d->abi, data, 0x40000), 63);
		break;
	case DRV_HOOK_INIT_RPC:
		core_init_rpc(d, data, len);
		break;
	default:
		break;
	}
}

/* Takes over the queues where the test driver left them. */
static void attach(struct core *c, struct drv *d)
{
	u8 *cmdq = drv_block_at(d, 0x1000), *statq = drv_block_at(d, 0x41000);
	u32 i, count;

	memset(c, 0, sizeof(*c));
	c->d = d;
	for (i = 0; i < 63; i++) {
		c->cmd_slot[i] = drv_block_at(d, 0x2000 + i * 4096);
		c->stat_slot[i] = drv_block_at(d, 0x42000 + i * 4096);
	}
	assert_int_equal(nova_msgq_header_check(d->abi, statq, 0x40000, &count), NOVA_LINK_OK);
	assert_int_equal(nova_txq_init(&c->tx, d->abi, cmdq, statq, c->cmd_slot, 0x40000), 0);
	c->tx.write = d->cmd_write;
	c->tx.read = d->cmd_write;
	c->tx.record_seq = d->tx_seq;
	*c->tx.write_ptr = d->cmd_write;
	c->rx.staging = malloc(NOVA_RECORD_BYTES_MAX);
	assert_int_equal(nova_rxq_init(&c->rx, d->abi, cmdq, statq, c->stat_slot, count), 0);
	c->rx.read = d->stat_read;
	*c->rx.read_ptr = d->stat_read;
	c->rx.expected = d->rx_seq;
	c->seq = d->rpc_seq;
	nova_inflight_init(&c->inflight, d->abi->rules->seq_echo);
}

static u32 control_payload(struct core *c, u8 *buf, u32 len, u32 tsg, u32 value)
{
	u32 head = nova_msg_size(c->d->abi, NOVA_MSG_CONTROL);

	memset(buf, 0, len);
	drv_put(c->d, NOVA_CONTROL_CLIENT, buf, len, DRV_CLIENT);
	drv_put(c->d, NOVA_CONTROL_OBJECT, buf, len, 0x7560000 + tsg);
	drv_put(c->d, NOVA_CONTROL_CMD, buf, len, value ? 0xa06c0103 : 0xa06c0104);
	drv_put(c->d, NOVA_CONTROL_PARAMS_SIZE, buf, len, 8);
	drv_put(c->d, NOVA_TSG_TIMESLICE_TIMESLICE_US, buf + head, len - head, value);
	return head + 8;
}

static bool send(struct core *c, u32 tsg, u32 value)
{
	u8 buf[128];
	struct nova_record rec = {
		.function = nova_op_number(c->d->abi, NOVA_OP_RPC_GSP_RM_CONTROL),
		.result = NOVA_RPC_RESULT_PENDING,
		.result_private = NOVA_RPC_RESULT_PENDING,
		.seq = c->inflight.echo ? c->seq : 0,
		.payload = buf,
	};
	struct nova_match_key key;
	struct call *call;
	bool late;

	rec.payload_len = control_payload(c, buf, sizeof(buf), tsg, value);
	nova_match_key_of(c->d->abi, rec.function, buf, rec.payload_len, &key);
	if (nova_inflight_blocked(&c->inflight, &key, &late) || c->inflight.live >= 24 ||
	    nova_txq_push(&c->tx, &rec))
		return false;
	c->seq += c->inflight.echo;
	call = calloc(1, sizeof(*call));
	call->tsg = tsg;
	call->value = value;
	call->deadline_ns = c->d->now_ns + DEADLINE_NS;
	call->entry = nova_inflight_add(&c->inflight, &key, rec.seq, ++c->ids, call);
	drv_wr(c->d, NV_PGSP_QUEUE_HEAD(0), 0);
	return call->entry;
}

static bool is_known(struct core *c, u32 tsg, u32 value)
{
	u32 i;

	for (i = 0; i < c->nknown[tsg]; i++)
		if (c->known[tsg][i] == value)
			return true;
	return !c->nknown[tsg];
}

/* The answer to a get must be a value that was set and not yet overwritten. */
static void answered(struct core *c, struct call *call, const struct nova_record *rec)
{
	u32 head = nova_msg_size(c->d->abi, NOVA_MSG_CONTROL);
	u64 got;

	c->answered++;
	assert_int_equal(drv_get(c->d, NOVA_CONTROL_STATUS, rec->payload, rec->payload_len), NV_OK);
	got = drv_get(c->d, NOVA_TSG_TIMESLICE_TIMESLICE_US, rec->payload + head,
		      rec->payload_len - head);
	if (call->value ? got != call->value : !is_known(c, call->tsg, (u32)got))
		c->wrong++;
	c->known[call->tsg][0] = (u32)got;
	c->nknown[call->tsg] = 1;
}

static void drain(struct core *c)
{
	enum nova_record_verdict why;
	struct nova_record rec;
	enum nova_rx rx;

	while ((rx = nova_rxq_poll(&c->rx, true, &rec, &why)) != NOVA_RX_EMPTY) {
		struct nova_inflight_entry *e;
		struct nova_match_key key;
		struct call *call;

		if (rx == NOVA_RX_BAD) {
			c->bad++;
			continue;
		}
		if (rec.function >= NOVA_RPC_EVENT_FIRST)
			continue;
		nova_match_key_of(c->d->abi, rec.function, rec.payload, rec.payload_len, &key);
		e = nova_inflight_find(&c->inflight, &key, rec.seq);
		if (!e) {
			c->unmatched++;
			continue;
		}
		call = e->call;
		nova_inflight_answered(&c->inflight, e);
		if (!call) {
			c->late++;
			continue;
		}
		answered(c, call, &rec);
		free(call);
	}
}

static void check_deadlines(struct core *c)
{
	u64 next;
	u32 i;

	for (i = 0; i < NOVA_INFLIGHT_MAX; i++) {
		struct nova_inflight_entry *e = &c->inflight.e[i];
		struct call *call = e->call;

		if (e->state != NOVA_INFLIGHT_LIVE || c->d->now_ns < call->deadline_ns)
			continue;
		c->timeouts++;
		/* A set without an answer: the old and the new value are possible. */
		if (call->value && c->nknown[call->tsg] && c->nknown[call->tsg] < 4)
			c->known[call->tsg][c->nknown[call->tsg]++] = call->value;
		else if (call->value)
			c->nknown[call->tsg] = 0;
		nova_inflight_abandon(&c->inflight, e, c->d->now_ns + 2 * DEADLINE_NS);
		free(call);
	}
	nova_inflight_expire(&c->inflight, c->d->now_ns, &next);
}

/* One thing at a time per group, so that the order of set and get is known. */
static bool group_busy(struct core *c, u32 tsg)
{
	u32 i;

	for (i = 0; i < NOVA_INFLIGHT_MAX; i++)
		if (c->inflight.e[i].state == NOVA_INFLIGHT_LIVE &&
		    ((struct call *)c->inflight.e[i].call)->tsg == tsg)
			return true;
	return false;
}

static void run_calls(struct core *c, u32 calls)
{
	u32 sent = 0, moment = 0, idle = 0, rnd = 12345, tsg, value;

	while (sent < calls || c->inflight.live) {
		rnd = rnd * 1664525 + 1013904223;
		tsg = rnd >> 28;
		value = rnd & 0x100 ? (tsg << 17) + 1 + moment++ % 100000 : 0;
		if (sent < calls && !group_busy(c, tsg) && send(c, tsg, value)) {
			sent++;
			idle = 0;
		}
		drv_run(c->d, 10000);
		drain(c);
		check_deadlines(c);
		assert_true(++idle < 100000);
	}
}

static struct drv *boot_gpu(const char *release, const char *chip)
{
	struct drv *d = drv_new(release, chip, 24576);
	u32 i;

	assert_non_null(d);
	d->hook = use_core;
	if (drv_boot(d))
		fail_msg("%s on %s does not boot: %s", release, chip, drv_status(d));
	drv_objects(d);
	for (i = 0; i < TSGS; i++)
		assert_int_equal(drv_alloc(d, DRV_CLIENT, DRV_DEVICE, 0x7560000 + i, 0xa06c), 0);
	return d;
}

static void end(struct core *c)
{
	free(c->rx.staging);
	drv_free(c->d);
}

static void boots_from_what_the_core_writes(void **state)
{
	static const char * const releases[] = UNIT_RELEASES;
	static const char * const chips[] = { "tu102", "ga100", "ga102", "ad102" };
	struct core c;
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		attach(&c, boot_gpu(releases[i], chips[i % ARRAY_SIZE(chips)]));
		run_calls(&c, 500);
		assert_int_equal(c.answered, 500);
		assert_int_equal(c.bad + c.wrong + c.timeouts + c.unmatched, 0);
		end(&c);
	}
}

static void faults(const char *release, const char *spec, bool twice)
{
	struct core c;

	attach(&c, boot_gpu(release, "ga102"));
	assert_int_equal(drv_fault(c.d, spec), 0);
	run_calls(&c, 20000);
	assert_int_equal(c.wrong, 0);
	assert_int_equal(c.answered + c.timeouts, 20000);
	assert_true(c.timeouts > 50 && c.answered > 18000 && c.bad > 20 && c.late > 20);
	assert_true(!twice || c.unmatched > 50);
	assert_int_equal(drv_fault(c.d, "random off"), 0);
	c.timeouts = 0;
	/* Debts of the bad time may still hold some back; none may fail. */
	run_calls(&c, 1000);
	assert_int_equal(c.wrong + c.timeouts, 0);
	end(&c);
}

static void random_faults_with_echo(void **state)
{
	(void)state;
	faults("595.45.04",
	       "random corrupt=3000 drop=3000 delay=5000 dup=5000 reorder=5000 delay_us=5000",
	       true);
}

static void random_faults_without_echo(void **state)
{
	(void)state;
	faults("570.144", "random corrupt=3000 drop=3000 delay=5000 delay_us=5000", false);
}

static void image_of_the_model_is_understood(void **state)
{
	struct drv *d = drv_new("570.144", "ga102", 24576);
	struct nova_fw_gsp_image im;
	const char *why;
	const void *data;
	size_t size;

	(void)state;
	assert_int_equal(gsim_firmware(d->sim, NOVA_FW_GSP, &data, &size), 0);
	assert_int_equal(nova_fw_gsp_parse(data, size, "fwsignature_ga10x", &im, &why), 0);
	assert_string_equal(im.release, "570.144");
	drv_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(image_of_the_model_is_understood),
		cmocka_unit_test(boots_from_what_the_core_writes),
		cmocka_unit_test(random_faults_with_echo),
		cmocka_unit_test(random_faults_without_echo),
	};

	return cmocka_run_group_tests_name("core_model", tests, NULL, NULL);
}
