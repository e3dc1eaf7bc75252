// SPDX-License-Identifier: MIT
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"

bool word_in_list(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p; p += strcspn(p, " ,\n"), p += strspn(p, " ,\n"))
		if (strncmp(p, word, len) == 0 && strchr(" ,\n", p[len]))
			return true;
	return false;
}

/* Mount points are printed with blanks and backslashes as \040 and \134 (fs/proc_namespace.c). */
static int copy_mount_point(const char *s, size_t n, char *dst, size_t len)
{
	size_t at = 0;

	for (size_t i = s[0] == '/'; i < n; i++) {
		char c = s[i];

		if (c == '\\' && i + 3 < n) {
			c = (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
				   (s[i + 3] - '0'));
			i += 3;
		}
		if (at + 1 >= len)
			return -ENAMETOOLONG;
		dst[at++] = c;
	}
	dst[at] = '\0';
	return 0;
}

/*
 * 36 24 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory        (6.18)
 * ID PARENT DEV ROOT MOUNT_POINT OPTIONS [TAGS] - FSTYPE SOURCE SUPER_OPTIONS
 */
static int parse_line(const char *line, struct cgroup_mounts *m)
{
	char type[16] = "", source[64], super[256] = "";
	const char *point = line, *sep;
	size_t point_len;

	for (int i = 0; i < 4 && *point; i++) {
		point += strcspn(point, " ");
		point += *point == ' ';
	}
	point_len = strcspn(point, " ");
	sep = strstr(point, " - ");
	if (!sep || sscanf(sep, " - %15s %63s %255s", type, source, super) != 3)
		return 0;
	if (str_eq(type, "cgroup2") && !m->v2[0] &&
	    str_copy(m->v2_options, sizeof(m->v2_options), super))
		return copy_mount_point(point, point_len, m->v2, sizeof(m->v2));
	if (!str_eq(type, "cgroup"))
		return 0;
	if (word_in_list(super, "memory") && !m->v1_memory[0])
		return copy_mount_point(point, point_len, m->v1_memory, sizeof(m->v1_memory));
	if (word_in_list(super, "cpuset") && !m->v1_cpuset[0])
		return copy_mount_point(point, point_len, m->v1_cpuset, sizeof(m->v1_cpuset));
	return 0;
}

int cgroup_mounts_parse(const char *mountinfo, struct cgroup_mounts *ret)
{
	struct cgroup_mounts m = { 0 };
	char line[1024];

	while (*mountinfo) {
		size_t len = strcspn(mountinfo, "\n");
		int err;

		/* A longer line is no cgroup mount of ours: overlay mounts can be that long. */
		if (len < sizeof(line)) {
			memcpy(line, mountinfo, len);
			line[len] = '\0';
			err = parse_line(line, &m);
			if (err)
				return err;
		}
		mountinfo += len + (mountinfo[len] == '\n');
	}
	*ret = m;
	return 0;
}

int cgroup_mounts_read(int root, struct cgroup_mounts *ret)
{
	char *text __free = malloc(MiB(1));
	char list[256], name[300];
	ssize_t n;
	int err;

	if (!text)
		return -ENOMEM;
	n = fs_read(root, "proc/self/mountinfo", text, MiB(1));
	if (n < 0)
		return (int)n;
	err = cgroup_mounts_parse(text, ret);
	if (err || !ret->v2[0])
		return err;
	snprintf(name, sizeof(name), "%s/cgroup.controllers", ret->v2);
	if (fs_read_line(root, name, list, sizeof(list)) >= 0) {
		ret->v2_memory = word_in_list(list, "memory");
		ret->v2_cpuset = word_in_list(list, "cpuset");
	}
	return 0;
}

/* /proc tells every namespace that its own root is "/"; which files there are depends on the real one. */
bool cgroup_mounts_at_root(int root, const struct cgroup_mounts *m)
{
	char name[300];

	if (m->v2_memory) {
		snprintf(name, sizeof(name), "%s/cgroup.events", m->v2); /* CFTYPE_NOT_ON_ROOT */
		return !fs_exists(root, name);
	}
	snprintf(name, sizeof(name), "%s/release_agent", m->v1_memory); /* CFTYPE_ONLY_ON_ROOT */
	return !m->v1_memory[0] || fs_exists(root, name);
}

enum cgroup_mode cgroup_mode(const struct cgroup_mounts *m)
{
	if (m->v1_memory[0])
		return m->v2[0] ? CGROUP_MODE_HYBRID : CGROUP_MODE_V1;
	return m->v2_memory ? CGROUP_MODE_V2 : CGROUP_MODE_NONE;
}

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	static const char *const names[] = { "none", "v1", "v2", "hybrid" };

	return names[mode];
}
