/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads mountinfo. Trust: the file is the kernel's, but names of mount points may be anybody's.
 * What it says is a hint: who opens a mount point looks at what is there.
 */
#include "base/mountinfo.h"

#include <stdlib.h>
#include <string.h>

enum { ROOT_FIELD = 3, POINT_FIELD = 4 }; /* from 0 */

/* The kernel writes blanks, tabs, newlines and backslashes as three octal digits. */
static char *unescape(const char *text, size_t length)
{
	char *out = malloc(length + 1), *to = out;

	if (!out)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\' && i + 3 < length && strspn(text + i + 1, "01234567") >= 3) {
			*to++ = (char)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
				       (text[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = text[i];
		}
	}
	*to = '\0';
	return out;
}

/* The n-th field of a line and its length; NULL where the line is too short. */
static const char *find_field(const char *line, const char *end, int n, size_t *ret_length)
{
	const char *stop;

	for (; n > 0; n--) {
		line = memchr(line, ' ', (size_t)(end - line));
		if (!line)
			return NULL;
		line++;
	}
	stop = memchr(line, ' ', (size_t)(end - line));
	*ret_length = (size_t)((stop ? stop : end) - line);
	return line;
}

/* The type follows the separator, which is behind fields of a varying number. */
static bool has_type(const char *line, const char *end, const char *type)
{
	const char *separator = memmem(line, (size_t)(end - line), " - ", 3);
	size_t length = strlen(type);

	return separator && (size_t)(end - separator) > 3 + length &&
	       memcmp(separator + 3, type, length) == 0 && separator[3 + length] == ' ';
}

bool mountinfo_next(const char **text, const char *type, char **ret_point, char **ret_root)
{
	while (**text) {
		const char *line = *text, *end = strchrnul(line, '\n'), *root, *point;
		size_t root_length, point_length;

		*text = *end ? end + 1 : end;
		root = find_field(line, end, ROOT_FIELD, &root_length);
		point = find_field(line, end, POINT_FIELD, &point_length);
		if (!root || !point || !has_type(line, end, type))
			continue;
		*ret_root = unescape(root, root_length);
		*ret_point = unescape(point, point_length);
		return true;
	}
	return false;
}
