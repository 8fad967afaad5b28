/** The cloud itself: its addresses, broker, certificates, time, restart and journal. */

import { resolve } from "node:path";
import type { SelectedKind } from "../certificates/certificate-selector.js";
import { CertificateUnavailable, certificateKinds } from "../certificates/certificate-variants.js";
import { tlsPorts } from "../certificates/tls-options.js";
import type { JournalEntry, Transport } from "../server/journal.js";
import type { PortName } from "../server/listen.js";
import { orList } from "../server/or-list.js";
import { AdminError } from "./admin-error.js";
import { currentPortName } from "./deprecated-names.js";
import { operation } from "./operation.js";
import {
	boolean,
	described,
	invalid,
	list,
	number,
	object,
	optional,
	type Schema,
	string,
	stringOrNumber,
} from "./schema.js";

/** Seconds: a hundred years. */
const maxOffset = 3_155_760_000;

/** Seconds. */
const maxRestartDelay = 3600;

/** By this name a client knows that it talks to a local cloud. */
export const serverName = "@dynreg/cloud";

/** What a board's configuration needs: addresses, and the authority's certificate. */
export const cloudDescription = object({
	server: string([serverName]),
	urls: object({
		http: string(),
		https: string(),
		mqtt: string(),
		mqtts: string(),
		mtls: string(),
		sntp: string(),
		admin: string(),
	} satisfies Record<PortName, Schema<string>>),
	ca: described("File of the authority's certificate.", string()),
	authority: described("The authority's certificate, PEM.", string()),
});

export const getCloud = operation({
	method: "GET",
	path: "/",
	summary: "The addresses of the cloud, and its certificate authority.",
	response: cloudDescription,
	run: ({ cloud: { urls, ca, authority } }) => ({ server: serverName, urls, ca: resolve(ca), authority }),
});

export const stopBroker = operation({
	method: "POST",
	path: "/broker/stop",
	summary: "Stops the broker, as if the platform were down.",
	run: ({ broker }) => broker.stop(),
});

export const startBroker = operation({
	method: "POST",
	path: "/broker/start",
	summary: "Starts the broker on the same ports as before.",
	run: ({ broker }) => broker.start(),
});

const selectedKind = string<SelectedKind>([...certificateKinds, "custom"]);

const selectedKinds = { https: selectedKind, mqtts: selectedKind, mtls: selectedKind };

const selectedCertificates = object(selectedKinds);

export const getCertificate = operation({
	method: "GET",
	path: "/certificate",
	summary: "Which certificate each TLS port shows.",
	response: selectedCertificates,
	run: ({ certificates }) => certificates.selected(),
});

export const putCertificate = operation({
	method: "PUT",
	path: "/certificate",
	summary: "Shows another certificate from the next handshake on.",
	body: object({
		kind: string(certificateKinds),
		at: described("Default: all TLS ports.", optional(string(tlsPorts))),
	}),
	response: object({ ...selectedKinds, warning: optional(string()) }),
	async run({ certificates }, _, { kind, at: given }) {
		if (!certificateKinds.includes(kind)) throw invalid("kind", kind, orList(certificateKinds));
		const { name, warning } = given === undefined ? {} : currentPortName(given);
		const at = tlsPorts.find((port) => port === name);
		if (at === undefined && name !== undefined) throw invalid("at", name, orList(tlsPorts));
		try {
			await certificates.select(kind, at === undefined ? tlsPorts : [at]);
		} catch (error) {
			if (error instanceof CertificateUnavailable) throw new AdminError(409, error.message);
			throw error;
		}
		return { ...certificates.selected(), ...(warning !== undefined && { warning }) };
	},
});

export const getTime = operation({
	method: "GET",
	path: "/time",
	summary: "How the time server deviates from this computer.",
	response: object({ offset: number(), silent: boolean() }),
	run: ({ sntp }) => sntp.time,
});

export const putTime = operation({
	method: "PUT",
	path: "/time",
	summary: "Changes the offset or the silence of the time server.",
	body: described(
		"Keys that are absent keep their value.",
		object({ offset: optional(number()), silent: optional(boolean()) }),
	),
	response: object({ offset: number(), silent: boolean() }),
	run({ sntp }, _, change) {
		const { offset } = change;
		if (offset !== undefined && !(Math.abs(offset) <= maxOffset))
			throw invalid("offset", offset, `a number of seconds from -${maxOffset} to ${maxOffset}`);
		sntp.time = { ...sntp.time, ...change };
		return sntp.time;
	},
});

export const restart = operation({
	method: "POST",
	path: "/restart",
	summary: "Stops registration and broker for some seconds, and starts them again.",
	body: object({ seconds: optional(number()) }),
	async run({ cloud }, _, { seconds = 0 }): Promise<void> {
		if (!(seconds >= 0 && seconds <= maxRestartDelay))
			throw invalid("seconds", seconds, `a number from 0 to ${maxRestartDelay}`);
		if (cloud.restarting)
			throw new AdminError(409, "The cloud is restarting already. Wait for the end of that restart.");
		try {
			await cloud.restart(seconds);
		} catch (error) {
			const why = error instanceof Error ? error.message : error;
			throw new AdminError(409, `The restart failed. ${why} Then restart again.`);
		}
	},
});

const entry: Schema<JournalEntry> = object({
	time: described("ISO 8601, UTC.", string()),
	transport: string<Transport>(["http", "https", "mqtt", "mqtts", "mtls"]),
	operation: string(),
	product: optional(string()),
	device: optional(string()),
	verdict: string<JournalEntry["verdict"]>(["accepted", "refused", "closed"]),
	reason: string(),
	code: optional(stringOrNumber()),
	expected: optional(object({ algorithm: string(), encoding: optional(string()), stringToSign: string() })),
});

/** The latest 1000 requests, oldest first. */
export const getRequests = operation({
	method: "GET",
	path: "/requests",
	summary: "The latest 1000 requests of boards, oldest first.",
	response: list(entry),
	run: ({ journal }) => journal.entries(),
});

export const deleteRequests = operation({
	method: "DELETE",
	path: "/requests",
	summary: "Clears the list of requests.",
	run: ({ journal }) => journal.clear(),
});
