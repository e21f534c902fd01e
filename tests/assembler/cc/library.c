/* Uses of the C library whose output library.txt has. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static jmp_buf back;
static _Thread_local int calls = 40;

__attribute__((constructor)) static void before_main(void)
{
    puts("constructor");
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static void print_sorted(void)
{
    int count = 1000, wrong = 0, *numbers = malloc((size_t)count * sizeof *numbers);

    for (int i = 0; i < count; i++)
        numbers[i] = i * 7919 % count;
    qsort(numbers, (size_t)count, sizeof *numbers, compare);
    for (int i = 0; i < count; i++)
        wrong += numbers[i] != i;
    printf("qsort: %d wrong; bsearch: %d\n", wrong,
           (int)((int *)bsearch(&(int){77}, numbers, (size_t)count, sizeof *numbers, compare) -
                 numbers));
    free(numbers);
}

static void jump(int depth)
{
    if (depth == 0)
        longjmp(back, 7);
    jump(depth - 1);
}

static void print_all(const char *format, ...)
{
    char text[100];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("[%s]\n", text);
}

int main(int argc, char **argv)
{
    volatile double x = 2.0, zero = 0.0;
    char *end;

    printf("hello, %d argument: %s\n", argc, argv[0]);
    print_all("%5d|%-5d|%05d|%x|%#o|%c|%s|%.2s|%p", 42, 42, 42, 0xbeef, 8, 'c', "text", "text",
              (void *)0x1234);
    print_all("%f %.10g %e %a", 3.141592653589793, sqrt(x), 1e-300, 0.5);
    print_all("%f %f %f", 1.0 / zero, -1.0 / zero, 1e6);
    print_all("%lld %llu %lld", INT64_MIN, UINT64_MAX, -1234567890123LL / 1000);
    print_sorted();
    if (setjmp(back) == 0)
        jump(10);
    else
        puts("longjmp");
    printf("%g %ld %lx\n", strtod("1.5e3x", &end), strtol("-77", NULL, 10),
           strtoul("ffffffff", NULL, 16));
    printf("%s %c %zu %s\n", end, toupper('q'), strlen("length"), strstr("haystack", "st"));
    printf("%.6f %.6f %.6f %.6f\n", sin(x), pow(x, 0.5), log(x), fmod(7.5, x));
    errno = 0;
    printf("%d %d %s\n", fopen("nothing", "r") == NULL, errno == ENOENT, strerror(ENOENT));
    calls += 2;
    printf("thread variable %d, clock %d\n", calls, clock() != (clock_t)-1 && time(NULL) < 100);
    fprintf(stderr, "to standard error\n");
    return 0;
}
