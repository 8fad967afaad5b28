/** Maximum bytes of a value in flash: a page of NVS holds 4000. */
export const maxValueBytes = 4000;
/** Maximum bytes of an MQTT packet; a longer one closes the connection. */
export const maxPacketBytes = 16384;
/** Maximum bytes of an HTTP response's status line and headers. */
export const maxHeadBytes = 8192;
/** Maximum bytes of an HTTP response's chunk framing. */
export const maxFramingBytes = 8192;
/** Maximum bytes of an HTTP response's body, besides the limit of the request. */
export const maxBodyBytes = Number.POSITIVE_INFINITY;
/** Maximum bytes of a TLS record, as in the protocol. */
export const maxRecordBytes = 18432;
/** Maximum bytes of a TLS handshake message; a server's certificates are one message. */
export const maxHandshakeBytes = 32768;
/** Maximum number of MQTT operations that wait for an acknowledgement. */
export const maxOperations = 32;
