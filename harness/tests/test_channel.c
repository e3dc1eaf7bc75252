// SPDX-License-Identifier: MIT
/* The line channel over a socket pair: whole, in pieces, damaged, too long, ended. */
#include "harness/channel.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>

static struct channel a, b;

static int open_pair(void **state)
{
	int sv[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return -1;
	channel_init(&a, sv[0]);
	channel_init(&b, sv[1]);
	return 0;
}

static int close_pair(void **state)
{
	(void)state;
	if (a.fd >= 0)
		close(a.fd);
	close(b.fd);
	return 0;
}

static void put(const char *bytes)
{
	assert_int_equal(write(a.fd, bytes, strlen(bytes)), strlen(bytes));
}

static void line_goes_through(void **state)
{
	char *line;

	(void)state;
	assert_int_equal(channel_send(&a, "{\"do\":\"off\"}", 12), 0);
	assert_int_equal(channel_recv(&b, 1000, &line), 12);
	assert_string_equal(line, "{\"do\":\"off\"}");
	assert_int_equal(b.nr_damaged, 0);
}

/* The sum is zlib's crc32, as `printf '{"do":"off"}' | crc32 /dev/stdin` prints it. */
static void format_is_the_documented_one(void **state)
{
	char raw[64];
	ssize_t n;

	(void)state;
	assert_int_equal(channel_send(&a, "123456789", 9), 0);
	n = read(b.fd, raw, sizeof(raw) - 1);
	assert_true(n > 0);
	raw[n] = '\0';
	assert_string_equal(raw, "cbf43926 123456789\n"); /* the check value of CRC-32 */
}

static void line_in_pieces(void **state)
{
	char *line;

	(void)state;
	put("cbf43926 1234");
	assert_int_equal(channel_recv(&b, 0, &line), -ETIMEDOUT);
	put("56789");
	assert_int_equal(channel_recv(&b, 0, &line), -ETIMEDOUT);
	put("\ncbf43926 123456789\n");
	assert_int_equal(channel_recv(&b, 0, &line), 9);
	assert_string_equal(line, "123456789");
	assert_int_equal(channel_recv(&b, 0, &line), 9);
	assert_int_equal(channel_recv(&b, 0, &line), -ETIMEDOUT);
}

static void damage_is_counted_and_passed_over(void **state)
{
	char *line;

	(void)state;
	put("cbf43926 123456780\n"); /* wrong text */
	put("CBF43926 123456789\n"); /* not how we write a sum */
	put("\n");
	put("[    1.2] some kernel line\n");
	put("cbf43926\n"); /* no text, and not the sum of none */
	put("cbf43926 123456789\n");
	assert_int_equal(channel_recv(&b, 1000, &line), 9);
	assert_string_equal(line, "123456789");
	assert_int_equal(b.nr_damaged, 5);
}

static void empty_text_is_a_line(void **state)
{
	char *line;

	(void)state;
	assert_int_equal(channel_send(&a, "", 0), 0);
	assert_int_equal(channel_recv(&b, 1000, &line), 0);
	assert_string_equal(line, "");
}

static void longest_line(void **state)
{
	static char text[CHANNEL_LINE_MAX];
	int size = 4 * CHANNEL_LINE_MAX;
	char *line;

	(void)state;
	setsockopt(a.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	memset(text, 'x', sizeof(text));
	assert_int_equal(channel_send(&a, text, CHANNEL_LINE_MAX - 10), 0);
	assert_int_equal(channel_recv(&b, 1000, &line), CHANNEL_LINE_MAX - 10);
	assert_int_equal(channel_send(&a, text, CHANNEL_LINE_MAX - 9), -EMSGSIZE);
	assert_int_equal(channel_send(&a, "a\nb", 3), -EINVAL);
}

static void endless_line_is_one_damage(void **state)
{
	static char text[CHANNEL_LINE_MAX];
	char *line;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 3; i++) {
		int size = 4 * CHANNEL_LINE_MAX;

		setsockopt(a.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
		assert_int_equal(write(a.fd, text, sizeof(text)), sizeof(text));
		assert_int_equal(channel_recv(&b, 0, &line), -ETIMEDOUT);
	}
	put("\ncbf43926 123456789\n");
	assert_int_equal(channel_recv(&b, 1000, &line), 9);
	assert_int_equal(b.nr_damaged, 1);
}

static void end_of_line(void **state)
{
	char *line;

	(void)state;
	put("cbf43926 123456789\ncbf4");
	close(a.fd);
	a.fd = -1;
	assert_int_equal(channel_recv(&b, 1000, &line), 9); /* what came before is not lost */
	assert_int_equal(channel_recv(&b, 1000, &line), -EPIPE);
	assert_int_equal(b.nr_damaged, 1);		    /* the piece of a line */
	assert_int_equal(channel_send(&b, "x", 1), -EPIPE); /* and no SIGPIPE */
}

/* A tty or a pipe knows no sendmsg(2). */
static void not_a_socket(void **state)
{
	static struct channel w, r;
	int p[2];
	char *line;

	(void)state;
	assert_int_equal(pipe(p), 0);
	channel_init(&r, p[0]);
	channel_init(&w, p[1]);
	assert_int_equal(channel_send(&w, "123456789", 9), 0);
	assert_int_equal(channel_recv(&r, 1000, &line), 9);
	close(p[0]);
	close(p[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(line_goes_through),
		TEST(format_is_the_documented_one),
		TEST(line_in_pieces),
		TEST(damage_is_counted_and_passed_over),
		TEST(empty_text_is_a_line),
		TEST(longest_line),
		TEST(endless_line_is_one_damage),
		TEST(end_of_line),
		TEST(not_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
