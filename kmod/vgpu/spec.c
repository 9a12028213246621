// SPDX-License-Identifier: GPL-2.0-only
/*
 * The line written to vgpu_create.
 */
#include "spec.h"

#define KNOWN	"type, gfid, name, weight, cap_pct, priority, period_us, budget_us, tsgs, vm_pid"

struct word {
	const char *key;
	size_t key_len;
	const char *val;
	size_t val_len;
};

struct number_key {
	const char *key;
	size_t off;
	u32 min;
	u32 max;
};

#define NUMBER(_key, _member, _min, _max) \
	{ _key, offsetof(struct nova_vgpu_spec, _member), _min, _max }

static const struct number_key numbers[] = {
	NUMBER("gfid", gfid, 1, NOVA_GFID_MAX),
	NUMBER("weight", config.weight, 1, NOVA_WEIGHT_MAX),
	NUMBER("cap_pct", config.cap_pct, 0, 100),
	NUMBER("priority", config.priority, 0, 2),
	NUMBER("period_us", config.period_us, 0, NOVA_PERIOD_US_MAX),
	NUMBER("budget_us", config.budget_us, 0, NOVA_PERIOD_US_MAX),
	NUMBER("tsgs", tsgs, 1, NOVA_VGPU_TSGS_MAX),
	NUMBER("vm_pid", vm_pid, 0, 0x7fffffff),
};

const char *nova_vgpu_config_check(const struct nova_vgpu_config *c)
{
	if (!c->weight || c->weight > NOVA_WEIGHT_MAX)
		return "weight is not in 1 to 10000";
	if (c->cap_pct > 100)
		return "cap_pct is not in 0 to 100";
	if (c->priority > 2)
		return "priority is not 0, 1 or 2";
	if (c->period_us > NOVA_PERIOD_US_MAX)
		return "period_us is more than 10000000";
	if (c->budget_us > c->period_us)
		return "budget_us is more than period_us";
	return NULL;
}

static bool spec_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool spec_is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

/* Return: the rest of the line, NULL at its end. */
static const char *spec_next_word(const char *s, struct word *w)
{
	memset(w, 0, sizeof(*w));
	while (spec_is_space(*s))
		s++;
	if (!*s)
		return NULL;
	w->key = s;
	while (*s && !spec_is_space(*s) && *s != '=')
		s++;
	w->key_len = (size_t)(s - w->key);
	if (*s != '=')
		return s;
	w->val = ++s;
	while (*s && !spec_is_space(*s))
		s++;
	w->val_len = (size_t)(s - w->val);
	return s;
}

static bool spec_key_is(const struct word *w, const char *key)
{
	return w->key_len == strlen(key) && !memcmp(w->key, key, w->key_len);
}

static bool spec_parse_number(const struct word *w, u32 *out)
{
	u64 v = 0;
	size_t i;

	if (!w->val_len || w->val_len > 10)
		return false;
	for (i = 0; i < w->val_len; i++) {
		if (w->val[i] < '0' || w->val[i] > '9')
			return false;
		v = v * 10 + (u32)(w->val[i] - '0');
	}
	*out = (u32)v;
	return v <= 0xffffffff;
}

static bool spec_copy_name(const struct word *w, char *to, size_t size)
{
	size_t i;

	if (!w->val_len || w->val_len >= size || w->val[0] == '.' || w->val[0] == '-')
		return false;
	for (i = 0; i < w->val_len; i++)
		if (!spec_is_name_char(w->val[i]))
			return false;
	memcpy(to, w->val, w->val_len);
	to[w->val_len] = 0;
	return true;
}

/* Names that look like numbers, or like those the core gives, would be ambiguous. */
static bool spec_is_reserved(const char *name)
{
	const char *s = memcmp(name, "vgpu", 4) ? name : name + 4;

	while (*s >= '0' && *s <= '9')
		s++;
	return !*s;
}

static int spec_take_number(const struct word *w, struct nova_vgpu_spec *spec, char *err,
			    size_t size)
{
	u32 i, v;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (spec_key_is(w, numbers[i].key))
			break;
	if (i == ARRAY_SIZE(numbers)) {
		snprintf(err, size, "\"%.*s\" is not known; known are " KNOWN,
			 (int)min_t(size_t, w->key_len, 40), w->key);
		return -EINVAL;
	}
	if (!spec_parse_number(w, &v) || v < numbers[i].min || v > numbers[i].max) {
		snprintf(err, size, "%s=%.*s: want a number from %u to %u", numbers[i].key,
			 (int)min_t(size_t, w->val_len, 40), w->val ? w->val : "",
			 numbers[i].min, numbers[i].max);
		return -EINVAL;
	}
	memcpy((u8 *)spec + numbers[i].off, &v, sizeof(v));
	return 0;
}

static int spec_take_word(const struct word *w, struct nova_vgpu_spec *spec, char *err, size_t size)
{
	if (!w->val) {
		snprintf(err, size, "\"%.*s\" has no value; want KEY=VALUE, keys are " KNOWN,
			 (int)min_t(size_t, w->key_len, 40), w->key);
		return -EINVAL;
	}
	if (spec_key_is(w, "type")) {
		if (spec_copy_name(w, spec->type, sizeof(spec->type)))
			return 0;
		snprintf(err, size, "type=%.*s is no name of a type",
			 (int)min_t(size_t, w->val_len, 40), w->val);
		return -EINVAL;
	}
	if (spec_key_is(w, "name")) {
		if (spec_copy_name(w, spec->name, sizeof(spec->name)) &&
		    !spec_is_reserved(spec->name))
			return 0;
		snprintf(err, size,
			 "name=%.*s: want up to 31 letters, digits, '_', '.', '-', no number and no vgpuN",
			 (int)min_t(size_t, w->val_len, 40), w->val);
		return -EINVAL;
	}
	return spec_take_number(w, spec, err, size);
}

int nova_vgpu_parse(const char *line, struct nova_vgpu_spec *spec, char *err, size_t size)
{
	const char *wrong;
	struct word w;
	int ret;

	memset(spec, 0, sizeof(*spec));
	spec->config.weight = NOVA_WEIGHT_DEFAULT;
	spec->config.priority = 1;
	spec->tsgs = 1;
	while ((line = spec_next_word(line, &w))) {
		ret = spec_take_word(&w, spec, err, size);
		if (ret)
			return ret;
	}
	if (!spec->type[0]) {
		snprintf(err, size, "type=NAME is missing; types are listed in vgpu_types");
		return -EINVAL;
	}
	wrong = nova_vgpu_config_check(&spec->config);
	if (wrong)
		snprintf(err, size, "%s", wrong);
	return wrong ? -EINVAL : 0;
}
