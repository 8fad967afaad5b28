/** The cloud itself: its addresses, broker, certificates, time, restart and journal. */

import { resolve } from "node:path";
import { type SelectedKind, tlsPorts } from "../certificates/certificate-selector.js";
import { CertificateUnavailable, certificateKinds } from "../certificates/certificate-variants.js";
import { alternatives } from "../server/alternatives.js";
import type { Entry, Transport } from "../server/journal.js";
import type { PortName } from "../server/listen.js";
import { AdminError } from "./admin-error.js";
import { operation } from "./operation.js";
import { boolean, list, number, object, optional, type Schema, string, stringOrNumber } from "./schema.js";

/** Seconds: a hundred years. */
const maxOffset = 3_155_760_000;

/** Seconds. */
const maxRestartDelay = 3600;

/** What a board's configuration needs: addresses, and the PEM file of the authority. */
export const getCloud = operation({
	method: "GET",
	path: "/",
	response: object({
		urls: object({
			http: string(),
			https: string(),
			mqtt: string(),
			mqtts: string(),
			mutual: string(),
			sntp: string(),
			admin: string(),
		} satisfies Record<PortName, Schema<string>>),
		ca: string(),
	}),
	run: ({ cloud }) => ({ urls: cloud.urls, ca: resolve(cloud.ca) }),
});

export const stopBroker = operation({
	method: "POST",
	path: "/broker/stop",
	run: ({ broker }) => broker.stop(),
});

export const startBroker = operation({
	method: "POST",
	path: "/broker/start",
	run: ({ broker }) => broker.start(),
});

const selectedKind = string<SelectedKind>([...certificateKinds, "given"]);

const selectedCertificates = object({ https: selectedKind, mqtts: selectedKind, mutual: selectedKind });

export const getCertificate = operation({
	method: "GET",
	path: "/certificate",
	response: selectedCertificates,
	run: ({ certificates }) => certificates.selected(),
});

export const putCertificate = operation({
	method: "PUT",
	path: "/certificate",
	body: object({
		kind: string(certificateKinds),
		/** Default: all TLS ports. */
		at: optional(string(tlsPorts)),
	}),
	response: selectedCertificates,
	async run({ certificates }, _, { kind, at }) {
		if (!certificateKinds.includes(kind)) throw new AdminError(400, `"kind" must be ${alternatives(certificateKinds)}`);
		if (at !== undefined && !tlsPorts.includes(at)) throw new AdminError(400, `"at" must be ${alternatives(tlsPorts)}`);
		try {
			await certificates.select(kind, at === undefined ? tlsPorts : [at]);
		} catch (error) {
			if (error instanceof CertificateUnavailable) throw new AdminError(409, error.message);
			throw error;
		}
		return certificates.selected();
	},
});

export const getTime = operation({
	method: "GET",
	path: "/time",
	response: object({ offset: number(), silent: boolean() }),
	run: ({ sntp }) => sntp.time,
});

export const putTime = operation({
	method: "PUT",
	path: "/time",
	/** Keys that are absent keep their value. */
	body: object({ offset: optional(number()), silent: optional(boolean()) }),
	response: object({ offset: number(), silent: boolean() }),
	run({ sntp }, _, change) {
		const { offset } = change;
		if (offset !== undefined && !(Math.abs(offset) <= maxOffset))
			throw new AdminError(400, `"offset" must be a number of seconds, from -${maxOffset} to ${maxOffset}`);
		sntp.time = { ...sntp.time, ...change };
		return sntp.time;
	},
});

export const restart = operation({
	method: "POST",
	path: "/restart",
	body: object({ seconds: optional(number()) }),
	async run({ cloud }, _, { seconds = 0 }): Promise<void> {
		if (!(seconds >= 0 && seconds <= maxRestartDelay))
			throw new AdminError(400, `"seconds" must be a number from 0 to ${maxRestartDelay}`);
		if (cloud.restarting) throw new AdminError(409, "a restart is under way: wait until it is over");
		try {
			await cloud.restart(seconds);
		} catch (error) {
			const why = error instanceof Error ? error.message : error;
			throw new AdminError(409, `it is not back: ${why}; then restart again`);
		}
	},
});

const entry: Schema<Entry> = object({
	/** ISO 8601, UTC. */
	time: string(),
	transport: string<Transport>(["http", "https", "mqtt", "mqtts", "mutual"]),
	operation: string(),
	product: optional(string()),
	device: optional(string()),
	verdict: string<Entry["verdict"]>(["accepted", "refused", "closed"]),
	reason: string(),
	code: optional(stringOrNumber()),
	expected: optional(object({ algorithm: string(), encoding: optional(string()), stringToSign: string() })),
});

/** The latest 1000 requests, oldest first. */
export const getRequests = operation({
	method: "GET",
	path: "/requests",
	response: list(entry),
	run: ({ journal }) => journal.entries(),
});

export const deleteRequests = operation({
	method: "DELETE",
	path: "/requests",
	run: ({ journal }) => journal.clear(),
});
