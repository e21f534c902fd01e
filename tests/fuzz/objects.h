/* Objects to begin with, for the targets that read them. */
#ifndef TG_FUZZ_OBJECTS_H
#define TG_FUZZ_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

/* The file that a source becomes, with debug information; the caller's to free. */
uint8_t *fuzz_assemble(const char *source, size_t *ret_size);
/* The seed's bytes, of an object, an archive or an executable; NULL: there is none of this number. */
uint8_t *fuzz_object(unsigned index, size_t *ret_size);

#endif
