/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsers for the formats of the kernel's statistics: flat keyed ("key value"), nested keyed ("8:0
 * rbytes=1 wbytes=2") and PSI. Unknown keys are skipped, since newer kernels add some.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "cgroup/stats.h"

/* One more element behind an array of n; NULL without memory. */
static void *grow(void *array, size_t n, size_t size)
{
	char *v = reallocarray(*(void **)array, n + 1, size);

	if (!v)
		return NULL;
	*(void **)array = v;
	return memset(v + n * size, 0, size);
}

static void free_keys(struct cgroup_key *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

static int parse_key_line(char *line, struct cgroup_key *ret)
{
	char *space = strchr(line, ' ');

	if (!space || space == line)
		return -EINVAL;
	*space = '\0';
	if (parse_u64(space + 1, &ret->value) < 0)
		return -EINVAL;
	ret->name = strdup(line);
	return ret->name ? 0 : -ENOMEM;
}

int stats_parse_keys(const char *text, struct cgroup_key **ret, size_t *ret_n)
{
	autofree char *copy = strdup(text);
	struct cgroup_key *v = NULL;
	char *rest = NULL;
	size_t n = 0;
	int r = copy ? 0 : -ENOMEM;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct cgroup_key *key = grow(&v, n, sizeof(*v));

		r = key ? parse_key_line(line, key) : -ENOMEM;
		if (r < 0)
			break;
		n++;
	}
	if (r < 0) {
		free_keys(v, n);
		return r;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

/* The value of "key=" among the words of a line; 0 where it is not there. */
static int read_word(const char *line, const char *key, uint64_t *ret)
{
	size_t length = strlen(key);

	*ret = 0;
	for (const char *word = line; *word;
	     word += strcspn(word, " "), word += strspn(word, " ")) {
		char number[24];
		size_t digits = strcspn(word, " ") - length - 1;

		if (strncmp(word, key, length) != 0 || word[length] != '=')
			continue;
		if (digits >= sizeof(number))
			return -EINVAL;
		memcpy(number, word + length + 1, digits);
		number[digits] = '\0';
		if (text_equal(number, "max")) {
			*ret = CGROUP_UNLIMITED;
			return 0;
		}
		return parse_u64(number, ret) < 0 ? -EINVAL : 0;
	}
	return 0;
}

static int parse_io_line(const char *line, struct cgroup_io_stats *ret)
{
	const struct {
		const char *key;
		uint64_t *value;
	} words[] = {
		{ "rbytes", &ret->read_bytes },    { "wbytes", &ret->write_bytes },
		{ "rios", &ret->reads },           { "wios", &ret->writes },
		{ "dbytes", &ret->discard_bytes }, { "dios", &ret->discards },
	};

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own words */
	if (sscanf(line, "%u:%u ", &ret->major, &ret->minor) != 2)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (read_word(line, words[i].key, words[i].value) < 0)
			return -EINVAL;
	}
	return 0;
}

int stats_parse_io(const char *text, struct cgroup_io_stats **ret, size_t *ret_n)
{
	autofree char *copy = strdup(text);
	autofree struct cgroup_io_stats *v = NULL;
	char *rest = NULL;
	size_t n = 0;

	if (!copy)
		return -ENOMEM;
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct cgroup_io_stats *io = grow(&v, n, sizeof(*v));

		if (!io)
			return -ENOMEM;
		if (parse_io_line(line, io) < 0)
			return -EINVAL;
		n++;
	}
	*ret = TAKE(v);
	*ret_n = n;
	return 0;
}

static int parse_rdma_line(const char *line, struct cgroup_rdma_stats *ret)
{
	size_t length = strcspn(line, " ");

	if (length == 0 || !line[length])
		return -EINVAL;
	if (read_word(line, "hca_handle", &ret->handles) < 0 ||
	    read_word(line, "hca_object", &ret->objects) < 0)
		return -EINVAL;
	ret->device = strndup(line, length);
	return ret->device ? 0 : -ENOMEM;
}

int stats_parse_rdma(const char *text, struct cgroup_rdma_stats **ret, size_t *ret_n)
{
	autofree char *copy = strdup(text);
	struct cgroup_stats s = { 0 };
	char *rest = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		struct cgroup_rdma_stats *device = grow(&s.rdma, s.n_rdma, sizeof(*s.rdma));

		r = device ? parse_rdma_line(line, device) : -ENOMEM;
		if (r < 0)
			break;
		s.n_rdma++;
	}
	if (r < 0) {
		cgroup_stats_free(&s);
		return r;
	}
	*ret = s.rdma;
	*ret_n = s.n_rdma;
	return 0;
}

int stats_parse_pressure(const char *text, struct cgroup_pressure *ret)
{
	struct cgroup_pressure p = { 0 };

	for (const char *line = text; line && *line;
	     line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		struct cgroup_pressure_line v;
		char word[8];

		/* NOLINTNEXTLINE(cert-err34-c): the kernel's own words */
		if (sscanf(line, "%7s avg10=%lf avg60=%lf avg300=%lf total=%" SCNu64, word,
			   &v.avg10, &v.avg60, &v.avg300, &v.total) != 5)
			return -EINVAL;
		if (text_equal(word, "some"))
			p.some = v;
		else if (text_equal(word, "full"))
			p.full = v;
		p.present = true;
	}
	*ret = p;
	return 0;
}

void cgroup_stats_free(struct cgroup_stats *s)
{
	free_keys(s->memory.stat, s->memory.n_stat);
	for (size_t i = 0; i < s->n_rdma; i++)
		free(s->rdma[i].device);
	free(s->rdma);
	free(s->io);
	free(s->hugetlb);
	*s = (struct cgroup_stats){ 0 };
}
