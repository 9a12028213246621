// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this machine and the caller may do, for doctor and for policies.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

/* Leading "A.B" of a version. */
bool parse_version(const char *s, unsigned long *major, unsigned long *minor)
{
	char *end;

	*major = strtoul(s, &end, 10);
	if (end == s || *end != '.')
		return false;
	s = end + 1;
	*minor = strtoul(s, &end, 10);
	return end != s;
}

/* May modules define struct_ops? By the kernel's types, else by its version. */
bool machine_has_struct_ops(const struct btf *vmlinux, const char *release)
{
	unsigned long major, minor;

	if (vmlinux)
		return btf__find_by_name_kind(vmlinux, "__register_bpf_struct_ops",
					      BTF_KIND_FUNC) > 0;
	return release && parse_version(release, &major, &minor) &&
	       (major > 6 || (major == 6 && minor >= 9));
}

/* Capabilities in effect. */
uint64_t machine_caps(void)
{
	char *status = root_read("/proc/self/status");
	const char *s = status ? strstr(status, "\nCapEff:\t") : NULL;
	uint64_t caps = s ? strtoull(s + strlen("\nCapEff:\t"), NULL, 16) : 0;

	free(status);
	return caps;
}
