// SPDX-License-Identifier: MIT
/* See lane.h. */
#include "harness/lane.h"
#include "harness/arena.h"
#include "harness/child.h"
#include "lib/proc.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct lane_self { /* within the process */
	struct run *run;
	struct batch *batch;
	struct vm_config cfg;
	char dir[RESULTS_PATH_LEN];
	struct arena *arena;
	int fd; /* to the run */
};

static int boot_dir(struct lane_self *l, struct fail *f)
{
	return results_boot_dir(l->run->results, l->batch->kernel->kernel.spec,
				l->batch->shape.cgroup, l->batch->nr, l->dir, sizeof(l->dir), f);
}

/* Boots a guest to be saved. Not having a template is no failure: cases are played cold then. */
static int save_template(struct lane_self *l, struct lane_word *w, struct fail *f)
{
	struct vm_template *t = l->batch->template;
	uint64_t from_us = proc_now_us();
	struct vm *vm;
	int err = boot_dir(l, f);

	err = err ?: vm_start(&l->cfg, &vm, f);
	if (err)
		return err;
	w->guests.nr_boots++;
	w->guests.boot_ms += (proc_now_us() - from_us) / 1000;
	from_us = proc_now_us();
	str_copy(w->note, sizeof(w->note), vm_note(vm));
	if (vm_template_save(vm, t, f))
		snprintf(w->note, sizeof(w->note),
			 "%.400s; guests of this shape are booted instead", f->where);
	w->guests.nr_saved += t->saved;
	w->guests.save_ms += (proc_now_us() - from_us) / 1000;
	vm_discard(vm);
	return 0;
}

static int open_arena(struct lane_self *l, struct lane_word *w, struct fail *f)
{
	uint64_t from_us = proc_now_us();
	int err = l->cfg.template ? 0
				  : boot_dir(l, f); /* restored guests have their cases' folders */

	pace_init(&l->run->pace); /* a new kernel, a new budget of reports */
	err = err ?: arena_vm_open(&l->cfg, &l->arena, f);
	if (!err && !l->cfg.template) {
		w->guests.nr_boots++;
		w->guests.boot_ms += (proc_now_us() - from_us) / 1000;
	}
	return err;
}

static int first_guest(struct lane_self *l, struct lane_word *w, struct fail *f)
{
	int err = 0;

	if (l->cfg.template && !l->cfg.template->saved)
		err = save_template(l, w, f);
	if (l->cfg.template && !l->cfg.template->saved)
		l->cfg.template = NULL;
	w->saved = l->cfg.template != NULL;
	err = err ?: open_arena(l, w, f);
	if (!err && !w->note[0])
		arena_vm_take_note(l->arena, w->note, sizeof(w->note));
	return err ?: l->arena->facts(l->arena, &w->machine, f);
}

static void put_down(struct lane_self *l)
{
	if (l->arena)
		l->arena->close(l->arena);
	l->arena = NULL;
}

/* Should the run not hear it, it will not hear the result either. */
static void tell_play(void *ctx, const char *evidence)
{
	static struct lane_word w;
	const struct lane_self *l = ctx;

	w.plays = true;
	str_copy(w.evidence, sizeof(w.evidence), evidence);
	send(l->fd, &w, sizeof(w), MSG_NOSIGNAL);
}

static void play(struct lane_self *l, const struct lane_order *o, struct lane_word *w)
{
	const struct batch *b = l->batch;
	struct run_target t = batch_target(l->run, b, o->play);
	const struct oom_case *c = l->run->cases[b->cases[o->play % b->nr_cases]];
	struct fail f = { 0 };
	int err = 0;

	pace_saw(&l->run->pace, o->nr_reports);
	if (l->arena && !l->arena->usable(l->arena))
		put_down(l);
	if (!l->arena)
		err = open_arena(l, w, &f);
	if (err) {
		w->played.verdict = VERDICT_BROKEN;
		str_copy(w->played.reason, sizeof(w->played.reason), f.where);
		return;
	}
	if (l->cfg.template) /* its guest has printed nothing */
		pace_init(&l->run->pace);
	t.accel = arena_vm_accel(l->arena) == ACCEL_KVM ? "kvm" : "tcg";
	run_play(l->run, l->arena, &t, c, &w->played, &f);
	arena_vm_take_note(l->arena, w->note, sizeof(w->note));
	if (!arena_vm_restores(l->arena))
		l->cfg.template = NULL;
	if (case_spoils_guest(c) && !l->cfg.template)
		put_down(l); /* nobody puts back what it wrote */
}

static void __attribute__((noreturn)) lane_main(struct lane_self *l)
{
	static struct lane_word w;
	struct lane_order o;
	struct fail f = { 0 };
	int err;

	l->run->on_play = tell_play;
	l->run->on_play_ctx = l;
	w = (struct lane_word){ .first = true };
	err = first_guest(l, &w, &f);
	if (err) {
		w.failed = true;
		str_copy(w.note, sizeof(w.note), f.where);
	}
	while (send(l->fd, &w, sizeof(w), MSG_NOSIGNAL) == sizeof(w) &&
	       recv(l->fd, &o, sizeof(o), 0) == sizeof(o)) {
		w = (struct lane_word){};
		play(l, &o, &w);
	}
	put_down(l);
	_exit(0); /* what the run has buffered for its reports is its own to write */
}

int lane_start(struct run *r, struct batch *b, const char *initrd, struct lane *ret, struct fail *f)
{
	struct lane_self self = { .run = r, .batch = b };
	pid_t parent = getpid(), pid;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return fail_errno(f, -errno, "start a lane: socketpair");
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(sv[0]);
		close(sv[1]);
		return fail_errno(f, err, "start a lane: fork");
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCONT, SIG_DFL); /* the view's: no wait of ours ends by it */
		if (getppid() != parent)  /* it died before we asked to be told */
			_exit(126);
		close(sv[0]);
		self.cfg = (struct vm_config){ .kernel = &b->kernel->kernel,
					       .shape = b->shape,
					       .accel = b->accel,
					       .initrd = initrd,
					       .dir = self.dir,
					       .patience = r->opt->timeout_mul,
					       .template = b->template };
		self.fd = sv[1];
		lane_main(&self);
	}
	close(sv[1]);
	*ret = (struct lane){ .pid = pid, .fd = sv[0], .batch = b };
	return 0;
}

int lane_order(struct lane *l, size_t play)
{
	struct lane_order o = { .play = play, .nr_reports = l->nr_reports };

	l->busy = true;
	l->play = play;
	return send(l->fd, &o, sizeof(o), MSG_NOSIGNAL) == sizeof(o) ? 0 : -errno;
}

int lane_hear(struct lane *l, struct lane_word *ret, int *status)
{
	ssize_t n;

	while ((n = recv(l->fd, ret, sizeof(*ret), 0)) < 0 && errno == EINTR)
		;
	if (n == sizeof(*ret))
		return 1;
	/* The end, or (ECONNRESET) the end with an order unread. */
	close(l->fd);
	while (waitpid(l->pid, status, 0) < 0 && errno == EINTR)
		;
	l->pid = 0;
	return 0;
}

void lane_close(struct lane *l)
{
	l->closing = true;
	shutdown(l->fd, SHUT_WR);
}
