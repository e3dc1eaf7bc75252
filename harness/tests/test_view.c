// SPDX-License-Identifier: MIT
/* The view on a terminal of our own, and what stands on its screen: as much of one as the view needs. */
#include "harness/view.h"
#include "harness/view_memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#define COLUMNS 100
#define ROWS	12

static struct {
	int master;
	FILE *out;
	char rows[ROWS][COLUMNS + 1];
	int row, column;
	bool saw_colour;
} screen;

static void set_size(unsigned short columns, unsigned short rows)
{
	struct winsize w = { .ws_col = columns, .ws_row = rows };

	assert_int_equal(ioctl(screen.master, TIOCSWINSZ, &w), 0);
}

static int open_screen(void **state)
{
	(void)state;
	memset(&screen, 0, sizeof(screen));
	screen.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (screen.master < 0)
		skip();
	assert_int_equal(grantpt(screen.master) | unlockpt(screen.master), 0);
	screen.out = fopen(ptsname(screen.master), "r+e");
	assert_non_null(screen.out);
	set_size(COLUMNS, ROWS);
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
	return 0;
}

static int close_screen(void **state)
{
	(void)state;
	fclose(screen.out);
	close(screen.master);
	return 0;
}

static void clear_from(int row, int column)
{
	for (int r = row; r < ROWS; r++, column = 0)
		memset(screen.rows[r] + column, 0, sizeof(screen.rows[r]) - (size_t)column);
}

/* CSI; where it ends. */
static const char *escape(const char *s)
{
	int n = (int)strtol(s + 1, (char **)&s, 10);

	assert_non_null(strchr("AKJm", *s));
	if (*s == 'A')
		screen.row -= n;
	else if (*s == 'K')
		memset(screen.rows[screen.row] + screen.column, 0,
		       (size_t)(COLUMNS - screen.column));
	else if (*s == 'J')
		clear_from(screen.row, screen.column);
	else
		screen.saw_colour = true;
	assert_true(screen.row >= 0);
	return s;
}

/* What was written reaches the other end later and in pieces: all of it stands before a mark of ours. */
static void read_screen(char *text, size_t len)
{
	size_t at = 0;
	ssize_t n;

	fputc('\003', screen.out);
	fflush(screen.out);
	do {
		n = read(screen.master, text + at, len - 1 - at);
		at += (size_t)max(n, (ssize_t)0);
		text[at] = '\0';
	} while ((n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) && at < len - 1 &&
		 !strchr(text, '\003'));
	*strchrnul(text, '\003') = '\0';
}

static void show(void)
{
	static char text[65536];

	read_screen(text, sizeof(text));
	for (const char *s = text; *s; s++) {
		if (*s == '\r') {
			screen.column = 0;
		} else if (*s == '\n') {
			assert_true(++screen.row < ROWS);
		} else if (*s == '\033') {
			s = escape(s + 1);
		} else {
			assert_true(*s >= 0x20 && *s < 0x7f && screen.column < COLUMNS - 1);
			screen.rows[screen.row][screen.column++] = *s;
		}
	}
}

static void assert_row(int row, const char *want)
{
	assert_string_equal(screen.rows[row], want);
}

static void one_line_a_lane(void **state)
{
	struct view *v = view_open(screen.out);

	(void)state;
	assert_non_null(v);
	assert_true(view_tick_ms(v) > 0);
	view_plan(v, 10, 10000);
	view_boots(v, 0, "debian:6.1", CGROUP_V2);
	view_boots(v, 1, "/a/path/that/is/long\033[31m/bzImage", CGROUP_V1);
	view_draw(v);
	show();
	assert_true(str_starts(screen.rows[0], "debian:6.1 v2  boots "));
	assert_non_null(strstr(screen.rows[0], "  0.0 s "));
	assert_true(str_starts(screen.rows[1], "/long?[31m/bzImage v1  boots "));
	assert_row(2, "0 of 10; 0:00");
	assert_int_equal(screen.row, 3);
	view_plays(v, 0, "three-hogs");
	view_told(v, VERDICT_SKIP, 1000);
	view_told(v, VERDICT_FAIL, 1000);
	view_came_to(v, 0, VERDICT_FAIL);
	view_ends(v, 1);
	view_draw(v);
	show();
	assert_true(str_starts(screen.rows[0], "debian:6.1 v2  three-hogs "));
	assert_non_null(strstr(screen.rows[0], "  last FAIL"));
	assert_row(1, "2 of 10, 1 failed, 1 skipped; 0:00, about 0:00 left");
	assert_row(2, "");
	assert_false(screen.saw_colour);
	view_wipe(v);
	show();
	assert_row(0, "");
	assert_true(screen.row == 0 && screen.column == 0);
	view_close(v);
	show();
	assert_true(screen.row == 0 && screen.column == 0);
}

/* No line is as wide as the terminal, and there is never more than fits on it. */
static void fits(void **state)
{
	struct view *v = view_open(screen.out);

	(void)state;
	view_plan(v, 0, 0);
	for (unsigned int i = 0; i < 20; i++) {
		view_boots(v, i, "debian:6.1", CGROUP_V2);
		view_plays(v, i, "a-case-with-a-name-that-is-as-long-as-they-get-and-still-longer");
		view_came_to(v, i, VERDICT_BROKEN);
	}
	view_draw(v);
	show();
	assert_int_equal(screen.row, ROWS - 2);
	assert_row(screen.row - 1, "0; 0:00; 11 guests more");
	assert_int_equal(strlen(screen.rows[0]), COLUMNS - 1);
	for (unsigned short columns = 99; columns > 1; columns--) {
		view_wipe(v);
		show();
		set_size(columns, ROWS);
		view_draw(v);
		show();
		for (int i = 0; i < ROWS; i++)
			assert_true(strlen(screen.rows[i]) < columns);
	}
	view_wipe(v);
	view_close(v);
}

/* Lines that a narrower terminal has wrapped are overwritten as well. */
static void grows_narrow(void **state)
{
	struct view *v = view_open(screen.out);

	(void)state;
	view_boots(v, 0, "debian:6.1", CGROUP_V2);
	view_draw(v);
	show();
	assert_int_equal(screen.row, 2);
	screen.row = 3; /* 81 characters are in two rows of 50 */
	set_size(50, ROWS);
	view_wipe(v);
	show();
	assert_int_equal(screen.row, 0);
	view_close(v);
}

static void verdict_has_its_colour(void **state)
{
	struct view *v;

	(void)state;
	unsetenv("NO_COLOR");
	v = view_open(screen.out);
	view_boots(v, 0, "debian:6.1", CGROUP_V2);
	view_came_to(v, 0, VERDICT_PASS);
	view_draw(v);
	show();
	assert_true(screen.saw_colour);
	assert_non_null(strstr(screen.rows[0], "  last PASS"));
	view_close(v);
}

static void nobody_sees_it(void **state)
{
	FILE *null = fopen("/dev/null", "we");

	(void)state;
	assert_null(view_open(null));
	fclose(null);
	setenv("TERM", "dumb", 1);
	assert_null(view_open(screen.out));
	view_boots(NULL, 0, "debian:6.1", CGROUP_V2);
	view_plays(NULL, 0, "x");
	view_draw(NULL);
	view_wipe(NULL);
	assert_int_equal(view_tick_ms(NULL), -1);
}

static void memory_of_samples(void **state)
{
	static const char head[] =
		"{\"t\":\"plan\",\"plan\":{}}\n"
		"{\"t\":\"timeline\",\"machine\":[\"some_us\",\"full_us\"],\"machines\":[\"\"],"
		"\"cgroup\":[\"high\",\"current_kb\"],\"cgroups\":[\"\",\"box\"]}\n"
		"{\"t\":\"sample\",\"us\":1,\"set\":[0,9,3,1024,5,512,2,7]}\n";
	static const char more[] = "{\"t\":\"sample\",\"us\":2,\"set\":[3,20";
	char name[] = "/tmp/oomlab-test-view-XXXXXX";
	struct view_memory m = { .fd = -1 };
	int fd = mkstemp(name);

	(void)state;
	assert_int_equal(view_memory_now(&m), -1);
	view_memory_follow(&m, name);
	assert_int_equal(view_memory_now(&m), -1); /* nothing there yet */
	assert_int_equal(write(fd, head, strlen(head)), strlen(head));
	assert_int_equal(view_memory_now(&m), 1024);
	assert_int_equal(write(fd, more, strlen(more)), strlen(more)); /* half a line */
	assert_int_equal(view_memory_now(&m), 1024);
	assert_int_equal(write(fd, "48,99,1,-5,7]}\n", 15), 15);
	assert_int_equal(view_memory_now(&m), 2048);
	assert_int_equal(write(fd, "{\"t\":\"sample\",\"us\":3,\"set\":[3,null]}\n{\n", 38), 38);
	assert_int_equal(view_memory_now(&m), -1);
	view_memory_forget(&m);
	unlink(name);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_line_a_lane, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(fits, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(grows_narrow, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(verdict_has_its_colour, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(nobody_sees_it, open_screen, close_screen),
		cmocka_unit_test(memory_of_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
