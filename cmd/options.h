/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as tables. One row says everything about an option: the parser, --help, the
 * shell completions and the manual page's lists are all made from it.
 *
 * Accepted as runc (Go's flag package) and crun (getopt) do: --name value, --name=value, -name
 * value, -n value, -n=value, -nvalue, -ab for two flags, --flag=false.
 * Options may stand before and after the arguments; "--" ends
 * them. The last one given wins, except of those that make a list; an empty text counts as not
 * given.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <berth/error.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_CHOICE, OPTION_LIST };

/* The values of an option that may be given more than once. */
struct word_list {
	const char **v; /* NULL-terminated; NULL: never given */
	size_t n;
};

/* A word that an option may have as its value. */
struct choice {
	const char *word; /* NULL ends a table */
	unsigned int value;
};

struct option_row {
	const char *name;  /* "pid-file"; NULL ends a table */
	char letter;       /* 'b', or 0 */
	char other_letter; /* accepted for another runtime's callers, but not shown; or 0 */
	enum option_kind kind;
	const char *argument; /* what help calls the value: DIR and FILE are completed as such.
				 NULL: choices, or a flag */
	const struct choice *choices;
	union {
		bool *flag;
		const char **text;
		unsigned int *number; /* or an enum */
		struct word_list *list;
	} to;
	const char *help; /* one line, lower case, no full stop */
};

#define FLAG(name_, letter_, to_, help_)                                                     \
	{                                                                                    \
		.name = (name_), .letter = (letter_), .kind = OPTION_FLAG, .to.flag = (to_), \
		.help = (help_)                                                              \
	}
#define TEXT(name_, letter_, argument_, to_, help_)                        \
	{                                                                  \
		.name = (name_), .letter = (letter_), .kind = OPTION_TEXT, \
		.argument = (argument_), .to.text = (to_), .help = (help_) \
	}
#define NUMBER(name_, letter_, argument_, to_, help_)                        \
	{                                                                    \
		.name = (name_), .letter = (letter_), .kind = OPTION_NUMBER, \
		.argument = (argument_), .to.number = (to_), .help = (help_) \
	}
#define CHOICE(name_, letter_, choices_, to_, help_)                         \
	{                                                                    \
		.name = (name_), .letter = (letter_), .kind = OPTION_CHOICE, \
		.choices = (choices_), .to.number = (to_), .help = (help_)   \
	}
#define LIST(name_, letter_, argument_, to_, help_)                        \
	{                                                                  \
		.name = (name_), .letter = (letter_), .kind = OPTION_LIST, \
		.argument = (argument_), .to.list = (to_), .help = (help_) \
	}
#define OPTIONS_END          \
	{                    \
		.name = NULL \
	}

/* What is left of a command line. */
struct arguments {
	char **v; /* not options, in order; the first of the argv that was parsed, reordered */
	int n;
	bool help; /* --help or -h stood among the options; nothing after it was looked at */
};

/*
 * Parses argv[0..argc-1] (without the program's or the command's name). Once `literal_after`
 * arguments have been seen, all that follows is an argument, whatever it looks like. `table` NULL
 * is an empty table.
 */
int options_parse(const struct option_row *table, int argc, char **argv, int literal_after,
		  struct arguments *ret, struct berth_error *e);

/* The row of that long name, `length` bytes of it, or NULL. */
const struct option_row *option_find(const struct option_row *table, const char *name,
				     size_t length);

/* How far two words are from each other: changed, missing, added and swapped letters, case folded.
 * 99 for long words. */
int word_distance(const char *a, const char *b);
/* Whether `word` was probably meant for `known`. */
bool word_is_near(const char *word, const char *known);

#endif
