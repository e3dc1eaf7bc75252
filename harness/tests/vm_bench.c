// SPDX-License-Identifier: MIT
/*
 * Times of one guest, for bench-vm.sh: vm_bench OOMLAB BENCH_INIT KERNEL DIR. Prints, in ms:
 *   bare N       QEMU's start to the first line of an init that does nothing
 *   boot N       vm_start() to the agent's hello
 *   save N, restore N (to a guest that runs), answer N (to its first word)
 * and the lines of BENCH_INIT's floor.
 */
#include "harness/accel.h"
#include "harness/child.h"
#include "harness/qemu.h"
#include "harness/vm.h"

#include <signal.h>
#include <sys/wait.h>

#define ANSWER_MS 60000
#define TEXT_MAX  100000

static int die(const char *what, const struct fail *f)
{
	fprintf(stderr, "vm_bench: %s: %s\n", what, f->where);
	return 1;
}

/* QEMU with no more than a console, until its init is up. Its text, malloc'd. */
static char *bare(const struct kernel *k, const char *initrd, const char *append, int64_t *ms)
{
	struct qemu q;
	struct fail f;
	char *text = calloc(1, TEXT_MAX);
	size_t len = 0;
	int64_t from;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (!text || qemu_find(&q, &f) || pipe(fds))
		return NULL;
	from = now_ms();
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl(q.path, q.path, "-nodefaults", "-no-user-config", "-no-reboot", "-display",
		      "none", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-m",
		      "512M", "-kernel", k->image, "-initrd", initrd, "-append", append, "-serial",
		      "stdio", NULL);
		_exit(127);
	}
	close(fds[1]);
	while (!strstr(text, "\nup") && len < TEXT_MAX - 1 &&
	       (n = read(fds[0], text + len, TEXT_MAX - 1 - len)) > 0)
		len += n;
	*ms = now_ms() - from;
	close(fds[0]);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (strstr(text, "\nup"))
		return text;
	fprintf(stderr, "vm_bench: QEMU ended with status %#x and said: %s\n", status, text);
	free(text);
	return NULL;
}

static int ours(struct vm_config *cfg, struct fail *f)
{
	static const char facts[] = "{\"do\":\"facts\"}";
	struct vm_template *t = NULL;
	int64_t from;
	struct vm *vm;
	char *line;
	int err = vm_template_make(&cfg->shape, cfg->dir, &t, f);

	cfg->template = t;
	from = now_ms();
	err = err ?: vm_start(cfg, &vm, f);
	if (err)
		return err;
	printf("boot %lld\n", (long long)(now_ms() - from));
	from = now_ms();
	err = vm_template_save(vm, t, f);
	printf("save %lld\n", (long long)(now_ms() - from));
	vm_discard(vm);
	for (int i = 0; !err && i < 5; i++) {
		from = now_ms();
		err = vm_restore(cfg, &vm, f);
		if (err)
			break;
		printf("restore %lld\n", (long long)(now_ms() - from));
		vm_send(vm, facts, sizeof(facts) - 1);
		if (vm_recv(vm, ANSWER_MS, &line) > 0)
			printf("answer %lld\n", (long long)(now_ms() - from));
		vm_discard(vm);
	}
	vm_template_free(t);
	return err;
}

int main(int argc, char **argv)
{
	struct kernel k;
	struct vm_config cfg = { .kernel = &k,
				 .accel = ACCEL_TCG,
				 .shape = { .memory_bytes = MiB(512),
					    .nr_nodes = 1,
					    .nr_cpus = 1,
					    .cgroup = CGROUP_V2 } };
	char initrd[512], nothing[512], *text;
	struct fail f = {};
	int64_t ms = 0;
	int err;

	if (argc != 5)
		return 2;
	snprintf(initrd, sizeof(initrd), "%s/initramfs.cpio", argv[4]);
	snprintf(nothing, sizeof(nothing), "%s/nothing.cpio", argv[4]);
	cfg.initrd = initrd;
	cfg.dir = argv[4];
	err = kernel_get(argv[3], NULL, &k, &f);
	err = err ?: initramfs_write(initrd, argv[1], argv[1], &f);
	err = err ?: initramfs_write(nothing, argv[2], argv[2], &f);
	for (int i = 0; !err && i < 3; i++) {
		text = bare(&k, nothing, "console=ttyS0 panic=-1 quiet", &ms);
		if (!text)
			return die("a bare QEMU", &(struct fail){ .where = "no word of its init" });
		printf("bare %lld\n", (long long)ms);
		free(text);
		err = ours(&cfg, &f);
	}
	if (err)
		return die("a guest", &f);
	text = bare(&k, nothing, "console=ttyS0 panic=-1 quiet floor", &ms);
	for (char *l = text, *rest = text; l && (l = strsep(&rest, "\n"));)
		if (str_starts(l, "floor_us"))
			printf("%s\n", l);
	free(text);
	return 0;
}
