/** Sentences about mistakes in a configuration, from what a device says and the schema. For the desk: no image links this. */

import { type CloudName, cloudNamed, keyNamed } from "../clouds/schemas.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { Mistake, Phase } from "../contracts/error.js";
import type { BoardEvent } from "../contracts/event.js";
import { type Key, type Rule, words } from "./schema.js";

/** What is known besides the mistake itself. */
export interface Circumstances {
	/** Where it is not known, a rule that differs from cloud to cloud is told for each. */
	readonly cloud?: CloudName | undefined;
	readonly phase?: Phase;
	/** As in a `FailureReport`. */
	readonly factory?: string | undefined;
}

/**
 * "productId is missing. Expected 1 to 10 letters and digits."
 *
 * @param message of a `bad-configuration`; what is no `Mistake` is returned as it is
 */
export function configurationSentence(message: Mistake | string, circumstances: Circumstances = {}): string {
	const { cloud, phase = "configuration", factory } = circumstances;
	const [, name = "", problem, given] =
		/^([\w.]+) (missing|invalid|unknown|conflict|plain)(?: (.*))?$/s.exec(message) ?? [];
	const keys = keyNamed(name, cloud);
	if (problem === undefined || keys.length === 0) return message;
	const told = inEach(keys, (key) => `${name} ${about(problem, key, phase, given)}`);
	return factory === undefined ? told : `${told} ${fromFactory(factory)}`;
}

/**
 * A device's event with a sentence for people where the device says what is wrong with its configuration.
 *
 * @param configuration of the device, where it is known
 */
export function completeEvent(event: BoardEvent, configuration?: RawConfiguration): BoardEvent {
	if (!("code" in event) || event.code !== "bad-configuration") return event;
	const { message, phase, factory } = event;
	// The partition may be of another cloud than the image.
	const cloud = configuration && factory === undefined ? cloudNamed(configuration.cloud) : undefined;
	return { ...event, message: configurationSentence(message, { cloud, phase, factory }) };
}

/** What follows the key's name. */
function about(problem: string, { rule, conflict, needed }: Key, phase: Phase, given: string | undefined): string {
	switch (problem) {
		case "missing":
			return needed === undefined || phase === "configuration"
				? `is missing. ${expected(rule)}`
				: `is missing. ${needed}. ${expected(rule)}`;
		case "unknown":
			return `has a key that is unknown. ${expected(rule)}`;
		case "conflict":
			return `${conflict}.`;
		case "plain":
			return `has no TLS: everything would be sent in the clear. ${expected(rule, " For tests only, set dangerouslyAllowPlain to true.")}`;
		default:
			// An image may include fewer clouds than there are.
			if (rule.kind === "choice" && rule.of.some((each) => JSON.stringify(each) === given))
				return `is ${given}, which this image does not include.`;
			return `is invalid${described(given)}. ${expected(rule)}`;
	}
}

function expected(rule: Rule, more = ""): string {
	return `Expected ${words(rule)}.${more}`;
}

/** @param given as in a `Mistake` */
function described(given: string | undefined): string {
	if (given === undefined) return "";
	if (given === "[]") return ": a list";
	if (given === "{}") return ": an object";
	return given.startsWith("#") ? `: ${given.slice(1)} characters` : `: ${given}`;
}

/** One text where it is the same for all clouds; else what differs, from a sentence on, by the clouds' titles. */
function inEach(keys: ReturnType<typeof keyNamed>, text: (key: Key) => string): string {
	const titles = new Map(keys.map(({ title, key }) => [text(key), title]));
	const [first = "", ...others] = titles.keys();
	if (others.length === 0) return first;
	const start = first.slice(0, first.indexOf(". ") + 2);
	const shared = others.every((each) => each.startsWith(start)) ? start : "";
	return shared + [...titles].map(([each, title]) => `${title}: ${each.slice(shared.length)}`).join(" ");
}

/** @param note label of the partition, and what it has to do with the mistake */
function fromFactory(note: string): string {
	const [label, state, ...reason] = note.split(" ");
	const again = "write it again as docs/factory.md describes";
	switch (state) {
		case "value":
			return `The value is from the factory partition "${label}": ${again}.`;
		case "absent":
			return `There is no factory partition "${label}" either: build the image with the product's keys, or see docs/factory.md.`;
		case "empty":
			return `The factory partition "${label}" is empty: flash one that dynreg factory has made (docs/factory.md).`;
		case "unreadable":
			return `The factory partition "${label}" cannot be read (${reason.join(" ")}): ${again}.`;
		default:
			return `The factory partition "${label}" does not have it either: ${again}.`;
	}
}
