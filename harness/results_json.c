// SPDX-License-Identifier: MIT
/*
 * results.json. Numbers are integers with their unit in the name; paths are relative to the file,
 * so that the folder can be moved; what is not known is null, not 0.
 */
#include "harness/results_impl.h"
#include "lib/jsonw.h"
#include "lib/proc.h"
#include "lib/version.h"

#define LONG_WRITE_US 50000
#define MANY_CASES    200 /* fewer are short to write; it is the machine that was slow then */

static void put_checks(struct jsonw *w, const struct judgement *j)
{
	static const char *const words[] = { "ok", "fail", "broken" };

	jsonw_array(w, "checks");
	for (size_t i = 0; j && i < j->nr_checks; i++) {
		const struct check *c = &j->checks[i];

		jsonw_object(w, NULL);
		jsonw_str(w, "name", c->name);
		jsonw_str(w, "result", words[c->result]);
		jsonw_str(w, "want", c->want);
		jsonw_str(w, "saw", c->saw);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_prediction(struct jsonw *w, const struct plan_prediction *p)
{
	if (!p || !p->known) {
		jsonw_null(w, "prediction");
		return;
	}
	jsonw_object(w, "prediction");
	jsonw_str(w, "victim", p->victim);
	jsonw_i64(w, "points", p->points);
	jsonw_str(w, "runner_up", *p->runner_up ? p->runner_up : NULL);
	if (p->margin_pages == OOM_ABSENT)
		jsonw_null(w, "margin_pages");
	else
		jsonw_i64(w, "margin_pages", p->margin_pages);
	jsonw_i64(w, "noise_pages", p->noise_pages);
	jsonw_i64(w, "totalpages", p->totalpages);
	jsonw_close(w);
}

/* A figure measured twice: the last. */
static bool is_told_later(const struct case_result *c, size_t i)
{
	for (size_t j = i + 1; j < c->nr_figures; j++)
		if (str_eq(c->figures[i].name, c->figures[j].name))
			return true;
	return false;
}

static void put_figures(struct jsonw *w, const struct case_result *c)
{
	jsonw_object(w, "figures");
	for (size_t i = 0; i < c->nr_figures; i++)
		if (!is_told_later(c, i))
			jsonw_u64(w, c->figures[i].name, c->figures[i].value);
	jsonw_close(w);
}

static void put_timing(struct jsonw *w, const struct timing *t)
{
	if (!t->known) {
		jsonw_null(w, "timing");
		return;
	}
	jsonw_object(w, "timing");
	jsonw_bool(w, "restored", t->restored);
	jsonw_u64(w, "restore_us", t->restore_us);
	jsonw_u64(w, "answer_us", t->answer_us);
	jsonw_u64(w, "settle_us", t->settle_us);
	jsonw_u64(w, "fill_us", t->fill_us);
	jsonw_u64(w, "wait_us", t->wait_us);
	jsonw_u64(w, "teardown_us", t->teardown_us);
	jsonw_u64(w, "player_us", t->player_us);
	jsonw_u64(w, "host_us", t->host_us);
	jsonw_close(w);
}

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static const char *relative(const char *run, const char *dir)
{
	size_t len = strlen(run);

	if (len && dir && strncmp(dir, run, len) == 0 && dir[len] == '/')
		return dir + len + 1;
	return or_null(dir);
}

void results_json_case(struct jsonw *w, const char *dir, const struct case_result *c)
{
	char id[256];

	jsonw_object(w, NULL);
	jsonw_str(w, "id", report_name(c, id, sizeof(id)));
	jsonw_str(w, "case", c->name);
	jsonw_str(w, "theme", or_null(c->theme));
	jsonw_str(w, "kernel", c->kernel);
	jsonw_str(w, "release", or_null(c->release));
	jsonw_str(w, "cgroup", cgroup_version_name(c->cgroup));
	jsonw_u64(w, "repeat", c->repeat);
	jsonw_str(w, "accel", or_null(c->accel));
	jsonw_str(w, "verdict", verdict_name(c->verdict));
	jsonw_str(w, "reason", or_null(c->reason));
	jsonw_u64(w, "duration_ms", c->duration_ms);
	jsonw_str(w, "dir", relative(dir, c->dir));
	jsonw_str(w, "reproduce", or_null(c->reproduce));
	jsonw_str(w, "claim", or_null(c->claim));
	jsonw_str(w, "claim_source", or_null(c->claim_source));
	jsonw_str(w, "claim_truth", or_null(c->claim_truth));
	put_prediction(w, c->prediction);
	put_checks(w, c->judgement);
	put_figures(w, c);
	put_timing(w, &c->timing);
	jsonw_close(w);
}

/* The JSON object of one case as a string. NULL: no memory. */
static char *case_json(const struct results *r, const struct case_result *c)
{
	char buf[4096], *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct jsonw w;
	int err;

	if (!out)
		return NULL;
	jsonw_init_stream(&w, buf, sizeof(buf), out);
	results_json_case(&w, r->facts.dir, c);
	err = (int)jsonw_finish(&w);
	if (fclose(out) == EOF || err < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void put_number(struct jsonw *w, const char *key, uint64_t v)
{
	if (v)
		jsonw_u64(w, key, v);
	else
		jsonw_null(w, key);
}

static void put_host(struct jsonw *w, const struct run_facts *facts)
{
	jsonw_object(w, "host");
	jsonw_str(w, "node", or_null(facts->node));
	jsonw_str(w, "release", or_null(facts->release));
	jsonw_str(w, "arch", or_null(facts->arch));
	put_number(w, "nr_cpus", facts->nr_cpus);
	put_number(w, "mem_total_kb", facts->mem_total_kb);
	jsonw_str(w, "qemu", or_null(facts->qemu));
	jsonw_close(w);
}

/* Of a run without guests: nothing. */
static void put_guests(struct jsonw *w, const struct guest_stats *g)
{
	if (!g->nr_boots && !g->nr_restored) {
		jsonw_null(w, "guests");
		return;
	}
	jsonw_object(w, "guests");
	jsonw_u64(w, "boots", g->nr_boots);
	jsonw_u64(w, "boot_ms", g->boot_ms);
	jsonw_u64(w, "saved", g->nr_saved);
	jsonw_u64(w, "save_ms", g->save_ms);
	jsonw_u64(w, "restored", g->nr_restored);
	jsonw_u64(w, "restore_ms", g->restore_ms);
	jsonw_close(w);
}

static void put_verdicts(struct jsonw *w, const size_t *nr)
{
	jsonw_u64(w, "pass", nr[VERDICT_PASS]);
	jsonw_u64(w, "fail", nr[VERDICT_FAIL]);
	jsonw_u64(w, "skip", nr[VERDICT_SKIP]);
	jsonw_u64(w, "broken", nr[VERDICT_BROKEN]);
}

static uint64_t ppm(double percent)
{
	return (uint64_t)(percent * 10000 + 0.5);
}

/* Of what was played more than once. */
static void put_repeats(struct jsonw *w, const struct tally *t)
{
	jsonw_array(w, "repeats");
	for (size_t i = 0; i < t->nr; i++) {
		const unsigned int *nr = t->rows[i].nr;
		unsigned int n = nr[VERDICT_PASS] + nr[VERDICT_FAIL];
		double low, high;

		if (n + nr[VERDICT_SKIP] + nr[VERDICT_BROKEN] < 2)
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "id", t->rows[i].name);
		put_verdicts(w, (const size_t[]){ nr[0], nr[1], nr[2], nr[3] });
		if (n) {
			tally_interval(nr[VERDICT_FAIL], n, &low, &high);
			jsonw_u64(w, "fail_ppm", ppm(100.0 * nr[VERDICT_FAIL] / n));
			jsonw_u64(w, "fail_low_ppm", ppm(low));
			jsonw_u64(w, "fail_high_ppm", ppm(high));
		} else {
			jsonw_null(w, "fail_ppm");
			jsonw_null(w, "fail_low_ppm");
			jsonw_null(w, "fail_high_ppm");
		}
		jsonw_close(w);
	}
	jsonw_close(w);
}

void results_json_head(struct jsonw *w, const struct run_facts *facts, const size_t *counts,
		       const struct tally *tally)
{
	jsonw_object(w, NULL);
	jsonw_u64(w, "schema", RESULTS_SCHEMA);
	jsonw_str(w, "oomlab", OOMLAB_VERSION);
	jsonw_str(w, "run", or_null(facts->run_id));
	jsonw_str(w, "started", or_null(facts->started));
	jsonw_str(w, "command", or_null(facts->command));
	jsonw_bool(w, "finished", facts->finished);
	jsonw_u64(w, "planned", facts->nr_planned);
	if (facts->seed)
		jsonw_u64(w, "seed", facts->seed);
	else
		jsonw_null(w, "seed");
	jsonw_object(w, "shard");
	jsonw_u64(w, "index", facts->shard);
	jsonw_u64(w, "of", facts->nr_shards);
	jsonw_close(w);
	put_host(w, facts);
	put_guests(w, &facts->guests);
	put_number(w, "elapsed_ms", facts->elapsed_ms);
	jsonw_object(w, "counts");
	put_verdicts(w, counts);
	jsonw_close(w);
	put_repeats(w, tally);
	jsonw_array(w, "cases");
}

static void put_document(struct jsonw *w, const struct results *r)
{
	results_json_head(w, &r->facts, r->counts, &r->tally);
	for (size_t i = 0; i < r->nr_cases; i++)
		jsonw_raw(w, NULL, r->cases[i], strlen(r->cases[i]));
}

static int write_file(const struct results *r, const char *path)
{
	FILE *out __fclose = fopen(path, "we");
	char buf[4096];
	struct jsonw w;
	ssize_t n;

	if (!out)
		return -errno;
	jsonw_init_stream(&w, buf, sizeof(buf), out);
	put_document(&w, r);
	n = jsonw_finish(&w);
	if (n < 0)
		return (int)n;
	fputc('\n', out);
	if (fflush(out) == EOF)
		return -errno;
	/* Once, at the end: a power cut must not leave a renamed, empty file. */
	return r->facts.finished && fsync(fileno(out)) < 0 ? -errno : 0;
}

int results_json_write(const struct results *r, struct fail *f)
{
	char path[RESULTS_PATH_LEN + 16], fresh[RESULTS_PATH_LEN + 24];
	int err;

	snprintf(path, sizeof(path), "%s/results.json", r->facts.dir);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	err = write_file(r, fresh);
	if (!err && rename(fresh, path) < 0)
		err = -errno;
	if (err) {
		unlink(fresh);
		return fail_errno(f, err, "write %s", path);
	}
	return 0;
}

/* Takes the text over. NULL: it could not be made. */
static int keep(struct results *r, char *json, const struct case_result *c)
{
	char **more = json ? reallocarray(r->cases, r->nr_cases + 1, sizeof(*more)) : NULL;

	if (more)
		r->cases = more;
	if (!more || tally_add(&r->tally, c) < 0) {
		free(json);
		return -ENOMEM;
	}
	more[r->nr_cases++] = json;
	r->counts[c->verdict]++;
	return 0;
}

int results_add_json(struct results *r, const char *json, const struct case_result *c)
{
	return keep(r, strdup(json), c);
}

/* After thousands of results all is long to write: at most a twentieth of the time is for that. */
int results_add(struct results *r, const struct case_result *c, struct fail *f)
{
	uint64_t from_us, took_us;
	int err;

	if (keep(r, case_json(r, c), c) < 0)
		return fail_errno(f, -ENOMEM, "keep the result of %s", c->name);
	from_us = proc_now_us();
	if (from_us < r->rest_until_us)
		return 0;
	err = results_json_write(r, f);
	took_us = proc_now_us() - from_us;
	r->rest_until_us =
		took_us > LONG_WRITE_US && r->nr_cases > MANY_CASES ? from_us + 20 * took_us : 0;
	return err;
}
