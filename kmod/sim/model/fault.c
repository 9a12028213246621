// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults on request: what goes wrong on the wire and in the firmware.
 */
#include "fault_spec.h"

#define NSIM_DELAY_US_DEFAULT	100000
#define NSIM_PPM_MAX		1000000

static const char * const nsim_fx_names[NSIM_FX_COUNT] = {
	[NSIM_FX_NONE] = "none",
	[NSIM_FX_BADSUM] = "badsum",
	[NSIM_FX_BADLEN] = "badlen",
	[NSIM_FX_ELEM0] = "elem0",
	[NSIM_FX_ELEM17] = "elem17",
	[NSIM_FX_BADSIG] = "badsig",
	[NSIM_FX_BADVER] = "badver",
	[NSIM_FX_BADFN] = "badfn",
	[NSIM_FX_LOST] = "lost",
	[NSIM_FX_STALE] = "stale",
	[NSIM_FX_DROP] = "drop",
	[NSIM_FX_DUP] = "dup",
	[NSIM_FX_LATE] = "late",
	[NSIM_FX_WRONGSEQ] = "wrongseq",
	[NSIM_FX_WRONGFN] = "wrongfn",
	[NSIM_FX_SHORT] = "short",
	[NSIM_FX_CORRUPT] = "corrupt",
	[NSIM_FX_REORDER] = "reorder",
};

const char *nsim_fx_name(enum nsim_fx fx)
{
	return (u32)fx < NSIM_FX_COUNT ? nsim_fx_names[fx] : "?";
}

bool nsim_word_is(const struct nsim_words *w, u32 i, const char *s)
{
	return i < w->n && w->len[i] == strlen(s) && !memcmp(w->w[i], s, w->len[i]);
}

static bool nsim_split(struct nsim_words *w, const char *s)
{
	w->n = 0;
	while (*s) {
		while (*s == ' ' || *s == '\t' || *s == '\n')
			s++;
		if (!*s)
			break;
		if (w->n == NSIM_WORDS_MAX)
			return false;
		w->w[w->n] = s;
		while (*s && *s != ' ' && *s != '\t' && *s != '\n')
			s++;
		w->len[w->n] = (size_t)(s - w->w[w->n]);
		w->n++;
	}
	return true;
}

int nsim_spec_bad(struct nsim_spec *s, u32 i, const char *want)
{
	const struct nsim_words *w = &s->words;

	if (i >= w->n)
		nsim_error(s->err, s->err_size,
			   "fault: a word is missing at the end; want %s",
			   want);
	else
		nsim_error(s->err, s->err_size, "fault: \"%.*s\" is not understood; want %s",
			   (int)min_t(size_t, w->len[i], 40), w->w[i], want);
	return -EINVAL;
}

int nsim_spec_end(struct nsim_spec *s, u32 n)
{
	return s->words.n > n ? nsim_spec_bad(s, n, "nothing more") : 0;
}

int nsim_spec_number(struct nsim_spec *s, u32 i, u32 max, u32 *val)
{
	const struct nsim_words *w = &s->words;
	char want[48];

	if (i < w->n && nsim_parse_u32(w->w[i], w->len[i], val) && *val <= max)
		return 0;
	nsim_error(want, sizeof(want), "a number from 0 to %u", max);
	return nsim_spec_bad(s, i, want);
}

/* Return: 1 on, 0 off, or -EINVAL. */
static int nsim_spec_switch(struct nsim_spec *s)
{
	bool on = nsim_word_is(&s->words, 1, "on");
	int err;

	if (!on && !nsim_word_is(&s->words, 1, "off"))
		return nsim_spec_bad(s, 1, "on or off");
	err = nsim_spec_end(s, 2);
	return err ? err : on;
}

/* Firmware faults need a firmware that runs. */
int nsim_spec_running(struct nsim_spec *s)
{
	if (s->sim->queue && s->sim->fw.phase <= NSIM_FW_UNLOADING)
		return 0;
	nsim_error(s->err, s->err_size, "fault: GSP does not run");
	return -EINVAL;
}

static int nsim_random_value(struct nsim_spec *s, u32 i, u32 *val)
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
		if (nsim_parse_u32(w + n, len - n, &val[k]) &&
		    val[k] <= (k == 5 ? NSIM_US_MAX : NSIM_PPM_MAX))
			return 0;
		break;
	}
	return nsim_spec_bad(s, i, "off, or corrupt= drop= delay= dup= reorder= and delay_us=");
}

static int nsim_f_random(struct nsim_spec *s)
{
	u32 val[6] = { 0, 0, 0, 0, 0, NSIM_DELAY_US_DEFAULT }, i;
	struct nsim_faults *f = &s->sim->faults;

	if (nsim_word_is(&s->words, 1, "off")) {
		if (nsim_spec_end(s, 2))
			return -EINVAL;
	} else {
		if (s->words.n < 2)
			return nsim_spec_bad(s, 1, "off, or corrupt= drop= delay= dup= reorder=");
		for (i = 1; i < s->words.n; i++)
			if (nsim_random_value(s, i, val))
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

static int nsim_f_next(struct nsim_spec *s)
{
	struct nsim_faults *f = &s->sim->faults;
	struct nsim_next_fault n = { .left = 1 };
	char want[128];
	struct nsim_text t = { want, sizeof(want), 0 };
	u32 kind, at = 2;

	if (nsim_word_is(&s->words, 1, "off")) {
		if (nsim_spec_end(s, 2))
			return -EINVAL;
		f->next_count = 0;
		return 0;
	}
	for (kind = NSIM_FX_BADSUM; kind <= NSIM_FX_SHORT; kind++)
		if (nsim_word_is(&s->words, 1, nsim_fx_names[kind]))
			break;
	if (kind > NSIM_FX_SHORT) {
		for (kind = NSIM_FX_BADSUM; kind <= NSIM_FX_SHORT; kind++)
			nsim_print(&t, "%s%s", t.len ? " " : "", nsim_fx_names[kind]);
		return nsim_spec_bad(s, 1, want);
	}
	n.kind = (enum nsim_fx)kind;
	if ((kind == NSIM_FX_ELEM0 || kind == NSIM_FX_ELEM17) &&
	    !nsim_has(s->sim, NOVA_ELEM_ELEM_COUNT)) {
		nsim_error(s->err, s->err_size, "fault: release %s has no elemCount in its records",
			   s->sim->abi->release);
		return -EINVAL;
	}
	if (kind == NSIM_FX_LATE && nsim_spec_number(s, at++, NSIM_US_MAX, &n.arg_us))
		return -EINVAL;
	if (s->words.n > at && nsim_spec_number(s, at, NSIM_STORM_MAX, &n.left))
		return -EINVAL;
	if (nsim_spec_end(s, at + 1))
		return -EINVAL;
	if (f->next_count == NSIM_NEXT_FAULTS) {
		nsim_error(s->err, s->err_size, "fault: %u specs of \"next\" wait already",
			   NSIM_NEXT_FAULTS);
		return -EINVAL;
	}
	if (n.left)
		f->next[f->next_count++] = n;
	return 0;
}

static int nsim_f_wptr(struct nsim_spec *s)
{
	u32 v;

	if (nsim_spec_number(s, 1, 0xffffffff, &v) || nsim_spec_end(s, 2) || nsim_spec_running(s))
		return -EINVAL;
	nsim_queue_publish(s->sim, v);
	return 0;
}

static int nsim_f_storm(struct nsim_spec *s)
{
	struct nsim_faults *f = &s->sim->faults;
	u32 v;

	if (nsim_word_is(&s->words, 1, "off")) {
		if (nsim_spec_end(s, 2))
			return -EINVAL;
		f->storm_left = 0;
		f->storm_period_us = 0;
		return 0;
	}
	if (nsim_word_is(&s->words, 1, "rate")) {
		if (nsim_spec_number(s, 2, NSIM_US_MAX, &v) || nsim_spec_end(s, 3) ||
		    nsim_spec_running(s))
			return -EINVAL;
		f->storm_period_us = v;
		f->storm_due_ns = nsim_now(s->sim);
		return 0;
	}
	if (s->words.n < 2 || !nsim_parse_u32(s->words.w[1], s->words.len[1], &v) ||
	    v > NSIM_STORM_MAX)
		return nsim_spec_bad(s, 1, "a number of events up to 1000000, rate US, or off");
	if (nsim_spec_end(s, 2) || nsim_spec_running(s))
		return -EINVAL;
	f->storm_left = v;
	return 0;
}

static int nsim_f_mute(struct nsim_spec *s)
{
	int on = nsim_spec_switch(s);

	if (on < 0 || (on && nsim_spec_running(s)))
		return -EINVAL;
	s->sim->faults.mute = on;
	return 0;
}

static int nsim_f_stall(struct nsim_spec *s)
{
	int on = nsim_spec_switch(s);

	if (on < 0 || (on && nsim_spec_running(s)))
		return -EINVAL;
	WRITE_ONCE(s->sim->faults.stall, on);
	s->sim->fw.cmd_scan = true;
	return 0;
}

static int nsim_f_irq(struct nsim_spec *s)
{
	int on = nsim_spec_switch(s);
	unsigned long flags;

	if (on < 0)
		return on;
	flags = nsim_lock(s->sim);
	s->sim->regs.irq_off = !on;
	nsim_unlock(s->sim, flags);
	return 0;
}

static int nsim_f_halt(struct nsim_spec *s)
{
	if (nsim_spec_end(s, 1) || nsim_spec_running(s))
		return -EINVAL;
	nsim_die(s->sim, NSIM_FATAL_INJECTED, "halted on request");
	return 0;
}

static int nsim_f_heartbeat(struct nsim_spec *s)
{
	static const char * const names[] = { "on", "rm", "core", "zero" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names) && !nsim_word_is(&s->words, 1, names[i]); i++)
		;
	if (i == ARRAY_SIZE(names))
		return nsim_spec_bad(s, 1, "on, rm, core or zero");
	if (nsim_spec_end(s, 2) || (i && nsim_spec_running(s)))
		return -EINVAL;
	if (!s->sim->abi->rules->heartbeat) {
		nsim_error(s->err, s->err_size, "fault: release %s has no heartbeats",
			   s->sim->abi->release);
		return -EINVAL;
	}
	WRITE_ONCE(s->sim->faults.beat, (enum nsim_beat)i);
	return 0;
}

/* A lockdown that GSP never ends. */
static int nsim_f_lockdown(struct nsim_spec *s)
{
	if (nsim_spec_end(s, 1) || nsim_spec_running(s))
		return -EINVAL;
	nsim_event_lockdown(s->sim, true);
	return 0;
}

static int nsim_f_crash(struct nsim_spec *s)
{
	static const char * const cause[] = { "exception", "timeout", "panic", "watchdog" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cause) && !nsim_word_is(&s->words, 1, cause[i]); i++)
		;
	if (i == ARRAY_SIZE(cause))
		return nsim_spec_bad(s, 1, "exception, timeout, panic or watchdog");
	if (nsim_spec_end(s, 2) || nsim_spec_running(s))
		return -EINVAL;
	if (nsim_boot_crash(s->sim, cause[i]))
		return 0;
	nsim_error(s->err, s->err_size, "fault: release %s has no crash report queue",
		   s->sim->abi->release);
	return -EINVAL;
}

/* @bad: the word for what is wrong; else "ok". Return: 1 wrong, 0 ok, or -EINVAL. */
static int nsim_spec_state(struct nsim_spec *s, const char *bad)
{
	bool is_bad = nsim_word_is(&s->words, 1, bad);
	char want[32];

	nsim_error(want, sizeof(want), "%s or ok", bad);
	if (!is_bad && !nsim_word_is(&s->words, 1, "ok"))
		return nsim_spec_bad(s, 1, want);
	return nsim_spec_end(s, 2) ? -EINVAL : is_bad;
}

static int nsim_f_wpr2(struct nsim_spec *s)
{
	int stuck = nsim_spec_state(s, "stuck");

	if (stuck < 0)
		return stuck;
	s->sim->faults.wpr2_stuck = stuck;
	return 0;
}

/* The power-on firmware of the board: of the resets that follow. */
static int nsim_f_gfw(struct nsim_spec *s)
{
	int stuck = nsim_spec_state(s, "stuck");

	if (stuck < 0)
		return stuck;
	s->sim->faults.gfw_stuck = stuck;
	return 0;
}

/* image NAME | image ok: the file of the firmware is another one, for the boots that follow */
static int nsim_f_image(struct nsim_spec *s)
{
	bool ok = nsim_word_is(&s->words, 1, "ok");
	size_t room = strlen(s->sim->fwversion);
	unsigned long flags;
	int ret;

	if (s->words.n < 2 || s->words.len[1] > room)
		return nsim_spec_bad(s, 1, "ok, or a name that is no longer than the image's");
	ret = nsim_spec_end(s, 2);
	if (ret)
		return ret;
	flags = nsim_lock(s->sim);
	nsim_image_name(s->sim, ok ? s->sim->fwversion : s->words.w[1],
			ok ? room : s->words.len[1]);
	nsim_unlock(s->sim, flags);
	return 0;
}

/* The board is gone from the bus, with all that ran on it; a reset finds it again if ok. */
static int nsim_f_bus(struct nsim_spec *s)
{
	int lost = nsim_spec_state(s, "lost");
	unsigned long flags;

	if (lost < 0)
		return lost;
	if (lost)
		nsim_boot_stop(s->sim, NSIM_FW_HALTED);
	flags = nsim_lock(s->sim);
	s->sim->faults.bus_lost = lost;
	nsim_unlock(s->sim, flags);
	return 0;
}

/* init mute N | init fail N: of the boots that follow */
static int nsim_f_init(struct nsim_spec *s)
{
	bool mute = nsim_word_is(&s->words, 1, "mute");
	u32 v = 1;

	if (!mute && !nsim_word_is(&s->words, 1, "fail"))
		return nsim_spec_bad(s, 1, "mute or fail");
	if ((s->words.n > 2 && nsim_spec_number(s, 2, NSIM_STORM_MAX, &v)) || nsim_spec_end(s, 3))
		return -EINVAL;
	if (mute)
		s->sim->faults.init_mute = v;
	else
		s->sim->faults.init_fail = v;
	return 0;
}

/* event pmu | event fecs TYPE | event action TYPE */
static int nsim_f_event(struct nsim_spec *s)
{
	bool pmu = nsim_word_is(&s->words, 1, "pmu"), fecs = nsim_word_is(&s->words, 1, "fecs");
	bool sent;
	u32 v = 0;

	if (!pmu && !fecs && !nsim_word_is(&s->words, 1, "action"))
		return nsim_spec_bad(s, 1, "pmu, fecs or action");
	if ((!pmu && nsim_spec_number(s, 2, 3, &v)) || nsim_spec_end(s, pmu ? 2 : 3) ||
	    nsim_spec_running(s))
		return -EINVAL;
	if (pmu)
		sent = nsim_event_pmu_halted(s->sim);
	else if (fecs)
		sent = nsim_event_fecs(s->sim, v);
	else
		sent = nsim_event_action(s->sim, v);
	if (sent)
		return 0;
	nsim_error(s->err, s->err_size, "fault: release %s has no such event",
		   s->sim->abi->release);
	return -EINVAL;
}

static const struct {
	const char *word;
	int (*fn)(struct nsim_spec *s);
} nsim_fault_words[] = {
	{ "random", nsim_f_random },
	{ "next", nsim_f_next },
	{ "wptr", nsim_f_wptr },
	{ "storm", nsim_f_storm },
	{ "mute", nsim_f_mute },
	{ "stall", nsim_f_stall },
	{ "irq", nsim_f_irq },
	{ "halt", nsim_f_halt },
	{ "plugin", nsim_f_plugin },
	{ "scrub", nsim_f_scrub },
	{ "record", nsim_f_record },
	{ "heartbeat", nsim_f_heartbeat },
	{ "lockdown", nsim_f_lockdown },
	{ "crash", nsim_f_crash },
	{ "wpr2", nsim_f_wpr2 },
	{ "gfw", nsim_f_gfw },
	{ "image", nsim_f_image },
	{ "bus", nsim_f_bus },
	{ "init", nsim_f_init },
	{ "event", nsim_f_event },
};

int nsim_fault(struct nsim *sim, const char *spec, char *err, size_t err_size)
{
	struct nsim_spec s = { .sim = sim, .err = err, .err_size = err_size };
	u32 i;
	int ret;

	if (err_size)
		err[0] = 0;
	if (!nsim_split(&s.words, spec)) {
		nsim_error(err, err_size, "fault: more than %u words", NSIM_WORDS_MAX);
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(nsim_fault_words); i++) {
		if (!nsim_word_is(&s.words, 0, nsim_fault_words[i].word))
			continue;
		ret = nsim_fault_words[i].fn(&s);
		if (!ret)
			sim->port.kick(sim->ctx);
		return ret;
	}
	return nsim_spec_bad(&s, 0,
			     "random, next, wptr, storm, mute, stall, irq, halt, plugin, scrub, record, heartbeat, lockdown, crash, wpr2, gfw, bus, init or event");
}

static enum nsim_fx nsim_fault_pick(struct nsim *sim, u32 *delay_us)
{
	struct nsim_faults *f = &sim->faults;
	struct nsim_rng *r = &sim->rng;

	if (f->next_count) {
		struct nsim_next_fault *n = &f->next[0];
		enum nsim_fx kind = n->kind;

		*delay_us = n->arg_us;
		if (!--n->left) {
			f->next_count--;
			memmove(f->next, f->next + 1, f->next_count * sizeof(*n));
		}
		return kind;
	}
	*delay_us = f->delay_us;
	if (nsim_rng_ppm(r, f->corrupt_ppm))
		return NSIM_FX_CORRUPT;
	if (nsim_rng_ppm(r, f->drop_ppm))
		return NSIM_FX_DROP;
	if (nsim_rng_ppm(r, f->delay_ppm))
		return NSIM_FX_LATE;
	if (nsim_rng_ppm(r, f->dup_ppm))
		return NSIM_FX_DUP;
	if (nsim_rng_ppm(r, f->reorder_ppm))
		return NSIM_FX_REORDER;
	return NSIM_FX_NONE;
}

/* Decides over one reply. A late one holds up no other. */
void nsim_fault_on_reply(struct nsim *sim, struct nsim_out *out)
{
	u32 delay_us = 0;
	enum nsim_fx fx = nsim_fault_pick(sim, &delay_us);

	out->fx = fx;
	if (fx != NSIM_FX_NONE)
		sim->faults.applied[fx]++;
	switch (fx) {
	case NSIM_FX_LATE:
		out->due_ns += delay_us * 1000ULL;
		out->detached = true;
		break;
	case NSIM_FX_DUP:
		out->repeat = 2;
		break;
	case NSIM_FX_SHORT:
		out->len /= 2;
		break;
	default:
		break;
	}
}

/* Makes the events of a storm. Return: when the next one is due. */
u64 nsim_fault_run(struct nsim *sim, u64 now)
{
	struct nsim_faults *f = &sim->faults;

	if (sim->fw.phase != NSIM_FW_RUNNING)
		return NSIM_NEVER;
	while (f->storm_left && sim->fw.events_queued < NSIM_EVENTS_QUEUED_MAX / 2) {
		f->storm_left--;
		nsim_event_mixed(sim);
	}
	if (!f->storm_period_us)
		return NSIM_NEVER;
	if (now >= f->storm_due_ns) {
		nsim_event_mixed(sim);
		f->storm_due_ns = now + f->storm_period_us * 1000ULL;
	}
	return f->storm_due_ns;
}

size_t nsim_fault_show(struct nsim *sim, char *buf, size_t size)
{
	struct nsim_text t = { buf, size, 0 };
	struct nsim_faults *f = &sim->faults;
	u32 i;

	if (size)
		buf[0] = 0;
	if (f->corrupt_ppm || f->drop_ppm || f->delay_ppm || f->dup_ppm || f->reorder_ppm)
		nsim_print(&t, "random corrupt=%u drop=%u delay=%u dup=%u reorder=%u delay_us=%u\n",
			   f->corrupt_ppm, f->drop_ppm, f->delay_ppm, f->dup_ppm, f->reorder_ppm,
			   f->delay_us);
	for (i = 0; i < f->next_count; i++) {
		nsim_print(&t, "next %s", nsim_fx_names[f->next[i].kind]);
		if (f->next[i].kind == NSIM_FX_LATE)
			nsim_print(&t, " %u", f->next[i].arg_us);
		nsim_print(&t, " %u\n", f->next[i].left);
	}
	if (f->storm_left)
		nsim_print(&t, "storm %u\n", f->storm_left);
	if (f->storm_period_us)
		nsim_print(&t, "storm rate %u\n", f->storm_period_us);
	if (f->mute)
		nsim_print(&t, "mute on\n");
	if (f->stall)
		nsim_print(&t, "stall on\n");
	if (f->beat != NSIM_BEAT_ON)
		nsim_print(&t, "heartbeat %s\n", f->beat == NSIM_BEAT_RM ? "rm" :
			   f->beat == NSIM_BEAT_CORE ? "core" : "zero");
	if (f->wpr2_stuck)
		nsim_print(&t, "wpr2 stuck\n");
	if (f->gfw_stuck)
		nsim_print(&t, "gfw stuck\n");
	if (f->bus_lost)
		nsim_print(&t, "bus lost\n");
	if (f->init_mute)
		nsim_print(&t, "init mute %u\n", f->init_mute);
	if (f->init_fail)
		nsim_print(&t, "init fail %u\n", f->init_fail);
	if (sim->regs.irq_off)
		nsim_print(&t, "irq off\n");
	nsim_fault_show_vgpu(sim, &t);
	return t.len;
}
