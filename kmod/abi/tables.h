/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shape of the generated tables (tables.c). Names are offsets into one string
 * pool; arrays are flat, and a message knows where its part of them starts.
 */
#ifndef NOVABPF_GSP_ABI_TABLES_H
#define NOVABPF_GSP_ABI_TABLES_H

#include <novabpf/driver/abi.h>

#define NOVA_ABI_ABSENT		0xffff

/* Field ids are (message << 8) | index. */
#define NOVA_ABI_FIELD_SHIFT	8
#define NOVA_ABI_FIELD_MASK	0xff

/**
 * struct nova_abi_msg - one message
 * @name: in the pool
 * @paths: first of its fields in nova_abi_tbl_paths
 * @sizes: first of its layouts in nova_abi_tbl_sizes
 * @pos: first of its layouts in nova_abi_tbl_pos, @fields entries for each
 * @fields: number of fields
 * @layouts: number of layouts
 */
struct nova_abi_msg {
	u16 name;
	u16 paths;
	u16 sizes;
	u16 pos;
	u16 fields;
	u16 layouts;
};

/**
 * struct nova_abi_number - a wire number and its meaning
 * @tables: bit n is set where the releases with nova_abi.names == n mean this
 * @number: function or event number; the table is sorted by it
 * @op: stable id
 */
struct nova_abi_number {
	u64 tables;
	u16 number;
	u16 op;
};

struct nova_abi_ctrl {
	u32 number;
	u16 name;
};

struct nova_abi_status {
	u32 value;
	u16 name;
	u16 err;
};

/* The message at the head of the payload of a function or an event. */
struct nova_abi_head {
	u16 op;
	u16 msg;
};

/* The message behind the head of a control; sorted by number. */
struct nova_abi_params {
	u32 number;
	u16 msg;
};

struct nova_abi_counts {
	u32 heads;
	u32 params;
	u32 releases;
	u32 numbers;
	u32 ctrls;
	u32 statuses;
	u32 bytes;
};

extern const char nova_abi_tbl_pool[];
extern const struct nova_field_pos nova_abi_tbl_pos[];
extern const u32 nova_abi_tbl_sizes[];
extern const u16 nova_abi_tbl_paths[];
extern const struct nova_abi_msg nova_abi_tbl_msgs[];
extern const struct nova_abi_rules nova_abi_tbl_rules[];
extern const struct nova_abi nova_abi_tbl_releases[];
extern const struct nova_abi_number nova_abi_tbl_numbers[];
extern const u16 nova_abi_tbl_by_op[];
extern const u16 nova_abi_tbl_ops[];
extern const struct nova_abi_ctrl nova_abi_tbl_ctrls[];
extern const struct nova_abi_status nova_abi_tbl_statuses[];
extern const struct nova_abi_head nova_abi_tbl_heads[];
extern const struct nova_abi_params nova_abi_tbl_params[];
extern const struct nova_abi_counts nova_abi_tbl_counts;

#endif /* NOVABPF_GSP_ABI_TABLES_H */
