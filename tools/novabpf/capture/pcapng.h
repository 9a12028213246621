/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capture files: the blocks of pcapng that a recording needs, written; any pcapng or
 * pcap file, read. Reading trusts nothing: every length is checked, and what is unknown
 * is passed by.
 */
#ifndef NOVABPF_TOOL_PCAPNG_H
#define NOVABPF_TOOL_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifndef __printf
#define __printf(f, a)	__attribute__((	\
				format(printf, f, a)))
#endif

#define PCAPNG_INTERFACES_MAX	128
#define PCAPNG_NAME_LEN		48

struct pcapng_interface {
	uint16_t linktype;
	uint8_t tsresol;
	char name[PCAPNG_NAME_LEN];
};

struct pcapng_packet {
	uint32_t interface;
	uint64_t time_ns;
	uint32_t len;		/* bytes that are there */
	uint32_t orig_len;	/* bytes that there were */
	const uint8_t *data;
	uint64_t number;	/* counted from 1 */
};

/* Writing. Errors are those of @to: see ferror(). */
void pcapng_begin(FILE *to, const char *tool, const char *comment);
void pcapng_add_interface(FILE *to, uint16_t linktype, const char *name, const char *about);
void pcapng_add_packet(FILE *to, uint32_t interface, uint64_t time_ns, bool inbound,
		       const void *data, uint32_t len, uint32_t orig_len);
void pcapng_add_stats(FILE *to, uint32_t interface, uint64_t time_ns, uint64_t received,
		      uint64_t dropped);

/* Reading, from memory. */
struct pcapng_reader {
	const uint8_t *data;
	size_t len;
	size_t at;
	uint64_t packets;
	struct pcapng_interface interfaces[PCAPNG_INTERFACES_MAX];
	uint32_t nr_interfaces;
	char comment[128];	/* of the section */
	bool begun;
	bool is_pcap;
	bool swapped;		/* numbers have the other byte order */
	bool ends_early;	/* in the middle of a block: what was in front is whole */
	uint32_t fraction_ns;	/* of pcap: what its fractions of a second count */
	char why[120];		/* what is wrong with the file */
};

void pcapng_read(struct pcapng_reader *r, const void *data, size_t len);
/* Return: 1 with a packet, 0 at the end, -1 where the file is damaged (see why). */
int pcapng_next(struct pcapng_reader *r, struct pcapng_packet *p);

/* For pcap.c: numbers as the file has them. Return of the last: -1. */
uint16_t pcapng_get16(const struct pcapng_reader *r, const uint8_t *p);
uint32_t pcapng_get32(const struct pcapng_reader *r, const uint8_t *p);
int pcapng_damaged(struct pcapng_reader *r, const char *fmt, ...) __printf(2, 3);
#define PCAPNG_BLOCK_BYTES_MAX	(16u << 20)

/* pcap.c: files of the older form. */
bool pcap_begins(struct pcapng_reader *r);
int pcap_next(struct pcapng_reader *r, struct pcapng_packet *p);

#endif /* NOVABPF_TOOL_PCAPNG_H */
