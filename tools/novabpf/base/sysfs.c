// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of the kernel modules: which GPUs there are, their attributes in sysfs
 * and their dumps in debugfs.
 *
 * Attributes are read as the kernel offers them, by listing the directory: an
 * attribute that a newer module adds is shown without a change here.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"

#define CLASS_DIR	"/sys/class/novabpf"
#define DEBUG_DIR	"/sys/kernel/debug"
#define FILE_BYTES_MAX	(256u << 20)

static char *root_vpath(const char *dir, const char *fmt, va_list ap)
{
	const char *root = getenv("NOVABPF_ROOT");
	char *tail = xvasprintf(fmt, ap);
	char *path = xasprintf("%s%s%s", root ? root : "", dir, tail);

	free(tail);
	return path;
}

char *root_path(const char *fmt, ...)
{
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = root_vpath("", fmt, ap);
	va_end(ap);
	return path;
}

bool path_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

/* Files of sysfs and debugfs have no size beforehand: read until the end. */
char *read_file(const char *path, size_t *len)
{
	size_t used = 0, room = 4096;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *buf;
	ssize_t n;
	int err;

	if (fd < 0)
		return NULL;
	buf = xcalloc(1, room + 1);
	for (;;) {
		if (used == room) {
			room *= 2;
			buf = xrealloc(buf, room + 1, 1);
		}
		n = read(fd, buf + used, room - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += n;
		if (used > FILE_BYTES_MAX) {
			errno = EFBIG;
			n = -1;
			break;
		}
	}
	err = errno;
	close(fd);
	if (n < 0) {
		free(buf);
		errno = err;
		return NULL;
	}
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

int write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		data += n;
		len -= n;
	}
	return 0;
}

/* What is there already is not cut off: files of sysfs and tracefs take one text each. */
int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n, len = strlen(text);

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n != len)
		err = n < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

/* The first line of a file, as it may be printed. */
static char *read_line(const char *path)
{
	char *value = read_file(path, NULL), *line;

	if (!value)
		return NULL;
	value[strcspn(value, "\n")] = '\0';
	line = text_escape(value, "\t");
	free(value);
	return line;
}

bool root_has(const char *fmt, ...)
{
	va_list ap;
	char *path;
	bool has;

	va_start(ap, fmt);
	path = root_vpath("", fmt, ap);
	va_end(ap);
	has = path_exists(path);
	free(path);
	return has;
}

int root_write(const char *text, const char *fmt, ...)
{
	va_list ap;
	char *path;
	int ret;

	va_start(ap, fmt);
	path = root_vpath("", fmt, ap);
	va_end(ap);
	ret = write_file(path, text);
	free(path);
	return ret;
}

char *root_read(const char *fmt, ...)
{
	char *path, *text;
	va_list ap;

	va_start(ap, fmt);
	path = root_vpath("", fmt, ap);
	va_end(ap);
	text = read_file(path, NULL);
	free(path);
	return text;
}

static char *read_attr(const char *dir, const char *fmt, va_list ap)
{
	char *path = root_vpath(dir, fmt, ap), *value = read_line(path);

	free(path);
	return value;
}

char *root_line(const char *fmt, ...)
{
	va_list ap;
	char *line;

	va_start(ap, fmt);
	line = read_attr("", fmt, ap);
	va_end(ap);
	return line;
}

char *gpu_attr(const char *fmt, ...)
{
	char *value;
	va_list ap;

	va_start(ap, fmt);
	value = read_attr(CLASS_DIR "/", fmt, ap);
	va_end(ap);
	return value;
}

uint64_t gpu_number(const char *fmt, ...)
{
	uint64_t number = 0;
	char *value;
	va_list ap;

	va_start(ap, fmt);
	value = read_attr(CLASS_DIR "/", fmt, ap);
	va_end(ap);
	if (value && !parse_u64(value, &number))
		number = 0;
	free(value);
	return number;
}

static int attr_order(const void *a, const void *b)
{
	static const char *const first[] = {
		"name", "chip", "simulated", "release", "state", "failure", "fb_bytes",
	};
	const char *x = ((const struct attr *)a)->name;
	const char *y = ((const struct attr *)b)->name;
	size_t i;

	for (i = 0; i < ARRAY_LEN(first); i++) {
		if (!strcmp(x, first[i]))
			return -1;
		if (!strcmp(y, first[i]))
			return 1;
	}
	return strverscmp(x, y);
}

static void attr_add(struct attrs *attrs, const char *dir, const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct attr *at;

	attrs->a = xrealloc(attrs->a, attrs->nr + 1, sizeof(*attrs->a));
	at = &attrs->a[attrs->nr++];
	at->name = xstrdup(name);
	at->value = read_line(path);
	at->err = at->value ? 0 : errno;
	free(path);
}

int attrs_read(const char *dir, struct attrs *attrs)
{
	struct dirent *de;
	struct stat st;
	DIR *d;

	memset(attrs, 0, sizeof(*attrs));
	d = opendir(dir);
	if (!d)
		return -errno;
	while ((de = readdir(d))) {
		/* These two belong to the driver core, not to the GPU. */
		if (!strcmp(de->d_name, "uevent") || !strcmp(de->d_name, "dev"))
			continue;
		if (fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || !(st.st_mode & 0444))
			continue;
		attr_add(attrs, dir, de->d_name);
	}
	closedir(d);
	if (attrs->nr)
		qsort(attrs->a, attrs->nr, sizeof(*attrs->a), attr_order);
	return 0;
}

int gpu_attrs(struct attrs *attrs, const char *fmt, ...)
{
	va_list ap;
	char *dir;
	int ret;

	va_start(ap, fmt);
	dir = root_vpath(CLASS_DIR "/", fmt, ap);
	va_end(ap);
	ret = attrs_read(dir, attrs);
	free(dir);
	return ret;
}

const char *attrs_get(const struct attrs *attrs, const char *name)
{
	size_t i;

	for (i = 0; i < attrs->nr; i++)
		if (!strcmp(attrs->a[i].name, name))
			return attrs->a[i].value;
	return NULL;
}

void attrs_free(struct attrs *attrs)
{
	size_t i;

	for (i = 0; i < attrs->nr; i++) {
		free(attrs->a[i].name);
		free(attrs->a[i].value);
	}
	free(attrs->a);
	memset(attrs, 0, sizeof(*attrs));
}

struct json_object *attrs_json(const struct attrs *attrs, struct json_object *obj)
{
	size_t i;

	for (i = 0; i < attrs->nr; i++)
		json_object_object_add(obj, attrs->a[i].name,
				       json_value(attrs->a[i].name, attrs->a[i].value));
	return obj;
}

char *attrs_cell(const struct attrs *attrs, const char *name)
{
	const char *value = attrs_get(attrs, name);

	return xstrdup(value && *value ? value : "-");
}

static int by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int names_read(struct names *names, const char *dir, const char *prefix, bool number)
{
	DIR *d = opendir(dir);
	size_t len = strlen(prefix);
	struct dirent *de;

	memset(names, 0, sizeof(*names));
	if (!d)
		return -errno;
	while ((de = readdir(d))) {
		const char *rest = de->d_name + len;

		if (de->d_name[0] == '.' || strncmp(de->d_name, prefix, len) ||
		    (number && (!*rest || rest[strspn(rest, "0123456789")])))
			continue;
		names->name = xrealloc(names->name, names->nr + 1, sizeof(*names->name));
		names->name[names->nr++] = xstrdup(de->d_name);
	}
	closedir(d);
	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), by_number);
	return 0;
}

void names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
	memset(names, 0, sizeof(*names));
}

/* All GPUs, maybe none. Return: 0 or -errno, -ENOENT without the module. */
int gpus_find(struct names *gpus)
{
	char *dir = root_path(CLASS_DIR);
	int ret = names_read(gpus, dir, "gpu", true);

	free(dir);
	return ret;
}

bool gpu_id_of(const char *gpu, uint32_t *gpu_id)
{
	uint64_t number;

	if (!parse_u64(gpu + strlen("gpu"), &number) || number > UINT32_MAX)
		return false;
	*gpu_id = number;
	return true;
}

static int no_such_gpu(const char *want, const struct names *gpus)
{
	struct text known = { 0 };
	size_t i;
	int ret;

	for (i = 0; i < gpus->nr; i++)
		text_add(&known, "%s%s", i ? ", " : "", gpus->name[i]);
	if (gpus->nr)
		ret = fail("no such GPU '%s'; known: %s", want, known.s);
	else
		ret = fail("no such GPU '%s'; there is none; run: modprobe novabpf_sim", want);
	free(known.s);
	return ret;
}

/* The GPU that the first argument names ("gpu0" or "0"), all without one. */
int gpus_select(const struct call *call, struct names *gpus)
{
	const char *want = call->nr_args ? call->args[0] : NULL;
	char *found;
	size_t i;
	int ret;

	ret = gpus_find(gpus);
	if (ret == -ENOENT)
		return fail("the module novabpf is not loaded; run: modprobe novabpf_sim");
	if (ret)
		return fail("cannot list the GPUs in " CLASS_DIR ": %s", strerror(-ret));
	if (!want)
		return 0;
	for (i = 0; i < gpus->nr; i++)
		if (!strcmp(gpus->name[i], want) || !strcmp(gpus->name[i] + strlen("gpu"), want))
			break;
	if (i == gpus->nr) {
		ret = no_such_gpu(want, gpus);
		names_free(gpus);
		return ret;
	}
	found = gpus->name[i];
	gpus->name[i] = gpus->name[0];
	gpus->name[0] = found;
	for (i = 1; i < gpus->nr; i++)
		free(gpus->name[i]);
	gpus->nr = 1;
	return 0;
}

int gpus_each(const struct call *call,
	      int (*one)(const char *gpu, struct json_object *doc, void *arg), void *arg)
{
	struct json_object *doc;
	struct names gpus;
	size_t i;
	int ret;

	ret = gpus_select(call, &gpus);
	if (ret)
		return ret;
	doc = json_output ? json_object_new_array() : NULL;
	for (i = 0; i < gpus.nr && !ret; i++) {
		if (i && !doc)
			putchar('\n');
		ret = one(gpus.name[i], doc, arg);
	}
	names_free(&gpus);
	if (doc && !ret)
		emit_json(doc);
	else
		json_object_put(doc);
	return ret;
}

static bool is_empty_dir(const char *path)
{
	struct dirent *de;
	int entries = 0;
	DIR *d = opendir(path);

	if (!d)
		return errno == ENOENT;
	while ((de = readdir(d)))
		if (strcmp(de->d_name, ".") && strcmp(de->d_name, ".."))
			entries++;
	closedir(d);
	return !entries;
}

/* Read a whole debugfs file of a GPU; says what to do where that fails. */
int debugfs_read(const char *gpu, const char *file, char **data, size_t *len)
{
	char *path = root_path(DEBUG_DIR "/novabpf/%s/%s", gpu, file);
	char *debug = root_path(DEBUG_DIR);
	int ret = 0;

	*data = read_file(path, len);
	if (*data)
		goto out;
	if (errno == EACCES || errno == EPERM)
		ret = fail("cannot read %s: %s; run as root or with CAP_DAC_READ_SEARCH",
			   path, strerror(errno));
	else if (errno == ENOENT && is_empty_dir(debug))
		ret = fail("cannot read %s: debugfs is not mounted; run: mount -t debugfs none %s",
			   path, debug);
	else
		ret = fail("cannot read %s: %s", path, strerror(errno));
out:
	free(path);
	free(debug);
	return ret;
}

char *program_dir(void)
{
	char *exe = realpath("/proc/self/exe", NULL);

	if (exe)
		*strrchr(exe, '/') = '\0';
	return exe;
}

/* Beside the installed binary (sbin, share), or beside the build folder of a checkout. */
char *shipped_path(const char *name, const char *dir)
{
	char *exe = program_dir();
	char *path = exe ? xasprintf("%s/../share/novabpf/%s", exe, name) : NULL;

	if (path && !path_exists(path)) {
		free(path);
		path = xasprintf("%s/%s", exe, dir);
	}
	free(exe);
	if (!path || path_exists(path))
		return path;
	free(path);
	return NULL;
}
