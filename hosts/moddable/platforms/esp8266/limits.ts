/**
 * Maximum bytes of a value in flash. The SDK accepts 63, but reads them into a buffer of 64 after a type and a length and
 * so returns the last two from beyond it (modules/files/preference/esp/modPreference.c, `xs_preference_get`).
 */
export const maxValueBytes = 61;
/** Maximum bytes of an MQTT packet; a longer one closes the connection. It shares the engine's memory (docs/reference/size.md) with TLS. */
export const maxPacketBytes = 1024;
/** Maximum bytes of an HTTP response's status line and headers. */
export const maxHeadBytes = 1536;
/** Maximum bytes of an HTTP response's chunk framing. */
export const maxFramingBytes = 512;
/** Maximum bytes of an HTTP response's body, besides the limit of the request. */
export const maxBodyBytes = 1536;
/** Maximum bytes of a TLS record. */
export const maxRecordBytes = 4608;
/** Maximum bytes of a TLS handshake message; a server's certificates are one message. */
export const maxHandshakeBytes = 4608;
/** Maximum number of MQTT operations that wait for an acknowledgement. */
export const maxOperations = 8;
