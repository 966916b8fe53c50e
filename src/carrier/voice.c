#include "carrier/voice.h"

#include "base/ensure.h"

const struct voice *voice_of(enum voice_kind kind, uint64_t nth)
{
    size_t first = 0, count = 0;
    for (size_t i = 0; i < voice_count; i++)
        if (voices[i].kind == kind && count++ == 0)
            first = i;
    ensure(count > 0);
    return &voices[first + nth % count];
}
