/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of a requested fault, shared by the files that parse them. A fault's function
 * returns 0, or -EINVAL with one line of reason.
 */
#ifndef NOVABPF_SIM_FAULT_SPEC_H
#define NOVABPF_SIM_FAULT_SPEC_H

#include "internal.h"

#define GSIM_WORDS_MAX		8
#define GSIM_US_MAX		3600000000u
#define GSIM_STORM_MAX		1000000

struct gsim_words {
	const char *w[GSIM_WORDS_MAX];
	size_t len[GSIM_WORDS_MAX];
	u32 n;
};

struct gsim_spec {
	struct gsim *sim;
	struct gsim_words words;
	char *err;
	size_t err_size;
};

bool gsim_word_is(const struct gsim_words *w, u32 i, const char *s);
int gsim_spec_bad(struct gsim_spec *s, u32 i, const char *want);
int gsim_spec_end(struct gsim_spec *s, u32 n);
int gsim_spec_number(struct gsim_spec *s, u32 i, u32 max, u32 *val);
int gsim_spec_running(struct gsim_spec *s);

/* fault_vgpu.c */
int gsim_f_plugin(struct gsim_spec *s);
int gsim_f_scrub(struct gsim_spec *s);
int gsim_f_record(struct gsim_spec *s);
void gsim_fault_show_vgpu(struct gsim *sim, struct gsim_text *t);

#endif /* NOVABPF_SIM_FAULT_SPEC_H */
