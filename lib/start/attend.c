/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's rows while init works, and those of `start`. Trust: init is berth's code, but in the
 * container's namespaces. Its terminal and its last word are treated as data.
 *
 * Namespaces: all the host's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/socket.h"
#include "linux/tty.h"
#include "start/channel.h"
#include "start/hooks.h"
#include "start/last_word.h"
#include "start/steps.h"

int set_oom_score(struct start *s, struct berth_error *e)
{
	/* Before there is init, exec sets its own, to be inherited. */
	return oom_score_apply(s->proc, s->pid ? s->pid : getpid(),
			       s->config->process->oom_score_adj.v, e);
}

int write_id_maps(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	return idmap_write(s->proc, s->pid, &l->uids, &l->gids, &s->id_helpers,
			   &s->setgroups_denied, e);
}

int apply_device_rules(struct start *s, struct berth_error *e)
{
	if (s->cgroup.dir < 0)
		return 0;
	return cgroup_apply_devices(&s->cgroup, s->config->lin->resources, e);
}

int hand_on_terminal(struct start *s, struct berth_error *e)
{
	static const char name[] = "/dev/ptmx";
	int r;

	if (s->inbox < 0)
		return refuse(e, EPROTO, "init sent no terminal");
	if (s->console_socket < 0) { /* in the foreground it is ours to carry */
		s->terminal = take_fd(&s->inbox);
		return tty_fit(s->terminal, STDIN_FILENO, e);
	}
	/* The name goes along because engines expect one; what counts is the fd (runc's
	 * docs/terminals.md). */
	r = socket_send(s->console_socket, name, sizeof(name) - 1, s->inbox, e);
	close_fd(&s->inbox);
	close_fd(&s->console_socket);
	return r;
}

int run_runtime_hooks(struct start *s, struct berth_error *e)
{
	static const enum hook_kind kinds[] = { HOOK_PRESTART, HOOK_CREATE_RUNTIME };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 0; i++)
		r = hooks_run(s, kinds[i], BERTH_CREATING, s->pid, e);
	return r;
}

/* Whether it is a stream like /dev/stdout or a fifo. Held, so that it stays what it is. */
static int open_stream(const char *path)
{
	autoclose int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		return -1;
	return take_fd(&fd);
}

static int write_to_stream(int proc, int stream, const char *text)
{
	autoclose int fd = -1;
	char self[32];

	(void)snprintf(self, sizeof(self), "self/fd/%d", stream);
	fd = openat(proc, self, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/* Only a regular file is replaced: to replace /dev/null, or the link /dev/stdout, would take it
 * away from everybody. */
static int replace_pid_file(const char *path, const char *text, struct berth_error *e)
{
	autofree char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	const char *name = slash ? path + (slash - directory) + 1 : path;
	autoclose int dir = -1;
	struct stat st;

	if (!directory)
		return fail(e, ENOMEM, "pid file");
	if (slash)
		slash[slash == directory] = '\0';
	dir = open(slash ? directory : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail(e, errno, "open the directory of pid file %s", path);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return refuse(e, EEXIST, "pid file %s is there already, and is no file", path);
	return replace_file(dir, name, text, strlen(text), 0644, e);
}

int write_pid_file(int proc, const char *path, pid_t pid, struct berth_error *e)
{
	autofree char *text = text_printf("%d", (int)pid);
	autoclose int stream = open_stream(path);
	int r;

	if (!text)
		return fail(e, ENOMEM, "pid file");
	if (stream < 0)
		return replace_pid_file(path, text, e);
	r = write_to_stream(proc, stream, text);
	return r < 0 ? fail(e, -r, "write the pid file %s", path) : 0;
}

int save_created(struct start *s, struct berth_error *e)
{
	const char *pid_file = s->request->create->pid_file;
	int r;

	s->record.creating = false;
	r = save_state(s, e);
	return r < 0 || !pid_file ? r : write_pid_file(s->proc, pid_file, s->pid, e);
}

int send_last_word(struct start *s, struct berth_error *e)
{
	return last_word_make(&s->outbox, &s->last_word, e);
}

int await_execution(struct start *s, struct berth_error *e)
{
	/* Init holds its end until execve(2) closes it, or until it ends. */
	int r = channel_await_end(s, e);

	/* No word, and yet it never came to execve(2): it was killed before. */
	if (r == 0 &&
	    (s->last_word->row >= s->plan->n || s->plan->rows[s->last_word->row].run != execute))
		r = channel_explain_silence(s, e);
	return r;
}

int run_poststart_hooks(struct start *s, struct berth_error *e)
{
	return hooks_run(s, HOOK_POSTSTART, BERTH_RUNNING, s->pid, e);
}
