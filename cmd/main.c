/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth, the program: global options, the table of commands, and how errors are reported. The
 * caller (a person, or an engine such as podman or containerd) is trusted as far as its own
 * privilege goes; the environment and the open files it passes are its own.
 *
 * Exit status: 0 on success; 1 for an error of berth itself, or 255 in `exec`, as with runc; for
 * `run` and `exec`, the status of the container's process.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <berth/log.h>

#include "command.h"
#include "findings.h"

/* clang-format off */
const struct command *const commands[] = {
	&cmd_create,
	&cmd_start,
	&cmd_run,
	&cmd_exec,
	&cmd_pause,
	&cmd_resume,
	&cmd_update,
	&cmd_checkpoint,
	&cmd_restore,
	&cmd_kill,
	&cmd_delete,

	&cmd_state,
	&cmd_list,
	&cmd_ps,
	&cmd_events,

	&cmd_spec,
	&cmd_check,
	&cmd_plan,
	&cmd_features,
	&cmd_help,

	&cmd_completion,
	NULL,
};
/* clang-format on */

static struct {
	const char *root, *log, *criu;
	enum berth_log_format log_format;
	enum berth_cgroup_manager cgroup_manager;
	enum berth_rootless rootless;
	bool debug, strict, systemd_cgroup, version;
	char **arguments; /* what main() got: parsing changes the order */
} global;

static const struct choice log_formats[] = {
	{ "text", BERTH_LOG_TEXT },
	{ "json", BERTH_LOG_JSON },
	{ NULL, 0 },
};
static const struct choice cgroup_managers[] = {
	{ "cgroupfs", BERTH_CGROUP_PLAIN },
	{ "systemd", BERTH_CGROUP_SYSTEMD },
	{ "disabled", BERTH_CGROUP_DISABLED },
	{ NULL, 0 },
};
static const struct choice rootless_choices[] = {
	{ "auto", BERTH_ROOTLESS_AUTO },
	{ "true", BERTH_ROOTLESS_YES },
	{ "false", BERTH_ROOTLESS_NO },
	{ NULL, 0 },
};

const struct option_row global_options[] = {
	TEXT("root", 0, "DIR", &global.root,
	     "directory of the containers' state (/run/berth, or "
	     "$XDG_RUNTIME_DIR/berth)"),
	TEXT("log", 0, "FILE", &global.log, "append errors, warnings and debug messages to a file"),
	CHOICE("log-format", 0, log_formats, &global.log_format, "format of the log"),
	FLAG("debug", 0, &global.debug, "log what berth does, step by step"),
	FLAG("strict", 0, &global.strict, "treat unknown properties of a configuration as errors"),
	CHOICE("cgroup-manager", 0, cgroup_managers, &global.cgroup_manager,
	       "who makes the cgroup: berth itself, systemd, or nobody"),
	FLAG("systemd-cgroup", 0, &global.systemd_cgroup, "the same as --cgroup-manager systemd"),
	CHOICE("rootless", 0, rootless_choices, &global.rootless,
	       "do without what only root may do; auto: if the caller is not root"),
	TEXT("criu", 0, "FILE", &global.criu,
	     "the program that checkpoint and restore use, instead of criu from $PATH"),
	{ .name = "version",
	  .letter = 'v',
	  .other_letter = 'V',
	  .kind = OPTION_FLAG,
	  .to.flag = &global.version,
	  .help = "print the version" },
	OPTIONS_END,
};

static struct error_sink sink;
static int failure_status = EXIT_FAILURE;

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

int refuse_unknown_command(const char *name, struct berth_error *e)
{
	for (const struct command *const *c = commands; *c; c++)
		if ((*c)->group != COMMAND_HIDDEN && word_is_near(name, (*c)->name))
			return cmd_refuse(e, EINVAL, "unknown command \"%s\" (did you mean %s?)",
					  name, (*c)->name);
	return cmd_refuse(e, EINVAL, "unknown command \"%s\" (\"berth --help\" lists them)", name);
}

/* A file that berth opens must never become the standard output of a process that it starts. */
static int keep_standard_fds(struct berth_error *e)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return cmd_fail(e, errno, "open /dev/null for file descriptor %d", fd);
	return 0;
}

/* The log's fd is out of the way of those that --preserve-fds counts from 3 on. */
static int open_log(struct berth_error *e)
{
	enum { HIGH_FD = 128 };
	int fd = STDERR_FILENO;

	if (global.log) {
		fd = open(global.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
		if (fd < 0)
			return cmd_fail(e, errno, "open log file %s", global.log);

		int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

		if (high >= 0) {
			(void)close(fd);
			fd = high;
		}
	}
	sink = (struct error_sink){ .format = global.log_format, .has_log_file = global.log };
	berth_log_setup(fd, global.log_format, global.debug ? BERTH_LOG_DEBUG : BERTH_LOG_WARNING);
	return 0;
}

static int check_number(const struct command *command, int n, struct berth_error *e)
{
	const char *how = "exactly";
	int wanted = command->min_args;

	if (n >= command->min_args && n <= command->max_args)
		return 0;
	if (command->max_args == 0)
		return cmd_refuse(e, EINVAL, "\"berth %s\" takes no arguments", command->name);
	if (command->min_args != command->max_args)
		how = n < command->min_args ? "at least" : "at most";
	if (n > command->max_args)
		wanted = command->max_args;
	return cmd_refuse(e, EINVAL,
			  "\"berth %s\" requires %s %d argument%s (usage: berth %s%s%s%s)",
			  command->name, how, wanted, wanted == 1 ? "" : "s", command->name,
			  command->options ? " [options]" : "", *command->arguments ? " " : "",
			  command->arguments);
}

static int run_command(const struct command *command, int argc, char **argv, struct berth_error *e)
{
	struct berth_runtime runtime = {
		.root = global.root,
		.cgroup_manager =
			global.systemd_cgroup ? BERTH_CGROUP_SYSTEMD : global.cgroup_manager,
		.rootless = global.rootless,
		.strict = global.strict,
		.criu = global.criu,
		.arguments = global.arguments,
		.report = tell_findings,
		.report_data = &sink,
	};
	struct arguments args;
	int r = options_parse(command->options, argc, argv,
			      command->literal_after ? command->literal_after : ANY_NUMBER, &args,
			      e);

	if (r < 0)
		return r;
	if (args.help) {
		help_command(command);
		return 0;
	}
	r = check_number(command, args.n, e);
	if (r < 0)
		return r;

	struct call call = { .runtime = &runtime, .args = args.v, .n_args = args.n };

	if (command->failure)
		failure_status = command->failure;
	return command->run(&call, e);
}

/* As the first process of a pid namespace we may be what a container executes: see
 * docs/decisions/self-protection.md. */
static int keep_arguments(int argc, char **argv, struct berth_error *e)
{
	size_t size = ((size_t)argc + 1) * sizeof(*argv);

	global.arguments = malloc(size);
	if (!global.arguments)
		return cmd_fail(e, ENOMEM, "keep the arguments");
	memcpy(global.arguments, argv, size);
	/* Executed by file descriptor, our name would be its number (before Linux 6.14). */
	(void)prctl(PR_SET_NAME, "berth");
	return getpid() == 1 ? berth_protect_self(global.arguments, e) : 0;
}

static int run_program(int argc, char **argv, struct berth_error *e)
{
	struct arguments args = { 0 };
	const struct command *command = NULL;
	int r = keep_standard_fds(e);

	if (r == 0)
		r = keep_arguments(argc, argv, e);
	if (r == 0)
		r = options_parse(global_options, argc - 1, argv + 1, 1, &args, e);
	if (r == 0)
		r = open_log(e);
	if (r < 0)
		return r;
	if (global.version) {
		(void)printf("berth version %s\nspec: %s\n", berth_version(), berth_spec_version());
		return 0;
	}
	if (args.help || args.n == 0) {
		help_program();
		return 0;
	}
	command = command_find(args.v[0]);
	if (!command)
		return refuse_unknown_command(args.v[0], e);
	return run_command(command, args.n - 1, args.v + 1, e);
}

/* Behind a pipe whose reader has gone we end like any other program there. */
static int fail_to_write(struct berth_error *e)
{
	int reason = errno;

	if (reason == EPIPE && signal(SIGPIPE, SIG_DFL) != SIG_ERR)
		(void)raise(SIGPIPE);
	return cmd_fail(e, reason, "write to the standard output");
}

int main(int argc, char **argv)
{
	static char stderr_line[1024];
	struct berth_error e = { 0 };
	int status = 0;

	(void)setvbuf(stderr, stderr_line, _IOLBF, sizeof(stderr_line));
	/* A caller may ignore it and we would inherit that: the kernel would reap our children, and
	 * how they ended be lost. */
	(void)signal(SIGCHLD, SIG_DFL);
	/* They would end us halfway, where an error is told and undone. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	status = run_program(argc, argv, &e);
	if (status >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		status = fail_to_write(&e);
	if (status < 0) {
		tell_error(&e, &sink);
		status = failure_status;
	}
	return status;
}
