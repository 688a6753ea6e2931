/* The practical limit the engine is measured against: the six rules of the standard workload in one
 * plain loop, no configuration, no checks, fixed arrays.
 *
 *   cc -O2 -o limit limit.c -lm && ./limit readings.bin transitions.csv
 *
 * Input: little-endian records of i64 ms, u32 channel, f32 value. At most 1,024 readings of a channel
 * in 900 s. Prints the seconds the loop took, without reading the file and without sorting. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLOTS 1024
#define RULES 5

struct row { int64_t at; uint32_t channel; float value; };
struct change { int64_t at; uint32_t channel; int rule, raised; };
enum phase { QUIET, RISING, RAISED, FALLING };
struct tail { unsigned from; double n, t, tt, v, vv, tv; };
struct gauge {
    int64_t origin, latest, began[RULES];
    enum phase phase[RULES];
    unsigned next;
    struct tail quarter, five; /* 900 s and 300 s */
    int32_t ms[SLOTS];
    float value[SLOTS];
};

static const int64_t on_ms[RULES] = {5000, 3000, 0, 0, 10000};
static const int64_t off_ms[RULES] = {30000, 30000, 30000, 0, 30000};
static struct change *changes;
static size_t changed, room;

static void note(int64_t at, uint32_t channel, int rule, int raised) {
    if (changed == room) {
        room = room ? room * 2 : 4096;
        changes = realloc(changes, room * sizeof *changes);
        if (!changes) exit(1);
    }
    changes[changed++] = (struct change){at, channel, rule, raised};
}

static inline void turn(struct gauge *g, uint32_t channel, int r, int64_t at, int high, int low) {
    enum phase p = g->phase[r];
    if (p == QUIET && high) {
        g->began[r] = at;
        p = RISING;
        if (on_ms[r] > 0) { g->phase[r] = p; return; }
    } else if (p == RAISED && low) {
        g->began[r] = at;
        p = FALLING;
        if (off_ms[r] > 0) { g->phase[r] = p; return; }
    } else if (p == RISING && !high) {
        p = QUIET;
    } else if (p == FALLING && !low) {
        p = RAISED;
    }
    if (p == RISING && at - g->began[r] >= on_ms[r]) { p = RAISED; note(at, channel, r, 1); }
    else if (p == FALLING && at - g->began[r] >= off_ms[r]) { p = QUIET; note(at, channel, r, 0); }
    g->phase[r] = p;
}

static inline void take(struct tail *w, struct gauge *g, double t, double v, int64_t length) {
    int32_t newest = g->ms[(g->next - 1) % SLOTS];
    w->n += 1; w->t += t; w->tt += t * t; w->v += v; w->vv += v * v; w->tv += t * v;
    while (g->ms[w->from % SLOTS] <= newest - length) {
        double a = g->ms[w->from % SLOTS] * 0.001, b = g->value[w->from % SLOTS];
        w->n -= 1; w->t -= a; w->tt -= a * a; w->v -= b; w->vv -= b * b; w->tv -= a * b;
        w->from++;
    }
}

static void judge(struct gauge *g, struct row r) {
    if (g->next == 0) {
        g->origin = r.at;
    } else if (r.at - g->latest > 30000) {
        note(g->latest + 30000, r.channel, 5, 1);
        note(r.at, r.channel, 5, 0);
        for (int k = 0; k < RULES; k++) {
            if (g->phase[k] == RISING) g->phase[k] = QUIET;
            if (g->phase[k] == FALLING) g->phase[k] = RAISED;
        }
    }
    g->latest = r.at;
    g->ms[g->next % SLOTS] = (int32_t)(r.at - g->origin);
    g->value[g->next % SLOTS] = r.value;
    g->next++;
    double v = r.value, t = (r.at - g->origin) * 0.001;
    take(&g->quarter, g, t, v, 900000);
    take(&g->five, g, t, v, 300000);
    turn(g, r.channel, 0, r.at, v >= 10, v < 9);
    turn(g, r.channel, 1, r.at, v >= 20, v < 18);
    turn(g, r.channel, 2, r.at, v >= 50, v < 45);
    if (g->quarter.n >= 675) {
        double mean = g->quarter.v / g->quarter.n;
        turn(g, r.channel, 3, r.at, mean >= 10, mean < 9);
    }
    struct tail *w = &g->five;
    if (w->n >= 225) {
        double stt = w->tt - w->t * w->t / w->n, stv = w->tv - w->t * w->v / w->n;
        int up = 0;
        if (stv > 0) {
            double slope = stv / stt, left = w->vv - w->v * w->v / w->n - slope * stv;
            double fit = w->v / w->n + slope * (t - w->t / w->n);
            up = slope * stv * (w->n - 2) >= 16 * left && fit < 20 && 20 - fit <= 600 * slope;
        }
        turn(g, r.channel, 4, r.at, up, !up);
    }
}

static int earlier(const void *x, const void *y) {
    const struct change *a = x, *b = y;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->channel != b->channel) return a->channel < b->channel ? -1 : 1;
    return a->rule - b->rule;
}

int main(int argc, char **argv) {
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!in) return fputs("usage: limit readings.bin transitions.csv\n", stderr), 2;
    fseek(in, 0, SEEK_END);
    size_t rows = (size_t)ftell(in) / sizeof(struct row);
    rewind(in);
    struct row *row = malloc(rows * sizeof *row + 1);
    if (!row || fread(row, sizeof *row, rows, in) != rows) return 1;
    uint32_t gauges = 0;
    for (size_t i = 0; i < rows; i++) if (row[i].channel >= gauges) gauges = row[i].channel + 1;
    struct gauge *gauge = calloc(gauges + 1, sizeof *gauge);
    if (!gauge) return 1;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    int64_t newest = 0;
    for (size_t i = 0; i < rows; i++) {
        if (row[i].at > newest) newest = row[i].at;
        judge(&gauge[row[i].channel], row[i]);
    }
    for (uint32_t c = 0; c < gauges; c++)
        if (gauge[c].next && newest > gauge[c].latest + 30000) note(gauge[c].latest + 30000, c, 5, 1);
    clock_gettime(CLOCK_MONOTONIC, &b);
    qsort(changes, changed, sizeof *changes, earlier);
    FILE *out = fopen(argv[2], "w");
    if (!out) return 1;
    fputs("ts_ms,channel,rule,edge\n", out);
    for (size_t i = 0; i < changed; i++)
        fprintf(out, "%lld,%u,R%d,%s\n", (long long)changes[i].at, changes[i].channel,
                changes[i].rule + 1, changes[i].raised ? "raise" : "clear");
    printf("%.6f\n", (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9);
    return fclose(out) != 0;
}
