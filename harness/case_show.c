// SPDX-License-Identifier: MIT
#include "harness/case_show.h"
#include "harness/file_value.h"
#include "harness/machine_features.h"
#include "harness/plan_impl.h"

static void show_paragraph(FILE *f, const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		fprintf(f, "  %.*s\n", (int)strcspn(text, "\n"), text);
}

const char *size_text(const struct size_spec *s, char *buf, size_t len)
{
	static const char *const of[] = { "",	      " of MemTotal", " of MemAvailable",
					  " of node", " of node",     " of limit",
					  " of swap" };
	char node[16] = "", share[16];

	if (s->base == SIZE_BYTES)
		return bytes_format(s->bytes, buf, len);
	if (s->node >= 0)
		snprintf(node, sizeof(node), " %d", s->node);
	snprintf(share, sizeof(share), s->permyriad % 100 ? "%u.%02u" : "%u", s->permyriad / 100,
		 s->permyriad % 100);
	snprintf(buf, len, "%s%%%s%s%s", share, of[s->base], node,
		 s->base == SIZE_OF_NODE_FREE ? " free" : "");
	return buf;
}

const char *case_truth_text(const struct oom_case *c, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < c->nr_truths && at < len; i++) {
		const struct case_truth *t = &c->truths[i];
		char where[64];

		at += (size_t)snprintf(buf + at, len - at, "%s%s",
				       i + 1 == c->nr_truths && i ? "else " : "",
				       claim_truth_name(t->is));
		if (at < len && *case_when_text(&t->when, where, sizeof(where)))
			at += (size_t)snprintf(buf + at, len - at, " on %s; ", where);
	}
	return buf;
}

static void show_head(const struct oom_case *c, FILE *f)
{
	char memory[32], swap[32], disk[32], truth[512];

	fprintf(f, "%s  (%s)\n  %s\n\n", c->name, c->file, c->summary);
	if (c->why) {
		show_paragraph(f, c->why);
		fputc('\n', f);
	}
	if (c->claim)
		fprintf(f, "claim   %s\n        (%s)\ntruth   %s\n", c->claim, c->claim_source,
			case_truth_text(c, truth, sizeof(truth)));
	fprintf(f, "scope   %s\ntags   ", scope_name(c->scope));
	for (size_t i = 0; i < c->nr_tags; i++)
		fprintf(f, " %s", c->tags[i]);
	fprintf(f, "\nneeds   %s, cgroup%s%s",
		bytes_format(c->needs.memory_bytes, memory, sizeof(memory)),
		c->needs.v1 ? " v1" : "", c->needs.v2 ? " v2" : "");
	if (c->needs.hybrid)
		fputs(" (hybrid)", f);
	if (c->needs.nr_nodes > 1)
		fprintf(f, ", %u NUMA nodes", c->needs.nr_nodes);
	if (c->needs.swap_bytes)
		fprintf(f, ", %s %s", c->needs.swap_kind == SWAP_ZRAM ? "zram" : "swap",
			bytes_format(c->needs.swap_bytes, swap, sizeof(swap)));
	if (c->needs.disk_bytes)
		fprintf(f, ", disk %s", bytes_format(c->needs.disk_bytes, disk, sizeof(disk)));
	for (size_t i = 0; machine_feature_names[i]; i++)
		if (c->needs.features >> i & 1)
			fprintf(f, ", %s", machine_feature_names[i]);
	if (*c->needs.cgroup_files)
		fprintf(f, ", %s", c->needs.cgroup_files);
	if (*c->needs.programs)
		fprintf(f, ", programs %s", c->needs.programs);
	if (c->needs.kernel_major)
		fprintf(f, ", kernel %s %u.%u",
			c->needs.kernel_before ? "<" : ">=", c->needs.kernel_major,
			c->needs.kernel_minor);
	if (*c->needs.cmdline)
		fprintf(f, ", command line '%s'", c->needs.cmdline);
	fputs("\n\n", f);
}

static void show_workers(const struct oom_case *c, const char *cgroup, unsigned int indent, FILE *f)
{
	char size[64];

	for (size_t i = 0; i < c->nr_workers; i++) {
		const struct case_worker *w = &c->workers[i];

		if (!str_eq(w->cgroup, cgroup))
			continue;
		fprintf(f, "  %*s* %-*s %s, %s", indent, "", (int)(22 - min(indent, 12u)), w->name,
			w->kind, size_text(&w->size, size, sizeof(size)));
		if (w->oom_score_adj)
			fprintf(f, ", oom_score_adj %d", w->oom_score_adj);
		if (w->uid)
			fprintf(f, ", uid %d", w->uid);
		if (w->nice)
			fprintf(f, ", nice %d", w->nice);
		if (*w->mempolicy)
			fprintf(f, ", %s", w->mempolicy);
		if (*w->rate)
			fprintf(f, ", %s bytes/s", w->rate);
		for (size_t j = 0; j < w->nr_extra_args; j++)
			fprintf(f, " %s", w->extra_args[j]);
		fputc('\n', f);
	}
}

static const char *setting_text(const struct case_setting *s, char *buf, size_t len)
{
	if (!s->is_size)
		return s->value;
	return size_text(&s->size, buf, len);
}

/* Children after their parent, though the file may list them later. */
static void show_cgroup(const struct oom_case *c, const struct case_cgroup *cg, unsigned int depth,
			FILE *f)
{
	const char *slash = strrchr(cg->path, '/');
	unsigned int indent = depth * 2;
	char value[64];

	fprintf(f, "  %*s%-*s ", indent, "", (int)(24 - min(indent, 12u)),
		slash ? slash + 1 : cg->path);
	for (size_t i = 0; i < cg->nr_settings; i++)
		fprintf(f, "%s%s %s", i ? ", " : "", cg->settings[i].name,
			setting_text(&cg->settings[i], value, sizeof(value)));
	fputc('\n', f);
	show_workers(c, cg->path, indent + 2, f);
	for (size_t i = 0; i < c->nr_cgroups; i++) {
		char parent[CASE_PATH_LEN];

		str_copy(parent, sizeof(parent), c->cgroups[i].path);
		if (plan_parent(parent) && str_eq(parent, cg->path))
			show_cgroup(c, &c->cgroups[i], depth + 1, f);
	}
}

static void show_scene(const struct oom_case *c, FILE *f)
{
	fputs("scene\n", f);
	for (size_t i = 0; i < c->nr_sysctls; i++)
		fprintf(f, "  %-24s %s\n", c->sysctls[i].name, c->sysctls[i].value);
	for (size_t i = 0; i < c->nr_sysfs; i++)
		fprintf(f, "  %-24s %s\n", c->sysfs[i].name, c->sysfs[i].value);
	if (*c->mount)
		fprintf(f, "  %-24s %s\n", "mount of cgroup2", c->mount);
	for (size_t i = 0; i < c->nr_cgroups; i++)
		if (!strchr(c->cgroups[i].path, '/'))
			show_cgroup(c, &c->cgroups[i], 0, f);
	show_workers(c, "", 0, f);
}

static void show_file_step(const struct case_step *s, FILE *f)
{
	char file[256], want[96];

	file_text(s, file, sizeof(file));
	want_text(&s->want, want, sizeof(want));
	switch (s->op) {
	case STEP_READ:
		fprintf(f, "read %s", file);
		if (!*s->errno_name)
			fprintf(f, ": must be %s", want);
		break;
	case STEP_WRITE:
		fprintf(f, "write %s into %s", s->setting.value, file);
		if (s->uid)
			fprintf(f, " as uid %u", s->uid);
		break;
	case STEP_WAIT_FILE:
		fprintf(f, "wait until %s is %s", file, want);
		break;
	case STEP_WAIT_QUIET:
		fprintf(f, "wait %llu ms in which nobody dies", (unsigned long long)s->count);
		break;
	case STEP_WAIT_EVENT:
		fprintf(f, "wait for the event of %s", *s->cgroup ? s->cgroup : ".");
		break;
	case STEP_EVENTFD:
		fprintf(f, "ask for events of %s", file);
		break;
	case STEP_MOVE:
		fprintf(f, "move %s into %s", s->worker, *s->cgroup ? s->cgroup : ".");
		break;
	case STEP_SIGNAL:
		fprintf(f, "SIG%s to %s", step_signal_name((int)s->count), s->worker);
		break;
	default:
		fprintf(f, "remove the cgroup %s", s->cgroup);
	}
}

static void show_step(const struct case_step *s, FILE *f)
{
	char value[64];

	switch (s->op) {
	case STEP_START:
		fprintf(f, "start %s, until its memory is resident", s->worker);
		break;
	case STEP_TRIGGER:
		fprintf(f, "trigger: start %s", s->worker);
		break;
	case STEP_WAIT_OOM:
		fprintf(f, "wait for %llu kill%s", (unsigned long long)s->count,
			s->count == 1 ? "" : "s");
		break;
	case STEP_WAIT_DEATH:
		fprintf(f, "wait until %s is gone", s->worker);
		break;
	case STEP_WAIT_READY:
		fprintf(f, "wait until %s has all its memory", s->worker);
		break;
	case STEP_KILL:
		fprintf(f, "kill %s ourselves", s->worker);
		break;
	case STEP_SET:
		fprintf(f, "set %s of %s to %s", s->setting.name, *s->cgroup ? s->cgroup : ".",
			setting_text(&s->setting, value, sizeof(value)));
		break;
	case STEP_SYSRQ:
		fprintf(f, "sysrq %c", s->letter);
		break;
	case STEP_KMSG:
		fprintf(f, "%llu lines into the kernel log", (unsigned long long)s->count);
		break;
	default:
		show_file_step(s, f);
	}
	if (*s->errno_name)
		fprintf(f, ": must fail with %s", s->errno_name);
	if (*s->measure)
		fprintf(f, " (figure %s)", s->measure);
	if (s->timeout_ms)
		fprintf(f, " (at most %llu ms)", (unsigned long long)s->timeout_ms);
	fputc('\n', f);
}

void case_show(const struct oom_case *c, FILE *f)
{
	show_head(c, f);
	show_scene(c, f);
	fputs("\nsteps\n", f);
	for (size_t i = 0; i < c->nr_steps; i++) {
		fprintf(f, "  %zu. ", i + 1);
		show_step(&c->steps[i], f);
	}
	fputs("\nexpected\n", f);
	case_show_expects(c, f);
}
