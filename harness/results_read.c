// SPDX-License-Identifier: MIT
/*
 * Reads back what a run left, to be judged again. results.json names folders: they are taken only
 * if they lie below it, for a results folder may come from someone else.
 */
#include "harness/results_impl.h"
#include "lib/fs.h"

#include <fts.h>
#include <jansson.h>
#include <sys/stat.h>

static struct stored_case *add(struct stored_case **cases, size_t *nr)
{
	struct stored_case *more = reallocarray(*cases, *nr + 1, sizeof(*more));

	if (!more)
		return NULL;
	*cases = more;
	return memset(&more[(*nr)++], 0, sizeof(*more));
}

void stored_free(struct stored_case *cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct stored_case *c = &cases[i];

		free(c->evidence);
		free(c->name);
		free(c->theme);
		free(c->kernel);
		free(c->release);
		free(c->accel);
		free(c->reason);
		free(c->reproduce);
		free(c->claim);
		free(c->claim_source);
		free(c->claim_truth);
		judgement_free(&c->judgement);
		free(c->figures);
	}
	free(cases);
}

/* "three-hogs.r7" is the seventh repeat of three-hogs. */
static unsigned int repeat_of(const char *evidence)
{
	char dir[RESULTS_PATH_LEN], *slash, *dot, *end;
	unsigned long n;

	str_copy(dir, sizeof(dir), evidence);
	slash = strrchr(dir, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	dot = strrchr(dir, '.');
	if (!dot || dot[1] != 'r' || strchr(dot, '/'))
		return 0;
	n = strtoul(dot + 2, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? (unsigned int)n : 0;
}

static int add_evidence(const char *path, struct stored_case **cases, size_t *nr)
{
	struct stored_case *c = add(cases, nr);

	if (!c)
		return -ENOMEM;
	c->evidence = strdup(path);
	c->repeat = repeat_of(path);
	return c->evidence ? 0 : -ENOMEM;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(const char *dir, struct stored_case **cases, size_t *nr, struct fail *f)
{
	char *copy __free = strdup(dir);
	char *roots[] = { copy, NULL };
	FTS *fts =
		copy ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name) : NULL;
	FTSENT *entry;
	int err = 0;

	if (!fts)
		return fail_errno(f, -errno, "read the folder %s", dir);
	while (!err && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_F && str_eq(entry->fts_name, "evidence.jsonl"))
			err = add_evidence(entry->fts_path, cases, nr);
		else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			err = -entry->fts_errno; /* what is not seen would be judged by nobody */
	}
	err = err ?: -errno; /* fts_read(3) sets it, also to 0 */
	fts_close(fts);
	return err ? fail_errno(f, err, "read the folder %s", dir) : 0;
}

static char *dup_member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return strdup(s ? s : "");
}

static int verdict_of(const json_t *o, enum verdict *ret)
{
	const char *s = json_string_value(json_object_get(o, "verdict"));

	for (int v = VERDICT_PASS; s && v <= VERDICT_BROKEN; v++) {
		if (!str_eq(s, verdict_name(v)))
			continue;
		*ret = v;
		return 0;
	}
	return -EBADMSG;
}

/* Its folder's evidence, if there is any: a case that was skipped, or whose guest never came, has
 * none.
 */
static int find_evidence(const char *base, const json_t *o, struct stored_case *c)
{
	const char *dir = json_string_value(json_object_get(o, "dir"));
	char path[2 * RESULTS_PATH_LEN];
	int root __close = -1;

	if (!dir)
		return 0;
	snprintf(path, sizeof(path), "%s/evidence.jsonl", dir);
	root = fs_root_open(base);
	if (root < 0 || !fs_exists(root, path)) /* refuses "/..." and ".." */
		return 0;
	snprintf(path, sizeof(path), "%s/%s/evidence.jsonl", base, dir);
	c->evidence = strdup(path);
	return c->evidence ? 0 : -ENOMEM;
}

static int read_case(const char *base, const json_t *o, struct stored_case *c)
{
	const char *cgroup = json_string_value(json_object_get(o, "cgroup"));
	json_int_t ms = json_integer_value(json_object_get(o, "duration_ms"));
	json_int_t repeat = json_integer_value(json_object_get(o, "repeat"));
	int err = verdict_of(o, &c->verdict);

	if (err || !cgroup || ms < 0 || repeat < 0 || repeat > UINT32_MAX)
		return -EBADMSG;
	c->has_verdict = true;
	c->cgroup = str_eq(cgroup, "v1") ? CGROUP_V1 : CGROUP_V2;
	c->duration_ms = (uint64_t)ms;
	c->repeat = (unsigned int)repeat;
	c->name = dup_member(o, "case");
	c->theme = dup_member(o, "theme");
	c->kernel = dup_member(o, "kernel");
	c->release = dup_member(o, "release");
	c->accel = dup_member(o, "accel");
	c->reason = dup_member(o, "reason");
	c->reproduce = dup_member(o, "reproduce");
	c->claim = dup_member(o, "claim");
	c->claim_source = dup_member(o, "claim_source");
	c->claim_truth = dup_member(o, "claim_truth");
	if (!c->name || !c->theme || !c->kernel || !c->release || !c->accel || !c->reason ||
	    !c->reproduce || !c->claim || !c->claim_source || !c->claim_truth)
		return -ENOMEM;
	err = stored_checks_read(o, c);
	return err ? err : find_evidence(base, o, c);
}

static int read_json(const char *base, const char *file, struct stored_case **cases, size_t *nr,
		     struct fail *f)
{
	json_error_t je;
	json_t *doc = json_load_file(file, JSON_REJECT_DUPLICATES, &je), *list, *o;
	int err = 0;
	size_t i;

	if (!doc)
		return fail_set(f, -EBADMSG, "%s:%d:%d: %s", file, je.line, je.column, je.text);
	list = json_object_get(doc, "cases");
	if (json_integer_value(json_object_get(doc, "schema")) != RESULTS_SCHEMA ||
	    !json_is_array(list))
		err = fail_set(f, -EBADMSG, "%s: not results of schema %d", file, RESULTS_SCHEMA);
	json_array_foreach (list, i, o) {
		struct stored_case *c = err ? NULL : add(cases, nr);

		if (err)
			break;
		err = c ? read_case(base, o, c) : -ENOMEM;
		if (err)
			fail_set(f, err, "%s: case %zu cannot be read", file, i + 1);
	}
	json_decref(doc);
	return err;
}

int results_read(const char *path, struct stored_case **ret, size_t *nr, struct fail *f)
{
	struct stored_case *cases = NULL;
	char file[RESULTS_PATH_LEN];
	struct stat st;
	size_t n = 0;
	int err;

	if (stat(path, &st) < 0)
		return fail_errno(f, -errno, "%s", path);
	if ((size_t)snprintf(file, sizeof(file), "%s/results.json", path) >= sizeof(file))
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", path);
	if (!S_ISDIR(st.st_mode))
		err = add_evidence(path, &cases, &n);
	else if (access(file, F_OK) == 0)
		err = read_json(path, file, &cases, &n, f);
	else
		err = walk(path, &cases, &n, f);
	if (!err && !n)
		err = fail_set(f, -ENOENT,
			       "%s: no case in a results.json and no evidence.jsonl in it", path);
	if (err) {
		stored_free(cases, n);
		return err;
	}
	*ret = cases;
	*nr = n;
	return 0;
}

static void folder_of(const char *evidence, char *buf, size_t len)
{
	const char *slash = evidence ? strrchr(evidence, '/') : NULL;

	if (slash)
		snprintf(buf, len, "%.*s", (int)(slash - evidence), evidence);
	else
		str_copy(buf, len, evidence ? "." : "");
}

struct case_result stored_result(const struct stored_case *s, char *buf, size_t len)
{
	folder_of(s->evidence, buf, len);
	return (struct case_result){
		.name = s->name,
		.theme = s->theme,
		.kernel = s->kernel,
		.release = s->release,
		.cgroup = s->cgroup,
		.repeat = s->repeat,
		.verdict = s->verdict,
		.judgement = s->judgement.nr_checks ? &s->judgement : NULL,
		.reason = s->reason,
		.duration_ms = s->duration_ms,
		.dir = buf,
		.reproduce = s->reproduce,
		.accel = s->accel,
		.claim = s->claim,
		.claim_source = s->claim_source,
		.claim_truth = s->claim_truth,
		.figures = s->figures,
		.nr_figures = s->nr_figures,
		.timing = s->timing,
		.prediction = s->prediction.known ? &s->prediction : NULL,
	};
}

static void text_member(const json_t *o, const char *key, char *buf, size_t len)
{
	const char *s = json_string_value(json_object_get(o, key));

	str_copy(buf, len, s ? s : "");
}

static uint64_t number_member(const json_t *o, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(o, key));

	return v > 0 ? (uint64_t)v : 0;
}

static void read_guests(const json_t *o, struct guest_stats *g)
{
	g->nr_boots = number_member(o, "boots");
	g->boot_ms = number_member(o, "boot_ms");
	g->nr_saved = number_member(o, "saved");
	g->save_ms = number_member(o, "save_ms");
	g->nr_restored = number_member(o, "restored");
	g->restore_ms = number_member(o, "restore_ms");
}

void results_read_facts(const char *path, struct run_facts *x)
{
	char file[RESULTS_PATH_LEN];
	const json_t *host;
	json_t *doc;

	*x = (struct run_facts){ 0 };
	if ((size_t)snprintf(file, sizeof(file), "%s/results.json", path) >= sizeof(file))
		return;
	doc = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
	host = json_object_get(doc, "host");
	str_copy(x->dir, sizeof(x->dir), path);
	text_member(doc, "run", x->run_id, sizeof(x->run_id));
	text_member(doc, "started", x->started, sizeof(x->started));
	text_member(doc, "command", x->command, sizeof(x->command));
	x->nr_planned = number_member(doc, "planned");
	x->seed = number_member(doc, "seed");
	x->shard = (unsigned int)number_member(json_object_get(doc, "shard"), "index");
	x->nr_shards = (unsigned int)number_member(json_object_get(doc, "shard"), "of");
	x->finished = json_is_true(json_object_get(doc, "finished"));
	text_member(host, "qemu", x->qemu, sizeof(x->qemu));
	text_member(host, "node", x->node, sizeof(x->node));
	text_member(host, "release", x->release, sizeof(x->release));
	text_member(host, "arch", x->arch, sizeof(x->arch));
	read_guests(json_object_get(doc, "guests"), &x->guests);
	x->elapsed_ms = number_member(doc, "elapsed_ms");
	x->nr_cpus = number_member(host, "nr_cpus");
	x->mem_total_kb = number_member(host, "mem_total_kb");
	json_decref(doc);
}
