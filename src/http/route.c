#include "http/route.h"

#include <stdbool.h>
#include <string.h>

/* The next segment of a template: its start, length, and the rest. */
static const char *segment_next(const char *at, const char **segment, size_t *len)
{
    if (*at != '/')
        return NULL;
    *segment = at + 1;
    *len = strcspn(at + 1, "/");
    return at + 1 + *len;
}

static bool fits(const char *template, const struct uri *uri)
{
    const char *at = template;
    const char *segment = NULL;
    size_t len = 0;
    size_t i = 0;
    if (strcmp(template, "/") == 0)
        return uri->segment_count == 0;
    for (; (at = segment_next(at, &segment, &len)) != NULL; i++) {
        if (i == uri->segment_count)
            return false;
        bool is_literal = segment[0] != '{';
        if (is_literal &&
            (strlen(uri->segments[i]) != len || memcmp(uri->segments[i], segment, len) != 0))
            return false;
    }
    return i == uri->segment_count;
}

/* Whether `left` is literal at the first segment where the two differ in kind. */
static bool is_more_literal(const char *left, const char *right)
{
    const char *a = NULL;
    const char *b = NULL;
    size_t a_len = 0;
    size_t b_len = 0;
    while ((left = segment_next(left, &a, &a_len)) != NULL &&
           (right = segment_next(right, &b, &b_len)) != NULL) {
        if ((a[0] == '{') != (b[0] == '{'))
            return b[0] == '{';
    }
    return false;
}

static void take_params(struct route_match *match, const struct uri *uri)
{
    const char *at = match->route->path;
    const char *segment = NULL;
    size_t len = 0;
    for (size_t i = 0; (at = segment_next(at, &segment, &len)) != NULL; i++) {
        if (segment[0] != '{' || match->param_count == ROUTE_PARAM_MAX)
            continue;
        match->params[match->param_count++] = (struct uri_param){segment + 1, uri->segments[i]};
    }
}

static void allow(struct route_match *match, const char *method)
{
    for (size_t i = 0; i < match->allowed_count; i++) {
        if (strcmp(match->allowed[i], method) == 0)
            return;
    }
    if (match->allowed_count < ROUTE_ALLOW_MAX)
        match->allowed[match->allowed_count++] = method;
}

void route_find(const struct http_route *routes, size_t count, const char *method,
                const struct uri *uri, struct route_match *match)
{
    memset(match, 0, sizeof(*match));
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < count; i++) {
        if (!fits(routes[i].path, uri))
            continue;
        allow(match, routes[i].method);
        if (strcmp(routes[i].method, wanted) != 0)
            continue;
        if (!match->route || is_more_literal(routes[i].path, match->route->path))
            match->route = &routes[i];
    }
    if (match->route)
        take_params(match, uri);
}

const char *route_param(const struct route_match *match, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < match->param_count; i++) {
        const char *at = match->params[i].name;
        if (strncmp(at, name, len) == 0 && at[len] == '}')
            return match->params[i].value;
    }
    return "";
}
