/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `run` and `exec` in the foreground: while the container's process lives, berth passes signals on
 * to it, and copies bytes between its terminal, if it has one, and berth's own. One poll(2) loop
 * does this. It reads only when the last bytes have been written, so nothing is lost, and neither
 * direction blocks the other. Trust: what comes from the terminal is just bytes.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "container/life.h"
#include "linux/tty.h"
#include "start/notify.h"

enum { BACKGROUND_MS = 250 };

/* One direction of the terminal: what was read from `from` waits here until `to` takes it. */
struct pipe_end {
	int from, to; /* -1: at its end */
	size_t start, end;
	char bytes[4096]; /* PIPE_BUF: a pipe that poll(2) calls writable takes that much without
			     blocking */
};

struct foreground {
	int signals, process, terminal;
	pid_t pid;
	struct pipe_end in, out;
	bool raw;
	bool background; /* our terminal is another job's for now */
	struct termios saved;
	int status; /* -1: still alive */
	struct start *start;
};

int foreground_reap(struct berth_error *e)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? fail(e, errno, "become a subreaper")
							     : 0;
}

static void copy_size(const struct foreground *f)
{
	struct berth_error e = { 0 };

	if (f->terminal >= 0 && tty_copy_size(f->terminal, STDIN_FILENO, &e) < 0)
		log_debug("%s", e.text);
}

/* Whether we may read from our standard input and set it, if it is a terminal: of a shell's jobs
 * only the one in the foreground may. */
static bool in_foreground(void)
{
	pid_t group = tcgetpgrp(STDIN_FILENO);

	return group < 0 || group == getpgrp();
}

/*
 * Ours becomes raw, for the container's terminal does the editing; but output is still processed on
 * our side, because the container's leaves newlines as they are: see tty_fit(). In the background
 * it is left alone, until we are asked again.
 */
static int set_up_terminal(struct foreground *f, struct berth_error *e)
{
	struct termios t;

	if (f->terminal < 0)
		return 0;
	if (fcntl(f->terminal, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return fail(e, errno, "set the container's terminal");
	copy_size(f); /* it may have changed since the terminal was made */
	f->background = !in_foreground();
	if (f->background)
		return 0;
	if (tcgetattr(STDIN_FILENO, &f->saved) < 0)
		return 0; /* our standard input is no terminal */
	t = f->saved;
	cfmakeraw(&t);
	t.c_oflag |= OPOST;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) < 0)
		return fail(e, errno, "make the terminal raw");
	f->raw = true;
	return 0;
}

static void restore_terminal(struct foreground *f)
{
	if (f->raw && in_foreground())
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &f->saved);
	f->raw = false;
}

static void read_side(struct pipe_end *p)
{
	ssize_t n = read(p->from, p->bytes, sizeof(p->bytes));

	if (n > 0) {
		p->start = 0;
		p->end = (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->from = -1; /* EIO: the last one who had the other side open has closed it */
	}
}

static void write_side(struct pipe_end *p)
{
	ssize_t n = write(p->to, p->bytes + p->start, p->end - p->start);

	if (n > 0)
		p->start += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		p->from = p->to = -1; /* nobody reads any more; the program goes on all the same */
	if (p->start == p->end || p->to < 0)
		p->start = p->end = 0;
}

static struct pollfd watch_side(const struct pipe_end *p)
{
	if (p->end)
		return (struct pollfd){ .fd = p->to, .events = POLLOUT };
	return (struct pollfd){ .fd = p->from, .events = POLLIN };
}

static void move_side(struct pipe_end *p, const struct pollfd *watched)
{
	if (!watched->revents)
		return;
	if (p->end)
		write_side(p);
	else
		read_side(p);
}

/* To read in the background would be EIO, which is not the input's end: nobody stops us by SIGTTIN,
 * since all signals are blocked. */
static void take_input(struct foreground *f, const struct pollfd *watched)
{
	if (watched->revents && !f->in.end && !in_foreground())
		f->background = true;
	else
		move_side(&f->in, watched);
}

static void note_end(struct foreground *f, int status)
{
	f->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Orphans of the container come to us as well: see foreground_reap(). */
static int reap(struct foreground *f, struct berth_error *e)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 || (pid < 0 && errno == EINTR)) {
		if (pid == f->pid)
			note_end(f, status);
	}
	/* Its SIGCHLD may have been taken already: to go on waiting would be for ever. */
	return pid < 0 && f->status < 0 ? fail(e, errno, "wait for the container") : 0;
}

static int take_signal(struct foreground *f, struct berth_error *e)
{
	struct berth_error ignored = { 0 };
	struct signalfd_siginfo info;

	if (read(f->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo == SIGCHLD)
		return reap(f, e);
	if (info.ssi_signo == SIGWINCH && f->terminal >= 0)
		copy_size(f);
	else if (process_signal(f->process, (int)info.ssi_signo, &ignored) < 0)
		return reap(f, e);
	return 0;
}

/* What the process has written before it ended is still in the terminal. Other processes may hold
 * it open; they are not waited for. */
static void drain_terminal(struct foreground *f)
{
	while (f->terminal >= 0 && f->out.to >= 0 && (f->out.end || f->out.from >= 0)) {
		struct pollfd side = watch_side(&f->out);

		if (poll(&side, 1, f->out.end ? -1 : 0) <= 0)
			break;
		move_side(&f->out, &side);
	}
}

static int carry(struct foreground *f, struct berth_error *e)
{
	const struct pollfd nothing = { .fd = -1 };
	int r = 0;

	while (r == 0 && f->status < 0) {
		struct pollfd watched[] = { { .fd = f->signals, .events = POLLIN },
					    f->background ? nothing : watch_side(&f->in),
					    watch_side(&f->out),
					    { .fd = f->start->notify_in, .events = POLLIN } };

		/* No signal tells that a running job has come to the foreground. */
		if (poll(watched, ARRAY_SIZE(watched), f->background ? BACKGROUND_MS : -1) < 0) {
			if (errno == EINTR)
				continue;
			return fail(e, errno, "wait for the container");
		}
		take_input(f, &watched[1]);
		move_side(&f->out, &watched[2]);
		/* As with runc, we are the main process: whoever signals us reaches the program. */
		if (watched[3].revents)
			notify_take(f->start, getpid());
		if (watched[0].revents)
			r = take_signal(f, e);
		if (r == 0 && f->background)
			r = set_up_terminal(f, e);
	}
	drain_terminal(f);
	return r;
}

int foreground_wait(struct start *s, int *ret_status, struct berth_error *e)
{
	autoclose int signals = -1;
	struct foreground f = {
		.process = s->pidfd,
		.terminal = s->terminal,
		.pid = s->pid,
		.status = -1,
		.start = s,
	};
	sigset_t all, before;
	int r;

	if (sigfillset(&all) < 0 || sigprocmask(SIG_SETMASK, &all, &before) < 0)
		return fail(e, errno, "block signals");
	signals = signalfd(-1, &all, SFD_CLOEXEC);
	if (signals < 0) {
		r = fail(e, errno, "signalfd");
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		return r;
	}
	f.signals = signals;
	f.in.from = f.terminal >= 0 ? STDIN_FILENO : -1;
	f.in.to = f.out.from = f.terminal;
	f.out.to = f.terminal >= 0 ? STDOUT_FILENO : -1;
	r = set_up_terminal(&f, e);
	if (r == 0)
		r = reap(&f, e); /* it may have ended before signals were blocked */
	if (r == 0)
		r = carry(&f, e);
	restore_terminal(&f);
	if (r == 0)
		*ret_status = f.status;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
