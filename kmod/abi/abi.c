// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware ABI: questions to the generated tables.
 *
 * Ids and lengths may come from the firmware or from a BPF program, so every
 * one is checked here. The tables are constant; all of this runs in any context.
 */
#include <novabpf/driver/abi.h>

#include "tables.h"

static const char *abi_pool(u16 off)
{
	return nova_abi_tbl_pool + off;
}

/* Reads one component of a version; a dot after it is skipped. */
static const char *abi_component(const char *s, u32 *val)
{
	u64 v = 0;

	while (*s >= '0' && *s <= '9') {
		v = v * 10 + (u64)(*s++ - '0');
		if (v > UINT_MAX)
			v = UINT_MAX;
	}
	if (*s == '.')
		s++;
	*val = (u32)v;
	return s;
}

static bool abi_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The version with fewer components comes first where all those are equal. */
static int abi_version_cmp(const char *a, const char *b)
{
	u32 x, y;

	while (abi_is_digit(*a) && abi_is_digit(*b)) {
		a = abi_component(a, &x);
		b = abi_component(b, &y);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (int)abi_is_digit(*a) - (int)abi_is_digit(*b);
}

const struct nova_abi *nova_abi_find(const char *release)
{
	u32 i;

	if (!release)
		return NULL;
	for (i = 0; i < nova_abi_tbl_counts.releases; i++)
		if (!strcmp(nova_abi_tbl_releases[i].release, release))
			return &nova_abi_tbl_releases[i];
	return NULL;
}
EXPORT_SYMBOL_NOVA(nova_abi_find);

int nova_abi_nearest(const char *release, const struct nova_abi **below,
		     const struct nova_abi **above)
{
	const struct nova_abi *abi;
	u32 i;
	int c;

	*below = NULL;
	*above = NULL;
	if (!release || !abi_is_digit(*release)) {
		*below = nova_abi_at(0);
		*above = nova_abi_at(nova_abi_count() - 1);
		return -EINVAL;
	}
	for (i = 0; i < nova_abi_tbl_counts.releases; i++) {
		abi = &nova_abi_tbl_releases[i];
		c = abi_version_cmp(abi->release, release);
		/* "570.144-x" is not known, but its nearest is 570.144 itself. */
		if (c < 0 || (!c && strcmp(abi->release, release)))
			*below = abi;
		if (c > 0) {
			*above = abi;
			break;
		}
	}
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_abi_nearest);

u32 nova_abi_count(void)
{
	return nova_abi_tbl_counts.releases;
}
EXPORT_SYMBOL_NOVA(nova_abi_count);

const struct nova_abi *nova_abi_at(u32 i)
{
	return i < nova_abi_tbl_counts.releases ? &nova_abi_tbl_releases[i] : NULL;
}
EXPORT_SYMBOL_NOVA(nova_abi_at);

u32 nova_abi_table_bytes(void)
{
	return nova_abi_tbl_counts.bytes;
}
EXPORT_SYMBOL_NOVA(nova_abi_table_bytes);

u32 nova_msg_layout(const struct nova_abi *abi, enum nova_msg msg)
{
	return (u32)msg < NOVA_MSG_COUNT ? abi->layout[msg] : 0;
}
EXPORT_SYMBOL_NOVA(nova_msg_layout);

u32 nova_msg_size(const struct nova_abi *abi, enum nova_msg msg)
{
	u32 layout = nova_msg_layout(abi, msg);

	return layout ? nova_abi_tbl_sizes[nova_abi_tbl_msgs[msg].sizes + layout - 1] : 0;
}
EXPORT_SYMBOL_NOVA(nova_msg_size);

static u32 abi_field_index(enum nova_field f)
{
	return (u32)f & NOVA_ABI_FIELD_MASK;
}

/* The message of a field id, NULL where the id is none of ours. */
static const struct nova_abi_msg *abi_msg_of(enum nova_field f)
{
	u32 msg = (u32)f >> NOVA_ABI_FIELD_SHIFT;

	if (msg >= NOVA_MSG_COUNT || abi_field_index(f) >= nova_abi_tbl_msgs[msg].fields)
		return NULL;
	return &nova_abi_tbl_msgs[msg];
}

int nova_field_pos(const struct nova_abi *abi, enum nova_field f,
		   struct nova_field_pos *pos)
{
	const struct nova_abi_msg *msg = abi_msg_of(f);
	const struct nova_field_pos *found;
	u32 layout;

	if (!msg)
		return -ENOENT;
	layout = abi->layout[(u32)f >> NOVA_ABI_FIELD_SHIFT];
	if (!layout)
		return -ENOENT;
	found = &nova_abi_tbl_pos[msg->pos + (layout - 1) * msg->fields + abi_field_index(f)];
	if (found->off == NOVA_ABI_ABSENT)
		return -ENOENT;
	*pos = *found;
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_field_pos);

static int abi_int_pos(const struct nova_abi *abi, enum nova_field f, size_t len,
		       struct nova_field_pos *pos)
{
	int ret = nova_field_pos(abi, f, pos);

	if (ret)
		return ret;
	if (pos->size != 1 && pos->size != 2 && pos->size != 4 && pos->size != 8)
		return -EINVAL;
	if ((size_t)pos->off + pos->size > len)
		return -EMSGSIZE;
	return 0;
}

int nova_field_get(const struct nova_abi *abi, enum nova_field f,
		   const void *buf, size_t len, u64 *val)
{
	struct nova_field_pos pos;
	const u8 *p;
	int ret;

	ret = abi_int_pos(abi, f, len, &pos);
	if (ret)
		return ret;
	p = (const u8 *)buf + pos.off;
	switch (pos.size) {
	case 1:
		*val = *p;
		break;
	case 2:
		*val = get_unaligned_le16(p);
		break;
	case 4:
		*val = get_unaligned_le32(p);
		break;
	default:
		*val = get_unaligned_le64(p);
		break;
	}
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_field_get);

int nova_field_put(const struct nova_abi *abi, enum nova_field f,
		   void *buf, size_t len, u64 val)
{
	struct nova_field_pos pos;
	u8 *p;
	int ret;

	ret = abi_int_pos(abi, f, len, &pos);
	if (ret)
		return ret;
	if (pos.size < 8 && val >> (8 * pos.size))
		return -ERANGE;
	p = (u8 *)buf + pos.off;
	switch (pos.size) {
	case 1:
		*p = (u8)val;
		break;
	case 2:
		put_unaligned_le16((u16)val, p);
		break;
	case 4:
		put_unaligned_le32((u32)val, p);
		break;
	default:
		put_unaligned_le64(val, p);
		break;
	}
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_field_put);

void *nova_field_ptr(const struct nova_abi *abi, enum nova_field f,
		     void *buf, size_t len, size_t *size)
{
	struct nova_field_pos pos;

	if (nova_field_pos(abi, f, &pos) || (size_t)pos.off + pos.size > len)
		return NULL;
	*size = pos.size ? pos.size : len - pos.off;
	return (u8 *)buf + pos.off;
}
EXPORT_SYMBOL_NOVA(nova_field_ptr);

const char *nova_field_name(enum nova_field f)
{
	const struct nova_abi_msg *msg = abi_msg_of(f);

	return msg ? abi_pool(nova_abi_tbl_paths[msg->paths + abi_field_index(f)]) : "?";
}
EXPORT_SYMBOL_NOVA(nova_field_name);

enum nova_msg nova_field_msg(enum nova_field f)
{
	return abi_msg_of(f) ? (enum nova_msg)((u32)f >> NOVA_ABI_FIELD_SHIFT) : NOVA_MSG_COUNT;
}

const char *nova_msg_name(enum nova_msg msg)
{
	return (u32)msg < NOVA_MSG_COUNT ? abi_pool(nova_abi_tbl_msgs[msg].name) : "?";
}
EXPORT_SYMBOL_NOVA(nova_msg_name);

u32 nova_op_number(const struct nova_abi *abi, enum nova_op op)
{
	const struct nova_abi_number *n;
	u32 lo = 0, hi = nova_abi_tbl_counts.numbers, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (nova_abi_tbl_numbers[nova_abi_tbl_by_op[mid]].op < (u32)op)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < nova_abi_tbl_counts.numbers; lo++) {
		n = &nova_abi_tbl_numbers[nova_abi_tbl_by_op[lo]];
		if (n->op != (u32)op)
			break;
		if (n->tables >> abi->names & 1)
			return n->number;
	}
	return 0;
}
EXPORT_SYMBOL_NOVA(nova_op_number);

enum nova_op nova_op_of(const struct nova_abi *abi, u32 number)
{
	const struct nova_abi_number *n;
	u32 lo = 0, hi = nova_abi_tbl_counts.numbers, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (nova_abi_tbl_numbers[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < nova_abi_tbl_counts.numbers; lo++) {
		n = &nova_abi_tbl_numbers[lo];
		if (n->number != number)
			break;
		if (n->tables >> abi->names & 1)
			return (enum nova_op)n->op;
	}
	return NOVA_OP_UNKNOWN;
}
EXPORT_SYMBOL_NOVA(nova_op_of);

enum nova_field nova_status_field(enum nova_op op)
{
	switch (op) {
	case NOVA_OP_RPC_GSP_RM_CONTROL:
		return NOVA_CONTROL_STATUS;
	case NOVA_OP_RPC_GSP_RM_ALLOC:
		return NOVA_ALLOC_STATUS;
	case NOVA_OP_RPC_FREE:
		return NOVA_FREE_STATUS;
	case NOVA_OP_RPC_DUP_OBJECT:
		return NOVA_DUP_OBJECT_STATUS;
	default:
		return 0;
	}
}

bool nova_op_is_life(enum nova_op op)
{
	switch (op) {
	case NOVA_OP_RPC_UNLOADING_GUEST_DRIVER:
	case NOVA_OP_RPC_GSP_SET_SYSTEM_INFO:
	case NOVA_OP_RPC_SET_REGISTRY:
	case NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO:
	case NOVA_OP_RPC_SET_GUEST_SYSTEM_INFO_EXT:
	case NOVA_OP_RPC_CONTINUATION_RECORD:
		return true;
	default:
		return false;
	}
}

const char *nova_op_name(enum nova_op op)
{
	if (op == NOVA_OP_UNKNOWN || (u32)op >= NOVA_OP_COUNT)
		return "UNKNOWN";
	return abi_pool(nova_abi_tbl_ops[(u32)op - 1]);
}
EXPORT_SYMBOL_NOVA(nova_op_name);

const char *nova_ctrl_name(u32 cmd)
{
	u32 lo = 0, hi = nova_abi_tbl_counts.ctrls, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (nova_abi_tbl_ctrls[mid].number == cmd)
			return abi_pool(nova_abi_tbl_ctrls[mid].name);
		if (nova_abi_tbl_ctrls[mid].number < cmd)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
EXPORT_SYMBOL_NOVA(nova_ctrl_name);

bool nova_ctrl_at(u32 i, u32 *cmd, const char **name)
{
	if (i >= nova_abi_tbl_counts.ctrls)
		return false;
	*cmd = nova_abi_tbl_ctrls[i].number;
	*name = abi_pool(nova_abi_tbl_ctrls[i].name);
	return true;
}

static const struct nova_abi_status *abi_find_status(u32 status)
{
	u32 lo = 0, hi = nova_abi_tbl_counts.statuses, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (nova_abi_tbl_statuses[mid].value == status)
			return &nova_abi_tbl_statuses[mid];
		if (nova_abi_tbl_statuses[mid].value < status)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *nova_status_name(u32 status)
{
	const struct nova_abi_status *s = abi_find_status(status);

	return s ? abi_pool(s->name) : "?";
}
EXPORT_SYMBOL_NOVA(nova_status_name);

int nova_status_errno(u32 status)
{
	const struct nova_abi_status *s = abi_find_status(status);

	return s ? -(int)s->err : -EREMOTEIO;
}
EXPORT_SYMBOL_NOVA(nova_status_errno);
