/** Bytes of one value in flash (SDK modules/files/preference/esp/modPreference.c). */
export const maxValueBytes = 63;
/** Bytes of an MQTT packet; a longer one ends the connection. There are some 45 KB for everything. */
export const maxPacketBytes = 2048;
