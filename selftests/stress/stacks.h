/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef STACKS_H
#define STACKS_H

/* The stacks in the kernel of all tasks that wait and cannot be killed (state D). */
void print_stacks(void);

#endif /* STACKS_H */
