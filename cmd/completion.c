/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth completion bash|zsh|fish: the shells' completions, printed from the tables. "berth
 * completion man" fills the option and command lists into the template of the manual page, "berth
 * completion man COMMAND" prints that of a command (manual.c). The build runs these.
 */
#include <errno.h>
#include <string.h>

#include "command.h"
#include "completion.h"

/* What may stand in a place, told by what help calls it. */
enum value { VALUE_OTHER, VALUE_DIR, VALUE_FILE, VALUE_ID, VALUE_SIGNAL, VALUE_COMMAND };

static const struct {
	const char *name;
	enum value value;
} values[] = {
	{ "DIR", VALUE_DIR },          { "BUNDLE", VALUE_DIR },      { "FILE", VALUE_FILE },
	{ "SOCKET", VALUE_FILE },      { "ID", VALUE_ID },           { "SIGNAL", VALUE_SIGNAL },
	{ "BUNDLE|FILE", VALUE_FILE }, { "COMMAND", VALUE_COMMAND },
};

static enum value value_of(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strlen(values[i].name) == length && memcmp(values[i].name, name, length) == 0)
			return values[i].value;
	return VALUE_OTHER;
}

/* The n-th (from 0) argument of a command, "ID [SIGNAL]". */
static enum value argument_value(const struct command *command, int n)
{
	const char *text = command->arguments;

	for (;; n--) {
		text += strspn(text, " []");
		size_t length = strcspn(text, " []");

		if (length == 0 || command->new_id)
			return VALUE_OTHER;
		if (n == 0)
			return value_of(text, length);
		text += length;
	}
}

static enum value option_value(const struct option_row *row)
{
	return row->argument ? value_of(row->argument, strlen(row->argument)) : VALUE_OTHER;
}

/* Within single quotes of a shell; with `special`, those characters have a backslash in front. */
static void print_quoted(const char *text, const char *special)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			(void)fputs("'\\'", stdout);
		else if (strchr(special, *p))
			(void)putchar('\\');
		(void)putchar(*p);
	}
}

static void print_choices(const struct choice *choices)
{
	for (const struct choice *c = choices; c->word; c++)
		(void)printf("%s%s", c == choices ? "" : " ", c->word);
}

static void print_command_names(void)
{
	bool first = true;

	for (const struct command *const *c = commands; *c; c++)
		if ((*c)->group != COMMAND_HIDDEN) {
			(void)printf("%s%s", first ? "" : " ", (*c)->name);
			first = false;
		}
}

static const char *const bash_head =
	"# bash completion for berth(1), made by \"berth completion bash\"\n"
	"\n"
	"_berth_paths()\n"
	"{\n"
	"\tcompopt -o filenames\n"
	"\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_berth()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command='' words='' n=0 i\n"
	"\tlocal -a root=()\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tcase $command:${COMP_WORDS[i]} in\n"
	"\t\t:--root) root=(--root \"${COMP_WORDS[++i]}\") ;;\n";

/* Options whose next word is theirs, as patterns of "command:option". */
static void print_bash_takers(const char *command, const struct option_row *table)
{
	for (const struct option_row *row = table; row && row->name; row++) {
		if (row->kind == OPTION_FLAG || (!*command && strcmp(row->name, "root") == 0))
			continue;
		(void)printf("\t\t%s:--%s", command, row->name);
		if (row->letter)
			(void)printf(" | %s:-%c", command, row->letter);
		(void)puts(") ((i++)) ;;");
	}
}

static void print_bash_values(const char *command, const struct option_row *table)
{
	for (const struct option_row *row = table; row && row->name; row++) {
		enum value value = option_value(row);

		if (row->kind == OPTION_FLAG)
			continue;
		(void)printf("\t%s:--%s", command, row->name);
		if (row->letter)
			(void)printf(" | %s:-%c", command, row->letter);
		(void)fputs(") ", stdout);
		if (row->choices) {
			(void)fputs("words='", stdout);
			print_choices(row->choices);
			(void)puts("' ;;");
		} else if (value == VALUE_DIR || value == VALUE_FILE) {
			(void)printf("_berth_paths -%c; return ;;\n",
				     value == VALUE_DIR ? 'd' : 'f');
		} else {
			(void)puts("return ;;");
		}
	}
}

static void print_bash_names(const struct option_row *table)
{
	for (const struct option_row *row = table; row && row->name; row++)
		(void)printf("--%s ", row->name);
	(void)fputs("--help", stdout);
}

static void print_bash_argument(const struct command *command, int n)
{
	static const char *const actions[] = {
		[VALUE_DIR] = "_berth_paths -d; return",
		[VALUE_FILE] = "_berth_paths -f; return",
		[VALUE_ID] = "words=$(berth \"${root[@]}\" list --quiet 2>/dev/null)",
		[VALUE_SIGNAL] = "words=$(compgen -A signal SIG)",
	};
	enum value value = argument_value(command, n);

	if (value == VALUE_COMMAND) {
		(void)printf("\t%s:%d:*) words='", command->name, n);
		print_command_names();
		(void)puts("' ;;");
	} else if (value != VALUE_OTHER) {
		(void)printf("\t%s:%d:*) %s ;;\n", command->name, n, actions[value]);
	}
}

static void print_bash(void)
{
	(void)fputs(bash_head, stdout);
	print_bash_takers("", global_options);
	for (const struct command *const *c = commands; *c; c++)
		print_bash_takers((*c)->name, (*c)->options);
	(void)fputs("\t\t*:-*) ;;\n\t\t:*) command=${COMP_WORDS[i]} ;;\n\t\t*) ((n++)) ;;\n"
		    "\t\tesac\n\tdone\n\n\tcase $command:$prev in\n",
		    stdout);
	print_bash_values("", global_options);
	for (const struct command *const *c = commands; *c; c++)
		print_bash_values((*c)->name, (*c)->options);
	(void)fputs("\tesac\n\n\t[[ $words ]] || case $command:$n:$cur in\n\t:*:-*) words='",
		    stdout);
	print_bash_names(global_options);
	(void)fputs("' ;;\n\t:*) words='", stdout);
	print_command_names();
	(void)puts("' ;;");
	for (const struct command *const *c = commands; *c; c++) {
		(void)printf("\t%s:*:-*) words='", (*c)->name);
		print_bash_names((*c)->options);
		(void)puts("' ;;");
		print_bash_argument(*c, 0);
		print_bash_argument(*c, 1);
	}
	(void)fputs("\tesac\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n"
		    "complete -F _berth berth\n",
		    stdout);
}

static const char *const zsh_actions[] = {
	[VALUE_OTHER] = " ",       [VALUE_DIR] = "_files -/",   [VALUE_FILE] = "_files",
	[VALUE_ID] = "_berth_ids", [VALUE_SIGNAL] = "_signals", [VALUE_COMMAND] = "_berth_commands",
};

static void print_zsh_options(const struct option_row *table)
{
	for (const struct option_row *row = table; row && row->name; row++) {
		const char *equals = row->kind == OPTION_FLAG ? "" : "=";

		if (row->letter)
			(void)printf(" \\\n\t\t'(-%c --%s)'{-%c,--%s%s}'[", row->letter, row->name,
				     row->letter, row->name, equals);
		else
			(void)printf(" \\\n\t\t'--%s%s[", row->name, equals);
		print_quoted(row->help, "[]\\");
		(void)putchar(']');
		if (row->choices) {
			(void)fputs(":value:(", stdout);
			print_choices(row->choices);
			(void)putchar(')');
		} else if (row->argument) {
			(void)printf(":%s:%s", row->argument, zsh_actions[option_value(row)]);
		}
		(void)putchar('\'');
	}
	(void)fputs(" \\\n\t\t'(- *)'{-h,--help}'[print help]'", stdout);
}

static void print_zsh_command(const struct command *command)
{
	(void)printf("\t%s) _arguments -s", command->name);
	print_zsh_options(command->options);
	for (int n = 0; n < 2; n++) {
		enum value value = argument_value(command, n);

		if (value != VALUE_OTHER)
			(void)printf(" \\\n\t\t'%d::argument:%s'", n + 1, zsh_actions[value]);
	}
	(void)puts(" ;;");
}

static void print_zsh(void)
{
	(void)fputs(
		"#compdef berth\n# zsh completion for berth(1), made by \"berth completion "
		"zsh\"\n\n"
		"_berth_ids() {\n\tlocal -a ids\n"
		"\tids=(${(f)\"$(_call_program containers berth list --quiet 2>/dev/null)\"})\n"
		"\tcompadd -a ids\n}\n\n_berth_commands() {\n\tlocal -a commands\n\tcommands=(\n",
		stdout);
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->group == COMMAND_HIDDEN)
			continue;
		(void)printf("\t\t'%s:", (*c)->name);
		print_quoted((*c)->summary, "");
		(void)puts("'");
	}
	(void)fputs(
		"\t)\n\t_describe command commands\n}\n\n"
		"_berth() {\n\tlocal curcontext=$curcontext state line\n\ttypeset -A opt_args\n\n"
		"\t_arguments -C",
		stdout);
	print_zsh_options(global_options);
	(void)fputs(" \\\n\t\t'1:command:_berth_commands' '*::argument:->argument'\n"
		    "\t[[ $state == argument ]] || return\n\tcase $words[1] in\n",
		    stdout);
	for (const struct command *const *c = commands; *c; c++)
		if ((*c)->group != COMMAND_HIDDEN)
			print_zsh_command(*c);
	/* Autoloaded from $fpath, the file is the function's body; otherwise it is sourced. */
	(void)fputs("\tesac\n}\n\n"
		    "if [[ ${funcstack[1]} == _berth ]]; then\n\t_berth \"$@\"\n"
		    "else\n\tcompdef _berth berth\nfi\n",
		    stdout);
}

static void print_fish_options(const char *condition, const struct option_row *table)
{
	for (const struct option_row *row = table; row && row->name; row++) {
		enum value value = option_value(row);

		(void)printf("complete -c berth -n '%s' -l %s", condition, row->name);
		if (row->letter)
			(void)printf(" -s %c", row->letter);
		if (row->choices) {
			(void)fputs(" -x -a '", stdout);
			print_choices(row->choices);
			(void)putchar('\'');
		} else if (value == VALUE_DIR) {
			(void)fputs(" -x -a '(__fish_complete_directories)'", stdout);
		} else if (value == VALUE_FILE) {
			(void)fputs(" -r -F", stdout);
		} else if (row->kind != OPTION_FLAG) {
			(void)fputs(" -x", stdout);
		}
		(void)fputs(" -d '", stdout);
		print_quoted(row->help, "");
		(void)puts("'");
	}
	(void)printf("complete -c berth -n '%s' -l help -s h -d 'print help'\n", condition);
}

static void print_fish_command(const struct command *command)
{
	static const char *const actions[] = {
		[VALUE_OTHER] = NULL,
		[VALUE_DIR] = "-a '(__fish_complete_directories)'",
		[VALUE_FILE] = "-F",
		[VALUE_ID] = "-a '(berth list --quiet 2>/dev/null)'",
		[VALUE_SIGNAL] = "-a 'HUP INT QUIT KILL USR1 USR2 TERM CONT STOP TSTP WINCH'",
		[VALUE_COMMAND] = NULL,
	};
	char condition[128];

	(void)printf("complete -c berth -n __fish_use_subcommand -a %s -d '", command->name);
	print_quoted(command->summary, "");
	(void)puts("'");
	(void)snprintf(condition, sizeof(condition), "__fish_seen_subcommand_from %s",
		       command->name);
	print_fish_options(condition, command->options);
	for (int n = 0; n < 2; n++) {
		const char *action = actions[argument_value(command, n)];

		if (action)
			(void)printf("complete -c berth -n '%s' %s\n", condition, action);
	}
}

static void print_fish(void)
{
	(void)fputs("# fish completion for berth(1), made by \"berth completion fish\"\n"
		    "complete -c berth -f\n",
		    stdout);
	print_fish_options("__fish_use_subcommand", global_options);
	for (const struct command *const *c = commands; *c; c++)
		if ((*c)->group != COMMAND_HIDDEN)
			print_fish_command(*c);
}

static int run(const struct call *call, struct berth_error *e)
{
	const char *shell = call->args[0];

	if (call->n_args > 1 && strcmp(shell, "man") != 0)
		return cmd_refuse(e, EINVAL, "completion takes one shell, not \"%s\" as well",
				  call->args[1]);
	if (strcmp(shell, "bash") == 0)
		print_bash();
	else if (strcmp(shell, "zsh") == 0)
		print_zsh();
	else if (strcmp(shell, "fish") == 0)
		print_fish();
	else if (strcmp(shell, "man") == 0)
		return call->n_args > 1 ? print_manual(call->args[1], e) : fill_manual(stdin, e);
	else
		return cmd_refuse(e, EINVAL, "completion is for bash, zsh or fish, not \"%s\"",
				  shell);
	return 0;
}

const struct command cmd_completion = {
	.name = "completion",
	.group = COMMAND_HIDDEN,
	.summary = "print the completions of a shell",
	.arguments = "bash|zsh|fish",
	.min_args = 1,
	.max_args = 2,
	.about = "Prints a script that completes berth's commands, options and "
		 "container ids in a shell.",
	.example = "source <(berth completion bash)",
	.run = run,
};
