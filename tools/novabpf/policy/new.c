// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf new: a small project to begin a policy or a hook with, from the templates
 * that came with the tool (tools/kit/new).
 *
 * The files are written beside the folder that was asked for, which appears with all of
 * them or not at all. What is there already stays as it is.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/common.h"
#include "policy.h"

/* In a template's name and text this stands for the name of the project. */
#define NEW_NAME	"@NAME@"
#define NEW_KIT		"@KIT@"

static const char *const new_files[] = { "Makefile", "NAME.bpf.c", "README" };

struct new_project {
	const char *name;
	char *templates;	/* folder of them */
	char *kit;		/* folder of policy.mk */
	char *dir;		/* being written */
	char *file[ARRAY_LEN(new_files)];
};

static int new_check_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!isascii(name[i]) || !(isalnum(name[i]) || name[i] == '_'))
			break;
	if (name[i] || !i || i >= NOVA_NAME_LEN || !isalpha(*name))
		return usage_error("bad name '%s'; use 1 to %d of a-z A-Z 0-9 _, a letter first",
				   printable(name), NOVA_NAME_LEN - 1);
	return 0;
}

static int new_exists(const char *name)
{
	return fail("%s is there already; choose another name, or remove it", name);
}

static int new_find_kit(struct new_project *p, const char *kind)
{
	char *dir = shipped_path("new", "../tools/kit/new");
	char *real = dir ? realpath(dir, NULL) : NULL;
	const char *s;

	free(dir);
	if (!real)
		return fail("the templates that came with the tool are missing; see: make install");
	p->templates = xasprintf("%s/%s", real, kind);
	p->kit = xstrdup(dirname(real));
	free(real);
	for (s = p->kit; *s; s++)
		if (isspace((unsigned char)*s) || strchr("#$%:;\\\"'`&|<>()*?[]", *s))
			return fail("the tool lies in '%s', which a Makefile cannot name; move it",
				    printable(p->kit));
	return 0;
}

/* @text with what stands for something replaced by it. */
static char *new_fill_in(const struct new_project *p, const char *text)
{
	struct text out = { 0 };
	const char *at;

	while ((at = strchr(text, '@'))) {
		text_add(&out, "%.*s", (int)(at - text), text);
		if (!strncmp(at, NEW_NAME, strlen(NEW_NAME))) {
			text_add(&out, "%s", p->name);
			text = at + strlen(NEW_NAME);
		} else if (!strncmp(at, NEW_KIT, strlen(NEW_KIT))) {
			text_add(&out, "%s", p->kit);
			text = at + strlen(NEW_KIT);
		} else {
			text_add(&out, "@");
			text = at + 1;
		}
	}
	text_add(&out, "%s", text);
	return out.s;
}

static int new_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, strlen(text));
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int new_write_file(struct new_project *p, size_t i)
{
	bool program = !strncmp(new_files[i], "NAME", strlen("NAME"));
	char *from = xasprintf("%s/%s", p->templates, new_files[i]);
	char *text, *filled, *template = read_file(from, NULL);
	int ret;

	text = program ? xasprintf("%s%s", p->name, new_files[i] + strlen("NAME"))
		       : xstrdup(new_files[i]);
	p->file[i] = xasprintf("%s/%s", p->dir, text);
	free(text);
	if (!template) {
		ret = fail("cannot read %s: %s", from, strerror(errno));
	} else {
		filled = new_fill_in(p, template);
		ret = new_write(p->file[i], filled);
		if (ret)
			ret = fail("cannot write %s: %s", p->file[i], strerror(-ret));
		free(filled);
	}
	free(template);
	free(from);
	return ret;
}

/* Moving it over an empty folder of this name takes no folder that somebody else has filled. */
static int new_put_in_place(const struct new_project *p)
{
	int ret = 0;

	if (mkdir(p->name, 0777))
		return errno == EEXIST ? new_exists(p->name) :
		       fail("cannot create %s: %s", p->name, strerror(errno));
	if (rename(p->dir, p->name)) {
		ret = fail("cannot create %s: %s", p->name, strerror(errno));
		rmdir(p->name);
	}
	return ret;
}

static int new_make(struct new_project *p)
{
	int ret = 0;
	size_t i;

	p->dir = xasprintf(".%s.%d", p->name, (int)getpid());
	if (mkdir(p->dir, 0777))
		return fail("cannot create a folder here: %s", strerror(errno));
	for (i = 0; i < ARRAY_LEN(new_files) && !ret; i++)
		ret = new_write_file(p, i);
	if (!ret)
		ret = new_put_in_place(p);
	if (!ret)
		return 0;
	for (i = 0; i < ARRAY_LEN(new_files); i++)
		if (p->file[i])
			unlink(p->file[i]);
	rmdir(p->dir);
	return ret;
}

static int new_tell(const struct new_project *p)
{
	struct json_object *doc;

	if (!json_output) {
		printf("%s: written; next: make -C %s && novabpf attach %s/%s.bpf.o\n", p->name,
		       p->name, p->name, p->name);
		return 0;
	}
	doc = json_object_new_object();
	json_add_text(doc, "project", p->name);
	json_add_text(doc, "kit", p->kit);
	return emit_json(doc);
}

int cmd_new(const struct call *call)
{
	struct new_project p = { .name = call->args[0] };
	struct stat st;
	size_t i;
	int ret;

	ret = new_check_name(p.name);
	if (!ret && !lstat(p.name, &st))
		ret = new_exists(p.name);
	if (!ret)
		ret = new_find_kit(&p, call->cmd->verb);
	if (!ret)
		ret = new_make(&p);
	if (!ret)
		ret = new_tell(&p);
	for (i = 0; i < ARRAY_LEN(new_files); i++)
		free(p.file[i]);
	free(p.templates);
	free(p.kit);
	free(p.dir);
	return ret;
}
