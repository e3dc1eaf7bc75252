// SPDX-License-Identifier: MIT
/*
 * evidence.jsonl into struct evidence. The file is untrusted: a guest wrote most of it. It knows
 * lines; evidence_record.c knows what stands on them, evidence_oom.c what follows from them.
 */
#include "harness/evidence_parse.h"

#define LINE_BYTES_MAX \
	MiB(64) /* a console record holds a whole boot's noise; more is no evidence */

void *evidence_grow(void *array, size_t *nr, size_t size)
{
	void **p = array;

	/* Room is doubled whenever the count reaches a power of two. */
	if ((*nr & (*nr - 1)) == 0) {
		size_t room = *nr ? *nr * 2 : 1;
		void *bigger = reallocarray(*p, room, size);

		if (!bigger)
			return NULL;
		*p = bigger;
	}
	return memset((char *)*p + (*nr)++ * size, 0, size);
}

static int load_line(struct evidence *e, const char *line, size_t len, struct fail *f)
{
	json_error_t je;
	json_t *object;
	int err;

	if (len > LINE_BYTES_MAX)
		return fail_set(f, -EBADMSG, "a line of %zu bytes", len);
	object = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &je);
	if (!object)
		return fail_set(f, -EBADMSG, "no JSON: %s", je.text);
	err = evidence_record(e, object, f);
	json_decref(object);
	return err;
}

/* Puts "file:line: " before what f says. */
static int at_line(struct fail *f, int err, const char *file, size_t nr)
{
	struct fail inner = *f;

	if (err == -ENOMEM)
		return fail_errno(f, err, "read %s", file);
	return fail_set(f, err, "%s:%zu: %s", file, nr, inner.where);
}

static int load_lines(struct evidence *e, FILE *in, const char *file, struct fail *f)
{
	char *line __free = NULL;
	size_t room = 0;
	ssize_t n;

	for (size_t nr = 1; errno = 0, (n = getline(&line, &room, in)) >= 0; nr++) {
		int err;

		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n == 0)
			continue;
		err = load_line(e, line, (size_t)n, f);
		if (err)
			return at_line(f, err, file, nr);
	}
	if (ferror(in) || errno)
		return fail_errno(f, errno ? -errno : -EIO, "read %s", file);
	return 0;
}

int evidence_load(const char *file, struct evidence **ret, struct fail *f)
{
	FILE *in __fclose = fopen(file, "re");
	struct evidence *e;
	int err;

	if (!in)
		return fail_errno(f, -errno, "open %s", file);
	e = calloc(1, sizeof(*e));
	if (!e)
		return fail_errno(f, -ENOMEM, "read %s", file);
	err = load_lines(e, in, file, f);
	if (!err) {
		err = evidence_conclude(e);
		if (err)
			fail_errno(f, err, "read the kernel log in %s", file);
	}
	if (err) {
		evidence_free(e);
		return err;
	}
	*ret = e;
	return 0;
}
