// SPDX-License-Identifier: MIT
/* See qemu.h. */
#include "harness/qemu.h"
#include "harness/child.h"

/* QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3) */
int qemu_version_parse(const char *text, struct qemu *ret)
{
	const char *at = strstr(text, " version ");

	if (!at || sscanf(at + 9, "%u.%u", &ret->major, &ret->minor) != 2)
		return -EBADMSG;
	snprintf(ret->version, sizeof(ret->version), "%.*s", (int)strcspn(at + 9, "\n"), at + 9);
	return 0;
}

int qemu_find(struct qemu *ret, struct fail *f)
{
	const char *name = getenv("OOMLAB_QEMU") ?: "qemu-system-x86_64";
	const char *const argv[] = { ret->path, "--version", NULL };
	char *out __free = NULL;
	struct child_run r = { .argv = argv, .out = &out, .deadline_ms = 20000 };
	int status, err;

	if (child_which(name, ret->path, sizeof(ret->path)))
		return fail_set(f, -ENOENT,
				"no %s here: install qemu-system-x86 or set OOMLAB_QEMU to one",
				name);
	err = child_run(&r, &status, f);
	if (!err && (status || qemu_version_parse(out, ret)))
		err = fail_set(f, -EIO, "%s --version does not say \"QEMU emulator version N.N\"",
			       ret->path);
	return err;
}
