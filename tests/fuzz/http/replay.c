/* Runs a target over every file of its corpus, and over seeded mutations of each. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/random.h"
#include "fuzz.h"

#define SIZE_MAX_READ 65536
#define MUTATIONS 20000

static void mutate(struct random *random, uint8_t *bytes, size_t *size)
{
    for (uint64_t i = random_below(random, 6) + 1; i > 0 && *size > 0; i--) {
        size_t at = random_below(random, *size);
        switch (random_below(random, 4)) {
        case 0: bytes[at] = (uint8_t)random_next(random); break;
        case 1: bytes[at] ^= (uint8_t)(1u << random_below(random, 8)); break;
        case 2:
            memmove(bytes + at, bytes + at + 1, *size - at - 1);
            (*size)--;
            break;
        case 3: {
            size_t from = random_below(random, *size);
            size_t len = random_below(random, *size - (from > at ? from : at)) + 1;
            memmove(bytes + at, bytes + from, len);
            break;
        }
        }
    }
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261121;
    DIR *directory = argc > 1 ? opendir(argv[1]) : NULL;
    if (!directory) {
        fprintf(stderr, "usage: %s CORPUS [SEED]\n", argv[0]);
        return 2;
    }
    printf("seed %llu\n", (unsigned long long)seed);
    static uint8_t original[SIZE_MAX_READ];
    static uint8_t bytes[SIZE_MAX_READ];
    struct random random;
    random_init(&random, seed);
    int files = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        if (!file)
            continue;
        size_t size = fread(original, 1, sizeof(original), file);
        fclose(file);
        LLVMFuzzerTestOneInput(original, size);
        for (int i = 0; i < MUTATIONS; i++) {
            size_t len = size;
            memcpy(bytes, original, size);
            mutate(&random, bytes, &len);
            LLVMFuzzerTestOneInput(bytes, len);
        }
        files++;
    }
    closedir(directory);
    printf("%d inputs, %d mutations of each\n", files, MUTATIONS);
    ensure(files > 0);
    return 0;
}
