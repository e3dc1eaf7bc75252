// SPDX-License-Identifier: MIT
/* Records of kernel files that steps read and wrote, and of figures. */
#include "harness/evidence_parse.h"

static int get_file(struct evidence *e, const json_t *o, bool wrote, struct fail *f)
{
	struct ev_file *file = evidence_grow(&e->files, &e->nr_files, sizeof(*file));
	uint64_t n = 0;
	int err;

	if (!file)
		return -ENOMEM;
	file->wrote = wrote;
	err = ev_need_u64(o, "n", &n, f);
	file->n = n > UINT32_MAX ? UINT32_MAX : (unsigned int)n;
	if (!err && ev_text_of(o, "errno"))
		return ev_need_text(o, "errno", file->errno_name, sizeof(file->errno_name), f);
	if (err || wrote)
		return err;
	file->has_value = true;
	return ev_need_text(o, "value", file->value, sizeof(file->value), f);
}

int ev_get_read(struct evidence *e, const json_t *o, struct fail *f)
{
	return get_file(e, o, false, f);
}

int ev_get_write(struct evidence *e, const json_t *o, struct fail *f)
{
	return get_file(e, o, true, f);
}

int ev_get_figure(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_figure *g = evidence_grow(&e->figures, &e->nr_figures, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	err = ev_need_text(o, "name", g->name, sizeof(g->name), f);
	return err ? err : ev_need_u64(o, "value", &g->value, f);
}
