/* server_client.h -- one request to the running server, as its own administrator.
 *
 * Goes over the owner-only socket in the data directory (run/control.sock), by SCGI, to the
 * same API that everybody uses. No password: whoever may open the socket owns the data anyway.
 */
#ifndef CADRAN_CLI_SERVER_CLIENT_H
#define CADRAN_CLI_SERVER_CLIENT_H

#include <jansson.h>

#include "base/status.h"

#define CONTROL_SOCKET "control.sock"

struct server_answer {
    int status;   /* of HTTP */
    json_t *body; /* the caller's; NULL when there is none */
};

/* `body` may be NULL. STATUS_UNAVAILABLE: no server runs on this data directory. An answer of
 * 400 or above is STATUS_INVALID with the server's own sentence, and still in *answer. */
enum status server_call(const char *data, const char *method, const char *path,
                        const json_t *body, struct server_answer *answer,
                        struct error *err) MUST_USE;

/* The same with a file as the body: `path_of_file` lies in the server's spool. */
enum status server_call_file(const char *data, const char *method, const char *path,
                             const char *path_of_file, struct server_answer *answer,
                             struct error *err) MUST_USE;

#endif
