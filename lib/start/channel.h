/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages between host, joiner and init: "this row is done", or an error. A peer that ends
 * without a message is an error too: end of file never counts as success.
 */
#ifndef START_CHANNEL_H
#define START_CHANNEL_H

#include "start/plan.h"

/* Tells the peer that row `step` is done; takes `s->outbox` along, if there is one, and closes it.
 * `pid` is for the joiner. */
int channel_tell(struct start *s, size_t step, pid_t pid, struct berth_error *e) must_check;
/* Waits for the peer to tell that. An fd that came along is in s->inbox. */
int channel_await(struct start *s, size_t step, pid_t *ret_pid, struct berth_error *e) must_check;
/* Waits for the end of the channel, which is init's execve(2) or its own end. Returns the error
 * that init has told in either way, if any. */
int channel_await_end(struct start *s, struct berth_error *e) must_check;
/* The error for a peer that ended without a word. */
int channel_explain_silence(struct start *s, struct berth_error *e) must_check;
/* The error that init has told, in whichever way, and that nobody has waited for yet; 0 where there
 * is none. */
int channel_hear_failure(struct start *s, struct berth_error *e) must_check;
/* Hands an error to the peer; failing at that is nothing one could tell anybody. */
void channel_complain(struct start *s, const struct berth_error *e);

#endif
