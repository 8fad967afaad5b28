import type { Platform } from "../platforms/platform.js";
import type { FaultName, OperationKind } from "./kinds.js";

/** Something that can have a fault. */
export interface Operation {
	/** As in the journal, or the name of a port. */
	readonly name: string;
	readonly kind: OperationKind;
	/** The faults that the registration's platform can apply to its responses. */
	readonly ofPlatform: readonly FaultName[];
}

/** Everything that can have a fault. */
export function operationsOf(platforms: readonly Platform[]): readonly Operation[] {
	const other = (kind: OperationKind, ...names: string[]): Operation[] =>
		names.map((name) => ({ name, kind, ofPlatform: [] }));
	return [
		...platforms.flatMap(({ operations, endpoints, corruptions }) => {
			const overHttp = Object.values(endpoints).map(({ operation }) => operation);
			const ofPlatform = Object.keys(corruptions) as FaultName[];
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
