/*
 * matrix: products of 64 by 64 matrices of 32-bit integers modulo 2^32, each checked on a random
 * vector. Multiplications, loads with a large stride. size: how many products.
 */
#include "bench/bench.h"

enum { N = 64 };

struct matrix {
    uint32_t at[N][N];
};

static void fill(struct matrix *m, uint32_t *random)
{
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = 0; j < N; j++)
            m->at[i][j] = bench_random(random);
    }
}

static void multiply(struct matrix *product, const struct matrix *a, const struct matrix *b)
{
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = 0; j < N; j++) {
            uint32_t dot = 0;

            for (uint32_t k = 0; k < N; k++)
                dot = (dot + a->at[i][k] * b->at[k][j]);
            product->at[i][j] = dot;
        }
    }
}

static void apply(uint32_t *result, const struct matrix *m, const uint32_t *vector)
{
    for (uint32_t i = 0; i < N; i++) {
        uint32_t dot = 0;

        for (uint32_t k = 0; k < N; k++)
            dot = (dot + m->at[i][k] * vector[k]);
        result[i] = dot;
    }
}

/* Whether product = a b, by comparing (product v) with (a (b v)) for a random v. */
static int is_product(const struct matrix *product, const struct matrix *a, const struct matrix *b,
                      uint32_t *random)
{
    uint32_t vector[N], inner[N], expected[N], found[N];

    for (uint32_t i = 0; i < N; i++)
        vector[i] = bench_random(random);
    apply(inner, b, vector);
    apply(expected, a, inner);
    apply(found, product, vector);
    for (uint32_t i = 0; i < N; i++) {
        if (found[i] != expected[i])
            return 0;
    }
    return 1;
}

uint32_t bench_main(uint32_t size)
{
    static struct matrix matrices[3];
    struct matrix *a = &matrices[0], *b = &matrices[1], *product = &matrices[2];
    uint32_t random = 0x1234567u, sum = BENCH_SUM;

    fill(a, &random);
    fill(b, &random);
    for (uint32_t round = 0; round < size; round++) {
        struct matrix *oldest = a;

        multiply(product, a, b);
        if (!is_product(product, a, b, &random))
            return BENCH_WRONG;
        sum = bench_add(sum, product->at[round % N][round / N % N]);
        a = b;
        b = product;
        product = oldest;
    }
    return sum;
}
