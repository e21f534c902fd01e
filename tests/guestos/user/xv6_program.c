/* For test_inside.py: a program as they are written for xv6, with its headers. */
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"
#include "kernel/fcntl.h"
#include "kernel/fs.h"

void sieve(int);
void find(char *, char *);

/* Prime numbers by a pipeline of processes. */
void sieve(int left)
{
    int prime, number, files[2];

    if (read(left, &prime, sizeof prime) != sizeof prime)
        exit(0);
    printf("%d ", prime);
    pipe(files);
    if (fork() == 0) {
        close(files[1]);
        close(left);
        sieve(files[0]);
    }
    close(files[0]);
    while (read(left, &number, sizeof number) == sizeof number)
        if (number % prime)
            write(files[1], &number, sizeof number);
    close(files[1]);
    wait(0);
    exit(0);
}

void find(char *folder, char *name)
{
    char path[512], *end;
    struct dirent entry;
    struct stat status;
    int file = open(folder, O_RDONLY);

    strcpy(path, folder);
    end = path + strlen(path);
    *end++ = '/';
    while (read(file, &entry, sizeof entry) == sizeof entry) {
        if (entry.inum == 0 || strcmp(entry.name, ".") == 0 || strcmp(entry.name, "..") == 0)
            continue;
        memmove(end, entry.name, DIRSIZ);
        if (strcmp(entry.name, name) == 0)
            printf("found %s\n", path);
        if (stat(path, &status) == 0 && status.type == T_DIR)
            find(path, name);
    }
    close(file);
}

int main(int argc, char *argv[])
{
    int files[2], status, file;
    struct stat about;

    pipe(files);
    if (fork() == 0) {
        close(files[1]);
        sieve(files[0]);
    }
    close(files[0]);
    for (int i = 2; i <= 30; i++)
        write(files[1], &i, sizeof i);
    close(files[1]);
    wait(0);
    printf("\n");
    if (fork() == 0)
        exit(-7);
    wait(&status);
    printf("exit %d, ", status);
    if ((status = fork()) == 0)
        for (;;)
            ;
    kill(status);
    wait(&status);
    printf("killed %d, open %d\n", status, open("/nosuch", O_RDWR));
    file = open("/tmp/new", O_CREATE | O_WRONLY);
    fprintf(file, "%s %x", "text", 255);
    fstat(file, &about);
    printf("size %d type %d\n", (int)about.size, about.type);
    close(file);
    unlink("/tmp/new");
    find(".", "motd");
    exit(argc > 1 ? atoi(argv[1]) : 0);
}
