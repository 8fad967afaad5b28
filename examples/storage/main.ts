/** A board with its own storage for the credential, here files: it replaces one port of the host. */

import { Device } from "dynreg/boot";
import { createHost } from "dynreg/host";
import { files } from "./files.js";

new Device({
	host: { ...createHost(), storage: files },
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
