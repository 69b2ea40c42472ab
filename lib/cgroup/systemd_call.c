/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The static program is not linked with libsystemd. A helper program, started for one call, talks
 * to systemd. Trust: the helper is installed with berth. The environment, which names the bus, is
 * the caller's, who could reach that bus without berth as well. The answer is treated as data.
 */
#include "cgroup/systemd_call.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/socket.h"
#include "base/text.h"

#include "build_config.h"

#define HELPER "berth-systemd"

enum { REPLY_MS = (SYSTEMD_PATIENCE_S + 10) * 1000, END_MS = 5000 };

/* A build that is not installed has its helper elsewhere. Not for a program that runs with more
 * privilege than its caller: secure_getenv(3). */
static char *helper_path(void)
{
	const char *folder = secure_getenv("BERTH_LIBEXECDIR");

	return text_printf("%s/" HELPER, folder && *folder == '/' ? folder : BERTH_LIBEXECDIR);
}

/* The child's life until it is the helper. */
static _Noreturn void become_helper(const char *path, int sock, pid_t parent)
{
	struct berth_error e = { 0 };

	if (signals_reset(&e) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	if ((sock == SYSTEMD_HELPER_FD ? fcntl(sock, F_SETFD, 0) : dup2(sock, SYSTEMD_HELPER_FD)) <
		    0 ||
	    close_all_but(3, (const int[]){ SYSTEMD_HELPER_FD }, 1, &e) < 0)
		_exit(1);
	(void)execv(path, (char *[]){ (char[]){ HELPER }, NULL });
	(void)fail(&e, errno, "execute %s", path);
	if (e.code == ENOENT)
		advise(&e, "a part of berth that is built with -Dsystemd=enabled; BERTH_LIBEXECDIR "
			   "in the "
			   "environment names another folder");
	_exit(socket_send(SYSTEMD_HELPER_FD, &e, sizeof(e), -1, &e) < 0);
}

static int start_helper(int *ret_sock, int *ret_pidfd, struct berth_error *e)
{
	const struct clone_request request = { .cgroup = -1, .exit_signal = SIGCHLD };
	autofree char *path = helper_path();
	pid_t parent = getpid(), pid;
	int ends[2], r;

	if (!path)
		return fail(e, ENOMEM, "start " HELPER);
	r = socket_pair(ends, e);
	if (r < 0)
		return r;
	pid = process_clone(&request, ret_pidfd, e);
	if (pid == 0)
		become_helper(path, ends[1], parent);
	close_fd(&ends[1]);
	if (pid < 0) {
		close_fd(&ends[0]);
		return (int)pid;
	}
	*ret_sock = ends[0];
	return 0;
}

static int await_reply(int sock, struct berth_error *reply, struct berth_error *e)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	size_t length = 0;
	int n, r;

	do {
		n = poll(&p, 1, REPLY_MS);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(e, errno, "wait for " HELPER);
	if (n == 0)
		return refuse(e, ETIMEDOUT, HELPER " has not answered within %d s",
			      REPLY_MS / 1000);
	r = socket_receive(sock, reply, sizeof(*reply), &length, NULL, e);
	/* It ended without having read our message, which resets the connection; what it had said
	 * before is still there. */
	if (r == -ECONNRESET)
		r = socket_receive(sock, reply, sizeof(*reply), &length, NULL, e);
	if (r < 0)
		return r;
	if (length != sizeof(*reply) || reply->code < 0)
		return refuse(e, EPROTO, HELPER " has ended without an answer");
	reply->text[sizeof(reply->text) - 1] = '\0';
	return 0;
}

int systemd_call(const char *text, char **ret_text, struct berth_error *e)
{
	autoclose int sock = -1, pidfd = -1;
	struct berth_error reply = { 0 }, ignored;
	size_t length = strlen(text);
	int r, status;

	if (length > SYSTEMD_CALL_MAX)
		return refuse(e, E2BIG, "too many properties for a systemd unit");
	r = start_helper(&sock, &pidfd, e);
	if (r < 0)
		return r;
	r = socket_send(sock, text, length, -1, e);
	/* EPIPE: it could not be executed, and has said so. */
	if (r == 0 || r == -EPIPE || r == -ECONNRESET)
		r = await_reply(sock, &reply, e);
	if (r < 0)
		(void)!process_signal(pidfd, SIGKILL, &ignored);
	(void)!process_wait(pidfd, END_MS, &status, &ignored);
	if (r < 0)
		return r;
	if (reply.code) {
		*e = reply;
		return -reply.code;
	}
	if (ret_text) {
		*ret_text = strdup(reply.text);
		return *ret_text ? 0 : fail(e, ENOMEM, "answer of " HELPER);
	}
	return 0;
}
