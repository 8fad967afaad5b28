import type { Application } from "../modules/contracts/session.js";

/** The default application: publishes an event when online and logs the messages it receives. */
export const hello: Application = async (session, { crypto, log }) => {
	session.publish(session.event, JSON.stringify({ event: "online", device: session.device }));
	for (;;) {
		const message = await session.receive();
		if (message === undefined) return;
		let payload: string;
		try {
			payload = crypto.text(beginning(message.payload));
		} catch {
			payload = `${message.payload.length} bytes`;
		}
		log({ event: "message", topic: message.topic, payload });
	}
};

/**
 * What of a payload becomes text, up to the end of a character: all of it would take a board's memory twice more. The log
 * keeps far less, so that no secret is cut in two here.
 */
const beginning = (payload: Uint8Array): Uint8Array => {
	let end = 4096;
	// 10xxxxxx: not the first byte of a character (RFC 3629, section 3).
	while (((payload[end] ?? 0) & 0xc0) === 0x80) end--;
	return payload.subarray(0, end);
};
