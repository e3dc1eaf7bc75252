// SPDX-License-Identifier: MIT
/*
 * The JSON that kirk, LTP's runner, writes and its tools read:
 *   {"results":[{"test_fqn":"oom01","status":"pass","test":{"command":"oom01","arguments":[],
 *   "log":"...","retval":["0"],"duration":1.5,"failed":0,"passed":1,...,"result":"pass"}}],
 *   "stats":{"runtime":1.5,"passed":1,...},"environment":{"kernel":"6.1.0",...}}
 * LTP counts checks; here a case is one.
 */
#include "harness/report_impl.h"
#include "lib/jsonw.h"

static const struct { /* by verdict; exit codes are LTP's TFAIL 1, TBROK 2, TCONF 32 */
	const char *status, *count, *retval;
} ltp[] = {
	[VERDICT_PASS] = { "pass", "passed", "0" },
	[VERDICT_FAIL] = { "fail", "failed", "1" },
	[VERDICT_SKIP] = { "conf", "skipped", "32" },
	[VERDICT_BROKEN] = { "brok", "broken", "2" },
};

static void put_counts(struct jsonw *w, const size_t *counts)
{
	for (size_t v = 0; v < ARRAY_SIZE(ltp); v++)
		jsonw_u64(w, ltp[v].count, counts[v]);
	jsonw_u64(w, "warnings", 0);
}

static void put_log(struct jsonw *w, const struct case_result *c)
{
	char *text __free = NULL;
	size_t len = 0;
	FILE *log = open_memstream(&text, &len);

	if (log) {
		report_checks(log, "", c, true);
		report_figures(log, "", c);
		if (!c->judgement && c->reason)
			report_text(log, c->reason);
		fclose(log);
	}
	jsonw_str(w, "log", text);
}

static void put_case(struct jsonw *w, const struct kept_case *k)
{
	size_t counts[ARRAY_SIZE(ltp)] = { 0 };

	counts[k->c.verdict] = 1;
	jsonw_object(w, NULL);
	jsonw_str(w, "test_fqn", k->id);
	jsonw_str(w, "status", ltp[k->c.verdict].status);
	jsonw_object(w, "test");
	jsonw_str(w, "command", k->c.reproduce ? k->c.reproduce : "");
	jsonw_array(w, "arguments");
	jsonw_close(w);
	put_log(w, &k->c);
	jsonw_array(w, "retval");
	jsonw_str(w, NULL, ltp[k->c.verdict].retval);
	jsonw_close(w);
	jsonw_double(w, "duration", (double)k->c.duration_ms / 1000);
	put_counts(w, counts);
	jsonw_str(w, "result", ltp[k->c.verdict].status);
	jsonw_close(w);
	jsonw_close(w);
}

/* Of the guests only the kernel is told, and there it has room for one. */
static void put_environment(struct jsonw *w, const struct report *r)
{
	const char *release = r->facts.release;
	char ram[32] = "unknown";

	for (size_t i = r->nr_kept; i-- > 0;)
		if (r->kept[i]->c.release && *r->kept[i]->c.release)
			release = r->kept[i]->c.release;
	if (r->facts.mem_total_kb)
		snprintf(ram, sizeof(ram), "%llu kB", (unsigned long long)r->facts.mem_total_kb);
	jsonw_object(w, "environment");
	jsonw_str(w, "distribution", "unknown");
	jsonw_str(w, "distribution_version", "unknown");
	jsonw_str(w, "kernel", *release ? release : "unknown");
	jsonw_str(w, "arch", *r->facts.arch ? r->facts.arch : "unknown");
	jsonw_str(w, "cpu", "unknown");
	jsonw_str(w, "swap", "unknown");
	jsonw_str(w, "RAM", ram);
	jsonw_close(w);
}

static void end(const struct report *r, FILE *out)
{
	uint64_t runtime_ms = 0;
	char buf[4096];
	struct jsonw w;

	jsonw_init_stream(&w, buf, sizeof(buf), out);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "results");
	for (size_t i = 0; i < r->nr_kept; i++) {
		put_case(&w, r->kept[i]);
		runtime_ms += r->kept[i]->c.duration_ms;
	}
	jsonw_close(&w);
	jsonw_object(&w, "stats");
	jsonw_double(&w, "runtime", (double)runtime_ms / 1000);
	put_counts(&w, r->counts);
	jsonw_close(&w);
	put_environment(&w, r);
	jsonw_finish(&w);
	fputc('\n', out);
}

const struct report_format report_ltp = { .name = "ltp", .end = end };
