import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Host } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import type { ContractCase, Servers } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue, sleep } from "./expect.js";
import { getRequest, getText, httpsEndpoint } from "./requests.js";

const deadline = 8000;

/** The server asks who the client is, and it has something to show: these need `servers.device`. */
const certified: readonly ContractCase[] = deepFreeze([
	{
		name: "mqtts: a server that requires a certificate gets it, with PKCS #8 or #1",
		needsCertificates: true,
		async run(host, servers) {
			const { pkcs8, pkcs1 } = servers.device;
			for (const key of [pkcs8, pkcs1])
				expectEqual(await peer(host, servers, servers.mqttsDemanding, own(host, servers, key)), "device-1", "name");
		},
	},
	{
		name: "mqtts: a server that requests a certificate accepts clients without one",
		needsCertificates: true,
		async run(host, servers) {
			const { mqttsAsking, device } = servers;
			expectEqual(
				await peer(host, servers, mqttsAsking, own(host, servers, device.pkcs8)),
				"device-1",
				"name with one",
			);
			expectEqual(await peer(host, servers, mqttsAsking, undefined), "", "name without one");
		},
	},
	{
		name: "mqtts: a server that does not ask is not shown the device's certificate",
		needsCertificates: true,
		async run(host, servers) {
			expectEqual(await peer(host, servers, servers.mqtts, own(host, servers, servers.device.pkcs8)), "", "name");
		},
	},
	{
		name: "mqtts: a certificate with a non-RSA, wrong or missing key is tls-failed",
		needsCertificates: true,
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
				// No server listens there.
				const failure = await expectFailure(
					() => connect(host, servers, servers.closed, certificate),
					"connect",
					"tls-failed",
				);
				expectEqual(failure.action, "needs-attention", `action (${what})`);
				const told = `${failure.message} ${String(failure.cause)}`;
				expectTrue(!told.includes(certificate.secret.reveal()), `the key is not told (${what})`);
			}
		},
	},
]);

/** The server asks, and the client has nothing to show. */
const bare: readonly ContractCase[] = deepFreeze([
	{
		name: "https: a server that asks for a certificate is content without",
		async run(host, servers) {
			expectEqual(await getText(host, { ...httpsEndpoint(servers), port: servers.httpsAsking }, "/peer"), "", "name");
		},
	},
	{
		name: "https, mqtts: without a required certificate the failure is tls-failed",
		async run(host, servers) {
			const endpoint = { ...httpsEndpoint(servers), port: servers.httpsDemanding };
			await expectFailure(() => host.http.request(getRequest(endpoint, "/peer"), deadline), "register", "tls-failed");
			await expectFailure(() => connect(host, servers, servers.mqttsDemanding, undefined), "connect", "tls-failed");
		},
	},
]);

/** Mutual TLS. */
export const mtls: readonly ContractCase[] = deepFreeze([...certified, ...bare]);

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
	for (let tries = 0; tries < 100 && name === undefined; tries++) await sleep(host.timers, 20);
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
		endpoint: { ...httpsEndpoint(servers), port },
		clientId: "c",
		username: "u",
		keepAlive: 60,
		...(certificate && { certificate }),
	};
	return host.mqtt.connect(options, { message: (_, payload) => told(payload), closed() {} }, deadline);
}
