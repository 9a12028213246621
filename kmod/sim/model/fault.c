// SPDX-License-Identifier: GPL-2.0-only
/* Injected faults of the wire and of the firmware. */
#include "fault_spec.h"

#define GSIM_DELAY_US_DEFAULT	100000
#define GSIM_PPM_MAX		1000000

static const char * const gsim_fx_names[GSIM_FX_COUNT] = {
	[GSIM_FX_NONE] = "none",
	[GSIM_FX_BADSUM] = "badsum",
	[GSIM_FX_BADLEN] = "badlen",
	[GSIM_FX_ELEM0] = "elem0",
	[GSIM_FX_ELEM17] = "elem17",
	[GSIM_FX_BADSIG] = "badsig",
	[GSIM_FX_BADVER] = "badver",
	[GSIM_FX_BADFN] = "badfn",
	[GSIM_FX_LOST] = "lost",
	[GSIM_FX_STALE] = "stale",
	[GSIM_FX_DROP] = "drop",
	[GSIM_FX_DUP] = "dup",
	[GSIM_FX_LATE] = "late",
	[GSIM_FX_WRONGSEQ] = "wrongseq",
	[GSIM_FX_WRONGFN] = "wrongfn",
	[GSIM_FX_SHORT] = "short",
	[GSIM_FX_CORRUPT] = "corrupt",
	[GSIM_FX_REORDER] = "reorder",
};

const char *gsim_fx_name(enum gsim_fx fx)
{
	return (u32)fx < GSIM_FX_COUNT ? gsim_fx_names[fx] : "?";
}

bool gsim_word_is(const struct gsim_words *w, u32 i, const char *s)
{
	return i < w->n && w->len[i] == strlen(s) && !memcmp(w->w[i], s, w->len[i]);
}

static bool gsim_split(struct gsim_words *w, const char *s)
{
	w->n = 0;
	while (*s) {
		while (*s == ' ' || *s == '\t' || *s == '\n')
			s++;
		if (!*s)
			break;
		if (w->n == GSIM_WORDS_MAX)
			return false;
		w->w[w->n] = s;
		while (*s && *s != ' ' && *s != '\t' && *s != '\n')
			s++;
		w->len[w->n] = (size_t)(s - w->w[w->n]);
		w->n++;
	}
	return true;
}

int gsim_spec_bad(struct gsim_spec *s, u32 i, const char *want)
{
	const struct gsim_words *w = &s->words;

	if (i >= w->n)
		gsim_error(s->err, s->err_size,
			   "fault: a word is missing at the end; want %s",
			   want);
	else
		gsim_error(s->err, s->err_size, "fault: \"%.*s\" is not understood; want %s",
			   (int)min_t(size_t, w->len[i], 40), w->w[i], want);
	return -EINVAL;
}

int gsim_spec_end(struct gsim_spec *s, u32 n)
{
	return s->words.n > n ? gsim_spec_bad(s, n, "nothing more") : 0;
}

int gsim_spec_number(struct gsim_spec *s, u32 i, u32 max, u32 *val)
{
	const struct gsim_words *w = &s->words;
	char want[48];

	if (i < w->n && gsim_parse_u32(w->w[i], w->len[i], val) && *val <= max)
		return 0;
	gsim_error(want, sizeof(want), "a number from 0 to %u", max);
	return gsim_spec_bad(s, i, want);
}

/* Return: 1 on, 0 off, or -EINVAL. */
static int gsim_spec_switch(struct gsim_spec *s)
{
	bool on = gsim_word_is(&s->words, 1, "on");
	int err;

	if (!on && !gsim_word_is(&s->words, 1, "off"))
		return gsim_spec_bad(s, 1, "on or off");
	err = gsim_spec_end(s, 2);
	return err ? err : on;
}

/* Faults of the firmware need a running firmware. */
int gsim_spec_running(struct gsim_spec *s)
{
	if (s->sim->queue && s->sim->fw.phase <= GSIM_FW_UNLOADING)
		return 0;
	return gsim_error(s->err, s->err_size, "fault: GSP does not run");
}

static int gsim_random_value(struct gsim_spec *s, u32 i, u32 *val)
{
	static const char * const keys[] = {
		"corrupt=", "drop=", "delay=", "dup=", "reorder=", "delay_us=",
	};
	const char *w = s->words.w[i];
	size_t len = s->words.len[i], n;
	u32 k;

	for (k = 0; k < ARRAY_SIZE(keys); k++) {
		n = strlen(keys[k]);
		if (len <= n || memcmp(w, keys[k], n))
			continue;
		if (gsim_parse_u32(w + n, len - n, &val[k]) &&
		    val[k] <= (k == 5 ? GSIM_US_MAX : GSIM_PPM_MAX))
			return 0;
		break;
	}
	return gsim_spec_bad(s, i, "off, or corrupt= drop= delay= dup= reorder= and delay_us=");
}

static int gsim_f_random(struct gsim_spec *s)
{
	u32 val[6] = { 0, 0, 0, 0, 0, GSIM_DELAY_US_DEFAULT }, i;
	struct gsim_faults *f = &s->sim->faults;

	if (gsim_word_is(&s->words, 1, "off")) {
		if (gsim_spec_end(s, 2))
			return -EINVAL;
	} else {
		if (s->words.n < 2)
			return gsim_spec_bad(s, 1, "off, or corrupt= drop= delay= dup= reorder=");
		for (i = 1; i < s->words.n; i++)
			if (gsim_random_value(s, i, val))
				return -EINVAL;
	}
	f->corrupt_ppm = val[0];
	f->drop_ppm = val[1];
	f->delay_ppm = val[2];
	f->dup_ppm = val[3];
	f->reorder_ppm = val[4];
	f->delay_us = val[5];
	return 0;
}

static int gsim_f_next(struct gsim_spec *s)
{
	struct gsim_faults *f = &s->sim->faults;
	struct gsim_next_fault n = { .left = 1 };
	char want[128];
	struct gsim_text t = { want, sizeof(want), 0 };
	u32 kind, at = 2;

	if (gsim_word_is(&s->words, 1, "off")) {
		if (gsim_spec_end(s, 2))
			return -EINVAL;
		f->next_count = 0;
		return 0;
	}
	for (kind = GSIM_FX_BADSUM; kind <= GSIM_FX_SHORT; kind++)
		if (gsim_word_is(&s->words, 1, gsim_fx_names[kind]))
			break;
	if (kind > GSIM_FX_SHORT) {
		for (kind = GSIM_FX_BADSUM; kind <= GSIM_FX_SHORT; kind++)
			gsim_print(&t, "%s%s", t.len ? " " : "", gsim_fx_names[kind]);
		return gsim_spec_bad(s, 1, want);
	}
	n.kind = (enum gsim_fx)kind;
	if ((kind == GSIM_FX_ELEM0 || kind == GSIM_FX_ELEM17) &&
	    !gsim_has(s->sim, NOVA_ELEM_ELEM_COUNT))
		return gsim_error(s->err, s->err_size,
				  "fault: release %s has no elemCount in its records",
				  s->sim->abi->release);
	if (kind == GSIM_FX_LATE && gsim_spec_number(s, at++, GSIM_US_MAX, &n.arg_us))
		return -EINVAL;
	if (s->words.n > at && gsim_spec_number(s, at, GSIM_STORM_MAX, &n.left))
		return -EINVAL;
	if (gsim_spec_end(s, at + 1))
		return -EINVAL;
	if (f->next_count == GSIM_NEXT_FAULTS)
		return gsim_error(s->err, s->err_size, "fault: %u specs of \"next\" wait already",
				  GSIM_NEXT_FAULTS);
	if (n.left)
		f->next[f->next_count++] = n;
	return 0;
}

static int gsim_f_wptr(struct gsim_spec *s)
{
	u32 v;

	if (gsim_spec_number(s, 1, 0xffffffff, &v) || gsim_spec_end(s, 2) || gsim_spec_running(s))
		return -EINVAL;
	gsim_queue_publish(s->sim, v);
	return 0;
}

static int gsim_f_storm(struct gsim_spec *s)
{
	struct gsim_faults *f = &s->sim->faults;
	u32 v;

	if (gsim_word_is(&s->words, 1, "off")) {
		if (gsim_spec_end(s, 2))
			return -EINVAL;
		f->storm_left = 0;
		f->storm_period_us = 0;
		return 0;
	}
	if (gsim_word_is(&s->words, 1, "rate")) {
		if (gsim_spec_number(s, 2, GSIM_US_MAX, &v) || gsim_spec_end(s, 3) ||
		    gsim_spec_running(s))
			return -EINVAL;
		f->storm_period_us = v;
		f->storm_due_ns = gsim_now(s->sim);
		return 0;
	}
	if (s->words.n < 2 || !gsim_parse_u32(s->words.w[1], s->words.len[1], &v) ||
	    v > GSIM_STORM_MAX)
		return gsim_spec_bad(s, 1, "a number of events up to 1000000, rate US, or off");
	if (gsim_spec_end(s, 2) || gsim_spec_running(s))
		return -EINVAL;
	f->storm_left = v;
	return 0;
}

static int gsim_f_mute(struct gsim_spec *s)
{
	int on = gsim_spec_switch(s);

	if (on < 0 || (on && gsim_spec_running(s)))
		return -EINVAL;
	s->sim->faults.mute = on;
	return 0;
}

static int gsim_f_stall(struct gsim_spec *s)
{
	int on = gsim_spec_switch(s);

	if (on < 0 || (on && gsim_spec_running(s)))
		return -EINVAL;
	WRITE_ONCE(s->sim->faults.stall, on);
	s->sim->fw.cmd_scan = true;
	return 0;
}

static int gsim_f_irq(struct gsim_spec *s)
{
	int on = gsim_spec_switch(s);
	unsigned long flags;

	if (on < 0)
		return on;
	flags = gsim_lock(s->sim);
	s->sim->regs.irq_off = !on;
	gsim_unlock(s->sim, flags);
	return 0;
}

static int gsim_f_halt(struct gsim_spec *s)
{
	if (gsim_spec_end(s, 1) || gsim_spec_running(s))
		return -EINVAL;
	gsim_die(s->sim, GSIM_FATAL_INJECTED, "halted on request");
	return 0;
}

static int gsim_f_heartbeat(struct gsim_spec *s)
{
	static const char * const names[] = { "on", "rm", "core", "zero" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names) && !gsim_word_is(&s->words, 1, names[i]); i++)
		;
	if (i == ARRAY_SIZE(names))
		return gsim_spec_bad(s, 1, "on, rm, core or zero");
	if (gsim_spec_end(s, 2) || (i && gsim_spec_running(s)))
		return -EINVAL;
	if (!s->sim->abi->rules->heartbeat)
		return gsim_error(s->err, s->err_size, "fault: release %s has no heartbeats",
				  s->sim->abi->release);
	WRITE_ONCE(s->sim->faults.beat, (enum gsim_beat)i);
	return 0;
}

/* A lockdown that GSP never ends. */
static int gsim_f_lockdown(struct gsim_spec *s)
{
	if (gsim_spec_end(s, 1) || gsim_spec_running(s))
		return -EINVAL;
	gsim_event_lockdown(s->sim, true);
	return 0;
}

static int gsim_f_crash(struct gsim_spec *s)
{
	static const char * const cause[] = { "exception", "timeout", "panic", "watchdog" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cause) && !gsim_word_is(&s->words, 1, cause[i]); i++)
		;
	if (i == ARRAY_SIZE(cause))
		return gsim_spec_bad(s, 1, "exception, timeout, panic or watchdog");
	if (gsim_spec_end(s, 2) || gsim_spec_running(s))
		return -EINVAL;
	if (gsim_boot_crash(s->sim, cause[i]))
		return 0;
	return gsim_error(s->err, s->err_size, "fault: release %s has no crash report queue",
			  s->sim->abi->release);
}

/* @bad: the word for what is wrong; else "ok". Return: 1 wrong, 0 ok, or -EINVAL. */
static int gsim_spec_state(struct gsim_spec *s, const char *bad)
{
	bool is_bad = gsim_word_is(&s->words, 1, bad);
	char want[32];

	gsim_error(want, sizeof(want), "%s or ok", bad);
	if (!is_bad && !gsim_word_is(&s->words, 1, "ok"))
		return gsim_spec_bad(s, 1, want);
	return gsim_spec_end(s, 2) ? -EINVAL : is_bad;
}

static int gsim_f_wpr2(struct gsim_spec *s)
{
	int stuck = gsim_spec_state(s, "stuck");

	if (stuck < 0)
		return stuck;
	s->sim->faults.wpr2_stuck = stuck;
	return 0;
}

/* The power-on firmware of the board: of the resets that follow. */
static int gsim_f_gfw(struct gsim_spec *s)
{
	int stuck = gsim_spec_state(s, "stuck");

	if (stuck < 0)
		return stuck;
	s->sim->faults.gfw_stuck = stuck;
	return 0;
}

/* image NAME | image ok: the file of the firmware is another one, for the boots that follow */
static int gsim_f_image(struct gsim_spec *s)
{
	bool ok = gsim_word_is(&s->words, 1, "ok");
	size_t room = strlen(s->sim->fwversion);
	unsigned long flags;
	int ret;

	if (s->words.n < 2 || s->words.len[1] > room)
		return gsim_spec_bad(s, 1, "ok, or a name that is no longer than the image's");
	ret = gsim_spec_end(s, 2);
	if (ret)
		return ret;
	flags = gsim_lock(s->sim);
	gsim_image_name(s->sim, ok ? s->sim->fwversion : s->words.w[1],
			ok ? room : s->words.len[1]);
	gsim_unlock(s->sim, flags);
	return 0;
}

/* The board is gone from the bus, with all that ran on it; a reset finds it again if ok. */
static int gsim_f_bus(struct gsim_spec *s)
{
	int lost = gsim_spec_state(s, "lost");
	unsigned long flags;

	if (lost < 0)
		return lost;
	if (lost)
		gsim_boot_stop(s->sim, GSIM_FW_HALTED);
	flags = gsim_lock(s->sim);
	s->sim->faults.bus_lost = lost;
	gsim_unlock(s->sim, flags);
	return 0;
}

/* init mute N | init fail N: of the boots that follow */
static int gsim_f_init(struct gsim_spec *s)
{
	bool mute = gsim_word_is(&s->words, 1, "mute");
	u32 v = 1;

	if (!mute && !gsim_word_is(&s->words, 1, "fail"))
		return gsim_spec_bad(s, 1, "mute or fail");
	if ((s->words.n > 2 && gsim_spec_number(s, 2, GSIM_STORM_MAX, &v)) || gsim_spec_end(s, 3))
		return -EINVAL;
	if (mute)
		s->sim->faults.init_mute = v;
	else
		s->sim->faults.init_fail = v;
	return 0;
}

/* event pmu | event fecs TYPE | event action TYPE */
static int gsim_f_event(struct gsim_spec *s)
{
	bool pmu = gsim_word_is(&s->words, 1, "pmu"), fecs = gsim_word_is(&s->words, 1, "fecs");
	bool sent;
	u32 v = 0;

	if (!pmu && !fecs && !gsim_word_is(&s->words, 1, "action"))
		return gsim_spec_bad(s, 1, "pmu, fecs or action");
	if ((!pmu && gsim_spec_number(s, 2, 3, &v)) || gsim_spec_end(s, pmu ? 2 : 3) ||
	    gsim_spec_running(s))
		return -EINVAL;
	if (pmu)
		sent = gsim_event_pmu_halted(s->sim);
	else if (fecs)
		sent = gsim_event_fecs(s->sim, v);
	else
		sent = gsim_event_action(s->sim, v);
	if (sent)
		return 0;
	return gsim_error(s->err, s->err_size, "fault: release %s has no such event",
			  s->sim->abi->release);
}

static const struct {
	const char *word;
	int (*fn)(struct gsim_spec *s);
} gsim_fault_words[] = {
	{ "random", gsim_f_random },
	{ "next", gsim_f_next },
	{ "wptr", gsim_f_wptr },
	{ "storm", gsim_f_storm },
	{ "mute", gsim_f_mute },
	{ "stall", gsim_f_stall },
	{ "irq", gsim_f_irq },
	{ "halt", gsim_f_halt },
	{ "plugin", gsim_f_plugin },
	{ "scrub", gsim_f_scrub },
	{ "record", gsim_f_record },
	{ "heartbeat", gsim_f_heartbeat },
	{ "lockdown", gsim_f_lockdown },
	{ "crash", gsim_f_crash },
	{ "wpr2", gsim_f_wpr2 },
	{ "gfw", gsim_f_gfw },
	{ "image", gsim_f_image },
	{ "bus", gsim_f_bus },
	{ "init", gsim_f_init },
	{ "event", gsim_f_event },
};

int gsim_fault(struct gsim *sim, const char *spec, char *err, size_t err_size)
{
	struct gsim_spec s = { .sim = sim, .err = err, .err_size = err_size };
	u32 i;
	int ret;

	if (err_size)
		err[0] = 0;
	if (!gsim_split(&s.words, spec))
		return gsim_error(err, err_size, "fault: more than %u words", GSIM_WORDS_MAX);
	for (i = 0; i < ARRAY_SIZE(gsim_fault_words); i++) {
		if (!gsim_word_is(&s.words, 0, gsim_fault_words[i].word))
			continue;
		ret = gsim_fault_words[i].fn(&s);
		if (!ret)
			sim->port.kick(sim->ctx);
		return ret;
	}
	return gsim_spec_bad(&s, 0,
			     "random, next, wptr, storm, mute, stall, irq, halt, plugin, scrub, record, heartbeat, lockdown, crash, wpr2, gfw, bus, init or event");
}

static enum gsim_fx gsim_fault_pick(struct gsim *sim, u32 *delay_us)
{
	struct gsim_faults *f = &sim->faults;
	struct gsim_rng *r = &sim->rng;

	if (f->next_count) {
		struct gsim_next_fault *n = &f->next[0];
		enum gsim_fx kind = n->kind;

		*delay_us = n->arg_us;
		if (!--n->left) {
			f->next_count--;
			memmove(f->next, f->next + 1, f->next_count * sizeof(*n));
		}
		return kind;
	}
	*delay_us = f->delay_us;
	if (gsim_rng_ppm(r, f->corrupt_ppm))
		return GSIM_FX_CORRUPT;
	if (gsim_rng_ppm(r, f->drop_ppm))
		return GSIM_FX_DROP;
	if (gsim_rng_ppm(r, f->delay_ppm))
		return GSIM_FX_LATE;
	if (gsim_rng_ppm(r, f->dup_ppm))
		return GSIM_FX_DUP;
	if (gsim_rng_ppm(r, f->reorder_ppm))
		return GSIM_FX_REORDER;
	return GSIM_FX_NONE;
}

/* Chooses the fault of one reply. A delayed reply does not delay others. */
void gsim_fault_on_reply(struct gsim *sim, struct gsim_out *out)
{
	u32 delay_us = 0;
	enum gsim_fx fx = gsim_fault_pick(sim, &delay_us);

	out->fx = fx;
	if (fx != GSIM_FX_NONE)
		sim->faults.applied[fx]++;
	switch (fx) {
	case GSIM_FX_LATE:
		out->due_ns += delay_us * 1000ULL;
		out->detached = true;
		break;
	case GSIM_FX_DUP:
		out->repeat = 2;
		break;
	case GSIM_FX_SHORT:
		out->len /= 2;
		break;
	default:
		break;
	}
}

/* Makes the events of a storm. Return: when the next one is due. */
u64 gsim_fault_run(struct gsim *sim, u64 now)
{
	struct gsim_faults *f = &sim->faults;

	if (sim->fw.phase != GSIM_FW_RUNNING)
		return GSIM_NEVER;
	while (f->storm_left && sim->fw.events_queued < GSIM_EVENTS_QUEUED_MAX / 2) {
		f->storm_left--;
		gsim_event_mixed(sim);
	}
	if (!f->storm_period_us)
		return GSIM_NEVER;
	if (now >= f->storm_due_ns) {
		gsim_event_mixed(sim);
		f->storm_due_ns = now + f->storm_period_us * 1000ULL;
	}
	return f->storm_due_ns;
}

size_t gsim_fault_show(struct gsim *sim, char *buf, size_t size)
{
	struct gsim_text t = { buf, size, 0 };
	struct gsim_faults *f = &sim->faults;
	u32 i;

	if (size)
		buf[0] = 0;
	if (f->corrupt_ppm || f->drop_ppm || f->delay_ppm || f->dup_ppm || f->reorder_ppm)
		gsim_print(&t, "random corrupt=%u drop=%u delay=%u dup=%u reorder=%u delay_us=%u\n",
			   f->corrupt_ppm, f->drop_ppm, f->delay_ppm, f->dup_ppm, f->reorder_ppm,
			   f->delay_us);
	for (i = 0; i < f->next_count; i++) {
		gsim_print(&t, "next %s", gsim_fx_names[f->next[i].kind]);
		if (f->next[i].kind == GSIM_FX_LATE)
			gsim_print(&t, " %u", f->next[i].arg_us);
		gsim_print(&t, " %u\n", f->next[i].left);
	}
	if (f->storm_left)
		gsim_print(&t, "storm %u\n", f->storm_left);
	if (f->storm_period_us)
		gsim_print(&t, "storm rate %u\n", f->storm_period_us);
	if (f->mute)
		gsim_print(&t, "mute on\n");
	if (f->stall)
		gsim_print(&t, "stall on\n");
	if (f->beat != GSIM_BEAT_ON)
		gsim_print(&t, "heartbeat %s\n", f->beat == GSIM_BEAT_RM ? "rm" :
			   f->beat == GSIM_BEAT_CORE ? "core" : "zero");
	if (f->wpr2_stuck)
		gsim_print(&t, "wpr2 stuck\n");
	if (f->gfw_stuck)
		gsim_print(&t, "gfw stuck\n");
	if (f->bus_lost)
		gsim_print(&t, "bus lost\n");
	if (f->init_mute)
		gsim_print(&t, "init mute %u\n", f->init_mute);
	if (f->init_fail)
		gsim_print(&t, "init fail %u\n", f->init_fail);
	if (sim->regs.irq_off)
		gsim_print(&t, "irq off\n");
	gsim_fault_show_vgpu(sim, &t);
	return t.len;
}
