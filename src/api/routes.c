/* Every route, and who may use it. docs/openapi.yaml says the same, and a test compares. */
#include "api/internal.h"

#define V2 "/api/v2"
#define OUTBOUND V2 "/outbound"
#define ROUTING V2 "/routing"
#define CADRAN "/api/cadran/v1"
#define BODY_MAX (32 * 1024 * 1024)

#define OPEN(method_, path_, handler_, flags_)                                                 \
    {                                                                                          \
        .method = method_, .path = path_, .flags = HTTP_ROUTE_OPEN | (flags_),                 \
        .handler = handler_                                                                    \
    }
#define ROUTE(method_, path_, access_, handler_)                                               \
    {                                                                                          \
        .method = method_, .path = path_, .access = ACCESS_##access_, .handler = handler_      \
    }
/* A resource: the floor reads, administrators write. */
#define RESOURCE(path_, readers_)                                                              \
    ROUTE("GET", path_, readers_, entities_list),                                              \
        ROUTE("POST", path_, ADMINISTRATOR, entities_create),                                  \
        ROUTE("GET", path_ "/{id}", readers_, entities_get),                                   \
        ROUTE("PUT", path_ "/{id}", ADMINISTRATOR, entities_put),                              \
        ROUTE("DELETE", path_ "/{id}", ADMINISTRATOR, entities_delete)
#define EXTENSION(path_)                                                                       \
    ROUTE("GET", path_ "/{id}", FLOOR, extension_get),                                         \
        ROUTE("PUT", path_ "/{id}", ADMINISTRATOR, extension_put)

static const struct http_route routes[] = {
    OPEN("POST", "/oauth/token", token_create, HTTP_ROUTE_LONG),
    OPEN("POST", "/login", login, HTTP_ROUTE_LONG),
    OPEN("POST", "/logout", logout, 0),
    OPEN("GET", "/health", health, 0),
    OPEN("GET", "/metrics", metrics, 0),
    ROUTE("DELETE", V2 "/tokens/me", ALL, token_delete),

    ROUTE("GET", OUTBOUND "/contactlists/divisionviews", ALL, division_views_list),
    ROUTE("GET", OUTBOUND "/contactlists/divisionviews/{id}", ALL, division_view_get),
    ROUTE("GET", OUTBOUND "/dnclists/divisionviews", ALL, division_views_list),
    ROUTE("GET", OUTBOUND "/dnclists/divisionviews/{id}", ALL, division_view_get),
    ROUTE("GET", OUTBOUND "/campaigns/divisionviews", ALL, division_views_list),
    ROUTE("GET", OUTBOUND "/campaigns/divisionviews/{id}", ALL, division_view_get),
    ROUTE("GET", OUTBOUND "/campaigns/all", FLOOR, campaigns_all),
    ROUTE("GET", OUTBOUND "/campaigns/all/divisionviews", ALL, campaigns_all),
    ROUTE("DELETE", OUTBOUND "/contactlists", ADMINISTRATOR, entities_delete_several),
    RESOURCE(OUTBOUND "/contactlists", FLOOR),
    RESOURCE(OUTBOUND "/dnclists", FLOOR),
    RESOURCE(OUTBOUND "/contactlisttemplates", FLOOR),
    ROUTE("DELETE", OUTBOUND "/contactlisttemplates", ADMINISTRATOR, entities_delete_several),
    RESOURCE(OUTBOUND "/importtemplates", FLOOR),
    ROUTE("DELETE", OUTBOUND "/importtemplates", ADMINISTRATOR, entities_delete_several),
    ROUTE("GET", OUTBOUND "/importtemplates/{id}/importstatus", FLOOR, template_import_status),
    RESOURCE(OUTBOUND "/filespecificationtemplates", FLOOR),
    ROUTE("DELETE", OUTBOUND "/filespecificationtemplates/bulk", ADMINISTRATOR,
          entities_delete_several),
    RESOURCE(OUTBOUND "/attemptlimits", FLOOR),
    ROUTE("GET", OUTBOUND "/wrapupcodemappings", FLOOR, wrapup_mapping_get),
    ROUTE("PUT", OUTBOUND "/wrapupcodemappings", ADMINISTRATOR, wrapup_mapping_put),
    RESOURCE(OUTBOUND "/callabletimesets", FLOOR),
    ROUTE("GET", OUTBOUND "/contactlistfilters", FLOOR, filters_list),
    ROUTE("POST", OUTBOUND "/contactlistfilters", ADMINISTRATOR, entities_create),
    ROUTE("GET", OUTBOUND "/contactlistfilters/{id}", FLOOR, entities_get),
    ROUTE("PUT", OUTBOUND "/contactlistfilters/{id}", ADMINISTRATOR, entities_put),
    ROUTE("DELETE", OUTBOUND "/contactlistfilters/{id}", ADMINISTRATOR, entities_delete),
    ROUTE("POST", OUTBOUND "/contactlistfilters/preview", FLOOR, filter_preview),
    ROUTE("POST", OUTBOUND "/contactlistfilters/bulk/retrieve", FLOOR, filters_retrieve),
    EXTENSION(CADRAN "/contactlistfilters"),
    ROUTE("POST", CADRAN "/contactlistfilters/{id}/copy", ADMINISTRATOR, filter_copy),
    ROUTE("POST", CADRAN "/contactlists/{id}/expression/parse", FLOOR, expression_parse),
    ROUTE("POST", CADRAN "/contactlists/{id}/expression/print", FLOOR, expression_print),
    ROUTE("POST", CADRAN "/contactlists/{id}/expression/complete", FLOOR, expression_complete),
    ROUTE("GET", CADRAN "/contactviews", FLOOR, views_list),
    ROUTE("POST", CADRAN "/contactviews", FLOOR, view_create),
    ROUTE("GET", CADRAN "/contactviews/{id}", FLOOR, view_get),
    ROUTE("PUT", CADRAN "/contactviews/{id}", FLOOR, view_put),
    ROUTE("DELETE", CADRAN "/contactviews/{id}", FLOOR, view_delete),
    RESOURCE(OUTBOUND "/campaigns", ALL),
    RESOURCE(ROUTING "/queues", ALL),
    RESOURCE(ROUTING "/wrapupcodes", ALL),
    RESOURCE(V2 "/users", FLOOR),
    RESOURCE(V2 "/oauth/clients", ADMINISTRATOR),
    RESOURCE(CADRAN "/trunks", FLOOR),
    RESOURCE(CADRAN "/phones", FLOOR),
    ROUTE("GET", V2 "/authorization/divisions", ALL, entities_list),
    ROUTE("GET", V2 "/authorization/divisions/{id}", ALL, entities_get),
    EXTENSION(CADRAN "/contactlists"),
    EXTENSION(CADRAN "/queues"),
    EXTENSION(CADRAN "/users"),
    EXTENSION(CADRAN "/wrapupcodes"),

    ROUTE("GET", V2 "/users/me", ALL, users_me),
    {.method = "POST",
     .path = V2 "/users/{id}/password",
     .access = ACCESS_ADMINISTRATOR,
     .flags = HTTP_ROUTE_LONG,
     .handler = user_password},

    ROUTE("GET", OUTBOUND "/contactlists/{id}/timezonemappingpreview", FLOOR,
          zone_mapping_preview),
    ROUTE("POST", OUTBOUND "/contactlists/{id}/export", FLOOR, contacts_export_start),
    ROUTE("GET", OUTBOUND "/contactlists/{id}/export", FLOOR, contacts_export_get),
    ROUTE("POST", OUTBOUND "/dnclists/{id}/export", FLOOR, dnc_export_start),
    ROUTE("GET", OUTBOUND "/dnclists/{id}/export", FLOOR, dnc_export_get),
    ROUTE("GET", "/downloads/{downloadId}", FLOOR, download_get),
    ROUTE("GET", CADRAN "/jobs", FLOOR, jobs_list),
    ROUTE("GET", CADRAN "/jobs/{jobId}", FLOOR, job_get),
    ROUTE("POST", CADRAN "/jobs/{jobId}/cancel", ADMINISTRATOR, job_cancel),
    ROUTE("POST", CADRAN "/jobs/{jobId}/undo", ADMINISTRATOR, job_undo),
    ROUTE("POST", OUTBOUND "/contactlists/uploads", ADMINISTRATOR, upload_url_create),
    ROUTE("GET", OUTBOUND "/contactlists/{id}/importstatus", FLOOR, import_status),
    ROUTE("GET", CADRAN "/contactlists/{id}/refused", FLOOR, import_refused),
    ROUTE("GET", CADRAN "/contactlists/{id}/ids", FLOOR, import_ids),
    ROUTE("POST", OUTBOUND "/contactlists/{id}/clear", ADMINISTRATOR, contacts_clear),
    {.method = "POST",
     .path = OUTBOUND "/contactlists/{id}/contacts",
     .access = ACCESS_ADMINISTRATOR,
     .body_max = BODY_MAX,
     .handler = contacts_add},
    ROUTE("DELETE", OUTBOUND "/contactlists/{id}/contacts", ADMINISTRATOR, contacts_delete),
    ROUTE("POST", OUTBOUND "/contactlists/{id}/contacts/bulk", FLOOR, contacts_bulk),
    {.method = "POST",
     .path = OUTBOUND "/contactlists/{id}/contacts/bulk/update",
     .access = ACCESS_ADMINISTRATOR,
     .body_max = BODY_MAX,
     .handler = contacts_bulk_update},
    {.method = "POST",
     .path = OUTBOUND "/contactlists/{id}/contacts/bulk/remove",
     .access = ACCESS_ADMINISTRATOR,
     .body_max = BODY_MAX,
     .handler = contacts_bulk_remove},
    ROUTE("GET", OUTBOUND "/contactlists/{id}/contacts/bulk/jobs", FLOOR, bulk_jobs_list),
    ROUTE("GET", OUTBOUND "/contactlists/{id}/contacts/bulk/jobs/{jobId}", FLOOR, bulk_job_get),
    ROUTE("POST", OUTBOUND "/contactlists/{id}/contacts/search", FLOOR, contacts_search),
    ROUTE("GET", OUTBOUND "/contactlists/{id}/contacts/{contactId}", ALL, contact_get),
    ROUTE("PUT", OUTBOUND "/contactlists/{id}/contacts/{contactId}", FLOOR, contact_put),
    ROUTE("DELETE", OUTBOUND "/contactlists/{id}/contacts/{contactId}", ADMINISTRATOR,
          contact_delete),
    {.method = "PUT",
     .path = "/uploads/v2/contactlists/{uploadKey}",
     .access = ACCESS_UPLOAD,
     .flags = HTTP_ROUTE_TAKES_FILE | HTTP_ROUTE_LONG,
     .handler = upload_put},
    {.method = "POST",
     .path = "/uploads/v2/contactlist",
     .access = ACCESS_ADMINISTRATOR,
     .flags = HTTP_ROUTE_TAKES_FILE | HTTP_ROUTE_LONG,
     .handler = upload_multipart},

    ROUTE("GET", CADRAN "/contactlists/{id}/contacts", FLOOR, managed_contacts_list),
    ROUTE("POST", CADRAN "/contactlists/{id}/contacts", FLOOR, managed_contact_create),
    ROUTE("PATCH", CADRAN "/contactlists/{id}/contacts/{contactId}", FLOOR,
          managed_contact_patch),
    ROUTE("POST", CADRAN "/contactlists/{id}/contacts/actions", FLOOR, managed_contacts_act),
    ROUTE("POST", CADRAN "/contactlists/{id}/contacts/count", FLOOR, contacts_count_start),
    ROUTE("GET", CADRAN "/contactlists/{id}/contacts/{contactId}", FLOOR, managed_contact_get),
    ROUTE("GET", CADRAN "/contactlists/{id}/contacts/{contactId}/history", FLOOR,
          contact_history),
    ROUTE("GET", CADRAN "/consents", FLOOR, consents_list),
    ROUTE("POST", CADRAN "/consents", FLOOR, consents_add),
    ROUTE("GET", CADRAN "/consents/state", FLOOR, consent_state_get),
    ROUTE("GET", CADRAN "/persons", ADMINISTRATOR, person_get),
    ROUTE("POST", CADRAN "/persons/erasure", ADMINISTRATOR, person_erase),

    ROUTE("POST", OUTBOUND "/dnclists/{id}/phonenumbers", FLOOR, dnc_numbers_add),
    ROUTE("PATCH", OUTBOUND "/dnclists/{id}/phonenumbers", FLOOR, dnc_numbers_patch),
    ROUTE("DELETE", OUTBOUND "/dnclists/{id}/phonenumbers", ADMINISTRATOR, dnc_numbers_delete),

    ROUTE("PATCH", OUTBOUND "/dnclists/{id}/whatsappnumbers", FLOOR, dnc_whatsapp_patch),
    ROUTE("DELETE", OUTBOUND "/dnclists/{id}/whatsappnumbers", ADMINISTRATOR,
          dnc_numbers_delete),
    ROUTE("POST", OUTBOUND "/dnclists/{id}/emailaddresses", FLOOR, dnc_emails_add),
    ROUTE("PATCH", OUTBOUND "/dnclists/{id}/emailaddresses", FLOOR, dnc_emails_patch),
    ROUTE("DELETE", OUTBOUND "/dnclists/{id}/emailaddresses", ADMINISTRATOR, dnc_emails_delete),
    ROUTE("PATCH", OUTBOUND "/dnclists/{id}/customexclusioncolumns", FLOOR, dnc_values_patch),
    ROUTE("DELETE", OUTBOUND "/dnclists/{id}/customexclusioncolumns", ADMINISTRATOR,
          dnc_values_delete),
    ROUTE("GET", OUTBOUND "/dnclists/{id}/importstatus", FLOOR, dnc_import_status),
    ROUTE("POST", OUTBOUND "/dnclists/uploads", ADMINISTRATOR, dnc_upload_url_create),
    {.method = "PUT",
     .path = "/uploads/v2/dnclists/{uploadKey}",
     .access = ACCESS_UPLOAD,
     .flags = HTTP_ROUTE_TAKES_FILE | HTTP_ROUTE_LONG,
     .handler = upload_put},

    ROUTE("GET", ROUTING "/queues/{id}/members", FLOOR, queue_members_list),
    ROUTE("POST", ROUTING "/queues/{id}/members", ADMINISTRATOR, queue_members_add),
    ROUTE("DELETE", ROUTING "/queues/{id}/members/{memberId}", ADMINISTRATOR,
          queue_member_delete),
    ROUTE("GET", ROUTING "/queues/{id}/wrapupcodes", ALL, queue_codes_list),
    ROUTE("POST", ROUTING "/queues/{id}/wrapupcodes", ADMINISTRATOR, queue_codes_add),
    ROUTE("DELETE", ROUTING "/queues/{id}/wrapupcodes/{codeId}", ADMINISTRATOR,
          queue_code_delete),

    ROUTE("PATCH", OUTBOUND "/campaigns/{id}", FLOOR, campaign_patch),
    ROUTE("POST", OUTBOUND "/campaigns/{id}/start", FLOOR, campaign_start),
    ROUTE("POST", OUTBOUND "/campaigns/{id}/stop", FLOOR, campaign_stop),
    ROUTE("GET", OUTBOUND "/campaigns/{id}/progress", FLOOR, campaign_progress),
    ROUTE("DELETE", OUTBOUND "/campaigns/{id}/progress", FLOOR, campaign_recycle),
    ROUTE("POST", OUTBOUND "/campaigns/progress", FLOOR, campaigns_progress),
    ROUTE("POST", OUTBOUND "/campaigns/performance/query", FLOOR, campaigns_performance),
    ROUTE("GET", OUTBOUND "/campaigns/{id}/stats", FLOOR, campaign_stats),
    ROUTE("GET", OUTBOUND "/campaigns/{id}/diagnostics", FLOOR, campaign_diagnostics),
    ROUTE("GET", OUTBOUND "/campaigns/{id}/interactions", FLOOR, campaign_interactions),
    ROUTE("GET", CADRAN "/campaigns/{id}/live", FLOOR, campaign_live),
    ROUTE("GET", CADRAN "/campaigns/{id}/attempts", FLOOR, campaign_attempts),
    ROUTE("GET", CADRAN "/campaigns/{id}/contacts/{contactId}/explanation", FLOOR,
          contact_explanation),

    ROUTE("GET", CADRAN "/agents", FLOOR, agents_list),
    ROUTE("GET", CADRAN "/agents/{id}", ALL, agent_get),
    ROUTE("POST", CADRAN "/agents/{id}/{act}", ALL, agent_act),
    ROUTE("GET", CADRAN "/calls", FLOOR, calls_list),
    ROUTE("POST", CADRAN "/calls/{id}/hangup", ALL, call_hang_up),
    ROUTE("POST", CADRAN "/calls/{id}/wrapup", ALL, call_wrap_up),

    ROUTE("GET", V2 "/notifications/channels", ALL, channels_list),
    ROUTE("POST", V2 "/notifications/channels", ALL, channels_create),
    ROUTE("GET", V2 "/notifications/channels/{channelId}/subscriptions", ALL,
          subscriptions_list),
    ROUTE("POST", V2 "/notifications/channels/{channelId}/subscriptions", ALL,
          subscriptions_add),
    ROUTE("PUT", V2 "/notifications/channels/{channelId}/subscriptions", ALL,
          subscriptions_put),
    ROUTE("DELETE", V2 "/notifications/channels/{channelId}/subscriptions", ALL,
          subscriptions_delete),
};

const struct http_route *api_routes(size_t *count)
{
    *count = ARRAY_LEN(routes);
    return routes;
}
