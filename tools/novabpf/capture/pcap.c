// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcap files, the older form of capture files: one head, one link type, packets.
 */
#include <string.h>

#include "pcapng.h"

#define PCAP_MAGIC_US		0xa1b2c3d4u
#define PCAP_MAGIC_NS		0xa1b23c4du
#define PCAP_HEAD_BYTES		24u
#define PCAP_PACKET_BYTES	16u
#define PCAP_VERSION		2
#define NS_PER_S		1000000000u

/**
 * pcap_begins() - whether the file is of this form
 * @r: reader, at its beginning
 *
 * Return: true, and the link type and byte order are in @r.
 */
bool pcap_begins(struct pcapng_reader *r)
{
	static const struct {
		uint32_t magic;
		uint32_t fraction_ns;
	} forms[] = { { PCAP_MAGIC_US, 1000 }, { PCAP_MAGIC_NS, 1 } };
	size_t i;

	if (r->len < PCAP_HEAD_BYTES)
		return false;
	for (i = 0; i < 2 * sizeof(forms) / sizeof(*forms); i++) {
		r->swapped = i & 1;
		if (pcapng_get32(r, r->data) != forms[i / 2].magic)
			continue;
		r->is_pcap = true;
		r->begun = true;
		r->fraction_ns = forms[i / 2].fraction_ns;
		r->interfaces[0].linktype = pcapng_get16(r, r->data + (r->swapped ? 22 : 20));
		r->nr_interfaces = 1;
		return true;
	}
	r->swapped = false;
	return false;
}

/* As pcapng_next(). */
int pcap_next(struct pcapng_reader *r, struct pcapng_packet *p)
{
	const uint8_t *packet;
	size_t left;

	if (!r->at) {
		if (pcapng_get16(r, r->data + 4) != PCAP_VERSION)
			return pcapng_damaged(r, "version %u of pcap is not known",
					      pcapng_get16(r, r->data + 4));
		r->at = PCAP_HEAD_BYTES;
	}
	if (r->at == r->len)
		return 0;
	packet = r->data + r->at;
	left = r->len - r->at;
	r->ends_early = left < PCAP_PACKET_BYTES;
	if (!r->ends_early) {
		p->len = pcapng_get32(r, packet + 8);
		if (p->len > PCAPNG_BLOCK_BYTES_MAX)
			return pcapng_damaged(r, "the packet at byte %zu has a bad length, %u",
					      r->at, p->len);
		r->ends_early = p->len > left - PCAP_PACKET_BYTES;
	}
	if (r->ends_early)
		return pcapng_damaged(r, "it ends in the middle of a packet, at byte %zu", r->at);
	p->interface = 0;
	p->time_ns = (uint64_t)pcapng_get32(r, packet) * NS_PER_S +
		     (uint64_t)pcapng_get32(r, packet + 4) * r->fraction_ns;
	p->orig_len = pcapng_get32(r, packet + 12);
	p->data = packet + PCAP_PACKET_BYTES;
	p->number = ++r->packets;
	r->at += PCAP_PACKET_BYTES + p->len;
	return 1;
}
