// SPDX-License-Identifier: MIT
/*
 * The head of a report: who asked for memory, where. The matchers of this file and of its
 * siblings are rows of a table: {what the message must hold, who reads it}.
 */
#include "lib/oom_record.h"

#include <ctype.h>

static struct slice behind(struct slice s, size_t n)
{
	return (struct slice){ s.p + n, s.n - n };
}

/* Without a quote's "> ", a console's "<4>" within a line, and what opens a string or code */
static struct slice unmarked(struct slice s, const char *end)
{
	while (s.n > 1 && (*s.p == '>' || *s.p == ' '))
		s = behind(s, 1);
	if (s.n > 3 && s.p[0] == '<' && isdigit((unsigned char)s.p[1]) && s.p[2] == '>')
		s = behind(s, 3);
	if (s.n > 1 && strchr("'`\"", *s.p) && strchr(end, *s.p))
		s = behind(s, 1);
	return s;
}

/*
 * The comm before " invoked oom-killer". It is at most 15 bytes; where more is left of the
 * transport's prefix than log_strip() knew, what stands behind its last divider is the comm.
 */
static struct slice trailing_comm(const char *text, const char *end)
{
	static const char *const dividers[] = {
		"] ", "]: ", ": ", "\t", "\"", ";", "|", "  ", " "
	};
	struct slice s = { text, (size_t)(end - text) };

	for (size_t i = 0; i < ARRAY_SIZE(dividers); i++) {
		size_t len = strlen(dividers[i]);

		/* Few names hold a "] " or tab; ": " and blanks are common ("tmux: server"). */
		if (s.n <= 15 && *dividers[i] != ']' && *dividers[i] != '\t')
			continue;
		for (size_t k = s.n; k-- > len;) {
			if (memcmp(s.p + k - len, dividers[i], len) != 0)
				continue;
			s = (struct slice){ s.p + k, s.n - k };
			break;
		}
	}
	return unmarked(s, end);
}

/* "(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)": a flag is a point, for the joiner; whole if it closes */
static const char *gfp_flags(const char *s, struct oom_record *r)
{
	size_t n = strcspn(s + 1, ")");

	r->gfp_flags = (struct slice){ s + 1, n };
	for (size_t i = 0; i < n; i++)
		r->score += s[1 + i] == '|';
	if (s[1 + n] != ')')
		return NULL;
	r->score += 2;
	return s + n + 2;
}

/* "nodemask=0-1,  order=0" (4.9 to 4.20): a list with commas, so it ends before a blank */
static void invoked_nodemask(const char *s, struct oom_record *r)
{
	const char *at = strstr(s, "nodemask=");
	size_t n;

	if (!at)
		return;
	r->score++;
	at += strlen("nodemask=");
	n = *at == '(' ? strlen("(null)") : strspn(at, "0123456789,-");
	if (*at == '(' && !str_starts(at, "(null)"))
		return;
	while (n && at[n - 1] == ',')
		n--;
	if (!at[n])
		return; /* cut */
	r->nodemask = (struct slice){ at, n };
	r->score++;
}

/*
 * stress-ng-brk invoked oom-killer: gfp_mask=0x100dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), order=0,
 * oom_score_adj=1000 (5.10); "httpd invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0"
 * (2.6.32); "oomkilladj=" (2.6.20); the mask behind the rest (4.5-rc); "main invoked oom:
 * gfp_mask=" (a vendor's)
 */
static void invoked(const char *text, const char *at, struct oom_record *r)
{
	const char *mask, *end = NULL;

	if (text_last(text, " invoked oom") > at)
		at = text_last(text, " invoked oom");
	if (str_starts(at, " invoked oom"))
		slice_copy(r->comm, sizeof(r->comm), trailing_comm(text, at));
	r->type = REC_INVOKED;
	r->score += 1 + (r->comm[0] != '\0');
	mask = strstr(at, "gfp_mask=");
	if (mask)
		end = text_i64(mask + strlen("gfp_mask="), &r->gfp_mask);
	r->score += end != NULL;
	if (end && *end == '(')
		end = gfp_flags(end, r);
	invoked_nodemask(at, r);
	r->score += text_key(at, "order=", &r->order);
	r->score +=
		text_key(at, "oom_adj=", &r->oom_adj) || text_key(at, "oomkilladj=", &r->oom_adj);
	if (text_key(at, "oom_score_adj=", &r->adj)) {
		r->score++;
		r->whole = end;
	}
}

/* "CPU: 1 UID: 0 PID: 212 Comm: x Not tainted 6.12.0 #4", "Pid: 8911, comm: httpd Not ..." */
static void cpu_line(const char *text, const char *at, struct oom_record *r)
{
	const char *comm = strcasestr(at, "comm: "), *s;
	size_t n;

	if ((!strstr(text, "PID: ") && !strstr(text, "Pid: ")) || !comm)
		return;
	r->type = REC_CPU;
	r->score = 1 + (text_key(text, "PID: ", &r->pid) || text_key(text, "Pid: ", &r->pid));
	comm += strlen("comm: ");
	s = strstr(comm, "ainted");
	if (!s)
		return;
	n = (size_t)(s - comm);
	while (n && comm[n - 1] != ' ')
		n--;
	if (n > 4 && memcmp(comm + n - 4, "Not ", 4) == 0)
		n -= 4;
	for (const char *k = comm; k + 14 <= comm + n; k++)
		if (str_starts(k, " Kdump: loaded"))
			n = (size_t)(k - comm);
	slice_copy(r->comm, sizeof(r->comm), (struct slice){ comm, n });
	/* The release is the first word behind the taint flags that has a digit and a dot. */
	for (s += strlen("ainted"); *s; s += n) {
		s += strspn(s, " :");
		n = strcspn(s, " ");
		if (isdigit((unsigned char)*s) && memchr(s, '.', n)) {
			r->release = (struct slice){ s, n };
			r->score++;
			r->whole = true;
			return;
		}
	}
}

/* "httpd cpuset=/ mems_allowed=0" (<= 4.20); the summary line has these words too */
static void cpuset_line(const char *text, const char *at, struct oom_record *r)
{
	const char *mems = strstr(at, " mems_allowed=");

	if (strstr(text, "constraint=") || strstr(text, "nodemask="))
		return;
	r->type = REC_CPUSET;
	r->score = 1;
	slice_copy(r->comm, sizeof(r->comm), trailing_comm(text, at));
	if (!mems)
		return;
	at += strlen(" cpuset=");
	r->cpuset = (struct slice){ at, (size_t)(mems - at) };
	mems += strlen(" mems_allowed=");
	r->mems_allowed = (struct slice){ mems, strcspn(mems, " ") };
	r->score = 3;
	r->whole = true;
}

static void frame(const char *text, const char *at, struct oom_record *r)
{
	(void)at;
	if (!strstr(text, "+0x") && !strstr(text, "[<"))
		return;
	r->type = REC_FRAME;
	r->memcg = strstr(text, "mem_cgroup_") != NULL;
	r->global = strstr(text, "__alloc_pages") != NULL;
	r->fault = strstr(text, "pagefault_out_of_memory") != NULL;
	r->sure = strstr(text, "oom_kill_process") != NULL;
	r->score = 1;
	r->whole = true;
}

/* "SysRq : Manual OOM execution" (3.16), "sysrq: Manual OOM execution"; its worker, its frame */
static void sysrq(const char *text, const char *at, struct oom_record *r)
{
	(void)text;
	r->type = REC_SYSRQ;
	r->global = *at == 'M'; /* stands before the report, not in it */
	r->memcg = *at == 'O';	/* there will be none */
	r->score = 1;
	r->whole = true;
}

/* "java: page allocation failure: order:0, mode:0x2084120", "x: vmalloc: allocation failure" */
static void alloc_fail(const char *text, const char *at, struct oom_record *r)
{
	(void)text;
	(void)at;
	r->type = REC_ALLOC_FAIL;
	r->score = 1;
	r->whole = true;
}

const struct oom_matcher oom_match_start[] = {
	{ " invoked oom-killer", false, invoked },
	{ " invoked oom: ", false, invoked },
	{ "oom-killer: gfp_mask=", false, invoked }, /* 2.6.9 to 2.6.17 name no task */
	{ "CPU: ", false, cpu_line },
	{ "Pid: ", true, cpu_line },
	{ " cpuset=", false, cpuset_line },
	{ "mem_cgroup_out_of_memory", false, frame },
	{ "mem_cgroup_oom_synchronize", false, frame },
	{ "mem_cgroup_handle_oom", false, frame },
	{ "oom_kill_process", false, frame },
	{ "__alloc_pages", false, frame },
	{ "pagefault_out_of_memory", false, frame },
	{ "Manual OOM execution", false, sysrq },
	{ "OOM request ignored", false, sysrq },
	{ "moom_callback", false, sysrq },
	{ "page allocation failure", false, alloc_fail },
	{ "page allocation stalls for ", false, alloc_fail }, /* 4.10 to 4.14 */
	{ "allocation failure: ", false, alloc_fail },
	{ NULL, false, NULL },
};
