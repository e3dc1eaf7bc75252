// SPDX-License-Identifier: MIT
/*
 * Three ways to make a page resident. A user page fault whose memcg charge fails while nothing may
 * be killed (oom_score_adj -1000) is retried by the CPU for ever, each time with a full report in
 * the kernel log; the first two ways get an errno instead.
 *
 *   populate  madvise(MADV_POPULATE_WRITE), 5.14 and later: the fastest, ENOMEM when refused
 *   copy      read(2) from /dev/zero, one byte a page: faults inside the kernel, EFAULT when
 * refused touch     a store a page: what ordinary programs do
 */
#include "workloads/fill.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "workloads/pace.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

#define THREADS_MAX	 64
#define COPY_PAGES	 256 /* a readv(2) of so many pages; 4 KiB of iovecs on the stack */
#define MINCORE_PAGES	 1024
#define THREAD_STACK	 KiB(32)
#define ONE_THREAD_BELOW MiB(256) /* a thread costs more than it brings */
#define AUTO_THREADS	 4

typedef int (*step_fn)(char *at, uint64_t bytes); /* 0 or -errno */

static struct filler {
	struct hog *h;
	struct region r;
	uint64_t page, step;
	step_fn do_step;
	bool paced;
	int zero_fd;
	_Atomic uint64_t next, done;
	_Atomic int err;
} filler;

uint64_t resident_bytes(const char *addr, uint64_t bytes)
{
	unsigned char vec[MINCORE_PAGES];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), nr = 0;

	for (uint64_t at = 0; at < bytes; at += MINCORE_PAGES * page) {
		uint64_t part = min(bytes - at, MINCORE_PAGES * page);

		if (mincore((void *)(uintptr_t)(addr + at), part, vec) < 0)
			break;
		for (uint64_t i = 0; i < part / page; i++)
			nr += vec[i] & 1;
	}
	return nr * page;
}

static int populate(char *at, uint64_t bytes)
{
	int advice = filler.r.read_only ? MADV_POPULATE_READ : MADV_POPULATE_WRITE;
	int err;

	do
		err = madvise(at, bytes, advice) < 0 ? -errno : 0;
	while (err == -EINTR);
	return err;
}

static int copy_into(char *at, uint64_t bytes)
{
	struct iovec iov[COPY_PAGES];

	while (bytes) {
		uint64_t nr = min(bytes / filler.page, (uint64_t)COPY_PAGES);
		ssize_t n;

		for (uint64_t i = 0; i < nr; i++)
			iov[i] = (struct iovec){ at + i * filler.page, 1 };
		n = readv(filler.zero_fd, iov, (int)nr);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += (uint64_t)n * filler.page;
		bytes -= (uint64_t)n * filler.page;
	}
	return 0;
}

static int touch(char *at, uint64_t bytes)
{
	for (uint64_t i = 0; i < bytes; i += filler.page) {
		volatile char *p = at + i;

		if (filler.r.read_only)
			(void)*p;
		else
			*p = 0;
	}
	return 0;
}

static int drop(char *at, uint64_t bytes)
{
	return madvise(at, bytes, MADV_DONTNEED) < 0 ? -errno : 0;
}

/* Takes the next step until there is none or somebody failed. The first thread also keeps time. */
static void fill_steps(bool keeps_time)
{
	while (!atomic_load_explicit(&filler.err, memory_order_relaxed)) {
		uint64_t at = atomic_fetch_add(&filler.next, filler.step), bytes;
		int err;

		if (at >= filler.r.bytes)
			return;
		bytes = min(filler.step, filler.r.bytes - at);
		err = filler.do_step(filler.r.addr + at, bytes);
		if (err) {
			atomic_store(&filler.err, err);
			bytes = resident_bytes(filler.r.addr + at, bytes);
		}
		bytes += atomic_fetch_add(&filler.done, bytes);
		if (keeps_time && filler.paced && !err)
			pace(filler.h, filler.h->had_bytes + bytes);
	}
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *fill_thread(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	fill_steps(false);
	return NULL;
}

static uint64_t thread_count(const struct hog *h)
{
	cpu_set_t cpus;

	if (h->opt.rate_bytes || h->opt.stairs || h->opt.stall_percent)
		return 1;
	if (h->opt.threads)
		return min(h->opt.threads, (uint64_t)THREADS_MAX);
	if (filler.r.bytes < ONE_THREAD_BELOW || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	return min((uint64_t)CPU_COUNT(&cpus), (uint64_t)AUTO_THREADS);
}

/*
 * Stacks that are resident before the first step: a thread whose stack needs a new page when the
 * cgroup is full already would fault for ever, or wait for ever where v1 has OOM kills disabled.
 */
static char *thread_stacks(uint64_t nr)
{
	char *at = mmap(NULL, nr * THREAD_STACK, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, nr * THREAD_STACK, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < nr * THREAD_STACK; i += filler.page)
		*(volatile char *)(at + i) = 0;
	return at;
}

/* A thread that cannot be had is not missed: the others take its steps. */
static void fill_with_threads(uint64_t nr)
{
	char *stacks = nr > 1 ? thread_stacks(nr - 1) : NULL;
	pthread_t threads[THREADS_MAX];
	pthread_attr_t attr;
	uint64_t started = 0;

	/* Nobody starts before all are there: making a thread allocates. */
	pthread_mutex_lock(&gate);
	for (; stacks && started < nr - 1; started++) {
		pthread_attr_init(&attr);
		pthread_attr_setstack(&attr, stacks + started * THREAD_STACK, THREAD_STACK);
		if (pthread_create(&threads[started], &attr, fill_thread, NULL) != 0)
			break;
	}
	pthread_mutex_unlock(&gate);
	fill_steps(true);
	for (uint64_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

/* On an old kernel MADV_POPULATE_WRITE is EINVAL; without /dev/zero touching is left. */
static step_fn choose_step(const struct hog *h, const struct region *r)
{
	int advice = r->read_only ? MADV_POPULATE_READ : MADV_POPULATE_WRITE;
	enum fill_how how = (enum fill_how)h->opt.fill;

	if (how == FILL_AUTO && (madvise(r->addr, filler.page, advice) == 0 || errno != EINVAL))
		how = FILL_POPULATE;
	if (how == FILL_POPULATE)
		return populate;
	/* What is only read has nothing to be copied into. */
	return how == FILL_TOUCH || r->read_only || filler.zero_fd < 0 ? touch : copy_into;
}

/*
 * Some memory goes back before a word is said: a pipe's page is charged too, and would be refused
 * like ours was. munlock(2), because locked pages are not given back.
 */
static void give_back(const struct region *r)
{
	munlock(r->addr, r->bytes);
	if (!r->shared)
		munmap(r->addr, r->bytes);
	else
		madvise(r->addr, r->bytes, MADV_REMOVE);
}

int region_fill(struct hog *h, const struct region *r)
{
	int zero_fd __close = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	filler.h = h;
	filler.r = *r;
	filler.next = filler.done = 0; /* a kind may fill part by part */
	filler.page = (uint64_t)sysconf(_SC_PAGESIZE);
	filler.step = pace_step(h);
	filler.zero_fd = zero_fd;
	if (!h->had_bytes)
		h->start_ns = now_ns();
	filler.do_step = choose_step(h, r);
	filler.paced = true;
	fill_with_threads(thread_count(h));
	h->end_ns = now_ns();
	h->got_bytes = h->had_bytes + filler.done;
	pace_end();
	if (filler.err)
		give_back(r);
	return filler.err;
}

/*
 * A dying process gives its memory back with one CPU. Where nothing is held, several threads do it
 * first. Not for who must never fault at its limit: a thread's first pages may be new.
 */
void region_drop(struct hog *h)
{
	bool unkillable = h->opt.has_adj && h->opt.oom_score_adj == -1000;

	if (h->opt.hold_ms || unkillable || !filler.r.addr || filler.r.shared ||
	    thread_count(h) < 2)
		return;
	filler.next = filler.done = 0;
	filler.do_step = drop;
	filler.paced = false;
	fill_with_threads(thread_count(h));
}
