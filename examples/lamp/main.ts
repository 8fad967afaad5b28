/** A lamp that the cloud switches: registration, reconnecting and the rest are the library's business. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

const host = createHost();

start(host, readConfiguration(), async (session) => {
	let message = await session.receive();
	while (message) {
		const { lamp } = JSON.parse(host.crypto.text(message.payload));
		trace(`the lamp is ${lamp}\n`);
		session.publish(session.event, JSON.stringify({ lamp }));
		message = await session.receive();
	}
}).catch(() => trace("see the configuration\n"));
