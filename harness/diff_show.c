// SPDX-License-Identifier: MIT
#include "harness/diff_show.h"
#include "harness/report_impl.h"

#define CASES_SHOWN 4

static void put_cases(FILE *out, char **cases, size_t nr)
{
	for (size_t i = 0; i < nr && i < CASES_SHOWN; i++) {
		fputs(i ? ", " : "", out);
		report_text(out, cases[i]);
	}
	if (nr > CASES_SHOWN)
		fprintf(out, " and %zu more", nr - CASES_SHOWN);
}

/*
 *   log task table                       60 cases: adj-minus-1000-immune v2, ...
 *     - [ pid ] uid tgid total_vm rss pgtables_bytes swapents oom_score_adj name
 *     + [ pid ] uid tgid total_vm rss rss_anon rss_file ...
 */
static void put_difference(FILE *out, const struct difference *x)
{
	report_text(out, x->key);
	fputs("  ", out);
	if (x->nr_cases > 1)
		fprintf(out, "%zu cases: ", x->nr_cases);
	put_cases(out, x->cases, x->nr_cases);
	fputs("\n  - ", out);
	report_text(out, x->sides[0]);
	fputs("\n  + ", out);
	report_text(out, x->sides[1]);
	fputc('\n', out);
}

void diff_text(const struct diff *d, const char *const paths[2], const char *const kernels[2],
	       FILE *out)
{
	for (int s = 0; s < 2; s++) {
		fprintf(out, "%s ", s ? "+++" : "---");
		report_text(out, kernels[s]);
		fputs(" in ", out);
		report_text(out, paths[s]);
		fputc('\n', out);
	}
	for (size_t i = 0; i < d->nr; i++)
		put_difference(out, &d->list[i]);
	for (int s = 0; s < 2; s++) {
		if (!d->nr_only[s])
			continue;
		fprintf(out, "only in %s  ", s ? "+++" : "---");
		put_cases(out, d->only[s], d->nr_only[s]);
		fputc('\n', out);
	}
	for (size_t i = 0; i < d->nr_times; i++) {
		fputs("time to the first kill  ", out);
		report_text(out, d->times[i].name);
		fprintf(out, ": %llu ms, %llu ms\n",
			(unsigned long long)d->times[i].median_us[0] / 1000,
			(unsigned long long)d->times[i].median_us[1] / 1000);
	}
	fprintf(out, "%zu cases compared: %zu the same, %zu differ", d->nr_compared, d->nr_same,
		d->nr_compared - d->nr_same - d->nr_unknown);
	if (d->nr_unknown)
		fprintf(out, ", %zu not known (BROKEN)", d->nr_unknown);
	fputc('\n', out);
}

static void json_list(struct jsonw *w, const char *key, char **list, size_t nr)
{
	jsonw_array(w, key);
	for (size_t i = 0; i < nr; i++)
		jsonw_str(w, NULL, list[i]);
	jsonw_close(w);
}

static void json_side(struct jsonw *w, const char *key, const char *path, const char *kernel,
		      char **only, size_t nr)
{
	jsonw_object(w, key);
	jsonw_str(w, "results", path);
	jsonw_str(w, "kernel", kernel);
	json_list(w, "only_here", only, nr);
	jsonw_close(w);
}

void diff_json(const struct diff *d, const char *const paths[2], const char *const kernels[2],
	       FILE *out)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_stream(&w, buf, sizeof(buf), out);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", 1);
	json_side(&w, "a", paths[0], kernels[0], d->only[0], d->nr_only[0]);
	json_side(&w, "b", paths[1], kernels[1], d->only[1], d->nr_only[1]);
	jsonw_u64(&w, "compared", d->nr_compared);
	jsonw_u64(&w, "same", d->nr_same);
	jsonw_u64(&w, "unknown", d->nr_unknown);
	jsonw_array(&w, "differences");
	for (size_t i = 0; i < d->nr; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "trait", d->list[i].key);
		jsonw_str(&w, "a", d->list[i].sides[0]);
		jsonw_str(&w, "b", d->list[i].sides[1]);
		json_list(&w, "cases", d->list[i].cases, d->list[i].nr_cases);
		jsonw_close(&w);
	}
	jsonw_close(&w);
	jsonw_array(&w, "times_to_first_kill");
	for (size_t i = 0; i < d->nr_times; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "case", d->times[i].name);
		jsonw_u64(&w, "a_us", d->times[i].median_us[0]);
		jsonw_u64(&w, "b_us", d->times[i].median_us[1]);
		jsonw_close(&w);
	}
	jsonw_close(&w);
	jsonw_finish(&w);
	fputc('\n', out);
}
