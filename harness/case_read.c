// SPDX-License-Identifier: MIT
/* The outermost keys of a case file, and those of needs. */
#include "harness/machine_features.h"
#include "harness/programs.h"
#include "harness/schema.h"

void *case_grow(struct reader *r, void *array, size_t *nr, size_t elem_bytes)
{
	void **base = array;
	char *bigger = reallocarray(*base, *nr + 1, elem_bytes);

	if (!bigger) {
		r->d->err = -ENOMEM;
		return NULL;
	}
	*base = bigger;
	memset(bigger + *nr * elem_bytes, 0, elem_bytes);
	return bigger + (*nr)++ * elem_bytes;
}

static void read_name(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	struct oom_case *c = to;
	const char *slash = strrchr(c->file, '/'), *base = slash ? slash + 1 : c->file;
	size_t n;

	if (!value_is_scalar(r, v, row->key))
		return;
	n = strlen(v->text);
	if (n >= CASE_NAME_LEN || strspn(v->text, "abcdefghijklmnopqrstuvwxyz0123456789-") != n) {
		told(r, v, "case '%s': a-z, 0-9 and '-' are due, at most %d", v->text,
		     CASE_NAME_LEN - 1);
		return;
	}
	str_copy(c->name, sizeof(c->name), v->text);
	if (strncmp(base, v->text, n) != 0 || !str_eq(base + n, ".yaml"))
		told(r, v, "case '%s': the file's own name is due, '%.*s'", v->text,
		     (int)strcspn(base, "."), base);
}

static void read_scope(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	struct oom_case *c = to;
	int scope;

	if (value_choice(r, v, row->key, row->choices, &scope))
		c->scope = (enum oom_scope)scope;
}

static void read_needs(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	struct oom_case *c = to;

	(void)row;
	schema_read(r, &schema_needs, v, &c->needs);
}

static void read_scene(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	(void)row;
	schema_read(r, &schema_scene, v, to);
}

static void each_tag(struct reader *r, const struct ynode *v, void *to)
{
	struct oom_case *c = to;
	char **tag;

	if (strspn(v->text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(v->text)) {
		told(r, v, "tag '%s': a-z, 0-9 and '-' are due", v->text);
		return;
	}
	tag = GROW(r, c->tags, c->nr_tags);
	if (tag && !(*tag = strdup(v->text)))
		r->d->err = -ENOMEM;
}

void read_tags(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	value_each(r, v, row->key, to, each_tag);
}

static void each_version(struct reader *r, const struct ynode *v, void *to)
{
	static const char *const names[] = { "v1", "v2", NULL };
	struct case_needs *needs = to;
	int i;

	if (!value_choice(r, v, "cgroup", names, &i))
		return;
	needs->v1 |= i == 0;
	needs->v2 |= i == 1;
}

static void read_versions(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	struct case_needs *needs = to;

	needs->v1 = needs->v2 = false;
	value_each(r, v, row->key, to, each_version);
	if (!needs->v1 && !needs->v2) /* a mistake was told: let it not cause others */
		needs->v1 = needs->v2 = true;
}

static void read_hybrid(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_needs *needs = to;
	int no;

	if (!value_choice(r, v, row->key, row->choices, &no))
		return;
	needs->hybrid = !no;
	if (needs->hybrid && needs->v2)
		told(r, v, "hybrid: memory is on v1 there; say cgroup: v1 too");
}

static void read_swap_kind(struct reader *r, const struct schema_row *row, const struct ynode *v,
			   void *to)
{
	struct case_needs *needs = to;
	int kind;

	if (value_choice(r, v, row->key, row->choices, &kind))
		needs->swap_kind = (enum swap_kind)kind;
	if (!needs->swap_bytes)
		told(r, v, "swap_kind: its size is due too, swap: 96MiB");
}

static void read_disk(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	const struct case_needs *needs = to;

	row_bytes(r, row, v, to);
	if (needs->swap_bytes && needs->swap_kind == SWAP_DISK)
		told(r, v,
		     "disk: a guest has one, and swap has it; say swap_kind: zram, or no swap");
}

static void each_feature(struct reader *r, const struct ynode *v, void *to)
{
	struct case_needs *needs = to;
	int i;

	if (value_choice(r, v, "features", machine_feature_names, &i))
		needs->features |= UINT32_C(1) << i;
}

static void read_features(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	value_each(r, v, row->key, to, each_feature);
}

static void add_word(struct reader *r, const struct ynode *v, const char *key, char *list,
		     size_t len)
{
	size_t used = strlen(list);

	if ((size_t)snprintf(list + used, len - used, "%s%s", used ? " " : "", v->text) >=
	    len - used)
		told(r, v, "%s: too many", key);
}

static void each_cgroup_file(struct reader *r, const struct ynode *v, void *to)
{
	struct case_needs *needs = to;

	if (!str_starts(v->text, "memory.") ||
	    strspn(v->text, "abcdefghijklmnopqrstuvwxyz0123456789_.") != strlen(v->text))
		told(r, v, "cgroup file '%s': a memory.* file is due, as memory.reclaim", v->text);
	else
		add_word(r, v, "cgroup_files", needs->cgroup_files, sizeof(needs->cgroup_files));
}

static void read_cgroup_files(struct reader *r, const struct schema_row *row, const struct ynode *v,
			      void *to)
{
	value_each(r, v, row->key, to, each_cgroup_file);
}

static void each_program(struct reader *r, const struct ynode *v, void *to)
{
	struct case_needs *needs = to;

	if (program_name_ok(v->text))
		add_word(r, v, "programs", needs->programs, sizeof(needs->programs));
	else
		told(r, v, "program '%s': a name is due, as memhog; it is looked up in $PATH",
		     v->text);
}

static void read_programs(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	value_each(r, v, row->key, to, each_program);
}

static void read_kernel(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_needs *needs = to;
	char op[3];

	(void)row;
	if (!value_kernel(r, v, op, &needs->kernel_major, &needs->kernel_minor))
		return;
	needs->kernel_before = str_eq(op, "<");
	if (!needs->kernel_before && !str_eq(op, ">="))
		told(r, v,
		     "kernel '%s': a case needs a kernel from some version on, '>= 5.10', or "
		     "before one, '< 6.13'",
		     v->text);
}

static const char *const yes_no[] = { "true", "false", NULL };
static const char *const swap_kinds[] = { "disk", "zram", NULL };
static const char *const scopes[] = { "memcg", "global", "node", "panic", NULL };

static const struct schema_row case_rows[] = {
	{ "case", "NAME", "the file's name without `.yaml`", .read = read_name, .required = true },
	{ "summary", "one line", "what is shown, as a sentence", .read = row_line,
	  ROW_FIELD(struct oom_case, summary), .required = true },
	{ "why", "text", "what the kernel does, and where it says so", .read = row_text,
	  ROW_FIELD(struct oom_case, why) },
	{ "tags", "[TAG, ...]", "for `--tag`; `memcg`: may run on a host, `smoke`: the basic set",
	  .read = read_tags },
	{ "scope", "memcg, global, node, panic",
	  "whose memory runs out; all but `memcg` run in a VM only", .read = read_scope,
	  .choices = scopes, .required = true },
	{ "needs", "needs", "what the machine must have; else the case is skipped",
	  .read = read_needs },
	{ "claim", "claim", "what people are told, if the case proves or refutes it",
	  .read = read_claim }, /* after needs, which its conditions may contradict */
	{ "timeout", "time", "of each wait, before the machine's speed scales it; 20s if not given",
	  .read = row_duration, ROW_FIELD(struct oom_case, timeout_ms), .lo = 1, .hi = 3600000 },
	{ "scene", "scene", "sysctls and cgroups, made before any worker", .read = read_scene },
	{ "workers", "NAME: worker", "the processes; the name is what the kernel log prints",
	  .read = read_workers, .required = true },
	{ "steps", "[step, ...]", "what happens, in this order", .read = read_steps,
	  .required = true },
	{ "expect", "expectations", "what must be true when the steps are done",
	  .read = read_expect, .required = true },
	{ .key = NULL },
};

static const struct schema_row needs_rows[] = {
	{ "cgroup", "v1, v2 or [v1, v2]", "the versions it makes sense on; both if not given",
	  .read = read_versions },
	{ "hybrid", "true, false", "v1, and a cgroup2 beside it that lacks the memory controller",
	  .read = read_hybrid, .choices = yes_no },
	{ "memory", "size", "of the guest; 512MiB if not given", .read = row_bytes,
	  ROW_FIELD(struct case_needs, memory_bytes), .lo = 128 << 20, .hi = (int64_t)64 << 30 },
	{ "nodes", "number", "NUMA nodes, the memory evenly among them; 1 if not given",
	  .read = row_int, ROW_FIELD(struct case_needs, nr_nodes), .lo = 1, .hi = 8 },
	{ "swap", "size", "swap space of the guest; none if not given", .read = row_bytes,
	  ROW_FIELD(struct case_needs, swap_bytes), .lo = 1 << 20, .hi = (int64_t)64 << 30 },
	{ "swap_kind", "disk, zram", "where it is: an NVMe disk if not given, or compressed memory",
	  .read = read_swap_kind, .choices = swap_kinds },
	{ "disk", "size",
	  "a disk without a file system, /dev/nvme0n1, for `file --overwrite`; not beside a swap "
	  "disk",
	  .read = read_disk, ROW_FIELD(struct case_needs, disk_bytes), .lo = 1 << 20,
	  .hi = (int64_t)64 << 30 },
	{ "features", "[FEATURE, ...]",
	  "hugetlb, ksm, mglru, numa, numa_balancing, psi, thp, zram, zswap; found by its files",
	  .read = read_features },
	{ "cgroup_files", "[FILE, ...]",
	  "memory.* files a cgroup must have; those its scene and steps name need not be",
	  .read = read_cgroup_files },
	{ "programs", "[NAME, ...]",
	  "of this host, for workers of kind `exec`: the guest gets them with their libraries",
	  .read = read_programs },
	{ "kernel", "'>= X.Y' or '< X.Y'", "the kernels it makes sense on", .read = read_kernel },
	{ "log_buf", "size", "the kernel's log buffer (`log_buf_len=`); 4MiB if not given",
	  .read = row_bytes, ROW_FIELD(struct case_needs, log_buf_bytes), .lo = 4 << 10,
	  .hi = 256 << 20 },
	{ "cmdline", "text", "further options of the kernel's command line", .read = row_chars,
	  ROW_FIELD(struct case_needs, cmdline) },
	{ .key = NULL },
};

const struct schema schema_case = { "a case", "A case", case_rows };
const struct schema schema_needs = { "needs", "`needs`", needs_rows };
