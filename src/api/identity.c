/* Who asks, and how they prove it: API clients by OAuth tokens, people by a session cookie. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sodium.h>

#include "api/internal.h"
#include "base/log.h"

#define SESSION_COOKIE "cadran_session"
#define TOKEN_LIFE_DEFAULT_S 86400
#define REQUESTS_DEFAULT 6000
#define ATTEMPTS_PER_MINUTE 20 /* wrong or right, for one name from one address */

/* --- Secrets --------------------------------------------------------------------------------
 */

void secret_draw(char text[SECRET_TEXT_SIZE])
{
    unsigned char chance[32];
    randombytes_buf(chance, sizeof(chance));
    sodium_bin2base64(text, SECRET_TEXT_SIZE, chance, sizeof(chance),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(chance, sizeof(chance));
}

enum status secret_store(struct api *api, enum entity_kind kind, int64_t id, const char *secret,
                         struct error *err)
{
    char hash[crypto_pwhash_STRBYTES];
    if (crypto_pwhash_str(hash, secret, strlen(secret), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "No memory to keep the password safely.");
    return STORE(api, secret_set, kind, id, hash, err);
}

/* As slow for a name that does not exist as for one that does. */
static bool secret_is(struct call *call, enum entity_kind kind, int64_t id, const char *secret)
{
    const char *hash = "";
    if (id)
        (void)!STORE(call->api, secret_get, kind, id, call->arena, &hash, NULL);
    bool is_known = id != 0 && *hash;
    bool is_right = crypto_pwhash_str_verify(is_known ? hash : call->api->unknown_hash, secret,
                                             strlen(secret)) == 0;
    return is_known && is_right;
}

bool rate_take(struct api *api, uint64_t key, int32_t limit)
{
    int64_t minute = instant_mono_now().us / (60 * US_PER_S);
    struct rate_slot *slot = &api->rates[key % RATE_SLOTS];
    lane_enter(api->rate_lane, 0);
    /* Two keys of one slot push each other out: that can only be too generous. */
    if (slot->key != key || slot->minute != minute)
        *slot = (struct rate_slot){key, minute, 0};
    bool is_allowed = slot->count < limit;
    slot->count += is_allowed;
    lane_leave(api->rate_lane);
    return is_allowed;
}

static uint64_t rate_key(const char *name, const char *address)
{
    unsigned char out[32];
    uint64_t key = 0;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name) + 1);
    if (address)
        crypto_hash_sha256_update(&state, (const unsigned char *)address, strlen(address));
    crypto_hash_sha256_final(&state, out);
    memcpy(&key, out, sizeof(key));
    return key;
}

static bool too_many(struct http_response *response)
{
    http_header(response, "Retry-After", "60");
    http_respond_error(response, 429, "too.many.requests", "",
                       "Too many requests in a minute: wait and try again.");
    return false;
}

/* --- Authorisation --------------------------------------------------------------------------
 */

uint32_t roles_access(enum entity_kind kind, const json_t *document)
{
    static const struct {
        const char *role;
        uint32_t access;
    } table[] = {{"administrator", ACCESS_ALL},
                 {"supervisor", ACCESS_SUPERVISOR | ACCESS_AGENT},
                 {"agent", ACCESS_AGENT}};
    const json_t *roles = json_object_get(
        kind == ENTITY_USER ? json_object_get(document, "cadran") : document, "roles");
    uint32_t access = 0;
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *role = json_string_value(json_array_get(roles, i));
        for (size_t k = 0; k < ARRAY_LEN(table); k++) {
            if (role && strcmp(role, table[k].role) == 0)
                access |= table[k].access;
        }
    }
    return access;
}

/* The token that the request carries; NULL: none. A cookie counts as a session. */
static const char *token_carried(struct http_request *request, bool *is_session)
{
    const char *header = request->head.authorization;
    *is_session = false;
    if (header && strncasecmp(header, "Bearer ", 7) == 0)
        return header + 7;
    *is_session = true;
    return http_cookie(request, SESSION_COOKIE);
}

static void token_hash(const char *token, uint8_t hash[32])
{
    crypto_hash_sha256(hash, (const unsigned char *)token, strlen(token));
}

/* A browser sends cookies along with what other sites make it ask: those say where they are. */
static bool origin_is_ours(const struct http_request *request)
{
    const struct scgi_head *head = &request->head;
    if (strcmp(head->method, "GET") == 0 || strcmp(head->method, "HEAD") == 0)
        return true;
    if (!head->origin || !head->host || !head->scheme)
        return false;
    char expected[512];
    snprintf(expected, sizeof(expected), "%.16s://%.480s", head->scheme, head->host);
    return strcmp(head->origin, expected) == 0;
}

static bool refuse_401(struct http_response *response)
{
    http_respond_error(response, 401, "bad.credentials", "",
                       "The token is missing, unknown or expired: log in.");
    return false;
}

static bool principal_find(struct call *call)
{
    struct http_principal *principal = &call->request->principal;
    struct token_record token;
    const char *text = token_carried(call->request, &principal->is_session);
    if (!text || !*text)
        return refuse_401(call->response);
    token_hash(text, principal->token);
    enum status status =
        STORE(call->api, token_get, principal->token, api_now(call->api), &token, &call->err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return call_fail(call);
    if (status != STATUS_OK || token.is_session != principal->is_session)
        return refuse_401(call->response);
    struct entity entity;
    status =
        STORE(call->api, entity_get, token.kind, token.owner, call->arena, &entity, &call->err);
    json_t *document = status == STATUS_OK ? resource_document(entity.document) : NULL;
    const char *state = json_string_value(json_object_get(document, "state"));
    bool is_active =
        document && (token.kind != ENTITY_USER || !state || strcmp(state, "active") == 0);
    principal->kind = (int32_t)token.kind;
    principal->id = token.owner;
    principal->access = roles_access(token.kind, document);
    json_decref(document);
    return is_active || refuse_401(call->response);
}

bool api_authorise(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const struct http_route *route = request->match.route;
    if (route->access == ACCESS_UPLOAD) {
        json_t *claim = upload_key_check(call.api, http_path_param(request, "uploadKey"));
        json_decref(claim);
        if (claim)
            return true;
        http_respond_error(response, 403, "not.authorized", "",
                           "The upload address is unknown or has expired: ask for a new one.");
        return false;
    }
    if (!principal_find(&call))
        return false;
    if (request->principal.is_session && !origin_is_ours(request)) {
        http_respond_error(response, 403, "not.authorized", "",
                           "A session may only be used from Cadran's own pages.");
        return false;
    }
    uint64_t key = 0;
    memcpy(&key, request->principal.token, sizeof(key));
    int32_t limit = call.api->options.requests_per_minute;
    if (!rate_take(call.api, key, limit ? limit : REQUESTS_DEFAULT))
        return too_many(response);
    if (request->principal.access & route->access)
        return true;
    http_respond_error(response, 403, "missing.permissions", "",
                       "Your role does not allow this.");
    return false;
}

/* --- Tokens ---------------------------------------------------------------------------------
 */

static bool token_make(struct call *call, enum entity_kind kind, int64_t id, bool is_session,
                       char text[SECRET_TEXT_SIZE], int64_t *life_s)
{
    *life_s = call->api->options.token_life_s;
    if (!*life_s)
        *life_s = TOKEN_LIFE_DEFAULT_S;
    struct token_record token = {.kind = kind, .owner = id, .is_session = is_session};
    token.expires_at.us = api_now(call->api).us + *life_s * US_PER_S;
    secret_draw(text);
    token_hash(text, token.hash);
    return STORE(call->api, token_put, &token, &call->err) == STATUS_OK || call_fail(call);
}

static void oauth_error(struct call *call, int status, const char *error, const char *text)
{
    http_respond_json(call->response, status,
                      json_pack("{s:s,s:s,s:s}", "error", error, "description", text,
                                "error_description", text));
}

/* Authorization: Basic base64(id:secret). */
static bool basic_read(struct call *call, const char **id, const char **secret)
{
    const char *header = call->request->head.authorization;
    size_t len = 0;
    if (!header || strncasecmp(header, "Basic ", 6) != 0)
        return false;
    size_t room = strlen(header);
    char *text = arena_new(call->arena, room + 1, 1);
    if (sodium_base642bin((unsigned char *)text, room, header + 6, strlen(header + 6), NULL,
                          &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        memchr(text, '\0', len))
        return false;
    text[len] = '\0';
    char *colon = strchr(text, ':');
    if (!colon)
        return false;
    *colon = '\0';
    *id = text;
    *secret = colon + 1;
    return true;
}

void token_create(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct uri form;
    const char *id_text = NULL;
    const char *secret = NULL;
    http_header(response, "Cache-Control", "no-store");
    if (http_request_form(request, &form, &call.err) != STATUS_OK ||
        !uri_param(&form, "grant_type")) {
        oauth_error(&call, 400, "invalid_request", "grant_type is required");
        return;
    }
    if (strcmp(uri_param(&form, "grant_type"), "client_credentials") != 0) {
        oauth_error(&call, 400, "unsupported_grant_type", "only client_credentials is served");
        return;
    }
    if (!basic_read(&call, &id_text, &secret)) {
        id_text = uri_param(&form, "client_id");
        secret = uri_param(&form, "client_secret");
    }
    int64_t id = 0;
    if (id_text && !rate_take(call.api, rate_key(id_text, request->head.address),
                              ATTEMPTS_PER_MINUTE * 10)) {
        too_many(response);
        return;
    }
    if (!id_text || !secret || !guid_parse(&call.api->guid, ENTITY_CLIENT, id_text, &id))
        id = 0;
    if (!secret_is(&call, ENTITY_CLIENT, id, secret ? secret : "")) {
        oauth_error(&call, 400, "invalid_client", "the client's id or secret is wrong");
        return;
    }
    char token[SECRET_TEXT_SIZE];
    int64_t life_s = 0;
    if (token_make(&call, ENTITY_CLIENT, id, false, token, &life_s))
        http_respond_json(response, 200,
                          json_pack("{s:s,s:s,s:I}", "access_token", token, "token_type",
                                    "bearer", "expires_in", (json_int_t)life_s - 1));
}

static void cookie_set(struct call *call, const char *value, int64_t life_s)
{
    const char *scheme = call->request->head.scheme;
    bool is_secure = scheme && strcmp(scheme, "https") == 0;
    http_header(call->response, "Set-Cookie",
                SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", value,
                (long long)life_s, is_secure ? "; Secure" : "");
}

void token_delete(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    if (STORE(call.api, token_remove, request->principal.token, &call.err) != STATUS_OK &&
        call.err.status != STATUS_NOT_FOUND) {
        call_fail(&call);
        return;
    }
    if (request->principal.is_session)
        cookie_set(&call, "", 0);
    http_respond_empty(response, 204);
}

/* --- People ---------------------------------------------------------------------------------
 */

/* {"email","password"} -> a session cookie. Only from our own pages. */
void login(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    json_t *body = NULL;
    const char *email = NULL;
    const char *password = NULL;
    if (request->head.origin && !origin_is_ours(request)) {
        http_respond_error(response, 403, "not.authorized", "", "Log in on Cadran's own page.");
        return;
    }
    if (!call_object(&call, &body))
        return;
    if (json_member_text(body, "email", true, 254, &email, &call.err) != STATUS_OK ||
        json_member_text(body, "password", true, 512, &password, &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    if (!rate_take(call.api, rate_key(email, request->head.address), ATTEMPTS_PER_MINUTE)) {
        too_many(response);
        return;
    }
    struct entity user = {.id = 0};
    if (STORE(call.api, entity_find, ENTITY_USER, email, call.arena, &user, NULL) != STATUS_OK)
        user.id = 0;
    if (!secret_is(&call, ENTITY_USER, user.id, password)) {
        http_respond_error(response, 401, "bad.credentials", "",
                           "The e-mail address or the password is wrong.");
        return;
    }
    char token[SECRET_TEXT_SIZE];
    int64_t life_s = 0;
    if (!token_make(&call, ENTITY_USER, user.id, true, token, &life_s))
        return;
    cookie_set(&call, token, life_s);
    http_respond_json(response, 200, entity_write(&call, &user));
}

/* Whatever the cookie says, the browser has none afterwards. */
void logout(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    const char *cookie = http_cookie(request, SESSION_COOKIE);
    if (!origin_is_ours(request)) {
        http_respond_error(response, 403, "not.authorized", "",
                           "Log out on Cadran's own page.");
        return;
    }
    if (cookie) {
        uint8_t hash[32];
        token_hash(cookie, hash);
        (void)!STORE(call.api, token_remove, hash, NULL);
    }
    cookie_set(&call, "", 0);
    http_respond_empty(response, 204);
}

void users_me(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity entity;
    if (request->principal.kind != ENTITY_USER) {
        http_respond_error(response, 400, "bad.request", "",
                           "This needs a person's session; an API client has none.");
        return;
    }
    if (STORE(call.api, entity_get, ENTITY_USER, request->principal.id, call.arena, &entity,
              &call.err) != STATUS_OK) {
        call_fail(&call);
        return;
    }
    struct resource_writer writer = call_writer(&call);
    json_t *out = entity_write(&call, &entity);
    json_object_set_new(out, "cadran",
                        resource_extension_write(resource_of(ENTITY_USER), &writer, &entity));
    http_respond_json(response, 200, out);
}

/* POST /api/v2/users/{id}/password {"newPassword"} */
void user_password(void *context, struct http_request *request, struct http_response *response)
{
    struct call call = call_begin(context, request, response);
    struct entity user;
    json_t *body = NULL;
    const char *password = NULL;
    if (!call_entity(&call, "id", ENTITY_USER, &user) || !call_object(&call, &body))
        return;
    if (json_member_text(body, "newPassword", true, 512, &password, &call.err) != STATUS_OK) {
        call_fail(&call);
    } else if (strlen(password) < 8) {
        http_respond_error(response, 400, "invalid.value", "newPassword",
                           "newPassword: must have at least 8 characters");
    } else if (secret_store(call.api, ENTITY_USER, user.id, password, &call.err) != STATUS_OK) {
        call_fail(&call);
    } else {
        http_respond_empty(response, 204);
    }
}
