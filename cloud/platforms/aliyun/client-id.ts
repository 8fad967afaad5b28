/** MQTT client ids: `{id}|{name}={value},…|`, where the id is free and the parameters are in any order. */

import { Rejection } from "./rejection.js";
import { readSignMethod, type SignMethod, signMethods } from "./signature.js";

export interface ClientId {
	/** As it came. */
	readonly whole: string;
	/** The part before the first bar. */
	readonly id: string;
	readonly parameters: ReadonlyMap<string, string>;
}

/** @throws Rejection 2 */
export function parseClientId(whole: string): ClientId {
	const [, id = "", list = ""] = /^([^|]*)\|([^|]*)\|$/.exec(whole) ?? [];
	if (id === "" || list === "")
		throw new Rejection(2, "the client id must be an id, a bar, parameters as in securemode=2,signmethod=…, and a bar");
	if (id.length > 64)
		throw new Rejection(2, `the client id has ${id.length} characters before its first |: 64 are allowed`);
	const parameters = new Map<string, string>();
	for (const parameter of list.split(",")) {
		const equals = parameter.indexOf("=");
		if (equals < 1) throw new Rejection(2, "a parameter of the client id is not a name, an = and a value");
		parameters.set(parameter.slice(0, equals), parameter.slice(equals + 1));
	}
	return { whole, id, parameters };
}

/** @throws Rejection 2 */
export function parameter({ parameters }: ClientId, name: string): string {
	const value = parameters.get(name);
	if (value) return value;
	const similar = [...parameters.keys()].find((one) => one.toLowerCase() === name.toLowerCase() && one !== name);
	const hint = similar === undefined ? "" : `; it has ${similar}, which is spelled otherwise`;
	throw new Rejection(2, `the client id needs the parameter ${name}${hint}`);
}

/** @throws Rejection 2 */
export function signMethod(clientId: ClientId): SignMethod {
	const method = readSignMethod(parameter(clientId, "signmethod"));
	if (method) return method;
	throw new Rejection(2, `the client id's signmethod must be one of ${signMethods}`);
}
