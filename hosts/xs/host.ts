/**
 * The ports on a bare XS engine, which call the parent process through the bridge. Runs in the engine, without Node.
 */

import type { Configuration } from "dynreg/contracts/configuration";
import type { Host, Mqtt } from "dynreg/contracts/host";
import { ignorable } from "dynreg/core/connection-errors";
import { addListener, call, forgetJob, removeListener, startJob } from "./bridge.js";

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
		http: { request: (request, deadline) => startJob("http", request, deadline).done },
		mqtt: {
			connect,
			open(endpoint, deadline) {
				const number = call("open", endpoint, deadline);
				return () => call("discard", number);
			},
		},
		storage: {
			maxValueBytes: call("maxValueBytes"),
			get: (key) => call("get", key),
			set: (key, value) => call("set", key, value),
			delete: (key) => call("delete", key),
		},
		clock: {
			now: () => call("now"),
			set: (now) => call("setClock", now),
			sync: (deadline, force = false) => startJob("sync", deadline, force).done,
			ticks: () => call("ticks"),
		},
		timers: {
			after(duration, action) {
				const { number, done } = startJob("timer", duration);
				done.then(action);
				return () => {
					// It may have fired in the parent already.
					forgetJob(number);
					call("cancelTimer", number);
				};
			},
		},
		network: { up: (deadline) => startJob("up", deadline).done, mac: () => call("mac") },
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
	const { number, done } = startJob("mqtt", open, deadline);
	addListener(number, events);
	try {
		await done;
	} catch (error) {
		removeListener(number);
		throw error;
	}
	return {
		publish: (topic, payload, options = {}) => ignorable(startJob("publish", number, topic, payload, options).done),
		subscribe: (filter, options = {}) => ignorable(startJob("subscribe", number, filter, options).done),
		unsubscribe: (filter) => ignorable(startJob("unsubscribe", number, filter).done),
		close() {
			removeListener(number);
			call("close", number);
		},
	};
};
