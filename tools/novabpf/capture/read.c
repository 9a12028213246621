// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings, read record by record: unpacked, payloads put together, with what was cut
 * from them since.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/types.h>

#include "base/common.h"
#include "capture.h"
#include "gunzip.h"
#include "pcapng.h"

#define FILE_MIB_MAX	1024u

/* A long payload in one piece: of record @head, kept with the first piece behind it. */
struct tap_piece {
	struct tap_record r;
	uint64_t head;
	uint8_t *whole;
	uint32_t whole_bytes;
};

static int too_large(const char *file)
{
	return fail("%s is larger than %u MiB", file, FILE_MIB_MAX);
}

static int unpack(struct tap_file *f)
{
	enum gunzip_end end;
	char *data;
	size_t len;

	end = gunzip(f->data, f->len, (size_t)FILE_MIB_MAX << 20, &data, &len);
	free(f->data);
	f->data = data;
	f->len = len;
	switch (end) {
	case GUNZIP_WHOLE:
		return 0;
	case GUNZIP_CUT:
		snprintf(f->damage, sizeof(f->damage), "its compressed data ends early");
		return 0;
	case GUNZIP_TOO_LONG:
		return too_large(f->name);
	case GUNZIP_NO_MEMORY:
		return fail("cannot read %s: %s", f->name, strerror(ENOMEM));
	default:
		return fail("cannot read %s: its compressed data is damaged", f->name);
	}
}

static int load(struct tap_file *f)
{
	struct stat st;

	if (!stat(f->name, &st) && st.st_size >> 20 >= FILE_MIB_MAX)
		return too_large(f->name);
	f->data = read_file(f->name, &f->len);
	if (!f->data)
		return fail("cannot read %s: %s", f->name, strerror(errno));
	return gunzip_is(f->data, f->len) ? unpack(f) : 0;
}

/* The next packet of our link type. Return: as pcapng_next(). */
static int next_packet(struct pcapng_reader *reader, struct pcapng_packet *p)
{
	int got;

	do
		got = pcapng_next(reader, p);
	while (got > 0 && reader->interfaces[p->interface].linktype != NOVA_CAPTURE_LINKTYPE);
	return got;
}

static void add_piece(struct tap_file *f, const struct tap_record *r)
{
	/* Grows by doubling: a size of a power of two is full. */
	if (!(f->nr_pieces & (f->nr_pieces - 1)))
		f->pieces = xrealloc(f->pieces, f->nr_pieces ? f->nr_pieces * 2 : 1,
				     sizeof(*f->pieces));
	f->pieces[f->nr_pieces++] = (struct tap_piece){ .r = *r };
}

static int look_at(struct tap_file *f, const struct pcapng_packet *p)
{
	struct tap_record rec;
	const char *why;

	switch (tap_take(p->data, p->len, p->orig_len, &rec, &why)) {
	case TAP_FOREIGN:
		f->foreign++;
		return 0;
	case TAP_SHORT:
		f->unknown++;
		return 0;
	case TAP_BAD:
		return fail("%s: packet %llu: %s; is it a recording of novabpf?", f->name,
			    (unsigned long long)p->number, why);
	default:
		break;
	}
	rec.number = p->number;
	f->cut += rec.cut;
	if (rec.c.kind == NOVA_CAPTURE_MORE)
		add_piece(f, &rec);
	else
		f->records++;
	return 0;
}

/* By GPU, call and kind; those of one payload stand in the order of the file. */
static int by_record(const void *a, const void *b)
{
	const struct tap_piece *x = a, *y = b;

	if (x->r.c.gpu != y->r.c.gpu)
		return x->r.c.gpu < y->r.c.gpu ? -1 : 1;
	if (x->r.c.id != y->r.c.id)
		return x->r.c.id < y->r.c.id ? -1 : 1;
	if (x->r.c.of_kind != y->r.c.of_kind)
		return x->r.c.of_kind < y->r.c.of_kind ? -1 : 1;
	return x->r.number < y->r.number ? -1 : x->r.number > y->r.number;
}

/* The whole file once, before anything of it is shown. */
static int look_through(struct tap_file *f)
{
	struct pcapng_reader *reader = xcalloc(1, sizeof(*reader));
	struct pcapng_packet p;
	int ret = 0, got = 0;

	pcapng_read(reader, f->data, f->len);
	while (!ret && (got = next_packet(reader, &p)) > 0)
		ret = look_at(f, &p);
	if (!ret && got < 0 && reader->ends_early && f->records) {
		if (!f->damage[0])
			snprintf(f->damage, sizeof(f->damage), "%s", reader->why);
	} else if (!ret && got < 0) {
		ret = fail("cannot read %s: %s", f->name,
			   f->damage[0] ? f->damage : reader->why);
	} else if (!ret && !f->records && f->unknown) {
		ret = fail("%s: no packet is long enough to tell what it is; keep 200 bytes each",
			   f->name);
	} else if (!ret && !f->records) {
		ret = fail("%s holds no records of novabpf", f->name);
	}
	free(reader);
	if (f->nr_pieces)
		qsort(f->pieces, f->nr_pieces, sizeof(*f->pieces), by_record);
	return ret;
}

int tap_open(struct tap_file *f, const char *name)
{
	int ret;

	memset(f, 0, sizeof(*f));
	f->name = name;
	ret = load(f);
	return ret ? ret : look_through(f);
}

/* Index of the first piece behind record @r. */
static size_t first_piece(const struct tap_file *f, const struct tap_record *r)
{
	struct tap_piece key = { .r = *r };
	size_t lo = 0, hi = f->nr_pieces, mid;

	key.r.c.of_kind = r->c.kind;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (by_record(&f->pieces[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Whether @piece is the next of the payload of @r, of which @bytes are there. */
static bool piece_fits(const struct tap_record *piece, const struct tap_record *r, uint32_t bytes)
{
	return piece->c.gpu == r->c.gpu && piece->c.id == r->c.id &&
	       piece->c.of_kind == r->c.kind && piece->c.payload_at == bytes &&
	       piece->c.payload_bytes <= NOVA_CAPTURE_WHOLE_MAX - bytes;
}

static uint8_t *put_together(const struct tap_piece *first, const struct tap_record *r,
			     size_t nr, uint32_t bytes)
{
	uint8_t *whole = xcalloc(1, bytes);
	size_t i;

	memcpy(whole, r->payload, r->c.payload_bytes);
	for (i = 0; i < nr; i++)
		memcpy(whole + first[i].r.c.payload_at, first[i].r.payload,
		       first[i].r.c.payload_bytes);
	return whole;
}

/* Gives @r what the pieces behind it have of its payload. */
static void complete(struct tap_file *f, struct tap_record *r)
{
	size_t at = first_piece(f, r), i;
	struct tap_piece *first = f->pieces + at;
	uint32_t bytes = r->c.payload_bytes;

	if (r->cut || bytes >= r->c.len_bytes)
		return;
	for (i = at; i < f->nr_pieces && piece_fits(&f->pieces[i].r, r, bytes); i++)
		bytes += f->pieces[i].r.c.payload_bytes;
	if (i == at || (first->whole && first->head != r->number))
		return;
	if (!first->whole) {
		first->whole = put_together(first, r, i - at, bytes);
		first->whole_bytes = bytes;
		first->head = r->number;
	}
	r->payload = first->whole;
	r->c.payload_bytes = first->whole_bytes;
}

int tap_each(struct tap_file *f, tap_fn fn, void *arg)
{
	struct pcapng_reader *reader = xcalloc(1, sizeof(*reader));
	struct pcapng_packet p;
	struct tap_record rec;
	const char *why;
	int ret = 0;

	pcapng_read(reader, f->data, f->len);
	while (!ret && next_packet(reader, &p) > 0) {
		if (tap_take(p.data, p.len, p.orig_len, &rec, &why) != TAP_GOOD ||
		    rec.c.kind == NOVA_CAPTURE_MORE)
			continue;
		rec.number = p.number;
		if (f->nr_pieces)
			complete(f, &rec);
		ret = fn(arg, &rec);
	}
	free(reader);
	return ret;
}

void tap_tell(const struct tap_file *f)
{
	if (f->cut)
		fprintf(stderr, "novabpf: %s: %llu packets were shortened: payloads are missing\n",
			printable(f->name), (unsigned long long)f->cut);
	if (f->unknown)
		fprintf(stderr,
			"novabpf: %s: %llu packets were shortened too far to tell what they are\n",
			printable(f->name), (unsigned long long)f->unknown);
	if (f->foreign)
		fprintf(stderr,
			"novabpf: %s: %llu packets are no records of novabpf and were left out\n",
			printable(f->name), (unsigned long long)f->foreign);
	if (f->damage[0])
		fprintf(stderr, "novabpf: %s: %s; what stands in front of that was read\n",
			printable(f->name), f->damage);
}

void tap_close(struct tap_file *f)
{
	size_t i;

	for (i = 0; i < f->nr_pieces; i++)
		free(f->pieces[i].whole);
	free(f->pieces);
	free(f->data);
	memset(f, 0, sizeof(*f));
}
