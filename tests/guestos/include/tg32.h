/*
 * The port instructions for services that are compiled for the host: the test's device answers them
 * (host_set_ports in host.h). Takes the place of assembler/include/tg32.h.
 */
#ifndef TG32_H
#define TG32_H

#include <stdint.h>

#include "bus/ports.h"
#include "isa/isa.h"

uint8_t tg_inb(uint32_t port);
uint16_t tg_inh(uint32_t port);
uint32_t tg_inw(uint32_t port);
void tg_outb(uint32_t port, uint8_t value);
void tg_outh(uint32_t port, uint16_t value);
void tg_outw(uint32_t port, uint32_t value);

#endif
