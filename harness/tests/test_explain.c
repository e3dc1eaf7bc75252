// SPDX-License-Identifier: MIT
/* What-ifs, causes and both views, on reports small enough to work out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/explain_cause.h"
#include "harness/explain_whatif.h"

#include <jansson.h>
#include <sys/mman.h>

#define TABLE                                                                                 \
	"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes " \
	"swapents oom_score_adj name\n"

/* 4000 of 20000 pages' limit: one unit of oom_score_adj is 20 pages */
static const char box[] =
	"hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
	"CPU: 0 UID: 0 PID: 70 Comm: hog Not tainted 7.2.13 #1\n"
	"memory: usage 80000kB, limit 80000kB, failcnt 30\n"
	"swap: usage 0kB, limit 0kB, failcnt 0\n"
	"Memory cgroup stats for /box:\nanon 78000000\nshmem 0\nslab_unreclaimable 4096\n"
	"Tasks state (memory values in pages):\n" TABLE
	"[     70]     0    70    16000    12000    11900      100         0    40960        0     "
	"        0 hog\n"
	"[     71]     0    71     8000     7000     7000        0         0    40960        0     "
	"        0 next\n"
	"[     72]     0    72     8000     9000     9000        0         0    40960        0     "
	"    -1000 safe\n"
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/"
	"box,"
	"task_memcg=/box,task=hog,pid=70,uid=0\n"
	"Memory cgroup out of memory: Killed process 70 (hog) total-vm:64000kB, anon-rss:47600kB, "
	"file-rss:400kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0\n";

static struct oom_report *last;

static void keep(void *ctx, const struct oom_report *r)
{
	(void)ctx;
	oom_report_free(last);
	last = oom_report_dup(r);
}

static const struct oom_report *report(const char *text)
{
	struct oom_parser *p = oom_parser_new(keep, NULL);
	uint64_t line = 1;

	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		assert_int_equal(oom_parser_line(p, text, n, line++), 0);
	}
	oom_parser_finish(p);
	oom_parser_free(p);
	assert_non_null(last);
	return last;
}

static void specs(void **state)
{
	static const struct {
		const char *spec;
		bool ok;
		int64_t value;
	} rows[] = {
		{ "adj:70=-500", true, -500 },
		{ "adj:70=1000", true, 1000 },
		{ "limit:+200M", true, 200 << 20 },
		{ "limit:-4096", true, -4096 },
		{ "adj:70=-1001", false, 0 },
		{ "adj:70=", false, 0 },
		{ "adj:=5", false, 0 },
		{ "adj:70=5x", false, 0 },
		{ "adj:-70=5", false, 0 },
		{ "limit:200M", false, 0 },
		{ "limit:+", false, 0 },
		{ "limit:+1Q", false, 0 },
		{ "limit:+50%", false, 0 },
		{ "", false, 0 },
		{ "swap:+1G", false, 0 },
	};
	struct whatif w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("'%s'\n", rows[i].spec);
		assert_int_equal(whatif_parse(rows[i].spec, &w), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(w.value, rows[i].value);
	}
}

static struct whatif_result what_if(const char *a, const char *b)
{
	struct whatif w[2];
	struct whatif_result res;

	assert_true(whatif_parse(a, &w[0]));
	assert_true(!b || whatif_parse(b, &w[1]));
	assert_int_equal(whatif_compute(report(box), w, b ? 2 : 1, &res), 0);
	return res;
}

static void what_ifs(void **state)
{
	struct whatif_result res;

	(void)state;
	/* hog 12010 pages, next 7010: 5000 apart, 250 units of 20 pages; the last of equals dies */
	assert_int_equal(what_if("adj:70=-249", NULL).pid, 70);
	assert_int_equal(what_if("adj:70=-250", NULL).pid, 71);
	assert_int_equal(what_if("adj:71=251", NULL).pid, 71);
	assert_int_equal(what_if("adj:72=0", NULL).pid, 70);
	assert_int_equal(what_if("adj:72=200", NULL).points, 9010 + 200 * 20);
	res = what_if("adj:70=-1000", "adj:71=-1000");
	assert_true(res.applies);
	assert_false(res.has_victim);
	res = what_if("adj:99=5", NULL);
	assert_false(res.applies);
	/* with a larger limit each unit weighs more, and the request fits */
	res = what_if("limit:+80000K", "adj:70=-125");
	assert_true(res.no_oom);
	assert_int_equal(res.pid, 71);
	assert_false(what_if("limit:+1K", NULL).no_oom);
}

static void sparing_adj(void **state)
{
	const struct oom_report *r = report(box);
	struct badness_verdict v;

	(void)state;
	assert_int_equal(badness_judge_report(r, &v), 0);
	assert_int_equal(v.agrees, 1);
	assert_int_equal(whatif_sparing_adj(r, &v), -250);
	badness_verdict_free(&v);
}

static void causes(void **state)
{
	static const struct {
		const char *body;
		enum trouble trouble;
	} rows[] = {
		{ "memory: usage 80000kB, limit 80000kB, failcnt 1\n" TABLE
		  "[ 1] 0 1 9999 15000 15000 0 0 4096 0 0 a\n",
		  TROUBLE_ONE_TASK },
		{ "memory: usage 80000kB, limit 80000kB, failcnt 1\nMemory cgroup stats for /x:\n"
		  "shmem 60000000\n" TABLE "[ 1] 0 1 9999 100 100 0 0 4096 0 0 a\n",
		  TROUBLE_TMPFS },
		{ "memory: usage 80000kB, limit 80000kB, failcnt 1\nMemory cgroup stats for /x:\n"
		  "slab_unreclaimable 60000000\n" TABLE "[ 1] 0 1 9999 100 100 0 0 4096 0 0 a\n",
		  TROUBLE_SLAB },
		{ "memory: usage 80000kB, limit 80000kB, failcnt 1\n" TABLE
		  "[ 1] 0 1 9999 100 100 0 0 40960000 0 0 a\n",
		  TROUBLE_PAGETABLES },
		{ "memory: usage 80000kB, limit 80000kB, failcnt 1\n" TABLE
		  "[ 1] 0 1 9999 8000 8000 0 0 4096 0 0 a\n[ 2] 0 2 9999 8000 8000 0 0 4096 0 0 "
		  "b\n",
		  TROUBLE_TOGETHER },
		{ "Mem-Info:\n20000 pages RAM\n0 pages reserved\n"
		  "Node 0 hugepages_total=20 hugepages_free=20 hugepages_surp=0 "
		  "hugepages_size=2048kB\n" TABLE "[ 1] 0 1 9999 8000 8000 0 0 4096 0 0 a\n",
		  TROUBLE_HUGETLB },
		{ "Mem-Info:\nNormal free:10kB min:20kB low:30kB high:40kB present:900000kB "
		  "managed:900000kB\n"
		  "HighMem free:900kB min:2kB low:3kB high:4kB present:900000kB managed:900000kB\n"
		  "20000 pages RAM\n0 pages reserved\n" TABLE "[ 1] 0 1 9999 8 8 0 0 4096 0 0 a\n",
		  TROUBLE_LOWMEM },
		{ "Mem-Info:\nactive_anon:1000 inactive_anon:0 isolated_anon:0\n"
		  "active_file:10 inactive_file:10 isolated_file:0\n"
		  "slab_reclaimable:10 slab_unreclaimable:10\nfree:100 free_pcp:0\n"
		  "20000 pages RAM\n0 pages reserved\n" TABLE "[ 1] 0 1 9999 8 8 0 0 4096 0 0 a\n",
		  TROUBLE_UNACCOUNTED },
		{ "Mem-Info:\n" TABLE "[ 1] 0 1 9999 8 8 0 0 4096 0 0 a\n", TROUBLE_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[2048], words[256];
		struct cause c;

		snprintf(text, sizeof(text),
			 "x invoked oom-killer: gfp_mask=0x1, order=0, "
			 "oom_score_adj=0\n%s",
			 rows[i].body);
		print_message("%s", rows[i].body);
		explain_cause(report(text), &c);
		assert_int_equal(c.trouble, rows[i].trouble);
		explain_trouble(last, &c, words, sizeof(words));
		assert_int_equal(words[0] != '\0', c.trouble != TROUBLE_UNKNOWN);
	}
}

static void many_small_and_fragmentation(void **state)
{
	char text[4096];
	size_t n;
	struct cause c;

	(void)state;
	n = (size_t)snprintf(
		text, sizeof(text),
		"x invoked oom-killer: gfp_mask=0x1, order=3, "
		"oom_score_adj=0\nmemory: usage 80000kB, limit 80000kB, failcnt 1\n" TABLE);
	for (int i = 1; i <= 12; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "[ %d] 0 %d 9 900 900 0 0 4096 0 0 w\n", i, i);
	explain_cause(report(text), &c);
	assert_int_equal(c.trouble, TROUBLE_MANY_SMALL);
	explain_cause(
		report("x invoked oom-killer: gfp_mask=0x1, order=3, oom_score_adj=0\nMem-Info:\n"
		       "Node 0 Normal free:90000kB min:20kB low:30kB high:40kB present:900000kB "
		       "managed:900000kB\n"),
		&c);
	assert_int_equal(c.trouble, TROUBLE_FRAGMENTATION);
}

/* The keys are a contract; absent is null and not left out. */
static void json_keys(void **state)
{
	static const char *const keys[] = {
		"line",	      "invoker",    "gfp_mask", "gfp_flags", "order",	     "constraint",
		"kind",	      "sysrq",	    "nodemask", "cpuset",    "mems_allowed", "oom_memcg",
		"task_memcg", "memcg",	    "victims",	"n_tasks",   "complete",     "missing",
		"outcome",    "prediction", "panic"
	};
	static char buf[1 << 16];
	const struct oom_report *r = report(box);
	struct badness_verdict v;
	struct jsonw w;
	json_t *o, *p;

	(void)state;
	badness_judge_report(r, &v);
	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	explain_json(&w, r, &v);
	o = json_loadb(buf, (size_t)jsonw_finish(&w), 0, NULL);
	badness_verdict_free(&v);
	assert_non_null(o);
	assert_int_equal(json_object_size(o), ARRAY_SIZE(keys));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_non_null(json_object_get(o, keys[i]));
	assert_true(json_is_null(json_object_get(o, "panic")));
	assert_string_equal(json_string_value(json_object_get(o, "gfp_mask")), "0xcc0");
	assert_string_equal(json_string_value(json_object_get(o, "kind")), "memcg");
	p = json_object_get(o, "prediction");
	assert_true(json_is_true(json_object_get(p, "agrees")));
	assert_int_equal(json_integer_value(json_object_get(p, "margin_pages")), 5000);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(p, "runner_up"), "pid")), 71);
	assert_int_equal(json_array_size(json_object_get(o, "missing")), 0);
	json_decref(o);
}

static char *as_text(const char *log, bool colour)
{
	struct explain x = { .colour = colour, .nr_events = 1 };
	struct badness_verdict v;
	char *text = NULL;
	size_t len;

	x.out = open_memstream(&text, &len);
	assert_non_null(x.out);
	badness_judge_report(report(log), &v);
	explain_text(&x, last, &v);
	badness_verdict_free(&v);
	fclose(x.out);
	return text;
}

static void text_view(void **state)
{
	char *plain __free = as_text(box, false), *coloured __free = as_text(box, true);
	char *bare __free = as_text("Out of memory: Killed process 5 (x) total-vm:1kB\n", false);

	(void)state;
	assert_non_null(strstr(plain, "hog (70) was killed"));
	assert_non_null(strstr(plain, "memory cgroup /box"));
	assert_non_null(strstr(plain, "oom_score_adj of 70 at -250 or less"));
	assert_null(strchr(plain, '\033'));
	assert_non_null(strchr(coloured, '\033'));
	assert_non_null(strstr(bare, "x (5) was killed"));
}

/* Numbers no kernel prints must not overflow on their way to a screen. */
static void hostile_numbers(void **state)
{
	char *text __free = as_text(
		"memory: usage 1kB, limit 80000kB, failcnt 99999999999999999999\n" TABLE
		"[ 5] 0 5 -9223372036854775807 -9223372036854775807 9223372036854775807 0 0 "
		"-9223372036854775807 9223372036854775807 -9223372036854775807 x\n"
		"[ 6] 0 6 9 9223372036854775807 1 1 1 9223372036854775807 9223372036854775807 999 "
		"y\n",
		false);

	(void)state;
	assert_non_null(strstr(text, "0 bytes"));
}

static size_t events;

static void count(void *ctx, const struct oom_report *r)
{
	*(uint64_t *)ctx = r->line;
	events++;
}

/* The reader that skips must find what reading every line finds, wherever blocks end. */
static void skipping_reader(void **state)
{
	static const char noise[] =
		"Mar 15 14:09:12 host systemd[1]: Started Session of user root.\n";
	int fd = memfd_create("log", MFD_CLOEXEC);
	uint64_t line = 0, lines = 0, at = 0;
	struct fail f;

	(void)state;
	assert_true(fd >= 0);
	for (int i = 0; i < 30; i++) {
		for (int k = 0; k < 900 + i * 37; k++, lines++)
			assert_int_equal(write(fd, noise, strlen(noise)), strlen(noise));
		assert_int_equal(write(fd, box, strlen(box)), strlen(box));
		at = lines + 1;
		for (const char *s = box; *s; s++)
			lines += *s == '\n';
	}
	/* and one line longer than any block */
	for (int k = 0; k < 20000; k++)
		assert_int_equal(write(fd, noise, 60), 60);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	events = 0;
	{
		struct oom_parser *p = oom_parser_new(count, &line);

		assert_int_equal(explain_read(fd, p, &f), 0);
		oom_parser_free(p);
	}
	assert_int_equal(events, 30);
	assert_int_equal(line, at);
	close(fd);
}

static int end(void **state)
{
	(void)state;
	oom_report_free(last);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs),
		cmocka_unit_test(what_ifs),
		cmocka_unit_test(sparing_adj),
		cmocka_unit_test(causes),
		cmocka_unit_test(many_small_and_fragmentation),
		cmocka_unit_test(json_keys),
		cmocka_unit_test(text_view),
		cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(skipping_reader),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
