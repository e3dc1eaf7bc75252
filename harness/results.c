// SPDX-License-Identifier: MIT
/* The folders of a run. What stands in results.json: results_json.c. */
#include "harness/results_impl.h"
#include "harness/folder.h"
#include "harness/kernels.h"
#include "lib/jsonw.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

static int make_dir(const char *path, struct fail *f)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return fail_errno(f, -errno, "make the folder %s", path);
	return 0;
}

/* Every folder on the way, like mkdir -p. */
static int make_dirs(char *path, struct fail *f)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		*slash = '\0';
		err = make_dir(path, f);
		*slash = '/';
		if (err)
			return err;
	}
	return make_dir(path, f);
}

/* A name of unknown origin as one path component: no slash, no leading dot, nothing odd. */
static void component(const char *name, char *buf, size_t len)
{
	str_copy(buf, len, *name ? name : "-");
	for (char *p = buf; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || strchr("_.-+", *p)))
			*p = '-';
	if (*buf == '.')
		*buf = '-';
}

static int make_run_dir(struct results *r, const char *base, struct fail *f)
{
	char stamp[20], path[RESULTS_PATH_LEN - 64];
	time_t now = time(NULL);
	struct tm tm;
	int err;

	if (!*base)
		return fail_set(f, -EINVAL, "--results: an empty name of a folder");
	if (!str_copy(path, sizeof(path), base))
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", base);
	err = make_dirs(path, f);
	if (err)
		return err;
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	strftime(r->facts.started, sizeof(r->facts.started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	str_copy(r->facts.run_id, sizeof(r->facts.run_id), stamp);
	for (unsigned char n = 2; n < 100; n++) {
		snprintf(r->facts.dir, sizeof(r->facts.dir), "%s/%s", path, r->facts.run_id);
		if (mkdir(r->facts.dir, 0777) == 0)
			return 0;
		if (errno != EEXIST)
			break;
		snprintf(r->facts.run_id, sizeof(r->facts.run_id), "%s-%u", stamp, n);
	}
	return fail_errno(f, -errno, "make the folder %s", r->facts.dir);
}

/* A convenience: if it cannot be had (a file system without links), the run is none the worse. */
static void point_latest(const struct results *r, const char *base)
{
	char link[RESULTS_PATH_LEN], fresh[RESULTS_PATH_LEN + 32];

	snprintf(link, sizeof(link), "%s/latest", base);
	snprintf(fresh, sizeof(fresh), "%s.%s", link, r->facts.run_id);
	if (symlink(r->facts.run_id, fresh) < 0 || rename(fresh, link) < 0)
		unlink(fresh);
}

static void host_facts(struct run_facts *facts)
{
	struct utsname uts = { 0 };
	int root __close = fs_root_open("/");

	uname(&uts);
	str_copy(facts->node, sizeof(facts->node), uts.nodename);
	str_copy(facts->release, sizeof(facts->release), uts.release);
	str_copy(facts->arch, sizeof(facts->arch), uts.machine);
	facts->nr_cpus = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (root >= 0)
		fs_key_u64(root, "proc/meminfo", "MemTotal", &facts->mem_total_kb);
}

int results_open(const char *base, const char *command, const char *qemu, struct results **ret,
		 struct fail *f)
{
	struct results *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return fail_errno(f, -ENOMEM, "open the results");
	host_facts(&r->facts);
	str_copy(r->facts.command, sizeof(r->facts.command), command);
	str_copy(r->facts.qemu, sizeof(r->facts.qemu), qemu);
	r->facts.shard = r->facts.nr_shards = 1;
	err = make_run_dir(r, base, f);
	if (!err)
		err = results_json_write(r, f);
	if (err) {
		results_free(r);
		return err;
	}
	point_latest(r, base);
	*ret = r;
	return 0;
}

const struct run_facts *results_facts(const struct results *r)
{
	return &r->facts;
}

void results_plan(struct results *r, size_t nr_plays, unsigned int shard, unsigned int nr_shards)
{
	r->facts.nr_planned = nr_plays;
	r->facts.shard = shard;
	r->facts.nr_shards = nr_shards;
}

void results_shuffled(struct results *r, unsigned int seed)
{
	r->facts.seed = seed;
}

void results_guests(struct results *r, const struct guest_stats *guests, uint64_t elapsed_ms)
{
	r->facts.guests = *guests;
	r->facts.elapsed_ms = elapsed_ms;
}

const char *results_dir(const struct results *r)
{
	return r->facts.dir;
}

const char *results_run_id(const struct results *r)
{
	return r->facts.run_id;
}

int results_sub_dir(const struct results *r, const char *kernel, enum cgroup_version cgroup,
		    const char *name, char *buf, size_t len, struct fail *f)
{
	char k[80], n[CASE_NAME_LEN + 24];
	size_t at;
	int err;

	component(kernel, k, sizeof(k));
	component(name, n, sizeof(n));
	at = (size_t)snprintf(buf, len, "%s/%s/%s", r->facts.dir, k, cgroup_version_name(cgroup));
	if (at + strlen(n) + 8 >= len)
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", r->facts.dir);
	err = make_dirs(buf, f);
	/* Names can meet (a kernel given twice, a long path): no play overwrites another's evidence. */
	for (unsigned short i = 1; !err; i++) {
		char tail[8] = "";

		if (i > 1)
			snprintf(tail, sizeof(tail), "-%u", i);
		snprintf(buf + at, len - at, "/%s%s", n, tail);
		if (mkdir(buf, 0777) == 0)
			return 0;
		if (errno != EEXIST || i > 9999)
			err = fail_errno(f, -errno, "make the folder %s", buf);
	}
	return err;
}

int results_case_dir(const struct results *r, const struct case_result *c, char *buf, size_t len,
		     struct fail *f)
{
	char name[CASE_NAME_LEN + 16];

	if (c->repeat)
		snprintf(name, sizeof(name), "%s.r%u", c->name, c->repeat);
	else
		str_copy(name, sizeof(name), c->name);
	return results_sub_dir(r, c->kernel, c->cgroup, name, buf, len, f);
}

int results_boot_dir(const struct results *r, const char *kernel, enum cgroup_version cgroup,
		     unsigned int boot, char *buf, size_t len, struct fail *f)
{
	char name[32];

	snprintf(name, sizeof(name), "boot-%u", boot);
	return results_sub_dir(r, kernel, cgroup, name, buf, len, f);
}

int results_keep_kernel(const struct results *r, const struct kernel *k, struct fail *f)
{
	char name[80], dir[RESULTS_PATH_LEN], path[RESULTS_PATH_LEN + 16], text[1024];
	struct jsonw w;
	ssize_t n;
	int err;

	component(k->spec, name, sizeof(name));
	if ((size_t)snprintf(dir, sizeof(dir), "%s/%s", r->facts.dir, name) >= sizeof(dir))
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", r->facts.dir);
	err = make_dirs(dir, f);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/config", dir);
	err = *k->config && access(path, F_OK) ? folder_copy_file(k->config, path) : 0;
	if (err)
		return fail_errno(f, err, "keep %s", k->config);
	jsonw_init(&w, text, sizeof(text) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "kernel", k->spec);
	jsonw_str(&w, "release", k->release);
	jsonw_str(&w, "package", *k->package ? k->package : NULL);
	n = jsonw_finish(&w);
	if (n < 0)
		return fail_errno(f, (int)n, "describe %s", k->spec);
	text[n] = '\0';
	snprintf(path, sizeof(path), "%s/kernel.json", dir);
	return folder_write(path, text, f);
}

int results_finish(struct results *r, bool whole, struct fail *f)
{
	r->facts.finished = whole;
	return results_json_write(r, f);
}

void results_free(struct results *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nr_cases; i++)
		free(r->cases[i]);
	free(r->cases);
	tally_free(&r->tally);
	free(r);
}

static void write_record(FILE *out, const struct ev_kmsg *k)
{
	for (const char *s = k->text;; s++) {
		size_t len = strcspn(s, "\n");

		fprintf(out, "[%5llu.%06llu] %.*s\n", (unsigned long long)k->usec / 1000000,
			(unsigned long long)k->usec % 1000000, (int)len, s);
		s += len;
		if (!*s)
			return;
	}
}

int results_write_kmsg(const char *case_dir, const struct evidence *e, struct fail *f)
{
	char path[RESULTS_PATH_LEN];
	FILE *out __fclose = NULL;

	if ((size_t)snprintf(path, sizeof(path), "%s/kmsg.log", case_dir) >= sizeof(path))
		return fail_set(f, -ENAMETOOLONG, "%s: the path is too long", case_dir);
	out = fopen(path, "we");
	if (!out)
		return fail_errno(f, -errno, "write %s", path);
	for (size_t i = 0; i < e->nr_kmsg; i++)
		if (e->kmsg[i].seq > e->mark_seq)
			write_record(out, &e->kmsg[i]);
	errno = EIO; /* if it failed before, we no longer know why */
	if (ferror(out) || fflush(out) == EOF)
		return fail_errno(f, -errno, "write %s", path);
	return 0;
}
