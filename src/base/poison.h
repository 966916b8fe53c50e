/* poison.h -- calls that this tree does not make, refused by the compiler.
 * The build includes it before every C file (-include). The headers that declare them come
 * first, so that only our own uses are errors. gmtime and localtime read the process's zone or
 * share a buffer: base/instant.h and model/zone.h replace them. */
#ifndef CADRAN_BASE_POISON_H
#define CADRAN_BASE_POISON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf strtok gmtime localtime

#endif
