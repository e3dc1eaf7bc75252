// SPDX-License-Identifier: MIT
/*
 * libFuzzer: a log of arbitrary bytes made into a case. Whatever is not refused must be a case that the
 * loader takes, of no more workers than there are parts, also with a remedy; and the table that tells of it
 * holds no byte that a terminal would take for anything but text.
 */
#include "harness/case.h"
#include "harness/replay_compare.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_case(const struct replay *p)
{
	struct oom_case *c = NULL;
	char *text = NULL, *messages = NULL, file[80];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	replay_write(p, out);
	fclose(out);
	snprintf(file, sizeof(file), "%s.yaml", p->name);
	if (case_parse(file, text, len, &c, &messages)) {
		fprintf(stderr, "%s\n%s", messages, text);
		abort();
	}
	assert(c->nr_workers <= REPLAY_ROLES + 2);
	case_free(c);
	free(messages);
	free(text);
}

/* As if it had been played, and the same had happened. */
static void check_table(const struct replay *p)
{
	struct replay_play play = { .kernel = "k", .cgroup = CGROUP_V2, .verdict = VERDICT_PASS };
	struct replay_compare c = { .replays = p, .plays = &play, .nr_plays = 1 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	replay_facts_of_ticket(p, &play.facts);
	assert(!replay_differs(&play.facts, &play.facts));
	assert(!replay_compare_text(&c, false, out));
	assert(!replay_compare_json(&c, out));
	fclose(out);
	for (const char *s = text; *s && *s != '{'; s++)
		assert(*s == '\n' || (*s >= 0x20 && *s < 0x7f));
	free(text);
}

static void on_report(void *ctx, const struct oom_report *r)
{
	static const char *const sets[] = { "adj:100=-500",
					    "limit:+200M",
					    "limit:-10%",
					    "limit:-1M",
					    "sysctl:vm.panic_on_oom=2",
					    "sysctl:vm.panic_on_oom=0",
					    "sysctl:vm.oom_kill_allocating_task=1" };
	struct replay_change changes[ARRAY_SIZE(sets)];
	struct replay_order o = { .ticket = "a log" };
	struct replay p, remedy;
	struct fail f = { 0 };
	size_t nr = 0;

	(void)ctx;
	if (replay_make(r, &o, &p, &f)) {
		assert(*f.where && !strchr(f.where, '\n'));
		return;
	}
	check_case(&p);
	check_table(&p);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		nr += replay_change_parse(sets[i], &changes[nr], &f) == 0;
	/* Each alone, and those from it on together. */
	o.before = &p;
	for (size_t i = 0; i < nr; i++) {
		o.changes = &changes[i];
		for (o.nr_changes = 1; o.nr_changes <= nr - i; o.nr_changes++)
			if (replay_make(r, &o, &remedy, &f) == 0)
				check_case(&remedy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oom_parser *p = oom_parser_new(on_report, NULL);
	const char *s = (const char *)data;
	uint64_t line = 1;

	while (size) {
		const char *nl = memchr(s, '\n', size);
		size_t n = nl ? (size_t)(nl - s) : size;

		assert(!oom_parser_line(p, s, n, line++));
		n += nl != NULL;
		s += n;
		size -= n;
	}
	oom_parser_finish(p);
	oom_parser_free(p);
	return 0;
}
