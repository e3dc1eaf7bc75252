// SPDX-License-Identifier: MIT
/*
 * The run of cases in guests: lanes are started as processors and memory allow, given one case after the
 * other, and what they leave is judged and reported as it comes.
 */
#include "harness/accel.h"
#include "harness/arena.h"
#include "harness/batch.h"
#include "harness/initramfs.h"
#include "harness/lane.h"
#include "lib/fs.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define LANES_MAX     VIEW_LANES_MAX
#define LANE_BYTES    MiB(256) /* QEMU itself, mostly what TCG translates */
#define RESERVE_BYTES MiB(512) /* of the host's memory, for the host */

struct pool {
	struct run *run;
	struct view *view;
	struct batches batches;
	struct lane *lanes;
	unsigned int nr_lanes, nr_running;
	uint64_t budget_bytes, used_bytes;
	char initrd[600];
};

static uint64_t need_bytes(const struct batch *b)
{
	return b->shape.memory_bytes + LANE_BYTES;
}

static void came_to(struct pool *p, struct batch *b, size_t play, enum verdict v)
{
	size_t i = b->cases[play % b->nr_cases];

	batch_came_to(p->run, b, play, v);
	view_told(p->view, v, p->run->case_ms[i] / run_nr_plays(p->run->opt, p->run->cases[i]));
}

static int report_next(struct pool *p, struct batch *b, enum verdict v, const char *why,
		       struct fail *f)
{
	const struct oom_case *c = batch_next(p->run, b);
	size_t play = b->next++;
	struct run_target t = batch_target(p->run, b, play);

	came_to(p, b, play, v);
	return run_report_unplayed(p->run, &t, c, v, why, f);
}

static void drop_template(struct pool *p, struct batch *b)
{
	vm_template_free(b->template);
	b->template = NULL;
	p->used_bytes -= b->held_bytes;
	b->held_bytes = 0;
}

/* No guest for what can be told without one. */
static int pass_over(struct pool *p, struct batch *b, struct fail *f)
{
	const struct oom_case *c;
	struct fail why = { 0 };
	int err = 0;

	while (!err && !p->run->stop && (c = batch_next(p->run, b))) {
		if (b->kernel->err)
			err = report_next(p, b, VERDICT_BROKEN, b->kernel->why, f);
		else if (b->state == BATCH_DEAD)
			err = report_next(p, b, VERDICT_BROKEN, b->why, f);
		else if (b->seen->has &&
			 plan_check_controllers(c, &b->seen->machine, b->shape.cgroup, &why) < 0)
			err = report_next(p, b, VERDICT_SKIP, why.where, f);
		else
			break;
	}
	if ((b->cold || !batch_next(p->run, b)) && !b->nr_lanes)
		drop_template(p, b);
	return err;
}

static struct lane *free_lane(struct pool *p)
{
	for (unsigned int i = 0; i < p->nr_lanes; i++)
		if (!p->lanes[i].pid)
			return &p->lanes[i];
	return NULL;
}

/* A template that waits for its next round makes room; it is booted anew then. */
static bool make_room(struct pool *p, const struct batch *for_it)
{
	for (size_t i = 0; i < p->batches.nr; i++) {
		struct batch *b = &p->batches.list[i];

		if (b == for_it || b->state != BATCH_OPEN || b->nr_lanes)
			continue;
		drop_template(p, b);
		b->state = BATCH_NEW;
		return true;
	}
	return false;
}

static void make_template(struct pool *p, struct batch *b)
{
	const struct vm_shape *s = &b->shape;
	struct fail why;

	if (p->run->opt->cold || b->cold || vm_disk_bytes(s))
		return; /* QEMU cannot save an NVMe disk */
	if (vm_template_make(s, results_dir(p->run->results), &b->template, &why))
		report_note(p->run->report, "%s: %s; its guests are booted", b->kernel->spec,
			    why.where);
}

static int start_lane(struct pool *p, struct batch *b, struct lane *l, struct fail *f)
{
	int err;

	if (b->state == BATCH_NEW)
		make_template(p, b);
	err = lane_start(p->run, b, p->initrd, l, f);
	if (err)
		return err;
	view_boots(p->view, (unsigned int)(l - p->lanes), b->kernel->spec, b->shape.cgroup);
	if (b->state == BATCH_NEW)
		b->state = BATCH_BUSY;
	b->nr_lanes++;
	p->nr_running++;
	p->used_bytes += need_bytes(b);
	return 0;
}

/* As many as fit. What does not fit alone never will. */
static int start_lanes(struct pool *p, struct fail *f)
{
	struct lane *l;
	struct batch *b;
	int err = 0;

	while (!err && !p->run->stop && (l = free_lane(p)) &&
	       (b = batches_pick(p->run, &p->batches))) {
		err = pass_over(p, b, f);
		if (err || !batch_next(p->run, b))
			continue;
		if (p->used_bytes + need_bytes(b) <= p->budget_bytes) {
			err = start_lane(p, b, l, f);
		} else if (make_room(p, b)) {
			continue;
		} else if (p->nr_running) {
			break; /* when one of those ends */
		} else {
			b->state = BATCH_DEAD;
			snprintf(b->why, sizeof(b->why),
				 "a guest of %llu MiB does not fit into this host's memory: %llu "
				 "MiB are to be had",
				 (unsigned long long)(b->shape.memory_bytes >> 20),
				 (unsigned long long)(p->budget_bytes >> 20));
			err = pass_over(p, b, f);
		}
	}
	return err;
}

/* Gives it its next case, or lets it go. */
static int go_on(struct pool *p, struct lane *l, struct fail *f)
{
	struct batch *b = l->batch, *behind;
	const struct oom_case *c;
	int err = pass_over(p, b, f);

	c = p->run->stop || err ? NULL : batch_next(p->run, b);
	behind = batches_pick(p->run, &p->batches);
	if (!c || (behind && batch_round(p->run, behind) < batch_round(p->run, b))) {
		lane_close(l);
		return err;
	}
	view_plays(p->view, (unsigned int)(l - p->lanes), c->name);
	lane_order(l, b->next++); /* one that has gone is heard of next */
	return 0;
}

static int take_word(struct pool *p, struct lane *l, const struct lane_word *w, struct fail *f)
{
	struct batch *b = l->batch;
	struct run_target t = batch_target(p->run, b, l->play);
	int err = 0;

	if (w->plays) {
		view_writes(p->view, (unsigned int)(l - p->lanes), w->evidence);
		return 0;
	}
	guest_stats_add(&p->run->guests, &w->guests);
	if (w->failed) {
		b->state = BATCH_DEAD;
		str_copy(b->why, sizeof(b->why), w->note);
	} else if (*w->note) {
		report_note(p->run->report, "%s: %s", b->kernel->spec, w->note);
	}
	if (w->first) {
		l->up = true;
		if (!w->failed) {
			if (!*b->shape.cmdline) /* an option may take away what others find */
				*b->seen = (struct batch_seen){ true, w->machine };
			b->cold |= !w->saved;
			if (w->saved && b->state == BATCH_BUSY) {
				b->state = BATCH_OPEN;
				b->held_bytes = vm_template_bytes(b->template);
				p->used_bytes += b->held_bytes;
			}
		}
	} else {
		l->busy = false;
		p->run->nr_reports = 0;
		err = run_judge(p->run, &t, p->run->cases[b->cases[l->play % b->nr_cases]],
				&w->played, f);
		came_to(p, b, l->play, p->run->verdict);
		view_came_to(p->view, (unsigned int)(l - p->lanes), p->run->verdict);
		l->nr_reports = p->run->nr_reports;
	}
	if (!err)
		return go_on(p, l, f);
	lane_close(l); /* or it would wait for an order for ever */
	return err;
}

/* A lane that was not told to go is a fault of ours or the host's: nothing is learnt of the kernel. */
static int take_end(struct pool *p, struct lane *l, int status, struct fail *f)
{
	struct batch *b = l->batch;
	struct run_target t = batch_target(p->run, b, l->play);
	struct run_played lost = { .verdict = VERDICT_BROKEN };
	int err = 0;

	view_ends(p->view, (unsigned int)(l - p->lanes));
	b->nr_lanes--;
	p->nr_running--;
	p->used_bytes -= need_bytes(b);
	snprintf(lost.reason, sizeof(lost.reason), "the process that played it ended: %s",
		 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it said no more");
	if (l->busy) {
		err = run_judge(p->run, &t, p->run->cases[b->cases[l->play % b->nr_cases]], &lost,
				f);
		came_to(p, b, l->play, VERDICT_BROKEN);
	}
	if (!l->up && !l->closing) {
		b->state = BATCH_DEAD;
		str_copy(b->why, sizeof(b->why), lost.reason);
	} else if (b->state == BATCH_BUSY) {
		b->state = BATCH_NEW;
	}
	return err ? err : pass_over(p, b, f);
}

static int listen_to(struct pool *p, struct lane *l, struct fail *f)
{
	static struct lane_word w;
	int status = 0;

	return lane_hear(l, &w, &status) ? take_word(p, l, &w, f) : take_end(p, l, status, f);
}

/* SIGTERM: what is being played ends as interrupted. */
static void interrupt_lanes(struct pool *p)
{
	p->run->stop = true;
	for (unsigned int i = 0; i < p->nr_lanes; i++)
		if (p->lanes[i].pid)
			kill(p->lanes[i].pid, SIGTERM);
}

static int wait_for_words(struct pool *p, struct fail *f)
{
	struct pollfd fds[LANES_MAX];
	int err = 0, n;

	for (unsigned int i = 0; i < p->nr_lanes; i++)
		fds[i] = (struct pollfd){ .fd = p->lanes[i].pid ? p->lanes[i].fd : -1,
					  .events = POLLIN };
	view_draw(p->view);
	n = poll(fds, p->nr_lanes, view_tick_ms(p->view));
	if (n < 0 && errno != EINTR)
		return fail_errno(f, -errno, "wait for guests");
	for (unsigned int i = 0; !err && n > 0 && i < p->nr_lanes; i++)
		if (fds[i].revents)
			err = listen_to(p, &p->lanes[i], f);
	return err;
}

static int play_batches(struct pool *p, struct fail *f)
{
	struct fail first = { 0 };
	bool told = false;
	int err = 0, e;

	do {
		e = start_lanes(p, f);
		if (!e && p->nr_running)
			e = wait_for_words(p, f);
		if (arena_interrupted() && !told) {
			interrupt_lanes(p);
			told = true;
		}
		if (e &&
		    !err) { /* results cannot be written: no more, but those in play come home */
			err = e;
			first = *f;
			interrupt_lanes(p);
		}
	} while (p->nr_running || (!p->run->stop && batches_pick(p->run, &p->batches)));
	if (err)
		*f = first;
	return err;
}

/* What the host can give to guests at a time; read once, before the first. */
static uint64_t memory_budget(void)
{
	int root __close = fs_root_open("/");
	uint64_t kb = 0;

	if (root < 0 || fs_key_u64(root, "proc/meminfo", "MemAvailable", &kb))
		return UINT64_MAX;
	return kb * 1024 > RESERVE_BYTES ? kb * 1024 - RESERVE_BYTES : 0;
}

static void choose_accel(struct pool *p)
{
	char not_kvm[256];

	for (size_t i = 0; i < p->batches.nr; i++) {
		struct batch *b = &p->batches.list[i];

		b->accel = p->run->opt->accel;
		if (b->accel == ACCEL_AUTO && !b->kernel->err) /* cached: one probe at most */
			b->accel = vm_accel_probe(&b->kernel->kernel, p->initrd, not_kvm,
						  sizeof(not_kvm));
	}
}

int run_kernels(struct run *r, struct fail *f)
{
	struct pool p = { .run = r,
			  .view = report_view(r->report),
			  .nr_lanes = min(r->opt->jobs, (unsigned int)LANES_MAX),
			  .budget_bytes = memory_budget() };
	int err;

	snprintf(p.initrd, sizeof(p.initrd), "%s/initramfs.cpio", results_dir(r->results));
	err = initramfs_write(p.initrd, r->oomlab, r->oomhog, f);
	p.lanes = calloc(p.nr_lanes, sizeof(*p.lanes));
	for (size_t i = 0; !err && i < r->opt->nr_kernels; i++)
		err = r->kernels[i].err ? 0
					: results_keep_kernel(r->results, &r->kernels[i].kernel, f);
	if (!err && (!p.lanes || batches_make(r, &p.batches)))
		err = fail_errno(f, -ENOMEM, "plan the run");
	if (!err) {
		choose_accel(&p);
		err = play_batches(&p, f);
	}
	batches_free(&p.batches);
	free(p.lanes);
	unlink(p.initrd);
	return err;
}
