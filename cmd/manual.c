/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the manual page that come from the tables, in mdoc(7).
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "completion.h"

/* Running text: each sentence begins a line, and nothing in it is taken for a macro or an
 * escape. */
static void print_text(const char *text)
{
	bool line_start = true;

	for (const char *p = text; *p; p++) {
		if (line_start && (*p == '.' || *p == '\''))
			(void)fputs("\\&", stdout);
		line_start = p[0] == '.' && p[1] == ' ';
		if (*p == '\\')
			(void)fputs("\\e", stdout);
		else if (*p == '-' && p[1] == '-')
			(void)fputs("\\-", stdout);
		else
			(void)putchar(*p);
		if (line_start) {
			(void)putchar('\n');
			p++;
		}
	}
	(void)putchar('\n');
}

static void print_option(const struct option_row *row)
{
	(void)fputs(".It ", stdout);
	if (row->letter)
		(void)printf("Fl %c , ", row->letter);
	(void)printf("Fl Fl %s", row->name);
	if (row->argument)
		(void)printf(" Ar %s", row->argument);
	for (const struct choice *c = row->choices; c && c->word; c++)
		(void)printf(" %s Cm %s", c == row->choices ? "" : "|", c->word);
	(void)putchar('\n');
	print_text(row->help);
}

static void print_option_list(const struct option_row *table)
{
	static const struct option_row help = { .name = "help",
						.letter = 'h',
						.help = "print help" };

	(void)puts(".Bl -tag -width Ds -compact");
	for (const struct option_row *row = table; row && row->name; row++)
		print_option(row);
	print_option(&help);
	(void)puts(".El");
}

/* "ID [SIGNAL]" as .Ar and .Op lines. */
static void print_arguments(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, " ");

		if (*text == '[')
			(void)printf(".Op Ar %.*s\n", (int)length - 2, text + 1);
		else
			(void)printf(".Ar %.*s\n", (int)length, text);
		text += length;
		text += strspn(text, " ");
	}
}

static void print_synopsis(const struct command *command)
{
	(void)printf(".Cm %s\n", command->name);
	if (command->options)
		(void)puts(".Op Ar options");
	print_arguments(command->arguments);
}

static void print_command(const struct command *command)
{
	(void)printf(".Ss %s\n.Nm\n", command->name);
	print_synopsis(command);
	(void)puts(".Pp");
	print_text(command->about);
	if (command->options) {
		(void)puts(".Pp");
		print_option_list(command->options);
	}
	(void)puts(".Pp\nExample:");
	(void)printf(".Dl %s\n", command->example);
}

int print_manual(const char *name, struct berth_error *e)
{
	const struct command *command = command_find(name);

	if (!command)
		return refuse_unknown_command(name, e);
	(void)puts(".\\\" SPDX-License-Identifier: Apache-2.0\n.Dd November 28, 2026");
	(void)fputs(".Dt BERTH-", stdout);
	for (const char *p = name; *p; p++)
		(void)putchar(toupper((unsigned char)*p));
	(void)printf(" 1\n.Os\n.Sh NAME\n.Nm berth-%s\n.Nd %s\n", name, command->summary);
	(void)puts(".Sh SYNOPSIS\n.Nm berth\n.Op Ar global options");
	print_synopsis(command);
	(void)puts(".Sh DESCRIPTION");
	print_text(command->about);
	(void)puts(".Pp\nThe options are:");
	print_option_list(command->options);
	(void)puts(".Sh EXIT STATUS");
	if (command->failure)
		(void)printf(
			"0 on success, 1 after a wrong command line, %d after another error.\n",
			command->failure);
	else
		(void)puts("0 on success, 1 after an error.");
	if (command == &cmd_run || command == &cmd_exec || command == &cmd_restore)
		(void)puts(
			"In the foreground, that of the process: its exit status, or 128 plus the "
			"number of the signal that ended it.");
	(void)puts(".Sh EXAMPLES\n.Bd -literal -offset indent");
	(void)printf("%s\n.Ed\n.Sh SEE ALSO\n.Xr berth 1\n", command->example);
	return 0;
}

int fill_manual(FILE *template, struct berth_error *e)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, template) > 0) {
		if (strcmp(line, "@OPTIONS@\n") == 0)
			print_option_list(global_options);
		else if (strcmp(line, "@COMMANDS@\n") == 0)
			for (const struct command *const *c = commands; *c; c++) {
				if ((*c)->group != COMMAND_HIDDEN)
					print_command(*c);
			}
		else
			(void)fputs(line, stdout);
	}
	free(line);
	return ferror(template) ? cmd_fail(e, EIO, "read the template of the manual page") : 0;
}
