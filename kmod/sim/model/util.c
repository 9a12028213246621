// SPDX-License-Identifier: GPL-2.0-only
/* Text, ABI fields and access to the port. */
#include "internal.h"

void gsim_print(struct gsim_text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->len + 1 >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len = min_t(size_t, t->len + n, t->size - 1);
}

/* Writes one line of reason. Return: -EINVAL. */
int gsim_error(char *err, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Keeps the reason of a refusal, in words, for the status text. */
void gsim_vrefuse(struct gsim *sim, const char *fmt, va_list ap)
{
	vsnprintf(sim->refusal, sizeof(sim->refusal), fmt, ap);
	sim->stat[GSIM_ST_REFUSALS]++;
}

void gsim_refuse(struct gsim *sim, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	gsim_vrefuse(sim, fmt, ap);
	va_end(ap);
}

/* Refuses with a code. Return: @code. */
u32 gsim_reject(struct gsim *sim, u32 code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	gsim_vrefuse(sim, fmt, ap);
	va_end(ap);
	return code;
}

bool gsim_parse_u32(const char *s, size_t len, u32 *val)
{
	u64 v = 0;
	size_t i;

	if (!len || len > 10)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (u32)(s[i] - '0');
	}
	if (v > 0xffffffffULL)
		return false;
	*val = (u32)v;
	return true;
}

/* A field that the release lacks reads as 0. */
u64 gsim_get(struct gsim *sim, enum nova_field f, const void *buf, size_t len)
{
	u64 v = 0;

	return nova_field_get(sim->abi, f, buf, len, &v) ? 0 : v;
}

/* A field that the release lacks is skipped. */
void gsim_put(struct gsim *sim, enum nova_field f, void *buf, size_t len, u64 val)
{
	nova_field_put(sim->abi, f, buf, len, val);
}

void gsim_put_text(struct gsim *sim, enum nova_field f, void *buf, size_t len, const char *text)
{
	size_t size, n = strlen(text);
	char *p = nova_field_ptr(sim->abi, f, buf, len, &size);

	if (!p || !size)
		return;
	n = min_t(size_t, n, size - 1);
	memcpy(p, text, n);
	p[n] = 0;
}

bool gsim_has(struct gsim *sim, enum nova_field f)
{
	struct nova_field_pos pos;

	return !nova_field_pos(sim->abi, f, &pos);
}

u32 gsim_off(struct gsim *sim, enum nova_field f)
{
	struct nova_field_pos pos;

	return nova_field_pos(sim->abi, f, &pos) ? 0 : pos.off;
}

u64 gsim_now(struct gsim *sim)
{
	return sim->port.now_ns(sim->ctx);
}

void *gsim_alloc(struct gsim *sim, size_t size)
{
	return sim->port.alloc(sim->ctx, size);
}

void gsim_free(struct gsim *sim, void *p)
{
	sim->port.free(sim->ctx, p);
}

int gsim_dma_read(struct gsim *sim, u64 addr, void *buf, u32 len)
{
	int err = sim->port.dma_read(sim->ctx, addr, buf, len);

	if (err) {
		sim->stat[GSIM_ST_DMA_ERRORS]++;
		sim->dma_addr_bad = addr;
	}
	return err;
}

/*
 * GSP's own accesses stop with its reset: the driver may free the memory once
 * the reset has ended.
 */
int gsim_fw_read(struct gsim *sim, u64 addr, void *buf, u32 len)
{
	if (READ_ONCE(sim->regs.gsp_epoch) != sim->fw.epoch)
		return -ENODEV;
	return gsim_dma_read(sim, addr, buf, len);
}

int gsim_fw_write(struct gsim *sim, u64 addr, const void *buf, u32 len)
{
	int err;

	if (READ_ONCE(sim->regs.gsp_epoch) != sim->fw.epoch)
		return -ENODEV;
	err = sim->port.dma_write(sim->ctx, addr, buf, len);
	if (err) {
		sim->stat[GSIM_ST_DMA_ERRORS]++;
		sim->dma_addr_bad = addr;
	}
	return err;
}

unsigned long gsim_lock(struct gsim *sim)
{
	return sim->port.lock(sim->ctx);
}

void gsim_unlock(struct gsim *sim, unsigned long flags)
{
	sim->port.unlock(sim->ctx, flags);
}
