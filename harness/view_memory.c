// SPDX-License-Identifier: MIT
#include "harness/view_memory.h"

#include <fcntl.h>
#include <jansson.h>

#define CHUNK	   KiB(64) /* longer than any line of a player */
#define CHUNKS_MAX 16	   /* at a time: a log storm must not hold up the run */

void view_memory_forget(struct view_memory *m)
{
	cleanup_close(&m->fd);
	*m = (struct view_memory){ .fd = -1 };
}

void view_memory_follow(struct view_memory *m, const char *evidence)
{
	view_memory_forget(m);
	m->fd = open(evidence, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static size_t index_of(const json_t *list, const char *text)
{
	size_t i;
	json_t *o;

	json_array_foreach (list, i, o)
		if (json_is_string(o) && str_eq(json_string_value(o), text))
			return i;
	return SIZE_MAX;
}

/* {"t":"timeline","machine":["some_us"],"machines":[""],"cgroup":["current_kb"],"cgroups":["","box"],..} */
static void see_timeline(struct view_memory *m, const json_t *o)
{
	const json_t *columns = json_object_get(o, "cgroup");
	size_t current = index_of(columns, "current_kb");

	if (current == SIZE_MAX)
		return;
	m->first = json_array_size(json_object_get(o, "machine")) *
			   json_array_size(json_object_get(o, "machines")) +
		   current;
	m->stride = json_array_size(columns);
	m->nr = min(json_array_size(json_object_get(o, "cgroups")), (size_t)VIEW_CGROUPS_MAX);
	for (size_t i = 0; i < m->nr; i++)
		m->kb[i] = 0;
}

/* {"t":"sample","us":1,"set":[0,17,5,null]} */
static void see_sample(struct view_memory *m, const json_t *o)
{
	const json_t *set = json_object_get(o, "set");

	for (size_t i = 0; m->stride && i + 1 < json_array_size(set); i += 2) {
		json_int_t column = json_integer_value(json_array_get(set, i));
		const json_t *value = json_array_get(set, i + 1);
		size_t from_first = (size_t)column - m->first;

		if (column < (json_int_t)m->first || from_first % m->stride ||
		    from_first / m->stride >= m->nr)
			continue;
		m->kb[from_first / m->stride] =
			json_is_integer(value) ? json_integer_value(value) : -1;
	}
}

static void see_line(struct view_memory *m, const char *line, size_t len)
{
	static const char sample[] = "{\"t\":\"sample\"", timeline[] = "{\"t\":\"timeline\"";
	bool is_sample = len > strlen(sample) && !memcmp(line, sample, strlen(sample));
	json_t *o;

	if (!is_sample && (len < strlen(timeline) || memcmp(line, timeline, strlen(timeline))))
		return;
	o = json_loadb(line, len, 0, NULL);
	if (is_sample)
		see_sample(m, o);
	else
		see_timeline(m, o);
	json_decref(o);
}

/* The whole lines of a chunk; how long they are. */
static size_t see_lines(struct view_memory *m, const char *text, size_t len)
{
	size_t at = 0;
	const char *end;

	while ((end = memchr(text + at, '\n', len - at))) {
		see_line(m, text + at, (size_t)(end - text) - at);
		at = (size_t)(end - text) + 1;
	}
	return at;
}

int64_t view_memory_now(struct view_memory *m)
{
	static char chunk[CHUNK];

	for (int i = 0; m->fd >= 0 && i < CHUNKS_MAX; i++) {
		ssize_t n = pread(m->fd, chunk, sizeof(chunk), m->at);
		size_t seen = n > 0 ? see_lines(m, chunk, (size_t)n) : 0;

		if (n == sizeof(chunk) && !seen)
			seen = sizeof(
				chunk); /* a line of the host's, longer than we want to know */
		m->at += (off_t)seen;
		if (n < (ssize_t)sizeof(chunk))
			break;
	}
	return m->stride && m->nr ? m->kb[0] : -1;
}
