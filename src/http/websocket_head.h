/* websocket_head.h -- reads the one HTTP request that opens a WebSocket; pure and strict.
 * nginx writes it (proxy_pass), so it is regular: anything else is refused. RFC 6455, 4.2.1. */
#ifndef CADRAN_HTTP_WEBSOCKET_HEAD_H
#define CADRAN_HTTP_WEBSOCKET_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_HEAD_MAX 4096
#define WEBSOCKET_CAPABILITY_SIZE 65
#define WEBSOCKET_ACCEPT_SIZE 29

enum websocket_verdict { WEBSOCKET_NEED_MORE, WEBSOCKET_COMPLETE, WEBSOCKET_REFUSED };

struct websocket_head {
    char capability[WEBSOCKET_CAPABILITY_SIZE]; /* the path's last part: [A-Za-z0-9_-] */
    int64_t after; /* ?after=N: the last numbered message the client has; -1 = not said */
    char key[25];
    size_t size;
};

/* The target must be /ws/{capability}. */
enum websocket_verdict websocket_head_parse(const char *bytes, size_t len,
                                            struct websocket_head *head);
/* The answer to Sec-WebSocket-Key. */
void websocket_accept(const char *key, char accept[WEBSOCKET_ACCEPT_SIZE]);

#endif
