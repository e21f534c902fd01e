/*
 * The program that the debugger's tests look at: types, places of variables and calls of every kind. Tests know its lines by the
 * words in comments that begin with "line:". Built at -O0 and -O2, with DWARF 5 and 4.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define KEEP __attribute__((noinline))

enum colour { RED, GREEN, BLUE = 7, DARK = -1 };
enum flags { READ = 1, WRITE = 2, EXECUTE = 4 };

typedef struct point {
    int x, y;
} point_t;

struct bits {
    unsigned first : 3;
    int second : 5;
    unsigned third : 17;
    bool is_set : 1;
    unsigned long long wide : 40;
};

union word {
    uint32_t word;
    uint8_t bytes[4];
    float real;
};

struct node {
    struct node *next;
    const char *name;
    struct {
        int hidden;
        point_t at;
    };
    enum colour colour;
    int (*operate)(int, int);
    char letters[12];
    short table[2][3];
};

int add(int a, int b);
int multiply(int a, int b);

int counter = 41;
static volatile int file_static = 5;
const volatile unsigned constant = 0xfeedface;
long long wide = -5000000000LL;
double real = 2.5;
float single = -0.125f;
bool truth = true;
char letter = 'q';
signed char negative = -3;
unsigned char octet = 200;
uint16_t numbers[40] = {1, 2, 3};
char text[32] = "hello\tworld";
const char *pointer_to_text = "pointed to";
enum flags rights = READ | EXECUTE;
struct bits bits = {5, -7, 70000, true, 0x1234567890ULL};
union word mixed = {.word = 0x3fc00000};
struct node last = {NULL, "last", {-1, {0, 0}}, BLUE, multiply, "abc", {{1, 2, 3}, {4, 5, 6}}};
struct node first = {&last, "first", {10, {0, 0}}, GREEN, add, "twelveletter", {{0, 0, 0}}};
int (*operations[2])(int, int) = {add, multiply};
volatile int sink;

KEEP void stop_here(void)
{
    sink++; /* line: stop */
}

KEEP int add(int a, int b)
{
    return a + b; /* line: add */
}

KEEP int multiply(int a, int b)
{
    return a * b;
}

static inline __attribute__((always_inline)) int squared(int number)
{
    int square = number * number; /* line: squared */
    sink = square;
    return square;
}

static inline __attribute__((always_inline)) int sum_of_squares(int left, int right)
{
    return squared(left) + squared(right); /* line: squares */
}

KEEP int statics(void)
{
    static int calls = 100;
    calls++; /* line: statics */
    stop_here();
    return calls;
}

KEEP int locals(int argument, const char *word, point_t point)
{
    int local = argument * 2;
    point_t copy = point;
    unsigned shadow = 1;
    {
        int shadow = -2;
        sink = shadow;
        sink = local + copy.x;
        stop_here(); /* line: locals */
        sink = shadow;
    }
    sink = (int)shadow + copy.y + word[0];
    return local;
}

KEEP int constants(int number)
{
    long long large = number, minus = number;
    stop_here();
    large = 1LL << 40;
    minus = -7;
    stop_here(); /* line: constants */
    return (int)(large >> 38) + (int)minus;
}

KEEP int recursive(int depth)
{
    if (depth == 0) {
        stop_here(); /* line: bottom */
        return 1;
    }
    int below = recursive(depth - 1); /* line: recursive */
    return depth + below + sink;
}

KEEP int loops(int count)
{
    int total = 0;
    for (int i = 0; i < count; i++) /* line: loop */
        total += add(i, total);
    return total;
}

KEEP int inlines(int number)
{
    int result = sum_of_squares(number, number + 1); /* line: inlines */
    stop_here();
    return result;
}

extern int in_assembly(int (*function)(void));

int main(void)
{
    point_t point = {3, -4};
    int result = statics(); /* line: main */
    result += locals(21, "word", point);
    result += recursive(4);
    result += loops(5);
    result += inlines(6);
    result += in_assembly(statics); /* line: assembly */
    result += operations[counter & 1](result, file_static) + (int)constant;
    result += first.next->table[1][2] + (int)wide + (int)bits.third + (int)mixed.bytes[1];
    result += (int)real + (int)single + truth + letter + negative + octet + numbers[3] + text[0];
    result += *pointer_to_text + (int)rights;
    result += constants(3);
    return result & 63;
}
