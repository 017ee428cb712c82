/* FANN as a peer: a fully connected network, batch training by plain gradient descent. FANN has no Adam, no threads and neither
 * ReLU nor LeakyReLU: it solves the problems whose hidden layers have no activation at all, the least work that it can be given.
 *
 *   cc -O3 peer_fann.c $(pkg-config --cflags --libs fann) -lm
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fann.h>

enum { CHECKED_STEPS = 100, CHECKED_ROWS = 100, MIN_BLOCKS = 3, MAX_WIDTHS = 16, MAX_BLOCKS = 4096 };
static const double BLOCK = 0.020, WARM_UP = 0.3;

static void fail(const char *problem) {
    fprintf(stderr, "error: %s\n", problem);
    exit(1);
}

static void read_exactly(void *to, size_t size, FILE *file) {
    if (fread(to, 1, size, file) != size) fail("the problem file ends too early");
}

struct problem {
    uint32_t count, widths[MAX_WIDTHS], batch, rows, rule, activation;
    float learning_rate, *x, *y;
};

/* Reads the problem; the file then stands before the weights. */
static struct problem read_problem(FILE *file) {
    struct problem p;
    char magic[8];
    read_exactly(magic, 8, file);
    if (memcmp(magic, "CRBENCH1", 8) != 0) fail("not a problem file");
    read_exactly(&p.count, 4, file);
    if (p.count > MAX_WIDTHS) fail("too many layers");
    read_exactly(p.widths, 4 * p.count, file);
    read_exactly(&p.batch, 4, file);
    read_exactly(&p.rows, 4, file);
    read_exactly(&p.rule, 4, file);
    read_exactly(&p.activation, 4, file);
    read_exactly(&p.learning_rate, 4, file);
    if (p.activation != 2) fail("FANN has neither ReLU nor LeakyReLU");
    size_t inputs = (size_t)p.rows * p.widths[0];
    p.x = malloc(4 * inputs);
    p.y = malloc(4 * (size_t)p.rows);
    read_exactly(p.x, 4 * inputs, file);
    read_exactly(p.y, 4 * (size_t)p.rows, file);
    return p;
}

/* FANN keeps a neuron's weights together, those of the layer below in order, its bias last. */
static struct fann *create_network(const struct problem *p, FILE *file) {
    struct fann *network = fann_create_standard_array(p->count, p->widths);
    fann_set_activation_function_hidden(network, FANN_LINEAR);
    fann_set_activation_function_output(network, FANN_LINEAR);
    fann_set_activation_steepness_hidden(network, 1);
    fann_set_activation_steepness_output(network, 1);
    fann_set_training_algorithm(network, FANN_TRAIN_BATCH);
    fann_set_train_error_function(network, FANN_ERRORFUNC_LINEAR);
    /* Its gradient is that of half of the mean square error. */
    fann_set_learning_rate(network, 2 * p->learning_rate);
    unsigned int first = 0;
    for (unsigned int l = 0; l + 1 < p->count; l++) {
        unsigned int inputs = p->widths[l], outputs = p->widths[l + 1], next = first + inputs + 1;
        float *w = malloc(4 * (size_t)inputs * outputs), *b = malloc(4 * (size_t)outputs);
        read_exactly(w, 4 * (size_t)inputs * outputs, file);
        read_exactly(b, 4 * (size_t)outputs, file);
        struct fann_connection *connections = malloc(sizeof *connections * (inputs + 1) * outputs), *c = connections;
        for (unsigned int o = 0; o < outputs; o++)
            for (unsigned int i = 0; i <= inputs; i++)
                *c++ = (struct fann_connection){first + i, next + o, i < inputs ? w[o * inputs + i] : b[o]};
        fann_set_weight_array(network, connections, (inputs + 1) * outputs);
        free(connections), free(w), free(b);
        first = next;
    }
    return network;
}

static struct fann_train_data *create_batch(const struct problem *p, unsigned int batch) {
    struct fann_train_data *data = fann_create_train(p->batch, p->widths[0], 1);
    for (unsigned int r = 0; r < p->batch; r++) {
        size_t row = (size_t)batch * p->batch + r;
        memcpy(data->input[r], p->x + row * p->widths[0], 4 * (size_t)p->widths[0]);
        data->output[r][0] = p->y[row];
    }
    return data;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc < 6) fail("usage: peer_fann WORKLOAD MODE FILE THREADS SECONDS");
    int training = strcmp(argv[1], "step") == 0, check = strcmp(argv[2], "check") == 0;
    if (!training && strcmp(argv[1], "row") != 0) fail("FANN predicts a table row by row");
    FILE *file = fopen(argv[3], "rb");
    if (!file) fail("the problem file cannot be opened");
    double seconds = atof(argv[5]);
    struct problem p = read_problem(file);
    if (training && p.rule != 0) fail("FANN has no Adam");
    struct fann *network = create_network(&p, file);
    unsigned int batches = p.rows / p.batch;
    struct fann_train_data **data = malloc(sizeof *data * batches);
    for (unsigned int b = 0; b < batches; b++) data[b] = create_batch(&p, b);

    /* The version is what Debian's package of its last release is called. */
    printf("{\"version\":\"2.2.0\",");
    if (check) {
        printf("\"values\":[");
        for (unsigned int k = 0; k < (training ? CHECKED_STEPS : CHECKED_ROWS); k++)
            printf("%s%.9g", k ? "," : "", training ? fann_train_epoch(network, data[k % batches]) : *fann_run(network, p.x + (size_t)k * p.widths[0]));
        printf("]}\n");
        return 0;
    }
    static double times[MAX_BLOCKS];
    unsigned int turns = 1, k = 0, blocks = 0;
    double start = now(), end;
    do {
        double block_start = now();
        for (unsigned int turn = 0; turn < turns; turn++, k++) {
            if (training)
                fann_train_epoch(network, data[k % batches]);
            else
                fann_run(network, p.x + (size_t)(k % p.rows) * p.widths[0]);
        }
        end = now();
        if (end - block_start < BLOCK && blocks == 0)
            turns *= 2;
        else if (end - start > WARM_UP * seconds && blocks < MAX_BLOCKS)
            times[blocks++] = 1e6 * (end - block_start) / turns;
    } while (end - start < (1 + WARM_UP) * seconds || blocks < MIN_BLOCKS);
    qsort(times, blocks, sizeof *times, compare);
    printf("\"median\":%.6g,\"min\":%.6g,\"max\":%.6g,\"blocks\":%u}\n", times[blocks / 2], times[0], times[blocks - 1], blocks);
    return 0;
}
