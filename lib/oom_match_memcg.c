// SPDX-License-Identifier: MIT
/* What a memory cgroup's OOM adds: which limit, usage, statistics. */
#include "lib/oom_record.h"

#include <ctype.h>

void oom_stats_clear(struct oom_stats *s)
{
	int64_t *v = (int64_t *)s;

	for (size_t i = 0; i < sizeof(*s) / sizeof(*v); i++)
		v[i] = OOM_ABSENT;
}

/*
 * An editor broke a long line on the screen, which put blanks into the second path: together its
 * halves are the first one.
 */
static bool wrapped_path(struct slice whole, struct slice half)
{
	const char *rest = half.p + half.n;
	size_t n = whole.n - half.n;

	rest += strspn(rest, " ");
	return half.n && half.n < whole.n && memcmp(whole.p, half.p, half.n) == 0 &&
	       strncmp(rest, whole.p + half.n, n) == 0 && (!rest[n] || rest[n] == ' ');
}

/* "Task in /1/2 killed as a result of limit of /1" (<= 4.20) */
static void task_in(const char *text, const char *at, struct oom_record *r)
{
	static const char middle[] = " killed as a result of limit of ";
	const char *from = at + strlen("Task in "), *m = strstr(from, middle);

	(void)text;
	if (!m && *from != '/')
		return;
	r->type = REC_TASK_IN;
	r->score = 1;
	if (!m) { /* a mailer cut the middle: each word of it is a point */
		const char *k = strstr(at, " killed");

		for (size_t i = 0; k && middle[i] && k[i] == middle[i]; i++)
			r->score += middle[i] == ' ';
		return;
	}
	r->score += 7;
	r->task_memcg = (struct slice){ from, (size_t)(m - from) };
	m += strlen(middle);
	r->oom_memcg = (struct slice){ m, strcspn(m, " ") };
	if (wrapped_path(r->task_memcg, r->oom_memcg))
		r->oom_memcg = r->task_memcg;
	r->score += 1 + (*m == '/') + !memchr(from, ' ', r->task_memcg.n);
	/* No cgroup ends with a slash but the root: a wrap went through it. */
	r->whole = *m == '/' && (r->oom_memcg.n == 1 || m[r->oom_memcg.n - 1] != '/');
	r->score += r->whole;
}

/* "Memory limit reached of cgroup /x" (panic_on_oom=2 and no victim, 4.2 to 4.20) */
static void limit_reached(const char *text, const char *at, struct oom_record *r)
{
	(void)text;
	at += strlen("Memory limit reached of cgroup ");
	r->type = REC_TASK_IN;
	r->oom_memcg = (struct slice){ at, strcspn(at, " ") };
	r->score = 2;
	r->whole = true;
}

/* "memory: usage 81920kB, limit 81920kB, failcnt 30"; "memory+swap:", "swap:", "kmem:" */
static void usage(const char *text, const char *at, struct oom_record *r)
{
	const char *key = at;
	bool limit;

	while (key > text && (islower((unsigned char)key[-1]) || key[-1] == '+'))
		key--;
	if (at - key >= (ptrdiff_t)sizeof(r->key))
		return;
	slice_copy(r->key, sizeof(r->key), (struct slice){ key, (size_t)(at - key) });
	if (!str_eq(r->key, "memory") && !str_eq(r->key, "swap") &&
	    !str_eq(r->key, "memory+swap") && !str_eq(r->key, "kmem"))
		return;
	at += strlen(": usage ");
	if (*at && !isdigit((unsigned char)*at))
		return;
	limit = text_key_kb(at, "limit ", &r->usage.limit_kb);
	text_key_kb(at - 1, " ", &r->usage.usage_kb);
	r->type = REC_USAGE;
	r->score = 1 + (r->usage.usage_kb != OOM_ABSENT) + limit;
	if (text_key(at, "failcnt ", &r->usage.failcnt)) {
		r->score++;
		r->whole = true;
	}
}

static const struct {
	const char *v2, *v1; /* "anon 33484800" (bytes, 5.3+); "rss:980KB" (<= 5.2) */
	size_t at;
} stats[] = {
#define STAT(v2, v1, field)                               \
	{                                                 \
		v2, v1, offsetof(struct oom_stats, field) \
	}
	STAT("anon", " rss:", anon_kb),
	STAT("file", " cache:", file_kb),
	STAT("shmem", " shmem:", shmem_kb),
	STAT("unevictable", " unevictable:", unevictable_kb),
	STAT("slab_reclaimable", NULL, slab_reclaimable_kb),
	STAT("slab_unreclaimable", NULL, slab_unreclaimable_kb),
	STAT("slab", NULL, slab_kb),
	STAT("kernel", NULL, kernel_kb),
	STAT("kernel_stack", NULL, kernel_stack_kb),
	STAT("pagetables", NULL, pagetables_kb),
	STAT("percpu", NULL, percpu_kb),
	STAT("sock", NULL, sock_kb),
	STAT("vmalloc", NULL, vmalloc_kb),
	STAT("rss", NULL, anon_kb), /* v1 names, 6.5+ */
	STAT("cache", NULL, file_kb),
	STAT(NULL, " swap:", swap_kb),
#undef STAT
};

static int64_t *stat_of(struct oom_stats *s, size_t i)
{
	return (int64_t *)((char *)s + stats[i].at);
}

/* The path before ": cache:0KB", ":cache:8KB" (3.6); a path may hold a colon. */
static size_t v1_path(const char *s)
{
	const char *values = strstr(s, "cache:");

	if (!values || values == s)
		return 0;
	values -= values[-1] == ' ';
	return values > s && values[-1] == ':' ? (size_t)(values - 1 - s) : 0;
}

/*
 * "Memory cgroup stats for /mem2: cache:0KB rss:980KB ..." or only its head (5.3+): then there is
 * one such line in a report, and it names the memcg that ran out. A panic's report says it nowhere
 * else.
 */
static void memcg_stats(const char *text, const char *at, struct oom_record *r)
{
	static const char head[] = "Memory cgroup stats for /";
	size_t n = strlen(at);

	(void)text;
	r->type = REC_STATS;
	r->score = 1;
	if (str_starts(at, head) && at[n - 1] == ':') {
		at += strlen(head) - 1;
		r->oom_memcg = (struct slice){ at, n - strlen(head) };
	} else if (str_starts(at, head) && (n = v1_path(at + strlen(head) - 1))) {
		at += strlen(head) - 1;
		r->oom_memcg = (struct slice){ at, n };
		at += n;
	}
	at = strstr(at, ":");
	if (!at)
		return;
	r->score++;
	for (size_t i = 0; i < ARRAY_SIZE(stats); i++) {
		int64_t v;

		if (!stats[i].v1)
			continue;
		/* the first follows the colon, "...:cache:8KB" (3.6), or a blank */
		if (!text_key_kb(at, stats[i].v1, &v) &&
		    (strncmp(at + 1, stats[i].v1 + 1, strlen(stats[i].v1) - 1) != 0 ||
		     !text_key_kb(at, stats[i].v1 + 1, &v)))
			continue;
		*stat_of(&r->stats, i) = v;
		r->score++;
	}
}

/* "anon 33484800": bytes. Only behind the head above, or it could be anyone's word. */
static void memcg_stat(const char *text, const char *at, struct oom_record *r)
{
	size_t n = strcspn(text, " ");
	const char *end;
	int64_t bytes;

	(void)at;
	end = text[n] == ' ' ? text_i64(text + n + 1, &bytes) : NULL;
	if (!end || *end || bytes < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(stats); i++) {
		if (!stats[i].v2 || strlen(stats[i].v2) != n || strncmp(text, stats[i].v2, n) != 0)
			continue;
		*stat_of(&r->stats, i) = bytes / 1024;
		r->type = REC_STAT;
		r->score = 1;
		r->whole = true;
	}
}

const struct oom_matcher oom_match_memcg[] = {
	{ "Task in ", false, task_in },
	{ "Memory limit reached of cgroup ", false, limit_reached },
	{ ": usage ", false, usage },
	{ "Memory cgroup stats", false, memcg_stats },
	{ "anon ", true, memcg_stat },
	{ "file ", true, memcg_stat },
	{ "shmem ", true, memcg_stat },
	{ "unevictable ", true, memcg_stat },
	{ "slab", true, memcg_stat },
	{ "kernel", true, memcg_stat },
	{ "pagetables ", true, memcg_stat },
	{ "percpu ", true, memcg_stat },
	{ "sock ", true, memcg_stat },
	{ "vmalloc ", true, memcg_stat },
	{ "rss ", true, memcg_stat },
	{ "cache ", true, memcg_stat },
	{ NULL, false, NULL },
};
