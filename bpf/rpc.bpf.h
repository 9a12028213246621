/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hooks of rpc/ share: the interface, and what the tool reads from their maps
 * (novabpf/format/filters.h).
 */
#ifndef NOVA_RPC_BPF_H
#define NOVA_RPC_BPF_H

#include "samples.bpf.h"
#include <novabpf/hook.bpf.h>
#include <novabpf/format/filters.h>

#endif /* NOVA_RPC_BPF_H */
