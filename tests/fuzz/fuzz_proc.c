/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from /proc and the cgroup tree: mountinfo, the caller's cgroup, lists of words,
 * keyed files. */
#include "base/number.h"
#include "cgroup/tree.h"
#include "fuzz.h"

static void try_mountinfo(const char *text, const char *wanted)
{
	char *point = NULL, *root = NULL;

	if (tree_parse_mountinfo(text, wanted, &point, &root) == 0)
		require(point && root && (!wanted || !strcmp(point, wanted)));
	else
		require(!point && !root);
	free(point);
	free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *own = NULL;
	uint64_t value = 0;

	try_mountinfo(text, NULL);
	try_mountinfo(text, "/sys/fs/cgroup");
	if (tree_parse_own(text, &own) == 0)
		require(own && own[0] == '/');
	free(own);
	(void)tree_has_word(text, "memory");
	if (tree_keyed_value(text, "populated", &value))
		require(strstr(text, "populated "));
	free(text);
	return 0;
}
