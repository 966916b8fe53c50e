// The only C++ of the tree: libphonenumber behind C functions. It throws nothing of its own; an
// allocation that fails stops the process as everywhere else.
#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <set>
#include <string>

#include "world/number.h"

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace
{

number_type type_of(PhoneNumberUtil::PhoneNumberType type)
{
    switch (type) {
    case PhoneNumberUtil::FIXED_LINE: return NUMBER_LANDLINE;
    case PhoneNumberUtil::MOBILE: return NUMBER_MOBILE;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return NUMBER_LANDLINE_OR_MOBILE;
    case PhoneNumberUtil::TOLL_FREE: return NUMBER_TOLL_FREE;
    case PhoneNumberUtil::PREMIUM_RATE: return NUMBER_PREMIUM;
    case PhoneNumberUtil::SHARED_COST: return NUMBER_SHARED_COST;
    case PhoneNumberUtil::VOIP: return NUMBER_VOIP;
    case PhoneNumberUtil::PERSONAL_NUMBER: return NUMBER_PERSONAL;
    case PhoneNumberUtil::PAGER: return NUMBER_PAGER;
    case PhoneNumberUtil::UAN: return NUMBER_COMPANY;
    case PhoneNumberUtil::VOICEMAIL: return NUMBER_VOICEMAIL;
    case PhoneNumberUtil::UNKNOWN: break;
    }
    return NUMBER_TYPE_UNKNOWN;
}

// True where `text`, read in `region`, is a number that can exist; fills `out`.
// `is_parsed` says whether it had the form of a number at all.
bool read_in(const std::string &text, const char *region, number *out, bool *is_parsed)
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber parsed;
    bool is_number = util->Parse(text, region, &parsed) == PhoneNumberUtil::NO_PARSING_ERROR;
    *is_parsed = *is_parsed || is_number;
    // An extension is not part of what is dialed: who writes one gets it back as a refusal.
    if (!is_number || parsed.has_extension() || !util->IsValidNumber(parsed))
        return false;
    std::string formatted, where;
    util->Format(parsed, PhoneNumberUtil::E164, &formatted);
    util->GetRegionCodeForNumber(parsed, &where);
    out->e164 = std::stoll(formatted.substr(1));
    out->type = type_of(util->GetNumberType(parsed));
    std::memset(out->region, 0, sizeof(out->region));
    std::strncpy(out->region, where.c_str(), sizeof(out->region) - 1);
    return true;
}

struct overseas {
    const char *prefix, *region;
};
// ARCEP's plan (decision 2018-0881): these national prefixes belong to the departments.
const overseas overseas_first[] = {{"0262", "RE"}, {"0263", "RE"}, {"0269", "YT"},
                                   {"0590", "GP"}, {"0594", "GF"}, {"0596", "MQ"}};
const char *const overseas_regions[] = {"GP", "RE", "MQ", "GF", "YT", "PM", "BL", "MF"};

// Whether the text has ten digits with a leading 0, however they are separated.
bool is_national(const std::string &text, std::string *digits)
{
    for (char c : text) {
        if (c >= '0' && c <= '9')
            digits->push_back(c);
        else if (c != ' ' && c != '.' && c != '-')
            return false;
    }
    return digits->size() == 10 && (*digits)[0] == '0' && (*digits)[1] != '0';
}

bool read_french(const std::string &text, number *out, bool *is_parsed)
{
    std::string digits;
    bool is_french_form = is_national(text, &digits);
    for (const overseas &first : overseas_first)
        if (is_french_form && digits.compare(0, 4, first.prefix) == 0 &&
            read_in(digits, first.region, out, is_parsed))
            return true;
    if (read_in(text, "FR", out, is_parsed))
        return true;
    for (const char *region : overseas_regions)
        if (is_french_form && read_in(digits, region, out, is_parsed))
            return true;
    return false;
}

} // namespace

extern "C" bool number_region_exists(const char *region)
{
    std::set<std::string> regions;
    PhoneNumberUtil::GetInstance()->GetSupportedRegions(&regions);
    return regions.count(region) > 0;
}

extern "C" enum number_verdict number_read_slow(const char *region, const char *text,
                                                size_t len, struct number *out)
{
    std::memset(out, 0, sizeof(*out));
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    while (len > 0 && (*text == ' ' || *text == '\t'))
        text++, len--;
    if (len == 0)
        return NUMBER_EMPTY;
    if (len > NUMBER_TEXT_MAX || std::memchr(text, 0, len))
        return NUMBER_NOT_A_NUMBER;
    bool is_parsed = false;
    std::string copy(text, len);
    bool is_valid = std::strcmp(region, "FR") == 0 ? read_french(copy, out, &is_parsed)
                                                   : read_in(copy, region, out, &is_parsed);
    if (is_valid)
        return NUMBER_VALID;
    return is_parsed ? NUMBER_IMPOSSIBLE : NUMBER_NOT_A_NUMBER;
}
