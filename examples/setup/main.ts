/** A board whose network the customer enters, on a page of the board's own: publishes an event each time it is online. */

import { Device } from "dynreg/boot";
import { tencent } from "dynreg/clouds";
import { createHost, readConfiguration } from "dynreg/host";
import { withSetup } from "dynreg/setup";

new Device({
	cloud: tencent,
	host: withSetup(createHost(), readConfiguration()),
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ online: session.identity.deviceName }));
	},
});
