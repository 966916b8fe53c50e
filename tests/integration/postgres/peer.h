/* peer.h -- peers of a PostgreSQL client that misbehave on purpose, on a UNIX socket each. */
#ifndef CADRAN_TESTS_INTEGRATION_POSTGRES_PEER_H
#define CADRAN_TESTS_INTEGRATION_POSTGRES_PEER_H

#include <pthread.h>
#include <stdatomic.h>

/* Passes everything on to the real server, until `cuts` is set: then the next COMMIT is passed
 * on and carried out, but its answer is dropped with the connection, and `cuts` is cleared. */
struct relay {
    char folder[64]; /* the URL's host */
    char server[128];
    int listener;
    pthread_t thread;
    atomic_bool cuts;
};
void relay_start(struct relay *relay, const char *server_folder);
void relay_stop(struct relay *relay);

/* A server that says which version it is, and nothing else. */
struct old_server {
    char folder[64];
    int listener;
    pthread_t thread;
    const char *version;
};
void old_server_start(struct old_server *server);
void old_server_stop(struct old_server *server);

#endif
