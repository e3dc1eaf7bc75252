// SPDX-License-Identifier: MIT
/* oomlab sysctl check: a profile held against a root or this kernel. */
#include "harness/sysctl_prove.h"

#include <dirent.h>
#include <limits.h>

static int is_profile(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return *e->d_name != '.' && n > 5 && str_eq(e->d_name + n - 5, ".yaml");
}

/* Which there are is what whoever mistypes a name wants to know. */
static int no_such_profile(const char *word, char *path)
{
	char names[512] = "";
	struct dirent **list;
	size_t at = 0;
	int nr;

	*strrchr(path, '/') = '\0';
	nr = scandir(path, &list, is_profile, alphasort);
	for (int i = 0; i < nr; i++) {
		if (at < sizeof(names))
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%.*s",
					       i ? ", " : "", (int)strlen(list[i]->d_name) - 5,
					       list[i]->d_name);
		free(list[i]);
	}
	if (nr >= 0)
		free(list);
	return usage_error("no profile '%s' in %s; there are: %s", word, path,
			   nr > 0 ? names : "none");
}

static int load_profile(const char *word, struct profile **ret)
{
	char path[PATH_MAX + 32], *messages __free = NULL;
	int err = profile_load(profile_path(word, path, sizeof(path)), ret, &messages);

	if (err == -ENOENT && !str_eq(path, word))
		return no_such_profile(word, path);
	if (err && messages && *messages)
		fputs(messages, stderr);
	else if (err)
		usage_error("profile %s: %s", path, strerror(-err));
	return err ? EXIT_USAGE : 0;
}

/* Of the kernel that was named, or of all; a running kernel needs none. */
static int load_tables(const struct sysctl_args *a, struct sysctl_check *k)
{
	struct fail f = { 0 };

	if (a->host)
		return 0;
	if (!a->kernels)
		return sysctl_tables_load(&k->tables, &k->nr_tables, &f) < 0
			       ? usage_error("%s", f.where)
			       : 0;
	if (strchr(a->kernels, ',') &&
	    a->prove) /* the defaults of each are asked when it is its turn */
		return sysctl_tables_load(&k->tables, &k->nr_tables, &f) < 0
			       ? usage_error("%s", f.where)
			       : 0;
	if (strchr(a->kernels, ','))
		return usage_error("--kernel %s: without --prove one kernel was expected",
				   a->kernels);
	k->tables = calloc(1, sizeof(*k->tables));
	if (!k->tables || sysctl_table_load(a->kernels, k->tables, &f) < 0)
		return usage_error("no table of '%s' ('oomlab sysctl golden' makes one): %s",
				   a->kernels, f.where);
	k->nr_tables = 1;
	return 0;
}

static void finding_text(const struct sysctl_check *k, const struct sysctl_finding *f)
{
	char place[512], wants[128];
	int n = printf("%-8s %s", sysctl_state_name(f->state), f->want->name);

	if (sysctl_saw(f)) {
		n += printf(" = ");
		n += sysctl_put(stdout, sysctl_saw(f));
	}
	if (f->state != SYSCTL_OK && f->state != SYSCTL_DEFAULT)
		n += printf(", want %s", profile_wants(f->want, wants, sizeof(wants)));
	printf("%*s  ", max(56 - n, 0), "");
	if (f->set && f->state != SYSCTL_UNKNOWN)
		sysctl_put(stdout, sysctl_place(&k->conf, f->set, place, sizeof(place)));
	else if (f->dflt)
		printf("kernel default%s%s", k->nr_tables == 1 ? " of " : "",
		       k->nr_tables == 1 ? k->tables[0].kernel : "");
	else
		fputs(f->why, stdout);
	putchar('\n');
}

static void check_text(const struct sysctl_check *k)
{
	size_t nr[SYSCTL_UNKNOWN + 1] = { 0 };

	for (size_t i = 0; i < k->profile->nr_values; i++) {
		finding_text(k, &k->findings[i]);
		nr[k->findings[i].state]++;
	}
	sysctl_notes_text(&k->conf, false);
	printf("# %s, by value:", k->profile->name);
	for (size_t i = 0; i < ARRAY_SIZE(nr); i++)
		printf("%s %zu %s", i ? "," : "", nr[i], sysctl_state_name(i));
	putchar('\n');
}

static void finding_json(struct jsonw *w, const struct sysctl_check *k,
			 const struct sysctl_finding *f)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "name", f->want->name);
	jsonw_str(w, "state", sysctl_state_name(f->state));
	jsonw_str(w, "saw", sysctl_saw(f));
	jsonw_array(w, "want");
	for (size_t i = 0; i < f->want->nr_wants; i++)
		jsonw_str(w, NULL, f->want->wants[i].text);
	jsonw_close(w);
	if (f->set) {
		jsonw_str(w, "file", k->conf.files[f->set->file].path);
		if (f->set->line)
			jsonw_u64(w, "line", f->set->line);
	}
	if (*f->why && !f->dflt)
		jsonw_str(w, "why", f->why);
	jsonw_str(w, "source", f->want->source);
	jsonw_str(w, "promise", f->want->promise);
	jsonw_close(w);
}

static void check_json(const struct sysctl_check *k, const struct sysctl_proofs *proofs)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_flush(&w, buf, sizeof(buf), sysctl_to_stdout, NULL);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", 1);
	jsonw_str(&w, "profile", k->profile->name);
	jsonw_array(&w, "values");
	for (size_t i = 0; i < k->profile->nr_values; i++)
		finding_json(&w, k, &k->findings[i]);
	jsonw_close(&w);
	sysctl_notes_json(&w, &k->conf);
	if (proofs)
		sysctl_proofs_json(&w, proofs);
	jsonw_finish(&w);
	putchar('\n');
}

static int read_all(const struct sysctl_args *a, struct sysctl_check *k)
{
	int err;

	if (!a->nr_words)
		return usage_error("sysctl check: a PROFILE was expected");
	err = load_profile(a->words[0], &k->profile);
	if (!err)
		err = sysctl_settings(a, a->words + 1, a->nr_words - 1, &k->conf);
	if (!err)
		err = load_tables(a, k);
	if (err)
		return err;
	k->findings = calloc(k->profile->nr_values + 1, sizeof(*k->findings));
	return k->findings ? 0 : usage_error("%s", strerror(ENOMEM));
}

static int status_of(const struct sysctl_check *k, const struct sysctl_proofs *p)
{
	bool failed = false, unclear = false;

	for (size_t i = 0; i < k->profile->nr_values; i++)
		failed |= k->findings[i].state == SYSCTL_DIFFERS;
	for (size_t i = 0; i < p->nr; i++) {
		failed |= p->list[i].verdict == PROOF_BROKEN;
		unclear |= p->list[i].unclear;
	}
	return failed ? EXIT_FAILED : unclear ? EXIT_BROKEN : EXIT_PASSED;
}

static int check(const struct sysctl_args *a, struct sysctl_check *k, struct sysctl_proofs *p)
{
	int err = read_all(a, k);

	if (err)
		return err;
	sysctl_judge(k->profile, &k->conf, k->tables, k->nr_tables, a->host, k->findings);
	if (!a->json) {
		check_text(k);
		fflush(stdout); /* before what the plays tell on standard error */
	}
	if (a->prove)
		err = sysctl_prove(a, k, p);
	if (err && !p->nr)
		return err;
	if (a->json)
		check_json(k, a->prove ? p : NULL);
	else
		sysctl_proofs_text(k, p);
	return err ?: status_of(k, p);
}

int sysctl_check(const struct sysctl_args *a)
{
	struct sysctl_check k = { 0 };
	struct sysctl_proofs p = { 0 };
	int status = check(a, &k, &p);

	sysctl_proofs_free(&p);
	free(k.findings);
	profile_free(k.profile);
	sysctl_tables_free(k.tables, k.nr_tables);
	sysctl_conf_free(&k.conf);
	return status;
}
