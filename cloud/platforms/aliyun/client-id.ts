/**
 * MQTT client ids: `{id}|{name}={value},…|`, where the id is free and the parameters are in any order.
 *
 * Blanks and line breaks around the parameters are ignored, as some samples have them. That the platform does so is not
 * established. The id is signed, so every character of it counts.
 */

import { ConnackError } from "./connack-error.js";
import { readSignMethod, type SignMethod, signMethods } from "./signature.js";

export interface ClientId {
	/** As it came. */
	readonly whole: string;
	/** The part before the first bar. */
	readonly id: string;
	readonly parameters: ReadonlyMap<string, string>;
}

/** @throws ConnackError 2 */
export function parseClientId(whole: string): ClientId {
	const [id = "", list = "", end = "missing", ...more] = whole.split("|");
	if (id === "" || list.trim() === "" || end.trim() !== "" || more.length > 0)
		throw new ConnackError(2, "The client id is malformed. Expected id|securemode=2,signmethod=…|.");
	if (id.length > 64)
		throw new ConnackError(2, `The client id has ${id.length} characters before its first |. At most 64 are allowed.`);
	const parameters = new Map<string, string>();
	for (const parameter of list.split(",")) {
		// Link SDK for C ends its list with a comma where the application adds no parameter.
		if (parameter.trim() === "") continue;
		const equals = parameter.indexOf("=");
		const name = parameter.slice(0, Math.max(equals, 0)).trim();
		if (name === "") throw new ConnackError(2, "A parameter of the client id is malformed. Expected name=value.");
		parameters.set(name, parameter.slice(equals + 1).trim());
	}
	return { whole, id, parameters };
}

/** @throws ConnackError 2 */
export function requireParameter({ parameters }: ClientId, name: string): string {
	const value = parameters.get(name);
	if (value) return value;
	const similar = [...parameters.keys()].find((one) => one.toLowerCase() === name.toLowerCase() && one !== name);
	const hint = similar === undefined ? "" : ` The client id has ${similar} instead.`;
	throw new ConnackError(2, `The parameter ${name} is missing in the client id.${hint}`);
}

/** @throws ConnackError 2 */
export function requireSignMethod(clientId: ClientId): SignMethod {
	const method = readSignMethod(requireParameter(clientId, "signmethod"));
	if (method) return method;
	throw new ConnackError(2, `The client id's signmethod is invalid. Expected one of ${signMethods}.`);
}
