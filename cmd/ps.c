/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth ps: the pids of a container, or the lines of the host's ps(1) for these pids. ps is a
 * program of the host, found by $PATH. Its options are the caller's, so the PID column is found by
 * the heading.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

static struct {
	enum output_format format;
} request;

static const struct option_row options[] = {
	OPTION_FORMAT(&request.format),
	OPTIONS_END,
};

struct pids {
	pid_t *v;
	size_t n;
};

static int compare_pids(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_pids(const struct pids *pids)
{
	(void)putchar('[');
	for (size_t i = 0; i < pids->n; i++)
		(void)printf("%s%d", i ? "," : "", pids->v[i]);
	(void)puts("]");
}

/* The text of the column-th word (from 0) of a line, and how long it is; NULL where there are
 * fewer. */
static const char *find_word(const char *line, size_t column, size_t *ret_length)
{
	for (size_t i = 0;; i++) {
		line += strspn(line, " \t\n");
		size_t length = strcspn(line, " \t\n");

		if (length == 0)
			return NULL;
		if (i == column) {
			*ret_length = length;
			return line;
		}
		line += length;
	}
}

static int find_pid_column(const char *line, size_t *ret, struct berth_error *e)
{
	const char *word = NULL;
	size_t length = 0;

	for (size_t i = 0; (word = find_word(line, i, &length)); i++)
		if (length == 3 && memcmp(word, "PID", length) == 0) {
			*ret = i;
			return 0;
		}
	return cmd_refuse(e, EINVAL, "the output of ps has no PID column");
}

static bool is_of_container(const char *line, size_t column, const struct pids *pids)
{
	size_t length = 0;
	const char *word = find_word(line, column, &length);
	pid_t pid = word ? (pid_t)strtol(word, NULL, 10) : 0;

	return pid > 0 && bsearch(&pid, pids->v, pids->n, sizeof(pid), compare_pids);
}

static int filter_lines(FILE *from, const struct pids *pids, struct berth_error *e)
{
	char *line = NULL;
	size_t size = 0, column = 0;
	bool first = true;
	int r = 0;

	while (r == 0 && getline(&line, &size, from) > 0) {
		if (first)
			r = find_pid_column(line, &column, e);
		if (r == 0 && (first || is_of_container(line, column, pids)))
			(void)fputs(line, stdout);
		first = false;
	}
	free(line);
	return r;
}

/* Starts ps with its output in a pipe. */
static int spawn_ps(char *const *argv, pid_t *ret_pid, FILE **ret_output, struct berth_error *e)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return cmd_fail(e, errno, "make a pipe for ps");

	FILE *output = fdopen(ends[0], "r");
	int r = output ? posix_spawn_file_actions_init(&actions) : ENOMEM;

	if (r == 0) {
		r = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (r == 0)
			r = posix_spawnp(&pid, "ps", &actions, NULL, argv, environ);
		(void)posix_spawn_file_actions_destroy(&actions);
	}
	(void)close(ends[1]);
	if (r != 0) {
		(void)(output ? fclose(output) : close(ends[0]));
		return cmd_fail(e, r, "execute ps");
	}
	*ret_output = output;
	*ret_pid = pid;
	return 0;
}

static int run_ps(char *const *argv, const struct pids *pids, struct berth_error *e)
{
	FILE *output = NULL;
	pid_t pid = 0;
	int status = 0;
	int r = spawn_ps(argv, &pid, &output, e);

	if (r < 0)
		return r;
	r = filter_lines(output, pids, e);
	(void)fclose(output);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* ps says itself, on stderr, what it does not like. */
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return cmd_refuse(e, EINVAL, "ps failed");
	return r;
}

static int print_processes(const struct call *call, const struct pids *pids, struct berth_error *e)
{
	static char name[] = "ps", all[] = "-ef";
	char **argv = calloc((size_t)call->n_args + 2, sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return cmd_fail(e, ENOMEM, "execute ps");
	argv[n++] = name;
	if (call->n_args == 1)
		argv[n++] = all;
	for (int i = 1; i < call->n_args; i++)
		argv[n++] = call->args[i];

	int r = run_ps(argv, pids, e);

	free(argv);
	return r;
}

static int run(const struct call *call, struct berth_error *e)
{
	struct pids pids = { 0 };
	int r = berth_processes(call->runtime, call->args[0], &pids.v, &pids.n, e);

	if (r < 0)
		return r;
	if (request.format == OUTPUT_JSON) {
		print_pids(&pids);
	} else {
		if (pids.n > 0)
			qsort(pids.v, pids.n, sizeof(pids.v[0]), compare_pids);
		r = print_processes(call, &pids, e);
	}
	free(pids.v);
	return r;
}

const struct command cmd_ps = {
	.name = "ps",
	.group = COMMAND_LOOK,
	.summary = "show the processes of a container",
	.arguments = "ID [PS-OPTIONS]",
	.min_args = 1,
	.max_args = ANY_NUMBER,
	.literal_after = 1,
	.options = options,
	.about = "Shows the processes of a container, as the host's ps prints them. "
		 "Everything after ID is for ps; the default is \"-ef\". The output of "
		 "ps must have a PID column. With --format json, only the pids are "
		 "printed.",
	.example = "berth ps web -o pid,rss,args",
	.run = run,
};
