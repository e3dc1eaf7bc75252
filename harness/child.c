// SPDX-License-Identifier: MIT
/* See child.h. Waiting is by pidfd and poll(2), so a deadline needs neither a signal nor a sleep.
 */
#include "harness/child.h"
#include "lib/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

int64_t now_ms(void)
{
	return proc_now_us() / 1000;
}

int child_wait(pid_t pid, int deadline_ms, int *status)
{
	int pidfd __close = proc_pidfd_open(pid);
	int err = pidfd < 0 ? pidfd : 0;

	if (!err)
		err = proc_pidfd_wait_gone(pidfd, proc_now_us() + deadline_ms * 1000ULL);
	if (err)
		return err;
	return waitpid(pid, status, 0) == pid ? 0 : -errno;
}

/* Our environment with the C locale: the output of the programs is parsed. */
static char **env_c_locale(void)
{
	static char c_locale[] = "LC_ALL=C";
	size_t n = 0, k = 0;
	char **env;

	while (environ[n])
		n++;
	env = calloc(n + 2, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!str_starts(environ[i], "LC_ALL="))
			env[k++] = environ[i];
	env[k] = c_locale;
	return env;
}

static int spawn(const struct child_run *r, int out, int log, pid_t *pid)
{
	char **env __free = env_c_locale();
	posix_spawn_file_actions_t fa;
	int err;

	if (!env)
		return -ENOMEM;
	if (posix_spawn_file_actions_init(&fa))
		return -ENOMEM;
	err = posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	err = err ?: posix_spawn_file_actions_adddup2(&fa, out, 1);
	err = err ?: posix_spawn_file_actions_adddup2(&fa, log, 2);
	if (!err && r->cwd)
		err = posix_spawn_file_actions_addchdir_np(&fa, r->cwd);
	err = err ?: posix_spawnp(pid, r->argv[0], &fa, NULL, (char *const *)r->argv, env);
	posix_spawn_file_actions_destroy(&fa);
	return -err;
}

/* A whole memfd as one string. */
static int take_output(int fd, char **ret)
{
	struct stat st;
	char *text;
	ssize_t n = 0;

	if (fstat(fd, &st))
		return -errno;
	text = malloc(st.st_size + 1);
	if (!text)
		return -ENOMEM;
	for (off_t at = 0; at < st.st_size; at += n) {
		n = pread(fd, text + at, st.st_size - at, at);
		if (n <= 0) {
			free(text);
			return n ? -errno : -EIO;
		}
	}
	text[st.st_size] = '\0';
	*ret = text;
	return 0;
}

int child_run(const struct child_run *r, int *status, struct fail *f)
{
	int log __close =
		open(r->log ?: "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int out __close = r->out ? memfd_create("out", MFD_CLOEXEC) : -1;
	pid_t pid;
	int err;

	if (log < 0 || (r->out && out < 0))
		return fail_errno(f, -errno, "open %s", log < 0 ? r->log : "a memfd");
	err = spawn(r, r->out ? out : log, log, &pid);
	if (err)
		return fail_errno(f, err, "start %s", r->argv[0]);
	err = child_wait(pid, r->deadline_ms, status);
	if (err) {
		kill(pid, SIGKILL);
		waitpid(pid, status, 0);
		return fail_errno(f, err, "%s did not end within %d s", r->argv[0],
				  r->deadline_ms / 1000);
	}
	if (r->out) {
		err = take_output(out, r->out);
		if (err)
			return fail_errno(f, err, "read the output of %s", r->argv[0]);
	}
	return 0;
}

int child_which(const char *name, char *buf, size_t len)
{
	const char *path = getenv("PATH") ?: "/usr/sbin:/usr/bin:/sbin:/bin";

	if (strchr(name, '/'))
		return access(name, X_OK) || !str_copy(buf, len, name) ? -ENOENT : 0;
	while (*path) {
		size_t n = strcspn(path, ":");

		if (n && (size_t)snprintf(buf, len, "%.*s/%s", (int)n, path, name) < len &&
		    !access(buf, X_OK))
			return 0;
		path += n + (path[n] == ':');
	}
	return -ENOENT;
}
