// SPDX-License-Identifier: MIT
/* expect: what must be true after the steps, and `when` it differs. */
#include "harness/schema.h"
#include "lib/nodemask.h"

#define EXPECTS_MAX 2000

struct case_expect *new_expect_at(struct reader *r, const struct ynode *v, enum expect_kind kind,
				  const char *subject, const char *file, const char *key)
{
	struct case_expect *e;

	if (v->bad)
		return NULL;
	if (ynode_is_null(v) && !r->in_when) {
		told(r, v, "a value is due here; '~' drops an expectation, under 'when' only");
		return NULL;
	}
	if (r->c->nr_expects == EXPECTS_MAX) {
		told(r, v, "more than %d expectations", EXPECTS_MAX);
		return NULL;
	}
	e = GROW(r, r->c->expects, r->c->nr_expects);
	if (e) {
		e->kind = kind;
		e->when = r->when;
		e->where = (struct where){ r->c->file, v->line, v->column };
		e->range = (struct range){ INT64_MIN, INT64_MAX };
		e->dropped = ynode_is_null(v);
		str_copy(e->subject, sizeof(e->subject), subject);
		str_copy(e->file, sizeof(e->file), file);
		str_copy(e->key, sizeof(e->key), key);
	}
	return e && !e->dropped ? e : NULL;
}

static struct case_expect *new_expect(struct reader *r, const struct ynode *v, int kind)
{
	char key[24] = "";

	if (r->report > 1)
		snprintf(key, sizeof(key), "report %u", r->report);
	return new_expect_at(r, v, (enum expect_kind)kind, "", "", key);
}

/* A child that dies with its parent would prove nothing. */
static void check_sharer(struct reader *r, const struct ynode *v, const struct case_worker *w)
{
	if (!str_eq(w->kind, "shared-mm"))
		told(r, v, "'%s' shares its mm with none: kind shared-mm is due, not %s", v->text,
		     w->kind);
	else if (!str_eq(w->name, v->text) && !task_child_stays(w->extra_args, w->nr_extra_args))
		told(r, v,
		     "'%s' dies with its parent anyway: args: [--child-stays] of '%s' are due",
		     v->text, w->name);
}

static void each_name(struct reader *r, const struct ynode *v, void *to)
{
	struct case_expect *e = to;
	const struct case_worker *w = read_task_ref(r, v);
	char(*name)[CASE_TASK_LEN];

	if (!w)
		return;
	for (size_t i = 0; i < e->nr_names; i++) {
		if (str_eq(e->names[i], v->text)) {
			told(r, v, "'%s' is named twice; a worker dies or lives once", v->text);
			return;
		}
	}
	if (w->oom_score_adj == -1000 && str_eq(w->name, v->text) &&
	    e->kind <= EXPECT_VICTIMS_ANY_ORDER)
		told(r, v, "'%s' cannot be a victim: its oom_score_adj is -1000", w->name);
	if (e->kind == EXPECT_TAKEN_ALONG)
		check_sharer(r, v, w);
	name = GROW(r, e->names, e->nr_names);
	if (name)
		str_copy(*name, sizeof(*name), v->text);
}

static void expect_names(struct reader *r, const struct schema_row *row, const struct ynode *v,
			 void *to)
{
	enum expect_kind kind = (enum expect_kind)row->kind;
	struct case_expect *e;

	(void)to;
	if (kind == EXPECT_VICTIMS && v->kind == YNODE_MAP) {
		const struct ynode *list = ynode_get(v, "any_order");

		if (!list || v->child->next) {
			told(r, v, "victims: [NAME, ...] or {any_order: [NAME, ...]} is due");
			return;
		}
		v = list;
		kind = EXPECT_VICTIMS_ANY_ORDER;
	}
	e = new_expect(r, v, kind);
	if (!e)
		return;
	value_each(r, v, row->key, e, each_name);
	if (kind == EXPECT_SAME_POINTS && v->kind != YNODE_MAP && (!v->child || !v->child->next))
		told(r, v, "%s: two workers are due, or more", row->key);
}

static void expect_true(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_expect *e = new_expect(r, v, row->kind);

	(void)to;
	if (e && value_is_scalar(r, v, row->key) && !str_eq(v->text, "true"))
		told(r, v, "%s '%s': 'true' is due, or leave it out", row->key, v->text);
}

static void set_text(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     struct case_expect *e)
{
	if (!*v->text) /* any panic would hold it, and no model be asked */
		told(r, v, "%s: some text is due", row->key);
	else if (!str_copy(e->text, sizeof(e->text), v->text))
		told(r, v, "%s: at most %zu bytes are due", row->key, sizeof(e->text) - 1);
}

static void expect_text(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_expect *e = new_expect(r, v, row->kind);
	int i;

	(void)to;
	if (e && (row->choices ? value_choice(r, v, row->key, row->choices, &i)
			       : value_is_scalar(r, v, row->key)))
		set_text(r, row, v, e);
}

static void expect_cgroup(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	struct case_expect *e = new_expect(r, v, row->kind);
	const char *path = e ? read_cgroup_ref(r, v) : NULL;

	(void)to;
	if (path)
		str_copy(e->text, sizeof(e->text), path);
}

static void expect_nodes(struct reader *r, const struct schema_row *row, const struct ynode *v,
			 void *to)
{
	struct case_expect *e = new_expect(r, v, row->kind);
	struct nodemask nodes;
	bool none_ok = row->kind == EXPECT_NODEMASK;

	(void)to;
	if (!e || !value_is_scalar(r, v, row->key))
		return;
	if ((none_ok && str_eq(v->text, "(null)")) ||
	    (nodemask_parse(v->text, &nodes) == 0 && nodemask_weight(&nodes)))
		set_text(r, row, v, e);
	else
		told(r, v, "%s '%s': a list of nodes is due, as 1 or 0,2-3%s", row->key, v->text,
		     none_ok ? ", or (null)" : "");
}

static void expect_size(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_expect *e = new_expect(r, v, row->kind);

	(void)to;
	if (e)
		value_range(r, v, row->key, RANGE_SIZES, &e->range);
}

static void expect_vmstat(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	static const char *const keys[] = { "oom_kill", NULL };
	int i;

	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	for (v = v->child; v; v = v->next) {
		struct case_expect *e;

		if (!value_choice(r, v->key, row->key, keys, &i))
			continue;
		e = new_expect_at(r, v, EXPECT_VMSTAT, "", "", keys[i]);
		if (e)
			value_range(r, v, keys[i], RANGE_NUMBERS, &e->range);
	}
}

static void expect_node_free(struct reader *r, const struct schema_row *row, const struct ynode *v,
			     void *to)
{
	char key[16];
	int64_t node;

	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	for (v = v->child; v; v = v->next) {
		struct case_expect *e;

		if (!value_int(r, v->key, "node", 0, (int64_t)r->c->needs.nr_nodes - 1, &node))
			continue;
		snprintf(key, sizeof(key), "%d", (int)node);
		e = new_expect_at(r, v, EXPECT_NODE_FREE, "", "", key);
		if (e)
			value_range(r, v, row->key, RANGE_SIZES, &e->range);
	}
}

static void if_cgroup(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	static const char *const names[] = { "v1", "v2", NULL };
	struct case_when *w = to;
	int i;

	if (!value_choice(r, v, row->key, names, &i))
		return;
	w->cgroup = i ? CGROUP_V2 : CGROUP_V1;
	if (!(i ? r->c->needs.v2 : r->c->needs.v1))
		told(r, v, "cgroup '%s' is not among the case's needs: this never holds", v->text);
}

static void if_kernel(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	struct case_when *w = to;

	(void)row;
	value_kernel(r, v, w->op, &w->major, &w->minor);
}

void read_if(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)row;
	if (value_is_map(r, v, "if") && !v->child)
		told(r, v, "if: cgroup or kernel is due, as {cgroup: v1}");
	else
		schema_read(r, &schema_if, v, to);
}

static void read_when(struct reader *r, const struct ynode *v)
{
	const struct ynode *cond;

	if (!value_is_map(r, v, "when"))
		return;
	cond = ynode_get(v, "if");
	if (!cond || !v->child->next) {
		told(r, v,
		     "when: an 'if' and at least one expectation are due, as "
		     "{if: {cgroup: v1}, counters: ...}");
		return;
	}
	r->in_when = true;
	read_if(r, NULL, cond, &r->when);
	for (v = v->child; v; v = v->next) {
		const struct schema_row *row;

		if (v == cond)
			continue;
		row = schema_find(r, &schema_expect, v->key);
		if (row && str_eq(row->key, "when"))
			told(r, v->key, "when: it cannot be nested; name both in one 'if'");
		else if (row && !v->bad)
			row->read(r, row, v, NULL);
	}
	r->in_when = false;
	r->when = (struct case_when){ 0 };
}

static void expect_when(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	(void)to;
	if (v->kind != YNODE_LIST) {
		told(r, v, "%s: a list is due, '- if: {cgroup: v1}' with expectations below",
		     row->key);
		return;
	}
	for (v = v->child; v; v = v->next)
		read_when(r, v);
}

void read_expect(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)row;
	r->expect = v;
	if (v->kind == YNODE_MAP && !v->child)
		told(r, v,
		     "expect: a case without an expectation proves nothing; say who dies "
		     "(victims) or no_oom: true");
	else
		schema_read(r, &schema_expect, v, to);
}

static const char *const constraints[] = { "CONSTRAINT_NONE", "CONSTRAINT_CPUSET",
					   "CONSTRAINT_MEMORY_POLICY", "CONSTRAINT_MEMCG", NULL };
static const char *const watermarks[] = { "min", "low", "high", NULL };

static const char *const yes_no[] = { "true", "false", NULL };

static const struct schema_row expect_rows[] = {
	{ "victims", "[NAME, ...] or {any_order: [...]}",
	  "killed by the kernel, in this order; here and in the next two also NAME/1, a child",
	  .read = expect_names, .kind = EXPECT_VICTIMS },
	{ "survivors", "[NAME, ...]", "alive when the steps are done", .read = expect_names,
	  .kind = EXPECT_SURVIVORS },
	{ "taken_along", "[NAME, ...]",
	  "killed with a victim whose mm they share (kind shared-mm), which no kill line tells",
	  .read = expect_names, .kind = EXPECT_TAKEN_ALONG },
	{ "rank", "[NAME, ...]", "in this order by points, as the first report's task dump tells",
	  .read = expect_names, .kind = EXPECT_RANK },
	{ "same_points", "[NAME, NAME, ...]", "equal in points there", .read = expect_names,
	  .kind = EXPECT_SAME_POINTS },
	{ "no_oom", "true", "no OOM report and no kill", .read = expect_true,
	  .kind = EXPECT_NO_OOM },
	{ "enomem", "[NAME, ...]", "were told ENOMEM and went", .read = expect_names,
	  .kind = EXPECT_ENOMEM },
	{ "constraint", "CONSTRAINT_NONE, _CPUSET, _MEMORY_POLICY, _MEMCG",
	  "of the first report, as all others of its group; `reports` tells of more",
	  .read = expect_text, .kind = EXPECT_CONSTRAINT, .choices = constraints },
	{ "oom_memcg", "PATH", "the memcg at its limit", .read = expect_cgroup,
	  .kind = EXPECT_OOM_MEMCG },
	{ "task_memcg", "PATH", "the memcg the victim lives in", .read = expect_cgroup,
	  .kind = EXPECT_TASK_MEMCG },
	{ "nodemask", "nodes or (null)", "of the allocation", .read = expect_nodes,
	  .kind = EXPECT_NODEMASK },
	{ "mems_allowed", "nodes", "of the task that allocated", .read = expect_nodes,
	  .kind = EXPECT_MEMS_ALLOWED },
	{ "limit", "range of sizes", "`memory: limit` of the report", .read = expect_size,
	  .kind = EXPECT_LIMIT },
	{ "usage", "range of sizes", "`memory: usage` of the report", .read = expect_size,
	  .kind = EXPECT_USAGE },
	{ "counters", "PATH: {FILE: {KEY: range}}",
	  "by how much a cgroup's counter grew: `memory.events`, `memory.events.local`, "
	  "`memory.swap.events` (v2), `memory.oom_control`, `memory.failcnt` (v1; no KEY)",
	  .read = read_counters, .kind = EXPECT_COUNTER },
	{ "vmstat", "{oom_kill: range}", "by how much it grew", .read = expect_vmstat,
	  .kind = EXPECT_VMSTAT },
	{ "node_free", "{NODE: range of sizes}", "free memory of a node after the steps",
	  .read = expect_node_free, .kind = EXPECT_NODE_FREE },
	{ "zone_free_below", "min, low, high", "some zone of the report is below that watermark",
	  .read = expect_text, .kind = EXPECT_ZONE_BELOW, .choices = watermarks },
	{ "task_dump", "true, false", "the report has its table of tasks", .read = expect_text,
	  .kind = EXPECT_TASK_DUMP, .choices = yes_no },
	{ "reports", "[{constraint: ..., ...}, ...]",
	  "what the reports of the case's kills say, in their order: of each any of `constraint` "
	  "to "
	  "`usage`, `swap_usage`, `zone_free_below`, `task_dump`; {} says nothing of one",
	  .read = read_reports },
	{ "model", "agrees, or why it may not",
	  "our own recomputation of the choice; `agrees` if not given", .read = expect_text,
	  .kind = EXPECT_MODEL },
	{ "panic", "text", "what the kernel's panic must say", .read = expect_text,
	  .kind = EXPECT_PANIC },
	{ "swap_usage", "range of sizes", "swap in use, as the report tells", .read = expect_size,
	  .kind = EXPECT_SWAP_USAGE },
	{ "figures", "{NAME: range of times, WORKER.NAME: range of sizes}",
	  "what a wait measured (`measure`), or what a worker told of itself", .read = read_figures,
	  .kind = EXPECT_FIGURE },
	{ "when", "[when, ...]", "rows that hold only somewhere", .read = expect_when },
	{ .key = NULL },
};

static const struct schema_row when_rows[] = {
	{ "if", "if",
	  "where; beside it any keys of `expect`, each in place of the row of the same "
	  "name (and cgroup, file, key); `~` drops it",
	  .read = read_if, .required = true },
	{ .key = NULL },
};

static const struct schema_row if_rows[] = {
	{ "cgroup", "v1 or v2", "the hierarchy's version", .read = if_cgroup },
	{ "kernel", "'< X.Y', '>= X.Y', ...", "the running kernel; with `cgroup`, both must hold",
	  .read = if_kernel },
	{ .key = NULL },
};

const struct schema schema_expect = { "expect", "`expect`", expect_rows };
const struct schema schema_when = { "when", "`when`", when_rows };
const struct schema schema_if = { "if", "`if`", if_rows };
