/** What the SDK's own MQTT over its own TLS needs, with nothing of this project: to hold ours against. */

import { File } from "file";
import Client from "mqtt";
import SecureSocket from "securesocket";

const file = new File("dynreg.json");
const { port, id, user, password, authority } = JSON.parse(file.read(String));
file.close();

const client = new (Client as unknown as new (options: object) => { onReady(): void })({
	host: "localhost",
	port,
	id,
	user,
	password,
	timeout: 60_000,
	Socket: SecureSocket,
	secure: {
		protocolVersion: 0x303,
		tls_server_name: "localhost",
		certificate: Uint8Array.fromBase64(authority).buffer,
	},
});
client.onReady = () => trace("the SDK is online\n");
