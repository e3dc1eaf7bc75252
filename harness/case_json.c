// SPDX-License-Identifier: MIT
/* What a case is, as members of a JSON object: for `list --json` and `show --json`. */
#include "harness/case_show.h"

void case_write_truth(const struct oom_case *c, struct jsonw *w)
{
	jsonw_array(w, "truth");
	for (size_t i = 0; i < c->nr_truths; i++) {
		const struct case_when *when = &c->truths[i].when;
		char kernel[32];

		jsonw_object(w, NULL);
		if (*when->op || when->cgroup)
			jsonw_object(w, "if");
		if (when->cgroup)
			jsonw_str(w, "cgroup", cgroup_version_name(when->cgroup));
		if (*when->op) {
			snprintf(kernel, sizeof(kernel), "%s %u.%u", when->op, when->major,
				 when->minor);
			jsonw_str(w, "kernel", kernel);
		}
		if (*when->op || when->cgroup)
			jsonw_close(w);
		jsonw_str(w, "is", claim_truth_name(c->truths[i].is));
		jsonw_close(w);
	}
	jsonw_close(w);
}

void case_write_head(const struct oom_case *c, struct jsonw *w)
{
	jsonw_str(w, "name", c->name);
	jsonw_str(w, "file", c->file);
	jsonw_str(w, "theme", c->theme);
	jsonw_str(w, "summary", c->summary);
	jsonw_str(w, "why", c->why);
	jsonw_str(w, "claim", c->claim);
	jsonw_str(w, "claim_source", c->claim_source);
	case_write_truth(c, w);
	jsonw_str(w, "scope", scope_name(c->scope));
	jsonw_array(w, "tags");
	for (size_t i = 0; i < c->nr_tags; i++)
		jsonw_str(w, NULL, c->tags[i]);
	jsonw_close(w);
	jsonw_object(w, "needs");
	jsonw_array(w, "cgroup");
	if (c->needs.v1)
		jsonw_str(w, NULL, "v1");
	if (c->needs.v2)
		jsonw_str(w, NULL, "v2");
	jsonw_close(w);
	jsonw_u64(w, "memory_bytes", c->needs.memory_bytes);
	jsonw_u64(w, "nodes", c->needs.nr_nodes);
	jsonw_u64(w, "swap_bytes", c->needs.swap_bytes);
	if (c->needs.swap_bytes)
		jsonw_str(w, "swap_kind", c->needs.swap_kind == SWAP_ZRAM ? "zram" : "disk");
	if (c->needs.disk_bytes)
		jsonw_u64(w, "disk_bytes", c->needs.disk_bytes);
	if (*c->needs.programs)
		jsonw_str(w, "programs", c->needs.programs);
	if (c->needs.kernel_major) {
		char kernel[32];

		snprintf(kernel, sizeof(kernel), "%s%u.%u", c->needs.kernel_before ? "< " : "",
			 c->needs.kernel_major, c->needs.kernel_minor);
		jsonw_str(w, "kernel", kernel);
	}
	jsonw_close(w);
}
