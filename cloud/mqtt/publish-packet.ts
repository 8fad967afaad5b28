import type { Message } from "../platforms/platform.js";

/** @returns a PUBLISH with QoS 0 (MQTT 3.1.1 section 3.3). aedes would send it after its responses to other packets. */
export function publishPacket({ topic, payload }: Message): Buffer {
	const name = Buffer.from(topic);
	const body = Buffer.concat([Buffer.of(name.length >> 8, name.length & 0xff), name, Buffer.from(payload)]);
	return Buffer.concat([Buffer.of(0x30, ...remainingLength(body.length)), body]);
}

/** Seven bits a byte, the lowest first; the eighth says that another byte follows. */
function remainingLength(length: number): number[] {
	return length < 128 ? [length] : [(length & 0x7f) | 0x80, ...remainingLength(length >> 7)];
}
