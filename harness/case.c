// SPDX-License-Identifier: MIT
#include "harness/case.h"
#include "harness/schema.h"

const char *scope_name(enum oom_scope scope)
{
	static const char *const names[] = { "memcg", "global", "node", "panic" };

	return names[scope];
}

const char *cgroup_version_name(enum cgroup_version v)
{
	return v == CGROUP_V1 ? "v1" : v == CGROUP_V2 ? "v2" : "any";
}

bool case_spoils_guest(const struct oom_case *c)
{
	for (size_t i = 0; i < c->nr_steps; i++)
		if (c->steps[i].op == STEP_WRITE && c->steps[i].file.place == FILE_AT_PATH)
			return true;
	return false;
}

bool case_when_holds(const struct case_when *w, enum cgroup_version cg, const char *release)
{
	unsigned int major, minor;
	int order;

	if (w->cgroup && w->cgroup != cg)
		return false;
	if (!*w->op)
		return true;
	if (sscanf(release, "%3u.%4u", &major, &minor) != 2)
		return false;
	order = major != w->major ? (major > w->major) - (major < w->major)
				  : (minor > w->minor) - (minor < w->minor);
	switch (w->op[0]) {
	case '<':
		return order < 0 || (w->op[1] == '=' && order == 0);
	case '>':
		return order > 0 || (w->op[1] == '=' && order == 0);
	default:
		return order == 0;
	}
}

void case_free(struct oom_case *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nr_tags; i++)
		free(c->tags[i]);
	for (size_t i = 0; i < c->nr_cgroups; i++)
		free(c->cgroups[i].settings);
	for (size_t i = 0; i < c->nr_workers; i++) {
		for (size_t j = 0; j < c->workers[i].nr_extra_args; j++)
			free(c->workers[i].extra_args[j]);
		free(c->workers[i].extra_args);
	}
	for (size_t i = 0; i < c->nr_expects; i++)
		free(c->expects[i].names);
	free(c->file);
	free(c->summary);
	free(c->why);
	free(c->claim);
	free(c->claim_source);
	free(c->truths);
	free(c->tags);
	free(c->sysctls);
	free(c->sysfs);
	free(c->cgroups);
	free(c->workers);
	free(c->steps);
	free(c->expects);
	free(c);
}

/* "cases/memcg/memcg-child-limit.yaml" is of the theme "memcg". */
static void set_theme(struct oom_case *c)
{
	const char *end = strrchr(c->file, '/'), *start;

	if (!end)
		return;
	for (start = end; start > c->file && start[-1] != '/';)
		start--;
	snprintf(c->theme, sizeof(c->theme), "%.*s", (int)(end - start), start);
}

static struct oom_case *new_case(const char *file)
{
	struct oom_case *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->timeout_ms = 20000;
	c->needs = (struct case_needs){ .v1 = true,
					.v2 = true,
					.memory_bytes = MiB(512),
					.nr_nodes = 1,
					.log_buf_bytes = MiB(4) };
	c->file = strdup(file);
	if (c->file) {
		set_theme(c);
		return c;
	}
	free(c);
	return NULL;
}

int case_parse(const char *file, const char *text, size_t len, struct oom_case **ret,
	       char **messages)
{
	struct diag d = { .file = file };
	struct reader r = { .d = &d };
	struct ynode *root;
	size_t nr;
	int err;

	*ret = NULL;
	*messages = NULL;
	r.c = new_case(file);
	if (!r.c)
		return -ENOMEM;
	root = yaml_dom_read(text, len, &d);
	if (root && !d.err) {
		schema_read(&r, &schema_case, root, r.c);
		case_check(&r, root);
	}
	ynode_free(root);
	nr = d.nr;
	err = d.err ? d.err : nr ? -EINVAL : 0;
	*messages = diag_take(&d);
	if (nr && !*messages)
		err = -ENOMEM;
	if (!err) {
		*ret = r.c;
		return 0;
	}
	case_free(r.c);
	return err;
}

int case_load(const char *file, struct oom_case **ret, char **messages)
{
	char *text __free = NULL;
	ssize_t n = yaml_file_read(file, &text);

	*ret = NULL;
	*messages = NULL;
	return n < 0 ? (int)n : case_parse(file, text, (size_t)n, ret, messages);
}
