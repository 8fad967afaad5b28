/**
 * Bytes of one value in flash. The SDK takes 63, but reads them into a buffer of 64 behind a type and a length, and
 * so returns the last two from beyond it (modules/files/preference/esp/modPreference.c, `xs_preference_get`).
 */
export const maxValueBytes = 61;
/** Bytes of an MQTT packet; a longer one ends the connection. There are some 45 KB for everything. */
export const maxPacketBytes = 2048;
/** Bytes of an HTTP answer's status line and headers. */
export const maxHeadBytes = 2048;
/** Bytes of what is around an HTTP answer's chunks. */
export const maxFramingBytes = 1024;
/** Bytes of an HTTP answer's body, whatever a request would take. */
export const maxBodyBytes = 2048;
/** Bytes of a TLS record: a server's certificates come in one. */
export const maxRecordBytes = 8192;
