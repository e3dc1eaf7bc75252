// SPDX-License-Identifier: MIT
#include "harness/pace.h"
#include "lib/fs.h"
#include "lib/proc.h"

#include <fcntl.h>
#include <poll.h>

#define INTERVAL_US 5500000 /* DEFAULT_RATELIMIT_INTERVAL is 5 s; clocks may differ a little */

static struct kmsg_record record; /* too large for a stack that others use as well */

void pace_init(struct pace *p)
{
	*p = (struct pace){ .log = { .fd = -1 } };
}

int pace_init_host(struct pace *p, int root)
{
	int err;

	pace_init(p);
	err = kmsg_open(root, &p->log);
	/* From the oldest record on: a run that ended a moment ago has spent some of the burst. */
	if (!err && lseek(p->log.fd, 0, SEEK_SET) < 0)
		err = -errno;
	p->has_log = !err;
	return err;
}

void pace_done(struct pace *p)
{
	if (p->has_log)
		kmsg_close(&p->log);
	p->has_log = false;
}

static void saw(struct pace *p, uint64_t at_us)
{
	p->at_us[p->nr++ % PACE_BURST] = at_us;
}

static void see(void *ctx, const struct kmsg_record *r)
{
	if (r->facility == 0 && strstr(r->text, " invoked oom-killer: "))
		saw(ctx, r->usec);
}

void pace_saw(struct pace *p, size_t nr_reports)
{
	if (p->has_log)
		return; /* the log tells */
	while (nr_reports--)
		saw(p, proc_now_us());
}

uint64_t pace_left_us(const struct pace *p, unsigned int n, uint64_t now_us)
{
	uint64_t oldest;

	n = n ? min(n, PACE_BURST) : 1;
	if (p->nr + n <= PACE_BURST)
		return 0;
	/* Of the last ten, the n-th oldest must be out of the window before n more are printed. */
	oldest = p->at_us[(p->nr + n - 1) % PACE_BURST];
	return oldest + INTERVAL_US > now_us ? oldest + INTERVAL_US - now_us : 0;
}

/*
 * Now, on the log's clock, which need not be CLOCK_MONOTONIC. Each mark by an fd of its own: the kernel
 * takes ten lines in five seconds from one (printk.devkmsg=ratelimit) and drops the rest in silence.
 */
static int log_now_us(uint64_t *ret)
{
	int root __close = fs_root_open("/");
	uint64_t seq;
	struct kmsg k;
	int err = root < 0 ? root : kmsg_open(root, &k);

	if (err)
		return err;
	err = kmsg_mark(&k, "oomlab: pace", &record, NULL, NULL, &seq);
	kmsg_close(&k);
	*ret = record.usec;
	return err;
}

/* Now, on the clock of at_us; with a log, all that stands in it by now has been seen. */
static uint64_t now_us(struct pace *p)
{
	uint64_t now = 0;

	if (!p->has_log || log_now_us(&now) < 0)
		return proc_now_us();
	while (kmsg_next(&p->log, &record) == 1)
		see(p, &record);
	return now;
}

void pace_wait(struct pace *p, unsigned int nr_reports, bool (*stopped)(void))
{
	uint64_t left;

	for (;;) {
		uint64_t now = now_us(p); /* first: it brings at_us up to date */

		left = pace_left_us(p, nr_reports, now);
		if (!left || stopped())
			return;
		poll(NULL, 0, (int)(left / 1000) + 1);
	}
}
