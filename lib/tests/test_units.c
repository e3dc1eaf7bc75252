// SPDX-License-Identifier: MIT
/* lib/units.c: every unit, every base, and the texts that must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/units.h"

static void bytes_in_every_unit(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "17b", 17 },
		{ "17 bytes", 17 },
		{ "1k", KiB(1) },
		{ "1KB", KiB(1) },
		{ "1kB", KiB(1) },
		{ "1KiB", KiB(1) },
		{ "80MiB", MiB(80) },
		{ "80 MiB", MiB(80) },
		{ "80m", MiB(80) },
		{ "100M", MiB(100) },
		{ "2GiB", GiB(2) },
		{ "1T", GiB(1024) },
		{ "1.5GiB", MiB(1536) },
		{ ".5k", 512 },
		{ "0.25 KiB", 256 },
		{ "1.00009k", 1024 }, /* the fifth decimal is not looked at */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 1;

		assert_int_equal(bytes_parse(rows[i].text, &v), 0);
		assert_int_equal(v, rows[i].bytes);
	}
}

static void bad_sizes_are_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", -EINVAL },
		{ "MiB", -EINVAL },
		{ ".", -EINVAL },
		{ "-1", -EINVAL },
		{ "+1", -EINVAL },
		{ " 1", -EINVAL },
		{ "1x", -EINVAL },
		{ "80MiBs", -EINVAL },
		{ "80MiB ", -EINVAL },
		{ "0x10", -EINVAL },
		{ "1e3", -EINVAL },
		{ "1,5k", -EINVAL },
		{ "50 %", -EINVAL },
		{ "50%x", -EINVAL },
		{ "50% of", -EINVAL },
		{ "50% of memory", -EINVAL },
		{ "50% of node x", -EINVAL },
		{ "50% of node 1 used", -EINVAL },
		{ "50% of node -1", -EINVAL },
		{ "50% of node 1024", -ERANGE },
		{ "0%", -ERANGE },
		{ "0.001%", -ERANGE },
		{ "1000.01%", -ERANGE },
		{ "99999999999999999999", -ERANGE },
		{ "99999999999999999999%", -ERANGE },
		{ "8388608T", -ERANGE },
		{ "9000000T", -ERANGE },
		/* the decimals carry it over 64 bits: once a size of nearly nothing */
		{ "1844674407370955.9999", -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct size_spec spec = { .bytes = 77, .node = 5 };

		if (size_parse(rows[i].text, &spec) != rows[i].err)
			fail_msg("'%s' gives %d", rows[i].text, size_parse(rows[i].text, &spec));
		if (rows[i].err) {
			assert_int_equal(spec.bytes, 77);
			assert_int_equal(spec.node, 5);
		}
	}
}

static void percentages_know_their_base(void **state)
{
	static const struct {
		const char *text;
		enum size_base base;
		uint32_t permyriad;
		int node;
	} rows[] = {
		{ "50%", SIZE_OF_MEMTOTAL, 5000, -1 },
		{ "50% of MemTotal", SIZE_OF_MEMTOTAL, 5000, -1 },
		{ "50% of memtotal", SIZE_OF_MEMTOTAL, 5000, -1 },
		{ "12.34% of MemAvailable", SIZE_OF_AVAILABLE, 1234, -1 },
		{ "100% of limit", SIZE_OF_LIMIT, 10000, -1 },
		{ "150% of swap", SIZE_OF_SWAP, 15000, -1 },
		{ "1% of node", SIZE_OF_NODE, 100, -1 },
		{ "1% of node free", SIZE_OF_NODE_FREE, 100, -1 },
		{ "1% of node 0", SIZE_OF_NODE, 100, 0 },
		{ "1% of node 12 free", SIZE_OF_NODE_FREE, 100, 12 },
		{ "1000%", SIZE_OF_MEMTOTAL, 100000, -1 },
		{ "0.01%", SIZE_OF_MEMTOTAL, 1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct size_spec spec;

		assert_int_equal(size_parse(rows[i].text, &spec), 0);
		assert_int_equal(spec.base, rows[i].base);
		assert_int_equal(spec.permyriad, rows[i].permyriad);
		assert_int_equal(spec.node, rows[i].node);
	}
}

static void bytes_alone_take_no_percentage(void **state)
{
	uint64_t v = 5;

	(void)state;
	assert_int_equal(bytes_parse("50%", &v), -EINVAL);
	assert_int_equal(v, 5);
}

static void resolves_to_whole_pages(void **state)
{
	struct size_spec spec;

	(void)state;
	assert_int_equal(size_parse("10%", &spec), 0);
	assert_int_equal(size_resolve(&spec, 100 * 4096 + 4095, 4096), 10 * 4096);
	assert_int_equal(size_resolve(&spec, 0, 4096), 0);
	assert_int_equal(size_parse("100%", &spec), 0);
	assert_int_equal(size_resolve(&spec, GiB(1 << 20), 4096), GiB(1 << 20)); /* 1 PiB */
	assert_int_equal(size_parse("5000", &spec), 0);
	assert_int_equal(size_resolve(&spec, 1, 4096), 5000); /* bytes stay as written */
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t ms;
	} rows[] = {
		{ "10", 0, 10000 },	 { "500ms", 0, 500 },	  { "1.5s", 0, 1500 },
		{ "2 min", 0, 120000 },	 { "2m", 0, 120000 },	  { "1h", 0, 3600000 },
		{ "0", 0, 0 },		 { "", -EINVAL, 77 },	  { "s", -EINVAL, 77 },
		{ "1d", -EINVAL, 77 },	 { "-1s", -EINVAL, 77 },  { "forever", -EINVAL, 77 },
		{ "600h", -ERANGE, 77 }, { "10 S", -EINVAL, 77 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t ms = 77;

		assert_int_equal(duration_parse_ms(rows[i].text, &ms), rows[i].err);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void formats_for_people(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(bytes_format(0, buf, sizeof(buf)), "0 bytes");
	assert_string_equal(bytes_format(17, buf, sizeof(buf)), "17 bytes");
	assert_string_equal(bytes_format(KiB(12), buf, sizeof(buf)), "12 KiB");
	assert_string_equal(bytes_format(MiB(80), buf, sizeof(buf)), "80 MiB");
	assert_string_equal(bytes_format(MiB(1536), buf, sizeof(buf)), "1.5 GiB");
	assert_string_equal(bytes_format(UINT64_MAX, buf, sizeof(buf)), "16777216.0 TiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_in_every_unit),
		cmocka_unit_test(bad_sizes_are_refused),
		cmocka_unit_test(percentages_know_their_base),
		cmocka_unit_test(bytes_alone_take_no_percentage),
		cmocka_unit_test(resolves_to_whole_pages),
		cmocka_unit_test(durations),
		cmocka_unit_test(formats_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
