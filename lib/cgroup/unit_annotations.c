/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations org.systemd.property.NAME: properties of the container's scope that the
 * configuration's author asks for, in GVariant's text format, as other runtimes take them. Trust:
 * annotations come through engines from whoever may label a container (CVE-2022-0811 and its kin).
 * So only the properties listed here are accepted; none of them runs a program, starts another unit
 * (as Wants= would: poweroff.target is one), touches a file or loosens a limit. Each has its one
 * type.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cgroup/unit.h"

#define PREFIX "org.systemd.property."

enum kind { NUMBER, SECONDS, INTEGER, FLAG, WORD, UNITS };

static const struct allowed {
	const char *name;
	enum kind kind;
} list[] = {
	{ "After", UNITS },
	{ "Before", UNITS },
	{ "CollectMode", WORD },
	{ "DefaultDependencies", FLAG },
	{ "FinalKillSignal", INTEGER },
	{ "KillMode", WORD },
	{ "KillSignal", INTEGER },
	{ "ManagedOOMMemoryPressure", WORD },
	{ "ManagedOOMPreference", WORD },
	{ "ManagedOOMSwap", WORD },
	{ "OOMPolicy", WORD },
	{ "PartOf", UNITS },
	{ "RuntimeMaxSec", SECONDS },
	{ "RuntimeMaxUSec", NUMBER },
	{ "SendSIGHUP", FLAG },
	{ "SendSIGKILL", FLAG },
	{ "TimeoutStopSec", SECONDS },
	{ "TimeoutStopUSec", NUMBER },
};

/* "15", "uint64 15", "int32 -15": GVariant's words for its types, if one is there, and the number
 * behind it. */
static const char *skip_type(const char *text)
{
	static const char *const types[] = { "byte",   "int16", "uint16", "int32",
					     "uint32", "int64", "uint64", "double" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t length = strlen(types[i]);

		if (text_starts(text, types[i]) && text[length] == ' ')
			return text + length + strspn(text + length, " ");
	}
	return text;
}

/* A quoted word, without escapes: 'x' or "x". Points behind it; NULL: it is none. Only characters
 * of units' names and of systemd's words. */
static const char *read_word(const char *text, const char **ret_word, int *ret_length)
{
	char quote = *text;
	size_t length;

	if (quote != '\'' && quote != '"')
		return NULL;
	text++;
	for (length = 0; isalnum((unsigned char)text[length]) ||
			 (text[length] && strchr(":-_.@", text[length]));)
		length++;
	if (length == 0 || length > 255 || text[length] != quote)
		return NULL;
	*ret_word = text;
	*ret_length = (int)length;
	return text + length + 1;
}

/* "['a.service', 'b.service']" */
static bool put_units(FILE *out, const char *name, const char *text)
{
	const char *word;
	int length;

	if (*text != '[')
		return false;
	(void)fprintf(out, "%s as", name);
	for (text++;;) {
		text += strspn(text, " ");
		text = read_word(text, &word, &length);
		if (!text)
			return false;
		(void)fprintf(out, " %.*s", length, word);
		text += strspn(text, " ");
		if (*text == ']')
			break;
		if (*text++ != ',')
			return false;
	}
	(void)fputc('\n', out);
	return text[1] == '\0';
}

static bool put_value(FILE *out, const struct allowed *a, const char *text)
{
	const char *word, *end;
	uint64_t number;
	int integer, length;

	switch (a->kind) {
	case NUMBER:
		if (parse_u64(skip_type(text), &number) < 0)
			return false;
		(void)fprintf(out, "%s t %" PRIu64 "\n", a->name, number);
		return true;
	case SECONDS: /* on D-Bus there are microseconds alone */
		if (parse_u64(skip_type(text), &number) < 0 || number > UINT64_MAX / 1000000)
			return false;
		(void)fprintf(out, "%.*sUSec t %" PRIu64 "\n", (int)strlen(a->name) - 3, a->name,
			      number * 1000000);
		return true;
	case INTEGER:
		if (parse_int(skip_type(text), &integer) < 0)
			return false;
		(void)fprintf(out, "%s i %d\n", a->name, integer);
		return true;
	case FLAG:
		if (!text_equal(text, "true") && !text_equal(text, "false"))
			return false;
		(void)fprintf(out, "%s b %d\n", a->name, text_equal(text, "true"));
		return true;
	case WORD:
		end = read_word(text, &word, &length);
		if (!end || *end)
			return false;
		(void)fprintf(out, "%s s %.*s\n", a->name, length, word);
		return true;
	case UNITS:
		return put_units(out, a->name, text);
	}
	return false;
}

static const char *describe(enum kind kind)
{
	switch (kind) {
	case NUMBER:
	case SECONDS:
		return "a number like uint64 10";
	case INTEGER:
		return "a number like 15";
	case FLAG:
		return "true or false";
	case WORD:
		return "a quoted word like 'process'";
	case UNITS:
		return "a list like ['a.service', 'b.service']";
	}
	return "";
}

static int put_annotation(FILE *out, const struct cgroup_annotation *a, struct berth_error *e)
{
	const char *name = a->name + strlen(PREFIX);

	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		if (!text_equal(name, list[i].name))
			continue;
		if (put_value(out, &list[i], a->value))
			return 0;
		return refuse(e, EINVAL, "annotation %s: expected %s, got %s", a->name,
			      describe(list[i].kind),
			      text_printable(a->value) ? a->value : "control characters");
	}
	return refuse(
		e, EPERM,
		"annotation %s: this property of systemd units cannot be set by a configuration",
		text_printable(a->name) ? a->name : PREFIX);
}

int unit_put_annotations(FILE *out, size_t n, const struct cgroup_annotation *v,
			 struct berth_error *e)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (text_starts(v[i].name, PREFIX))
			r = put_annotation(out, &v[i], e);
	}
	return r;
}
