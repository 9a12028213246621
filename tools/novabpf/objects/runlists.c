// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runlists of a GPU as sched/runlists tells of them, and which of them do not work.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

/* A switch takes microseconds, and the core gives up what fails within 0.1 s. */
#define SWITCH_SLOW_US	200000
#define WORDS		10

static const char *const names[WORDS] = {
	"index", "engine_id", "name", "nr_vgpus", "nr_runnable", "curr_gfid", "decisions",
	"switches", "phase", "switching_us",
};

enum { WORD_NAME = 2, WORD_PHASE = 8, WORD_SWITCHING = 9 };

static char *read_runlists(uint32_t gpu_id)
{
	return root_read("/sys/class/novabpf/gpu%u/sched/runlists", gpu_id);
}

/* The words of a line; those that an older module does not print are NULL. */
static void split(char *line, const char *words[WORDS])
{
	char *word, *save;
	size_t i = 0;

	memset(words, 0, WORDS * sizeof(*words));
	for (word = strtok_r(line, " ", &save); word && i < WORDS;
	     word = strtok_r(NULL, " ", &save))
		words[i++] = word;
}

struct json_object *runlists_json(uint32_t gpu_id)
{
	struct json_object *list = json_object_new_array(), *obj;
	char *text = read_runlists(gpu_id), *line, *save;
	const char *words[WORDS];
	size_t i;

	line = text ? strtok_r(text, "\n", &save) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &save)) {
		split(line, words);
		obj = json_object_new_object();
		for (i = 0; i < WORDS && words[i]; i++)
			json_object_object_add(obj, names[i], json_value(names[i], words[i]));
		json_object_array_add(list, obj);
	}
	free(text);
	return list;
}

void runlists_print(uint32_t gpu_id)
{
	char *text = read_runlists(gpu_id), *line, *save;
	size_t i;

	line = text ? strtok_r(text, "\n", &save) : NULL;
	if (line) {
		printf("  runlists, as:");
		for (i = 0; i < WORDS; i++)
			printf(" %s", names[i]);
		putchar('\n');
	}
	for (; line; line = strtok_r(NULL, "\n", &save))
		printf("    %s\n", printable(line));
	free(text);
}

char *runlists_trouble(uint32_t gpu_id)
{
	char *text = read_runlists(gpu_id), *line, *save;
	const char *words[WORDS];
	struct text t = { 0 };
	uint64_t us;

	line = text ? strtok_r(text, "\n", &save) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &save)) {
		split(line, words);
		if (!words[WORD_SWITCHING])
			continue;
		if (!strcmp(words[WORD_PHASE], "dead"))
			text_add(&t, "%s%s schedules nothing until the GPU is reset",
				 t.len ? "; " : "", words[WORD_NAME]);
		else if (parse_u64(words[WORD_SWITCHING], &us) && us > SWITCH_SLOW_US)
			text_add(&t, "%s%s has been switching for %llu ms", t.len ? "; " : "",
				 words[WORD_NAME], (unsigned long long)us / 1000);
	}
	free(text);
	return t.s;
}
