#include "cli/server_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"

#define ANSWER_MAX ((size_t)64 << 20)
#define HEAD_MAX 8192

static enum status connect_to(const char *data, int *fd, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof(address.sun_path), "%s/" CONTROL_SOCKET, data);
    if (len < 0 || (size_t)len >= sizeof(address.sun_path))
        return error_set(err, STATUS_INVALID, "--data", "the path is too long for a socket");
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && connect(*fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return STATUS_OK;
    if (*fd >= 0)
        close(*fd);
    return error_set(err, STATUS_UNAVAILABLE, data,
                     "no server runs here; start one with: cadran serve --data %.100s", data);
}

static void add_pair(struct buffer *head, const char *name, const char *value)
{
    buffer_append(head, name, strlen(name) + 1);
    buffer_append(head, value, strlen(value) + 1);
}

static bool send_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool send_request(int fd, const char *method, const char *path, const char *body,
                         const char *body_file)
{
    char length[32];
    struct buffer head;
    buffer_init(&head, HEAD_MAX);
    snprintf(length, sizeof(length), "%zu", strlen(body));
    add_pair(&head, "CONTENT_LENGTH", length);
    add_pair(&head, "SCGI", "1");
    add_pair(&head, "REQUEST_METHOD", method);
    add_pair(&head, "REQUEST_URI", path);
    add_pair(&head, "REMOTE_ADDR", "127.0.0.1");
    if (*body)
        add_pair(&head, "CONTENT_TYPE", "application/json");
    if (body_file) {
        add_pair(&head, "CONTENT_TYPE", "text/csv");
        add_pair(&head, "BODY_FILE", body_file);
    }
    char frame[16];
    int frame_len = snprintf(frame, sizeof(frame), "%zu:", head.len);
    bool is_sent = !head.is_full && send_all(fd, frame, (size_t)frame_len) &&
                   send_all(fd, head.data, head.len) && send_all(fd, ",", 1) &&
                   send_all(fd, body, strlen(body));
    buffer_fini(&head);
    return is_sent;
}

static bool receive_all(int fd, struct buffer *answer)
{
    char chunk[16384];
    ssize_t len;
    while ((len = recv(fd, chunk, sizeof(chunk), 0)) != 0) {
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return false;
        buffer_append(answer, chunk, (size_t)len);
    }
    return !answer->is_full;
}

static enum status read_answer(const struct buffer *raw, struct server_answer *answer,
                               struct error *err)
{
    const char *body = raw->len ? strstr(raw->data, "\r\n\r\n") : NULL;
    if (!body || sscanf(raw->data, "Status: %d", &answer->status) != 1)
        return error_set(err, STATUS_UNAVAILABLE, "", "the server's answer broke off");
    body += 4;
    json_error_t json_err;
    answer->body =
        *body ? json_loads(body, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &json_err) : NULL;
    if (answer->status < 400)
        return STATUS_OK;
    const char *sentence = json_string_value(json_object_get(answer->body, "message"));
    return error_set(err, answer->status == 404 ? STATUS_NOT_FOUND : STATUS_INVALID, "", "%s",
                     sentence ? sentence : "the server refused");
}

static enum status exchange(const char *data, const char *method, const char *path,
                            const char *body, const char *body_file,
                            struct server_answer *answer, struct error *err)
{
    int fd = -1;
    memset(answer, 0, sizeof(*answer));
    enum status status = connect_to(data, &fd, err);
    if (status != STATUS_OK)
        return status;
    struct buffer raw;
    buffer_init(&raw, ANSWER_MAX);
    if (!send_request(fd, method, path, body, body_file) || !receive_all(fd, &raw))
        status = error_set(err, STATUS_UNAVAILABLE, "", "the server closed the connection");
    else
        status = read_answer(&raw, answer, err);
    buffer_fini(&raw);
    close(fd);
    return status;
}

enum status server_call(const char *data, const char *method, const char *path,
                        const json_t *body, struct server_answer *answer, struct error *err)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    enum status status = exchange(data, method, path, text ? text : "", NULL, answer, err);
    free(text);
    return status;
}

enum status server_call_file(const char *data, const char *method, const char *path,
                             const char *path_of_file, struct server_answer *answer,
                             struct error *err)
{
    return exchange(data, method, path, "", path_of_file, answer, err);
}
