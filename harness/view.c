// SPDX-License-Identifier: MIT
#include "harness/view.h"
#include "harness/report.h"
#include "harness/term.h"
#include "harness/view_memory.h"
#include "lib/proc.h"
#include "lib/units.h"

#include <signal.h>
#include <sys/ioctl.h>

#define TICK_MS	     200
#define KERNEL_WIDTH 18 /* of a longer name the end */
#define BEHIND_WIDTH 33 /* "     1.2 s  72.5 MiB  last BROKEN", and a column that stays free */
#define LEAST_WIDTH  40 /* for lanes; below that the last line is all */
#define LINE_MAX_LEN 512

struct view_lane {
	bool there, has_verdict;
	char kernel[KERNEL_WIDTH + 1], name[128];
	enum cgroup_version cgroup;
	enum verdict verdict; /* the last */
	uint64_t since_us;    /* has it done this */
	struct view_memory memory;
};

struct view {
	FILE *out;
	bool colour;
	struct view_lane lanes[VIEW_LANES_MAX];
	size_t nr_planned, nr[VERDICT_BROKEN + 1];
	uint64_t start_us, expected_ms, done_ms;
	/* what stands there */
	unsigned int nr_rows;
	unsigned int lengths[VIEW_LANES_MAX + 2];
};

static volatile sig_atomic_t continued;

static void on_continue(int sig)
{
	(void)sig;
	continued = 1;
}

struct view *view_open(FILE *out)
{
	const char *term = getenv("TERM");
	struct view *v;

	if (fileno(out) < 0 || !isatty(fileno(out)) || !term || str_eq(term, "dumb"))
		return NULL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->out = out;
	v->colour = term_colour(out);
	v->start_us = proc_now_us();
	for (size_t i = 0; i < VIEW_LANES_MAX; i++)
		v->lanes[i].memory.fd = -1;
	/* Stopped and gone on with, a shell has written there: what stood is not ours to overwrite. */
	sigaction(SIGCONT, &(struct sigaction){ .sa_handler = on_continue }, NULL);
	return v;
}

void view_close(struct view *v)
{
	if (!v)
		return;
	view_wipe(v);
	for (size_t i = 0; i < VIEW_LANES_MAX; i++)
		view_memory_forget(&v->lanes[i].memory);
	free(v);
}

void view_plan(struct view *v, size_t nr_planned, uint64_t expected_ms)
{
	if (!v)
		return;
	v->nr_planned = nr_planned;
	v->expected_ms = expected_ms;
}

/* What was skipped took nothing: it says nothing of how fast we are. */
void view_told(struct view *v, enum verdict verdict, uint64_t expected_ms)
{
	if (!v)
		return;
	v->nr[verdict]++;
	if (verdict == VERDICT_SKIP)
		v->expected_ms -= min(expected_ms, v->expected_ms);
	else
		v->done_ms += expected_ms;
}

/* Who counts on the terminal's columns must know what it makes of a character. */
static void copy_plain(char *to, size_t len, const char *text)
{
	str_copy(to, len, text);
	for (char *c = to; *c; c++)
		if (*c < 0x20 || *c >= 0x7f)
			*c = '?';
}

static struct view_lane *begin(struct view *v, unsigned int lane, const char *name)
{
	struct view_lane *l = v && lane < VIEW_LANES_MAX ? &v->lanes[lane] : NULL;

	if (!l)
		return NULL;
	l->there = true;
	l->since_us = proc_now_us();
	view_memory_forget(&l->memory);
	copy_plain(l->name, sizeof(l->name), name);
	return l;
}

void view_boots(struct view *v, unsigned int lane, const char *kernel, enum cgroup_version cgroup)
{
	struct view_lane *l = begin(v, lane, "boots");
	size_t len = strlen(kernel);

	if (!l)
		return;
	l->has_verdict = false;
	l->cgroup = cgroup;
	copy_plain(l->kernel, sizeof(l->kernel),
		   kernel + (len > KERNEL_WIDTH ? len - KERNEL_WIDTH : 0));
}

void view_plays(struct view *v, unsigned int lane, const char *name)
{
	begin(v, lane, name);
}

void view_writes(struct view *v, unsigned int lane, const char *evidence)
{
	if (v && lane < VIEW_LANES_MAX)
		view_memory_follow(&v->lanes[lane].memory, evidence);
}

void view_came_to(struct view *v, unsigned int lane, enum verdict verdict)
{
	if (!v || lane >= VIEW_LANES_MAX)
		return;
	v->lanes[lane].verdict = verdict;
	v->lanes[lane].has_verdict = true;
}

void view_ends(struct view *v, unsigned int lane)
{
	if (!v || lane >= VIEW_LANES_MAX)
		return;
	v->lanes[lane].there = false;
	view_memory_forget(&v->lanes[lane].memory);
}

/* What it does, and where the word of its last verdict begins. */
static int lane_line(struct view_lane *l, unsigned int width, char *buf, size_t len)
{
	int64_t kb = view_memory_now(&l->memory);
	uint64_t ms = (proc_now_us() - l->since_us) / 1000;
	char memory[32] = "";
	int head, name;

	if (kb >= 0)
		bytes_format((uint64_t)kb << 10, memory, sizeof(memory));
	head = snprintf(buf, len, "%s %s  ", l->kernel, cgroup_version_name(l->cgroup));
	name = max((int)width - head - BEHIND_WIDTH, 8);
	head += snprintf(buf + head, len - (size_t)head, "%-*.*s %6llu.%llu s %9s", name, name,
			 l->name, (unsigned long long)ms / 1000,
			 (unsigned long long)ms % 1000 / 100, memory);
	if (l->has_verdict)
		head += snprintf(buf + head, len - (size_t)head, "  last ");
	str_copy(buf + head, len - (size_t)head, l->has_verdict ? verdict_name(l->verdict) : "");
	return head;
}

static int put_time(char *buf, size_t len, uint64_t seconds)
{
	if (seconds >= 3600)
		return snprintf(buf, len, "%llu:%02llu:%02llu", (unsigned long long)seconds / 3600,
				(unsigned long long)seconds / 60 % 60,
				(unsigned long long)seconds % 60);
	return snprintf(buf, len, "%llu:%02llu", (unsigned long long)seconds / 60,
			(unsigned long long)seconds % 60);
}

/* "12 of 51, 1 failed, 2 broken; 0:35, about 1:20 left" */
static void last_line(const struct view *v, char *buf, size_t len)
{
	size_t done = v->nr[VERDICT_PASS] + v->nr[VERDICT_FAIL] + v->nr[VERDICT_SKIP] +
		      v->nr[VERDICT_BROKEN];
	uint64_t ms = (proc_now_us() - v->start_us) / 1000;
	FILE *out __fclose = fmemopen(buf, len, "w");
	char text[32];

	*buf = '\0';
	if (!out)
		return;
	fprintf(out, "%zu", done);
	if (v->nr_planned)
		fprintf(out, " of %zu", v->nr_planned);
	if (v->nr[VERDICT_FAIL])
		fprintf(out, ", %zu failed", v->nr[VERDICT_FAIL]);
	if (v->nr[VERDICT_BROKEN])
		fprintf(out, ", %zu broken", v->nr[VERDICT_BROKEN]);
	if (v->nr[VERDICT_SKIP])
		fprintf(out, ", %zu skipped", v->nr[VERDICT_SKIP]);
	put_time(text, sizeof(text), ms / 1000);
	fprintf(out, "; %s", text);
	if (!v->nr_planned || !v->done_ms || v->expected_ms < v->done_ms)
		return;
	put_time(text, sizeof(text), ms * (v->expected_ms - v->done_ms) / v->done_ms / 1000);
	fprintf(out, ", about %s left", text);
}

static void size_of_terminal(const struct view *v, unsigned int *width, unsigned int *rows)
{
	struct winsize w = { 0 };

	ioctl(fileno(v->out), TIOCGWINSZ, &w);
	*width = w.ws_col ? w.ws_col : 80;
	*rows = w.ws_row ? w.ws_row : 24;
}

/* To where the view begins. A terminal that was made narrower has wrapped what stood there. */
static void put_home(struct view *v, FILE *to, unsigned int width)
{
	unsigned int rows = 0;

	for (unsigned int i = 0; i < v->nr_rows; i++)
		rows += v->lengths[i] ? (v->lengths[i] + width - 1) / width : 1;
	if (continued)
		rows = 0;
	continued = 0;
	fputc('\r', to);
	if (rows)
		fprintf(to, "\033[%uA", rows);
	v->nr_rows = 0;
}

/* At most one less than the width, so that no terminal wraps it; from `word` on in that colour. */
static void put_row(struct view *v, FILE *to, const char *line, unsigned int width, int word,
		    const char *colour)
{
	int len = (int)min(strlen(line), (size_t)width - 1);

	word = min(word, len);
	fprintf(to, "%.*s%s%.*s%s\033[K\n", word, line, colour, len - word, line + word,
		*colour ? "\033[0m" : "");
	v->lengths[v->nr_rows++] = (unsigned int)len;
}

static bool is_in_front(const struct view *v)
{
	pid_t front = tcgetpgrp(fileno(v->out));

	return front < 0 || front == getpgrp();
}

static void put_frame(struct view *v, FILE *to)
{
	unsigned int width, rows, nr = 0, hidden = 0;
	char line[LINE_MAX_LEN];
	int word;

	size_of_terminal(v, &width, &rows);
	put_home(v, to, width);
	for (unsigned int i = 0; i < VIEW_LANES_MAX; i++) {
		struct view_lane *l = &v->lanes[i];

		if (!l->there)
			continue;
		if (width < LEAST_WIDTH || nr + 4 > rows) {
			hidden++;
			continue;
		}
		word = lane_line(l, width, line, sizeof(line));
		put_row(v, to, line, width, word,
			v->colour && l->has_verdict ? verdict_colour(l->verdict) : "");
		nr++;
	}
	last_line(v, line, sizeof(line));
	if (hidden)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "; %u guests more",
			 hidden);
	put_row(v, to, line, width, 0, "");
	fputs("\033[J", to);
}

/* In one write, each line over the one before: nothing flickers. */
void view_draw(struct view *v)
{
	char *frame __free = NULL;
	size_t len = 0;
	FILE *to;

	if (!v || !is_in_front(v))
		return;
	to = open_memstream(&frame, &len);
	if (!to)
		return;
	put_frame(v, to);
	if (fclose(to) == EOF)
		return;
	fwrite(frame, 1, len, v->out);
	fflush(v->out);
}

void view_wipe(struct view *v)
{
	unsigned int width, rows;

	if (!v || !v->nr_rows)
		return;
	size_of_terminal(v, &width, &rows);
	put_home(v, v->out, width);
	fputs("\033[J", v->out);
	fflush(v->out);
}

int view_tick_ms(const struct view *v)
{
	return v ? TICK_MS : -1;
}
