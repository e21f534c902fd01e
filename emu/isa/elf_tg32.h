/*
 * What makes an ELF32 file a TG32 one: the machine number and the limits of what a loader takes. Shared by the loader
 * and the toolchain. Manual: docs/isa.md section 10.
 */
#ifndef TG_ELF_TG32_H
#define TG_ELF_TG32_H

/* e_machine: 'TG' in ASCII, far above the numbers that have been given out. */
#define EM_TG32 0x5447

/* e_flags of every TG32 file. */
#define EF_TG32_NONE 0

/* Most program headers that an executable may have. */
#define TG_ELF_MAX_SEGMENTS 64

#endif
