// SPDX-License-Identifier: MIT
#include "harness/merge.h"
#include "harness/shard.h"
#include "lib/fs.h"

#include <sys/stat.h>

static int64_t get_int(const json_t *o, const char *key, int64_t absent)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : absent;
}

int part_read(const char *path, struct part *ret, struct fail *f)
{
	char file[RESULTS_PATH_LEN];
	const json_t *shard, *cases;
	int64_t index, of, planned;
	json_error_t je;
	struct stat st;

	*ret = (struct part){ .path = path };
	if ((size_t)snprintf(file, sizeof(file), "%s/results.json", path) >= sizeof(file))
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", path);
	if (stat(file, &st))
		return fail_errno(f, -errno, "%s", file);
	ret->file_dev = st.st_dev;
	ret->file_ino = st.st_ino;
	ret->doc = json_load_file(file, JSON_REJECT_DUPLICATES, &je);
	if (!ret->doc)
		return fail_set(f, -EBADMSG, "%s:%d:%d: %s", file, je.line, je.column, je.text);
	cases = json_object_get(ret->doc, "cases");
	if (get_int(ret->doc, "schema", 0) != RESULTS_SCHEMA || !json_is_array(cases))
		return fail_set(f, -EBADMSG, "%s: not results of schema %d", file, RESULTS_SCHEMA);
	shard = json_object_get(ret->doc, "shard");
	index = get_int(shard, "index", 1);
	of = get_int(shard, "of", 1);
	planned = get_int(ret->doc, "planned", 0) ?: (int64_t)json_array_size(cases);
	if (of < 1 || of > SHARDS_MAX || index < 1 || index > of || planned < 0)
		return fail_set(f, -EBADMSG, "%s: no such shard", file);
	ret->index = (unsigned int)index;
	ret->of = (unsigned int)of;
	ret->nr_planned = (size_t)planned;
	ret->nr_cases = json_array_size(cases);
	ret->finished = json_is_true(json_object_get(ret->doc, "finished"));
	return 0;
}

void part_free(struct part *p)
{
	json_decref(p->doc);
	p->doc = NULL;
}

int parts_check(const struct part *parts, size_t nr, struct fail *f)
{
	for (size_t i = 1; i < nr; i++) {
		if (parts[i].of != parts[0].of)
			return fail_set(f, -EINVAL, "%s is shard %u of %u, but %s is one of %u",
					parts[i].path, parts[i].index, parts[i].of, parts[0].path,
					parts[0].of);
		for (size_t j = 0; j < i; j++)
			if (parts[j].file_dev == parts[i].file_dev &&
			    parts[j].file_ino == parts[i].file_ino)
				return fail_set(f, -EINVAL, "%s and %s are one run", parts[j].path,
						parts[i].path);
		for (size_t j = 0; parts[0].of > 1 && j < i; j++)
			if (parts[j].index == parts[i].index)
				return fail_set(f, -EINVAL, "%s and %s are both shard %u of %u",
						parts[j].path, parts[i].path, parts[i].index,
						parts[i].of);
	}
	return 0;
}

static bool has_shard(const struct part *parts, size_t nr, unsigned int index)
{
	for (size_t i = 0; i < nr; i++)
		if (parts[i].index == index)
			return true;
	return false;
}

size_t parts_missing(const struct part *parts, size_t nr, FILE *out)
{
	size_t missing = 0;

	for (unsigned int s = 1; nr && s <= parts[0].of; s++) {
		if (has_shard(parts, nr, s))
			continue;
		fprintf(out, "oomlab: shard %u of %u is missing\n", s, parts[0].of);
		missing++;
	}
	for (size_t i = 0; i < nr; i++) {
		if (parts[i].finished && parts[i].nr_cases == parts[i].nr_planned)
			continue;
		fprintf(out, "oomlab: %s: not whole, %zu of %zu cases\n", parts[i].path,
			parts[i].nr_cases, parts[i].nr_planned);
		missing++;
	}
	return missing;
}
