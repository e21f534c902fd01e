/*
 * The nominal rate by which virtual time is converted to seconds, where a person or a loudspeaker
 * needs some. docs/devices.md section 9.
 */
#ifndef TG_RATE_H
#define TG_RATE_H

#define TG_TICKS_A_SECOND 100000000u

#endif
