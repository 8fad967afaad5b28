import type { Platform } from "../platform.js";
import type { FaultName, OperationKind } from "./kinds.js";

/** Something that a fault may strike. */
export interface Operation {
	/** As the journal calls it, or the name of a port. */
	readonly name: string;
	readonly kind: OperationKind;
	/** Of a registration: what its platform can make of the answer. */
	readonly ofPlatform: readonly FaultName[];
}

/** Everything that a fault may strike. */
export function operationsOf(platforms: readonly Platform[]): readonly Operation[] {
	const other = (kind: OperationKind, ...names: string[]): Operation[] =>
		names.map((name) => ({ name, kind, ofPlatform: [] }));
	return [
		...platforms.flatMap(({ operations, endpoints, spoils }) => {
			const overHttp = Object.values(endpoints).map(({ operation }) => operation);
			const ofPlatform = Object.keys(spoils) as FaultName[];
			return operations.map((name): Operation => {
				const kind = overHttp.includes(name) ? "HTTP registration" : "MQTT registration";
				return { name, kind, ofPlatform };
			});
		}),
		...other("connect", "connect"),
		...other("session", "session"),
		...other("plain port", "http", "mqtt"),
		...other("TLS port", "https", "mqtts", "mutual"),
	];
}
