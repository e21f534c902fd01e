/* For test_inside.py: what a C program for POSIX systems does, with a whole C library. Compiled by
 * tg-cc -mturnpike; prints what the test expects. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf place;

static void at_end(void)
{
    puts("atexit: yes");
}

/* The flags are numbers of the C library's headers: each must mean in the system what it says there. */
static void open_again(const char *path)
{
    FILE *file = fopen(path, "a");
    int descriptor;

    fputs("end\n", file);
    fclose(file);
    descriptor = open(path, O_RDWR | O_APPEND);
    printf("appended: %ld", (long)lseek(descriptor, 0, SEEK_END));
    printf(", created anew: %d", open(path, O_CREAT | O_EXCL | O_WRONLY, 0666));
    close(descriptor);
    descriptor = open(path, O_CREAT | O_RDWR, 0666);
    printf(", opened: %ld", (long)lseek(descriptor, 0, SEEK_END));
    close(descriptor);
    descriptor = open(path, O_TRUNC | O_RDWR);
    printf(", emptied: %ld", (long)lseek(descriptor, 0, SEEK_END));
    close(descriptor);
    remove(path);
    descriptor = open(path, O_RDWR);
    printf(", removed: %d", descriptor);
    descriptor = open(path, O_CREAT | O_RDWR, 0666);
    printf(", created: %d\n", descriptor >= 0);
    close(descriptor);
}

static void use_files(void)
{
    const char *path = "/tmp/numbers";
    FILE *file = fopen(path, "w");
    double sum = 0, number;
    struct stat status;
    char line[32];

    for (int i = 0; file && i < 1000; i++)
        fprintf(file, "%f\n", sqrt(i));
    fclose(file);
    file = fopen(path, "r");
    while (fscanf(file, "%lf", &number) == 1)
        sum += number;
    printf("sum %.4f, %ld bytes", sum, ftell(file));
    fseek(file, 9, SEEK_SET);
    printf(", second %s", fgets(line, sizeof line, file));
    fclose(file);
    stat(path, &status);
    printf("size %ld, regular %d\n", (long)status.st_size, S_ISREG(status.st_mode));
    open_again(path);
    remove(path);
    file = fopen(path, "r");
    printf("removed: %s\n", strerror(errno));
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list_folder(void)
{
    char names[8][64];
    DIR *directory = opendir("/dev");
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(directory)) != NULL && count < 8)
        strcpy(names[count++], entry->d_name);
    closedir(directory);
    qsort(names, count, sizeof names[0], compare);
    for (size_t i = 0; i < count; i++)
        printf("%s ", names[i]);
    putchar('\n');
}

static void use_processes(void)
{
    int files[2], status = 0;
    char text[32] = "";

    pipe(files);
    printf("printed once; ");
    if (fork() == 0) {
        dup2(files[1], 1);
        execl("/bin/echo", "echo", "from", "a child", (char *)NULL);
        _exit(9);
    }
    close(files[1]);
    wait(&status);
    read(files[0], text, sizeof text - 1);
    printf("%d: %s", WEXITSTATUS(status), text);
    if (fork() == 0)
        abort();
    wait(&status);
    printf("abort: signal %d; system: %d\n", WTERMSIG(status), WEXITSTATUS(system("exit 3")));
}

int main(int argc, char **argv)
{
    char line[32], *memory;

    atexit(at_end);
    printf("%d arguments, the last %s; pi %.10f\n", argc, argv[argc - 1], acos(-1));
    use_files();
    list_folder();
    use_processes();
    memory = malloc(1000000);
    memset(memory, 7, 1000000);
    memory = realloc(memory, 3000000);
    printf("heap %d; ", memory[999999]);
    if (setjmp(place) == 0)
        longjmp(place, 1);
    printf("input %s", fgets(line, sizeof line, stdin));
    return 42;
}
