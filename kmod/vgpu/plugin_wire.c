// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages between the host and the plugin task of a vGPU.
 */
#include "plugin_wire.h"

/* Words of SETUP: the count of words, then pairs. */
struct words {
	u8 *buf;
	size_t room;
	u32 n;
};

static void plugin_put_word(struct words *w, u64 val)
{
	if (w->n < w->room)
		put_unaligned_le64(val, w->buf + 8 * w->n);
	w->n++;
}

static void plugin_put_key(struct words *w, enum nova_setup_key key, u32 opcode, u32 val)
{
	plugin_put_word(w, (u64)val << 32 | (u64)opcode << 28 | key);
}

static int plugin_fill_nvkv(const struct nova_plugin_setup *s, void *buf, size_t len)
{
	struct words w = { .buf = buf, .room = len / 8, .n = 1 };
	u32 i;

	/* There is none: zeroes. */
	plugin_put_key(&w, NOVA_SETUP_UUID, NOVA_NVKV_ARRAY8, NOVA_SETUP_UUID_BYTES);
	for (i = 0; i < NOVA_SETUP_UUID_BYTES / 8; i++)
		plugin_put_word(&w, 0);
	plugin_put_key(&w, NOVA_SETUP_DBDF, NOVA_NVKV_IMM32, s->dbdf);
	plugin_put_key(&w, NOVA_SETUP_TYPE, NOVA_NVKV_IMM32, s->type);
	plugin_put_key(&w, NOVA_SETUP_VM_PID, NOVA_NVKV_IMM32, s->vm_pid);
	plugin_put_key(&w, NOVA_SETUP_SWIZZ_ID, NOVA_NVKV_IMM32, U32_MAX);
	plugin_put_key(&w, NOVA_SETUP_NUM_CHANNELS, NOVA_NVKV_IMM32, s->channels);
	plugin_put_key(&w, NOVA_SETUP_PLUGIN_CHANNELS, NOVA_NVKV_IMM32, s->plugin_channels);
	plugin_put_key(&w, NOVA_SETUP_HYPERVISOR, NOVA_NVKV_IMM32, NOVA_SETUP_HYPERVISOR_UNKNOWN);
	plugin_put_key(&w, NOVA_SETUP_CPU_ARCH, NOVA_NVKV_IMM32, s->cpu_arch);
	plugin_put_key(&w, NOVA_SETUP_PAGE_SIZE, NOVA_NVKV_IMM32, s->page_bytes);
	plugin_put_key(&w, NOVA_SETUP_FEATURE_FLAGS, NOVA_NVKV_IMM32, 0);
	if (w.n > w.room)
		return -EMSGSIZE;
	put_unaligned_le64(w.n - 1, buf);
	return (int)(8 * w.n);
}

/* Newest first. The last family serves all older releases that host vGPUs and have tables. */
static const struct nova_plugin_family families[] = {
	{ .major = 0, .comm_version = 1, .rpc_min = 1, .rpc_max = 1,
	  .fill_setup = plugin_fill_nvkv },
};

static u32 plugin_major(const char *release)
{
	u32 n = 0;

	while (*release >= '0' && *release <= '9' && n < 100000)
		n = n * 10 + (u32)(*release++ - '0');
	return n;
}

const struct nova_plugin_family *nova_plugin_family(const struct nova_abi *abi)
{
	u32 m = plugin_major(abi->release), i = 0;

	while (families[i].major > m)
		i++;
	return &families[i];
}

const char *nova_plugin_rpc_name(u32 type)
{
	switch (type) {
	case NOVA_PLUGIN_RPC_VERSION:
		return "VERSION";
	case NOVA_PLUGIN_RPC_SETUP:
		return "SETUP";
	case NOVA_PLUGIN_RPC_RESET:
		return "RESET";
	}
	return "?";
}

u32 nova_plugin_next_seq(u32 seq)
{
	return seq + 1 ? seq + 1 : 1;
}

void nova_plugin_fill_control(void *buf)
{
	u8 *c = buf;

	memset(c, 0, NOVA_COMM_CTL_BYTES);
	put_unaligned_le64(NOVA_COMM_RESPONSE, c + NOVA_COMM_CTL_RESPONSE);
	put_unaligned_le64(NOVA_COMM_MESSAGE, c + NOVA_COMM_CTL_MESSAGE);
	put_unaligned_le64(NOVA_COMM_MIGRATION, c + NOVA_COMM_CTL_MIGRATION);
	put_unaligned_le64(NOVA_COMM_ERROR, c + NOVA_COMM_CTL_ERROR);
	put_unaligned_le64(NOVA_COMM_TRACE, c + NOVA_COMM_CTL_TRACE);
	put_unaligned_le32(1, c + NOVA_COMM_CTL_ATTACHED);
}

int nova_plugin_fill_version(const struct nova_plugin_family *f, void *buf, size_t len)
{
	u8 *p = buf;

	if (len < NOVA_COMM_VER_BYTES)
		return -EMSGSIZE;
	put_unaligned_le32(f->rpc_min, p + NOVA_COMM_VER_MIN);
	put_unaligned_le32(f->rpc_max, p + NOVA_COMM_VER_MAX);
	put_unaligned_le32(0, p + NOVA_COMM_VER_CHOSEN);
	return NOVA_COMM_VER_BYTES;
}

int nova_plugin_chosen(const struct nova_plugin_family *f, const void *buf, size_t len,
		       u32 *version)
{
	if (len < NOVA_COMM_VER_BYTES)
		return -EMSGSIZE;
	*version = get_unaligned_le32((const u8 *)buf + NOVA_COMM_VER_CHOSEN);
	return *version >= f->rpc_min && *version <= f->rpc_max ? 0 : -EPROTO;
}

int nova_plugin_check(const void *buf, size_t len, u32 seq, struct nova_plugin_answer *a)
{
	const u8 *p = buf;

	if (len < NOVA_COMM_RSP_BYTES)
		return -EMSGSIZE;
	a->received = get_unaligned_le32(p + NOVA_COMM_RSP_RECEIVED);
	a->processed = get_unaligned_le32(p + NOVA_COMM_RSP_PROCESSED);
	a->result = get_unaligned_le32(p + NOVA_COMM_RSP_RESULT);
	return a->processed == seq && a->received == seq ? 0 : -EBADMSG;
}
