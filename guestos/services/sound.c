/*
 * The sound service: samples, from a buffer that the device plays round and round, and a tone. The
 * buffer is a ring: written and played count its bytes since playing began, and what lies between
 * them is still to be heard. All other bytes are 0, so when nobody writes in time there is silence.
 *
 * A writer waits until there was room for all its samples; several are served in the order in which
 * they came, one after the other. When everything was played the device is switched off, so that a
 * silent machine has nothing to do. Manual: docs/devices.md section 13, docs/turnpike.md, "Sound".
 */
#include "tg32.h"
#include "turnpike/service.h"

#define RING_BYTES       8192u /* a power of two; an interrupt comes at each half */
#define SAMPLE_BYTES     2u
#define BLOCK_SAMPLES    256u /* DEV-SND-3: what the device plays without looking at CONTROL */
#define TICKS_PER_SECOND 100000000u
#define TICKS_PER_MS     100000u
#define LONGEST_TONE_MS  10000u

/* ENDING: switched off, but the last block is not over. A start before its end would go on where it
 * was, one after it would be at the beginning of the ring, so writers wait until it is certain
 * which. */
enum state { STOPPED, PLAYING, ENDING };

static struct {
    enum state state;
    uint8_t *ring;
    uint32_t written, played;     /* modulo 2^32; never more than RING_BYTES apart */
    uint32_t control;             /* of the device */
    uint64_t ending_until;        /* time, in state ENDING */
    uint64_t tone_until;          /* while the square wave is on */
    struct request *first, *last; /* writers; scratch[0]: bytes taken from them */
} sound;

static void set_control(uint32_t clear, uint32_t set)
{
    sound.control = (sound.control & ~clear) | set;
    tg_outw(TG_PORT_SOUND_CONTROL, sound.control);
}

static bool has_tone(void)
{
    return (sound.control & TG_MASK(SOUND_CONTROL_SQUARE)) != 0;
}

/* Asks to be called when the next of the two times comes. */
static void set_alarm(void)
{
    uint64_t now = tp_time(), next = UINT64_MAX;

    if (sound.state == ENDING)
        next = sound.ending_until;
    if (has_tone() && sound.tone_until < next)
        next = sound.tone_until;
    if (next == UINT64_MAX)
        tp_alarm(TP_SERVICE_SOUND, 0);
    else
        tp_alarm(TP_SERVICE_SOUND, next > now ? (uint32_t)(next - now) : 1);
}

/* --- Samples ---------------------------------------------------------------------------------- */

static void silence(uint32_t first, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        sound.ring[(first + i) % RING_BYTES] = 0;
}

/* Takes note of what was played since the last time, and makes it silent for the next round. */
static void advance(void)
{
    uint32_t position = tg_inw(TG_PORT_SOUND_POSITION);
    uint32_t bytes = (position - sound.played) % RING_BYTES;

    if (tg_inw(TG_PORT_SOUND_STATUS) & TG_MASK(SOUND_STATUS_ERROR))
        tp_fail("the sound device refuses its buffer");
    silence(sound.played, bytes);
    sound.played += bytes;
    if ((int32_t)(sound.played - sound.written) > 0)
        sound.written = sound.played;
}

/* Takes samples of one writer while there is room. True: it was answered. */
static bool fill_from(struct request *writer)
{
    uint32_t all = (uint32_t)writer->args[1], done = (uint32_t)writer->scratch[0];

    while (done < all) {
        uint32_t place = sound.written % RING_BYTES;
        uint32_t part = RING_BYTES - (sound.written - sound.played);
        int error;

        if (part == 0)
            break;
        if (part > RING_BYTES - place)
            part = RING_BYTES - place;
        if (part > all - done)
            part = all - done;
        error = tp_copy_in(writer, 0, done, sound.ring + place, part);
        if (error < 0) {
            tp_answer(writer, error);
            return true;
        }
        done += part;
        sound.written += part;
    }
    writer->scratch[0] = done;
    if (done == all)
        tp_answer(writer, (int32_t)all);
    return done == all;
}

static void fill(void)
{
    while (sound.first) {
        struct request *next = sound.first->next; /* an answered request is not ours any more */

        if (!fill_from(sound.first))
            return;
        sound.first = next;
    }
}

static void play(void)
{
    sound.written = sound.played = 0;
    fill();
    if (sound.written == 0)
        return;
    tg_outw(TG_PORT_SOUND_STATUS, TG_MASK(SOUND_STATUS_HALF));
    set_control(0, TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_INTERRUPT));
    sound.state = PLAYING;
}

/* Switches the samples off. */
static void end(void)
{
    uint32_t rate = tg_inw(TG_PORT_SOUND_RATE);

    set_control(TG_MASK(SOUND_CONTROL_PCM) | TG_MASK(SOUND_CONTROL_INTERRUPT), 0);
    sound.state = ENDING;
    sound.ending_until = tp_time() + (TICKS_PER_SECOND / rate + 1) * BLOCK_SAMPLES;
    set_alarm();
}

static void interrupt(uint32_t source)
{
    tg_outw(TG_PORT_SOUND_STATUS, TG_MASK(SOUND_STATUS_HALF));
    if (sound.state == PLAYING) {
        advance();
        if (sound.written == sound.played && !sound.first)
            end();
        else
            fill();
    }
    tp_interrupt_done(source);
}

static void alarm(void)
{
    uint64_t now = tp_time();

    if (sound.state == ENDING && now >= sound.ending_until) {
        sound.state = STOPPED;
        silence(0, RING_BYTES);
        play();
    }
    if (has_tone() && now >= sound.tone_until)
        set_control(TG_MASK(SOUND_CONTROL_SQUARE), 0);
    set_alarm();
}

/* --- Calls ------------------------------------------------------------------------------------ */

static void add_writer(struct request *request)
{
    request->next = NULL;
    request->scratch[0] = 0;
    if (sound.first)
        sound.last->next = request;
    else
        sound.first = request;
    sound.last = request;
    if (sound.state == STOPPED) {
        play();
    } else if (sound.state == PLAYING) {
        advance();
        fill();
    }
}

/* What a writer that is to end has written already is heard. */
static void cancel(struct request *request)
{
    struct request *before = NULL;

    for (struct request *r = sound.first; r; before = r, r = r->next) {
        if (r != request)
            continue;
        if (before)
            before->next = r->next;
        else
            sound.first = r->next;
        if (sound.last == r)
            sound.last = before;
        tp_answer(r, -TP_EINTR);
        return;
    }
}

static int32_t tone(tp_word hertz, tp_word volume, tp_word ms)
{
    if (hertz == 0) {
        set_control(TG_MASK(SOUND_CONTROL_SQUARE), 0);
    } else if (hertz > 24000 || volume > 255 || ms == 0 || ms > LONGEST_TONE_MS) {
        return -TP_EINVAL;
    } else {
        tg_outw(TG_PORT_SOUND_FREQUENCY, (uint32_t)hertz);
        tg_outw(TG_PORT_SOUND_VOLUME, (uint32_t)volume);
        set_control(0, TG_MASK(SOUND_CONTROL_SQUARE));
        sound.tone_until = tp_time() + ms * TICKS_PER_MS;
    }
    set_alarm();
    return 0;
}

static int32_t change_rate(tp_word rate)
{
    int32_t before = (int32_t)tg_inw(TG_PORT_SOUND_RATE);

    if (rate == 0)
        return before;
    if (rate < 1000 || rate > 48000)
        return -TP_EINVAL;
    if (sound.state != STOPPED)
        return -TP_EBUSY;
    tg_outw(TG_PORT_SOUND_RATE, (uint32_t)rate);
    return before;
}

static void handle(struct request *request)
{
    const tp_word *args = request->args;

    switch (request->call) {
    case TP_CALL_SOUND_WRITE:
        if (args[1] % SAMPLE_BYTES != 0 || args[1] > INT32_MAX)
            tp_answer(request, -TP_EINVAL);
        else
            add_writer(request);
        break;
    case TP_CALL_SOUND_TONE:
        tp_answer(request, tone(args[0], args[1], args[2]));
        break;
    case TP_CALL_SOUND_RATE:
        tp_answer(request, change_rate(args[0]));
        break;
    default:
        tp_answer(request, -TP_ENOSYS);
        break;
    }
}

/* A predecessor may have left the device playing. */
static void start(void)
{
    tp_word ring = 0;
    uint32_t paddr = 0;

    if (tp_system(TP_SERVICE_SOUND, TP_CALL_DMA_MEMORY, RING_BYTES, (tp_word)&ring, (tp_word)&paddr,
                  0) < 0)
        tp_fail("no memory for the buffer of samples; start the machine with more (--ram)");
    sound.ring = (uint8_t *)ring;
    silence(0, RING_BYTES);
    tg_outw(TG_PORT_SOUND_ADDRESS, paddr);
    tg_outw(TG_PORT_SOUND_LENGTH, RING_BYTES);
    set_control(0, 0);
    if (tg_inw(TG_PORT_SOUND_STATUS) & TG_MASK(SOUND_STATUS_PLAYING))
        end();
}

const struct service sound_service = {.id = TP_SERVICE_SOUND,
                                      .start = start,
                                      .handle = handle,
                                      .cancel = cancel,
                                      .interrupt = interrupt,
                                      .alarm = alarm};
