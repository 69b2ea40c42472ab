/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "NAME TYPE VALUE" into a property. The types are those that lib/cgroup/unit.c and
 * unit_annotations.c write.
 */
#include "message.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"

enum { MASK_MAX = 1024 };

static int append_words(sd_bus_message *m, char *value)
{
	char *rest = NULL;
	int r = sd_bus_message_open_container(m, 'v', "as");

	if (r >= 0)
		r = sd_bus_message_open_container(m, 'a', "s");
	for (char *word = strtok_r(value, " ", &rest); word && r >= 0;
	     word = strtok_r(NULL, " ", &rest))
		r = sd_bus_message_append(m, "s", word);
	if (r >= 0)
		r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

static int append_mask(sd_bus_message *m, const char *value)
{
	unsigned char mask[MASK_MAX];
	size_t n = strlen(value) / 2;
	int r;

	if (strlen(value) % 2 || n > sizeof(mask))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(value[2 * i]), low = hex_digit(value[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		mask[i] = (unsigned char)(high << 4 | low);
	}
	r = sd_bus_message_open_container(m, 'v', "ay");
	if (r >= 0)
		r = sd_bus_message_append_array(m, 'y', mask, n);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

/* "/dev/block/8:0 1000" */
static int append_device(sd_bus_message *m, char *value)
{
	char *space = strchr(value, ' ');
	uint64_t number;

	if (!space || parse_u64(space + 1, &number) < 0)
		return -EINVAL;
	*space = '\0';
	return sd_bus_message_append(m, "v", "a(st)", 1, value, number);
}

static int append_value(sd_bus_message *m, const char *type, char *value)
{
	uint64_t number;
	int integer;

	if (text_equal(type, "s"))
		return sd_bus_message_append(m, "v", "s", value);
	if (text_equal(type, "as"))
		return append_words(m, value);
	if (text_equal(type, "ay"))
		return append_mask(m, value);
	if (text_equal(type, "a(st)"))
		return append_device(m, value);
	if (text_equal(type, "t") && parse_u64(value, &number) == 0)
		return sd_bus_message_append(m, "v", "t", number);
	if (parse_int(value, &integer) < 0)
		return -EINVAL;
	if (text_equal(type, "i"))
		return sd_bus_message_append(m, "v", "i", integer);
	return text_equal(type, "b") ? sd_bus_message_append(m, "v", "b", integer) : -EINVAL;
}

static int append_property(sd_bus_message *m, char *line)
{
	char *type = strchr(line, ' '), *value = type ? strchr(type + 1, ' ') : NULL;
	int r;

	if (!value)
		return -EINVAL;
	*type++ = *value++ = '\0';
	r = sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", line);
	if (r >= 0)
		r = append_value(m, type, value);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

int message_append_properties(sd_bus_message *message, char *lines, unsigned int pid,
			      struct berth_error *e)
{
	int r = sd_bus_message_open_container(message, 'a', "(sv)");

	for (char *line; r >= 0 && (line = strsep(&lines, "\n"));) {
		if (*line)
			r = append_property(message, line);
		if (r < 0)
			return fail(e, -r, "property %s of the systemd unit", line);
	}
	if (r >= 0 && pid)
		r = sd_bus_message_append(message, "(sv)", "PIDs", "au", 1, pid);
	if (r >= 0)
		r = sd_bus_message_close_container(message);
	return r < 0 ? fail(e, -r, "properties of the systemd unit") : 0;
}
