// SPDX-License-Identifier: MIT
/* Every end a guest can come to, the console's words, QMP's lines and QEMU's arguments. No VM. */
#include "harness/vm_internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>

#define EXITED(code)   ((code) << 8)
#define SIGNALLED(sig) (sig)

static struct vm_end an_end(void)
{
	return (struct vm_end){
		.hello = true, .shutdown = "", .panic = "", .last = "", .qemu_said = ""
	};
}

static void assert_end(const struct vm_end *e, enum vm_outcome wanted, const char *text)
{
	char buf[600];

	assert_int_equal(vm_decode(e, buf, sizeof(buf)), wanted);
	assert_string_equal(buf, text);
}

static void powered_off(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.shutdown = "guest-shutdown";
	e.bye = true;
	assert_end(&e, VM_POWERED_OFF, "powered off");
	e.bye = false;
	e.last = "[    9.9] reboot: Power down";
	assert_end(&e, VM_RESET,
		   "powered off without its agent's word; its last line: [    9.9] reboot: Power "
		   "down");
}

static void panicked(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.shutdown = "guest-reset";
	e.panic = "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled";
	assert_end(&e, VM_PANICKED, e.panic);
	e.hello = false; /* also before the agent runs */
	assert_end(&e, VM_PANICKED, e.panic);
	e.status = SIGNALLED(SIGKILL); /* QEMU killed while it replays its log */
	assert_end(&e, VM_PANICKED, e.panic);
}

static void reset(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.shutdown = "guest-reset";
	assert_end(&e, VM_RESET, "the guest reset itself; its last line: (the console is empty)");
}

static void hung(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.declared_hung = true;
	e.shutdown = "guest-reset"; /* our NMI made it panic: that is no end of its own */
	e.panic = "Kernel panic - not syncing: NMI: Not continuing";
	e.last = "[   12.3] last words";
	assert_end(&e, VM_HUNG, "[   12.3] last words");
}

static void qemu_refused(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.hello = false;
	e.status = EXITED(1);
	e.qemu_said = "qemu-system-x86_64: -m 1K: ram size too small";
	assert_end(&e, VM_QEMU_REFUSED,
		   "QEMU did not run the guest: qemu-system-x86_64: -m 1K: ram size too small");
	e.status = EXITED(0);
	e.qemu_said = "";
	assert_end(&e, VM_QEMU_REFUSED, "QEMU did not run the guest: (it said nothing)");
}

static void qemu_killed(void **state)
{
	struct vm_end e = an_end();

	(void)state;
	e.status = SIGNALLED(SIGKILL);
	assert_end(&e, VM_QEMU_KILLED, "QEMU was killed by a signal: Killed");
	e.hello = false;
	e.status = SIGNALLED(SIGABRT);
	e.qemu_said = "assertion failed";
	assert_end(&e, VM_QEMU_KILLED,
		   "QEMU was killed by a signal: Aborted; it said: assertion failed");
	e = an_end();
	e.status = EXITED(1);
	e.qemu_said = "out of disk";
	assert_end(&e, VM_QEMU_KILLED, "QEMU ended without a word: out of disk");
	e.status = EXITED(0);
	e.shutdown = "host-signal";
	assert_end(&e, VM_QEMU_KILLED, "QEMU was ended from outside: host-signal");
}

static void scan(const char *text, const char *panic, const char *last)
{
	struct vm_console c;

	vm_console_scan(text, strlen(text), &c);
	assert_string_equal(c.panic, panic);
	assert_string_equal(c.last, last);
}

static void console(void **state)
{
	(void)state;
	scan("", "", "");
	scan("\r\n  \r\n", "", "");
	scan("one\r\ntwo\r\n\r\n", "", "two");
	scan("no newline", "", "no newline");
	scan("[ 1.0] Kernel panic - not syncing: sysrq triggered crash\r\n[ 1.0] CPU: 0\r\n",
	     "Kernel panic - not syncing: sysrq triggered crash", "[ 1.0] CPU: 0");
	scan("\x1b[31mred\x01\r\nKernel panic - not syncing", "Kernel panic - not syncing",
	     "Kernel panic - not syncing");
}

static void console_of_long_lines(void **state)
{
	static char text[100000];
	struct vm_console c;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 50000, "Kernel panic - not syncing: ", 28);
	vm_console_scan(text, sizeof(text), &c);
	assert_int_equal(strlen(c.panic), VM_LINE_MAX - 1);
	assert_int_equal(strlen(c.last), VM_LINE_MAX - 1);
}

static ssize_t last_with(const char *text, const char *what)
{
	return vm_console_last_with(text, strlen(text), what);
}

static void console_of_the_last_case(void **state)
{
	(void)state;
	assert_int_equal(last_with("", "begin"), -1);
	assert_int_equal(last_with("a\nb\n", "begin"), -1);
	assert_int_equal(last_with("begin", "begin"), 0);
	assert_int_equal(last_with("x\n[1] begin one begin\n[2] y\n", "begin"), 2);
	assert_int_equal(last_with("[1] begin one\n[2] begin two\n[3] y\n", "begin"), 14);
}

static int take(struct qmp *q, const char *line, unsigned int id, char **text)
{
	return qmp_take(q, line, strlen(line), id, text);
}

static void qmp_lines(void **state)
{
	static struct qmp q;
	char *text = NULL;

	(void)state;
	memset(&q, 0, sizeof(q));
	assert_int_equal(take(&q, "{\"QMP\": {\"version\": {}}}", 0, NULL), 1);
	assert_int_equal(take(&q, "{\"return\": {}, \"id\": 3}", 4, NULL), 0);
	assert_int_equal(take(&q, "{\"return\": {}, \"id\": 4}", 4, NULL), 1);
	assert_int_equal(take(&q, "{\"error\": {\"class\": \"X\"}, \"id\": 4}", 4, NULL), -EIO);
	assert_int_equal(take(&q, "{\"return\": \"RAX=0\\r\\n\", \"id\": 5}", 5, &text), 1);
	assert_string_equal(text, "RAX=0\r\n");
	free(text);
	assert_int_equal(take(&q, "{\"event\": \"RESUME\"}", 4, NULL), 0);
	assert_int_equal(take(&q, "not json", 4, NULL), 0);
	assert_int_equal(take(&q, "[1]", 4, NULL), 0);
	assert_int_equal(take(&q, "{\"event\": 7, \"id\": \"4\", \"return\": 1}", 4, NULL), 0);
	assert_string_equal(q.shutdown, "");
	take(&q, "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":\"guest-reset\"}}", 0,
	     NULL);
	take(&q, "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":false,\"reason\":\"host-qmp-quit\"}}",
	     0, NULL);
	assert_string_equal(q.shutdown, "guest-reset"); /* the first is the cause */
	assert_int_equal(
		take(&q, "{\"error\": {\"desc\": \"not migratable\"}, \"id\": 6}", 6, NULL), -EIO);
	assert_string_equal(q.error, "not migratable");
	take(&q, "{\"event\":\"MIGRATION\",\"data\":{\"status\":\"active\"}}", 0, NULL);
	assert_string_equal(q.migration, "active");
	take(&q, "{\"event\":\"GUEST_PANICKED\"}", 0, NULL);
	assert_true(q.guest_panicked);
}

static struct vm_args args;
static struct kernel kernel = { .image = "/k/vmlinux" };
static const struct vm_paths paths = { .qemu = "/bin/qemu",
				       .initrd = "/i,nitrd",
				       .console = "/a,b/console.log",
				       .disk = "/a,b/disk.raw",
				       .data_fd = 7,
				       .qmp_fd = 9 };

/* The argument behind `option` that contains `part`. */
static const char *arg(const char *option, const char *part)
{
	for (size_t i = 0; i + 1 < args.nr; i++)
		if (str_eq(args.argv[i], option) && strstr(args.argv[i + 1], part))
			return args.argv[i + 1];
	fail_msg("no %s ...%s...", option, part);
	return NULL;
}

static void arguments_of_two_nodes(void **state)
{
	struct vm_config cfg = { .kernel = &kernel,
				 .shape = { .memory_bytes = MiB(512),
					    .nr_nodes = 2,
					    .nr_cpus = 3,
					    .swap_bytes = MiB(64),
					    .cgroup = CGROUP_V1,
					    .cmdline = "numa=on" } };
	struct fail f;

	(void)state;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &paths, 2500000, &f), 0);
	assert_string_equal(args.argv[0], "/bin/qemu");
	assert_null(args.argv[args.nr]);
	arg("-m", "524288K");
	assert_string_equal(arg("-numa", "nodeid=0"), "node,nodeid=0,memdev=m0,cpus=0,cpus=2");
	assert_string_equal(arg("-numa", "nodeid=1"), "node,nodeid=1,memdev=m1,cpus=1");
	assert_string_equal(arg("-object", "id=m1"), "memory-backend-ram,id=m1,size=262144K");
	assert_string_equal(arg("-initrd", "nitrd"), "/i,nitrd");
	assert_string_equal(arg("-chardev", "file"), "file,id=console,path=/a,,b/console.log");
	arg("-blockdev", "filename=/a,,b/disk.raw,");
	arg("-device", "nvme,drive=disk");
	arg("-append", "oomlab.cgroup=v1 oomlab.swap=1 tsc_early_khz=2500000 numa=on");
	arg("-chardev", "socket,id=data,fd=7");
	arg("-chardev", "socket,id=qmp,fd=9");
	/* zram takes no disk */
	cfg.shape.swap_kind = SWAP_ZRAM;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &paths, 2500000, &f), 0);
	arg("-append", "oomlab.cgroup=v1 oomlab.zram=67108864 tsc_early_khz");
	for (size_t i = 0; i < args.nr; i++)
		assert_null(strstr(args.argv[i], "disk.raw"));
	cfg.shape.hybrid = true;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &paths, 2500000, &f), 0);
	arg("-append", "oomlab.cgroup=v1 oomlab.hybrid=1 oomlab.zram=67108864 ");
	cfg.shape.hybrid = false;
	/* but a plain disk may stand beside it */
	cfg.shape.disk_bytes = MiB(32);
	assert_int_equal(vm_disk_bytes(&cfg.shape), MiB(32));
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &paths, 2500000, &f), 0);
	arg("-append", "oomlab.zram=67108864 oomlab.disk=1 ");
	arg("-blockdev", "filename=/a,,b/disk.raw,");
	cfg.shape.disk_bytes = 0;
	cfg.shape.swap_kind = SWAP_DISK;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &paths, 2500000, &f), 0);
	arg("-accel", "tcg,thread=multi");
}

static void arguments_of_one_node(void **state)
{
	struct vm_config cfg = { .kernel = &kernel,
				 .shape = { .memory_bytes = MiB(512), .cgroup = CGROUP_V2 } };
	struct fail f;

	(void)state;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_KVM, &paths, 2500000, &f), 0);
	for (size_t i = 0; i < args.nr; i++) {
		assert_string_not_equal(args.argv[i], "-numa");
		assert_string_not_equal(args.argv[i], "-blockdev");
		assert_null(strstr(args.argv[i], "tsc_early_khz"));
	}
	arg("-append", "log_buf_len=4194304");
	arg("-accel", "kvm");
	cfg.shape.nr_nodes = 64;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_KVM, &paths, 0, &f), -EINVAL);
	cfg.shape.nr_nodes = MACHINE_NODES_MAX;
	cfg.shape.memory_bytes = GiB(1);
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_KVM, &paths, 0, &f), 0);
}

/* The guest that is saved and the guests that go on from there have the same arguments but two. */
static void arguments_of_a_template(void **state)
{
	struct vm_template t = { .ram = { 11, 12 }, .nr_ram = 2 };
	struct vm_config cfg = { .kernel = &kernel,
				 .template = &t,
				 .shape = { .memory_bytes = MiB(512), .nr_nodes = 2 } };
	struct vm_paths saved = paths;
	struct fail f;

	(void)state;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &saved, 0, &f), 0);
	assert_string_equal(
		arg("-object", "id=m1"),
		"memory-backend-file,id=m1,size=262144K,mem-path=/proc/self/fd/12,share=on");
	for (size_t i = 0; i < args.nr; i++)
		assert_string_not_equal(args.argv[i], "-incoming");
	saved.restore = true;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &saved, 0, &f), 0);
	arg("-object", "mem-path=/proc/self/fd/11,share=off");
	arg("-incoming", "defer");
	cfg.shape.nr_nodes = 1;
	assert_int_equal(vm_args_make(&args, &cfg, ACCEL_TCG, &saved, 0, &f), 0);
	arg("-machine", "q35,memory-backend=m0");
	arg("-object", "id=m0,size=524288K,mem-path=/proc/self/fd/11,share=off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(powered_off),
		cmocka_unit_test(panicked),
		cmocka_unit_test(reset),
		cmocka_unit_test(hung),
		cmocka_unit_test(qemu_refused),
		cmocka_unit_test(qemu_killed),
		cmocka_unit_test(console),
		cmocka_unit_test(console_of_long_lines),
		cmocka_unit_test(console_of_the_last_case),
		cmocka_unit_test(qmp_lines),
		cmocka_unit_test(arguments_of_two_nodes),
		cmocka_unit_test(arguments_of_one_node),
		cmocka_unit_test(arguments_of_a_template),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
