/** What went wrong and what to do, for each code: `docs/errors.md` and `dynreg explain` are made of it. */

import type { Code } from "dynreg/contracts/error";

export interface Explanation {
	/** Where on its way a board meets it. */
	readonly where: string;
	readonly happened: string;
	readonly advice: string;
}

export const explanations: Readonly<Record<Code, Explanation>> = {
	"bad-configuration": {
		where: "configuration",
		happened:
			"a key is missing or breaks its rule; in phase `register`, `network` or `clock`, one that is needed only then",
		advice:
			"the message names the key and the rule, and says so if the value came from the [factory partition](factory.md)",
	},
	"no-network": {
		where: "network, clock, TLS",
		happened: "no Wi-Fi, or no address",
		advice: "check `ssid` and `password`, and that the network is 2.4 GHz",
	},
	"dns-failed": {
		where: "network, clock, TLS",
		happened: "the host name was not found",
		advice: "check the endpoint's host name and the network's DNS",
	},
	"connect-failed": {
		where: "network, clock, TLS",
		happened: "nobody listens there, or a firewall is in between",
		advice: "check host and port; the platforms need ports 443 and 8883 open",
	},
	"connection-lost": {
		where: "network, clock, TLS",
		happened: "an open connection broke",
		advice: "nothing; the board comes back by itself",
	},
	timeout: {
		where: "network, clock, TLS",
		happened: "the server did not answer in time",
		advice: "nothing; if it persists, check the network",
	},
	"clock-unknown": {
		where: "network, clock, TLS",
		happened: "no time server answered",
		advice: "open UDP port 123, or set `sntp` to a server that can be reached",
	},
	"certificate-expired": {
		where: "network, clock, TLS",
		happened: "the server's certificate is past its date",
		advice: "mend the server; if it is fine elsewhere, the board's clock is ahead",
	},
	"certificate-not-yet-valid": {
		where: "network, clock, TLS",
		happened: "the certificate's date lies ahead",
		advice: "the board's clock is behind: check that it reaches a time server",
	},
	"certificate-wrong-name": {
		where: "network, clock, TLS",
		happened: "the certificate is for another host",
		advice: "check the endpoint's host name; a log-in page or a proxy may answer in its place",
	},
	"certificate-untrusted": {
		where: "network, clock, TLS",
		happened: "its authority is not one that the board trusts",
		advice: "check `ca`; an intercepting proxy looks like this too",
	},
	"certificate-incomplete": {
		where: "network, clock, TLS",
		happened: "the certificates that the server sent end before an authority that the board trusts",
		advice:
			'let the server send its intermediate certificates too (its "full chain"); if it does, its authority is missing in `ca`',
	},
	"certificate-weak": {
		where: "network, clock, TLS",
		happened: "a key in the server's chain is RSA below 2048 bits, or a signature is SHA-1 or MD5",
		advice: "renew the certificate at the server",
	},
	"tls-failed": {
		where: "network, clock, TLS",
		happened: "TLS failed for another reason",
		advice:
			"the message has what is known; the server must offer TLS 1.2 with ECDHE, AES-128-GCM and P-256; if it is the device's own certificate, that one must be RSA",
	},
	"bad-product-secret": {
		where: "registration",
		happened: "the platform refused the signature (Tencent 1010; Alibaba 401, CONNACK 4)",
		advice:
			"compare `productId` or `productKey` and `productSecret` with the product's page in the console. Alibaba's broker may say the same of a name that was not created or is active",
	},
	"bad-timestamp": {
		where: "registration",
		happened: "the platform refused the time",
		advice: "the board's clock is wrong: check that it reaches a time server",
	},
	"already-activated": {
		where: "registration",
		happened:
			"the name has been online before, with a secret that this board does not have (Tencent 1021; Alibaba 6289)",
		advice: "reset or delete the device in the console; then it registers again by itself",
	},
	"registration-refused": {
		where: "registration",
		happened:
			"the platform refused for another reason, given in its own words or as a number (Alibaba 460, 6100, 6250, 6280, CONNACK 2 and 5)",
		advice:
			"in the console: dynamic registration is on, the name is created or automatic creation allowed, the limit not reached",
	},
	"http-status": {
		where: "registration",
		happened: "the endpoint answered with another status than 200",
		advice: "check `endpoints.register`; no proxy or log-in page may stand in between",
	},
	"bad-answer": {
		where: "registration",
		happened: "the answer is not what the platform sends",
		advice:
			'if it "does not decrypt", `productSecret` is another product\'s; else check `endpoints.register`: no proxy or log-in page may stand in between',
	},
	"answer-too-large": {
		where: "registration",
		happened: "the answer is longer than any that the platform sends",
		advice: "check `endpoints.register`: no proxy or log-in page may stand in between",
	},
	"storage-failed": {
		where: "flash",
		happened: "the flash refused to be read or written",
		advice: "if it repeats, erase the flash; the message says more",
	},
	"storage-too-small": {
		where: "flash",
		happened: "the product authenticates by certificate, and this board's flash takes short values only (ESP8266)",
		advice: "a product that authenticates by key, or a board such as the ESP32",
	},
	"storage-mismatch": {
		where: "flash",
		happened: "what was read back is not what was written",
		advice: "worn out or full: erase the flash, else replace the board",
	},
	"credential-refused": {
		where: "the broker",
		happened:
			"the broker does not take this device's credential (CONNACK 2, 4 or 5), or its TLS this device's certificate (alert 42, 44, 45, 46, 48 or 49)",
		advice:
			"nothing at first: a new credential is replaced at once, an active one after ten refusals; see whether it was changed in the console",
	},
	"broker-unavailable": {
		where: "the broker",
		happened: "CONNACK 3, in phase `connect`, or `register` over MQTT",
		advice: "nothing; the board comes back by itself",
	},
	"mqtt-refused": {
		where: "the broker",
		happened: "CONNACK 1: the broker does not speak MQTT 3.1.1",
		advice: "check `endpoints.mqtt`",
	},
	ordered: {
		where: "the firmware",
		happened:
			"somebody at the board has asked for something ([button and console](on-the-board.md)); the session ends for it",
		advice: "nothing",
	},
	unexpected: {
		where: "the firmware",
		happened: "a defect, of the firmware or of your application; the board goes on",
		advice: "the message has the error; report it if it is not yours",
	},
};
