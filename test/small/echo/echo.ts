import type { Application } from "../../../modules/contracts/session.js";

/** Sends back each message that begins with an m, and logs how long each was: messages of any size go both ways. */
export const hello: Application = async (session) => {
	for (;;) {
		const message = await session.receive();
		if (message === undefined) return;
		const { topic, payload } = message;
		if (payload[0] === 109) session.publish(session.topics.event, payload);
		session.log({ event: "message", topic, payload: `${payload.length} bytes` });
	}
};
