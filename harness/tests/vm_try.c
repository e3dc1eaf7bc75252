// SPDX-License-Identifier: MIT
/*
 * Boots one guest and ends it in one way, for vm-boot.t:
 *   vm_try OOMLAB KERNEL DIR ACTION [nodes=N] [swap=MIB] [memory=MIB] [cgroup=v1|v2] [cpus=N]
 * [accel=A] ACTION: off crash reset silent hang stop kill refuse template. Prints hello, boot_ms,
 * outcome and text.
 */
#include "harness/accel.h"
#include "harness/channel.h"
#include "harness/child.h"
#include "harness/vm.h"

#include <signal.h>
#include <sys/wait.h>

static void progress(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static void option(struct vm_config *cfg, const char *word)
{
	unsigned long n = strchr(word, '=') ? strtoul(strchr(word, '=') + 1, NULL, 10) : 0;

	if (str_starts(word, "nodes="))
		cfg->shape.nr_nodes = n;
	else if (str_starts(word, "cpus="))
		cfg->shape.nr_cpus = n;
	else if (str_starts(word, "swap="))
		cfg->shape.swap_bytes = MiB(n);
	else if (str_starts(word, "memory="))
		cfg->shape.memory_bytes = MiB(n);
	else if (str_starts(word, "timeout="))
		cfg->boot_timeout_ms = n;
	else if (str_starts(word, "cmdline="))
		str_copy(cfg->shape.cmdline, sizeof(cfg->shape.cmdline), word + 8);
	else if (str_eq(word, "cgroup=v1"))
		cfg->shape.cgroup = CGROUP_V1;
	else if (!str_starts(word, "accel=") || accel_parse(word + 6, &cfg->accel))
		fprintf(stderr, "vm_try: what is '%s'?\n", word);
}

static void send_text(struct vm *vm, const char *json)
{
	int err = vm_send(vm, json, strlen(json));

	if (err)
		printf("send: %s\n", strerror(-err));
}

/* Reads on until the guest is gone or silent for so long. */
static void drain(struct vm *vm, int ms)
{
	char *line;

	while (vm_recv(vm, ms, &line) >= 0)
		printf("line %s\n", line);
}

/* The longest line there may be, 5 times in a row: a serial port must not lose a byte of it. */
static void send_big(struct vm *vm)
{
	static char text[CHANNEL_LINE_MAX - 10];
	static const char head[] = "{\"do\":\"nothing\",\"pad\":\"";
	int64_t from = now_ms();
	unsigned int answers = 0;
	char *line;

	memset(text, 'x', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + sizeof(text) - 2, "\"}", 2);
	for (int i = 0; i < 5; i++) {
		if (vm_send(vm, text, sizeof(text)))
			break;
		if (vm_recv(vm, 30000, &line) > 0)
			answers += strstr(line, "an order we do not know") != NULL;
	}
	printf("big %u of 5 in %lld ms\n", answers, (long long)(now_ms() - from));
	send_text(vm, "{\"do\":\"off\"}");
}

/* Asks for the facts and waits for them: how long since `from`, -1 if none came. */
static long long answer_ms(struct vm *vm, int64_t from)
{
	char *line;

	send_text(vm, "{\"do\":\"facts\"}");
	return vm_recv(vm, 30000, &line) > 0 && str_starts(line, "{\"t\":\"machine\"")
		       ? (long long)(now_ms() - from)
		       : -1;
}

/* Saves the guest, then three times goes on from there: each shall live, and die, alone. */
static int try_template(struct vm *vm, struct vm_config *cfg, struct vm_template *t)
{
	int64_t from = now_ms();
	struct fail f = {};
	int err = vm_template_save(vm, t, &f);

	printf("save %lld ms, %llu KiB: %s\n", (long long)(now_ms() - from),
	       (unsigned long long)(vm_template_bytes(t) / 1024), err ? f.where : "saved");
	vm_discard(vm);
	for (int i = 0; !err && i < 3; i++) {
		const char *text;

		from = now_ms();
		err = vm_restore(cfg, &vm, &f);
		if (err) {
			printf("restore: %s\n", f.where);
			break;
		}
		printf("restore %lld ms", (long long)(now_ms() - from));
		printf(", answer %lld ms\n", answer_ms(vm, from));
		send_text(vm, "{\"do\":\"sysrq\",\"letter\":\"c\"}");
		drain(vm, 30000);
		printf("outcome %s: ", vm_outcome_name(vm_outcome(vm, &text)));
		printf("%s\n", text);
		vm_discard(vm);
	}
	vm_template_free(t);
	return err ? 1 : 0;
}

/* As a host's debugger or freezer may. */
static void stop_qemu(struct vm *vm)
{
	kill(vm_pid(vm), SIGSTOP);
	vm_declare_hung(vm);
}

static void act(struct vm *vm, const char *action)
{
	if (str_eq(action, "off"))
		send_text(vm, "{\"do\":\"off\"}");
	else if (str_eq(action, "facts"))
		send_text(vm, "{\"do\":\"facts\"}");
	else if (str_eq(action, "crash"))
		send_text(vm, "{\"do\":\"sysrq\",\"letter\":\"c\"}");
	else if (str_eq(action, "reset"))
		send_text(vm, "{\"do\":\"sysrq\",\"letter\":\"b\"}");
	else if (str_eq(action, "silent"))
		send_text(vm, "{\"do\":\"sysrq\",\"letter\":\"o\"}");
	else if (str_eq(action, "kill"))
		kill(vm_pid(vm), SIGKILL);
	else if (str_eq(action, "stop"))
		stop_qemu(vm);
	else if (str_eq(action, "big"))
		send_big(vm);
	else if (str_eq(action, "hold"))
		pause(); /* until we are killed */
	else if (str_eq(action, "hang"))
		vm_declare_hung(vm);
	drain(vm, 30000);
}

int main(int argc, char **argv)
{
	struct vm_template *t = NULL;
	struct kernel k;
	struct vm_config cfg = { .kernel = &k,
				 .accel = ACCEL_TCG,
				 .shape = { .memory_bytes = MiB(512),
					    .nr_nodes = 1,
					    .nr_cpus = 1,
					    .cgroup = CGROUP_V2 } };
	struct fail f = {};
	char initrd[512];
	const char *text;
	struct vm *vm;
	int64_t from;
	int err;

	if (argc < 5)
		return 2;
	for (int i = 5; i < argc; i++)
		option(&cfg, argv[i]);
	snprintf(initrd, sizeof(initrd), "%s/initramfs.cpio", argv[3]);
	cfg.initrd = initrd;
	cfg.dir = argv[3];
	err = kernel_get(argv[2], progress, &k, &f);
	/* The workload program is not what is tried here: any file will do. */
	err = err ?: initramfs_write(initrd, argv[1], argv[1], &f);
	if (str_eq(argv[4], "refuse"))
		cfg.initrd = "/nonexistent/initrd";
	if (str_eq(argv[4], "template"))
		err = err ?: vm_template_make(&cfg.shape, cfg.dir, &t, &f);
	cfg.template = t;
	from = now_ms();
	err = err ?: vm_start(&cfg, &vm, &f);
	if (err) {
		printf("start: %s: %s\n", strerror(-err), f.where);
		return 1;
	}
	printf("boot_ms %lld accel %s pid %d\nhello %s\n", (long long)(now_ms() - from),
	       accel_name(vm_accel_used(vm)), vm_pid(vm), vm_hello(vm));
	fflush(stdout);
	if (t)
		return try_template(vm, &cfg, t);
	act(vm, argv[4]);
	err = vm_outcome(vm, &text);
	printf("outcome %s: %s\n", vm_outcome_name(err), text);
	vm_stop(vm);
	return 0;
}
