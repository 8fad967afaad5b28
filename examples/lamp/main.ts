/** A lamp that the cloud switches. The library registers, connects and reconnects. */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), async (session, { crypto }) => {
	for (let message = await session.receive(); message; message = await session.receive()) {
		try {
			const { lamp } = JSON.parse(crypto.text(message.payload));
			trace(`the lamp is ${lamp}\n`);
			session.publish(session.event, JSON.stringify({ lamp }));
		} catch {
			trace("that was no command for a lamp\n");
		}
	}
}).catch(() => trace("see the configuration\n"));
