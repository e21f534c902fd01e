/* The tables of docs/devices.md, written from the rows of emu/bus. */
#ifndef ISADOC_DEVICE_TABLES_H
#define ISADOC_DEVICE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* As in tables.h. A device's table has the device's name. */
size_t device_tables_names(const char **names, size_t room);
bool device_tables_write(const char *name, FILE *out);

#endif
