/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spawns commands and takes their time, from before the spawn to the moment when their end is
 * known. Shells are too slow and too uneven for that. The candidates of a line take turns, in the
 * opposite order every other round, so that whatever the machine does meanwhile hits all of them.
 *
 * usage: driver ROUNDS < SCRIPT > MEASUREMENTS
 *
 * SCRIPT has one word list a line, the words separated by tabs; "%n" in a word becomes the round's
 * number:
 *
 *	case NAME           what follows, up to the next one, belongs to this candidate
 *	do COMMAND...       is run and timed; all of a round are added up. Exit status 0 or it is a
 *	                    failure
 *	also COMMAND...     is run, but not timed
 *	burst N COMMAND...  is run N times at once; "%b" becomes 0 .. N-1; timed from the first
 *	                    spawn to the last end
 *	reap FILE           waits, untimed, for the process whose pid FILE has: an orphan of an
 *	                    earlier step, which is ours then
 *
 * MEASUREMENTS has a line a round and case: NAME, nanoseconds, peak memory in KiB and microseconds
 * of processor time of the timed commands and of what they waited for (not of a burst).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = 64, STEPS = 32, CASES = 16, BURST = 1024, WARM_UP = 3 };

enum verb { DO, ALSO, BURST_OF, REAP };

struct step {
	enum verb verb;
	int n;
	char *words[WORDS];
};

struct candidate {
	const char *name;
	int n_steps;
	struct step steps[STEPS];
};

static struct candidate cases[CASES];
static int n_cases;
static posix_spawn_file_actions_t silence;
extern char **environ;

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The word with the numbers put in; made once, before the clock starts. */
static char *fill(const char *word, int round, int member)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	for (; *word; word++) {
		if (word[0] == '%' && (word[1] == 'n' || word[1] == 'b'))
			fprintf(f, "%d", *++word == 'n' ? round : member);
		else
			putc(*word, f);
	}
	fclose(f);
	return text;
}

static void fill_words(char **ret, char *const *words, int round, int member)
{
	do
		*ret++ = *words ? fill(*words, round, member) : NULL;
	while (*words++);
}

static void free_words(char **words)
{
	for (; *words; words++)
		free(*words);
}

static pid_t spawn(char *const *args)
{
	pid_t pid;
	int failed = posix_spawn(&pid, args[0], &silence, NULL, args, environ);

	if (failed)
		errx(1, "%s: %s", args[0], strerror(failed));
	return pid;
}

static void finish(pid_t pid, char *const *args, struct rusage *usage)
{
	int status;

	if (wait4(pid, &status, 0, usage) < 0)
		err(1, "wait for %s", args[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	fprintf(stderr, "driver: status %#x of:", (unsigned int)status);
	for (; *args; args++)
		fprintf(stderr, " %s", *args);
	fprintf(stderr, "\n");
	exit(1);
}

struct result {
	long long ns, cpu_us;
	long peak;
};

static long long microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

static void run_one(const struct step *s, int round, struct result *sum)
{
	char *args[WORDS];
	struct rusage usage;
	long long start, end;

	fill_words(args, s->words, round, 0);
	start = now();
	finish(spawn(args), args, &usage);
	end = now();
	free_words(args);
	if (s->verb == ALSO)
		return;
	sum->ns += end - start;
	sum->cpu_us += microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	if (usage.ru_maxrss > sum->peak)
		sum->peak = usage.ru_maxrss;
}

static long long run_burst(const struct step *s, int round)
{
	static char *args[BURST][WORDS];
	static pid_t pids[BURST];
	struct rusage usage;
	long long start;

	for (int i = 0; i < s->n; i++)
		fill_words(args[i], s->words, round, i);
	start = now();
	for (int i = 0; i < s->n; i++)
		pids[i] = spawn(args[i]);
	for (int i = 0; i < s->n; i++)
		finish(pids[i], args[i], &usage);
	start = now() - start;
	for (int i = 0; i < s->n; i++)
		free_words(args[i]);
	return start;
}

static void reap(const struct step *s, int round)
{
	char *path = fill(s->words[0], round, 0);
	FILE *f = fopen(path, "re");
	int pid, status;

	if (!f || fscanf(f, "%d", &pid) != 1)
		err(1, "read a pid from %s", path);
	fclose(f);
	if (waitpid(pid, &status, 0) < 0)
		err(1, "wait for process %d of %s", pid, path);
	free(path);
}

static void run_case(const struct candidate *c, int round, bool report)
{
	struct result sum = { 0 };

	for (int i = 0; i < c->n_steps; i++) {
		if (c->steps[i].verb == BURST_OF)
			sum.ns += run_burst(&c->steps[i], round);
		else if (c->steps[i].verb == REAP)
			reap(&c->steps[i], round);
		else
			run_one(&c->steps[i], round, &sum);
	}
	if (report)
		printf("%s\t%lld\t%ld\t%lld\n", c->name, sum.ns, sum.peak, sum.cpu_us);
}

static void split(char *line, char **words)
{
	int n = 0;

	for (char *word = strsep(&line, "\t"); word; word = strsep(&line, "\t")) {
		if (n == WORDS - 1)
			errx(1, "too many words");
		words[n++] = word;
	}
	words[n] = NULL;
}

static void add_step(char **words)
{
	static const char *const verbs[] = { "do", "also", "burst", "reap" };
	struct candidate *c = &cases[n_cases - 1];
	struct step *s;
	int verb = 0, skip = 1;

	while (verb < 4 && strcmp(words[0], verbs[verb]) != 0)
		verb++;
	if (n_cases == 0 || verb == 4 || !words[1] || c->n_steps == STEPS)
		errx(1, "what is '%s'?", words[0]);
	s = &c->steps[c->n_steps++];
	s->verb = (enum verb)verb;
	if (verb == BURST_OF) {
		s->n = atoi(words[skip++]);
		if (s->n < 1 || s->n > BURST)
			errx(1, "a burst of %d", s->n);
	}
	memcpy(s->words, words + skip, sizeof(s->words) - (size_t)skip * sizeof(*words));
}

static void read_script(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		char *words[WORDS];

		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		split(strdup(line), words);
		if (strcmp(words[0], "case") != 0) {
			add_step(words);
		} else {
			if (n_cases == CASES || !words[1])
				errx(1, "too many cases, or one without a name");
			cases[n_cases++].name = words[1];
		}
	}
	free(line);
}

int main(int argc, char **argv)
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0;

	if (rounds < 1)
		errx(1, "usage: driver ROUNDS < SCRIPT");
	read_script();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	posix_spawn_file_actions_init(&silence);
	posix_spawn_file_actions_addopen(&silence, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_RDWR, 0);
	for (int round = rounds > 1 ? -WARM_UP : 0; round < rounds; round++) {
		for (int i = 0; i < n_cases; i++)
			run_case(&cases[round & 1 ? n_cases - 1 - i : i], round + WARM_UP,
				 round >= 0);
	}
	return 0;
}
