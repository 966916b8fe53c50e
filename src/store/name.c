#include "store/name.h"

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

/* Letters of two bytes in UTF-8: U+0080..U+07FF. Their lower case has two bytes as well. */
static uint32_t fold_letter(uint32_t letter)
{
    if ((letter >= 0xC0 && letter <= 0xDE && letter != 0xD7))
        return letter + 0x20;
    if ((letter >= 0x100 && letter <= 0x137 && letter != 0x130) ||
        (letter >= 0x14A && letter <= 0x177))
        return letter | 1;
    if ((letter >= 0x139 && letter <= 0x148) || (letter >= 0x179 && letter <= 0x17E))
        return letter + (letter & 1);
    if (letter == 0x178)
        return 0xFF;
    if (letter >= 0x391 && letter <= 0x3AB && letter != 0x3A2)
        return letter + 0x20;
    if (letter >= 0x400 && letter <= 0x40F)
        return letter + 0x50;
    if (letter >= 0x410 && letter <= 0x42F)
        return letter + 0x20;
    return letter;
}

char *name_fold(const char *name)
{
    size_t len = strlen(name);
    char *folded = memory_text(name, len);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)folded[i];
        if (byte >= 'A' && byte <= 'Z') {
            folded[i] = (char)(byte + 0x20);
        } else if (byte >= 0xC2 && byte <= 0xDF &&
                   ((unsigned char)folded[i + 1] & 0xC0) == 0x80) {
            uint32_t letter = ((byte & 0x1Fu) << 6) | ((unsigned char)folded[i + 1] & 0x3Fu);
            letter = fold_letter(letter);
            folded[i] = (char)(0xC0 | (letter >> 6));
            folded[++i] = (char)(0x80 | (letter & 0x3F));
        }
    }
    return folded;
}
