/* scgi.h -- reads the head of one SCGI request; pure, bounded, no I/O.
 *
 * A request is `<n>:` + n bytes of NAME\0value\0 pairs + `,` + the body. nginx alone writes it,
 * from a fixed list of parameters (nginx_config.c): a name that is not on the list, or that
 * comes twice, means that the two do not match or that a client found a way around nginx, and
 * is refused. Source: https://python.ca/scgi/protocol.txt. */
#ifndef CADRAN_HTTP_SCGI_H
#define CADRAN_HTTP_SCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest head, with its frame. nginx holds a client's own headers to 4 x 8 KB. */
#define SCGI_HEAD_MAX 16384

enum scgi_verdict {
    SCGI_NEED_MORE,
    SCGI_COMPLETE,
    SCGI_REFUSED, /* not an SCGI request of ours: answer 400 */
};

/* Texts point into the bytes that were parsed; NULL where absent or empty. */
struct scgi_head {
    int64_t content_length;
    const char *method;
    const char *uri; /* raw: never decoded, never normalised */
    const char *content_type;
    const char *address;
    const char *request_id;
    const char *host;
    const char *scheme;
    const char *authorization;
    const char *cookie;
    const char *origin;
    const char *language;
    const char *body_file; /* where nginx left the body; then none follows */
    const char *authorise; /* set: only asks whether the request would be allowed */
    size_t size;           /* bytes of the head; the body starts there */
};

/* `len` bytes have arrived so far. Answers REFUSED as soon as it is certain. */
enum scgi_verdict scgi_parse(const char *bytes, size_t len, struct scgi_head *head);

#endif
