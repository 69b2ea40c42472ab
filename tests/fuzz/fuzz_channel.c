/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What init could say to the host: messages of any kind, length and number, the page for its last
 * word with anything in it. The host must come to an end with an error that can be printed.
 *
 * Input: one byte each for the row that is waited for and for whether there is a page; then
 * messages, each two bytes of length and that many bytes.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/socket.h"
#include "fuzz.h"
#include "start/channel.h"
#include "start/last_word.h"

enum { MESSAGES = 8, LONGEST = 2048 };

static void speak(int fd, struct fuzz_bytes *b)
{
	for (int i = 0; i < MESSAGES && b->n > 0; i++) {
		size_t length = fuzz_u32(b) % LONGEST;

		if (length > b->n)
			length = b->n;
		require(send(fd, b->v, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length);
		b->v += length;
		b->n -= length;
	}
}

static struct last_word *make_page(struct fuzz_bytes *b)
{
	struct last_word *page = calloc(1, sizeof(*page));

	require(page);
	page->error.code = (int)fuzz_u32(b);
	page->row = fuzz_byte(b);
	for (size_t i = 0; i < sizeof(page->error.text); i += 64)
		page->error.text[i] = (char)fuzz_byte(b);
	return page;
}

static void listen_to(struct start *s, size_t row)
{
	struct berth_error e = { 0 };
	pid_t pid = 0;

	for (int i = 0; i < MESSAGES; i++) {
		int r = channel_await(s, row, &pid, &e);

		if (r == 0)
			continue;
		require(e.code > 0 && memchr(e.text, '\0', sizeof(e.text)));
		require(s->failed < s->plan->n || s->failed == s->at);
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes b = { data, size };
	struct last_word *page = NULL;
	struct berth_error e = { 0 };
	struct start s;
	size_t row = fuzz_byte(&b) % start_plan.n;
	int ends[2];

	start_init(&s, NULL, &start_plan);
	require(socket_pair(ends, &e) == 0);
	if (fuzz_byte(&b) % 2)
		s.last_word = page = make_page(&b);
	speak(ends[1], &b);
	(void)close(ends[1]);
	s.channel = ends[0];
	s.at = row;
	listen_to(&s, row);
	s.last_word = NULL;
	free(page);
	start_release(&s);
	return 0;
}
