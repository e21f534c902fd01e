/*
 * Objects, executables and archives: any bytes are refused with lines of text, or listed as lines
 * of characters that can be printed.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "objdump/dump.h"
#include "objects.h"

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    size_t size = 0;
    uint8_t *made = fuzz_object(index, &size);

    if (made)
        memcpy(bytes, made, size);
    free(made);
    return made ? size : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct dump_options all = {.code = true,
                                            .lines = true,
                                            .relocs = true,
                                            .symbols = true,
                                            .headers = true,
                                            .contents = true};
    char *text = NULL, *errors = NULL;
    size_t text_size, errors_size;
    FILE *to = open_memstream(&text, &text_size), *to_errors;
    bool is_listed;

    to_errors = open_memstream(&errors, &errors_size);
    if (!to || !to_errors)
        fuzz_fail("no memory");
    is_listed = dump_file("fuzz.o", bytes, size, &all, to, to_errors);
    fclose(to);
    fclose(to_errors);
    if (is_listed != (errors_size == 0))
        fuzz_fail("listed, with an error: %s", errors);
    for (size_t i = 0; i < text_size; i++)
        if (!isprint((unsigned char)text[i]) && text[i] != '\n')
            fuzz_fail("a character that cannot be printed: 0x%02x", (unsigned char)text[i]);
    free(text);
    free(errors);
    return 0;
}
