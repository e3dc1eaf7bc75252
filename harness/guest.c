// SPDX-License-Identifier: MIT
/*
 * PID 1 of a guest: greets the host with the facts of this machine, then plays plans it is sent and
 * streams their evidence back. It judges nothing, and it must never exit (the kernel would panic)
 * nor be in want of memory: its buffers are static.
 *
 *   host:  {"do":"facts"}  {"do":"play","plan":{...}}  {"do":"sysrq","letter":"c"}  {"do":"sysctls"}
 *          {"do":"off"}
 *   guest: {"t":"hello",...}  {"t":"machine",...}  evidence  {"t":"done"}  {"t":"bye"}
 */
#include "harness/guest.h"
#include "harness/programs.h"
#include "harness/channel.h"
#include "harness/cmd.h"
#include "harness/machine.h"
#include "harness/player.h"
#include "lib/fs.h"
#include "lib/sysctl_root.h"

#include <jansson.h>
#include <sys/reboot.h>
#include <sys/wait.h>

#define SERIAL	    "/dev/ttyS1"
#define IDLE_MS	    1000
#define WARM_UP_LEN 2048 /* the tty layer's chunk: the first write of one allocates its buffer */

static struct channel line_to_host;
static int root = -1;

static void say(const char *json)
{
	channel_send(&line_to_host, json, strlen(json));
}

static void say_text(const char *type, const char *key, const char *text)
{
	char buf[1024];
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", type);
	if (key)
		jsonw_str(&w, key, text);
	n = jsonw_finish(&w);
	if (n > 0)
		channel_send(&line_to_host, buf, n);
}

static void say_facts(const char *type)
{
	static char buf[8192];
	struct machine m = {};
	struct jsonw w;
	ssize_t n;
	int err = machine_read(root, &m);

	if (err)
		fprintf(stderr, "oomlab: facts of this machine: %s\n", strerror(-err));
	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", type);
	machine_write(&m, &w);
	n = jsonw_finish(&w);
	if (n > 0)
		channel_send(&line_to_host, buf, n);
}

/* The tty's write buffer is allocated now and not in the middle of an OOM. The host skips the line.
 */
static void warm_up(void)
{
	static char pad[WARM_UP_LEN + 1], buf[WARM_UP_LEN + 64];
	struct jsonw w;
	ssize_t n;

	memset(pad, 'x', WARM_UP_LEN);
	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", "warm-up");
	jsonw_str(&w, "pad", pad);
	n = jsonw_finish(&w);
	if (n > 0)
		channel_send(&line_to_host, buf, n);
}

static int sink_line(void *ctx, const char *json, size_t len)
{
	return channel_send(ctx, json, len);
}

/* A page of the disk's cache is charged to who read it first: in an earlier case, if it is still there. */
static void forget_cache(void)
{
	if (fs_write(root, "proc/sys/vm/drop_caches", "1") < 0)
		say_text("broken", "what", "vm.drop_caches cannot be written");
}

static void play(const json_t *plan_json)
{
	struct player p = { .root = root,
			    .sink = { sink_line, &line_to_host },
			    .guardian = -1,
			    .oomhog = "/oomhog" };
	struct fail f = {};
	struct plan *plan;
	int err = plan_parse(plan_json, &plan, &f);

	if (err) {
		say_text("broken", "what", f.where);
		return;
	}
	forget_cache();
	err = player_run(&p, plan);
	if (err)
		say_text("broken", "what", strerror(-err));
	plan_free(plan);
}

static void sysrq(const json_t *order)
{
	const char *letter = json_string_value(json_object_get(order, "letter"));

	if (letter && letter[0] && !letter[1])
		fs_write(root, "proc/sysrq-trigger", letter);
}

static int say_sysctl(void *ctx, const char *name, const char *value)
{
	static char buf[32768];
	struct jsonw w;
	ssize_t n;

	(void)ctx;
	if (!sysctl_is_memory(name))
		return 0;
	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", "sysctl");
	jsonw_str(&w, "name", name);
	jsonw_str(&w, "value", value);
	n = jsonw_finish(&w);
	if (n > 0)
		channel_send(&line_to_host, buf, n);
	return 0;
}

static void say_sysctls(void)
{
	int err = sysctl_each(root, say_sysctl, NULL);

	if (err)
		say_text("broken", "what", strerror(-err));
	say_text("done", NULL, NULL);
}

static void __attribute__((noreturn)) power_off(void)
{
	say("{\"t\":\"bye\"}");
	fsync(line_to_host.fd);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void obey(const char *text, size_t len)
{
	json_error_t e;
	json_t *order = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	const char *what = json_string_value(json_object_get(order, "do"));

	if (!what)
		say_text("broken", "what", "the host sent no order");
	else if (str_eq(what, "facts"))
		say_facts("machine");
	else if (str_eq(what, "sysrq"))
		sysrq(order);
	else if (str_eq(what, "sysctls"))
		say_sysctls();
	else if (str_eq(what, "off"))
		power_off();
	else if (str_eq(what, "play")) {
		play(json_object_get(order, "plan"));
		say_text("done", NULL, NULL);
	} else {
		say_text("broken", "what", "the host sent an order we do not know");
	}
	json_decref(order);
}

/* Processes that lost their parents became our children. */
static void reap_orphans(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int guest_main(bool is_init)
{
	char *text;
	ssize_t n;
	int fd, err;

	if (is_init) {
		guest_mount();
		guest_make_cgroup();
		guest_protect();
		setenv("PATH", "/" PROGRAMS_DIR, 1);
	}
	root = fs_root_open("/");
	fd = guest_open_serial(SERIAL);
	if (fd < 0)
		fprintf(stderr, "oomlab: " SERIAL ": %s\n", strerror(-fd));
	channel_init(&line_to_host, fd);
	warm_up();
	err = is_init ? guest_swap_on() : 0;
	if (err)
		fprintf(stderr, "oomlab: no swap: %s\n", strerror(-err));
	say_facts("hello");
	for (;;) {
		n = channel_recv(&line_to_host, IDLE_MS, &text);
		if (n >= 0)
			obey(text, n);
		else if (n != -ETIMEDOUT && n != -EINTR)
			power_off();
		reap_orphans();
	}
}
