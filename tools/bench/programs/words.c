/*
 * words: counts the words of a generated text in a hash table with chains, then ranks them. Strings
 * handled byte by byte, divisions (numbers to text and back), structs copied. size: how many times.
 */
#include "bench/bench.h"

enum { TEXT_BYTES = 16384, BUCKETS = 509, ENTRIES_MAX = 512, WORD_BYTES = 16, RANKS = 10 };

struct entry {
    char word[WORD_BYTES];
    uint32_t count;
    uint32_t number; /* the number the word ends with */
    struct entry *next;
};

struct table {
    struct entry *buckets[BUCKETS];
    struct entry entries[ENTRIES_MAX];
    uint32_t used;
};

static char text[TEXT_BYTES];
static struct table table;

static char *append(char *to, const char *from)
{
    while (*from)
        *to++ = *from++;
    return to;
}

static char *append_number(char *to, uint32_t number)
{
    char digits[10];
    uint32_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

/* Fills the text with words such as "entry17" and returns how many there are. */
static uint32_t write_text(uint32_t *random)
{
    static const char stems[][8] = {"gate", "ring", "trap",  "frame",
                                    "page", "port", "queue", "message"};
    char *to = text;
    uint32_t words = 0;

    while (to + WORD_BYTES < text + TEXT_BYTES) {
        uint32_t number = bench_random(random);

        if (number % 5 == 0)
            to = append(to, "in-");
        for (uint32_t i = 0; i < 8 && stems[number / 8 % 8][i]; i++)
            *to++ = stems[number / 8 % 8][i];
        number = number / 64 % 4096;
        to = append_number(to, number * number / 524288);
        *to++ = ' ';
        words++;
    }
    *to = '\0';
    return words;
}

static int is_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static struct entry *look_up(const char *word)
{
    uint32_t hash = 5381;
    struct entry **bucket, *entry;

    for (const char *c = word; *c; c++)
        hash = hash * 33 + (uint8_t)*c;
    bucket = &table.buckets[hash % BUCKETS];
    for (entry = *bucket; entry; entry = entry->next) {
        if (is_equal(entry->word, word))
            return entry;
    }
    if (table.used == ENTRIES_MAX)
        return NULL;
    entry = &table.entries[table.used++];
    append(entry->word, word);
    entry->next = *bucket;
    *bucket = entry;
    return entry;
}

/* Counts every word of the text; returns how many there were, 0 if the table is too small. */
static uint32_t count_words(void)
{
    const char *from = text;
    uint32_t words = 0;

    while (*from) {
        char word[WORD_BYTES];
        uint32_t length = 0, number = 0;
        struct entry *entry;

        for (; *from != ' '; from++) {
            word[length++] = *from;
            if (*from >= '0' && *from <= '9')
                number = number * 10 + (uint32_t)(*from - '0');
        }
        from++;
        word[length] = '\0';
        entry = look_up(word);
        if (!entry)
            return 0;
        entry->count++;
        entry->number = number;
        words++;
    }
    return words;
}

static int comes_before(const struct entry *a, const struct entry *b)
{
    return a->count != b->count ? a->count > b->count : a->number < b->number;
}

/* Writes the most frequent words into ranks, best first. */
static void rank(struct entry ranks[RANKS])
{
    memset(ranks, 0, RANKS * sizeof *ranks);
    for (uint32_t i = 0; i < table.used; i++) {
        uint32_t place = RANKS;

        while (place > 0 && comes_before(&table.entries[i], &ranks[place - 1]))
            place--;
        if (place == RANKS)
            continue;
        for (uint32_t j = RANKS - 1; j > place; j--)
            ranks[j] = ranks[j - 1];
        ranks[place] = table.entries[i];
    }
}

uint32_t bench_main(uint32_t size)
{
    uint32_t random = 0x41c64e6du, sum = BENCH_SUM;

    for (uint32_t round = 0; round < size; round++) {
        struct entry ranks[RANKS];
        uint32_t words = write_text(&random), counted = 0;

        memset(&table, 0, sizeof table);
        if (count_words() != words)
            return BENCH_WRONG;
        for (uint32_t i = 0; i < table.used; i++)
            counted += table.entries[i].count;
        if (counted != words)
            return BENCH_WRONG;
        rank(ranks);
        for (uint32_t i = 0; i < RANKS; i++)
            sum = bench_add(bench_add(sum, ranks[i].count),
                            (uint8_t)ranks[i].word[1] + ranks[i].number);
    }
    return sum;
}
