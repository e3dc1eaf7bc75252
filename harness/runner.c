// SPDX-License-Identifier: MIT
/* One case in one arena: facts, plan, play, evidence, judgement, report. */
#include "harness/runner.h"
#include "harness/arena.h"
#include "harness/load.h"
#include "harness/folder.h"
#include "harness/results.h"
#include "lib/proc.h"

#define REPRODUCE_LEN	8192		/* a command line with some --sysctl */
#define DEADLINE_MAX_MS (INT32_MAX / 2) /* 12 days; what poll(2) is given is a little more */

/* Never to 0, which would mean none was given, nor beyond what a plan can hold. */
static uint64_t scaled_ms(uint64_t ms, double factor)
{
	double v = (double)ms * factor;

	return v < 1 ? 1 : v > DEADLINE_MAX_MS ? DEADLINE_MAX_MS : (uint64_t)v;
}

/* What the host allows the whole play, beyond which the player is taken for hung. */
static unsigned int play_deadline_ms(const struct plan *p, double factor)
{
	uint64_t ms = scaled_ms(30000, max(factor, 1.0));

	for (size_t i = 0; i < p->nr_steps; i++)
		ms += (p->steps[i].timeout_ms ? p->steps[i].timeout_ms : p->timeout_ms) +
		      (p->steps[i].op == STEP_WAIT_QUIET ? p->steps[i].count : 0);
	return (unsigned int)min(ms, (uint64_t)DEADLINE_MAX_MS);
}

static void scale_deadlines(struct plan *p, double factor)
{
	p->timeout_ms = scaled_ms(p->timeout_ms, factor);
	for (size_t i = 0; i < p->nr_steps; i++)
		if (p->steps[i].timeout_ms)
			p->steps[i].timeout_ms = scaled_ms(p->steps[i].timeout_ms, factor);
}

static char *plan_text(const struct plan *p, size_t *len, struct fail *f)
{
	size_t cap = MiB(1);
	char *text = malloc(cap);
	struct jsonw w;
	ssize_t n;

	if (!text) {
		fail_errno(f, -ENOMEM, "plan of %s", p->name);
		return NULL;
	}
	jsonw_init(&w, text, cap);
	plan_write(p, &w);
	n = jsonw_finish(&w);
	if (n < 0 || (size_t)n + 64 > 60000) { /* a channel's line */
		fail_errno(f, -E2BIG, "plan of %s", p->name);
		free(text);
		return NULL;
	}
	*len = (size_t)n;
	return text;
}

static int record(const struct run *r, struct arena *a, const struct plan *p,
		  unsigned int deadline_ms, const char *dir, const char *file, struct fail *f)
{
	FILE *evidence __fclose = fopen(file, "we");
	char *text __free = NULL;
	size_t len;
	int err;

	if (!evidence)
		return fail_errno(f, -errno, "%s", file);
	if (r->on_play)
		r->on_play(r->on_play_ctx, file);
	text = plan_text(p, &len, f);
	if (!text)
		return f->err;
	fprintf(evidence, "{\"t\":\"plan\",\"plan\":%.*s}\n", (int)len, text);
	err = a->play(a,
		      &(struct arena_play){ .plan_json = text,
					    .len = len,
					    .deadline_ms = deadline_ms,
					    .dir = dir,
					    .evidence = evidence },
		      f);
	if (!err && (fflush(evidence) != 0 || ferror(evidence)))
		err = fail_set(f, -EIO, "%s: could not be written whole; is the disk full?", file);
	return err;
}

/* One word for a shell. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:=+,@%-";

	if (*word && !word[strspn(word, plain)]) {
		fprintf(out, " %s", word);
		return;
	}
	fputs(" '", out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){ *word, '\0' }, out);
	fputc('\'', out);
}

/* The command that plays this one case again, as it was played. */
static void put_reproduce(const struct run *r, const struct run_target *t, const char *file,
			  char *buf, size_t len)
{
	static const char *const accels[] = {
		[ACCEL_KVM] = " --accel kvm", [ACCEL_TCG] = " --accel tcg"
	};
	FILE *out __fclose = fmemopen(buf, len, "w");

	*buf = '\0';
	if (!out)
		return;
	fputs(r->opt->reproduce, out);
	if (r->opt->on_host) {
		fputs(" --on host", out);
	} else {
		fputs(" --kernel", out);
		put_word(out, t->asked ? t->asked : t->kernel);
		fprintf(out, " --cgroup %s", cgroup_version_name(t->cgroup));
		if (r->opt->accel != ACCEL_AUTO)
			fputs(accels[r->opt->accel], out);
	}
	if (r->opt->timeout_mul != 1)
		fprintf(out, " --timeout-mul %g", r->opt->timeout_mul);
	for (size_t i = 0; i < r->opt->nr_sysctls; i++) {
		char word[sizeof(r->opt->sysctls[0]) + 1];

		snprintf(word, sizeof(word), "%s=%s", r->opt->sysctls[i].name,
			 r->opt->sysctls[i].value);
		fputs(" --sysctl", out);
		put_word(out, word);
	}
	put_word(out, file);
}

/* What is known of a play before it is played. */
static struct case_result result_of(const struct run *r, const struct run_target *t,
				    const struct oom_case *c, char *reproduce, size_t len)
{
	enum claim_truth truth;
	bool known = case_truth_on(c, t->cgroup, t->release, &truth);

	put_reproduce(r, t, c->file, reproduce, len);
	return (struct case_result){
		.name = c->name,
		.theme = c->theme,
		.kernel = t->kernel,
		.release = t->release,
		.accel = t->accel,
		.cgroup = t->cgroup,
		.repeat = r->opt->repeat > 1 ? t->repeat + 1 : 0,
		.reason = "",
		.dir = "",
		.reproduce = reproduce,
		.claim = c->claim,
		.claim_source = c->claim_source,
		.claim_truth = known ? claim_truth_name(truth) : NULL,
	};
}

static int tell(struct run *r, const struct case_result *res, struct fail *f)
{
	report_case(r->report, res);
	if (r->on_result)
		r->on_result(r->on_result_ctx, res);
	r->verdict = res->verdict;
	if ((r->opt->fail_fast || r->opt->until_fail) &&
	    (res->verdict == VERDICT_FAIL || res->verdict == VERDICT_BROKEN))
		r->stop = true;
	return results_add(r->results, res, f);
}

int run_report_unplayed(struct run *r, const struct run_target *t, const struct oom_case *c,
			enum verdict v, const char *reason, struct fail *f)
{
	char reproduce[REPRODUCE_LEN];
	struct case_result res = result_of(r, t, c, reproduce, sizeof(reproduce));

	res.verdict = v;
	res.reason = reason;
	return tell(r, &res, f);
}

static int judge_and_tell(struct run *r, struct case_result *res, const char *file, struct fail *f)
{
	struct judgement j = { 0 };
	struct fail untold = { 0 };
	struct evidence *e;
	int err = evidence_load(file, &e, f), told;

	if (err) {
		/* What cannot be read says nothing of the kernel; the other cases are played. */
		res->verdict = VERDICT_BROKEN;
		res->reason = f->where;
		return tell(r, res, &(struct fail){ 0 });
	}
	r->nr_reports = e->nr_reports;
	err = judge(e, &j);
	if (err) {
		evidence_free(e);
		return fail_errno(f, err, "judge %s", res->name);
	}
	res->judgement = &j;
	res->verdict = j.verdict;
	res->reason = j.reason ? j.reason : "";
	res->prediction = e->plan ? &e->plan->prediction : NULL;
	res->figures = e->figures;
	res->nr_figures = e->nr_figures;
	res->timing = timing_of(e);
	r->guests.nr_restored += res->timing.restored;
	r->guests.restore_ms += res->timing.restore_us / 1000;
	/* A verdict is told, whatever else of the case cannot be kept. */
	err = results_write_kmsg(res->dir, e, f);
	told = tell(r, res, &untold);
	if (told && !err)
		err = fail_set(f, told, "%s", untold.where);
	judgement_free(&j);
	evidence_free(e);
	return err;
}

int run_judge(struct run *r, const struct run_target *t, const struct oom_case *c,
	      const struct run_played *p, struct fail *f)
{
	char reproduce[REPRODUCE_LEN], file[RESULTS_PATH_LEN + 32];
	struct run_target seen = *t;
	struct case_result res;

	if (!p->is_played)
		return run_report_unplayed(r, t, c, p->verdict, p->reason, f);
	seen.accel = p->accel;
	if (*p->release)
		str_copy(seen.release, sizeof(seen.release), p->release);
	res = result_of(r, &seen, c, reproduce, sizeof(reproduce));
	res.dir = p->dir;
	res.duration_ms = p->duration_ms;
	snprintf(file, sizeof(file), "%s/evidence.jsonl", p->dir);
	return judge_and_tell(r, &res, file, f);
}

static int play(struct run *r, struct arena *a, const struct run_target *t, struct plan *p,
		const struct oom_case *c, struct run_played *ret, struct fail *f)
{
	struct case_result who = { .name = c->name, .kernel = t->kernel, .cgroup = t->cgroup };
	char file[RESULTS_PATH_LEN + 32];
	uint64_t start_us;
	double factor;
	int err;

	who.repeat = r->opt->repeat > 1 ? t->repeat + 1 : 0;
	str_copy(p->kernel, sizeof(p->kernel), t->kernel);
	snprintf(p->run_id, sizeof(p->run_id), "%d-%u", (int)getpid(), ++r->nr_plays);
	factor = t->speed * load_factor(r->opt->on_host ? 1 : r->opt->jobs);
	scale_deadlines(p, factor);
	p->sample_ms = r->opt->sample_ms;
	err = results_case_dir(r->results, &who, ret->dir, sizeof(ret->dir), f);
	if (err)
		return err;
	snprintf(file, sizeof(file), "%s/case.yaml", ret->dir);
	err = folder_copy_file(c->file, file);
	if (err)
		return fail_errno(f, err, "keep %s", c->file);
	pace_wait(&r->pace, p->nr_kills, arena_interrupted);
	start_us = proc_now_us();
	snprintf(file, sizeof(file), "%s/evidence.jsonl", ret->dir);
	err = record(r, a, p, play_deadline_ms(p, factor), ret->dir, file, f);
	ret->duration_ms = (proc_now_us() - start_us) / 1000;
	ret->is_played = !err;
	return err;
}

static int refuse(struct run_played *ret, enum verdict v, const struct fail *f)
{
	ret->verdict = v;
	str_copy(ret->reason, sizeof(ret->reason), f->where);
	return v == VERDICT_BROKEN ? f->err : 0;
}

int run_play(struct run *r, struct arena *a, const struct run_target *t, const struct oom_case *c,
	     struct run_played *ret, struct fail *f)
{
	struct machine m;
	struct plan *p = NULL;
	int err;

	*ret = (struct run_played){ .verdict = VERDICT_BROKEN };
	str_copy(ret->accel, sizeof(ret->accel), t->accel);
	str_copy(ret->release, sizeof(ret->release), t->release);
	err = a->facts(a, &m, f);
	if (err)
		return refuse(ret, VERDICT_BROKEN, f);
	err = plan_make(c, &m, t->cgroup, &p, f);
	/* What is refused would prove nothing if it were played. */
	if (err) {
		refuse(ret, err == -EOPNOTSUPP ? VERDICT_SKIP : VERDICT_BROKEN, f);
		return 0;
	}
	err = play(r, a, t, p, c, ret, f);
	plan_free(p);
	return err ? refuse(ret, VERDICT_BROKEN, f) : 0;
}
