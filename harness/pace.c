// SPDX-License-Identifier: MIT
#include "harness/pace.h"
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

/* Now, on the clock of at_us: the log's own where the log is read. */
static uint64_t now_us(struct pace *p)
{
	uint64_t seq;

	if (p->has_log && kmsg_mark(&p->log, "oomlab: pace", &record, see, p, &seq) == 0)
		return record.usec;
	return proc_now_us();
}

void pace_wait(struct pace *p, unsigned int nr_reports, bool (*stopped)(void))
{
	uint64_t left;

	while ((left = pace_left_us(p, nr_reports, now_us(p))) && !stopped())
		poll(NULL, 0, (int)(left / 1000) + 1);
}
