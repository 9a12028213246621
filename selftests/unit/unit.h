/* SPDX-License-Identifier: GPL-2.0-only */
/* What every unit test includes. */
#ifndef NOVABPF_UNIT_H
#define NOVABPF_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/*
 * One release of each class of wire format: both element headers, both
 * coverages of the checksum, all sizes of the queue arguments, both control
 * headers, both init orders, sequence echoed or not.
 */
#define UNIT_RELEASES { "515.43.04", "525.60.13", "535.54.03", "535.113.01", "535.161.07", \
			"550.163.01", "570.144", "570.190", "580.65.06", "580.95.05", "595.45.04" }

#endif /* NOVABPF_UNIT_H */
