// SPDX-License-Identifier: MIT
/* One hand-made log of each generation: what is read of it whole, cut anywhere, wrapped,
 * re-prefixed. */
#include "lib/tests/oom_testlib.h"

#define NO OOM_ABSENT

static const struct expect {
	const char *file;
	size_t nr_reports;
	const char *invoker;
	int64_t invoker_pid, order, adj;
	enum oom_kind kind;
	enum oom_outcome outcome;
	int64_t victim;
	const char *comm;
	int64_t uid;
	size_t nr_victims, nr_tasks;
	int agrees;
	int64_t totalpages;
	const char *nodemask, *oom_memcg;
} expected[] = {
	{ "2.6.18-global.log", 1, "", NO, 0, NO, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED, 2102, "httpd",
	  NO, 1, 0, -1, 0, NULL, NULL },
	{ "2.6.32-el6-global.log", 1, "httpd", 8911, 0, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED,
	  11726, "mysqld", 498, 1, 3, 1, 250000, NULL, NULL },
	{ "3.10-rhel7-memcg.log", 1, "java", 14881, 0, -998, OOM_KIND_MEMCG, OOM_OUTCOME_KILLED,
	  28438, "java", 0, 1, 2, 1, 131072, NULL, "/kubepods/podA" },
	{ "4.9-mempolicy.log", 1, "test_algs", 6352, 0, 0, OOM_KIND_MEMPOLICY, OOM_OUTCOME_KILLED,
	  6352, "test_algs", NO, 1, 2, 1, 131072, "1", NULL },
	{ "4.14-armv7-split.log", 1, "python3", 530, 1, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED, 530,
	  "python3", NO, 1, 1, 1, 237362, "(null)", NULL },
	{ "4.18-no-killable.log", 1, "swapper/0", 1, 0, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_NO_KILLABLE,
	  NO, "", NO, 0, 0, 1, 33559, "(null)", NULL },
	{ "4.18-rhel8.3-global.log", 1, "node", 5371, 0, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED,
	  61910, "git", 0, 1, 2, 1, 206288, "(null)", NULL },
	{ "4.19-child.log", 1, "beam.smp", 6118, 0, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED, 6111,
	  "git", NO, 1, 3, 1, 252724, "(null)", NULL },
	{ "5.2-memcg-none.log", 1, "stress", 210, 0, 0, OOM_KIND_MEMCG, OOM_OUTCOME_KILLED, 210,
	  "stress", 0, 1, 2, 1, 256, "(null)", "/foo" },
	{ "5.10-cpuset.log", 1, "mem_on_node0", 13457, 0, 0, OOM_KIND_CPUSET, OOM_OUTCOME_KILLED,
	  13432, "mem_on_node1", 0, 1, 2, 1, 1572864, "(null)", NULL },
	{ "6.1-group.log", 1, "hog", 221, 0, 0, OOM_KIND_MEMCG, OOM_OUTCOME_KILLED, 221, "hog", 0,
	  3, 2, 1, 16384, "(null)", "/box" },
	{ "6.2-allocating-task.log", 1, "syz-executor.1", 17032, 0, 1000, OOM_KIND_GLOBAL,
	  OOM_OUTCOME_KILLED, 17017, "syz-executor.1", 0, 1, 0, 1, 0, "(null)", NULL },
	{ "6.6-sysrq.log", 1, "kworker/0:1", 12, -1, 0, OOM_KIND_SYSRQ, OOM_OUTCOME_KILLED, 345,
	  "firefox", 1000, 1, 2, 1, 130000, "(null)", NULL },
	{ "6.12-arm64-64k.log", 1, "dd", 185764, 0, 250, OOM_KIND_GLOBAL, OOM_OUTCOME_KILLED,
	  185764, "dd", 0, 1, 2, 1, 64064, "(null)", NULL },
	{ "6.18-panic.log", 1, "hog", 99, 0, 0, OOM_KIND_GLOBAL, OOM_OUTCOME_PANIC, NO, "", NO, 0,
	  1, -1, 130000, NULL, NULL },
	{ "7.2-memcg.log", 1, "memhog", 78, 0, -5, OOM_KIND_MEMCG, OOM_OUTCOME_KILLED, 78, "memhog",
	  0, 1, 2, 1, 20480, "(null)", "/p" },
	{ "headless-ratelimited.log", 2, "", NO, NO, NO, OOM_KIND_MEMCG, OOM_OUTCOME_KILLED, 401,
	  "w1", 0, 1, 0, -1, 0, NULL, NULL },
	{ "none-alloc-failure.log", 0, "", 0, 0, 0, 0, 0, 0, "", 0, 0, 0, 0, 0, NULL, NULL },
};

static void same_str(const char *got, const char *want)
{
	assert_int_equal(got != NULL, want != NULL);
	if (want)
		assert_string_equal(got, want);
}

static void check(const struct expect *e, const struct oom_report *r)
{
	struct badness_verdict v;
	int err = badness_judge_report(r, &v);

	assert_string_equal(r->invoker_comm, e->invoker);
	assert_int_equal(r->invoker_pid, e->invoker_pid);
	assert_int_equal(r->order, e->order);
	assert_int_equal(r->invoker_oom_score_adj, e->adj);
	assert_string_equal(oom_kind_name(r->kind), oom_kind_name(e->kind));
	assert_int_equal(r->outcome, e->outcome);
	assert_int_equal(r->nr_victims, e->nr_victims);
	if (e->nr_victims) {
		assert_int_equal(r->victims[0].pid, e->victim);
		assert_string_equal(r->victims[0].comm, e->comm);
		assert_int_equal(r->victims[0].uid, e->uid);
	}
	assert_int_equal(r->nr_tasks, e->nr_tasks);
	same_str(r->nodemask, e->nodemask);
	same_str(r->oom_memcg, e->oom_memcg);
	assert_true(!err || err == -ENODATA);
	assert_int_equal(v.agrees, e->agrees);
	if (!err && e->totalpages)
		assert_int_equal(v.ranking.totalpages, e->totalpages);
	badness_verdict_free(&v);
}

static void whole_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char *text __free = golden(expected[i].file);
		struct kept k = parse(text);

		print_message("%s\n", expected[i].file);
		assert_int_equal(k.n, expected[i].nr_reports);
		if (k.n)
			check(&expected[i], k.r[0]);
		kept_free(&k);
	}
}

/* Cut behind any byte: no error, and no more reports or victims than the whole log has. */
static void every_prefix(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char *text __free = golden(expected[i].file);
		size_t len = strlen(text);

		for (size_t n = 0; n < len; n++) {
			struct kept k = parse_part(text, n);

			assert_true(k.n <= max(expected[i].nr_reports, (size_t)1));
			for (size_t r = 0; r < k.n; r++) {
				struct badness_verdict v;

				assert_true(k.r[r]->nr_victims <= 3);
				badness_judge_report(k.r[r], &v);
				badness_verdict_free(&v);
			}
			kept_free(&k);
		}
	}
}

static void under_any_transport(void **state)
{
	static const char *const before[] = {
		"Mar  2 17:35:10 host kernel: ",
		"2025-01-21T04:41:44.283+00:00 host kernel: ",
		"kern  :warn  : ",
		"<4>",
		"11-21 07:00:00.123     0     0 W kernel  : ",
		"> ",
		"warning|kernel[-]|",
		"Mon Apr 12 18:29:48 2021 kern.warn kernel: ",
		"\033[32m",
		"/var/log/messages-20200101:Mar  2 17:35:10 host kernel: ",
		"2025-11-21T07:00:00.123456789Z stdout F ",
		"févr. 16 21:08:50 host kernel: ",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char *text __free = golden(expected[i].file);

		/* A multi-line record of a console cannot be told from others' text below a prefix.
		 */
		for (size_t b = 0; b < ARRAY_SIZE(before) && text[0] != '{'; b++) {
			char *other __free = prefixed(text, before[b], b % 2 ? "\r" : "");
			struct kept k = parse(other);

			assert_int_equal(k.n, expected[i].nr_reports);
			if (k.n)
				check(&expected[i], k.r[0]);
			kept_free(&k);
		}
	}
}

/* As a mailer wraps: at the last blank before the width, which is lost; or anywhere, as a terminal.
 */
static char *wrapped(const char *text, size_t width, bool hard)
{
	size_t cap = strlen(text) * 2 + 64, n = 0;
	char *out = malloc(cap);

	assert_non_null(out);
	while (*text) {
		size_t len = strcspn(text, "\n"), cut = len, skip = text[len] == '\n';

		if (len > width) {
			cut = width;
			while (!hard && cut > 1 && text[cut] != ' ')
				cut--;
			if (cut <= 1)
				cut = strcspn(text, " \n");
			skip = !hard || text[cut] == '\n';
		}
		memcpy(out + n, text, cut);
		n += cut;
		out[n++] = '\n';
		text += cut + skip;
	}
	out[n] = '\0';
	return out;
}

static void wrapped_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char *text __free = golden(expected[i].file);

		if (text[0] == '{' || str_starts(text, "4,8"))
			continue; /* nobody mails these */
		for (size_t width = 72; width <= 132; width += 6) {
			char *mail __free = wrapped(text, width, false);
			struct kept k = parse(mail);

			print_message("%s at %zu\n", expected[i].file, width);
			assert_int_equal(k.n, expected[i].nr_reports);
			if (k.n)
				check(&expected[i], k.r[0]);
			kept_free(&k);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_logs),
		cmocka_unit_test(every_prefix),
		cmocka_unit_test(under_any_transport),
		cmocka_unit_test(wrapped_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
