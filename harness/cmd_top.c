// SPDX-License-Identifier: MIT
/* oomlab top: whom the OOM killer would take now, once or over and over. */
#include "harness/cmd.h"
#include "harness/top.h"
#include "lib/fs.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

static const char help[] =
	"usage: oomlab top [-n N] [--memcg PATH] [--json] [--watch[=S]]\n"
	"\n"
	"The processes of this machine in the order the OOM killer would take them now, with "
	"points\n"
	"by the rule of the running kernel, and why. Nothing is changed.\n"
	"\n"
	"  -n N           the first N (default 20; 0: all, and each that is never killed)\n"
	"  --memcg PATH   of a cgroup at its limit: /system.slice/x.service\n"
	"  --json         one JSON document, of all unless -n says otherwise\n"
	"  --watch[=S]    again every S seconds (default 2) until q or Ctrl-C; on a terminal "
	"only\n";

#define DEFAULT_ROWS 20
#define SECONDS_MAX  3600

struct options {
	long rows; /* -1: not given */
	const char *memcg;
	bool json, watch, help;
	long seconds;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static bool parse_number(const char *text, long least, long most, long *ret)
{
	char *end;

	errno = 0;
	*ret = strtol(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end && *ret >= least && *ret <= most;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "memcg", required_argument, NULL, 'm' },
					       { "json", no_argument, NULL, 'j' },
					       { "watch", optional_argument, NULL, 'w' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int opt;

	*o = (struct options){ .rows = -1, .seconds = 2 };
	while ((opt = getopt_long(argc, argv, "n:h", longs, NULL)) != -1) {
		if (opt == 'n' && !parse_number(optarg, 0, 1000000, &o->rows))
			return usage_error("top: -n %s: a number from 0 was expected", optarg);
		if (opt == 'w' && optarg && !parse_number(optarg, 1, SECONDS_MAX, &o->seconds))
			return usage_error("top: --watch=%s: seconds from 1 to %d were expected",
					   optarg, SECONDS_MAX);
		if (opt == 'm')
			o->memcg = optarg;
		o->json |= opt == 'j';
		o->watch |= opt == 'w';
		o->help |= opt == 'h';
		if (opt == '?')
			return EXIT_USAGE;
	}
	if (optind < argc)
		return usage_error("top: '%s': no argument was expected", argv[optind]);
	if (o->watch && o->json)
		return usage_error("top: --watch is for people, --json is not");
	if (o->watch && (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)))
		return usage_error("top: --watch needs a terminal");
	return 0;
}

static int show(const struct options *o, size_t rows)
{
	int root __close = fs_root_open("/");
	struct fail f = { 0 };
	struct top t;
	int err;

	if (root < 0)
		return usage_error("top: /: %s", strerror(-root));
	if (top_read(root, o->memcg, &t, &f) < 0)
		return usage_error("top: %s", f.where);
	if (o->watch)
		fputs("\033[H\033[J", stdout);
	err = o->json ? top_json(&t, rows, stdout) : (top_text(&t, rows, stdout), 0);
	top_free(&t);
	return err || fflush(stdout) == EOF ? EXIT_BROKEN : EXIT_PASSED;
}

/* As many as fit below the heads and above the last two lines. */
static size_t rows_that_fit(const struct options *o)
{
	struct winsize size;

	if (o->rows >= 0)
		return (size_t)o->rows;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < 8)
		return DEFAULT_ROWS;
	return size.ws_row - 6u;
}

static bool wants_to_quit(long seconds)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char c;

	if (poll(&in, 1, (int)seconds * 1000) <= 0)
		return stopped;
	return read(STDIN_FILENO, &c, 1) != 1 || c == 'q' || stopped;
}

/* Keys come one by one and unseen; the terminal is put back whatever ends this. */
static int watch(const struct options *o)
{
	const struct sigaction sa = { .sa_handler = stop }; /* no SA_RESTART: poll(2) shall end */
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct termios before, raw;
	int status;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &sa, NULL);
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return usage_error("top: --watch: %s", strerror(errno));
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	do
		status = show(o, rows_that_fit(o));
	while (status == EXIT_PASSED && !stopped && !wants_to_quit(o->seconds));
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return status;
}

int cmd_top(int argc, char **argv)
{
	struct options o;
	int err = parse(argc, argv, &o);

	if (err)
		return err;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	if (o.watch)
		return watch(&o);
	return show(&o, o.rows >= 0 ? (size_t)o.rows : o.json ? 0 : DEFAULT_ROWS);
}
