/** Errors of network, clock and TLS as sentences. Desktop only: no image links this. */

import type { Code } from "../contracts/error.js";
import type { Entry } from "./entry.js";

const connection = "network, clock, TLS";
const noTime = "No time server responded with a valid time (NAMES)";
const noVerification = "Without the time, no certificate can be verified.";
const timeAdvice = "Allow UDP port 123 in this network, or set sntp or httpTimeServer to a server in reach.";

/** What can go wrong on the network, with the time and in TLS. */
export const connectionMessages = {
	"no-network": {
		where: connection,
		messages: {
			"": [
				"The Wi-Fi network VALUE cannot be joined. Likely causes: out of range, 5 GHz only, or a wrong password.",
				"Check ssid, password and the distance to the access point.",
			],
			"wrong-password": [
				"The board's Wi-Fi network refused the password. The network's password may have changed.",
				"If this repeats, open set-up mode at the board, and enter the network again.",
			],
			"not-found": [
				"The board's Wi-Fi network was not found. Likely causes: the router is off or out of range, or the network has another name now.",
				"Check the router. For another network, open set-up mode at the board.",
			],
			"no-address": [
				"The board's Wi-Fi network gave it no address. The router may be starting, or have no address left.",
				"If this repeats, restart the router.",
			],
			refused: [
				"The board's Wi-Fi network refused the board. Likely causes: the router's address filter or number of devices, or security other than WPA2.",
				"Check the router.",
			],
		},
	},
	"dns-failed": {
		where: connection,
		messages: {
			"": [
				"The host name HOST cannot be resolved. Likely causes: a wrong name, or a network without DNS.",
				"Check the endpoint's host name and this network's DNS server.",
			],
		},
		note: "For a broker that registration has assigned, ten of them in a row lead to another registration.",
	},
	"connect-failed": {
		where: connection,
		messages: {
			"": [
				"Cannot connect to SERVER. Likely causes: a wrong port, a stopped server, or a firewall.",
				"Check the endpoint, and that the server is reachable from this network.",
			],
		},
		note: "A firewall must allow the platforms' ports, 443 and 8883.",
	},
	"connection-lost": {
		where: connection,
		messages: {
			"": [
				"The connection to SERVER was lost. The server or the network may be restarting.",
				"If this repeats, check the server and the network.",
			],
			"short-sessions": [
				"SERVER accepted the last sessions, but each was lost within a minute. The server or the network may be unstable, or another device uses the same name.",
				"Check that no other device of this product has the same deviceName. If this one has its own, check the server and the network.",
			],
			gone: ["The connection to the broker is closed.", "The device reconnects by itself."],
		},
	},
	timeout: {
		where: connection,
		messages: {
			"": [
				"SERVER did not respond before the timeout. The server or the network may be overloaded.",
				"If this repeats, check the server and the network.",
			],
		},
	},
	"clock-unknown": {
		where: connection,
		messages: {
			"": [
				`${noTime}. ${noVerification}`,
				"Allow UDP port 123 in this network, or set sntp to a time server in reach.",
			],
			"no-date": [`${noTime}, and the web server SERVER sends no Date. ${noVerification}`, timeAdvice],
			"bad-date": [`${noTime}, and the web server SERVER sends the wrong Date VALUE. ${noVerification}`, timeAdvice],
			server: [`${noTime}, and the web server SERVER cannot be used (SAID). ${noVerification}`, timeAdvice],
			computer: [
				"This computer's date is before dynreg's build date. Without the time, no certificate can be verified.",
				"Set this computer's date.",
			],
		},
	},
	"certificate-expired": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER has expired, so nothing was sent.",
				"Renew the certificate at the server. If other clients accept the certificate, set this device's clock.",
			],
		},
	},
	"certificate-not-yet-valid": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is not valid yet, so nothing was sent. This device's clock is probably behind.",
				"Check this device's clock first, then the certificate.",
			],
		},
	},
	"certificate-wrong-name": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is for another name, so nothing was sent.",
				"Set the endpoint to a name that is in the certificate.",
			],
		},
		note: "A log-in page or a proxy may respond in the server's place.",
	},
	"certificate-untrusted": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is from an authority that is not trusted here, so nothing was sent.",
				"Check the endpoint. If the server has a private authority, name that authority in ca.",
			],
			"no-authority": [
				"No certificate authority can be loaded (NAMES), so no server can be trusted. A file is missing or cannot be read.",
				"Check the names in ca. A platform's private root belongs in certs/ (docs/guides/trust.md).",
			],
			"no-certificate": [
				"The authority's file holds no certificate (NAMES), or a damaged one, so no server can be trusted.",
				"Name a file of certificates in ca: PEM that begins with -----BEGIN CERTIFICATE-----, or DER (docs/guides/trust.md).",
			],
		},
		note: "An intercepting proxy causes the same error.",
	},
	"certificate-incomplete": {
		where: connection,
		messages: {
			"": [
				"The certificates of SERVER lead to no trusted authority, so nothing was sent. An intermediate certificate is probably missing.",
				"Configure the server to send the whole chain, or add the server's authority to ca.",
			],
		},
	},
	"certificate-weak": {
		where: connection,
		messages: {
			"": [
				"A certificate of SERVER is too weak, so nothing was sent. Expected RSA with 2048 bits or more, and no SHA-1 or MD5.",
				"Renew the certificate at the server.",
			],
		},
	},
	"certificate-unsupported": {
		where: connection,
		messages: {
			"": [
				"A certificate of SERVER has a key or signature that no board can verify, so nothing was sent.",
				"Let the server use RSA (PKCS #1 v1.5) or ECDSA on P-256 or P-384, with SHA-256, SHA-384 or SHA-512.",
			],
		},
	},
	"tls-failed": {
		where: connection,
		messages: {
			"": [
				"The TLS handshake with SERVER failed. Likely causes: a port without TLS, or a server that requires a client certificate.",
				"Check the endpoint's port and the server's TLS settings.",
			],
			40: [
				"SERVER refused the TLS handshake (alert 40, handshake_failure). Likely causes: no common version, cipher suite, curve or signature, or a missing client certificate.",
				"Let the server offer TLS 1.2 and ECDHE with AES-128-GCM, on P-256 or P-384. Its certificate needs an RSA or ECDSA key that signs with SHA-256. If it requires a client certificate, set clientCertificate and clientKey.",
			],
			70: [
				"SERVER refused the TLS version (alert 70, protocol_version). A board speaks TLS 1.2 only.",
				"Enable TLS 1.2 at the server.",
			],
			71: [
				"SERVER refused the TLS handshake (alert 71, insufficient_security). It requires other cipher suites or curves.",
				"Let the server offer ECDHE with AES-128-GCM on P-256 or P-384.",
			],
			112: [
				"SERVER has no certificate for this host name (alert 112, unrecognized_name).",
				"Check the endpoint's host name, and the server's certificates.",
			],
			"own-certificate": [
				"No connection can be opened with the client certificate and the private key in flash, so nothing was sent.",
				"The device registers again by itself. If the registration is refused, reset the device in the console.",
			],
		},
		note: "The server must offer TLS 1.2 with ECDHE, AES-128-GCM, and P-256 or P-384. Desktops also use newer versions.",
	},
} satisfies Partial<Record<Code, Entry>>;
