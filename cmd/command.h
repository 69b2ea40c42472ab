/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is. To add one: a file with its options, its texts and its run function in one
 * `struct command`, a line in meson.build, a line below, and a line in main.c's table. Help,
 * completions and the manual page follow.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <berth/container.h>
#include <berth/error.h>

#include "options.h"
#include "print.h"

enum command_group {
	COMMAND_LIFE,   /* changes a container */
	COMMAND_LOOK,   /* tells about containers */
	COMMAND_BUNDLE, /* about a bundle, or about berth */
	COMMAND_HIDDEN,
};

/* One use of a command. */
struct call {
	const struct berth_runtime *runtime;
	char **args; /* as many as the command allows; args[n_args] may not be read */
	int n_args;
};

struct command {
	const char *name;
	enum command_group group;
	const char *summary;   /* "create a container": a line for the list of commands */
	const char *arguments; /* "ID [SIGNAL]". ID is completed from the containers there are,
				  BUNDLE and FILE as paths */
	int min_args, max_args;
	bool new_id;                      /* ID is a name to be given, not one of those there are */
	int literal_after;                /* as in options_parse(); 0: options may stand anywhere */
	const struct option_row *options; /* NULL: none */
	const char *about;                /* sentences for --help and the manual page */
	const char *example;              /* a command line */
	int failure; /* exit status where run fails; 0: 1. A wrong command line is 1 anyhow */
	/* Returns the exit status, or a negative errno with *e set. */
	int (*run)(const struct call *call, struct berth_error *e);
};

enum { ANY_NUMBER = 1 << 20 };

extern const struct command *const commands[]; /* ends with NULL */
extern const struct option_row global_options[];

extern const struct command cmd_check, cmd_checkpoint, cmd_completion, cmd_create, cmd_delete,
	cmd_events, cmd_exec, cmd_features, cmd_help, cmd_kill, cmd_list, cmd_pause, cmd_plan,
	cmd_ps, cmd_restore, cmd_resume, cmd_run, cmd_spec, cmd_start, cmd_state, cmd_update;

/* Does `each` to the container of that id or, with `regex`, to all whose id matches the extended
 * regular expression (regex(7)); goes on after an error, and returns the first one. None that
 * matches is no error. */
int for_matching(const struct call *call, bool regex,
		 int (*each)(const struct call *call, const char *id, struct berth_error *e),
		 struct berth_error *e);

const struct command *command_find(const char *name);
/* -EINVAL with a hint at the command that was probably meant. */
int refuse_unknown_command(const char *name, struct berth_error *e);

void help_program(void);
void help_command(const struct command *command);

/* "--format table|json, -f": one option as help shows it, into `text`. */
void option_text(const struct option_row *row, char *text, size_t size);

#define OPTION_FORMAT(to) \
	CHOICE("format", 'f', format_choices, to, "print a table, or JSON for programs")
enum output_format { OUTPUT_TABLE, OUTPUT_JSON };
extern const struct choice format_choices[];

#endif
