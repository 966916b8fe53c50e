/* bench_intent [--database URL] [GROUPS]: how long a group commit of ten intents takes, alone
 * on the store. */
#include <stdlib.h>

#include "figures.h"

#define GROUP 10

int main(int argc, char **argv)
{
    struct bench_store store;
    bench_open(&store, &argc, &argv);
    int64_t groups = argc > 1 ? atoll(argv[1]) : 2000;
    struct latencies commits = {0};
    struct list_id list = {1};
    bench_contacts(&store, list, groups * GROUP, 1);
    for (int64_t i = 0; i < groups; i++)
        latency_add(&commits, bench_commit(&store, list, 1 + i * GROUP, GROUP));
    figure_print("store.intent.commit_p50", latency_quantile(&commits, 0.5), "ms", 0);
    figure_print("store.intent.commit_p99", latency_quantile(&commits, 0.99), "ms", 25);
    figure_print("store.intent.commit_max", latency_quantile(&commits, 1), "ms", 0);
    free(commits.us);
    bench_close(&store);
    return 0;
}
