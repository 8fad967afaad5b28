import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Host } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import type { Case, Servers } from "./case.js";
import { equal, fails, holds } from "./expect.js";
import { frozen } from "./frozen.js";
import { get, secure, text } from "./requests.js";

const deadline = 8000;

/** The server asks who the client is, and it has something to show: these need `servers.device`. */
const certified: readonly Case[] = frozen([
	{
		name: "mqtts: a server that demands a certificate is shown the device's, its key as PKCS #8 or PKCS #1",
		isCertified: true,
		async run(host, servers) {
			const { pkcs8, pkcs1 } = servers.device;
			for (const key of [pkcs8, pkcs1])
				equal(await peer(host, servers, servers.mqttsDemanding, own(host, servers, key)), "device-1", "name");
		},
	},
	{
		name: "mqtts: a server that asks for a certificate gets the device's if there is one, and is content without",
		isCertified: true,
		async run(host, servers) {
			const { mqttsAsking, device } = servers;
			equal(await peer(host, servers, mqttsAsking, own(host, servers, device.pkcs8)), "device-1", "name with one");
			equal(await peer(host, servers, mqttsAsking, undefined), "", "name without one");
		},
	},
	{
		name: "mqtts: a server that does not ask is not shown the device's certificate",
		isCertified: true,
		async run(host, servers) {
			equal(await peer(host, servers, servers.mqtts, own(host, servers, servers.device.pkcs8)), "", "name");
		},
	},
	{
		name: "mqtts: a certificate with a key that is not RSA, not its own or no key is tls-failed, before anything is sent",
		isCertified: true,
		async run(host, servers) {
			const { ecCertificate, ecKey, otherKey, pkcs8 } = servers.device;
			const { crypto } = host;
			const good = own(host, servers, pkcs8);
			const wrong: readonly (readonly [string, CertificateCredential])[] = [
				["on a curve", { ...own(host, servers, ecKey), certificates: [crypto.fromPem(ecCertificate)] }],
				["RSA with a key on a curve", own(host, servers, ecKey)],
				["another's key", own(host, servers, otherKey)],
				["no key", { ...good, secret: new Secret("bm8ga2V5") }],
				["not base64", { ...good, secret: new Secret("no base64!") }],
				["no certificate", { ...good, certificates: [] }],
				["not DER", { ...good, certificates: [crypto.utf8("no certificate")] }],
			];
			for (const [what, certificate] of wrong) {
				// Nobody listens there: whoever tries finds out.
				const failure = await fails(() => connect(host, servers, servers.closed, certificate), "connect", "tls-failed");
				equal(failure.action, "stop", `action (${what})`);
				const told = `${failure.message} ${String(failure.cause)}`;
				holds(!told.includes(certificate.secret.reveal()), `the key is not told (${what})`);
			}
		},
	},
]);

/** The server asks, and the client has nothing to show. */
const bare: readonly Case[] = frozen([
	{
		name: "https: a server that asks for a certificate is content without",
		async run(host, servers) {
			equal(await text(host, { ...secure(servers), port: servers.httpsAsking }, "/peer"), "", "name");
		},
	},
	{
		name: "https, mqtts: a server that demands a certificate, and a client without, is tls-failed",
		async run(host, servers) {
			const endpoint = { ...secure(servers), port: servers.httpsDemanding };
			await fails(() => host.http.request(get(endpoint, "/peer"), deadline), "register", "tls-failed");
			await fails(() => connect(host, servers, servers.mqttsDemanding, undefined), "connect", "tls-failed");
		},
	},
]);

/** Mutual TLS. */
export const mutual: readonly Case[] = frozen([...certified, ...bare]);

function own({ crypto }: Host, { device }: Servers, key: string): CertificateCredential {
	return {
		kind: "certificate",
		certificates: [crypto.fromPem(device.certificate), crypto.fromPem(device.between)],
		secret: new Secret(crypto.base64(crypto.fromPem(key))),
	};
}

/** The name that the server found in the client's certificate. */
async function peer(host: Host, servers: Servers, port: number, certificate: CertificateCredential | undefined) {
	let name: string | undefined;
	const told = (payload: Uint8Array) => {
		name = host.crypto.text(payload);
	};
	const connection = await connect(host, servers, port, certificate, told);
	connection.publish("peer", "");
	for (let tries = 0; tries < 100 && name === undefined; tries++) await host.timers.sleep(20);
	connection.close();
	return name;
}

function connect(
	host: Host,
	servers: Servers,
	port: number,
	certificate: CertificateCredential | undefined,
	told: (payload: Uint8Array) => void = () => {},
) {
	const options = {
		endpoint: { ...secure(servers), port },
		clientId: "c",
		username: "u",
		keepAlive: 60,
		...(certificate && { certificate }),
	};
	return host.mqtt.connect(options, { message: (_, payload) => told(payload), closed() {} }, deadline);
}
