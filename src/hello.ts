import type { Application, Message } from "../modules/contracts/session.js";

/** The default application: publishes an event when online and logs the messages it receives. */
export const hello: Application = async (session) => {
	session.publish(session.topics.event, JSON.stringify({ event: "online", device: session.identity.deviceName }));
	for (;;) {
		const message = await session.receive();
		if (message === undefined) return;
		session.log({ event: "message", topic: message.topic, payload: beginning(message) });
	}
};

/** All of a long payload would take a board's memory twice more. The log keeps far less, so that no secret is cut in two here. */
const beginning = (message: Message): string => {
	try {
		return message.text(4096);
	} catch {
		return `${message.payload.length} bytes`;
	}
};
