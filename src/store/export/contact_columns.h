/* contact_columns.h -- the system columns of an exported contact list, in Genesys Cloud's
 * order: the id, the list's own columns, five of the contact, then nine for each phone column
 * X, named "CallRecordLastAttempt-X". An import knows them by these names. */
#ifndef CADRAN_STORE_EXPORT_CONTACT_COLUMNS_H
#define CADRAN_STORE_EXPORT_CONTACT_COLUMNS_H

#define CONTACT_COLUMN_ID "inin-outbound-id"

enum contact_column {
    COLUMN_CALLABLE,
    COLUMN_BY_VOICE,
    COLUMN_BY_SMS,
    COLUMN_BY_EMAIL,
    COLUMN_ZIP_ZONE,
    CONTACT_COLUMN_COUNT
};
enum phone_column {
    PHONE_LAST_ATTEMPT,
    PHONE_LAST_RESULT,
    PHONE_LAST_WRAPUP,
    PHONE_SMS_ATTEMPT,
    PHONE_SMS_RESULT,
    PHONE_CALLABLE,
    PHONE_BY_VOICE,
    PHONE_BY_SMS,
    PHONE_ZONE,
    PHONE_COLUMN_COUNT
};
/* "ContactCallable", ... */
const char *contact_column_name(enum contact_column column);
/* What stands before the phone column's name: "CallRecordLastAttempt-", ... */
const char *phone_column_prefix(enum phone_column column);

#endif
