// SPDX-License-Identifier: GPL-2.0-only
// uses:
/* slow: which calls are kept, and that both payloads are theirs, whatever their length. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wunused-function"
#include "unit.h"
#include "rpc.bpf.h"
/* Variables that user space sets are constant to the program only. */
#define const
#include "../../bpf/rpc/slow.bpf.c"
#undef const

/* Byte @i of a payload. */
static u8 byte_of(const struct nova_rpc_ctx *rpc, u32 i)
{
	return i * 7 + rpc->id + rpc->phase * 100;
}

s32 nova_bpf_rpc_throttle(struct nova_rpc_ctx *rpc, u32 rule, u64 ns)
{
	return -EINVAL;
}

s32 nova_bpf_rpc_read(struct nova_rpc_ctx *rpc, u32 off, void *buf, u32 buf__sz)
{
	u32 i;

	assert_in_range(buf__sz, 1, NOVA_RPC_CHUNK_MAX);
	assert_in_range(off + buf__sz, 1, rpc->len);
	for (i = 0; i < buf__sz; i++)
		((u8 *)buf)[i] = byte_of(rpc, off + i);
	return 0;
}

static int reset(void **state)
{
	native_forget();
	native_full = false;
	bound_us = 100;
	gfid = NOVA_GFID_ANY;
	requests = true;
	nr_slow = 0;
	nr_lost = 0;
	return 0;
}

static void begin(u64 id, u32 len)
{
	struct nova_rpc_ctx rpc = { .id = id, .gfid = 2, .len = len, .phase = NOVA_RPC_SUBMIT };

	slow.submit(&rpc);
}

static void end(u64 id, u32 len, s32 err, u64 took_ns)
{
	struct nova_rpc_ctx rpc = {
		.id = id, .gfid = 2, .len = len, .phase = NOVA_RPC_REPLY, .err = err,
		.submit_ns = 1000, .sent_ns = 1010, .reply_ns = 1000 + took_ns - 5,
		.now_ns = 1000 + took_ns, .status = 3, .comm = "tenant",
	};

	slow.reply(&rpc);
}

static void check(u64 id, u32 request, u32 reply)
{
	struct nova_rpc_ctx sent = { .id = id, .phase = NOVA_RPC_SUBMIT };
	struct nova_rpc_ctx got = { .id = id, .phase = NOVA_RPC_REPLY };
	const struct nova_slow *c = (void *)native_records->data;
	u32 i;

	assert_int_equal(c->id, id);
	assert_int_equal(c->request_len, request);
	assert_int_equal(c->request_bytes, request < 1024 ? request : 1024);
	assert_int_equal(c->reply_len, reply);
	assert_int_equal(c->reply_bytes, reply < 1024 ? reply : 1024);
	for (i = 0; i < c->request_bytes; i++)
		assert_int_equal(c->request[i], byte_of(&sent, i));
	for (i = 0; i < c->reply_bytes; i++)
		assert_int_equal(c->reply[i], byte_of(&got, i));
}

static void payloads(void **state)
{
	static const u32 lens[] = { 0, 1, 255, 256, 257, 1023, 1024, 1025, 70000 };
	u32 i;

	for (i = 0; i < 9; i++) {
		begin(i, lens[i]);
		end(i, lens[8 - i], 0, 100 * NSEC_PER_USEC);
		check(i, lens[i], lens[8 - i]);
	}
	assert_int_equal(nr_slow, 9);
}

static void stamps(void **state)
{
	const struct nova_slow *c;

	begin(7, 10);
	end(7, 10, -110, 200 * NSEC_PER_USEC);
	check(7, 10, 0);
	c = (void *)native_records->data;
	assert_int_equal(c->submit_ns, 1000);
	assert_int_equal(c->sent_ns, 1010);
	assert_int_equal(c->reply_ns, 200995);
	assert_int_equal(c->end_ns, 201000);
	assert_int_equal(c->err, -110);
	assert_int_equal(c->status, 3);
	assert_string_equal(c->comm, "tenant");
}

static void fast_and_others(void **state)
{
	begin(1, 10);
	end(1, 10, 0, 100 * NSEC_PER_USEC - 1);
	assert_null(native_records);
	gfid = 3;
	end(2, 10, 0, 500 * NSEC_PER_USEC);
	assert_null(native_records);
	gfid = 2;
	end(3, 10, 0, 500 * NSEC_PER_USEC);
	check(3, 0, 10);
	native_full = true;
	end(4, 10, 0, 500 * NSEC_PER_USEC);
	assert_int_equal(nr_slow, 2);
	assert_int_equal(nr_lost, 1);
}

/* Its place was taken by a later call: no request, rather than another's. */
static void place_is_taken(void **state)
{
	begin(5, 10);
	begin(5 + KEPT, 20);
	end(5, 10, 0, 500 * NSEC_PER_USEC);
	check(5, 0, 10);
	requests = false;
	end(5 + KEPT, 10, 0, 500 * NSEC_PER_USEC);
	check(5 + KEPT, 0, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(payloads, reset),
		cmocka_unit_test_setup(stamps, reset),
		cmocka_unit_test_setup(fast_and_others, reset),
		cmocka_unit_test_setup(place_is_taken, reset),
	};
	int ret = cmocka_run_group_tests(tests, NULL, NULL);

	native_forget();
	return ret;
}
