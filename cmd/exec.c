/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth exec. User and group ids are plain numbers: a name, a sign or a number that wraps must
 * never become another user (CVE-2026-30892).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum { FAILURE = 255 }; /* runc's: a program's own 1 is told from it */

static struct berth_exec request;
static struct {
	struct word_list user; /* a list because an empty text is a mistake here, not an absent one;
				  the last counts */
	struct word_list env, groups, capabilities;
	bool no_subreaper;
} given;

static const struct option_row options[] = {
	TEXT("process", 'p', "FILE", &request.process_file,
	     "JSON of the process, as in config.json, instead of COMMAND"),
	FLAG("tty", 't', &request.terminal, "give it a terminal"),
	TEXT("console-socket", 0, "SOCKET", &request.console_socket,
	     "AF_UNIX socket that receives the master end of the terminal"),
	FLAG("detach", 'd', &request.detach, "return once the program runs"),
	TEXT("pid-file", 0, "FILE", &request.pid_file, "write the process id to a file"),
	TEXT("cwd", 0, "DIR", &request.cwd, "working directory in the container"),
	LIST("env", 'e', "NAME=VALUE", &given.env, "set a variable; may be repeated"),
	LIST("user", 'u', "UID[:GID]", &given.user, "user and group, as numbers in the container"),
	LIST("additional-gids", 'g', "GID", &given.groups, "one more group; may be repeated"),
	LIST("cap", 'c', "CAP", &given.capabilities, "one more capability; may be repeated"),
	FLAG("no-new-privs", 0, &request.no_new_privs,
	     "set no_new_privs: execve gains no privileges (no set-user-ID)"),
	NUMBER("preserve-fds", 0, "N", &request.preserve_fds,
	       "pass on N more file descriptors, from 3 or after those of $LISTEN_FDS"),
	TEXT("cgroup", 0, "PATH", &request.cgroup, "an existing cgroup below the container's"),
	TEXT("apparmor", 0, "PROFILE", &request.apparmor_profile, "AppArmor profile"),
	TEXT("process-label", 0, "LABEL", &request.selinux_label, "SELinux label"),
	FLAG("ignore-paused", 0, &request.ignore_paused,
	     "also in a paused container: the process waits until it is resumed"),
	FLAG("no-subreaper", 0, &given.no_subreaper, "accepted for compatibility; has no effect"),
	OPTIONS_END,
};

/* The id that the text begins with, up to `end`. */
static int parse_id(const char *text, size_t length, uint32_t *ret, struct berth_error *e)
{
	uint64_t id = 0;

	if (length == 0 || strspn(text, "0123456789") < length)
		return cmd_refuse(e, EINVAL,
				  "\"%.*s\" is not a user or group id: expected a number",
				  (int)length, text);
	for (size_t i = 0; i < length && id <= UINT32_MAX; i++)
		id = id * 10 + (uint64_t)(text[i] - '0');
	if (id >= UINT32_MAX)
		return cmd_refuse(e, ERANGE, "%.*s is not a user or group id: the largest is %u",
				  (int)length, text, UINT32_MAX - 1);
	*ret = (uint32_t)id;
	return 0;
}

static int parse_user(const char *text, struct berth_error *e)
{
	size_t length = strcspn(text, ":");
	int r = parse_id(text, length, &request.uid, e);

	request.has_uid = true;
	if (r < 0 || text[length] == '\0')
		return r;
	request.has_gid = true;
	return parse_id(text + length + 1, strlen(text + length + 1), &request.gid, e);
}

static int parse_groups(const struct word_list *words, uint32_t *groups, struct berth_error *e)
{
	int r = 0;

	for (size_t i = 0; i < words->n && r == 0; i++)
		r = parse_id(words->v[i], strlen(words->v[i]), &groups[i], e);
	request.groups = groups;
	request.n_groups = words->n;
	return r;
}

static int execute(const struct call *call, uint32_t *groups, struct berth_error *e)
{
	int status = 0, r = 0;

	if (given.user.n)
		r = parse_user(given.user.v[given.user.n - 1], e);
	if (r == 0)
		r = parse_groups(&given.groups, groups, e);
	if (r == 0)
		r = berth_exec(call->runtime, &request, &status, e);
	return r < 0 ? r : status;
}

static int run(const struct call *call, struct berth_error *e)
{
	size_t n_args = (size_t)call->n_args - 1;
	const char **args = calloc(n_args + 1, sizeof(*args));
	uint32_t *groups = calloc(given.groups.n + 1, sizeof(*groups));
	int r = 0;

	for (size_t i = 0; args && i < n_args; i++)
		args[i] = call->args[i + 1];
	request.id = call->args[0];
	request.args = request.process_file || n_args == 0 ? NULL : args;
	request.env = given.env.v;
	request.capabilities = given.capabilities.v;
	if (!args || !groups)
		r = cmd_fail(e, ENOMEM, "exec");
	else if (n_args == 0 && !request.process_file)
		r = cmd_refuse(e, EINVAL, "exec needs a command, or --process FILE");
	else
		r = execute(call, groups, e);
	free(args);
	free(groups);
	return r;
}

const struct command cmd_exec = {
	.name = "exec",
	.group = COMMAND_LIFE,
	.summary = "run one more process in a container",
	.arguments = "ID [COMMAND] [ARGUMENTS]",
	.min_args = 1,
	.max_args = ANY_NUMBER,
	.literal_after = 1,
	.failure = FAILURE,
	.options = options,
	.about = "Runs COMMAND in a running container: in its namespaces and its "
		 "cgroup, under its seccomp profile. What the options do not set is "
		 "taken from the container's own process; so are capabilities, rlimits, "
		 "oomScoreAdj and labels that the file of --process leaves out. "
		 "Everything after ID belongs to the command. In the foreground, berth passes on "
		 "signals and the "
		 "terminal, and exits with the status of the process; an error of berth "
		 "itself is exit status 255.",
	.example = "berth exec --tty web sh",
	.run = run,
};
