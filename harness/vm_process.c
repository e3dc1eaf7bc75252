// SPDX-License-Identifier: MIT
/*
 * QEMU as a process: it dies with the thread that started it, holds no file of ours but its two
 * sockets, and offers itself to the host's OOM killer before anything else of ours.
 */
#include "harness/child.h"
#include "harness/programs.h"
#include "harness/qemu.h"
#include "harness/vm_internal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define OOM_SCORE_ADJ	"800"
#define SOCKET_BYTES	(1 << 20) /* so that QEMU's serial port never finds the line full */
#define QMP_DEADLINE_MS 20000
#define QUIT_MS		3000
#define KILL_MS		10000

/* Between fork and exec: system calls only. */
static void __attribute__((noreturn))
become_qemu(const struct vm_args *a, const struct vm_paths *p, const struct vm_template *t, int log,
	    pid_t parent)
{
	int null = open("/dev/null", O_RDONLY), adj;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before we asked to be told */
		_exit(126);
	setpgid(0, 0); /* a ^C at the terminal is the driver's business, not QEMU's */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	adj = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (adj < 0 || write(adj, OOM_SCORE_ADJ, sizeof(OOM_SCORE_ADJ) - 1) < 0)
		_exit(125);
	if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(125);
	fcntl(p->data_fd, F_SETFD, 0);
	fcntl(p->qmp_fd, F_SETFD, 0);
	if (t)
		fcntl(t->state, F_SETFD, 0);
	for (unsigned int i = 0; t && i < t->nr_ram; i++)
		fcntl(t->ram[i], F_SETFD, 0);
	execv(a->argv[0], (char *const *)a->argv);
	dprintf(2, "exec %s: %s\n", a->argv[0], strerror(errno));
	_exit(127);
}

static int socket_pair(int *ours, int *theirs)
{
	int size = SOCKET_BYTES, sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		return -errno;
	for (int i = 0; i < 2; i++)
		setsockopt(sv[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	*ours = sv[0];
	*theirs = sv[1];
	return 0;
}

static int make_disk_file(const char *path, uint64_t bytes, struct fail *f)
{
	int fd __close = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, bytes))
		return fail_errno(f, -errno, "disk file %s", path);
	return 0;
}

static int append_file(int to, const char *from, struct fail *f)
{
	int fd __close = open(from, O_RDONLY | O_CLOEXEC);
	char block[KiB(32)];
	ssize_t n;

	if (fd < 0)
		return fail_errno(f, -errno, "%s", from);
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (write(to, block, n) != n)
			return fail_errno(f, -errno, "write an initrd");
	return n < 0 ? fail_errno(f, -errno, "read %s", from) : 0;
}

static int append_programs(struct vm *vm, int to, const char *names, struct fail *f)
{
	char file[sizeof(vm->dir) + 20];
	int err;

	snprintf(file, sizeof(file), "%s/programs.cpio", vm->dir);
	err = programs_pack(file, names, f);
	err = err ?: append_file(to, file, f);
	unlink(file);
	return err;
}

/*
 * The kernel unpacks cpio archives one behind the other: ours, then the kernel's modules, then the
 * programs of a case.
 */
static int join_initrd(struct vm *vm, const struct vm_config *cfg, bool restore, struct fail *f)
{
	const struct vm_shape *s = &cfg->shape;
	bool modules = cfg->kernel->modules[0] && (s->swap_bytes || s->disk_bytes);
	int fd __close = -1;
	int err;

	/* A restored guest has unpacked its own. */
	if (restore || (!modules && !*s->programs)) {
		vm->initrd[0] = '\0';
		return 0;
	}
	snprintf(vm->initrd, sizeof(vm->initrd), "%s/initrd", vm->dir);
	fd = open(vm->initrd, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail_errno(f, -errno, "create %s", vm->initrd);
	err = append_file(fd, cfg->initrd, f);
	if (!err && modules)
		err = append_file(fd, cfg->kernel->modules, f);
	if (!err && *s->programs)
		err = append_programs(vm, fd, s->programs, f);
	return err;
}

static int prepare_files(struct vm *vm, const struct vm_config *cfg, bool restore, struct fail *f)
{
	int err;

	snprintf(vm->console, sizeof(vm->console), "%s/console.log", vm->dir);
	snprintf(vm->qemu_log, sizeof(vm->qemu_log), "%s/qemu.log", vm->dir);
	snprintf(vm->disk, sizeof(vm->disk), "%s/disk.raw", vm->dir);
	unlink(vm->console); /* QEMU truncates it, but perhaps it never starts */
	err = join_initrd(vm, cfg, restore, f);
	if (!err && vm_disk_bytes(&cfg->shape))
		err = make_disk_file(vm->disk, vm_disk_bytes(&cfg->shape), f);
	return err;
}

static int fork_qemu(struct vm *vm, const struct vm_args *a, const struct vm_paths *p,
		     const struct vm_template *t, struct fail *f)
{
	int log __close = open(vm->qemu_log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	pid_t parent = getpid(), pid;

	if (log < 0)
		return fail_errno(f, -errno, "create %s", vm->qemu_log);
	pid = fork();
	if (pid < 0)
		return fail_errno(f, -errno, "fork");
	if (pid == 0)
		become_qemu(a, p, t, log, parent);
	vm->pid = pid;
	return 0;
}

int vm_spawn(struct vm *vm, const struct vm_config *cfg, bool restore, struct fail *f)
{
	struct vm_args *a __free = malloc(sizeof(*a));
	int data __close = -1, qmp __close = -1;
	struct vm_paths p = {};
	struct qemu q;
	int err = a ? qemu_find(&q, f) : fail_errno(f, -ENOMEM, "start QEMU");

	err = err ?: prepare_files(vm, cfg, restore, f);
	if (err)
		return err;
	if (socket_pair(&vm->line.fd, &data) || socket_pair(&vm->qmp.fd, &qmp))
		return fail_errno(f, -errno, "socketpair");
	p = (struct vm_paths){ q.path,	    vm->initrd[0] ? vm->initrd : cfg->initrd,
			       vm->console, vm->disk,
			       data,	    qmp,
			       restore };
	err = vm_args_make(a, cfg, vm->accel, &p, vm_tsc_khz(), f);
	err = err ?: fork_qemu(vm, a, &p, cfg->template, f);
	if (err)
		return err;
	cleanup_close(&data); /* or we would never see the end of the line */
	cleanup_close(&qmp);
	data = qmp = -1;
	channel_init(&vm->line, vm->line.fd);
	/* A QEMU that refuses its arguments ends here; vm_outcome() then tells. */
	err = qmp_open(&vm->qmp, vm->qmp.fd, cfg->boot_timeout_ms ?: QMP_DEADLINE_MS);
	if (err == -ETIMEDOUT)
		return fail_errno(f, err, "QEMU's greeting");
	return 0;
}

bool vm_reap(struct vm *vm, int deadline_ms)
{
	if (!vm->reaped)
		vm->reaped = !child_wait(vm->pid, deadline_ms, &vm->status);
	return vm->reaped;
}

void vm_kill(struct vm *vm)
{
	if (!vm->pid || vm_reap(vm, 0))
		return;
	qmp_command(&vm->qmp, "quit", false, QUIT_MS, NULL);
	if (vm_reap(vm, QUIT_MS))
		return;
	kill(vm->pid, SIGKILL);
	vm_reap(vm, KILL_MS); /* one that sits in a hanging /dev/kvm is left to init */
}

void vm_discard(struct vm *vm)
{
	if (!vm)
		return;
	if (vm->pid && !vm->reaped) {
		kill(vm->pid, SIGKILL);
		vm_reap(vm, KILL_MS);
	}
	vm_free(vm);
}

void vm_free(struct vm *vm)
{
	struct stat st;

	if (!vm)
		return;
	vm_kill(vm);
	cleanup_close(&vm->line.fd);
	cleanup_close(&vm->qmp.fd);
	if (vm->disk[0])
		unlink(vm->disk);
	if (vm->initrd[0])
		unlink(vm->initrd);
	if (vm->qemu_log[0] && !stat(vm->qemu_log, &st) && !st.st_size)
		unlink(vm->qemu_log); /* it had nothing to say */
	free(vm->hello);
	free(vm);
}
