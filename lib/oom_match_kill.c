// SPDX-License-Identifier: MIT
/*
 * The end of a report: who was chosen, who died, or why nobody did. A comm is raw bytes of
 * whoever named it ("x) total-vm:1kB", "a,pid=1"): it is bounded by what the kernel prints
 * behind it, searched from the right.
 */
#include "lib/oom_record.h"

#include <ctype.h>

#define COMM_MAX 15 /* TASK_COMM_LEN - 1 */

/* A list may hold commas: it is whole when the next key follows it. */
static struct slice upto(const char *s, const char *end)
{
	return (struct slice){ s, end && end >= s ? (size_t)(end - s) : 0 };
}

/* The first of `keys` behind s, NULL */
static const char *first_of(const char *s, const char *const *keys, size_t n)
{
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(s, keys[i]);

		if (at && (!best || at < best))
			best = at;
	}
	return best;
}

/* ",task=big,pid=79,uid=0", from the right; the place where it begins, NULL if it is not there */
static const char *summary_tail(const char *s, struct oom_record *r)
{
	const char *pid = text_last(s, ",pid="), *task = NULL, *at = s;
	const char *rest = pid ? text_i64(pid + strlen(",pid="), &r->pid) : NULL;

	if (!rest)
		return strstr(s, ",task=");
	r->score++;
	if (text_key(rest, ",uid=", &r->uid) || text_key(rest, ",uid", &r->uid)) {
		r->score++;
		r->whole = true;
	}
	while ((at = strstr(at, ",task=")) && at < pid) {
		task = at++;
		if (pid - task <= COMM_MAX + (ptrdiff_t)strlen(",task="))
			break;
	}
	if (!task)
		return pid;
	r->score++;
	slice_copy(r->comm, sizeof(r->comm), upto(task + strlen(",task="), pid));
	return task;
}

/* A path of the hierarchy: "/..." up to `end`, or up to the comma before a cut */
static struct slice path(const char *s, const char *end, struct oom_record *r)
{
	if (*s != '/')
		return (struct slice){ NULL, 0 };
	if (!end)
		end = strrchr(s, ',');
	if (!end || end <= s)
		return (struct slice){ NULL, 0 };
	/* A blank in a path is rare; a join that makes one is likely the wrong join. */
	r->score += !memchr(s, ' ', (size_t)(end - s));
	return upto(s, end);
}

/* "(null)" or "0-1,3" and what divides it from the next key; "0-" at the line's end is cut */
static struct slice node_list(const char *s)
{
	size_t n = str_starts(s, "(null)") ? strlen("(null)") : strspn(s, "0123456789,-");

	if (!s[n] && n && (s[n - 1] == ',' || s[n - 1] == '-'))
		return (struct slice){ NULL, 0 };
	while (n && (s[n - 1] == ',' || s[n - 1] == '-'))
		n--;
	return (struct slice){ s, n };
}

/*
 * oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=0,cpuset=/,mems_allowed=0-1,global_oom,
 * task_memcg=/,task=onnode1,pid=73,uid=0 (5.1 and later, one line; keys as configured)
 */
static void summary(const char *text, const char *at, struct oom_record *r)
{
	static const char *const behind_nodemask[] = { ",cpuset=", ",oom_memcg=", ",global_oom",
						       ",task_memcg=", ",task=" };
	static const char *const behind_mems[] = { ",oom_memcg=", ",global_oom",
						   ",task_memcg=", ",task=" };
	const char *s = at + strlen("oom-kill:constraint="), *tail, *next, *k;

	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	(void)text;
	if (!n || strncmp(s, "CONSTRAINT_", min(n, strlen("CONSTRAINT_"))) != 0)
		return;
	r->type = REC_SUMMARY;
	r->score = 1 + (s[n] == ',');
	if (s[n] || n > strlen("CONSTRAINT_")) /* else a cut went through it */
		r->constraint = (struct slice){ s, n };
	s += n;
	tail = summary_tail(s, r);
	if (str_starts(s, ",nodemask=")) {
		s += strlen(",nodemask=");
		next = first_of(s, behind_nodemask, ARRAY_SIZE(behind_nodemask));
		if (next)
			r->nodemask = node_list(s);
		r->score += next && !memchr(s, ' ', (size_t)(next - s));
	}
	k = strstr(s, ",cpuset=");
	next = k ? strstr(k, ",mems_allowed=") : NULL;
	if (next) {
		r->cpuset = upto(k + strlen(",cpuset="), next);
		s = next + strlen(",mems_allowed=");
		next = first_of(s, behind_mems, ARRAY_SIZE(behind_mems));
		r->mems_allowed = node_list(s);
		r->score += 1 + !memchr(r->cpuset.p, ' ', r->cpuset.n);
		r->score += !memchr(s, ' ', next ? (size_t)(next - s) : r->mems_allowed.n);
	}
	k = strstr(s, ",oom_memcg=");
	if (k) {
		k += strlen(",oom_memcg=");
		next = strstr(k, ",task_memcg=");
		r->oom_memcg = path(k, next ? next : tail, r);
	}
	r->score += strstr(s, ",global_oom") != NULL;
	k = strstr(s, ",task_memcg=");
	if (k)
		r->task_memcg = path(k + strlen(",task_memcg="), tail > k ? tail : NULL, r);
}

/* What stands before "Killed process", "Kill process" says whose limit it was. */
static void whose(const char *text, const char *at, struct oom_record *r)
{
	char before[128];
	size_t n = min((size_t)(at - text), sizeof(before) - 1);

	memcpy(before, at - n, n);
	/* The kernel's words end in a colon; "CUDA out of memory. Tried" is prose before a kill. */
	while (n && (before[n - 1] == ' ' || before[n - 1] == 'K' || before[n - 1] == 'k'))
		n--;
	if (n >= 4 && memcmp(before + n - 4, " OOM", 4) == 0)
		n -= 4;
	before[n] = '\0';
	if (!n || before[n - 1] != ':')
		return;
	r->memcg = strcasestr(before, "cgroup out of memory") != NULL;
	r->global = !r->memcg && strcasestr(before, "out of memory");
	r->allocating_task = strstr(before, "(oom_kill_allocating_task)") != NULL;
	if (strstr(before, "No available memory (MPOL_BIND)"))
		r->kind = OOM_KIND_MEMPOLICY; /* 2.6.16 to 2.6.35 */
	else if (strstr(before, "No available memory in cpuset"))
		r->kind = OOM_KIND_CPUSET;
	r->score += 2 * r->memcg + (r->global || r->kind != OOM_KIND_UNKNOWN);
}

/*
 * "Out of memory: Kill process 5372 (mongod) score 130 or sacrifice child Killed process 5372",
 * where a page has lost its newlines: the first of the two lines says whose limit it was.
 */
static const char *behind_chosen(const char *text, const char *at)
{
	static const char words[] = " or sacrifice child K";
	size_t n = strlen(words);
	const char *first = strstr(text, "ill process ");

	return first && first < at && (size_t)(at - text) > n && memcmp(at - n, words, n) == 0
		       ? first
		       : at;
}

/* The end of "(comm" at s: before what the kernel prints behind it, from the right. */
static const char *comm_end(const char *s)
{
	static const char *const behind[] = { ") total-vm:", ") vsz:", ") vm:", ") score ",
					      "), UID " };

	for (size_t i = 0; i < ARRAY_SIZE(behind); i++) {
		const char *end = text_last(s, behind[i]);

		if (end)
			return end;
	}
	/* Nothing is behind it but maybe prose: the last one that a comm reaches. */
	for (size_t n = strnlen(s, COMM_MAX + 2); n-- > 1;)
		if (s[n] == ')')
			return s + n;
	return strrchr(s, ')');
}

/*
 * Out of memory: Killed process 78 (hogB (x) y) total-vm:5kB, anon-rss:4kB, file-rss:0kB,
 * shmem-rss:0kB, UID:0 pgtables:124kB oom_score_adj:0 (5.4); "Killed process 11726, UID 498,
 * (mysqld) total-vm:" (RHEL 6); "(x), UID 0, total-vm:" (RHEL 7); "(x) vsz:" (2.6.33); "(x)."
 * (2.6.18); "78(oom01)" and "kB,UID:0" where a mail has lost blanks; "OOM killed process 1 (x) score 0 vm:1kB, rss:1kB" (OpenVZ)
 */
static void killed(const char *text, const char *at, struct oom_record *r)
{
	struct oom_victim *v = &r->victim;
	const char *s = at + strlen("illed process "), *end;

	s = text_i64(s + strspn(s, " "), &v->pid);
	if (!s || v->pid < 0 || at == text)
		return;
	/* "would have killed process 749" is none. */
	if (at[-1] != 'K' && (at - text < 5 || !str_starts(at - 5, "OOM k")))
		return;
	/* "211 452 (" is no pid: a cut went through it. */
	if (*s && *s != ',' && *s != '(' && !str_starts(s, " ("))
		return;
	r->type = REC_KILLED;
	r->score = 1;
	whose(text, behind_chosen(text, at), r);
	if (!*s) /* cut, maybe within the number */
		v->pid = OOM_ABSENT;
	r->sure = r->memcg || r->global || r->kind != OOM_KIND_UNKNOWN ||
		  (at - text >= 5 && str_starts(at - 5, "OOM k"));
	r->bare = at - 1 == text;
	if (str_starts(s, ", UID ") && text_key(s, ", UID ", &v->uid)) {
		r->score++;
		r->sure = true;
	}
	s = strchr(s, '(');
	end = s ? comm_end(s) : NULL;
	if (!end)
		return;
	slice_copy(v->comm, sizeof(v->comm), upto(s + 1, end));
	r->score++;
	r->score += text_key(end, "), UID ", &v->uid);
	if (text_key_kb(end, "total-vm:", &v->total_vm_kb) ||
	    text_key_kb(end, " vsz:", &v->total_vm_kb) ||
	    text_key_kb(end, " vm:", &v->total_vm_kb)) {
		r->score++;
		r->sure = true;
	}
	r->score += text_key_kb(end, "anon-rss:", &v->anon_rss_kb);
	r->score += text_key_kb(end, "file-rss:", &v->file_rss_kb);
	r->score += text_key_kb(end, "shmem-rss:", &v->shmem_rss_kb);
	if (text_key(end, " UID:", &v->uid) || text_key(end, "kB,UID:", &v->uid)) {
		r->uid_behind = true;
		r->score++;
	}
	r->score += text_key_kb(end, "pgtables:", &v->pgtables_kb);
	if (text_key(end, "oom_score_adj:", &v->oom_score_adj)) {
		r->score++;
		r->wide = true;
		r->whole = true;
	}
}

/* "Kill process 5996 (npm install moc) score 130 or sacrifice child"; "kill process ..." 2.6.3x */
static void chosen(const char *text, const char *at, struct oom_record *r)
{
	const char *s = text_i64(at + strlen("ill process "), &r->pid), *end;

	if (at == text || !s || (at[-1] != 'K' && at[-1] != 'k') || !strchr(s, '('))
		return;
	s = strchr(s, '(');
	end = text_last(s, ") score ");
	if (!end || !text_key(end, ") score ", &r->value))
		return;
	r->type = REC_CHOSEN;
	r->score = 3;
	r->whole = true;
	slice_copy(r->comm, sizeof(r->comm), upto(s + 1, end));
	whose(text, at, r);
}

/* "Tasks in /A1 are going to be killed due to memory.oom.group set": each word is a point */
static void group(const char *text, const char *at, struct oom_record *r)
{
	static const char words[] = " are going to be killed due to memory.oom.group set";
	const char *from = at + strlen("Tasks in "), *end = strstr(from, " are going");
	size_t n = 0;

	(void)text;
	if (!end && *from != '/')
		return;
	r->type = REC_GROUP;
	r->score = 1;
	for (; end && words[n] && end[n] == words[n]; n++)
		r->score += words[n] == ' ';
	r->whole = end && !words[n];
	if (!r->whole)
		return;
	r->score += 1 + !memchr(from, ' ', (size_t)(end - from));
	if (*from == '/')
		r->oom_memcg = upto(from, end);
}

/* "oom_reaper: reaped process 211 (stress-ng-stack), now anon-rss:0kB, ..." */
static void reaped(const char *text, const char *at, struct oom_record *r)
{
	(void)text;
	if (!text_key(at, "reaped process ", &r->pid))
		return;
	r->type = REC_REAPED;
	r->score = 1;
	r->whole = true;
}

/* "Kernel panic - not syncing: System is deadlocked on memory"; also the words without the head */
static void panic_words(const char *text, const char *at, struct oom_record *r)
{
	static const char head[] = "Kernel panic - not syncing: ";
	const char *s = strstr(text, head);

	(void)at;
	if (s)
		s += strlen(head);
	else if (r->type == REC_PANIC)
		s = strstr(text, "Out of memory: ");
	if (!s && r->type == REC_PANIC)
		s = at;
	if (s)
		r->panic = (struct slice){ s, strlen(s) };
}

static void panic_on_oom(const char *text, const char *at, struct oom_record *r)
{
	r->type = REC_PANIC;
	r->score = 1;
	r->whole = true;
	panic_words(text, at, r);
}

static void no_killable(const char *text, const char *at, struct oom_record *r)
{
	r->type = REC_NO_KILLABLE;
	r->score = 1;
	r->whole = true;
	r->memcg = strcasestr(text, "cgroup out of memory") != NULL;
	panic_words(text, at, r);
}

const struct oom_matcher oom_match_kill[] = {
	{ "oom-kill:constraint=", false, summary },
	{ "illed process ", false, killed },
	{ "ill process ", false, chosen },
	{ "Tasks in ", false, group },
	{ "oom_reaper: reaped", false, reaped },
	{ "no killable processes", false, no_killable },
	{ "System is deadlocked on memory", false, no_killable },
	{ "panic_on_oom is enabled", false, panic_on_oom },
	{ "panic_on_oom is selected", false, panic_on_oom }, /* 2.6.18 to 2.6.35 */
	{ NULL, false, NULL },
};
