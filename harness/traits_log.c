// SPDX-License-Identifier: MIT
/* How the kernel words an OOM, less what differs from one OOM to the next. */
#include "harness/traits.h"

#include <ctype.h>

enum { FROM_START = 1, KEYS_ONLY = 2, TO_COLON = 4 };

static const struct anchor {
	const char *text, *kind;
	unsigned int how;
} anchors[] = {
	/* hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0 */
	{ " invoked oom-killer: ", "invoked", 0 },
	/* memory: usage 81920kB, limit 81920kB, failcnt 30 */
	{ "memory: usage ", "memory", FROM_START },
	{ "memory+swap: usage ", "memory+swap", FROM_START },
	{ "swap: usage ", "swap", FROM_START },
	{ "kmem: usage ", "kmem", FROM_START },
	/* Memory cgroup stats for /box: */
	{ "Memory cgroup stats for ", "stats", FROM_START | TO_COLON },
	{ "Memory cgroup min protection ", "protection", FROM_START },
	{ "Tasks state ", "tasks state", FROM_START },
	/* [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name */
	{ "oom_score_adj name", "task table", 0 },
	/* oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=box,... */
	{ "oom-kill:constraint=", "summary", FROM_START | KEYS_ONLY },
	/* Memory cgroup out of memory: Killed process 79 (hog) total-vm:1kB, ... UID:0 */
	{ "Killed process ", "killed", 0 },
	{ "Kill process ", "chosen", 0 },
	{ "Tasks in ", "group", FROM_START },
};

static const struct anchor *anchor_of(const char *line, const char **at)
{
	for (size_t i = 0; i < ARRAY_SIZE(anchors); i++) {
		const struct anchor *a = &anchors[i];

		*at = a->how & FROM_START ? line : strstr(line, a->text);
		if (*at && str_starts(*at, a->text))
			return a;
	}
	return NULL;
}

struct writer {
	char *buf;
	size_t len, at;
};

static void put(struct writer *w, const char *text, size_t n)
{
	n = min(n, w->len - 1 - w->at);
	memcpy(w->buf + w->at, text, n);
	w->at += n;
	w->buf[w->at] = '\0';
}

static void put_str(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

/* ",nodemask=(null),cpuset=a" is ",nodemask=,cpuset=": values hold commas, so keys are told by what they are. */
static void put_keys(struct writer *w, const char *s)
{
	static const char *const keys[] = {
		"constraint=", ",nodemask=",   ",cpuset=", ",mems_allowed=", ",oom_memcg=",
		",global_oom", ",task_memcg=", ",task=",   ",pid=",	     ",uid="
	};

	put_str(w, "oom-kill:");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strstr(s, keys[i]))
			put_str(w, keys[i]);
}

/* The comm between "process 79 (" and the last ")": it may hold anything. */
static const char *skip_comm(const char *s)
{
	const char *end = strstr(s, ") total-vm:"), *old = strstr(s, ") score ");

	end = end ? end : old ? old : strstr(s, "), UID ");
	return end ? end : s + strlen(s);
}

/* Everything up to the next blank or comma. */
static const char *skip_value(const char *s)
{
	return s + strcspn(s, ", ");
}

/* Numbers, hex masks with their flags, paths and blanks in a row, each as one word. */
static void put_wording(struct writer *w, const char *s, const char *end)
{
	bool process = false;

	while (s < end) {
		if (str_starts(s, "gfp_mask=") || str_starts(s, "nodemask=")) {
			put(w, s, strcspn(s, "=") + 1);
			s = skip_value(s);
		} else if (str_starts(s, "process ")) {
			process = true;
			put_str(w, "process ");
			s += strlen("process ");
		} else if (process && *s == '(') {
			process = false;
			put_str(w, "(NAME");
			s = skip_comm(s);
		} else if (*s == '/') {
			put_str(w, "PATH");
			s += strcspn(s, " :");
		} else if (isdigit((unsigned char)*s) ||
			   (*s == '-' && isdigit((unsigned char)s[1]))) {
			put_str(w, "N");
			s += 1 + strspn(s + 1, "0123456789abcdefx");
		} else if (*s == ' ') {
			put_str(w, " ");
			s += strspn(s, " ");
		} else {
			put(w, s++, 1);
		}
	}
}

const char *wording_of(const char *line, char *buf, size_t len)
{
	const char *at;
	const struct anchor *a = anchor_of(line, &at);
	struct writer w = { buf, len, 0 };
	size_t n = strcspn(line, "\n");

	if (!a)
		return NULL;
	buf[0] = '\0';
	if (str_eq(a->kind, "invoked"))
		put_str(&w, "NAME");
	else if (!(a->how & FROM_START))
		at = line; /* "Out of memory: Killed process" differs by what stands before */
	if (a->how & KEYS_ONLY)
		put_keys(&w, at);
	else if (a->how & TO_COLON)
		put_str(&w, strchr(at + strlen(a->text), ':') ? "Memory cgroup stats for PATH:"
							      : "Memory cgroup stats for PATH");
	else
		put_wording(&w, at, line + n);
	return a->kind;
}

/* Each kind's first wording. (A group kill's further lines and a second OOM's are worded the same.) */
int traits_add_log(struct traits *t, const struct evidence *e)
{
	char buf[512], key[64];
	int err = 0;

	for (size_t i = 0; !err && i < e->nr_kmsg; i++) {
		const char *kind;

		if (!evidence_kmsg_counts(e, &e->kmsg[i]))
			continue;
		kind = wording_of(e->kmsg[i].text, buf, sizeof(buf));
		if (!kind)
			continue;
		snprintf(key, sizeof(key), "log %s", kind);
		if (!traits_get(t, key))
			err = traits_add(t, buf, "%s", key);
	}
	return err;
}
