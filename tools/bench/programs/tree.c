/*
 * tree: random insertions, look-ups and removals of keys in a treap (a binary search tree kept in
 * shape by random priorities). Pointer chasing, recursion. size: thousands of operations.
 */
#include "bench/bench.h"

enum { KEYS = 1024 };

struct node {
    struct node *left, *right;
    uint32_t key;
    uint32_t priority;
};

struct tree {
    struct node *root;
    struct node *free;
    struct node nodes[KEYS];
    uint8_t is_member[KEYS];
    uint32_t random;
};

static void init(struct tree *tree)
{
    memset(tree, 0, sizeof *tree);
    tree->random = 0x9e3779b9u;
    for (uint32_t i = 0; i < KEYS; i++) {
        tree->nodes[i].right = tree->free;
        tree->free = &tree->nodes[i];
    }
}

static const struct node *find(const struct node *node, uint32_t key)
{
    while (node && node->key != key)
        node = key < node->key ? node->left : node->right;
    return node;
}

static struct node *insert(struct node *root, struct node *added)
{
    if (!root)
        return added;
    if (added->key < root->key) {
        struct node *child = insert(root->left, added);

        root->left = child;
        if (child->priority <= root->priority)
            return root;
        root->left = child->right;
        child->right = root;
        return child;
    } else {
        struct node *child = insert(root->right, added);

        root->right = child;
        if (child->priority <= root->priority)
            return root;
        root->right = child->left;
        child->left = root;
        return child;
    }
}

static struct node *merge(struct node *low, struct node *high)
{
    if (!low || !high)
        return low ? low : high;
    if (low->priority > high->priority) {
        low->right = merge(low->right, high);
        return low;
    }
    high->left = merge(low, high->left);
    return high;
}

static void remove_key(struct tree *tree, uint32_t key)
{
    struct node **link = &tree->root;
    struct node *node;

    while ((*link)->key != key)
        link = key < (*link)->key ? &(*link)->left : &(*link)->right;
    node = *link;
    *link = merge(node->left, node->right);
    node->right = tree->free;
    tree->free = node;
}

static void add_key(struct tree *tree, uint32_t key)
{
    struct node *node = tree->free;

    tree->free = node->right;
    node->left = node->right = NULL;
    node->key = key;
    node->priority = bench_random(&tree->random);
    tree->root = insert(tree->root, node);
}

/* One operation; returns whether the tree and the list of members agree about the key. */
static int operate(struct tree *tree, uint32_t *sum)
{
    uint32_t random = bench_random(&tree->random);
    uint32_t key = random / 4 % KEYS;
    const struct node *found = find(tree->root, key);

    if (!found != !tree->is_member[key])
        return 0;
    *sum = bench_add(*sum, found ? found->priority : key);
    if (random % 4 < 2)
        return 1;
    if (found)
        remove_key(tree, key);
    else
        add_key(tree, key);
    tree->is_member[key] ^= 1;
    return 1;
}

/* The number of nodes, or a number larger than KEYS if one of them is out of order. */
static uint32_t count_ordered(const struct node *node, uint32_t first, uint32_t end)
{
    if (!node)
        return 0;
    if (node->key < first || node->key >= end)
        return KEYS + 1;
    return count_ordered(node->left, first, node->key) + 1 +
           count_ordered(node->right, node->key + 1, end);
}

uint32_t bench_main(uint32_t size)
{
    static struct tree tree;
    uint32_t sum = BENCH_SUM, members = 0;

    init(&tree);
    for (uint32_t i = 0; i < 1000 * size; i++) {
        if (!operate(&tree, &sum))
            return BENCH_WRONG;
    }
    for (uint32_t key = 0; key < KEYS; key++)
        members += tree.is_member[key];
    if (count_ordered(tree.root, 0, KEYS) != members)
        return BENCH_WRONG;
    return bench_add(sum, members);
}
