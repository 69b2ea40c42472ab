/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser for option tables. The command line is the caller's: trusted, but full of mistakes, so
 * each refusal says which word it is about and what was probably meant.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "print.h"

/* The words that were typed and where we are among them. */
struct cursor {
	char **argv;
	int argc, at;
};

enum { NEAR_WORD_MAX = 24 };

static int min_of(int a, int b)
{
	return a < b ? a : b;
}

int word_distance(const char *a, const char *b)
{
	int rows[3][NEAR_WORD_MAX + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NEAR_WORD_MAX || lb > NEAR_WORD_MAX)
		return 99;
	for (size_t j = 0; j <= lb; j++)
		above[j] = (int)j;
	for (size_t i = 1; i <= la; i++) {
		row[0] = (int)i;
		for (size_t j = 1; j <= lb; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);

			row[j] =
				min_of(above[j - 1] + (ca != cb), min_of(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]))
				row[j] = min_of(row[j], before[j - 2] + 1);
		}
		int *oldest = before;

		before = above;
		above = row;
		row = oldest;
	}
	return above[lb];
}

bool word_is_near(const char *word, const char *known)
{
	size_t length = strlen(word);

	return word_distance(word, known) <= (length <= 3 ? 1 : 2) ||
	       (length >= 3 && strncmp(word, known, length) == 0);
}

const struct option_row *option_find(const struct option_row *table, const char *name,
				     size_t length)
{
	for (const struct option_row *row = table; row && row->name; row++)
		if (strlen(row->name) == length && memcmp(row->name, name, length) == 0)
			return row;
	return NULL;
}

static const struct option_row *find_letter(const struct option_row *table, char letter)
{
	for (const struct option_row *row = table; row && row->name; row++)
		if (row->letter == letter || row->other_letter == letter)
			return row;
	return NULL;
}

static int refuse_unknown(const struct option_row *table, const char *word, const char *name,
			  struct berth_error *e)
{
	int length = (int)strcspn(word, "=");
	char typed[NEAR_WORD_MAX + 1];

	if (snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(name, "="), name) <
	    (int)sizeof(typed))
		for (const struct option_row *row = table; row && row->name; row++)
			if (word_is_near(typed, row->name))
				return cmd_refuse(e, EINVAL,
						  "unknown option \"%.*s\" (did you mean --%s?)",
						  length, word, row->name);
	return cmd_refuse(e, EINVAL, "unknown option \"%.*s\"", length, word);
}

static int set_flag(const struct option_row *row, const char *value, struct berth_error *e)
{
	static const struct choice words[] = { { "true", 1 },  { "t", 1 }, { "1", 1 },
					       { "false", 0 }, { "f", 0 }, { "0", 0 } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(value, words[i].word) == 0) {
			*row->to.flag = words[i].value != 0;
			return 0;
		}
	return cmd_refuse(e, EINVAL, "option --%s is true or false, not \"%s\"", row->name, value);
}

static int set_number(const struct option_row *row, const char *value, struct berth_error *e)
{
	unsigned long long number = 0;
	size_t digits = strspn(value, "0123456789");

	if (digits == 0 || value[digits])
		return cmd_refuse(e, EINVAL, "option --%s: \"%s\" is not a number", row->name,
				  value);
	errno = 0;
	number = strtoull(value, NULL, 10);
	if (errno || number > INT_MAX)
		return cmd_refuse(e, ERANGE, "option --%s: %s is too large", row->name, value);
	*row->to.number = (unsigned int)number;
	return 0;
}

static int set_choice(const struct option_row *row, const char *value, struct berth_error *e)
{
	char words[128] = "";

	for (const struct choice *c = row->choices; c->word; c++) {
		size_t length = strlen(words);

		if (strcmp(c->word, value) == 0) {
			*row->to.number = c->value;
			return 0;
		}
		(void)snprintf(words + length, sizeof(words) - length, "%s%s",
			       c == row->choices ? "" : (c[1].word ? ", " : " or "), c->word);
	}
	return cmd_refuse(e, EINVAL, "option --%s is %s, not \"%s\"", row->name, words, value);
}

static int add_to_list(struct word_list *list, const char *value, struct berth_error *e)
{
	const char **v = realloc(list->v, (list->n + 2) * sizeof(*v));

	if (!v)
		return cmd_fail(e, ENOMEM, "keep \"%s\"", value);
	v[list->n++] = value;
	v[list->n] = NULL;
	list->v = v;
	return 0;
}

static int set_value(const struct option_row *row, const char *value, struct berth_error *e)
{
	switch (row->kind) {
	case OPTION_FLAG:
		return set_flag(row, value, e);
	case OPTION_TEXT:
		*row->to.text = *value ? value : NULL;
		return 0;
	case OPTION_NUMBER:
		return set_number(row, value, e);
	case OPTION_CHOICE:
		return set_choice(row, value, e);
	case OPTION_LIST:
		return add_to_list(row->to.list, value, e);
	}
	return cmd_refuse(e, EINVAL, "option --%s has no kind", row->name);
}

/* `attached` is the value that came with the option, or NULL: then a flag is true and anything else
 * takes the next word. */
static int take_option(const struct option_row *row, const char *attached, struct cursor *c,
		       struct berth_error *e)
{
	if (attached)
		return set_value(row, attached, e);
	if (row->kind == OPTION_FLAG)
		return set_value(row, "true", e);
	if (c->at >= c->argc)
		return cmd_refuse(e, EINVAL, "option --%s needs a value", row->name);
	return set_value(row, c->argv[c->at++], e);
}

/* "-qf", "-fjson", "-f=json", "-f json": the first letter is known not to begin a long name. */
static int take_letters(const struct option_row *table, const char *word, struct cursor *c,
			bool *ret_help, struct berth_error *e)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *row = find_letter(table, *p);
		const char *attached = NULL;

		if (!row && *p == 'h') {
			*ret_help = true;
			return 0;
		}
		if (!row)
			return refuse_unknown(table, word, word + 1, e);
		if (p[1] == '=')
			attached = p + 2;
		else if (p[1] && row->kind != OPTION_FLAG)
			attached = p + 1;

		int r = take_option(row, attached, c, e);

		if (r < 0 || attached)
			return r;
	}
	return 0;
}

static int take_word(const struct option_row *table, const char *word, struct cursor *c,
		     bool *ret_help, struct berth_error *e)
{
	const char *name = word + (word[1] == '-' ? 2 : 1);
	size_t length = strcspn(name, "=");
	const struct option_row *row = option_find(table, name, length);

	if (row)
		return take_option(row, name[length] == '=' ? name + length + 1 : NULL, c, e);
	if (length == strlen("help") && memcmp(name, "help", length) == 0) {
		*ret_help = true;
		return 0;
	}
	if (word[1] == '-')
		return refuse_unknown(table, word, name, e);
	return take_letters(table, word, c, ret_help, e);
}

int options_parse(const struct option_row *table, int argc, char **argv, int literal_after,
		  struct arguments *ret, struct berth_error *e)
{
	struct cursor c = { .argv = argv, .argc = argc };
	struct arguments args = { .v = argv };
	bool literal = literal_after == 0;

	while (c.at < argc && !args.help) {
		char *word = argv[c.at++];

		if (literal || word[0] != '-' || word[1] == '\0') {
			argv[args.n++] = word;
			literal = literal || args.n >= literal_after;
		} else if (strcmp(word, "--") == 0) {
			literal = true;
		} else {
			int r = take_word(table, word, &c, &args.help, e);

			if (r < 0)
				return r;
		}
	}
	*ret = args;
	return 0;
}
