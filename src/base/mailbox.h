/* mailbox.h -- a bounded queue of fixed-size messages between threads.
 *
 * Any thread posts, any number of threads take. Posting never waits: a full mailbox answers
 * false, and the poster acts on it (design: never a silent drop). Messages are values; a
 * pointer inside a message moves with it, and an unposted message stays with the poster. A
 * reader may wait on a condition (mailbox_take) or, in an epoll loop, on mailbox_fd. */
#ifndef CADRAN_BASE_MAILBOX_H
#define CADRAN_BASE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct mailbox;

/* Room for `capacity` messages of `size` bytes. Owner destroys it after every user stopped. */
struct mailbox *mailbox_create(size_t capacity, size_t size);
void mailbox_destroy(struct mailbox *box);

/* Copies *message in; false when full or closed. */
bool mailbox_post(struct mailbox *box, const void *message) MUST_USE;
/* Takes one without waiting; false when empty. */
bool mailbox_poll(struct mailbox *box, void *message) MUST_USE;
/* Waits up to timeout_ms (-1: for ever) for one; false on time-out, or closed and empty. */
bool mailbox_take(struct mailbox *box, void *message, int timeout_ms) MUST_USE;
/* No more posts; readers drain what is there and then get false. */
void mailbox_close(struct mailbox *box);
size_t mailbox_count(struct mailbox *box);

/* An eventfd that is readable while messages wait: for epoll. Read it by mailbox_fd_clear
 * before draining with mailbox_poll. Created at the first call, which must precede the first
 * post. */
int mailbox_fd(struct mailbox *box);
void mailbox_fd_clear(struct mailbox *box);

#endif
