/* Times the loop of a plain program that allocates its channels just before the loop (calloc) and
 * sorts its changes just after it (qsort), and prints the processor seconds. Input that is mapped is
 * read into memory first, so that the loop waits for no file: the engine has its readings in memory
 * too. Included before the program's own text. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static struct timespec loop_began;

static void *timed_calloc(size_t count, size_t size) {
    void *memory = calloc(count, size);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &loop_began);
    return memory;
}

static void timed_qsort(void *all, size_t count, size_t size, int (*order)(const void *, const void *)) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    printf("%.6f\n", (double)(now.tv_sec - loop_began.tv_sec) + (double)(now.tv_nsec - loop_began.tv_nsec) * 1e-9);
    if (count) qsort(all, count, size, order);
}

#define calloc timed_calloc
#define qsort timed_qsort
#define mmap(at, length, protection, flags, file, from) mmap(at, length, protection, (flags) | MAP_POPULATE, file, from)
