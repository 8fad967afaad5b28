/** Bytes of one value in flash: the file has no limit; that of an ESP32, so that both split alike. */
export const maxValueBytes = 4000;
/** Bytes of an MQTT packet; a longer one ends the connection. */
export const maxPacketBytes = 16384;
/** Bytes of an HTTP answer's status line and headers. */
export const maxHeadBytes = 8192;
/** Bytes of what is around an HTTP answer's chunks. */
export const maxFramingBytes = 8192;
/** Bytes of an HTTP answer's body, whatever a request would take. */
export const maxBodyBytes = Number.POSITIVE_INFINITY;
/** Bytes of a TLS record; the protocol allows as many. */
export const maxRecordBytes = 18432;
