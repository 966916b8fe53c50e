/* serve.c -- `cadran serve`: runs until SIGTERM or SIGINT. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/server.h"
#include "base/log.h"
#include "cli/cli.h"

/* Opened before anything is made: secrets that cannot be written would be lost. What is in the
 * file stays, for a later start has no new secrets. */
static enum status open_bootstrap(const char *path, int *fd, struct error *err)
{
    *fd = -1;
    if (!*path)
        return STATUS_OK;
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, path, "the credentials cannot be written: %s",
                         strerror(errno));
    return STATUS_OK;
}

/* An empty file of ours is no answer to whoever looks for the credentials. */
static void drop_bootstrap(const char *path, int fd)
{
    struct stat info;
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_size == 0)
        unlink(path);
    if (fd >= 0)
        close(fd);
}

/* Written once, for scripts: mode 0600. Takes the descriptor. */
static enum status write_bootstrap(const struct server *server, const char *path, int fd,
                                   struct error *err)
{
    const struct api_secrets *secrets = server_secrets(server);
    if (!secrets || fd < 0) {
        drop_bootstrap(path, fd);
        return STATUS_OK;
    }
    json_t *body = json_pack("{s:{s:s,s:s},s:{s:s,s:s},s:s,s:s}", "admin", "email",
                             secrets->email, "password", secrets->password, "client", "id",
                             secrets->client_id, "secret", secrets->client_secret, "http",
                             server_http(server), "sip", server_sip(server));
    char *text = json_dumps(body, JSON_COMPACT);
    bool is_written = fchmod(fd, 0600) == 0 && ftruncate(fd, 0) == 0 &&
                      write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
                      write(fd, "\n", 1) == 1;
    int reason = errno;
    close(fd);
    free(text);
    json_decref(body);
    if (!is_written)
        return error_set(err, STATUS_UNAVAILABLE, path, "the credentials cannot be written: %s",
                         strerror(reason));
    return STATUS_OK;
}

static void show_secrets(const struct server *server)
{
    const struct api_secrets *secrets = server_secrets(server);
    if (!secrets)
        return;
    printf("first start: these are shown once\n"
           "  administrator  %s  password %s\n"
           "  API client     %s  secret   %s\n",
           secrets->email, secrets->password, secrets->client_id, secrets->client_secret);
}

int app_serve(int argc, char **argv)
{
    struct serve_options options;
    struct error err = {0};
    bool wants_help;
    if (options_read(argc, argv, false, &options, &wants_help, &err) != STATUS_OK) {
        cli_fail("serve", &err);
        return CLI_WRONG_USAGE;
    }
    if (wants_help) {
        printf("usage: %s\n", options_usage(false));
        return CLI_DONE;
    }
    log_set_level(options.is_verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread: all inherit it */
    struct server *server;
    int bootstrap;
    if (open_bootstrap(options.bootstrap, &bootstrap, &err) != STATUS_OK)
        return cli_fail("serve", &err);
    if (server_start(&options, &server, &err) != STATUS_OK) {
        drop_bootstrap(options.bootstrap, bootstrap);
        return cli_fail("serve", &err);
    }
    enum status status = write_bootstrap(server, options.bootstrap, bootstrap, &err);
    show_secrets(server);
    if (status != STATUS_OK) {
        server_stop(server);
        return cli_fail("serve", &err);
    }
    printf("cadran ready http=%s sip=%s\n", server_http(server), server_sip(server));
    fflush(stdout);
    int signal_number;
    sigwait(&signals, &signal_number);
    bool is_fenced = server_is_fenced(server);
    server_stop(server);
    return is_fenced ? CLI_FAILED : CLI_DONE;
}
