/* The workers: plain synchronous handlers, one request at a time each. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "http/server.h"

/* A WebSocket's messages share the quick lane, but may not fill it. */
static void message_run(struct http_server *server, struct http_job *job)
{
    if (server->options.on_message)
        server->options.on_message(server->options.context, job->owner, job->channel, job->text,
                                   job->text_len);
    free(job->channel);
    free(job->text);
}

static void request_run(struct http_server *server, struct http_job *job)
{
    struct http_request *request = job->request;
    const struct http_route *route = request->match.route;
    void *context = server->options.context;
    job->response = memory_new(1, sizeof(*job->response));
    http_response_init(job->response);
    request->started_at = instant_mono_now();
    bool is_allowed = route->flags & HTTP_ROUTE_OPEN ||
                      server->options.authorise(context, request, job->response);
    if (is_allowed && request->head.authorise)
        http_respond_empty(job->response, 204);
    else if (is_allowed && !atomic_load(&server->is_stopping))
        route->handler(context, request, job->response);
    else if (is_allowed)
        http_respond_error(job->response, 503, "service.unavailable", "",
                           "The server is stopping.");
    /* There is room for every request in flight (connection.c, invariant 3). */
    ensure(mailbox_post(server->done, job));
}

static void *quick_main(void *argument)
{
    struct http_server *server = argument;
    struct http_job job;
    while (mailbox_take(server->lanes[0].jobs, &job, -1)) {
        if (job.request)
            request_run(server, &job);
        else
            message_run(server, &job);
    }
    return NULL;
}

static void *long_main(void *argument)
{
    struct http_server *server = argument;
    struct http_job job;
    while (mailbox_take(server->lanes[1].jobs, &job, -1))
        request_run(server, &job);
    return NULL;
}

enum status workers_start(struct http_server *server, struct error *err)
{
    const int32_t counts[2] = {server->options.worker_count, server->options.long_worker_count};
    void *(*const mains[2])(void *) = {quick_main, long_main};
    server->done = mailbox_create(IN_FLIGHT_MAX, sizeof(struct http_job));
    for (int lane = 0; lane < 2; lane++) {
        struct http_lane *at = &server->lanes[lane];
        at->jobs = mailbox_create(IN_FLIGHT_MAX, sizeof(struct http_job));
        at->threads = memory_new((size_t)counts[lane], sizeof(*at->threads));
        for (; at->thread_count < counts[lane]; at->thread_count++) {
            if (pthread_create(&at->threads[at->thread_count], NULL, mains[lane], server) != 0)
                return error_set(err, STATUS_UNAVAILABLE, "",
                                 "No thread for a worker: the system's limit is reached.");
        }
    }
    return STATUS_OK;
}

void workers_stop(struct http_server *server)
{
    for (int lane = 0; lane < 2; lane++) {
        struct http_lane *at = &server->lanes[lane];
        if (!at->jobs)
            continue;
        mailbox_close(at->jobs);
        for (int32_t i = 0; i < at->thread_count; i++)
            pthread_join(at->threads[i], NULL);
        free(at->threads);
    }
}
