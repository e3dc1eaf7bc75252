// SPDX-License-Identifier: MIT
/*
 * Lines in, records out to oom_event.c. Between them stands the joiner: mailers, terminals and
 * pr_cont() cut messages, so a message waits here until the next one begins, and a line without a
 * prefix that gives it more fields is its rest. No grammar of cuts: what parses better is right.
 */
#include "lib/log_line.h"
#include "lib/oom_event.h"

#define JOINS_MAX  12
#define JOINED_MAX (LOG_LINE_MAX * 2)

struct pending { /* a message that may go on in the next line */
	char text[JOINED_MAX];
	struct oom_record rec; /* its slices point into text */
	struct oom_origin from;
	size_t raw_len;	  /* of the physical line it ends with */
	bool held, blank; /* that line ends with a blank */
	bool soft;	  /* it says itself that it goes on (quoted-printable) */
	int joins;
};

/*
 * How this log is wrapped, learned from the joins: a terminal cuts every line at the same width,
 * anywhere; a mailer at blanks, so that widths differ.
 */
struct wrapping {
	bool any, hard;
	size_t len;	   /* of the last line that was continued */
	unsigned int same; /* how often in a row */
};

#define HARD_WIDTH 80 /* mailers break before it if there is a blank */

struct oom_parser {
	struct oom_events events;
	struct pending pending;
	struct wrapping wrapping;
	size_t raw_len;			  /* of the line that is being fed */
	bool raw_blank, raw_soft, quoted; /* the log has quoted-printable lines */
	char unquoted[LOG_LINE_MAX];
	char decoded[LOG_LINE_MAX];
	char joined[2][JOINED_MAX];
};

struct oom_parser *oom_parser_new(oom_done_fn done, void *ctx)
{
	struct oom_parser *p = calloc(1, sizeof(*p));

	if (p)
		p->events = (struct oom_events){ .done = done, .ctx = ctx };
	return p;
}

void oom_parser_free(struct oom_parser *p)
{
	if (!p)
		return;
	oom_events_clear(&p->events);
	free(p);
}

static int flush(struct oom_parser *p)
{
	struct pending *d = &p->pending;

	if (!d->held)
		return 0;
	d->held = false;
	if (d->rec.type == REC_NONE)
		return 0;
	return oom_events_apply(&p->events, &d->rec, &d->from);
}

static bool cut_hard(const struct oom_parser *p)
{
	const struct pending *d = &p->pending;

	if (p->wrapping.any)
		return p->wrapping.hard && d->raw_len == p->wrapping.len;
	return d->raw_len >= HARD_WIDTH && strchr(d->text, ' ');
}

/* `inside`: this join only makes sense without a blank. Rows are all of a width, so they say less.
 */
static void learn_wrapping(struct wrapping *w, size_t len, bool inside, bool row)
{
	bool first = !w->any;

	if (inside) {
		*w = (struct wrapping){ .any = true, .hard = true, .len = len };
		return;
	}
	if (row && !first)
		return;
	w->same = !first && w->len == len ? w->same + 1 : 0;
	w->hard = first ? len >= HARD_WIDTH : w->same >= 2 || (w->hard && w->same);
	w->len = len;
	w->any = true;
}

/* One blank for each run of them; a mail archive that unwraps lines puts a second one there. */
static bool squeeze(char *s)
{
	char *to = strstr(s, "  ");

	if (!to)
		return false;
	for (const char *from = to; *from; from++)
		if (*from != ' ' || to == s || to[-1] != ' ')
			*to++ = *from;
	*to = '\0';
	return true;
}

/*
 * Replaces what is held. A message that is whole goes on at once, unless the line is as long as
 * those that are continued: "uid=1" could be half of "uid=1000".
 */
static int hold(struct oom_parser *p, const char *text)
{
	const struct oom_columns *columns = oom_events_columns(&p->events, p->pending.from.caller);
	struct pending *d = &p->pending;

	d->raw_len = p->raw_len;
	d->blank = p->raw_blank;
	d->soft = p->raw_soft;
	str_copy(d->text, sizeof(d->text), text);
	oom_record_parse(d->text, columns, &d->rec);
	if (d->rec.type == REC_NONE && squeeze(d->text)) {
		oom_record_parse(d->text, columns, &d->rec);
		if (d->rec.type == REC_NONE)
			str_copy(d->text, sizeof(d->text), text);
	}
	d->held = true;
	return d->rec.whole && !d->soft && !(p->wrapping.any && cut_hard(p)) ? flush(p) : 0;
}

/* pr_cont() pieces have a prefix each when another CPU's message came between (4.10 to 4.14). */
static bool is_piece(const struct pending *d, const struct log_line *l)
{
	bool open = d->rec.type == REC_INVOKED || d->rec.type == REC_SUMMARY ||
		    d->rec.type == REC_TASK_IN;

	return open && l->caller == d->from.caller && (strchr(",(/", *l->text) || *l->text == ' ');
}

/* The three fit: the caller has measured them. */
static void concat(char *out, const char *a, const char *between, const char *b)
{
	size_t n = strlen(a), m = strlen(between);

	memcpy(out, a, n);
	memcpy(out + n, between, m);
	memcpy(out + n + m, b, strlen(b) + 1);
}

/* A row joined by a blank whose comm is "0 systemd" has a column too many. */
static bool cut_in_number(const struct oom_record *r)
{
	size_t n = strspn(r->task.comm, "-0123456789");

	return r->type == REC_ROW && n && r->task.comm[n] == ' ';
}

/* Mailers break lines behind a hyphen too, and no blank is lost there. */
static bool ends_open(const char *s)
{
	size_t n = strlen(s);

	return n && strchr("-:", s[n - 1]);
}

/*
 * A line that adds nothing yet to an open message may be a piece of it still: of "total-", "vm:",
 * "1kB" only the last one makes a field. It must be short, and nothing by itself; were it no
 * piece, the message would lose nothing by it.
 */
static bool may_be_between(const struct pending *d, const struct oom_record *alone,
			   const struct oom_record *with, const char *rest)
{
	return d->rec.type == REC_KILLED && !d->rec.whole && alone->type == REC_NONE &&
	       (ends_open(d->text) || ends_open(rest)) && with->type == d->rec.type &&
	       with->score == d->rec.score && str_eq(with->victim.comm, d->rec.victim.comm) &&
	       strlen(rest) < 24;
}

/*
 * Is l the rest of what is held? Mail wraps at a blank, which is lost; terminals wrap anywhere.
 * Whichever join gives more fields than the parts is right; none: two messages.
 * 1 if it was joined, 0 if not, or -errno.
 */
static int join(struct oom_parser *p, const struct log_line *l)
{
	struct pending *d = &p->pending;
	const struct oom_columns *columns = oom_events_columns(&p->events, d->from.caller);
	struct oom_record alone, with[2];
	bool piece = l->prefixed && is_piece(d, l);
	const char *rest = l->text + strspn(l->text, " \t");
	bool hard;
	int best, least, err;

	if ((l->prefixed && !piece) || d->joins >= JOINS_MAX || !*rest)
		return 0;
	if (strlen(d->text) + strlen(rest) + 2 > sizeof(d->text))
		return 0;
	concat(p->joined[0], d->text, " ", rest);
	concat(p->joined[1], d->text, "", rest);
	if (d->soft) {
		d->joins++;
		err = hold(p, p->joined[1]);
		return err ? err : 1;
	}
	oom_record_parse(rest, columns, &alone);
	oom_record_parse(p->joined[0], columns, &with[0]);
	oom_record_parse(p->joined[1], columns, &with[1]);
	hard = cut_hard(p) && !piece;
	best = with[1].score > with[0].score || (piece && *l->text != ' ');
	if (with[1].score == with[0].score && !d->blank && *l->text != ' ' &&
	    (hard || cut_in_number(&with[0])))
		best = 1;
	least = d->rec.type == REC_NONE ? alone.score : d->rec.score;
	/* A name or number goes on without a new field. */
	least -= piece || (hard && p->wrapping.any && d->rec.type != REC_NONE);
	if (may_be_between(d, &alone, &with[best], rest))
		best = ends_open(d->text);
	else if (with[best].type == REC_NONE || with[best].score <= least)
		return 0;
	if (d->rec.type == REC_NONE ? alone.type != REC_NONE && alone.type != with[best].type
				    : alone.type != REC_NONE || with[best].type != d->rec.type)
		return 0;
	d->joins++;
	if (!piece)
		learn_wrapping(&p->wrapping, d->raw_len, with[1].score > with[0].score,
			       d->rec.type == REC_ROW);
	err = hold(p, p->joined[best]);
	return err ? err : 1;
}

static int feed(struct oom_parser *p, const struct log_line *l, uint64_t line)
{
	struct pending *d = &p->pending;
	int err;

	if (!l->len)
		return 0;
	err = d->held ? join(p, l) : 0;
	if (err)
		return err > 0 ? 0 : err;
	err = flush(p);
	d->from = (struct oom_origin){ line, l->caller, l->stamp_us, l->kernel };
	d->joins = 0;
	return err ? err : hold(p, l->text);
}

/* No message begins with these: what stands before s is the head of a comm, or all of it. */
static bool comm_goes_on(const char *s, size_t left)
{
	return memchr(s, ')', strnlen(s, left)) || str_starts(s, " invoked oom-killer") ||
	       str_starts(s, " cpuset=");
}

/* The next kernel stamp behind the head of s, where a console glued two messages to a line. */
static char *next_stamp(char *s)
{
	while ((s = strchr(s + 1, '['))) {
		size_t n = log_stamp(s, NULL);

		/* "(a[   12.345678] b) total-vm:" is within a comm. */
		if (n > 8 && s[n - 8] == '.' && !comm_goes_on(s + n, 16 - min(n, (size_t)15)))
			return s;
	}
	return NULL;
}

/*
 * The next line's time in a page that lost its newlines, "... order=0 Apr 09 16:00:14 host kernel:
 * ...": it stands before the line's second tag, or a later one.
 */
static char *next_tagged(char *s)
{
	static const char tag[] = " kernel: ";
	char *k = strstr(s, tag);

	while (k && (k = strstr(k + 1, tag)))
		for (char *t = max(s + 1, k - 96); t < k; t++) {
			size_t n = t[-1] == ' ' ? log_time(t) : 0;

			if (n && t[n] == ' ' && t + n + strcspn(t + n + 1, " ") + 1 >= k)
				return t;
		}
	return NULL;
}

/* One line of a record; `head` is how the record began, for its further lines. */
static int feed_line(struct oom_parser *p, char *text, struct log_line *head, uint64_t line)
{
	while (text) {
		char *next = *text ? next_stamp(text) : NULL;
		char *tagged = next_tagged(text);
		struct log_line l;
		char kept = 0;
		int err;

		if (tagged && (!next || tagged < next))
			next = tagged;
		if (next) {
			kept = *next;
			*next = '\0';
		}
		l = log_strip(text);
		if (str_starts(l.text, "Subject: ")) /* a mail's, which names what it is about */
			l.len = 0;
		if (!l.prefixed) {
			l.prefixed = head->prefixed;
			l.caller = head->caller;
		}
		l.kernel |= head->kernel;
		*head = l;
		err = feed(p, &l, line);
		if (err)
			return err;
		if (next)
			*next = kept;
		text = next;
	}
	return 0;
}

int oom_parser_line(struct oom_parser *p, const char *line, size_t len, uint64_t line_number)
{
	struct log_line head = { .text = "", .stamp_us = INT64_MIN };
	char *s = p->decoded;
	ssize_t n;

	p->events.fed++;
	while (len && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	p->raw_len = len;
	p->raw_blank = len && line[len - 1] == ' ';
	n = log_unquote(line, len, p->quoted, p->unquoted, &p->raw_soft);
	p->raw_soft &= n >= 0;
	p->quoted |= n >= 0;
	log_decode(n < 0 ? line : p->unquoted, n < 0 ? len : (size_t)n, s);
	while (s) {
		char *end = strchr(s, '\n');
		int err;

		if (end)
			*end++ = '\0';
		err = feed_line(p, s, &head, line_number);
		if (err)
			return err;
		s = end;
	}
	return 0;
}

int oom_parser_finish(struct oom_parser *p)
{
	int err = flush(p);

	oom_events_flush(&p->events);
	return err;
}

/* What is held may be the first half of an anchor: then its rest need not look like anything. */
bool oom_parser_wants_all(const struct oom_parser *p)
{
	const struct pending *d = &p->pending;
	size_t len = d->held ? strlen(d->text) : 0;

	if (d->held && (d->rec.type != REC_NONE || oom_scan(d->text, len) < len))
		return true;
	return oom_events_expect((struct oom_events *)&p->events);
}
