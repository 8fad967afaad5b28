/** A lamp that the cloud switches. The library registers, connects and reconnects. */

import { Device } from "dynreg/boot";

new Device({
	async onOnline(session) {
		for await (const message of session)
			try {
				const { lamp } = message.json() as { lamp: string };
				trace(`the lamp is ${lamp}\n`);
				session.publish(session.topics.event, JSON.stringify({ lamp }));
			} catch {
				trace("that was no command for a lamp\n");
			}
	},
	onOffline: () => trace("the lamp stays as it is\n"),
});
