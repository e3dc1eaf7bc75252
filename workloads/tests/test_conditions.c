// SPDX-License-Identifier: MIT
/* Kinds that need something of the machine: with it they prove it, without it they say why not. */
#include "workloads/tests/hog.h"

static uint64_t meminfo_kb(const char *key)
{
	int root __close = fs_root_open("/proc");
	uint64_t v = 0;

	assert_int_equal(fs_key_u64(root, "meminfo", key, &v), 0);
	return v;
}

static void it_says(const char *args, int rc, const char *word)
{
	struct hog_child c;

	assert_int_equal(hog_run(&c, args), rc);
	if (!strstr(c.text, word))
		fail_msg("%s: %s", args, c.text);
	assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
}

static void huge_pages_all_of_it(void **state)
{
	int root __close = fs_root_open("/sys/kernel/mm/transparent_hugepage");
	struct hog_child c;
	char text[128];

	(void)state;
	if (!have_hog())
		skip();
	if (root < 0 || fs_read_line(root, "enabled", text, sizeof(text)) < 0) {
		it_says("thp --size 2MiB", READY_EXIT_REFUSED, "no transparent huge pages");
		return;
	}
	if (strstr(text, "[never]")) {
		it_says("thp --size 2MiB", READY_EXIT_REFUSED, "is 'never'");
		return;
	}
	hog_start(&c, "thp --size 3MiB --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(4));
	assert_in_range(hog_status(&c, "RssAnon"), 4096, 4096 + 1536);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	assert_int_equal(hog_run(&c, "thp --size 2MiB --json"), 0);
	assert_non_null(strstr(c.text, "\"huge_bytes\":2097152"));
}

static void a_pool_of_huge_pages(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	it_says("hugetlb --size 512GiB", READY_EXIT_REFUSED, "vm.nr_hugepages");
	if (meminfo_kb("HugePages_Free") <= meminfo_kb("HugePages_Rsvd")) {
		print_message("skip: vm.nr_hugepages has made no page that is free\n");
		skip();
	}
	hog_start(&c, "hugetlb --size 4096 --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, KiB(meminfo_kb("Hugepagesize")));
	assert_int_equal(hog_status(&c, "HugetlbPages"), meminfo_kb("Hugepagesize"));
	assert_true(hog_status(&c, "VmRSS") < 2048);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void swap_has_it(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	it_says("swap-heavy --size 9999GiB", READY_EXIT_ENOMEM, "SwapFree");
	if (meminfo_kb("SwapFree") < 16384) {
		print_message("skip: no swap here\n");
		skip();
	}
	hog_start(&c, "swap-heavy --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(8));
	assert_in_range(hog_status(&c, "VmSwap"), 8192 / 10 * 9, 8192 + 1536);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void equal_pages_merge(void **state)
{
	int root __close = fs_root_open("/sys/kernel/mm/ksm");
	struct hog_child c;
	uint64_t run = 0;

	(void)state;
	if (!have_hog())
		skip();
	if (root < 0 || fs_read_u64(root, "run", &run) < 0 || run != 1) {
		it_says("ksm --size 1MiB", READY_EXIT_REFUSED, "/sys/kernel/mm/ksm/run");
		print_message("skip: KSM does not run here\n");
		skip();
	}
	hog_start(&c, "ksm --size 4MiB --merged --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(4));
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

/*
 * Where a page begins with this word. Not by the size of a mapping: the kernel joins two that lie side by
 * side, and where they lie is chance.
 */
static off_t page_with(const struct hog_child *c, int mem, uint64_t word)
{
	char text[16384], *save = NULL;

	hog_proc(c, "maps", text, sizeof(text));
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		char *end;
		unsigned long long at = strtoull(l, &end, 16), to = strtoull(end + 1, NULL, 16);
		uint64_t seen;

		for (; strstr(l, " rw-p ") && at < to; at += 4096)
			if (pread(mem, &seen, sizeof(seen), (off_t)at) == sizeof(seen) &&
			    seen == word)
				return (off_t)at;
	}
	return -1;
}

static void a_bystander_notices_damage(void **state)
{
	const uint64_t bytes = 77 * 4096;
	struct hog_child c;
	char name[64];
	int fd __close = -1;
	off_t at;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "bystander --size 315392 --every 1 --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, bytes);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	hog_start(&c, "bystander --size 315392 --every 1 --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, bytes);
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)c.pid);
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		print_message("skip: a child's memory may not be written here (ptrace_scope)\n");
		hog_end(&c, SIGKILL);
		skip();
	}
	at = page_with(&c, fd,
		       0x0b1e55edb1e55ed0ULL ^ 40 * 4096); /* as bystander.c marks its pages */
	assert_true(at > 0);
	assert_int_equal(pwrite(fd, "x", 1, at), 1);
	assert_int_equal(hog_wait(&c), 1);
	assert_non_null(strstr(c.text, "damaged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(huge_pages_all_of_it),
		cmocka_unit_test(a_pool_of_huge_pages),
		cmocka_unit_test(swap_has_it),
		cmocka_unit_test(equal_pages_merge),
		cmocka_unit_test(a_bystander_notices_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
