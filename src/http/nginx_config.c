#include "http/nginx_config.h"

#include <string.h>

/* A path goes between double quotes, where nginx still reads \ and $ and the quote itself. */
static enum status path_check(const char *path, struct error *err)
{
    if (!path)
        return STATUS_OK;
    bool is_plain = !strpbrk(path, "\"\\$");
    for (const char *at = path; *at; at++)
        is_plain = is_plain && (unsigned char)*at >= 0x20;
    if (is_plain)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "",
                     "The path %s has a quote, a backslash, a dollar sign or a control "
                     "character, which nginx does not take: use another directory.",
                     path);
}

static void main_part(const struct nginx_config *config, struct buffer *out)
{
    if (config->user)
        buffer_format(out, "user %s;\n", config->user);
    buffer_format(out,
                  "daemon off;\nmaster_process on;\nworker_processes %d;\n"
                  "worker_rlimit_nofile %d;\nworker_shutdown_timeout 2s;\n"
                  "pid \"%s/nginx.pid\";\nerror_log \"%s/error.log\" warn;\n"
                  "events { worker_connections %d; }\n",
                  config->workers, config->worker_connections * 2, config->prefix,
                  config->prefix, config->worker_connections);
}

static void types(struct buffer *out)
{
    buffer_text(
        out,
        "default_type application/octet-stream;\n"
        "types {\n"
        "  text/html html; text/css css; text/javascript js mjs; application/json json;\n"
        "  application/yaml yaml; image/svg+xml svg; image/png png; image/x-icon ico;\n"
        "  image/webp webp; font/woff2 woff2; audio/wav wav; audio/mpeg mp3; text/csv "
        "csv;\n"
        "  text/plain txt; application/manifest+json webmanifest; application/wasm wasm;\n"
        "}\ncharset utf-8;\ncharset_types text/css text/javascript text/plain text/csv;\n");
}

static void http_part(const struct nginx_config *config, struct buffer *out)
{
    static const char *const temporary[] = {"proxy", "scgi", "fastcgi", "uwsgi"};
    buffer_text(out, "http {\n");
    types(out);
    buffer_format(out, "client_body_temp_path \"%s/spool\";\n", config->prefix);
    for (size_t i = 0; i < 4; i++)
        buffer_format(out, "%s_temp_path \"%s/temp\";\n", temporary[i], config->prefix);
    buffer_format(
        out,
        "access_log off;\nserver_tokens off;\nsendfile on;\ntcp_nopush on;\n"
        "client_header_timeout 10s;\nclient_body_timeout 20s;\nsend_timeout 30s;\n"
        "keepalive_timeout 30s;\nkeepalive_requests 10000;\nreset_timedout_connection on;\n"
        "client_header_buffer_size 2k;\nlarge_client_header_buffers 4 8k;\n"
        "client_max_body_size 1m;\nclient_body_buffer_size 64k;\n"
        "ignore_invalid_headers on;\nunderscores_in_headers off;\nmerge_slashes on;\n"
        "limit_conn_zone $binary_remote_addr zone=address:2m;\nlimit_conn address %d;\n"
        "limit_conn_status 429;\nlimit_conn_log_level warn;\n"
        "upstream api { server \"unix:%s/api.sock\" max_fails=0; }\n"
        "upstream push { server \"unix:%s/push.sock\" max_fails=0; }\n",
        config->address_connections_max, config->prefix, config->prefix);
}

/* Only these reach us; scgi.c refuses every other name. */
static const char scgi_part[] =
    "scgi_pass api;\nscgi_pass_request_headers off;\nscgi_next_upstream off;\n"
    "scgi_connect_timeout 5s;\nscgi_send_timeout 30s;\nscgi_read_timeout 65s;\n"
    "scgi_buffers 16 16k;\nscgi_buffer_size 16k;\nscgi_max_temp_file_size 0;\n"
    "scgi_param SCGI 1;\nscgi_param REQUEST_METHOD $request_method;\n"
    "scgi_param REQUEST_URI $request_uri;\nscgi_param CONTENT_TYPE $content_type;\n"
    "scgi_param REMOTE_ADDR $remote_addr;\nscgi_param REQUEST_ID $request_id;\n"
    "scgi_param HTTP_HOST $http_host;\nscgi_param REQUEST_SCHEME $scheme;\n"
    "scgi_param HTTP_AUTHORIZATION $http_authorization;\n"
    "scgi_param HTTP_COOKIE $http_cookie;\nscgi_param HTTP_ORIGIN $http_origin;\n"
    "scgi_param HTTP_ACCEPT_LANGUAGE $http_accept_language;\n";

static const char safe_headers[] =
    "add_header X-Content-Type-Options nosniff always;\n"
    "add_header Referrer-Policy no-referrer always;\n"
    "add_header Content-Security-Policy \"default-src 'none'; frame-ancestors 'none'\" "
    "always;\n"
    "add_header Cross-Origin-Resource-Policy same-origin always;\n";

/* Mantine writes style elements at run time: they carry the nonce that index.html was sent
 * with. */
static const char page_headers[] =
    "add_header X-Content-Type-Options nosniff always;\n"
    "add_header Referrer-Policy no-referrer always;\n"
    "add_header Cross-Origin-Opener-Policy same-origin always;\n"
    "add_header Permissions-Policy \"microphone=(self), camera=(), geolocation=()\" always;\n"
    "add_header Content-Security-Policy \"default-src 'none'; script-src 'self'; "
    "style-src 'self' 'nonce-$request_id'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; worker-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'\" always;\n";

static void errors_part(struct buffer *out)
{
    static const struct {
        const char *codes;
        int status;
        const char *code, *text;
    } pages[] = {
        {"400 494 495 496 497", 400, "bad.request", "The request is malformed."},
        /* Of an upload, whose question is asked first. */
        {"401", 401, "bad.credentials", "The token is missing, unknown or expired: log in."},
        {"403", 403, "not.authorized", "This is not allowed."},
        {"404", 404, "not.found", "There is nothing at this address."},
        {"405", 405, "method.not.allowed", "This address does not know that method."},
        {"408", 408, "request.timeout", "The request took too long."},
        {"413", 413, "request.entity.too.large", "The body of the request is too large."},
        {"414", 414, "uri.too.long", "The address of the request is too long."},
        {"429", 429, "too.many.requests", "Too many connections from this address."},
        {"500", 500, "internal.error", "The server failed to answer."},
        {"502 503", 503, "service.unavailable", "The server is starting or stopping."},
        {"504", 504, "gateway.timeout", "The server did not answer in time."},
    };
    /* Not named locations: a request line that cannot be read has no URI, and nginx then fails.
     */
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        buffer_format(out,
                      "error_page %s /_error/%d;\nlocation = /_error/%d {\n  internal;\n"
                      "  client_max_body_size 0;\n"
                      "  default_type application/json;\n%s"
                      "  add_header ININ-Correlation-Id $request_id always;\n",
                      pages[i].codes, pages[i].status, pages[i].status, safe_headers);
        if (pages[i].status == 429 || pages[i].status == 503)
            buffer_text(out, "  add_header Retry-After 1 always;\n");
        buffer_format(out,
                      "  return %d '{\"message\":\"%s\",\"code\":\"%s\",\"status\":%d,"
                      "\"messageParams\":{},\"messageWithParams\":\"%s\",\"details\":[],"
                      "\"errors\":[]}';\n}\n",
                      pages[i].status, pages[i].text, pages[i].code, pages[i].status,
                      pages[i].text);
    }
}

static void api_part(const struct nginx_config *config, struct buffer *out)
{
    buffer_format(
        out,
        "location /api/ {\n  client_max_body_size 32m;\n  client_body_buffer_size 1m;\n"
        "  add_header Cache-Control no-store always;\n%s%s}\n",
        safe_headers, scgi_part);
    static const char *const small[] = {"/oauth/",   "/oidc/",     "= /login",   "= /logout",
                                        "= /health", "= /metrics", "/downloads/"};
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
        buffer_format(out,
                      "location %s {\n  client_max_body_size 64k;\n"
                      "  add_header Cache-Control no-store always;\n%s%s}\n",
                      small[i], safe_headers, scgi_part);
    /* Who may is asked before a byte of the body is taken. */
    buffer_format(out,
                  "location /uploads/ {\n  client_max_body_size %lld;\n"
                  "  client_body_in_file_only clean;\n  scgi_pass_request_body off;\n"
                  "  auth_request /_authorise;\n"
                  "  scgi_param BODY_FILE $request_body_file if_not_empty;\n%s%s}\n",
                  (long long)config->upload_max, safe_headers, scgi_part);
    buffer_format(out,
                  /* The asking request's own location limits the body. */
                  "location = /_authorise {\n  internal;\n  client_max_body_size 0;\n"
                  "  scgi_pass_request_body off;\n"
                  "  scgi_param AUTHORISE 1;\n%s}\n",
                  scgi_part);
    buffer_format(out,
                  "location /_files/ {\n  internal;\n  alias \"%s/files/\";\n"
                  "  add_header Cache-Control no-store always;\n%s}\n",
                  config->prefix, safe_headers);
    buffer_format(out, "location = /_ready { return 204; }\n");
}

static void push_part(struct buffer *out)
{
    buffer_text(
        out, "location /ws/ {\n  proxy_pass http://push;\n  proxy_http_version 1.1;\n"
             "  proxy_pass_request_headers off;\n  proxy_pass_request_body off;\n"
             "  proxy_next_upstream off;\n  client_max_body_size 1k;\n"
             "  proxy_set_header Host $host;\n  proxy_set_header Upgrade websocket;\n"
             "  proxy_set_header Connection Upgrade;\n  proxy_set_header Content-Length \"\";\n"
             "  proxy_set_header Sec-WebSocket-Key $http_sec_websocket_key;\n"
             "  proxy_set_header Sec-WebSocket-Version $http_sec_websocket_version;\n"
             "  proxy_buffering off;\n  proxy_connect_timeout 5s;\n  proxy_read_timeout 65s;\n"
             "  proxy_send_timeout 30s;\n}\n");
}

static void web_part(const struct nginx_config *config, struct buffer *out)
{
    if (!config->web_root) {
        buffer_text(out, "location / { return 404; }\n");
        return;
    }
    buffer_format(out,
                  "root \"%s\";\n"
                  "location /assets/ {\n  gzip_static on;\n  try_files $uri =404;\n%s"
                  "  add_header Cache-Control \"public, max-age=31536000, immutable\";\n}\n"
                  "location / {\n  gzip_static on;\n  try_files $uri /index.html;\n%s"
                  "  add_header Cache-Control no-cache;\n}\n"
                  /* Its nonce differs each time, so it is neither compressed nor cached. */
                  "location = /index.html {\n  sub_filter '@csp-nonce@' $request_id;\n"
                  "  sub_filter_once off;\n%s  add_header Cache-Control no-store;\n}\n"
                  "location ~ /\\. { return 404; }\n",
                  config->web_root, page_headers, page_headers, page_headers);
}

static void server_part(const struct nginx_config *config, struct buffer *out)
{
    buffer_text(out, "server {\n");
    if (config->http)
        buffer_format(out, "listen %s backlog=4096;\n", config->http);
    if (config->https)
        buffer_format(out,
                      "listen %s ssl http2 backlog=4096;\nssl_certificate \"%s\";\n"
                      "ssl_certificate_key \"%s\";\nssl_protocols TLSv1.2 TLSv1.3;\n"
                      "ssl_session_cache shared:tls:2m;\nssl_session_tickets off;\n"
                      "ssl_prefer_server_ciphers off;\n",
                      config->https, config->certificate, config->key);
    buffer_text(out, "server_name _;\nabsolute_redirect off;\n");
    errors_part(out);
    api_part(config, out);
    push_part(out);
    web_part(config, out);
    buffer_text(out, "}\n}\n");
}

enum status nginx_config_write(const struct nginx_config *config, struct buffer *out,
                               struct error *err)
{
    const char *const paths[] = {config->prefix, config->certificate, config->key,
                                 config->web_root};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        enum status status = path_check(paths[i], err);
        if (status != STATUS_OK)
            return status;
    }
    buffer_text(out, "# Written by cadran at each start: changes here are lost.\n");
    main_part(config, out);
    http_part(config, out);
    server_part(config, out);
    if (out->is_full)
        return error_set(err, STATUS_INVALID, "", "nginx's configuration is too long.");
    return STATUS_OK;
}
