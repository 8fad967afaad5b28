/**
 * A board of a product that authenticates by certificate: registration yields a certificate and its key, which are stored
 * in flash and used by TLS in each connection. With `auth` in the manifest, a board without room for a certificate, such as
 * an ESP8266, reports that before it registers.
 */

import { Device } from "dynreg/boot";
import { tencent } from "dynreg/clouds";

new Device({
	cloud: tencent,
	onOnline(session) {
		session.publish(session.topics.event, JSON.stringify({ certified: session.identity.deviceName }));
	},
});
