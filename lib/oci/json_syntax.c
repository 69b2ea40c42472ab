/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explains in plain words where and why a text is not JSON. yajl has few reasons and imprecise
 * places, so this looks at the text itself.
 */
#include <string.h>

#include "base/text.h"
#include "oci/document.h"

static bool is_separator(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == ':';
}

size_t skip_separators(const struct document *d, size_t from)
{
	while (from < d->length && is_separator(d->text[from]))
		from++;
	return from;
}

unsigned int line_of(const struct document *d, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset; i++)
		line += d->text[i] == '\n';
	return line;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* What stands at that byte, for people: a word or one character. The text is UTF-8 there. */
static int token_length(const struct document *d, size_t at)
{
	unsigned char c = (unsigned char)d->text[at];
	size_t end = at;

	while (end < d->length && end - at < 20 && is_word(d->text[end]))
		end++;
	if (end > at)
		return (int)(end - at);
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void tell_end(struct findings *f, const struct json_node *open, size_t begin)
{
	const struct document *d = f->document;

	if (begin < d->length && d->text[begin] == '"')
		finding_at_byte(f, begin, open, "the string that begins here has no end");
	else if (open)
		finding_at_byte(
			f, d->length, open, "the text ends within the %s that begins on line %u",
			open->type == JSON_ARRAY ? "array" : "object", line_of(d, open->offset));
	else
		finding_of_file(f, d->length == 0 ? "the file is empty"
						  : "the file holds nothing but space");
}

static const char *hint_for(const struct document *d, size_t at)
{
	char c = d->text[at];
	size_t before = at;

	while (before > 0 && is_separator(d->text[before - 1]) && d->text[before - 1] != ',')
		before--;
	if ((c == '}' || c == ']') && before > 0 && d->text[before - 1] == ',')
		return " (a comma too many before it)";
	if (c == '\'' || (is_word(c) && !(c >= '0' && c <= '9')))
		return " (keys and strings stand in double quotes)";
	if (c == '/' || c == '#')
		return " (JSON has no comments)";
	return "";
}

/* yajl's reasons, and what they mean. */
static const struct {
	const char *reason, *text;
	bool got;    /* what stands there follows */
	bool within; /* the place is a byte within the token, not its first one */
} errors[] = {
	{ "trailing garbage", "nothing may follow the document, but there is", true, false },
	{ "invalid object key", "expected a key in double quotes, got", true, false },
	{ "object key and value", "expected \":\" after a key, got", true, false },
	{ "after array element", "expected \",\" or \"]\" after an item, got", true, false },
	{ "after key and value", "expected \",\" or \"}\" after a member, got", true, false },
	{ "unallowed token", "expected a value, got", true, false },
	{ "invalid char in json text", "unexpected", true, false },
	{ "invalid string in json", "unexpected", true, false },
	{ "after the minus sign", "a digit has to follow the minus sign", false, true },
	{ "after the decimal point", "a digit has to follow the decimal point", false, true },
	{ "after the exponent", "a digit has to follow the exponent's \"e\"", false, true },
	{ "invalid character inside string",
	  "a control character stands in a string (a line break is written as \\n)", false, true },
	{ "occurs before a character", "a backslash before a character that it cannot stand before",
	  false, true },
	{ "invalid (non-hex)", "\\u has to be followed by four hexadecimal digits", false, true },
};

static void tell_reason(struct findings *f, const struct syntax_error *x, size_t begin)
{
	const struct document *d = f->document;

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		size_t at = errors[i].within ? x->consumed - 1 : begin;

		if (!strstr(x->reason, errors[i].reason))
			continue;
		if (errors[i].got && d->text[at] == '"')
			finding_at_byte(f, at, x->open, "%s a string", errors[i].text);
		else if (errors[i].got && (unsigned char)d->text[at] < 0x20)
			finding_at_byte(f, at, x->open, "%s the control character 0x%02x",
					errors[i].text, (unsigned char)d->text[at]);
		else if (errors[i].got)
			finding_at_byte(f, at, x->open, "%s \"%.*s\"%s", errors[i].text,
					token_length(d, at), d->text + at, hint_for(d, at));
		else
			finding_at_byte(f, at, x->open, "%s", errors[i].text);
		return;
	}
	finding_at_byte(f, begin, x->open, "%.*s", (int)strcspn(x->reason, "\n"), x->reason);
}

/* "0755" is a 0 and a 755 to yajl, "truex" a true and an x: where such a word begins, or `end`. */
static size_t find_glued(const struct document *d, size_t end)
{
	size_t begin = end;

	while (end < d->length && is_word(d->text[end]) && begin > 0 && is_word(d->text[begin - 1]))
		begin--;
	return begin;
}

void tell_syntax_error(struct findings *f, const struct syntax_error *x)
{
	const struct document *d = f->document;
	size_t begin = skip_separators(d, x->end), glued = find_glued(d, x->end);

	if (glued < x->end) {
		bool number = d->text[glued] >= '0' && d->text[glued] <= '9';

		finding_at_byte(f, glued, x->open, "unexpected \"%.*s\"%s", token_length(d, glued),
				d->text + glued,
				number ? " (numbers are decimal, without leading zeros)" : "");
		return;
	}
	/* At a comment yajl stops before it, at everything else behind it. */
	if (strstr(x->reason, "probable comment")) {
		finding_at_byte(f, begin, x->open, "unexpected \"/\" (JSON has no comments)");
		return;
	}
	if (strstr(x->reason, "premature EOF") || x->consumed == 0 || x->consumed > d->length) {
		tell_end(f, x->open, begin);
		return;
	}
	/* A comma or colon that is one too many was skipped as a separator. */
	if (begin >= x->consumed)
		begin = x->consumed - 1;
	tell_reason(f, x, begin);
}
