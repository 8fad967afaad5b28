/** The sentence for people that belongs to a failure. Desktop only: no image links this. */

import { cloudNamed } from "../clouds/schemas.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { Code, FailureValues, Phase } from "../contracts/error.js";
import type { BoardEvent } from "../contracts/event.js";
import { catalogue } from "./catalogue.js";
import { configurationSentence } from "./configuration-sentence.js";
import type { Message } from "./entry.js";

/** A `Failure`, or an event `failed` or `offline`. */
export interface Report extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly factory?: string;
}

/**
 * "The connection to broker.example:8883 was lost. The server or the network may be restarting. If this repeats, check
 * the server and the network."
 *
 * @param configuration of the device, where it is known: otherwise rules that differ from cloud to cloud are told for each
 */
export function sentence(report: Report, configuration?: RawConfiguration): string {
	const { code, key, factory, said } = report;
	if (code === "bad-configuration") {
		if (key === undefined) return said ?? "The configuration is invalid.";
		// The partition may be of another cloud than the image.
		const own = factory === undefined ? configuration : undefined;
		return configurationSentence({ ...report, key }, own && cloudNamed(own.cloud), own);
	}
	return statement(inCloud(report, configuration)).join(" ");
}

/** Of errors that say nothing of the cloud, these mean something else in some. */
const ofAnyCloud: readonly Code[] = ["answer-too-large", "storage-too-small"];

function inCloud(report: Report, configuration: RawConfiguration | undefined): Report {
	const cloud = configuration && cloudNamed(configuration.cloud);
	return cloud && ofAnyCloud.includes(report.code) ? { ...report, cloud } : report;
}

/** What happened, with the likely cause; then the next step, if there is one. Not for a `bad-configuration`. */
export function statement(report: Report): Message {
	const [happened, advice] = messageFor(report);
	const { code, server, names } = report;
	const fill = (text: string) =>
		text.replace(/\b(HOST|KEY|NAMES|NUMBER|REFUSAL|SAID|SERVER|VALUE)\b/g, (name) => textOf(report, name));
	if (advice === undefined) return [fill(happened)];
	if (!server || !names || code === "clock-unknown") return [fill(happened), fill(advice)];
	return [
		`${fill(happened)} These authorities cannot be loaded: ${names.join(", ")}.`,
		`${fill(advice)} Check their names and files.`,
	];
}

/**
 * An event as a device sends it, with the sentence for people as its `message` where it is about a failure.
 *
 * @param configuration as for `sentence`
 */
export function withMessage(event: BoardEvent, configuration?: RawConfiguration): BoardEvent {
	return event.event === "failed" || event.event === "offline"
		? { ...event, message: sentence(event, configuration) }
		: event;
}

/** A device may be newer than this. */
const unknown: Message = [
	"This version of dynreg does not know the error.",
	"Update dynreg to the version of the firmware.",
];

function messageFor(report: Report): Message {
	const { code, reason, cloud, server } = report;
	if (!Object.hasOwn(catalogue, code)) return unknown;
	const { messages } = catalogue[code];
	// "AuthFailure.SignatureFailure" is an "AuthFailure".
	const number = `${numberOf(report)}`.split(".")[0] as string;
	const keys = [reason, `${cloud} ${number}`, cloud, number, server && "server", ""];
	const key = keys.find((each) => each !== undefined && Object.hasOwn(messages, each));
	return (key === undefined ? undefined : messages[key]) ?? unknown;
}

/** The code that came with the failure, or the length. A failure has at most one. */
function numberOf({ statusCode, connackCode, vendorCode, alert, bytes }: Report): number | string | undefined {
	return statusCode ?? connackCode ?? vendorCode ?? alert ?? bytes;
}

/** A time server that responded with an invalid time has that behind its name. */
function withDate(name: string): string {
	const [host, time] = name.split(" ");
	const date = new Date(Number(time));
	return Number.isNaN(date.getTime()) ? name : `${host}: ${date.toISOString()}`;
}

/** What stands for a word in capitals. */
function textOf(report: Report, name: string): string {
	const { code, key, value, server, said, names } = report;
	const number = numberOf(report);
	const words = said || "no reason given";
	switch (name) {
		case "HOST":
			return `${server?.slice(0, server.lastIndexOf(":"))}`;
		case "KEY":
			return `${key}`;
		case "NAMES":
			return `${(code === "clock-unknown" ? names?.map(withDate) : names)?.join(", ")}`;
		case "NUMBER":
			return `${number}`;
		case "REFUSAL":
			if (number === undefined) return words;
			return report.connackCode ? `CONNACK ${number}` : `${words}, ${number}`;
		case "SAID":
			return words;
		case "SERVER":
			return `${server}`;
		default:
			return `${value}`;
	}
}
