/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the hooks of rpc/: the interface, and the formats of maps that the tool reads
 * (novabpf/format/filters.h).
 */
#ifndef NOVA_RPC_BPF_H
#define NOVA_RPC_BPF_H

#include "samples.bpf.h"
#include <novabpf/hook.bpf.h>
#include <novabpf/format/filters.h>

#endif /* NOVA_RPC_BPF_H */
