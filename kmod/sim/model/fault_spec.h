/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of a fault that is asked for; shared by the files that know them. A function
 * of a fault returns 0, or -EINVAL with one line of reason.
 */
#ifndef NOVABPF_SIM_FAULT_SPEC_H
#define NOVABPF_SIM_FAULT_SPEC_H

#include "internal.h"

#define NSIM_WORDS_MAX		8
#define NSIM_US_MAX		3600000000u
#define NSIM_STORM_MAX		1000000

struct nsim_words {
	const char *w[NSIM_WORDS_MAX];
	size_t len[NSIM_WORDS_MAX];
	u32 n;
};

struct nsim_spec {
	struct nsim *sim;
	struct nsim_words words;
	char *err;
	size_t err_size;
};

bool nsim_word_is(const struct nsim_words *w, u32 i, const char *s);
int nsim_spec_bad(struct nsim_spec *s, u32 i, const char *want);
int nsim_spec_end(struct nsim_spec *s, u32 n);
int nsim_spec_number(struct nsim_spec *s, u32 i, u32 max, u32 *val);
int nsim_spec_running(struct nsim_spec *s);

/* fault_vgpu.c */
int nsim_f_plugin(struct nsim_spec *s);
int nsim_f_scrub(struct nsim_spec *s);
int nsim_f_record(struct nsim_spec *s);
void nsim_fault_show_vgpu(struct nsim *sim, struct nsim_text *t);

#endif /* NOVABPF_SIM_FAULT_SPEC_H */
