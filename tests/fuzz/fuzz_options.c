/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: the input is the arguments, each ended by a newline. */
#include <limits.h>

#include "../../cmd/options.h"
#include "fuzz.h"

enum { WORDS = 32 };

static const struct choice colours[] = { { "red", 1 }, { "green", 2 }, { NULL, 0 } };
static bool flag, other;
static const char *text;
static unsigned int number, colour;
static const struct option_row table[] = {
	FLAG("detach", 'd', &flag, "a flag"),
	FLAG("keep", 0, &other, "a flag without a letter"),
	TEXT("bundle", 'b', "DIR", &text, "a text"),
	NUMBER("preserve-fds", 0, "N", &number, "a number"),
	CHOICE("colour", 'c', colours, &colour, "a choice"),
	OPTIONS_END,
};

static void try_line(int argc, char **argv, int literal_after)
{
	struct arguments args = { 0 };
	struct berth_error e = { 0 };

	colour = 1;
	if (options_parse(table, argc, argv, literal_after, &args, &e) < 0) {
		require(e.code > 0 && strlen(e.text) > 0);
		return;
	}
	require(args.n >= 0 && args.n <= argc && colour <= 2);
	for (int i = 0; i < args.n; i++)
		require(strlen(args.v[i]) < SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_text(data, size), *rest = line;
	char *argv[WORDS + 1] = { NULL };
	int argc = 0;

	while (argc < WORDS && rest && *rest)
		argv[argc++] = strsep(&rest, "\n");
	argv[argc] = NULL;
	for (int i = 0; i < argc; i++)
		(void)word_is_near(argv[i], "detach");
	try_line(argc, argv, size % 2 ? INT_MAX : 1);
	free(line);
	return 0;
}
