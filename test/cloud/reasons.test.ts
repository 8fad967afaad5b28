/** The reasons that the local cloud has for what a client or the system did, each in the case that it claims. */

import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { startCloud } from "@dynreg/cloud";
import { explainHandshakeError } from "@dynreg/cloud/internal/certificates/tls-options";
import { explainListenError } from "@dynreg/cloud/internal/server/listen";
import test from "ava";

const cloud = await startCloud();
test.after.always(() => cloud.close());

async function reasonAfter(act: () => Promise<void>): Promise<string> {
	cloud.administration.clearRequests();
	await act();
	for (let tries = 0; tries < 200; tries++) {
		const reason = cloud.administration.requests().at(-1)?.reason;
		if (reason !== undefined) return reason;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error("nothing in the journal");
}

/** Sends these bytes, and waits for the end. */
async function sendTo(url: string, bytes: string | Buffer): Promise<void> {
	const { hostname, port } = new URL(url);
	const socket = connectTcp(Number(port), hostname);
	socket.on("error", () => {});
	await once(socket, "connect");
	socket.write(bytes);
	await Promise.race([once(socket, "close"), new Promise((resolve) => setTimeout(resolve, 500))]);
	socket.destroy();
}

/** A CONNECT of this level of the protocol: 5 is MQTT 5. */
function connectPacket(level: number): Buffer {
	const body = Buffer.concat([
		Buffer.from([0, 4]),
		Buffer.from("MQTT"),
		Buffer.from([level, 2, 0, 60, ...(level === 5 ? [0] : []), 0, 1]),
		Buffer.from("a"),
	]);
	return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

test.serial("a client that does not use TLS, or no version of TLS in common", async (t) => {
	t.regex(
		await reasonAfter(() => sendTo(cloud.urls.mqtts, connectPacket(4))),
		/^The client sent data that is not TLS\. Connect to the plain port/,
	);
	const { hostname, port } = new URL(cloud.urls.mqtts);
	const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
	t.regex(
		await reasonAfter(async () => {
			const socket = connectTls({ host: hostname, port: Number(port), ...old, rejectUnauthorized: false });
			await once(socket, "error");
		}),
		/^The client and the server have no TLS version or cipher in common\./,
	);
});

test.serial("a client with another version of MQTT, and one that sends no CONNECT", async (t) => {
	t.is(
		await reasonAfter(() => sendTo(cloud.urls.mqtt, connectPacket(5))),
		"The client requested an unsupported MQTT version. Expected MQTT 3.1 or 3.1.1.",
	);
	t.regex(
		await reasonAfter(() => sendTo(cloud.urls.mqtt, Buffer.from([0x30, 3, 0, 1, 0x61]))),
		/^The client sent no valid CONNECT: /,
	);
});

test("a client that connects ahead of its CONNECT, and sends none", async (t) => {
	const idle = await startCloud();
	t.teardown(() => idle.close());
	const { hostname, port } = new URL(idle.urls.mqtt);
	const socket = connectTcp(Number(port), hostname);
	await once(socket, "close");
	const [entry] = idle.administration.requests();
	t.like(entry, { operation: "connect", verdict: "closed", reason: "The client sent no CONNECT within 10 s." });
});

const withCode = (code: string) => Object.assign(new Error("underneath"), { code });

for (const [code, reason] of [
	["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", /^The client refused the server's certificate\. .*authority/],
	["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", /^The client refused the server's certificate\./],
	["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", /^The client refused the server's certificate\./],
	["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", /expired\. Check the client's clock, and the selected certificate/],
	["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", /sent no certificate, but this port requires one\./],
	["ERR_SSL_BAD_SIGNATURE", /does not hold the private key of its certificate\./],
	["ERR_SSL_HTTP_REQUEST", /plain HTTP to a TLS port\./],
	["ERR_TLS_HANDSHAKE_TIMEOUT", /not complete within 10 s\./],
	["ECONNRESET", /^The client closed the connection during the TLS handshake\./],
	["EPIPE", /^The client closed the connection during the TLS handshake\./],
	["ERR_SSL_NO_SHARED_CIPHER", /no TLS version or cipher in common\./],
	["ERR_SSL_DECODE_ERROR", /^The TLS handshake failed \(ERR_SSL_DECODE_ERROR\)\.$/],
	["", /^The TLS handshake failed \(underneath\)\.$/],
] as const)
	test(`a TLS handshake that fails with ${code || "no code"} has its reason`, (t) => {
		t.regex(explainHandshakeError(withCode(code)), reason);
	});

for (const [code, reason] of [
	["EADDRINUSE", "another program is using the port. Stop that program, or choose another port."],
	["EACCES", "ports below 1024 need privileges. Choose another port."],
	["EADDRNOTAVAIL", "this machine does not have the address. Choose an address of this machine, or 0.0.0.0."],
	["EINVAL", "underneath."],
] as const)
	test(`a port that cannot be listened on because of ${code} has its reason`, (t) => {
		t.is(explainListenError(withCode(code)), reason);
	});

test("an address that this machine does not have stops the start", async (t) => {
	await t.throwsAsync(startCloud({ host: "203.0.113.1" }), {
		message: /^Cannot listen for \w+ on 203\.0\.113\.1:0: this machine does not have the address\./,
	});
});
