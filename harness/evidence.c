// SPDX-License-Identifier: MIT
/* Questions to struct evidence, and its end. Where it comes from: evidence_load.c. */
#include "harness/evidence.h"

const struct ev_worker *evidence_worker(const struct evidence *e, const char *name)
{
	for (size_t i = 0; i < e->nr_workers; i++)
		if (str_eq(e->workers[i].name, name))
			return &e->workers[i];
	return NULL;
}

const struct ev_worker *evidence_worker_by_pid(const struct evidence *e, int64_t pid)
{
	for (size_t i = 0; i < e->nr_workers; i++)
		if (e->workers[i].started && e->workers[i].pid == pid)
			return &e->workers[i];
	for (size_t i = 0; i < e->nr_tids; i++)
		if (e->tids[i].tid == pid)
			return &e->workers[e->tids[i].worker];
	return NULL;
}

/* The last reading wins: a player may read a counter more than once. */
static int counter_at(const struct evidence *e, const char *when, const char *cgroup,
		      const char *file, const char *key, int64_t *ret)
{
	for (size_t i = e->nr_counters; i-- > 0;) {
		const struct ev_counter *c = &e->counters[i];

		if (str_eq(c->when, when) && str_eq(c->cgroup, cgroup) && str_eq(c->file, file) &&
		    str_eq(c->key, key)) {
			*ret = c->value;
			return 0;
		}
	}
	return -ENOENT;
}

int evidence_counter(const struct evidence *e, const char *when, const char *cgroup,
		     const char *file, const char *key, int64_t *ret)
{
	int64_t before, after;
	int err;

	if (when)
		return counter_at(e, when, cgroup, file, key, ret);
	err = counter_at(e, "before", cgroup, file, key, &before);
	if (!err)
		err = counter_at(e, "after", cgroup, file, key, &after);
	if (!err && __builtin_sub_overflow(after, before, ret))
		err = -ENOENT;
	return err;
}

/*
 * Facility 0 is the kernel's alone (kernel/printk/printk.c devkmsg_write() says so on purpose), so
 * that no worker can forge a kill line; what stands before our mark is someone else's past.
 */
bool evidence_kmsg_counts(const struct evidence *e, const struct ev_kmsg *k)
{
	return e->has_mark && k->facility == 0 && k->seq > e->mark_seq;
}

const char *death_name(enum death d)
{
	static const char *const names[] = {
		[DEATH_NONE] = "alive",
		[DEATH_EXIT] = "exited",
		[DEATH_SIGNAL] = "killed by a signal",
		[DEATH_OOM] = "OOM-killed",
		[DEATH_OOM_GROUP] = "OOM-killed with its group",
		[DEATH_OURS] = "killed by us",
		[DEATH_WITH_PARENT] = "killed with its parent",
		[DEATH_TAKEN_ALONG] = "killed with its mm",
		[DEATH_SIGKILL_UNEXPLAINED] = "SIGKILL from nobody knows",
	};

	return (size_t)d < ARRAY_SIZE(names) ? names[d] : "?";
}

const char *vm_outcome_name(enum vm_outcome o)
{
	static const char *const names[] = {
		[VM_NONE] = "none",
		[VM_RUNNING] = "running",
		[VM_POWERED_OFF] = "powered_off",
		[VM_PANICKED] = "panicked",
		[VM_HUNG] = "hung",
		[VM_RESET] = "reset",
		[VM_QEMU_REFUSED] = "qemu_refused",
		[VM_QEMU_KILLED] = "qemu_killed",
	};

	return (size_t)o < ARRAY_SIZE(names) ? names[o] : "?";
}

static void free_texts(char **texts, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(texts[i]);
	free(texts);
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	plan_free(e->plan);
	for (size_t i = 0; i < e->nr_steps; i++)
		free(e->steps[i].text);
	for (size_t i = 0; i < e->nr_kmsg; i++)
		free(e->kmsg[i].text);
	for (size_t i = 0; i < e->nr_reports; i++)
		oom_report_free(e->reports[i]);
	free_texts(e->broken, e->nr_broken);
	free_texts(e->left, e->nr_left);
	free(e->workers);
	free(e->tids);
	free(e->counters);
	free(e->steps);
	free(e->knobs);
	free(e->files);
	free(e->figures);
	json_decref(e->timeline.head);
	free(e->timeline.samples);
	free(e->timeline.changes);
	free(e->kmsg);
	free(e->reports);
	free(e->vm_text);
	free(e->console);
	free(e);
}
