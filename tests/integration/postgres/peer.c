#include "peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/memory.h"

static struct sockaddr_un address_of(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/.s.PGSQL.5432", folder);
    return address;
}

static int listen_in(char folder[64])
{
    snprintf(folder, 64, "/tmp/cadran-peer-XXXXXX");
    ensure(mkdtemp(folder) != NULL);
    struct sockaddr_un address = address_of(folder);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ensure(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0);
    return fd;
}

/* Whoever waits for a caller stops waiting. */
static void stop_listening(int listener, const char *folder, pthread_t thread)
{
    struct sockaddr_un address = address_of(folder);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    unlink(address.sun_path);
    rmdir(folder);
}

struct link {
    struct relay *relay;
    int client, server;
};

static void *link_run(void *ptr)
{
    struct link *link = ptr;
    char bytes[65536];
    bool is_cut = false;
    for (;;) {
        struct pollfd ends[] = {{link->client, POLLIN, 0}, {link->server, POLLIN, 0}};
        ensure(poll(ends, 2, -1) > 0);
        bool is_from_client = ends[0].revents != 0;
        int from = is_from_client ? link->client : link->server;
        ssize_t got = read(from, bytes, sizeof(bytes));
        if (got <= 0)
            break;
        if (is_from_client && atomic_load(&link->relay->cuts) &&
            memmem(bytes, (size_t)got, "\0COMMIT", 8))
            is_cut = true;
        if (is_cut && !is_from_client) {
            /* The server has answered: it is done, and nobody will know. */
            if (!memmem(bytes, (size_t)got, "COMMIT", 7))
                continue;
            atomic_store(&link->relay->cuts, false);
            break;
        }
        if (write(is_from_client ? link->server : link->client, bytes, (size_t)got) != got)
            break;
    }
    close(link->client);
    close(link->server);
    free(link);
    return NULL;
}

static void *relay_run(void *ptr)
{
    struct relay *relay = ptr;
    for (;;) {
        struct link *link = memory_new(1, sizeof(*link));
        struct sockaddr_un address = address_of(relay->server);
        link->relay = relay;
        link->client = accept(relay->listener, NULL, NULL);
        if (link->client < 0) {
            free(link);
            return NULL;
        }
        pthread_t thread;
        link->server = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(link->server, (struct sockaddr *)&address, sizeof(address)) == 0) {
            ensure(pthread_create(&thread, NULL, link_run, link) == 0);
            pthread_detach(thread); /* it ends with its client */
            continue;
        }
        close(link->client);
        close(link->server);
        free(link);
    }
}

void relay_start(struct relay *relay, const char *server_folder)
{
    snprintf(relay->server, sizeof(relay->server), "%s", server_folder);
    relay->listener = listen_in(relay->folder);
    ensure(pthread_create(&relay->thread, NULL, relay_run, relay) == 0);
}

void relay_stop(struct relay *relay)
{
    stop_listening(relay->listener, relay->folder, relay->thread);
}

/* A message of the protocol: its type, its length with itself, its body. */
static void say(int fd, char type, const void *body, size_t len)
{
    uint32_t size = htonl((uint32_t)(len + 4));
    ensure(write(fd, &type, 1) == 1 && write(fd, &size, 4) == 4 &&
           write(fd, body, len) == (ssize_t)len);
}

static void *old_server_run(void *ptr)
{
    const struct old_server *server = ptr;
    char bytes[4096], parameter[128];
    int fd = accept(server->listener, NULL, NULL);
    ensure(fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0);
    say(fd, 'R', "\0\0\0", 4); /* no password */
    size_t len = (size_t)snprintf(parameter, sizeof(parameter), "server_version%c%s", 0,
                                  server->version);
    say(fd, 'S', parameter, len + 1);
    say(fd, 'K', "\0\0\0\1\0\0\0\1", 8);
    say(fd, 'Z', "I", 1);
    ensure(read(fd, bytes, sizeof(bytes)) >= 0);
    close(fd);
    return NULL;
}

void old_server_start(struct old_server *server)
{
    server->listener = listen_in(server->folder);
    ensure(pthread_create(&server->thread, NULL, old_server_run, server) == 0);
}

void old_server_stop(struct old_server *server)
{
    stop_listening(server->listener, server->folder, server->thread);
}
