// SPDX-License-Identifier: GPL-2.0-only
/*
 * novabpf doctor: what keeps the modules from being loaded here, and what the
 * virtual machines of "make demo" and of the tests find.
 *
 * Machines are booted by tools/vm/run, which remembers how KVM did. Nothing is tried
 * here: doctor does not hang.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "policy/policy.h"
#include "doctor.h"

#define CAP_SYS_MODULE_BIT	16
#define SIGNATURE_MARK		"~Module signature appended~\n"
#define EFI_SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define INSTALLED_BY_SETUP	"run scripts/setup.sh; only 'make demo' and the tests need it"
#define MEMORY_OF_KVM		"novabpf-vm-kvm-"	/* as in tools/vm/kvm.py */
#define DEMO			"'make demo' needs nothing loaded here"

bool may_load_modules(void)
{
	return machine_caps() >> CAP_SYS_MODULE_BIT & 1;
}

/* The file that modprobe takes, below /lib/modules/RELEASE, or NULL. */
static char *host_module_file(const char *release)
{
	char *deps = root_read("/lib/modules/%s/modules.dep", release);
	char *path, *s, *start, *found = NULL;

	for (s = deps; s && *s; s += strspn(s, "\n")) {
		start = s;
		s += strcspn(s, "\n");
		path = memchr(start, ':', s - start);
		if (!path)
			continue;
		found = strndup(start, path - start);
		path = found ? strrchr(found, '/') : NULL;
		if (path && !strncmp(path, "/novabpf.ko", strlen("/novabpf.ko")))
			break;
		free(found);
		found = NULL;
	}
	free(deps);
	return found;
}

/* Of which kernels are there modules of ours? "A, B", or NULL. */
static char *host_other_releases(void)
{
	char *pattern = root_path("/lib/modules/*/updates/novabpf/novabpf.ko*");
	struct text list = { 0 };
	glob_t found;
	size_t i;

	if (!glob(pattern, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++) {
			char *s = strstr(found.gl_pathv[i], "/updates/novabpf/");

			*s = '\0';
			text_add(&list, "%s%s", i ? ", " : "", strrchr(found.gl_pathv[i], '/') + 1);
		}
		globfree(&found);
	}
	free(pattern);
	return list.s;
}

/* Was the module built beside this program, in build/RELEASE, and not installed? */
static bool host_built(const char *release)
{
	char *dir = program_dir();
	bool found = dir && root_has("%s/%s/kmod/novabpf.ko", dir, release);

	free(dir);
	return found;
}

static void host_no_module_file(struct doctor *d)
{
	char *others = host_other_releases();
	char *remedy;

	if (host_built(d->release))
		remedy = xasprintf("run 'sudo make install': they are built already");
	else if (!root_has("/lib/modules/%s/build/Makefile", d->release))
		remedy = xasprintf(DEMO "; to build for it, install linux-headers-%s", d->release);
	else if (!root_has("/lib/modules/%s/build/vmlinux", d->release))
		remedy = xasprintf(DEMO "; scripts/setup.sh adds vmlinux to the headers here");
	else
		remedy = xasprintf("run 'make KREL=%s && sudo make install KREL=%s'; or: " DEMO,
				   d->release, d->release);
	note(d, RESULT_FAIL, "module files", remedy, "none for the running kernel %s%s%s%s",
	     d->release, others ? " (there are some for " : "", others ? others : "",
	     others ? ")" : "");
	free(remedy);
	free(others);
}

/* Release that a module file was built for; NULL where it is compressed. */
static char *host_built_for(const char *module, size_t len)
{
	const char *s = memmem(module, len, "\0vermagic=", strlen("vermagic=") + 1);

	if (!s)
		return NULL;
	s += strlen("vermagic=") + 1;
	return strndup(s, strcspn(s, " "));
}

void check_module_files(struct doctor *d)
{
	char *file, *path, *module, *release, *remedy;
	size_t len = 0;

	if (d->loaded || !d->release)
		return;
	file = host_module_file(d->release);
	if (!file) {
		path = xasprintf("/lib/modules/%s/updates/novabpf/novabpf.ko", d->release);
		if (root_has("%s", path))
			note(d, RESULT_FAIL, "module files", "run 'sudo depmod'",
			     "%s is there, but not in modules.dep", path);
		else
			host_no_module_file(d);
		free(path);
		return;
	}
	path = root_path("/lib/modules/%s/%s", d->release, file);
	module = read_file(path, &len);
	release = module ? host_built_for(module, len) : NULL;
	remedy = xasprintf("run 'make KREL=%s && sudo make install KREL=%s'", d->release,
			   d->release);
	if (!module)
		note(d, RESULT_FAIL, "module files", remedy, "%s cannot be read: %s", path,
		     strerror(errno));
	else if (release && strcmp(release, d->release))
		note(d, RESULT_FAIL, "module files", remedy,
		     "%s was built for %s, the running kernel is %s", path, release, d->release);
	else
		note(d, RESULT_OK, "module files", NULL, "%s", path);
	free(remedy);
	free(release);
	free(module);
	free(path);
	free(file);
}

/* What refuses modules without a signature; NULL: nothing. */
static const char *host_signing(void)
{
	char *lockdown = root_line("/sys/kernel/security/lockdown");
	char *enforce = root_line("/sys/module/module/parameters/sig_enforce");
	char *path = root_path("%s", EFI_SECURE_BOOT);
	size_t len = 0;
	char *efi = read_file(path, &len);
	const char *what = NULL;

	if (enforce && *enforce == 'Y')
		what = "module.sig_enforce";
	else if (lockdown && strstr(lockdown, "[integrity]"))
		what = "lockdown=integrity, which Secure Boot turns on";
	else if (lockdown && strstr(lockdown, "[confidentiality]"))
		what = "lockdown=confidentiality";
	else if (!lockdown && efi && len == 5 && efi[4] == 1)
		what = "Secure Boot, most likely: /sys/kernel/security cannot be seen";
	free(efi);
	free(path);
	free(enforce);
	free(lockdown);
	return what;
}

static bool host_signed(const struct doctor *d)
{
	char *file = d->release ? host_module_file(d->release) : NULL;
	char *path = root_path("/lib/modules/%s/%s", file ? d->release : "", file ? file : "");
	const size_t mark = strlen(SIGNATURE_MARK);
	size_t len = 0;
	char *module = file ? read_file(path, &len) : NULL;
	bool is = module && len >= mark && !memcmp(module + len - mark, SIGNATURE_MARK, mark);

	free(module);
	free(path);
	free(file);
	return is;
}

void check_signing(struct doctor *d)
{
	static const char remedy[] = "sign them (kmodsign, mokutil --import); or: " DEMO;
	const char *what = host_signing();
	char *disabled = root_line("/proc/sys/kernel/modules_disabled");
	char *lockdown = root_line("/sys/kernel/security/lockdown");

	if (!d->loaded && disabled && *disabled == '1')
		note(d, RESULT_FAIL, "module loading",
		     "boot without kernel.modules_disabled=1; or: " DEMO,
		     "turned off until the next boot");
	else
		note(d, RESULT_OK, "module loading", NULL, "not turned off");
	if (!what)
		note(d, RESULT_OK, "module signing", NULL, "not enforced");
	else if (d->loaded || host_signed(d))
		note(d, RESULT_OK, "module signing", NULL, "enforced by %s; %s", what,
		     d->loaded ? "the modules are loaded" : "the modules are signed");
	else
		note(d, RESULT_FAIL, "module signing", remedy,
		     "modules without a signature are refused (%s)", what);
	if (lockdown && strstr(lockdown, "[confidentiality]"))
		note(d, RESULT_WARN, "lockdown", "boot without lockdown=confidentiality to trace",
		     "programs in BPF may not read kernel memory, and tracing is refused");
	free(lockdown);
	free(disabled);
}

static bool host_has_program(const char *name)
{
	char *dirs = xasprintf("%s:/usr/sbin:/sbin", getenv("PATH") ?: "");
	char *save, *dir, *path;
	bool found = false;

	for (dir = strtok_r(dirs, ":", &save); dir && !found; dir = strtok_r(NULL, ":", &save)) {
		path = root_path("%s/%s", dir, name);
		found = !access(path, X_OK);
		free(path);
	}
	free(dirs);
	return found;
}

/* Is @a rather than @b the kernel that scripts/krel chooses? */
static bool host_is_chosen(const char *a, const char *b)
{
	bool main_a = !strncmp(a, "6.12.", 5), main_b = !b || !strncmp(b, "6.12.", 5);

	return !b || (main_a == main_b ? strverscmp(a, b) > 0 : main_a);
}

/* The kernel that tools/vm/run boots: one with headers to build for, and its image. */
static bool host_check_kernel(struct doctor *d)
{
	char *pattern = root_path("/lib/modules/*/build/Makefile"), *image;
	const char *chosen = NULL;
	glob_t found = { 0 };
	bool good = false;
	size_t i;

	(void)glob(pattern, 0, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++) {
		char *release = found.gl_pathv[i];

		*strstr(release, "/build/Makefile") = '\0';
		release = strrchr(release, '/') + 1;
		if (host_is_chosen(release, chosen))
			chosen = release;
	}
	image = root_path("/boot/vmlinuz-%s", chosen ? chosen : "");
	if (!chosen)
		note(d, RESULT_WARN, "machine kernel", INSTALLED_BY_SETUP,
		     "none with headers");
	else if (!access(image, R_OK))
		good = true;
	else if (errno == EACCES)
		note(d, RESULT_WARN, "machine kernel", "be root for 'make demo' and the tests",
		     "%s may not be read by you", image);
	else
		note(d, RESULT_WARN, "machine kernel", INSTALLED_BY_SETUP,
		     "%s has headers and no image in /boot", chosen);
	if (good)
		note(d, RESULT_OK, "machine kernel", NULL, "%s", chosen);
	free(image);
	globfree(&found);
	free(pattern);
	return good;
}

/* What tools/vm/run left about this boot of the host: its newest file, whoever ran it. */
static char *host_memory_of_kvm(void)
{
	char *boot = root_line("/proc/sys/kernel/random/boot_id");
	char *pattern = root_path("%s/" MEMORY_OF_KVM "*-%s", getenv("TMPDIR") ?: "/tmp",
				  boot ? boot : "");
	char *memory = NULL;
	time_t newest = 0;
	struct stat st;
	glob_t found = { 0 };
	size_t i;

	(void)glob(pattern, 0, NULL, &found);
	for (i = 0; boot && i < found.gl_pathc; i++) {
		const char *owner = strstr(found.gl_pathv[i], MEMORY_OF_KVM);

		/* A file that another user made under that name proves nothing. */
		if (lstat(found.gl_pathv[i], &st) || !S_ISREG(st.st_mode) ||
		    st.st_uid != strtoul(owner + strlen(MEMORY_OF_KVM), NULL, 10) ||
		    (memory && st.st_mtime < newest))
			continue;
		free(memory);
		memory = read_file(found.gl_pathv[i], NULL);
		newest = st.st_mtime;
	}
	globfree(&found);
	free(pattern);
	free(boot);
	return memory;
}

static void host_check_kvm(struct doctor *d)
{
	static const char emulated[] = "nothing to do: machines are emulated, which takes longer";
	char *node = root_path("/dev/kvm");
	char *memory = host_memory_of_kvm();
	char *bad = memory ? strstr(memory, "\nunusable ") : NULL;
	char *good = memory ? strstr(memory, "\nworks ") : NULL;

	if (!path_exists(node)) {
		note(d, RESULT_WARN, "kvm", emulated, "/dev/kvm does not exist");
	} else if (access(node, R_OK | W_OK)) {
		note(d, RESULT_WARN, "kvm",
		     "be root or in the group kvm; machines are emulated else",
		     "/dev/kvm may not be opened by you");
	} else if (bad) {
		bad += strlen("\nunusable ");
		bad[strcspn(bad, "\n")] = '\0';
		note(d, RESULT_WARN, "kvm", emulated,
		     "/dev/kvm exists, but does not run a kernel: %s", bad);
	} else if (good) {
		good += strlen("\nworks ");
		good[strcspn(good, "\n")] = '\0';
		note(d, RESULT_OK, "kvm", NULL, "runs kernel %s", good);
	} else {
		note(d, RESULT_WARN, "kvm",
		     "'make demo' tries it, and goes on without it where it does not",
		     "/dev/kvm exists; whether it runs a kernel has not been tried");
	}
	free(memory);
	free(node);
}

bool check_machines(struct doctor *d)
{
	static const char *const programs[] = { "qemu-system-x86_64", "vng" };
	struct text missing = { 0 };
	bool good;
	size_t i;

	for (i = 0; i < ARRAY_LEN(programs); i++)
		if (!host_has_program(programs[i]))
			text_add(&missing, "%s%s", missing.len ? ", " : "", programs[i]);
	if (missing.s)
		note(d, RESULT_WARN, "machine programs", INSTALLED_BY_SETUP,
		     "missing: %s", missing.s);
	else
		note(d, RESULT_OK, "machine programs", NULL, "QEMU and vng are there");
	good = host_check_kernel(d) && !missing.s;
	free(missing.s);
	host_check_kvm(d);
	return good;
}
