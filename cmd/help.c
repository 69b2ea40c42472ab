/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth --help, berth COMMAND --help and berth help: printed from the tables.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"

enum { NAME_COLUMN = 14, OPTION_COLUMN = 30, WIDTH_MIN = 60, WIDTH_MAX = 100 };

static size_t line_width(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col > WIDTH_MAX ||
	    size.ws_col == 0)
		return WIDTH_MAX;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

/* The words of `text` from column `at` on, the following lines indented. */
static void print_wrapped(const char *text, size_t at, size_t indent)
{
	size_t width = line_width();

	for (bool first = true; *text; first = false) {
		size_t length = strcspn(text, " ");

		if (!first && at + 1 + length > width) {
			(void)printf("\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			(void)putchar(' ');
			at++;
		}
		(void)printf("%.*s", (int)length, text);
		at += length;
		text += length;
		text += strspn(text, " ");
	}
	(void)putchar('\n');
}

void option_text(const struct option_row *row, char *text, size_t size)
{
	size_t length = 0;
	int n = row->letter ? snprintf(text, size, "-%c, --%s", row->letter, row->name)
			    : snprintf(text, size, "    --%s", row->name);

	length = (size_t)n < size ? (size_t)n : size - 1;
	if (row->argument)
		(void)snprintf(text + length, size - length, " %s", row->argument);
	for (const struct choice *c = row->choices; c && c->word; c++) {
		length = strlen(text);
		(void)snprintf(text + length, size - length, "%c%s", c == row->choices ? ' ' : '|',
			       c->word);
	}
}

static void print_row(const char *head, size_t column, const char *text)
{
	size_t at = 2 + strlen(head);

	(void)printf("  %s", head);
	if (at + 2 > column) {
		(void)putchar('\n');
		at = 0;
	}
	(void)printf("%*s", (int)(column - at), "");
	print_wrapped(text, column, column);
}

static void print_options(const struct option_row *table)
{
	static const struct option_row help = { .name = "help",
						.letter = 'h',
						.help = "print this" };
	char head[128];

	for (const struct option_row *row = table; row && row->name; row++) {
		option_text(row, head, sizeof(head));
		print_row(head, OPTION_COLUMN, row->help);
	}
	option_text(&help, head, sizeof(head));
	print_row(head, OPTION_COLUMN, help.help);
}

static void print_heading(const char *text)
{
	(void)putchar('\n');
	print_bold(stdout, text);
	(void)putchar('\n');
}

void help_program(void)
{
	static const char *const groups[] = {
		[COMMAND_LIFE] = "The life of a container",
		[COMMAND_LOOK] = "Looking at containers",
		[COMMAND_BUNDLE] = "Bundles and berth itself",
	};

	print_bold(stdout, "berth");
	(void)puts(" runs containers as the OCI runtime specification describes them.\n");
	(void)puts("Usage: berth [global options] COMMAND [options] [arguments]");
	for (unsigned int g = 0; g < COMMAND_HIDDEN; g++) {
		print_heading(groups[g]);
		for (const struct command *const *c = commands; *c; c++)
			if ((*c)->group == g)
				print_row((*c)->name, NAME_COLUMN, (*c)->summary);
	}
	print_heading("Global options");
	print_options(global_options);
	(void)puts("\n\"berth COMMAND --help\" describes one command.");
}

void help_command(const struct command *command)
{
	const char *example = command->example;

	print_bold(stdout, "berth ");
	print_bold(stdout, command->name);
	(void)printf(": %s\n\n", command->summary);
	(void)printf("Usage: berth %s%s%s%s\n\n", command->name,
		     command->options ? " [options]" : "", *command->arguments ? " " : "",
		     command->arguments);
	print_wrapped(command->about, 0, 0);
	print_heading("Options");
	print_options(command->options);
	print_heading("Example");
	(void)printf("  %s\n", example);
}

static int run(const struct call *call, struct berth_error *e)
{
	const struct command *command = NULL;

	if (call->n_args == 0) {
		help_program();
		return 0;
	}
	command = command_find(call->args[0]);
	if (!command)
		return refuse_unknown_command(call->args[0], e);
	help_command(command);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.group = COMMAND_BUNDLE,
	.summary = "describe berth or one of its commands",
	.arguments = "[COMMAND]",
	.max_args = 1,
	.about = "Prints the list of commands, or the same as COMMAND --help.",
	.example = "berth help run",
	.run = run,
};
