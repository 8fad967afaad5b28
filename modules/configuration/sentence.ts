/** Sentences about mistakes in a configuration, from what a device says and the schema. For the desk: no image links this. */

import { type CloudName, keyNamed } from "../clouds/schemas.js";
import type { Phase } from "../contracts/error.js";
import { type Key, type Rule, words } from "./schema.js";

/** A `bad-configuration`, as far as it matters here. */
export interface Mistake {
	readonly key: string;
	/** A `Problem`. */
	readonly reason?: string;
	readonly value?: string;
	/** Default: `configuration`. */
	readonly phase?: Phase;
	/** As in a `FailureReport`. */
	readonly factory?: string;
}

/**
 * "productId is missing. Expected 1 to 10 letters and digits."
 *
 * @param cloud where it is not known, a rule that differs from cloud to cloud is told for each
 * @returns for a key that no schema has, key and problem
 */
export function configurationSentence(mistake: Mistake, cloud?: CloudName): string {
	const { key: name, reason = "invalid", value, phase = "configuration", factory } = mistake;
	const keys = keyNamed(name, cloud);
	if (keys.length === 0) return `${name} ${reason}`;
	const told = inEach(keys, (key) => `${name} ${about(reason, key, phase, value)}`);
	return factory === undefined ? told : `${told} ${fromFactory(factory)}`;
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

/** @param given as in a `Mistake`'s `value` */
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
