/* Executables: any bytes are refused with a text, or give an image that loads and runs. */
#include <stdlib.h>
#include <string.h>

#include "core/elf_file.h"
#include "core/loader.h"
#include "fuzz.h"

size_t fuzz_seed(unsigned index, uint8_t *bytes)
{
    struct elf_file file;
    elf_file_init(&file);
    switch (index) {
    case 0:
        break;
    case 1: /* one segment, no sections */
        elf_file_put(&file, 44, 2, 1);
        elf_file_put(&file, 32, 4, 0);
        elf_file_put(&file, 48, 2, 0);
        file.size = ELF_DATA;
        break;
    case 2: /* a segment without bytes of the file */
        elf_file_put(&file, ELF_PHDR + 32 + 16, 4, 0);
        break;
    default:
        return 0;
    }
    memcpy(bytes, file.bytes, file.size);
    return file.size;
}

static void run_image(const uint8_t *bytes, size_t size)
{
    struct tg_config config = {.engine = "reference", .ram_bytes = TG_MIN_RAM_BYTES};
    struct tg_machine *machine;
    if (tg_machine_create(&config, NULL, &machine, NULL) != TG_OK) {
        return;
    }
    if (tg_machine_load_image(machine, bytes, size, NULL) != TG_OK) {
        fuzz_fail("an image that was parsed cannot be loaded");
    }
    const struct tg_run_limits limits = {.until = {200, 1000000}};
    struct tg_stop stop;
    tg_machine_run(machine, &limits, &stop);
    for (uint32_t address = 0; address < TG_MIN_RAM_BYTES; address += 999) {
        uint32_t offset;
        const char *name = tg_machine_symbol(machine, address, &offset);
        if (name != NULL && (name[0] == '\0' || offset > address)) {
            fuzz_fail("symbol '%s' + %u for address %u", name, offset, address);
        }
    }
    tg_machine_destroy(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct tg_image *image = NULL;
    struct tg_error error = {""};
    int result = tg_image_parse(bytes, size, TG_MIN_RAM_BYTES, &image, &error);
    if (result == TG_OK) {
        tg_image_destroy(image);
        run_image(bytes, size);
    } else if (image != NULL || error.text[0] == '\0' || strchr(error.text, '\n') != NULL) {
        fuzz_fail("refused without one clear line: %s", error.text);
    }
    return 0;
}
