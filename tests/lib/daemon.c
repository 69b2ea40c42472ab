/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program over libberth that lives long, as an engine does: it calls every function many times,
 * also in ways that fail, and says whether anything has become more in it: open fds, memory,
 * children.
 *
 * usage: daemon BUNDLE STATE-DIRECTORY ROUNDS    BUNDLE runs a program that waits to be killed;
 * broken/ beside it is one whose program does not exist
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <berth/config.h>
#include <berth/container.h>

static struct berth_runtime runtime;
static const char *bundle;
static char broken[4096];

/* The step and what it should have said. */
static void must(int r, int expected, const char *step, const struct berth_error *e)
{
	if (r == expected)
		return;
	(void)fprintf(stderr, "%s: %d and not %d: %s\n", step, r, expected, e->text);
	exit(1);
}

static void ask(const char *id)
{
	struct berth_error e = { 0 };
	struct berth_state *state = NULL;
	struct berth_states states = { 0 };
	pid_t *pids = NULL;
	char *text = NULL;
	size_t n;

	must(berth_state(&runtime, id, &state, &e), 0, "state", &e);
	free(berth_state_json(state));
	berth_state_free(state);
	must(berth_list(&runtime, &states, &e), 0, "list", &e);
	berth_states_free(&states);
	if (berth_processes(&runtime, id, &pids, &n, &e) == 0)
		free(pids);
	if (berth_stats(&runtime, id, &text, &e) == 0)
		free(text);
}

static void execute(const char *id)
{
	static const char *const works[] = { "/bin/true", NULL }, *const fails[] = { "/none",
										     NULL };
	struct berth_exec x = { .id = id, .args = works };
	struct berth_error e = { 0 };
	int status = -1;

	must(berth_exec(&runtime, &x, &status, &e), 0, "exec", &e);
	must(status, 0, "exec's program", &e);
	x.args = fails;
	must(berth_exec(&runtime, &x, &status, &e), -ENOENT, "exec of what is missing", &e);
}

/* The calls that need no right beyond those of an ordinary user. */
static void live(void)
{
	const struct berth_create create = { .id = "daemon", .bundle = bundle };
	struct berth_error e = { 0 };
	struct berth_state *state = NULL;
	pid_t pid;

	must(berth_create(&runtime, &create, &e), 0, "create", &e);
	must(berth_create(&runtime, &create, &e), -EEXIST, "create again", &e);
	must(berth_state(&runtime, create.id, &state, &e), 0, "state", &e);
	pid = state->pid;
	berth_state_free(state);
	must(berth_start(&runtime, create.id, &e), 0, "start", &e);
	ask(create.id);
	execute(create.id);
	must(berth_kill(&runtime, create.id, SIGKILL, false, &e), 0, "kill", &e);
	must(waitpid(pid, NULL, 0), pid, "wait", &e);
	ask(create.id);
	must(berth_delete(&runtime, create.id, false, &e), 0, "delete", &e);
	must(berth_kill(&runtime, create.id, SIGKILL, false, &e), -ENOENT, "kill after delete", &e);
}

static void fail(void)
{
	const struct berth_create create = { .id = "daemon", .bundle = broken };
	const struct berth_create nowhere = { .id = "daemon", .bundle = "/nowhere" };
	struct berth_error e = { 0 };

	must(berth_create(&runtime, &create, &e), -ENOENT, "create without a program", &e);
	must(berth_create(&runtime, &nowhere, &e), -ENOENT, "create without a bundle", &e);
}

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(int argc, char **argv)
{
	int fds;
	size_t memory;

	if (argc != 4)
		return 2;
	bundle = argv[1];
	(void)snprintf(broken, sizeof(broken), "%s/../broken", bundle);
	runtime.root = argv[2];
	/* once before counting: what is made once and kept is no leak */
	live();
	fail();
	fds = count_fds();
	memory = mallinfo2().uordblks;
	for (int i = atoi(argv[3]); i > 0; i--) {
		live();
		fail();
	}
	if (count_fds() != fds)
		printf("fds: %d, then %d\n", fds, count_fds());
	if (mallinfo2().uordblks > memory)
		printf("memory: %zu bytes, then %zu\n", memory, mallinfo2().uordblks);
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		printf("children are left\n");
	printf("the end\n");
	return 0;
}
