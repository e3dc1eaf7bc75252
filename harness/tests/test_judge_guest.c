// SPDX-License-Identifier: MIT
/* What became of the guest, and what else the kernel cried; kills of others on a shared host. */
#include "harness/tests/story.h"

#define VM(outcome, text) "{\"t\":\"vm\",\"outcome\":\"" outcome "\",\"text\":\"" text "\"}"

static void guest_panicked(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"seq\":500");
	story_add(&s, VM("panicked", "Kernel panic - not syncing: System is deadlocked on memory"));
	story_gives(
		&s, VERDICT_FAIL,
		"guest: wanted a guest that lives, saw it panicked: Kernel panic - not syncing: "
		"System is deadlocked on memory");
}

static void qemu_killed(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"seq\":500");
	story_add(&s, VM("qemu_killed", "signal 9"));
	story_gives(&s, VERDICT_BROKEN,
		    "guest: wanted a guest that lives, saw it ended with a killed QEMU: signal 9");
}

static void qemu_refused(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"t\":\"machine\"");
	story_add(&s, VM("qemu_refused", "could not open kernel"));
	story_gives(
		&s, VERDICT_BROKEN,
		"guest: wanted a guest that lives, saw it never ran, QEMU refused: could not open "
		"kernel");
}

static void guest_reset(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"seq\":500");
	story_add(&s, VM("reset", ""));
	story_gives(&s, VERDICT_BROKEN,
		    "guest: wanted a guest that lives, saw it reset without a word");
}

static void guest_hung_in_the_case(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"seq\":500");
	story_add(&s, VM("hung", "rcu: stall"));
	story_gives(&s, VERDICT_FAIL, "guest: wanted a guest that lives, saw it hung: rcu: stall");
}

static void guest_hung_before_it_began(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_ends_before(&s, "\"t\":\"mark\"");
	story_add(&s, VM("hung", "Freeing unused kernel memory"));
	story_gives(&s, VERDICT_BROKEN,
		    "guest: wanted a guest that lives, saw it hung: Freeing unused kernel memory "
		    "(before the case began)");
}

/* --- a panic that is wanted */

static void want_panic(struct story *s, const char *words)
{
	story_begin(s);
	s->plan.scope = SCOPE_PANIC;
	s->plan.nr_kills = 0;
	story_forget_rows(s);
	story_text(s, EXPECT_PANIC, words);
}

static void panic_as_wanted(void **state)
{
	struct story s;

	(void)state;
	want_panic(&s, "compulsory panic_on_oom is enabled");
	story_ends_before(&s, "\"seq\":521");
	story_add(&s, VM("panicked", "Kernel panic"));
	story_add(&s,
		  "{\"t\":\"console\",\"text\":\"[   12.3] hog invoked oom-killer: gfp_mask=0xcc0, "
		  "order=0, oom_score_adj=0\"}");
	story_add(&s, "{\"t\":\"console\",\"text\":\"[   12.3] Kernel panic - not syncing: Out of "
		      "memory: compulsory panic_on_oom is enabled\"}");
	story_add(&s, "{\"t\":\"console\",\"text\":\"[   12.3] Call Trace:\"}");
	story_gives(&s, VERDICT_PASS, "");
}

static void panic_of_another_kind(void **state)
{
	struct story s;

	(void)state;
	want_panic(&s, "compulsory panic_on_oom is enabled");
	story_ends_before(&s, "\"seq\":521");
	story_add(&s, VM("panicked", "Kernel panic - not syncing: VFS: cannot mount root"));
	/* Words outside the panic's own line do not count. */
	story_add(&s, "{\"t\":\"console\",\"text\":\"compulsory panic_on_oom is enabled\"}");
	story_gives(
		&s, VERDICT_FAIL,
		"panic: wanted \"compulsory panic_on_oom is enabled\", saw \"Kernel panic - not "
		"syncing: VFS: cannot mount root\"");
}

/* As wanted, but of the guest's own doing: no mark, neither told nor on the console. */
static void panic_before_it_began(void **state)
{
	struct story s;

	(void)state;
	for (int marked = 0; marked < 2; marked++) {
		want_panic(&s, "compulsory");
		story_ends_before(&s, "\"t\":\"mark\"");
		story_add(&s, VM("panicked", "Kernel panic - not syncing: compulsory"));
		if (marked)
			story_add(&s, "{\"t\":\"console\",\"text\":\"[ 1.0] oomlab: begin "
				      "memcg-child-limit t1\"}");
		story_gives(&s, marked ? VERDICT_PASS : VERDICT_BROKEN,
			    marked ? ""
				   : "guest: wanted a panic, saw it panicked: Kernel panic - not "
				     "syncing: compulsory (before the case began)");
	}
}

/* What was read before it, and whether the limit took, count all the same. */
static void panic_in_a_wrong_scene(void **state)
{
	struct story s;

	(void)state;
	want_panic(&s, "compulsory");
	story_change(&s, "\"reads\":\"83886080\"", "\"reads\":\"4096\"");
	story_ends_before(&s, "\"seq\":521");
	story_add(&s, VM("panicked", "Kernel panic - not syncing: compulsory"));
	story_gives(&s, VERDICT_BROKEN, "scene: wanted 83886080 in box/memory.max, saw 4096");

	want_panic(&s, "compulsory");
	s.steps[0].op = STEP_READ;
	s.steps[0].file = (struct case_file){ FILE_OF_WORKER, "oom_score", "" };
	str_copy(s.steps[0].want.text, sizeof(s.steps[0].want.text), "7");
	story_insert(&s, "\"t\":\"step\"", "{\"t\":\"read\",\"n\":0,\"value\":\"8\"}");
	story_ends_before(&s, "\"seq\":521");
	story_add(&s, VM("panicked", "Kernel panic - not syncing: compulsory"));
	story_gives(&s, VERDICT_FAIL, "read b oom_score: wanted '7', saw '8'");
}

static void panic_wanted_but_it_lived(void **state)
{
	struct story s;

	(void)state;
	want_panic(&s, "compulsory");
	story_add(&s, VM("running", ""));
	story_gives(&s, VERDICT_FAIL, "guest: wanted a panic, saw it lived");
}

static void panic_wanted_but_qemu_died(void **state)
{
	struct story s;

	(void)state;
	want_panic(&s, "compulsory");
	story_add(&s, VM("qemu_killed", ""));
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	story_end(&s);
}

/* --- other cries of the kernel */

/* The last record of the log says this instead. */
static void cry(struct story *s, const char *text)
{
	char line[500];

	story_begin(s);
	snprintf(line, sizeof(line),
		 "{\"t\":\"kmsg\",\"seq\":523,\"usec\":3483271690,\"level\":4,\"facility\":0,"
		 "\"text\":\"%s\"}",
		 text);
	story_insert(s, "\"t\":\"death\"", line);
}

static void cries_fail_the_case(void **state)
{
	static const char *const cries[] = {
		"WARNING: CPU: 0 PID: 71 at mm/page_counter.c:60 page_counter_cancel+0x55/0x60",
		"BUG: unable to handle page fault for address: ffffffffc0000000",
		"BUG: KASAN: use-after-free in oom_kill_process+0x1/0x2",
		"INFO: task hog:71 blocked for more than 120 seconds.",
		"watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [hog:71]",
		"rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
		"general protection fault, probably for non-canonical address 0xdead: 0000 [#1]",
		"Call Trace:",
		"hog: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL)",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cries); i++) {
		char reason[400];
		struct story s;

		cry(&s, cries[i]);
		snprintf(reason, sizeof(reason),
			 "no splat: wanted no warning, BUG, stall or stack but those of OOM "
			 "reports, saw "
			 "%s",
			 cries[i]);
		story_gives(&s, VERDICT_FAIL, reason);
	}
}

static void innocent_lines_do_not(void **state)
{
	static const char *const lines[] = {
		"traps: oomhog[71] general protection fault ip:401000 sp:7ffc error:0 in oomhog",
		"oom_reaper: reaped process 21533 (hog), now anon-rss:0kB, file-rss:0kB, "
		"shmem-rss:0kB",
		"BUGS invoked oom-killer: not a report",
		"",
		"line one\\nline two",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct story s;

		cry(&s, lines[i]);
		story_gives(&s, VERDICT_PASS, "");
	}
}

/* A warning in the middle of a record of several lines is one all the same. */
static void cry_on_the_second_line(void **state)
{
	struct story s;

	(void)state;
	cry(&s, "fine\\nBUG: Bad page state in process hog");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_FAIL);
	story_end(&s);
}

static void user_space_may_cry(void **state)
{
	struct story s;

	(void)state;
	cry(&s, "BUG: written by a worker");
	story_change(&s, "\"seq\":523,\"usec\":3483271690,\"level\":4,\"facility\":0",
		     "\"seq\":523,\"usec\":3483271690,\"level\":4,\"facility\":1");
	story_gives(&s, VERDICT_PASS, "");
}

static void taint_changed(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"elapsed_us\":492000,\"taint\":0",
		     "\"elapsed_us\":492000,\"taint\":512");
	story_gives(&s, VERDICT_FAIL, "taint: wanted 0 as before, saw 512");
}

/* --- victims that are no workers */

static const char foreign_kill[] =
	"{\"t\":\"kmsg\",\"seq\":523,\"usec\":3483271690,\"level\":3,\"facility\":0,\"text\":"
	"\"Memory "
	"cgroup out of memory: Killed process 99 (sh) total-vm:10kB, anon-rss:8kB, file-rss:0kB, "
	"shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0\"}";

static void bystander_killed_in_a_guest(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"t\":\"death\"", foreign_kill);
	story_change(&s, "\"values\":{\"oom_kill\":2}", "\"values\":{\"oom_kill\":3}");
	story_find(&s, EXPECT_VMSTAT)->range.hi = 2;
	story_gives(&s, VERDICT_FAIL, "victims: wanted [hog], saw hog, sh(99)");
}

/* On a shared host other people's cgroups run out of memory too. */
static void bystander_killed_on_a_host(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(s.plan.kernel, sizeof(s.plan.kernel), "host");
	story_insert(&s, "\"t\":\"death\"", foreign_kill);
	story_change(&s, "\"values\":{\"oom_kill\":2}", "\"values\":{\"oom_kill\":3}");
	story_find(&s, EXPECT_VMSTAT)->range.hi = 2;
	story_gives(&s, VERDICT_PASS, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guest_panicked),
		cmocka_unit_test(qemu_killed),
		cmocka_unit_test(qemu_refused),
		cmocka_unit_test(guest_reset),
		cmocka_unit_test(guest_hung_in_the_case),
		cmocka_unit_test(guest_hung_before_it_began),
		cmocka_unit_test(panic_as_wanted),
		cmocka_unit_test(panic_of_another_kind),
		cmocka_unit_test(panic_before_it_began),
		cmocka_unit_test(panic_in_a_wrong_scene),
		cmocka_unit_test(panic_wanted_but_it_lived),
		cmocka_unit_test(panic_wanted_but_qemu_died),
		cmocka_unit_test(cries_fail_the_case),
		cmocka_unit_test(innocent_lines_do_not),
		cmocka_unit_test(cry_on_the_second_line),
		cmocka_unit_test(user_space_may_cry),
		cmocka_unit_test(taint_changed),
		cmocka_unit_test(bystander_killed_in_a_guest),
		cmocka_unit_test(bystander_killed_on_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
