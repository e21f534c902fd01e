/* For programs written for xv6: directories as read() gives them, which is Turnpike's way, with longer
 * names and wider inode numbers. */
#ifndef XV6_FS_H
#define XV6_FS_H

#define DIRSIZ  60
#define ROOTINO 1
#define BSIZE   1024
#define MAXFILE 268 /* blocks of a large file; no limit here */

struct dirent {
    unsigned inum;
    char name[DIRSIZ];
};

#endif
