// SPDX-License-Identifier: MIT
/* explain --html: block "index" lists the events, block "eventN" tells the N-th in full. */
#include "harness/explain_cause.h"
#include "harness/explain_html.h"
#include "harness/html.h"
#include "lib/version.h"

#define EVENTS_MAX 1000 /* more are counted, not shown: a page has to open */

struct explain_html {
	FILE *out, *list;
	const char *log;
	char *text; /* of the list: a JSON array */
	size_t len;
	struct jsonw w;
	char buf[4096];
	struct html_block block;
	int err;
};

struct explain_html *explain_html_open(const char *path, const char *log, struct fail *f)
{
	struct explain_html *h = calloc(1, sizeof(*h));

	if (!h) {
		fail_errno(f, -ENOMEM, "write %s", path);
		return NULL;
	}
	h->log = log;
	h->out = fopen(path, "we");
	h->list = h->out ? open_memstream(&h->text, &h->len) : NULL;
	if (!h->list) {
		fail_errno(f, -errno, "write %s", path);
		if (h->out)
			fclose(h->out);
		free(h);
		return NULL;
	}
	jsonw_init_stream(&h->w, h->buf, sizeof(h->buf), h->list);
	jsonw_array(&h->w, NULL);
	html_begin(h->out, "log");
	return h;
}

static void put_row(struct explain_html *h, const struct oom_report *r)
{
	char text[4400];
	struct cause c;

	explain_cause(r, &c);
	jsonw_object(&h->w, NULL);
	jsonw_u64(&h->w, "line", r->line);
	if (r->nr_victims) {
		snprintf(text, sizeof(text), "%s (%lld)%s", r->victims[0].comm,
			 (long long)r->victims[0].pid, r->nr_victims > 1 ? " and others" : "");
		jsonw_str(&h->w, "killed", text);
	}
	jsonw_str(&h->w, "outcome", oom_outcome_name(r->outcome));
	explain_domain(r, text, sizeof(text));
	jsonw_str(&h->w, "ran_out", text);
	explain_trouble(r, &c, text, sizeof(text));
	jsonw_str(&h->w, "trouble", text);
	jsonw_close(&h->w);
}

void explain_html_event(struct explain_html *h, struct explain *x, const struct oom_report *r,
			const struct badness_verdict *v)
{
	char id[32];
	int err;

	if (x->nr_events > EVENTS_MAX)
		return;
	put_row(h, r);
	snprintf(id, sizeof(id), "event%d", (int)x->nr_events - 1);
	html_block_begin(&h->block, h->out, id);
	jsonw_object(&h->block.w, NULL);
	explain_view(&h->block.w, r, v);
	if (x->nr_whatifs)
		explain_json_whatif(&h->block.w, x, r);
	err = html_block_end(&h->block);
	h->err = h->err ?: err;
}

int explain_html_close(struct explain_html *h, uint64_t nr_events)
{
	ssize_t n = jsonw_finish(&h->w);
	struct jsonw *w = &h->block.w;
	int err;

	if (fclose(h->list) == EOF || n < 0)
		h->err = h->err ?: -ENOMEM;
	html_block_begin(&h->block, h->out, "index");
	jsonw_object(w, NULL);
	jsonw_str(w, "oomlab", OOMLAB_VERSION);
	jsonw_str(w, "file", h->log);
	jsonw_u64(w, "nr_events", nr_events);
	if (!h->err)
		jsonw_raw(w, "events", h->text, h->len);
	err = html_block_end(&h->block);
	html_end(h->out);
	h->err = h->err ?: err;
	if (ferror(h->out) && !h->err)
		h->err = -EIO;
	if (fclose(h->out) == EOF && !h->err)
		h->err = -errno;
	err = h->err;
	free(h->text);
	free(h);
	return err;
}
