// SPDX-License-Identifier: MIT
/*
 * The comparison as one table, to be pasted into a ticket. Where there are more columns than a line holds, it
 * goes on in another block, the ticket before each again; before and after stay together.
 */
#include "harness/replay_compare.h"
#include "harness/replay_impl.h"
#include "harness/report_impl.h"

#include <stdarg.h>

#define LINE_WIDE  100
#define CELL_WIDE  34
#define LABEL_WIDE 15
#define BOLD	   "\033[1m"
#define MARKED	   "\033[33m"
#define PLAIN	   "\033[0m"

enum { LINE_TITLE, LINE_KERNEL, LINE_FACTS, LINE_VERDICT = LINE_FACTS + REPLAY_ROWS, LINES };

struct cell {
	char text[CELL_WIDE + 1];
	const char *colour; /* NULL: none */
	bool marked;
};

struct column {
	struct cell cells[LINES];
	size_t width;
	bool with_before; /* not to be torn from the column before it */
};

struct table {
	const struct replay_compare *compare;
	struct replay_facts ticket;
	struct column *columns; /* the ticket's first */
	size_t nr;
	bool colour;
};

static const char *row_name(unsigned int row)
{
	static const char *const names[] = {
		[REPLAY_ROW_ENDED] = "ended",
		[REPLAY_ROW_VICTIM] = "victim",
		[REPLAY_ROW_CONSTRAINT] = "constraint",
		[REPLAY_ROW_OOM_MEMCG] = "oom_memcg",
		[REPLAY_ROW_TASK_MEMCG] = "task_memcg",
		[REPLAY_ROW_USAGE] = "usage of limit",
		[REPLAY_ROW_SWAP] = "swap used",
		[REPLAY_ROW_TOP] = "rank 1",
		"rank 2",
		"rank 3",
		"rank 4",
		"rank 5",
	};

	_Static_assert(ARRAY_SIZE(names) == REPLAY_ROWS, "a name for each row");
	return names[row];
}

/* Text of a log, shown as text. What is too long loses its end, a path its beginning. */
static void put(struct cell *c, bool is_path, const char *text)
{
	char escaped[1024];
	FILE *f = fmemopen(escaped, sizeof(escaped), "w");
	size_t len;

	*escaped = '\0';
	if (f) {
		report_text(f, text);
		fclose(f);
	}
	escaped[sizeof(escaped) - 1] = '\0';
	len = strlen(escaped);
	if (len <= CELL_WIDE)
		str_copy(c->text, sizeof(c->text), escaped);
	else if (is_path)
		snprintf(c->text, sizeof(c->text), "...%s", escaped + len - (CELL_WIDE - 3));
	else
		snprintf(c->text, sizeof(c->text), "%.*s...", CELL_WIDE - 3, escaped);
}

static void __printf(2, 3) putf(struct cell *c, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put(c, false, text);
}

/* Hundredths of a percent as "62.5 %". */
static const char *percent(int64_t share, char *buf, size_t len)
{
	if (share == OOM_ABSENT)
		return "?";
	snprintf(buf, len, "%.1f %%", (double)share / 100);
	return buf;
}

static void put_victims(struct cell *c, const struct replay_facts *f, const char *first)
{
	if (f->nr_victims > 1)
		putf(c, "%s and %zu more", first, f->nr_victims - 1);
	else if (f->nr_victims)
		put(c, false, first);
}

static void put_row(struct cell *c, const struct replay_facts *f, unsigned int row)
{
	const struct replay_rank *r;
	char buf[32];

	switch (row) {
	case REPLAY_ROW_ENDED:
		put(c, false, f->ended ? f->ended : "");
		break;
	case REPLAY_ROW_VICTIM:
		put_victims(c, f, f->victims[0]);
		break;
	case REPLAY_ROW_CONSTRAINT:
		put(c, false, f->constraint);
		break;
	case REPLAY_ROW_OOM_MEMCG:
		put(c, true, f->oom_memcg);
		break;
	case REPLAY_ROW_TASK_MEMCG:
		put(c, true, f->task_memcg);
		break;
	case REPLAY_ROW_USAGE:
	case REPLAY_ROW_SWAP: {
		int64_t share = row == REPLAY_ROW_USAGE ? f->usage : f->swap;

		if (share != OOM_ABSENT)
			put(c, false, percent(share, buf, sizeof(buf)));
		break;
	}
	default:
		if (row - REPLAY_ROW_TOP >= f->nr_top)
			break;
		r = &f->top[row - REPLAY_ROW_TOP];
		putf(c, "%s %s, adj %d", r->name, percent(r->points, buf, sizeof(buf)), r->adj);
	}
}

/* As the log names it, and where that does not tell which worker it is, that as well. */
static void put_ticket_victim(struct cell *c, const struct replay *p, const struct replay_facts *f)
{
	const struct replay_role *r = p->roles;
	char text[80], cleaned[sizeof(r->name)];
	int n;

	if (!f->nr_victims)
		return;
	while (!r->dies)
		r++;
	n = snprintf(text, sizeof(text), "%s (%lld)", r->comm, (long long)r->pid);
	replay_clean(r->comm, cleaned, sizeof(cleaned), "");
	if (!str_eq(cleaned, r->name))
		snprintf(text + n, sizeof(text) - (size_t)n, ", %.15s", r->name);
	put_victims(c, f, text);
}

static void put_ticket(struct table *t)
{
	const struct replay *p = &t->compare->replays[0];
	struct column *col = &t->columns[t->nr++];

	put(&col->cells[LINE_TITLE], false, "ticket");
	put(&col->cells[LINE_KERNEL], false, p->release);
	for (unsigned int i = 0; i < REPLAY_ROWS; i++)
		if (i != REPLAY_ROW_VICTIM)
			put_row(&col->cells[LINE_FACTS + i], &t->ticket, i);
	put_ticket_victim(&col->cells[LINE_FACTS + REPLAY_ROW_VICTIM], p, &t->ticket);
}

/* "same", "otherwise in 1 of 5: victims" */
static void put_verdict(struct cell *c, const struct replay_play *p)
{
	static const char *const words[][2] = { [VERDICT_PASS] = { "same", "as predicted" },
						[VERDICT_FAIL] = { "otherwise", "otherwise" },
						[VERDICT_SKIP] = { "not played", "not played" },
						[VERDICT_BROKEN] = { "broken", "broken" } };
	bool passed = p->verdict == VERDICT_PASS;
	char times[48] = "";

	if (p->nr > 1)
		snprintf(times, sizeof(times), " in %u of %u",
			 passed ? p->nr_passed : p->nr - p->nr_passed, p->nr);
	putf(c, "%s%s%s%s", words[p->verdict][p->is_remedy], times, *p->failed ? ": " : "",
	     p->failed);
	c->colour = verdict_colour(p->verdict);
}

static void put_title(struct cell *c, const struct replay_play *p)
{
	const char *end = p->is_remedy ? ", remedy" : "";
	char text[256];

	snprintf(text, sizeof(text), "%s %s%s", p->kernel, cgroup_version_name(p->cgroup), end);
	put(c, true, text);
}

static void put_play(struct table *t, const struct replay_play *p)
{
	const struct replay_play *before = p > t->compare->plays ? p - 1 : NULL;
	struct column *col = &t->columns[t->nr++];
	unsigned int differs = replay_differs(&t->ticket, &p->facts);

	put_title(&col->cells[LINE_TITLE], p);
	put(&col->cells[LINE_KERNEL], false, p->release);
	for (unsigned int i = 0; i < REPLAY_ROWS; i++) {
		struct cell *c = &col->cells[LINE_FACTS + i];

		put_row(c, &p->facts, i);
		c->marked = differs >> i & 1;
		c->colour = c->marked ? MARKED : NULL;
	}
	put_verdict(&col->cells[LINE_VERDICT], p);
	col->with_before = p->is_remedy && before && !before->is_remedy &&
			   str_eq(before->kernel, p->kernel) && before->cgroup == p->cgroup;
}

static size_t cell_width(const struct cell *c)
{
	return strlen(c->text) + (c->marked ? 2 : 0);
}

static void measure(struct table *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct column *col = &t->columns[i];

		col->cells[LINE_TITLE].colour = BOLD;
		for (unsigned int line = 0; line < LINES; line++) {
			struct cell *c = &col->cells[line];

			if (!*c->text && (i || line != LINE_VERDICT))
				str_copy(c->text, sizeof(c->text), "-");
			col->width = max(col->width, cell_width(c));
		}
	}
}

/* A line of which no column knows anything is left out. */
static bool is_told(const struct table *t, unsigned int line)
{
	for (size_t i = 0; i < t->nr; i++)
		if (*t->columns[i].cells[line].text && !str_eq(t->columns[i].cells[line].text, "-"))
			return true;
	return false;
}

static void put_cell(const struct table *t, const struct column *col, unsigned int line,
		     size_t *spaces, FILE *out)
{
	const struct cell *c = &col->cells[line];
	bool colour = t->colour && c->colour;

	if (*c->text)
		fprintf(out, "%*s%s%s%s%s", (int)*spaces, "", colour ? c->colour : "", c->text,
			c->marked ? " *" : "", colour ? PLAIN : "");
	*spaces = col->width - cell_width(c) + 2;
}

static void put_line(const struct table *t, unsigned int line, size_t from, size_t to, FILE *out)
{
	const char *label = line == LINE_TITLE	   ? ""
			    : line == LINE_KERNEL  ? "kernel"
			    : line == LINE_VERDICT ? "verdict"
						   : row_name(line - LINE_FACTS);
	size_t spaces = 0;

	if (!is_told(t, line))
		return;
	fprintf(out, "%-*s", LABEL_WIDE, label);
	put_cell(t, &t->columns[0], line, &spaces, out);
	for (size_t i = from; i < to; i++)
		put_cell(t, &t->columns[i], line, &spaces, out);
	fputc('\n', out);
}

/* Where the block ends that begins with column `from`: what fits, and at least one with its remedy. */
static size_t block_end(const struct table *t, size_t from)
{
	size_t wide = LABEL_WIDE + t->columns[0].width, end = from;

	while (end < t->nr) {
		size_t next = end + 1, more = t->columns[end].width + 2;

		if (next < t->nr && t->columns[next].with_before)
			more += t->columns[next++].width + 2;
		if (end > from && wide + more > LINE_WIDE)
			break;
		wide += more;
		end = next;
	}
	return end;
}

static void put_blocks(const struct table *t, FILE *out)
{
	for (size_t from = 1, to; from < t->nr; from = to) {
		to = block_end(t, from);
		for (unsigned int line = 0; line < LINES; line++)
			put_line(t, line, from, to, out);
		fputc('\n', out);
	}
}

static void put_note(FILE *out, const char *what, const char *text)
{
	report_text(out, what);
	fputs(": ", out);
	report_text(out, text);
	fputc('\n', out);
}

static void put_remedy(const struct replay_compare *c, FILE *out)
{
	if (!c->nr_changes)
		return;
	fputs("remedy: ", out);
	for (size_t i = 0; i < c->nr_changes; i++) {
		fputs(i ? ", " : "", out);
		report_text(out, c->changes[i].text);
	}
	fputc('\n', out);
}

/* What a mark means, and what the table has no room for. */
static void put_notes(const struct table *t, FILE *out)
{
	const struct replay_compare *c = t->compare;
	const struct replay *p = &c->replays[0];
	unsigned int differs = 0, differs_before = 0;

	for (size_t i = 0; i < c->nr_plays; i++) {
		unsigned int bits = replay_differs(&t->ticket, &c->plays[i].facts);

		differs |= bits;
		differs_before |= c->plays[i].is_remedy ? 0 : bits;
	}
	if (differs)
		fputs("* not as in the ticket\n", out);
	if (t->ticket.nr_top)
		fputs("rank: points in percent of what ran out\n", out);
	if (p->old_rules && differs_before >> REPLAY_ROW_VICTIM & 1)
		put_note(out, "victim", p->assumptions[p->old_rules - 1]);
	put_remedy(c, out);
	for (size_t i = 0; i < c->nr_plays; i++)
		if (c->plays[i].verdict != VERDICT_PASS)
			put_note(out, t->columns[i + 1].cells[LINE_TITLE].text, c->plays[i].reason);
	if (p->nr_assumptions)
		fprintf(out, "%zu thing%s assumed, or not as in the log: see %s.yaml\n",
			p->nr_assumptions, p->nr_assumptions == 1 ? "" : "s", p->name);
}

int replay_compare_text(const struct replay_compare *c, bool colour, FILE *out)
{
	struct column *columns __free = calloc(c->nr_plays + 1, sizeof(*columns));
	struct table t = { .compare = c, .columns = columns, .colour = colour };

	if (!columns)
		return -ENOMEM;
	replay_facts_of_ticket(&c->replays[0], &t.ticket);
	put_ticket(&t);
	for (size_t i = 0; i < c->nr_plays; i++)
		put_play(&t, &c->plays[i]);
	measure(&t);
	report_text(out, c->replays[0].ticket);
	fprintf(out, ", line %llu\n\n", (unsigned long long)c->replays[0].line);
	put_blocks(&t, out);
	put_notes(&t, out);
	return 0;
}
