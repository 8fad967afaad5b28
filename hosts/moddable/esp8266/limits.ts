/**
 * Bytes of one value in flash. The SDK takes 63, but reads them into a buffer of 64 behind a type and a length, and
 * so returns the last two from beyond it (modules/files/preference/esp/modPreference.c, `xs_preference_get`).
 */
export const maxValueBytes = 61;
/** Bytes of an MQTT packet; a longer one ends the connection. There are some 45 KB for everything. */
export const maxPacketBytes = 2048;
