/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the files of the roof: sysfs and debugfs of a GPU.
 */
#ifndef NOVABPF_CORE_CORE_H
#define NOVABPF_CORE_CORE_H

#include <linux/fs.h>

struct attribute_group;
struct nova_gpu;

/* sysfs.c. init: called once, before the first GPU. */
extern const struct attribute_group *nova_gpu_groups[];
void nova_sysfs_init(void);

/* debugfs.c */
void nova_debugfs_init(void);
void nova_debugfs_exit(void);
void nova_debugfs_add(struct nova_gpu *gpu);
void nova_debugfs_remove(struct nova_gpu *gpu);

/* rawcall.c */
extern const struct file_operations nova_rawcall_fops;

#endif /* NOVABPF_CORE_CORE_H */
