#include "store/persons.h"

#include <stdio.h>
#include <string.h>

static enum status text_check(const char *text, size_t most, bool is_required, size_t index,
                              const char *field, struct error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "[%zu].%s", index, field);
    if (is_required && !text[0])
        return error_set(err, STATUS_INVALID, path, "required");
    if (strlen(text) > most)
        return error_set(err, STATUS_INVALID, path, "has more than %zu bytes", most);
    return STATUS_OK;
}

enum status consents_check(const struct consent *consents, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct consent *consent = &consents[i];
        char path[64];
        snprintf(path, sizeof(path), "[%zu].phoneNumber", i);
        if (consent->number <= 0)
            return error_set(err, STATUS_INVALID, path, "is not a valid telephone number");
        enum status status =
            text_check(consent->scope, CONSENT_SCOPE_MAX, true, i, "scope", err);
        if (!status)
            status = text_check(consent->source, CONSENT_TEXT_MAX, true, i, "source", err);
        if (!status)
            status = text_check(consent->text, CONSENT_TEXT_MAX, false, i, "text", err);
        if (!status)
            status = text_check(consent->proof, CONSENT_TEXT_MAX, false, i, "proof", err);
        if (status)
            return status;
    }
    return STATUS_OK;
}
