/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channels: constants that are not in the tables of releases. Bare numbers, shared by
 * the core and the device model.
 *
 * A channel has a ring of entries in memory, and next to it a page with two indices:
 * the driver writes GP_PUT and rings the doorbell with the token that the firmware
 * gave for the channel; the GPU reads entries up to there and writes GP_GET.
 *
 * In hardware an entry is the address and length of a list of methods. Engines of the
 * device model only take time, so there an entry is that time, and a counter behind the
 * indices replaces the semaphore that a method would release.
 */
#ifndef NOVABPF_CHANNEL_H
#define NOVABPF_CHANNEL_H

#define TURING_CHANNEL_GPFIFO_A		0x0000c46f
#define AMPERE_CHANNEL_GPFIFO_A		0x0000c56f

/* Parameters of an allocation, up to the last that matters here */
#define NOVA_WIRE_CHANNEL_BYTES		192
#define NOVA_WIRE_CHANNEL_GPFIFO	8	/* u64, address of the ring */
#define NOVA_WIRE_CHANNEL_ENTRIES	16	/* u32 */
#define NOVA_WIRE_CHANNEL_ENGINE_TYPE	128	/* u32, NV2080_ENGINE_TYPE */
#define NOVA_WIRE_CHANNEL_CID		132	/* u32, number on its runlist */
#define NOVA_WIRE_CHANNEL_USERD		168	/* u64, address of the page of indices */

/* Gives the token of a channel */
#define NOVA_WIRE_CHANNEL_TOKEN		0xc36f0108
#define NOVA_WIRE_CHANNEL_TOKEN_BYTES	4

#define NOVA_CHANNEL_ENTRY_BYTES	8
#define NOVA_CHANNEL_ENTRIES_MAX	4096
#define NOVA_USERD_BYTES		4096
#define NOVA_USERD_GP_GET		0x88	/* u32 */
#define NOVA_USERD_GP_PUT		0x8c	/* u32 */
#define NOVA_USERD_DONE			0x200	/* u64, entries done; the device model's own */

/* Doorbell of all channels, in the window of virtual function 0 */
#define NV_VIRTUAL_FUNCTION_DOORBELL	0x00bb0090
#define NV_DOORBELL_CHID(v)		((v) & 0xfff)
#define NV_DOORBELL_RUNLIST(v)		(((v) >> 16) & 0x7f)

#endif /* NOVABPF_CHANNEL_H */
