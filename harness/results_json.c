// SPDX-License-Identifier: MIT
/*
 * results.json. Numbers are integers with their unit in the name; paths are relative to the file,
 * so that the folder can be moved; what is not known is null, not 0.
 */
#include "harness/results_impl.h"
#include "lib/fs.h"
#include "lib/jsonw.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

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

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static const char *relative(const struct results *r, const char *dir)
{
	size_t len = strlen(r->dir);

	if (dir && strncmp(dir, r->dir, len) == 0 && dir[len] == '/')
		return dir + len + 1;
	return or_null(dir);
}

static void put_case(struct jsonw *w, const struct results *r, const struct case_result *c)
{
	char id[256];

	jsonw_object(w, NULL);
	jsonw_str(w, "id", report_name(c, id, sizeof(id)));
	jsonw_str(w, "case", c->name);
	jsonw_str(w, "kernel", c->kernel);
	jsonw_str(w, "release", or_null(c->release));
	jsonw_str(w, "cgroup", cgroup_version_name(c->cgroup));
	jsonw_u64(w, "repeat", c->repeat);
	jsonw_str(w, "accel", or_null(c->accel));
	jsonw_str(w, "verdict", verdict_name(c->verdict));
	jsonw_str(w, "reason", or_null(c->reason));
	jsonw_u64(w, "duration_ms", c->duration_ms);
	jsonw_str(w, "dir", relative(r, c->dir));
	jsonw_str(w, "reproduce", or_null(c->reproduce));
	jsonw_str(w, "claim", or_null(c->claim));
	jsonw_str(w, "claim_source", or_null(c->claim_source));
	jsonw_str(w, "claim_truth", or_null(c->claim_truth));
	put_prediction(w, c->prediction);
	put_checks(w, c->judgement);
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
	put_case(&w, r, c);
	err = (int)jsonw_finish(&w);
	if (fclose(out) == EOF || err < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void put_host(struct jsonw *w, const struct results *r)
{
	struct utsname uts = { 0 };
	uint64_t mem_kb = 0;
	int root __close = fs_root_open("/");

	uname(&uts);
	jsonw_object(w, "host");
	jsonw_str(w, "node", uts.nodename);
	jsonw_str(w, "release", uts.release);
	jsonw_str(w, "arch", uts.machine);
	jsonw_u64(w, "nr_cpus", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN));
	if (root >= 0 && fs_key_u64(root, "proc/meminfo", "MemTotal", &mem_kb) == 0)
		jsonw_u64(w, "mem_total_kb", mem_kb);
	else
		jsonw_null(w, "mem_total_kb");
	jsonw_str(w, "qemu", or_null(r->qemu));
	jsonw_close(w);
}

static void put_document(struct jsonw *w, const struct results *r, bool finished)
{
	jsonw_object(w, NULL);
	jsonw_u64(w, "schema", RESULTS_SCHEMA);
	jsonw_str(w, "run", r->run_id);
	jsonw_str(w, "started", r->started);
	jsonw_str(w, "command", r->command);
	jsonw_bool(w, "finished", finished);
	put_host(w, r);
	jsonw_object(w, "counts");
	jsonw_u64(w, "pass", r->counts[VERDICT_PASS]);
	jsonw_u64(w, "fail", r->counts[VERDICT_FAIL]);
	jsonw_u64(w, "skip", r->counts[VERDICT_SKIP]);
	jsonw_u64(w, "broken", r->counts[VERDICT_BROKEN]);
	jsonw_close(w);
	jsonw_array(w, "cases");
	for (size_t i = 0; i < r->nr_cases; i++)
		jsonw_raw(w, NULL, r->cases[i], strlen(r->cases[i]));
	jsonw_close(w);
	jsonw_close(w);
}

static int write_file(const struct results *r, const char *path, bool finished)
{
	FILE *out __fclose = fopen(path, "we");
	char buf[4096];
	struct jsonw w;
	ssize_t n;

	if (!out)
		return -errno;
	jsonw_init_stream(&w, buf, sizeof(buf), out);
	put_document(&w, r, finished);
	n = jsonw_finish(&w);
	if (n < 0)
		return (int)n;
	fputc('\n', out);
	if (fflush(out) == EOF)
		return -errno;
	/* Once, at the end: a power cut must not leave a renamed, empty file. */
	return finished && fsync(fileno(out)) < 0 ? -errno : 0;
}

int results_json_write(const struct results *r, bool finished, struct fail *f)
{
	char path[RESULTS_PATH_LEN + 16], fresh[RESULTS_PATH_LEN + 24];
	int err;

	snprintf(path, sizeof(path), "%s/results.json", r->dir);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	err = write_file(r, fresh, finished);
	if (!err && rename(fresh, path) < 0)
		err = -errno;
	if (err) {
		unlink(fresh);
		return fail_errno(f, err, "write %s", path);
	}
	return 0;
}

int results_add(struct results *r, const struct case_result *c, struct fail *f)
{
	char **more = reallocarray(r->cases, r->nr_cases + 1, sizeof(*more));

	if (!more)
		return fail_errno(f, -ENOMEM, "keep the result of %s", c->name);
	r->cases = more;
	more[r->nr_cases] = case_json(r, c);
	if (!more[r->nr_cases])
		return fail_errno(f, -ENOMEM, "keep the result of %s", c->name);
	r->nr_cases++;
	r->counts[c->verdict]++;
	return results_json_write(r, false, f);
}
