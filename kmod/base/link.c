// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bpf.h>
#include <linux/err.h>
#include "compat.h"
#include "link.h"

struct bpf_link *nova_link_take(struct bpf_link *link)
{
	struct bpf_link *taken = link ? nova_link_get(link) : NULL;

	return IS_ERR(taken) ? NULL : taken;
}

void nova_link_drop(struct bpf_link *link)
{
	if (!link)
		return;
	nova_link_detach(link);
	bpf_link_put(link);
}
