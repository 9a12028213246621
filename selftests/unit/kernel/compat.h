/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for kmod/compat.h; see native_kernel.h. */
#include "native_kernel.h"
