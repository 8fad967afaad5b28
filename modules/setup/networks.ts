/** The networks that a portal offers, and what may be a network. */

import type { Crypto } from "../contracts/host.js";
import type { FoundNetwork, WifiNetwork } from "../contracts/setup.js";
import { Secret } from "../core/secret.js";

/**
 * The strongest networks, each name once, the strongest first. Leaves out hidden ones and names that a form cannot
 * return: with control characters, or malformed at their source.
 */
export const offered = (found: readonly FoundNetwork[]): readonly FoundNetwork[] => {
	const networks: FoundNetwork[] = [];

	/** Keeps the list in order and short; of one name, the strongest. */
	const insert = (network: FoundNetwork): void => {
		let place = 0;
		for (; place < networks.length; place++) {
			const other = networks[place] as FoundNetwork;
			if (other.signal < network.signal) break;
			if (other.name === network.name) return;
		}
		networks.splice(place, 0, network);
		for (let i = place + 1; i < networks.length; i++)
			if ((networks[i] as FoundNetwork).name === network.name) networks.splice(i, 1);
		// Each takes some 60 bytes of a board's memory.
		if (networks.length > 16) networks.length = 16;
	};

	/** Not empty, no control character, no half of a surrogate pair, no replacement character. */
	const isPrintable = (name: string): boolean => {
		for (let i = 0; i < name.length; i++) {
			const code = name.charCodeAt(i);
			if (code < 32 || code === 127 || code === 0xfffd) return false;
			if ((code & 0xf800) === 0xd800) {
				// A pair: high, then low.
				if (code > 0xdbff || (name.charCodeAt(++i) & 0xfc00) !== 0xdc00) return false;
			}
		}
		return name !== "";
	};

	for (let i = 0; i < found.length; i++) {
		const each = found[i] as FoundNetwork;
		if (isPrintable(each.name)) insert(each);
	}
	return networks;
};

/** What is wrong with a network that a person has entered. */
export type NetworkMistake = "name-missing" | "name-too-long" | "password-length";

/**
 * A network as entered. Blanks count: names and passwords may begin or end with them.
 *
 * @param password empty for an open network; otherwise 8 to 63 bytes, or 64 hexadecimal digits (IEEE 802.11, annex J)
 */
export const enteredNetwork = (crypto: Crypto, name: string, password: string): WifiNetwork | NetworkMistake => {
	if (name === "") return "name-missing";
	if (crypto.utf8(name).length > 32) return "name-too-long";
	if (password === "") return { name };
	const { length } = crypto.utf8(password);
	if (length < 8 || length > 64) return "password-length";
	for (let i = 0; length === 64 && i < 64; i++)
		if ("0123456789abcdefABCDEF".indexOf(password[i] as string) < 0) return "password-length";
	return { name, password: new Secret(password) };
};
