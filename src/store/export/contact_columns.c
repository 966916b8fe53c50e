#include "store/export/contact_columns.h"

const char *contact_column_name(enum contact_column column)
{
    static const char *const names[CONTACT_COLUMN_COUNT] = {
        [COLUMN_CALLABLE] = "ContactCallable",
        [COLUMN_BY_VOICE] = "ContactableByVoice",
        [COLUMN_BY_SMS] = "ContactableBySms",
        [COLUMN_BY_EMAIL] = "ContactableByEmail",
        [COLUMN_ZIP_ZONE] = "ZipCodeAutomaticTimeZone",
    };
    return names[column];
}

const char *phone_column_prefix(enum phone_column column)
{
    static const char *const prefixes[PHONE_COLUMN_COUNT] = {
        [PHONE_LAST_ATTEMPT] = "CallRecordLastAttempt-",
        [PHONE_LAST_RESULT] = "CallRecordLastResult-",
        [PHONE_LAST_WRAPUP] = "CallRecordLastAgentWrapup-",
        [PHONE_SMS_ATTEMPT] = "SmsLastAttempt-",
        [PHONE_SMS_RESULT] = "SmsLastResult-",
        [PHONE_CALLABLE] = "Callable-",
        [PHONE_BY_VOICE] = "ContactableByVoice-",
        [PHONE_BY_SMS] = "ContactableBySms-",
        [PHONE_ZONE] = "AutomaticTimeZone-",
    };
    return prefixes[column];
}
