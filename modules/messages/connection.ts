/** Errors of network, clock and TLS, in words. For the desk: no image links this. */

import type { Code } from "../contracts/error.js";
import type { Entry } from "./entry.js";

const connection = "network, clock, TLS";

/** What can go wrong on the network, with the time and in TLS. */
export const connectionMessages = {
	"no-network": {
		where: connection,
		messages: {
			"": [
				"The Wi-Fi network VALUE cannot be joined.",
				"Check that it is in reach, on 2.4 GHz, and that the password is right.",
			],
		},
	},
	"dns-failed": {
		where: connection,
		messages: {
			"": ["The name HOST is not known.", "Check the endpoint's host name, and this network's DNS."],
		},
	},
	"connect-failed": {
		where: connection,
		messages: {
			"": [
				"Nobody answers at SERVER.",
				"Check the endpoint's port, and whether the server runs and is reachable from here.",
			],
		},
		note: "The platforms need ports 443 and 8883 open.",
	},
	"connection-lost": {
		where: connection,
		messages: {
			"": ["The connection with SERVER broke off.", "The server or the network may be restarting."],
			gone: ["The connection to the broker is gone; the next one comes by itself."],
		},
	},
	timeout: {
		where: connection,
		messages: {
			"": ["SERVER did not answer in time.", "The server or the network may be overloaded."],
		},
	},
	"clock-unknown": {
		where: connection,
		messages: {
			"": [
				"No time server answers (NAMES), and without the time no certificate can be checked.",
				"Check that this network lets UDP port 123 through, or name a time server of its own in sntp.",
			],
			computer: ["This computer's clock is years behind, so no certificate can be checked.", "Set its date."],
		},
	},
	"certificate-expired": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER has expired, so nothing was sent.",
				"Renew it at the server; if it is good elsewhere, this device's clock is ahead.",
			],
		},
	},
	"certificate-not-yet-valid": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is not valid yet, so nothing was sent.",
				"Check this device's clock first, then the certificate.",
			],
		},
	},
	"certificate-wrong-name": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is for another name, so nothing was sent.",
				"Give the endpoint by a name in the certificate.",
			],
		},
		note: "A log-in page or a proxy may answer in the server's place.",
	},
	"certificate-untrusted": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is not from an authority trusted here, so nothing was sent.",
				"Check ca and the endpoint.",
			],
			"no-authority": [
				"The certificate authority in ca cannot be read (NAMES), so no server can be trusted.",
				"Check its name.",
			],
		},
		note: "An intercepting proxy looks like this too.",
	},
	"certificate-incomplete": {
		where: connection,
		messages: {
			"": [
				"The certificates of SERVER lead to no authority trusted here, so nothing was sent.",
				"Let the server send those in between as well, or add its authority to ca.",
			],
		},
	},
	"certificate-weak": {
		where: connection,
		messages: {
			"": [
				"A certificate of SERVER is too weak (RSA below 2048 bits, or signed with SHA-1 or MD5), so nothing was sent.",
				"Renew it at the server.",
			],
		},
	},
	"tls-failed": {
		where: connection,
		messages: {
			"": [
				"No TLS connection with SERVER (boards speak 1.2, desktops 1.2 and newer).",
				"Check that this port speaks TLS, and whether it demands a certificate of the device.",
			],
			"own-certificate": [
				"This device's own certificate cannot be used, so nothing was sent: it takes an RSA key, and the private key that belongs to it.",
				"Have the platform issue another.",
			],
		},
		note: "The server must offer TLS 1.2 with ECDHE, AES-128-GCM and P-256.",
	},
} satisfies Partial<Record<Code, Entry>>;
