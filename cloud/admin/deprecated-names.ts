/** Names of the previous version, which this one still accepts. */

/** By the previous name of a port. */
const portNames: Readonly<Record<string, string>> = { mutual: "mtls" };

/** A name as it is now. */
export interface CurrentName {
	readonly name: string;
	/** For the response, if the given name is deprecated. */
	readonly warning?: string;
}

/** Logs a warning if the name is deprecated: as a `DeprecationWarning` of the process. */
export function currentPortName(given: string): CurrentName {
	const name = Object.hasOwn(portNames, given) ? portNames[given] : undefined;
	if (name === undefined) return { name: given };
	const warning = `The port "${given}" is deprecated and will be removed in the next version. Use "${name}".`;
	process.emitWarning(warning, "DeprecationWarning");
	return { name, warning };
}
