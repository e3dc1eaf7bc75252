// SPDX-License-Identifier: MIT
/* workers: name, kind, size, place, protection. */
#include "harness/schema.h"
#include "lib/kinds.h"
#include "lib/nodemask.h"

#define WORKERS_MAX 128 /* what the player has room for (harness/stage.h) */

#define NAME(id, name)	       name,
#define BEHIND_COMMA(id, name) ", " name

static const char *const kinds[] = { WORKLOAD_KINDS(NAME) NULL };
static const char kinds_text[] = WORKLOAD_KINDS(BEHIND_COMMA); /* ", anon, ..." */

static void read_kind(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	struct case_worker *w = to;
	int i;

	if (value_choice(r, v, row->key, kinds, &i))
		str_copy(w->kind, sizeof(w->kind), kinds[i]);
}

static void read_worker_cgroup(struct reader *r, const struct schema_row *row,
			       const struct ynode *v, void *to)
{
	struct case_worker *w = to;
	const char *path = read_cgroup_ref(r, v);

	(void)row;
	r->places_bad |= !path;
	if (path)
		str_copy(w->cgroup, sizeof(w->cgroup), path);
}

static void read_mempolicy(struct reader *r, const struct schema_row *row, const struct ynode *v,
			   void *to)
{
	static const char *const with_nodes[] = { "bind:", "preferred:", "interleave:",
						  "preferred-many:", "weighted-interleave:" };
	struct nodemask nodes;

	if (!value_is_scalar(r, v, row->key))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(with_nodes); i++) {
		const char *list = v->text + strlen(with_nodes[i]);

		if (str_starts(v->text, with_nodes[i]) && nodemask_parse(list, &nodes) == 0 &&
		    nodemask_weight(&nodes)) {
			row_chars(r, row, v, to);
			return;
		}
	}
	if (str_eq(v->text, "local") || str_eq(v->text, "default"))
		row_chars(r, row, v, to);
	else
		told(r, v,
		     "mempolicy '%s': bind:NODES, preferred:NODE, interleave:NODES, local or "
		     "default is due, NODES as 0,2-3",
		     v->text);
}

static void read_rate(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	struct case_worker *w = to;
	char digits[32];
	uint64_t rate;
	size_t n;

	if (!value_is_scalar(r, v, row->key))
		return;
	n = strlen(v->text);
	if (n > 2 && n < sizeof(digits) && str_eq(v->text + n - 2, "/s")) {
		str_copy(digits, n - 1, v->text);
		if (bytes_parse(digits, &rate) == 0 && rate > 0) {
			snprintf(w->rate, sizeof(w->rate), "%llu", (unsigned long long)rate);
			return;
		}
	}
	told(r, v, "rate '%s': bytes a second are due, as 10MiB/s", v->text);
}

static void each_arg(struct reader *r, const struct ynode *v, void *to)
{
	/* The planner writes these; two of one would leave it open which holds. */
	static const char *const ours[] = {
		"--name",     "--size", "--oom-score-adj",   "--mempolicy", "--rate",
		"--ready-fd", "--hold", "--die-with-parent", "--cgroup"
	};
	struct case_worker *w = to;
	char **arg;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		size_t n = strlen(ours[i]);

		if (strncmp(v->text, ours[i], n) == 0 && (!v->text[n] || v->text[n] == '=')) {
			told(r, v, "args '%s': the harness gives this option itself", v->text);
			return;
		}
	}
	if (!str_starts(v->text, "--") || strlen(v->text) > 200) {
		told(r, v, "args '%s': an option of oomhog is due, as --dirty or --chunk=1MiB",
		     v->text);
		return;
	}
	arg = GROW(r, w->extra_args, w->nr_extra_args);
	if (arg && !(*arg = strdup(v->text)))
		r->d->err = -ENOMEM;
}

static void read_args(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	value_each(r, v, row->key, to, each_arg);
}

void read_workers(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	if (!v->child)
		told(r, v, "workers: at least one is due, as hog: {kind: anon, size: 100MiB}");
	for (v = v->child; v; v = v->next) {
		struct case_worker *w;

		if (!value_worker_name(r, v->key)) {
			r->workers_bad = true;
			continue;
		}
		if (r->c->nr_workers == WORKERS_MAX) {
			told(r, v->key, "more than %d workers", WORKERS_MAX);
			return;
		}
		w = GROW(r, r->c->workers, r->c->nr_workers);
		if (!w)
			return;
		str_copy(w->name, sizeof(w->name), v->key->text);
		w->where = (struct where){ r->c->file, v->key->line, v->key->column };
		schema_read(r, &schema_worker, v, w);
	}
}

static struct case_worker *worker_named(struct reader *r, const struct ynode *v, const char *name)
{
	const char *names[WORKERS_MAX + 1], *near;
	size_t n = 0;

	for (size_t i = 0; i < r->c->nr_workers; i++) {
		if (str_eq(r->c->workers[i].name, name))
			return &r->c->workers[i];
		names[n++] = r->c->workers[i].name;
	}
	names[n] = NULL;
	if (r->workers_bad)
		return NULL;
	near = diag_nearest(name, names);
	told(r, v, "no worker '%s'%s%s%s", name, near ? "; did you mean '" : " in workers",
	     near ? near : "", near ? "'?" : "");
	return NULL;
}

struct case_worker *read_worker_ref(struct reader *r, const struct ynode *v)
{
	return value_is_scalar(r, v, "a worker's name") ? worker_named(r, v, v->text) : NULL;
}

struct case_worker *read_task_ref(struct reader *r, const struct ynode *v)
{
	unsigned int child, children;
	struct case_worker *w;
	char name[16];

	if (!value_is_scalar(r, v, "a worker's name"))
		return NULL;
	if (!strchr(v->text, '/'))
		return worker_named(r, v, v->text);
	if (!task_split(v->text, name, sizeof(name), &child)) {
		told(r, v, "'%s': NAME, or NAME/1 for its first child, is due", v->text);
		return NULL;
	}
	w = worker_named(r, v, name);
	children = w ? task_children(w->kind, w->extra_args, w->nr_extra_args) : 0;
	if (!w || child <= children)
		return w;
	if (children)
		told(r, v, "'%s': '%s' has %u child%s", v->text, name, children,
		     children == 1 ? "" : "ren");
	else
		told(r, v, "'%s': kind %s has no children; fork and shared-mm have", v->text,
		     w->kind);
	return NULL;
}

static const struct schema_row worker_rows[] = {
	{ "kind", kinds_text + 2, "what memory it takes (`oomhog --help`)", .read = read_kind,
	  .required = true },
	{ "size", "size",
	  "how much, also `50% of MemAvailable`, `120% of limit`, `90% of node 1 free`",
	  .read = row_size, ROW_FIELD(struct case_worker, size), .required = true },
	{ "cgroup", "PATH", "where it lives; our own root, `.`, if not given",
	  .read = read_worker_cgroup },
	{ "oom_score_adj", "-1000 to 1000", "0 if not given", .read = row_int,
	  ROW_FIELD(struct case_worker, oom_score_adj), .lo = -1000, .hi = 1000 },
	{ "uid", "0 to 65534", "its user and group; root if not given", .read = row_int,
	  ROW_FIELD(struct case_worker, uid), .lo = 0, .hi = 65534 },
	{ "nice", "-20 to 19", "0 if not given", .read = row_int,
	  ROW_FIELD(struct case_worker, nice), .lo = -20, .hi = 19 },
	{ "mempolicy", "bind:1, interleave:0-1, ...", "its NUMA policy", .read = read_mempolicy,
	  ROW_FIELD(struct case_worker, mempolicy) },
	{ "rate", "10MiB/s", "how fast it takes; as fast as it goes if not given",
	  .read = read_rate },
	{ "args", "[--OPTION, ...]", "further options of oomhog", .read = read_args },
	{ .key = NULL },
};

const struct schema schema_worker = { "a worker", "A worker", worker_rows };
