/*
 * tree: builds complete binary trees of 2,047 nodes from a free list, sums, mirrors and searches
 * them, and takes them apart again. Recursion, pointers, a list. size: how many trees.
 */
#include "bench/bench.h"

enum { DEPTH = 10, NODES = (2 << DEPTH) - 1 };

struct node {
    struct node *left, *right;
    uint32_t value;
};

struct pool {
    struct node *free; /* a list through right */
    struct node nodes[NODES];
};

static void init(struct pool *pool)
{
    memset(pool, 0, sizeof *pool);
    for (uint32_t i = 0; i < NODES; i++) {
        pool->nodes[i].right = pool->free;
        pool->free = &pool->nodes[i];
    }
}

/* A complete tree; the children of value have 2 * value and 2 * value + 1, as in a heap. */
static struct node *build(struct pool *pool, uint32_t depth, uint32_t value)
{
    struct node *node = pool->free;

    pool->free = node->right;
    node->value = value;
    node->left = node->right = NULL;
    if (depth > 0) {
        node->left = build(pool, depth - 1, 2 * value);
        node->right = build(pool, depth - 1, 2 * value + 1);
    }
    return node;
}

static void mirror(struct node *node)
{
    struct node *left = node->left;

    if (!left)
        return;
    node->left = node->right;
    node->right = left;
    mirror(node->left);
    mirror(left);
}

static uint32_t sum_values(const struct node *node)
{
    return node ? node->value + sum_values(node->left) + sum_values(node->right) : 0;
}

/* The place of the value from left to right, counting every node; *count must start at 0. */
static uint32_t find_place(const struct node *node, uint32_t value, uint32_t *count)
{
    uint32_t place;

    if (!node)
        return 0;
    place = find_place(node->left, value, count);
    ++*count;
    if (place)
        return place;
    if (node->value == value)
        return *count;
    return find_place(node->right, value, count);
}

static void release(struct pool *pool, struct node *node)
{
    struct node *right;

    if (!node)
        return;
    right = node->right;
    release(pool, node->left);
    node->right = pool->free;
    pool->free = node;
    release(pool, right);
}

uint32_t bench_main(uint32_t size)
{
    static struct pool pool;
    uint32_t sum = BENCH_SUM, random = 0x9e3779b9u;

    init(&pool);
    for (uint32_t round = 0; round < size; round++) {
        struct node *root = build(&pool, DEPTH, 1);
        uint32_t value = 1 + bench_random(&random) % NODES, before = 0, after = 0;
        uint32_t place = find_place(root, value, &before);

        mirror(root);
        /* From left to right a mirrored tree is the same list backwards. */
        if (pool.free || sum_values(root) != NODES * (NODES + 1u) / 2 ||
            find_place(root, value, &after) != NODES + 1 - place)
            return BENCH_WRONG;
        sum = bench_add(sum, place);
        release(&pool, root);
    }
    return sum;
}
