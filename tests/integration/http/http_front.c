/* http_front -- src/http behind its nginx, with routes that show what the layer does.
 * Usage: http_front DATA [WEB_ROOT [CERTIFICATE KEY]]. Prints "ready ADDRESS [TLS ADDRESS]"; a
 * line on standard input is a topic to publish on; the end of standard input stops it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "http/http.h"
#include "http/hub.h"
#include "http/nginx.h"

static struct http_server *server;

/* What reached the handler, as JSON. */
static void show(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    const struct scgi_head *head = &request->head;
    json_t *body =
        json_pack("{s:s,s:s,s:s?,s:s?,s:s?,s:s?,s:I,s:s}", "method", head->method, "path",
                  request->uri.path, "host", head->host, "scheme", head->scheme,
                  "authorization", head->authorization, "cookie", head->cookie, "length",
                  (json_int_t)request->body_len, "id", http_path_param(request, "id"));
    http_respond_json(response, 200, body);
}

static void json_show(void *context, struct http_request *request,
                      struct http_response *response)
{
    (void)context;
    json_t *value = NULL;
    if (http_request_json(request, response, &value))
        http_respond_json(response, 200, json_incref(value));
}

static void sleep_long(void *context, struct http_request *request,
                       struct http_response *response)
{
    (void)context;
    for (int i = 0; i < 300 && !http_request_is_gone(request); i++)
        usleep(10000);
    http_respond_empty(response, 204);
}

static void big(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    size_t len = (size_t)http_query_integer(request, "n", 0, 100 << 20, 1000);
    char *text = malloc(len + 1);
    memset(text, 'b', len);
    http_respond_text(response, 200, "text/plain", text, len);
    free(text);
}

static void file_send(void *context, struct http_request *request,
                      struct http_response *response)
{
    (void)context;
    (void)request;
    int fd = -1;
    char name[HTTP_FILE_NAME_SIZE];
    struct error err;
    if (http_file_create(server, ".csv", &fd, name, &err) != STATUS_OK) {
        http_respond_failure(response, &err);
        return;
    }
    dprintf(fd, "0123456789");
    close(fd);
    http_respond_file(response, name, "text/csv", "export.csv");
}

static void upload(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    char first[9] = "";
    ssize_t got = pread(request->body_fd, first, 8, 0);
    http_respond_json(response, 200,
                      json_pack("{s:I,s:s,s:I}", "size", (json_int_t)request->body_file_len,
                                "first", got > 0 ? first : "", "inMemory",
                                (json_int_t)request->body_len));
}

static void channel(void *context, struct http_request *request, struct http_response *response)
{
    (void)context;
    (void)request;
    static const char *const topics[] = {"v2.test"};
    struct hub_channel_info info;
    struct hub *hub = http_server_hub(server);
    struct error err;
    if (hub_open(hub, 1, &info, &err) != STATUS_OK ||
        hub_subscribe(hub, 1, info.id, true, topics, 1, &err) != STATUS_OK) {
        http_respond_failure(response, &err);
        return;
    }
    http_respond_json(response, 200,
                      json_pack("{s:s,s:s}", "id", info.id, "capability", info.capability));
}

static void pid_show(void *context, struct http_request *request,
                     struct http_response *response)
{
    (void)request;
    http_respond_json(response, 200,
                      json_pack("{s:I}", "nginx", (json_int_t)nginx_pid(context)));
}

static bool authorise(void *context, struct http_request *request,
                      struct http_response *response)
{
    (void)context;
    if (request->head.authorization && strcmp(request->head.authorization, "Bearer yes") == 0)
        return true;
    http_respond_error(response, 401, "bad.credentials", "", "Who are you?");
    return false;
}

static const struct http_route routes[] = {
    {.method = "GET", .path = "/api/show/{id}", .flags = HTTP_ROUTE_OPEN, .handler = show},
    {.method = "POST", .path = "/api/show/{id}", .flags = HTTP_ROUTE_OPEN, .handler = show},
    {.method = "POST",
     .path = "/api/json",
     .flags = HTTP_ROUTE_OPEN,
     .body_max = 32 << 20,
     .handler = json_show},
    {.method = "GET",
     .path = "/api/long",
     .flags = HTTP_ROUTE_OPEN | HTTP_ROUTE_LONG,
     .handler = sleep_long},
    {.method = "GET", .path = "/api/big", .flags = HTTP_ROUTE_OPEN, .handler = big},
    {.method = "GET", .path = "/api/pid", .flags = HTTP_ROUTE_OPEN, .handler = pid_show},
    {.method = "GET", .path = "/api/mine", .handler = show},
    {.method = "POST", .path = "/api/channel", .flags = HTTP_ROUTE_OPEN, .handler = channel},
    {.method = "GET",
     .path = "/downloads/file",
     .flags = HTTP_ROUTE_OPEN,
     .handler = file_send},
    {.method = "PUT",
     .path = "/uploads/v2/{id}",
     .flags = HTTP_ROUTE_TAKES_FILE,
     .handler = upload},
    {.method = "GET", .path = "/health", .flags = HTTP_ROUTE_OPEN, .handler = show},
};

static int fail(const struct error *err)
{
    fprintf(stderr, "http_front: %s\n", err->text);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    struct nginx *nginx = NULL;
    struct error err;
    const struct nginx_options front = {
        .data = argv[1],
        .http = "127.0.0.1:0",
        .https = argc > 4 ? "127.0.0.1:0" : NULL,
        .certificate = argc > 4 ? argv[3] : NULL,
        .key = argc > 4 ? argv[4] : NULL,
        .web_root = argc > 2 ? argv[2] : NULL,
        .upload_max = 20 << 20,
    };
    if (nginx_prepare(&front, &nginx, &err) != STATUS_OK)
        return fail(&err);
    const struct http_options options = {
        .api_socket = nginx_api_socket(nginx),
        .push_socket = nginx_push_socket(nginx),
        .socket_group = nginx_gid(nginx),
        .peer = nginx_uid(nginx),
        .spool = nginx_spool(nginx),
        .files = nginx_files(nginx),
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .context = nginx,
        .authorise = authorise,
    };
    if (http_server_start(&options, &server, &err) != STATUS_OK ||
        nginx_start(nginx, &err) != STATUS_OK) {
        nginx_stop(nginx);
        http_server_stop(server);
        return fail(&err);
    }
    printf("ready %s %s\n", nginx_http_address(nginx), nginx_https_address(nginx));
    fflush(stdout);
    char line[256];
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (hub_publish(http_server_hub(server), line, HUB_MUST_ARRIVE,
                        "{\"from\":\"test\"}") != STATUS_OK)
            fprintf(stderr, "not published\n");
    }
    nginx_stop(nginx);
    http_server_stop(server);
    return 0;
}
