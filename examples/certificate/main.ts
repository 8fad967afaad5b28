/**
 * A board of a product that authenticates by certificate: registering yields a certificate and its key, flash keeps
 * them, and TLS shows them at each connection. All of that is in the manifest: with `auth` a board that has no room
 * for a certificate says so before it registers, and with `vault` an ESP8266 has room.
 */

import { createHost, readConfiguration } from "dynreg/host";
import { start } from "dynreg/start";

start(createHost(), readConfiguration(), (session) => {
	session.publish(session.event, JSON.stringify({ certified: session.device }));
}).catch(() => trace("see the configuration\n"));
