/**
 * The ports on a bare XS engine: the parent process has them, and this side asks
 * it through one bridge. Runs in the engine: nothing of Node here.
 */

import type { Configuration } from "dynreg/contracts/configuration";
import type { Host, Mqtt } from "dynreg/contracts/host";
import { begin, call, ignore, listen } from "./bridge.js";

export function createHost(): Host {
	return {
		crypto: {
			hmac: (hash, key, message) => call("hmac", hash, key, message),
			digest: (hash, message) => call("digest", hash, message),
			decrypt: (key, iv, data) => call("decrypt", key, iv, data),
			utf8: (text) => call("utf8", text),
			text: (bytes) => call("text", bytes),
			hex: (bytes) => call("hex", bytes),
			base64: (bytes) => call("base64", bytes),
			fromBase64: (text) => call("fromBase64", text),
			fromPem: (text) => call("fromPem", text),
		},
		random: (count) => call("random", count),
		http: { request: (request, deadline) => begin("http", request, deadline).done },
		mqtt: { connect },
		storage: {
			maxValueBytes: call("maxValueBytes"),
			get: (key) => call("get", key),
			set: (key, value) => call("set", key, value),
			delete: (key) => call("delete", key),
		},
		clock: {
			now: () => call("now"),
			set: (now) => call("setClock", now),
			sync: (deadline, doubted = false) => begin("sync", deadline, doubted).done,
			ticks: () => call("ticks"),
		},
		timers: { sleep: (duration) => begin("sleep", duration).done },
		network: { up: (deadline) => begin("up", deadline).done, mac: () => call("mac") },
		log: (event) => call("log", event),
	};
}

export function readConfiguration(): Configuration {
	return call("configuration") as Configuration;
}

const connect: Mqtt["connect"] = async ({ password, certificate, ...options }, events, deadline) => {
	const open = {
		...options,
		...(password && { password: password.reveal() }),
		...(certificate && { certificate: { ...certificate, secret: certificate.secret.reveal() } }),
	};
	const { number, done } = begin("mqtt", open, deadline);
	listen(number, events);
	try {
		await done;
	} catch (error) {
		ignore(number);
		throw error;
	}
	return {
		publish: (topic, payload) => call("publish", number, topic, payload),
		subscribe: (topic) => call("subscribe", number, topic),
		close() {
			ignore(number);
			call("close", number);
		},
	};
};
