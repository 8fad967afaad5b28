import type { Application } from "../modules/contracts/session.js";

/** What a board does online while nobody has given it anything better to do: it says hello, and logs what it is told. */
export const hello: Application = async (session, { crypto, log }) => {
	session.publish(session.event, JSON.stringify({ event: "online", device: session.device }));
	for (;;) {
		const message = await session.receive();
		if (message === undefined) return;
		let payload: string;
		try {
			payload = crypto.text(message.payload);
		} catch {
			payload = `${message.payload.length} bytes`;
		}
		log({ event: "message", topic: message.topic, payload });
	}
};
