/* thread.h -- a media thread: an epoll loop over the sockets of its streams and a 10 ms tick.
 * Inside media/: media.c posts commands to it, it posts reports. */
#ifndef CADRAN_TELEPHONY_MEDIA_THREAD_H
#define CADRAN_TELEPHONY_MEDIA_THREAD_H

#include "base/mailbox.h"
#include "telephony/media/stream.h"

enum media_command_kind {
    MEDIA_ADD, /* the stream is the thread's from now on */
    MEDIA_REMOTE,
    MEDIA_HEAR, /* the detector goes to the stream */
    MEDIA_BRIDGE,
    MEDIA_UNBRIDGE,
    MEDIA_PLAY,
    MEDIA_MOVE,   /* give the stream back: it goes to another thread */
    MEDIA_REMOVE, /* give the stream back for good */
    MEDIA_STOP,
};

struct media_command {
    enum media_command_kind kind;
    struct leg_id leg;
    union {
        struct stream *stream;
        struct tone_detector *detector;
        struct media_remote remote;
        struct leg_id other;
    };
};

enum media_note_kind { NOTE_LOST, NOTE_TONE, NOTE_GIVEN };

/* From a thread to the owner. */
struct media_note {
    enum media_note_kind kind;
    struct leg_id leg;
    struct tone_verdict verdict;
    struct stream *stream; /* NOTE_GIVEN: the owner's again */
};

struct media_thread;
/* Starts it; `notes` outlives it. NULL with *err where the system refuses. */
struct media_thread *media_thread_create(struct mailbox *notes, int64_t loss_after_ms,
                                         size_t commands_max, struct error *err);
/* Stops it and frees the streams it still has. */
void media_thread_destroy(struct media_thread *thread);
/* False when its mailbox is full. */
bool media_thread_post(struct media_thread *thread,
                       const struct media_command *command) MUST_USE;

/* Closes the socket and frees it; owner's or thread's, whoever has it. */
void stream_destroy(struct stream *stream);

#endif
