/** Sentences about mistakes in a configuration, from what a device says and the schema. Desktop only: no image links this. */

import { type CloudName, keyNamed } from "../clouds/schemas.js";
import { type Key, type Rule, ruleInWords } from "../configuration/schema.js";
import type { RawConfiguration } from "../contracts/cloud.js";
import type { Phase } from "../contracts/error.js";
import { actualValue, invalidHint, missingHint } from "./configuration-hint.js";

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
 * @param configuration with the mistake, where it is known: a hint may follow then
 * @returns for a key that no schema has, the sentence without its rule
 */
export function configurationSentence(mistake: Mistake, cloud?: CloudName, configuration?: RawConfiguration): string {
	const { key: name, reason = "invalid", value, phase = "configuration", factory } = mistake;
	// A conflict that a cloud has no words for is not its own.
	const keys = keyNamed(name, cloud).filter(({ key }) => reason !== "conflict" || key.conflict !== undefined);
	if (keys.length === 0) return `${name} is ${reason === "missing" ? "missing" : "invalid"}.`;
	const actual = actualValue(name, value, configuration);
	const told = inEach(keys, (key) => {
		const hint =
			reason === "missing" ? configuration && missingHint(name, configuration) : hintFor(reason, key, actual, value);
		const text = `${name} ${about(reason, key, phase, value, name)}`;
		return hint === undefined ? text : `${text} ${hint}`;
	});
	return factory === undefined ? told : `${told} ${fromFactory(factory)}`;
}

/** @param value the actual one, which is shown as `given` */
function hintFor(reason: string, key: Key, value: unknown, given: string | undefined): string | undefined {
	if (isChoiceOf(key.rule, given)) return undefined;
	return reason === "invalid" || reason === "unknown" ? invalidHint(key, value) : undefined;
}

/** What follows the key's name. */
function about(
	problem: string,
	{ rule, conflict, needed }: Key,
	phase: Phase,
	given: string | undefined,
	name: string,
): string {
	switch (problem) {
		case "missing":
			return needed === undefined || phase === "configuration"
				? `is missing. ${expected(rule)}`
				: `is missing. ${needed}. ${expected(rule)}`;
		case "unknown":
			return `has an unknown key. ${expected(rule)}`;
		case "conflict":
			return `${conflict}.`;
		case "plain":
			return `has no TLS, so everything would be sent in plain text. ${expected(rule, " For tests only, set dangerouslyAllowPlain to true.")}`;
		case "unsupported":
			return `is not for RSA, the only kind that a board can use. ${expected(rule)}`;
		case "weak":
			return "is too weak. Expected a certificate for RSA with 2048 bits or more, signed without SHA-1 or MD5.";
		case "expired":
			return "has expired. Issue another certificate (docs/guides/trust.md).";
		case "mismatched":
			return name === "claimKey"
				? "is not the private key of claimCertificate. Expected the claim certificate first, and its own key."
				: "is not the private key of the first certificate in clientCertificate. Expected the device's own certificate first, and its own key.";
		default:
			// An image may include fewer clouds than there are.
			if (isChoiceOf(rule, given))
				return `is ${given}, but this image does not include ${given}. Build the image with ${given}.`;
			return `is invalid${described(given)}. ${expected(rule)}`;
	}
}

function isChoiceOf(rule: Rule, given: string | undefined): boolean {
	return rule.kind === "choice" && rule.of.some((each) => JSON.stringify(each) === given);
}

function expected(rule: Rule, more = ""): string {
	return `Expected ${ruleInWords(rule)}.${more}`;
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
	const titles = new Map<string, string>();
	for (const { title, key } of keys) {
		const each = text(key);
		const before = titles.get(each);
		titles.set(each, before === undefined ? title : `${before}, ${title}`);
	}
	const [first = "", ...others] = titles.keys();
	if (others.length === 0) return first;
	const start = first.slice(0, first.indexOf(". ") + 2);
	const shared = others.every((each) => each.startsWith(start)) ? start : "";
	return shared + [...titles].map(([each, title]) => `${title}: ${each.slice(shared.length)}`).join(" ");
}

/** @param note label of the partition, and what it has to do with the mistake */
function fromFactory(note: string): string {
	const [label, state, ...reason] = note.split(" ");
	const again = "Write the partition again (docs/guides/factory.md)";
	switch (state) {
		case "value":
			return `The value is from the factory partition "${label}". ${again}.`;
		case "absent":
			return `The board has no factory partition "${label}". Build the image with the product's keys, or flash a partition (docs/guides/factory.md).`;
		case "empty":
			return `The factory partition "${label}" is empty. Flash a partition that dynreg factory made (docs/guides/factory.md).`;
		case "unreadable":
			return `The factory partition "${label}" cannot be read (${reason.join(" ")}). ${again}.`;
		default:
			return `The factory partition "${label}" does not hold the key. ${again}.`;
	}
}
