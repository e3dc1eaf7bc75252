// SPDX-License-Identifier: MIT
#include "workloads/say.h"

#include "lib/jsonw.h"

#include <fcntl.h>

/* Static and in .data/.bss, whose pages own_pages_lock() keeps. */
static char line[1024];
static uint64_t progress_due_ns;
static bool progress_shown;
static bool ready_told; /* at a stall */

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool quiet(const struct hog *h)
{
	return h->opt.ready_fd != UINT64_MAX && !h->opt.verbose;
}

void say_progress(const struct hog *h, uint64_t done)
{
	static int terminal = -1;
	char got[32], want[32];
	uint64_t now;

	if (terminal < 0)
		terminal = !quiet(h) && isatty(STDERR_FILENO);
	if (!terminal)
		return;
	now = now_ns();
	if (now < progress_due_ns)
		return;
	progress_due_ns = now + 100000000;
	snprintf(line, sizeof(line), "\r\033[Koomhog %s: %s of %s", h->kind->name,
		 bytes_format(done, got, sizeof(got)), bytes_format(h->bytes, want, sizeof(want)));
	progress_shown = true;
	write_all(STDERR_FILENO, line, strlen(line));
}

void say_progress_end(void)
{
	if (progress_shown)
		write_all(STDERR_FILENO, "\r\033[K", 4);
	progress_shown = false;
}

static double seconds(const struct hog *h)
{
	return (double)(h->end_ns - h->start_ns) / 1e9;
}

static void say_json(const struct hog *h, enum ready_what what)
{
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, line, sizeof(line) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "kind", h->kind->name);
	jsonw_i64(&w, "pid", getpid());
	jsonw_str(&w, "result", ready_what_name(what));
	jsonw_u64(&w, "bytes", h->got_bytes);
	jsonw_u64(&w, "asked_bytes", h->bytes);
	jsonw_double(&w, "seconds", seconds(h));
	for (int i = 0; i < HOG_FIGURES_MAX && h->figures[i].name; i++)
		jsonw_u64(&w, h->figures[i].name, h->figures[i].bytes);
	if (what != READY_YES)
		jsonw_str(&w, "text", h->fail.where);
	n = jsonw_finish(&w);
	if (n < 0)
		return;
	line[n] = '\n';
	write_all(STDOUT_FILENO, line, (size_t)n + 1);
}

static void say_done(const struct hog *h)
{
	char got[32], want[32], rate[32] = "";
	double s = seconds(h);

	if (s > 0)
		bytes_format((uint64_t)((double)h->got_bytes / s), rate, sizeof(rate));
	snprintf(line, sizeof(line), "oomhog %s: %s of %s resident in %.2f s (%s/s)\n",
		 h->kind->name, bytes_format(h->got_bytes, got, sizeof(got)),
		 bytes_format(h->bytes, want, sizeof(want)), s, rate);
	write_all(STDOUT_FILENO, line, strlen(line));
}

static void say_figures(const struct hog *h)
{
	char text[32];

	for (int i = 0; i < HOG_FIGURES_MAX && h->figures[i].name; i++) {
		snprintf(line, sizeof(line), "  %-28s %s\n", h->figures[i].name,
			 bytes_format(h->figures[i].bytes, text, sizeof(text)));
		write_all(STDOUT_FILENO, line, strlen(line));
	}
}

static void say_failed(const struct hog *h, enum ready_what what)
{
	char got[32], want[32];

	if (what == READY_ENOMEM || h->got_bytes)
		snprintf(line, sizeof(line), "oomhog %s: got %s of %s: %s\n", h->kind->name,
			 bytes_format(h->got_bytes, got, sizeof(got)),
			 bytes_format(h->bytes, want, sizeof(want)), h->fail.where);
	else
		snprintf(line, sizeof(line), "oomhog %s: %s\n", h->kind->name, h->fail.where);
	write_all(STDERR_FILENO, line, strlen(line));
}

static int kept_fd = -1;

void say_keep(const struct hog *h)
{
	if (h->opt.ready_fd != UINT64_MAX)
		kept_fd = fcntl((int)h->opt.ready_fd, F_DUPFD_CLOEXEC, 3);
}

void say_no_more(const struct hog *h)
{
	if (h->opt.ready_fd != UINT64_MAX)
		close((int)h->opt.ready_fd);
	cleanup_close(&kept_fd);
}

/* One write(2) of less than PIPE_BUF: whole, whoever else writes. If nobody reads, nobody minds. */
void say_task(const struct hog *h, const struct ready_word *w)
{
	char text[64];
	size_t n = ready_format_task(text, sizeof(text), w);

	if (kept_fd >= 0)
		write_all(kept_fd, text, n);
	else if (h->opt.ready_fd != UINT64_MAX)
		write_all((int)h->opt.ready_fd, text, n);
}

/* Nobody reads any more: whoever asked for this memory is gone, so holding it helps no one. */
static int say_ready(uint64_t fd, enum ready_what what, uint64_t bytes, const struct fail *f)
{
	size_t n = ready_format(line, sizeof(line), what, bytes, f->err, f->where);
	int err = write_all((int)fd, line, n);

	close((int)fd);
	return err;
}

/* Where they could not be written, the last word cannot either, and says so. */
static void say_ready_figures(const struct hog *h)
{
	for (int i = 0; i < HOG_FIGURES_MAX && h->figures[i].name; i++) {
		size_t n = ready_format_figure(line, sizeof(line), h->figures[i].name,
					       h->figures[i].bytes);

		write_all((int)h->opt.ready_fd, line, n);
	}
}

int say_stalled(struct hog *h)
{
	ready_told = true;
	if (h->opt.ready_fd == UINT64_MAX)
		return 0;
	return say_ready(h->opt.ready_fd, READY_YES, h->got_bytes, &h->fail);
}

int say_result(struct hog *h, enum ready_what what)
{
	int err;

	say_progress_end();
	if (h->opt.json)
		say_json(h, what);
	else if (what == READY_YES && !quiet(h)) {
		say_done(h);
		say_figures(h);
	}
	if (what != READY_YES && (!quiet(h) || what == READY_USAGE))
		say_failed(h, what);
	if (h->opt.ready_fd == UINT64_MAX || ready_told)
		return ready_exit_of(what);
	say_ready_figures(h);
	err = say_ready(h->opt.ready_fd, what, h->got_bytes, &h->fail);
	if (!err || what != READY_YES)
		return ready_exit_of(what);
	snprintf(line, sizeof(line), "oomhog %s: --ready-fd %llu: %s\n", h->kind->name,
		 (unsigned long long)h->opt.ready_fd, strerror(-err));
	write_all(STDERR_FILENO, line, strlen(line));
	return READY_EXIT_REFUSED;
}

int say_usage(const char *kind, uint64_t ready_fd, const struct fail *f)
{
	snprintf(line, sizeof(line), "oomhog%s%s: %s\n", kind ? " " : "", kind ? kind : "",
		 f->where);
	write_all(STDERR_FILENO, line, strlen(line));
	if (ready_fd != UINT64_MAX)
		say_ready(ready_fd, READY_USAGE, 0, f);
	return READY_EXIT_USAGE;
}
