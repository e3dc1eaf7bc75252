// SPDX-License-Identifier: MIT
/* See qmp.h. */
#include "harness/qmp.h"
#include "harness/child.h"
#include "lib/jsonw.h"

#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>

/* {"timestamp": {...}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}} */
static void take_event(struct qmp *q, const json_t *o, const char *event)
{
	const json_t *data = json_object_get(o, "data");
	const char *reason = json_string_value(json_object_get(data, "reason"));

	/* The first SHUTDOWN is the cause; a later one is our own quit. */
	if (str_eq(event, "SHUTDOWN") && !q->shutdown[0])
		str_copy(q->shutdown, sizeof(q->shutdown), reason ?: "unknown");
	if (str_eq(event, "GUEST_PANICKED"))
		q->guest_panicked = true;
	if (str_eq(event, "MIGRATION"))
		str_copy(q->migration, sizeof(q->migration),
			 json_string_value(json_object_get(data, "status")) ?: "");
}

/* {"id": 3, "error": {"class": "GenericError", "desc": "State blocked by non-migratable device"}} */
static int take_error(struct qmp *q, const json_t *o)
{
	const char *desc = json_string_value(json_object_get(json_object_get(o, "error"), "desc"));

	str_copy(q->error, sizeof(q->error), desc ?: "it did not say why");
	return -EIO;
}

int qmp_take(struct qmp *q, const char *line, size_t len, unsigned int id, char **text)
{
	json_error_t e;
	json_t *o = json_loadb(line, len, 0, &e);
	const char *event = json_string_value(json_object_get(o, "event"));
	const json_t *ret = json_object_get(o, "return");
	int r = 0;

	if (event)
		take_event(q, o, event);
	else if (id && json_integer_value(json_object_get(o, "id")) == id)
		r = ret ? 1 : take_error(q, o);
	else if (!id && json_object_get(o, "QMP")) /* the greeting */
		r = 1;
	if (r == 1 && text && json_is_string(ret))
		*text = strdup(json_string_value(ret));
	json_decref(o);
	return r;
}

/* Reads once, up to `wait_ms`. 0 or -errno. */
static int fill(struct qmp *q, int wait_ms)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };
	int n = poll(&p, 1, wait_ms);
	ssize_t got;

	if (n <= 0)
		return n == 0 ? -ETIMEDOUT : errno == EINTR ? 0 : -errno;
	if (q->have == sizeof(q->buf)) /* a line we have no use for */
		q->have = 0;
	got = recv(q->fd, q->buf + q->have, sizeof(q->buf) - q->have, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		q->gone = true;
		return -EPIPE;
	}
	q->have += got;
	return 0;
}

/* Takes the whole lines of the buffer until one is the reply; 0 when there was none. */
static int take_lines(struct qmp *q, unsigned int id, char **text)
{
	char *end;
	int r = 0;

	while (r == 0 && (end = memchr(q->buf, '\n', q->have))) {
		size_t len = end - q->buf;

		r = qmp_take(q, q->buf, len, id, text);
		q->have -= len + 1;
		memmove(q->buf, end + 1, q->have);
	}
	return r;
}

static int wait_reply(struct qmp *q, unsigned int id, int deadline_ms, char **text)
{
	int64_t until = now_ms() + deadline_ms;

	for (;;) {
		int r = take_lines(q, id, text);

		if (r)
			return r < 0 ? r : 0;
		r = fill(q, (int)max(until - now_ms(), (int64_t)0));
		if (r)
			return r;
	}
}

int qmp_execute(struct qmp *q, const char *command, const char *arguments, int deadline_ms,
		char **text)
{
	unsigned int id = ++q->last_id;
	char buf[1024];
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "execute", command);
	if (arguments)
		jsonw_raw(&w, "arguments", arguments, strlen(arguments));
	jsonw_u64(&w, "id", id);
	n = jsonw_finish(&w);
	if (n < 0)
		return n;
	buf[n++] = '\n';
	if (send(q->fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
		return -EPIPE;
	return wait_reply(q, id, deadline_ms, text);
}

int qmp_command(struct qmp *q, const char *command, bool hmp, int deadline_ms, char **text)
{
	char arguments[512];
	struct jsonw w;
	ssize_t n;

	if (!hmp)
		return qmp_execute(q, command, NULL, deadline_ms, text);
	jsonw_init(&w, arguments, sizeof(arguments) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "command-line", command);
	n = jsonw_finish(&w);
	if (n < 0)
		return n;
	arguments[n] = '\0';
	return qmp_execute(q, "human-monitor-command", arguments, deadline_ms, text);
}

int qmp_wait_migration(struct qmp *q, int deadline_ms)
{
	int64_t until = now_ms() + deadline_ms;

	for (;;) {
		int err;

		take_lines(q, ~0U, NULL);
		if (str_eq(q->migration, "completed"))
			return 0;
		if (str_eq(q->migration, "failed")) {
			str_copy(q->error, sizeof(q->error), "the migration failed");
			return -EIO;
		}
		err = fill(q, (int)max(until - now_ms(), (int64_t)0));
		if (err)
			return err;
	}
}

int qmp_open(struct qmp *q, int fd, int deadline_ms)
{
	int err;

	memset(q, 0, sizeof(*q));
	q->fd = fd;
	err = wait_reply(q, 0, deadline_ms, NULL);
	return err ?: qmp_command(q, "qmp_capabilities", false, deadline_ms, NULL);
}

void qmp_drain(struct qmp *q)
{
	do
		take_lines(q, ~0U, NULL);
	while (!fill(q, 0));
	take_lines(q, ~0U, NULL);
}
