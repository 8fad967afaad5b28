import type { Platform } from "../platforms/platform.js";
import type { FaultName, OperationKind } from "./fault-kinds.js";

/** Something that can have a fault. */
export interface FaultOperation {
	/** As in the journal, or the name of a port. */
	readonly name: string;
	readonly kind: OperationKind;
	/** The faults that the registration's platform can apply to its responses. */
	readonly platformFaults: readonly FaultName[];
}

/** Everything that can have a fault. */
export function faultOperations(platforms: readonly Platform[]): readonly FaultOperation[] {
	const other = (kind: OperationKind, ...names: string[]): FaultOperation[] =>
		names.map((name) => ({ name, kind, platformFaults: [] }));
	return [
		...platforms.flatMap(({ operations, endpoints, corruptions }) => {
			const httpOperations = Object.values(endpoints).map(({ operation }) => operation);
			const platformFaults = Object.keys(corruptions) as FaultName[];
			return operations.map((name): FaultOperation => {
				const kind = httpOperations.includes(name) ? "HTTP registration" : "MQTT registration";
				return { name, kind, platformFaults };
			});
		}),
		...other("connect", "connect"),
		...other("session", "session"),
		...other("publish", "publish"),
		...other("subscribe", "subscribe"),
		...other("message", "message"),
		...other("plain port", "http", "mqtt"),
		...other("TLS port", "https", "mqtts", "mtls"),
	];
}
