/** Bytes of one value in flash: the file has no limit; that of an ESP32, so that both split alike. */
export const maxValueBytes = 4000;
/** Bytes of an MQTT packet; a longer one ends the connection. */
export const maxPacketBytes = 16384;
