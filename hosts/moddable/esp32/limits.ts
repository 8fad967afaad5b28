/** Bytes of one value in flash: a page of NVS holds 4000 in one piece. */
export const maxValueBytes = 4000;
/** Bytes of an MQTT packet; a longer one ends the connection. */
export const maxPacketBytes = 16384;
