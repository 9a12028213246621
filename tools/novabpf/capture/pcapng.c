// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcapng files, written and read. Little-endian; nanoseconds are said by if_tsresol.
 */
#include <stdarg.h>
#include <string.h>

#include "pcapng.h"

#define BLOCK_SECTION		0x0a0d0d0au
#define BLOCK_INTERFACE		0x00000001u
#define BLOCK_STATS		0x00000005u
#define BLOCK_PACKET		0x00000006u
#define BYTE_ORDER_MAGIC	0x1a2b3c4du
#define BYTE_ORDER_SWAPPED	0x4d3c2b1au
#define BLOCK_BYTES_MIN		12u

#define OPT_END			0
#define OPT_COMMENT		1
#define OPT_SHB_USERAPPL	4
#define OPT_IF_NAME		2
#define OPT_IF_DESCRIPTION	3
#define OPT_IF_TSRESOL		9
#define OPT_EPB_FLAGS		2
#define OPT_ISB_IFRECV		4
#define OPT_ISB_IFDROP		5

#define TSRESOL_NS		9
#define FLAG_INBOUND		1
#define FLAG_OUTBOUND		2

/* A block while it is put together; options are few and short. */
struct block {
	uint8_t b[1024];
	uint32_t len;
};

static void put16(struct block *b, uint16_t v)
{
	b->b[b->len++] = v & 0xff;
	b->b[b->len++] = v >> 8;
}

static void put32(struct block *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

static void put64(struct block *b, uint64_t v)
{
	put32(b, (uint32_t)v);
	put32(b, (uint32_t)(v >> 32));
}

static uint32_t padded(uint32_t len)
{
	return (len + 3) & ~3u;
}

static void put_option(struct block *b, uint16_t code, const void *value, uint16_t len)
{
	if (b->len + 4 + padded(len) + 8 > sizeof(b->b))
		return;
	put16(b, code);
	put16(b, len);
	memcpy(b->b + b->len, value, len);
	memset(b->b + b->len + len, 0, padded(len) - len);
	b->len += padded(len);
}

static void put_text(struct block *b, uint16_t code, const char *text)
{
	size_t len = strlen(text);

	put_option(b, code, text, len > 400 ? 400 : (uint16_t)len);
}

static void put_u64_option(struct block *b, uint16_t code, uint64_t v)
{
	struct block value = { .len = 0 };

	put64(&value, v);
	put_option(b, code, value.b, 8);
}

/* Head, @data between the parts of the body, options, tail. */
static void write_block(FILE *to, uint32_t type, const struct block *body, const void *data,
			uint32_t len, const struct block *options)
{
	static const uint8_t zero[4];
	struct block head = { .len = 0 }, tail = { .len = 0 };
	uint32_t total = BLOCK_BYTES_MIN + body->len + padded(len) + options->len + 4;

	put32(&head, type);
	put32(&head, total);
	put32(&tail, OPT_END);
	put32(&tail, total);
	fwrite(head.b, 1, head.len, to);
	fwrite(body->b, 1, body->len, to);
	fwrite(data, 1, len, to);
	fwrite(zero, 1, padded(len) - len, to);
	fwrite(options->b, 1, options->len, to);
	fwrite(tail.b, 1, tail.len, to);
}

void pcapng_begin(FILE *to, const char *tool, const char *comment)
{
	struct block body = { .len = 0 }, options = { .len = 0 };

	put32(&body, BYTE_ORDER_MAGIC);
	put16(&body, 1);
	put16(&body, 0);
	put64(&body, UINT64_MAX);	/* length of the section: not known */
	put_text(&options, OPT_COMMENT, comment);
	put_text(&options, OPT_SHB_USERAPPL, tool);
	write_block(to, BLOCK_SECTION, &body, "", 0, &options);
}

void pcapng_add_interface(FILE *to, uint16_t linktype, const char *name, const char *about)
{
	static const uint8_t resolution = TSRESOL_NS;
	struct block body = { .len = 0 }, options = { .len = 0 };

	put16(&body, linktype);
	put16(&body, 0);
	put32(&body, 0);		/* no limit of length */
	put_text(&options, OPT_IF_NAME, name);
	put_text(&options, OPT_IF_DESCRIPTION, about);
	put_option(&options, OPT_IF_TSRESOL, &resolution, 1);
	write_block(to, BLOCK_INTERFACE, &body, "", 0, &options);
}

static void put_packet_head(struct block *b, uint32_t interface, uint64_t time_ns)
{
	put32(b, interface);
	put32(b, (uint32_t)(time_ns >> 32));
	put32(b, (uint32_t)time_ns);
}

void pcapng_add_packet(FILE *to, uint32_t interface, uint64_t time_ns, bool inbound,
		       const void *data, uint32_t len, uint32_t orig_len)
{
	struct block body = { .len = 0 }, options = { .len = 0 }, flags = { .len = 0 };

	put_packet_head(&body, interface, time_ns);
	put32(&body, len);
	put32(&body, orig_len);
	put32(&flags, inbound ? FLAG_INBOUND : FLAG_OUTBOUND);
	put_option(&options, OPT_EPB_FLAGS, flags.b, 4);
	write_block(to, BLOCK_PACKET, &body, data, len, &options);
}

void pcapng_add_stats(FILE *to, uint32_t interface, uint64_t time_ns, uint64_t received,
		      uint64_t dropped)
{
	struct block body = { .len = 0 }, options = { .len = 0 };

	put_packet_head(&body, interface, time_ns);
	put_u64_option(&options, OPT_ISB_IFRECV, received);
	put_u64_option(&options, OPT_ISB_IFDROP, dropped);
	write_block(to, BLOCK_STATS, &body, "", 0, &options);
}

uint16_t pcapng_get16(const struct pcapng_reader *r, const uint8_t *p)
{
	return r->swapped ? p[0] << 8 | p[1] : p[0] | p[1] << 8;
}

uint32_t pcapng_get32(const struct pcapng_reader *r, const uint8_t *p)
{
	uint32_t first = pcapng_get16(r, p), second = pcapng_get16(r, p + 2);

	return r->swapped ? first << 16 | second : first | second << 16;
}

void pcapng_read(struct pcapng_reader *r, const void *data, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->data = data;
	r->len = len;
}

int pcapng_damaged(struct pcapng_reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	return -1;
}

/* Text of an option, cut to @size. */
static void take_text(char *to, size_t size, const uint8_t *value, uint16_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	memcpy(to, value, n);
	to[n] = '\0';
}

/*
 * Calls for each option; ends at the end of the block, or at an option that does not
 * fit it. Return: 0, or -1 for one that does not.
 */
static int each_option(struct pcapng_reader *r, const uint8_t *p, uint32_t len,
		       void (*fn)(struct pcapng_reader *r, uint16_t code, const uint8_t *value,
				  uint16_t size))
{
	while (len >= 4) {
		uint16_t code = pcapng_get16(r, p), size = pcapng_get16(r, p + 2);

		if (code == OPT_END)
			return 0;
		if (padded(size) > len - 4)
			return pcapng_damaged(r, "an option at byte %zu is longer than its block",
					      r->at);
		fn(r, code, p + 4, size);
		p += 4 + padded(size);
		len -= 4 + padded(size);
	}
	return 0;
}

static void section_option(struct pcapng_reader *r, uint16_t code, const uint8_t *value,
			   uint16_t size)
{
	if (code == OPT_COMMENT)
		take_text(r->comment, sizeof(r->comment), value, size);
}

static void interface_option(struct pcapng_reader *r, uint16_t code, const uint8_t *value,
			     uint16_t size)
{
	struct pcapng_interface *i = &r->interfaces[r->nr_interfaces];

	if (code == OPT_IF_NAME)
		take_text(i->name, sizeof(i->name), value, size);
	else if (code == OPT_IF_TSRESOL && size)
		i->tsresol = value[0];
}

static int take_section(struct pcapng_reader *r, const uint8_t *body, uint32_t len)
{
	r->begun = true;
	r->nr_interfaces = 0;
	if (len < 16)
		return pcapng_damaged(r, "the section at byte %zu is too short", r->at);
	if (pcapng_get16(r, body + 4) != 1)
		return pcapng_damaged(r, "version %u of pcapng is not known",
				      pcapng_get16(r, body + 4));
	return each_option(r, body + 16, len - 16, section_option);
}

static int take_interface(struct pcapng_reader *r, const uint8_t *body, uint32_t len)
{
	struct pcapng_interface *i = &r->interfaces[r->nr_interfaces];

	if (len < 8)
		return pcapng_damaged(r, "the interface at byte %zu is too short", r->at);
	if (r->nr_interfaces == PCAPNG_INTERFACES_MAX)
		return pcapng_damaged(r, "more than %d interfaces", PCAPNG_INTERFACES_MAX);
	memset(i, 0, sizeof(*i));
	i->linktype = pcapng_get16(r, body);
	i->tsresol = 6;
	if (each_option(r, body + 8, len - 8, interface_option))
		return -1;
	r->nr_interfaces++;
	return 0;
}

/* Powers of ten are what tools write; others are left as they are. */
static uint64_t to_ns(uint64_t t, uint8_t tsresol)
{
	for (; tsresol < TSRESOL_NS; tsresol++)
		t *= 10;
	for (; tsresol > TSRESOL_NS && tsresol < 20; tsresol--)
		t /= 10;
	return t;
}

static int take_packet(struct pcapng_reader *r, const uint8_t *body, uint32_t len,
		       struct pcapng_packet *p)
{
	if (len < 20 || pcapng_get32(r, body + 12) > len - 20)
		return pcapng_damaged(r, "the packet at byte %zu is longer than its block",
				      r->at);
	p->interface = pcapng_get32(r, body);
	if (p->interface >= r->nr_interfaces)
		return pcapng_damaged(r,
				      "the packet at byte %zu is of interface %u, which is not there",
				      r->at, p->interface);
	p->time_ns = to_ns((uint64_t)pcapng_get32(r, body + 4) << 32 | pcapng_get32(r, body + 8),
			   r->interfaces[p->interface].tsresol);
	p->len = pcapng_get32(r, body + 12);
	p->orig_len = pcapng_get32(r, body + 16);
	p->data = body + 20;
	p->number = ++r->packets;
	return 1;
}

static int take_block(struct pcapng_reader *r, uint32_t type, const uint8_t *body, uint32_t len,
		      struct pcapng_packet *p)
{
	switch (type) {
	case BLOCK_SECTION:
		return take_section(r, body, len);
	case BLOCK_INTERFACE:
		return take_interface(r, body, len);
	case BLOCK_PACKET:
		return take_packet(r, body, len, p);
	default:
		return 0;
	}
}

static void ends_early(struct pcapng_reader *r)
{
	r->ends_early = r->begun;
	pcapng_damaged(r, "it ends in the middle of a block, at byte %zu", r->at);
}

/* A section says in which byte order it was written; its type reads the same in both. */
static int begin_section(struct pcapng_reader *r, const uint8_t *block)
{
	uint32_t magic;

	r->swapped = false;
	magic = pcapng_get32(r, block + 8);
	if (magic != BYTE_ORDER_MAGIC && magic != BYTE_ORDER_SWAPPED)
		return pcapng_damaged(r, "it is no pcapng file");
	r->swapped = magic == BYTE_ORDER_SWAPPED;
	return 0;
}

/* Whether a whole block is there. Return: its bytes, 0 where it is damaged. */
static uint32_t check_block(struct pcapng_reader *r, const uint8_t *block, size_t left)
{
	uint32_t total;

	if (left < BLOCK_BYTES_MIN) {
		ends_early(r);
		return 0;
	}
	if (pcapng_get32(r, block) == BLOCK_SECTION) {
		if (begin_section(r, block))
			return 0;
	} else if (!r->begun) {
		pcapng_damaged(r, "it is no pcapng file");
		return 0;
	}
	total = pcapng_get32(r, block + 4);
	if (total < BLOCK_BYTES_MIN || total % 4 || total > PCAPNG_BLOCK_BYTES_MAX)
		pcapng_damaged(r, "the block at byte %zu has a bad length, %u", r->at, total);
	else if (total > left)
		ends_early(r);
	else if (pcapng_get32(r, block + total - 4) != total)
		pcapng_damaged(r, "the block at byte %zu has two lengths", r->at);
	else
		return total;
	return 0;
}

int pcapng_next(struct pcapng_reader *r, struct pcapng_packet *p)
{
	if (r->is_pcap || (!r->at && pcap_begins(r)))
		return pcap_next(r, p);
	while (r->at < r->len) {
		const uint8_t *block = r->data + r->at;
		uint32_t total = check_block(r, block, r->len - r->at);
		int ret;

		if (!total)
			return -1;
		ret = take_block(r, pcapng_get32(r, block), block + 8, total - BLOCK_BYTES_MIN, p);
		if (ret < 0)
			return ret;
		r->at += total;
		if (ret)
			return ret;
	}
	return r->begun ? 0 : pcapng_damaged(r, "it is no pcapng file");
}
