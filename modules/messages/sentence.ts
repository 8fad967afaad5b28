/** The sentence for people that belongs to a failure. For the desk: no image links this. */

import { cloudNamed } from "../clouds/schemas.js";
import { configurationSentence } from "../configuration/sentence.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { Code, FailureValues, Phase } from "../contracts/error.js";
import type { BoardEvent } from "../contracts/event.js";
import { catalogue } from "./catalogue.js";
import type { Message } from "./entry.js";

/** A `Failure`, or an event `failed` or `offline`. */
export interface Report extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly factory?: string;
}

/**
 * "Nobody answers at broker.example:8883. Check the endpoint's port, and whether the server runs and is reachable from
 * here."
 *
 * @param configuration of the device, where it is known: otherwise rules that differ from cloud to cloud are told for each
 */
export function sentence(report: Report, configuration?: RawConfiguration): string {
	const { code, key, factory, said } = report;
	if (code === "bad-configuration") {
		if (key === undefined) return said ?? "The configuration is invalid.";
		// The partition may be of another cloud than the image.
		const cloud = configuration && factory === undefined ? cloudNamed(configuration.cloud) : undefined;
		return configurationSentence({ ...report, key }, cloud);
	}
	const text = messageFor(report).join(" ");
	const filled = text.replace(/\b(HOST|KEY|NAMES|NUMBER|REFUSAL|SAID|SERVER|VALUE)\b/g, (name) => textOf(report, name));
	const { server, names } = report;
	return server && names ? `${filled} Of ca, ${names.join(", ")} cannot be read: check the name.` : filled;
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
const unknown: Message = ["No message is known for this error: update dynreg to the version of the firmware."];

function messageFor({ code, reason, cloud, number, value, server }: Report): Message {
	if (!Object.hasOwn(catalogue, code)) return unknown;
	const { messages } = catalogue[code];
	const error = value?.split(".")[0];
	const keys = [reason, `${cloud} ${number}`, `${cloud} ${error}`, cloud, `${number}`, server && "server", ""];
	const key = keys.find((each) => each !== undefined && Object.hasOwn(messages, each));
	return (key === undefined ? undefined : messages[key]) ?? unknown;
}

/** What stands for a word in capitals. */
function textOf({ key, value, server, cloud, number, said, names }: Report, name: string): string {
	const words = said || "no reason given";
	switch (name) {
		case "HOST":
			return `${server?.slice(0, server.lastIndexOf(":"))}`;
		case "KEY":
			return `${key}`;
		case "NAMES":
			return `${names?.join(", ")}`;
		case "NUMBER":
			return `${number}`;
		case "REFUSAL":
			if (cloud === "tencent") return `${words} (${number ?? value})`;
			return said === undefined ? `CONNACK ${number}` : `${words}, ${number}`;
		case "SAID":
			return words;
		case "SERVER":
			return `${server}`;
		default:
			return value || "no number of";
	}
}
