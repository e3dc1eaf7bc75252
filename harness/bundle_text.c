// SPDX-License-Identifier: MIT
/* What a bundle says beside the files of the run: the log explained, and the tree with its counters. */
#include "harness/bundle.h"
#include "harness/explain.h"

#include <fcntl.h>

static void on_report(void *ctx, const struct oom_report *r)
{
	struct jsonw *w = ctx;
	struct badness_verdict v;

	if (badness_judge_report(r, &v) == -ENOMEM)
		w->err = -ENOMEM;
	jsonw_object(w, NULL);
	explain_json(w, r, &v);
	jsonw_close(w);
	badness_verdict_free(&v);
}

int bundle_explain(const char *log, char **ret, size_t *len, struct fail *f)
{
	int fd __close = open(log, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *out = open_memstream(ret, len);
	char buf[4096];
	struct jsonw w;
	struct oom_parser *p = oom_parser_new(on_report, &w);
	int err = fd < 0 ? -errno : out && p ? 0 : -ENOMEM;

	if (out)
		jsonw_init_stream(&w, buf, sizeof(buf), out);
	if (!err) {
		jsonw_object(&w, NULL);
		jsonw_u64(&w, "schema", 1);
		jsonw_array(&w, "events");
		err = explain_read(fd, p, f);
	}
	if (!err && jsonw_finish(&w) < 0)
		err = -ENOMEM;
	oom_parser_free(p);
	if (out && fclose(out) && !err)
		err = -ENOMEM;
	return err ? fail_errno(f, err, "explain %s", log) : 0;
}

static void put_knobs(const struct evidence *e, const char *cgroup, FILE *out)
{
	for (size_t i = 0; i < e->nr_knobs; i++)
		if (str_eq(e->knobs[i].cgroup, cgroup))
			fprintf(out, "  %-28s %s\n", e->knobs[i].file,
				e->knobs[i].has_reads ? e->knobs[i].reads : e->knobs[i].wrote);
}

static void put_workers(const struct evidence *e, const char *cgroup, FILE *out)
{
	for (size_t i = 0; i < e->nr_workers; i++) {
		const struct ev_worker *w = &e->workers[i];

		if (str_eq(w->cgroup, cgroup))
			fprintf(out, "  * %s, pid %lld, oom_score_adj %d: %s\n", w->name,
				(long long)w->pid, w->oom_score_adj, death_name(w->death));
	}
}

static void put_counters(const struct evidence *e, const char *cgroup, FILE *out)
{
	for (size_t i = 0; i < e->nr_counters; i++) {
		const struct ev_counter *c = &e->counters[i];
		int64_t after;

		if (!str_eq(c->cgroup, cgroup) || !str_eq(c->when, "before"))
			continue;
		fprintf(out, "  %-20s %-14s %lld", c->file, c->key, (long long)c->value);
		if (evidence_counter(e, "after", cgroup, c->file, c->key, &after) == 0)
			fprintf(out, " -> %lld\n", (long long)after);
		else
			fputs(" -> not read\n", out);
	}
}

int bundle_tree(const struct evidence *e, char **ret, size_t *len)
{
	FILE *out = open_memstream(ret, len);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s\n", *e->root ? e->root : "our root");
	put_workers(e, "", out);
	put_counters(e, "", out);
	for (size_t i = 0; e->plan && i < e->plan->nr_cgroups; i++) {
		const char *path = e->plan->cgroups[i].path;

		fprintf(out, "%s/%s\n", e->root, path);
		put_knobs(e, path, out);
		put_workers(e, path, out);
		put_counters(e, path, out);
	}
	return fclose(out) ? -ENOMEM : 0;
}
