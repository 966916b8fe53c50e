/* server.h -- a whole Cadran in one process: store, engine, telephony, API and nginx, wired.
 *
 * Started and stopped by one thread. What is inside runs on threads of its own
 * (ARCHITECTURE.md). Order of start: data directory and its lock, store, zones, engine,
 * telephony, API, nginx. Order of stop: nginx, API, imports, dialing, telephony (every call is
 * hung up and its end recorded), engine (its last writes are committed), store. */
#ifndef CADRAN_APP_SERVER_H
#define CADRAN_APP_SERVER_H

#include "api/api.h"
#include "app/options.h"
#include "runtime/runtime.h"

struct server;

enum status server_start(const struct serve_options *options, struct server **server,
                         struct error *err) MUST_USE;
/* At most about five seconds. NULL and half-started are accepted. */
void server_stop(struct server *server);

/* "127.0.0.1:8080": where nginx listens. */
const char *server_http(const struct server *server);
/* "127.0.0.1:5060": where phones register. */
const char *server_sip(const struct server *server);
struct runtime *server_runtime(struct server *server);
struct store_port server_store(struct server *server);
/* The first start's credentials; NULL on a later one. */
const struct api_secrets *server_secrets(const struct server *server);
/* Set when another process took the dialer's cell over: this one should end. */
bool server_is_fenced(const struct server *server);

#endif
