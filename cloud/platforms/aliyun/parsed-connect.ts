import type { Connect, PlatformContext } from "../platform.js";
import type { ClientId } from "./client-id.js";
import { ConnackError } from "./connack-error.js";

/** A CONNECT that has been parsed. */
export interface ParsedConnect {
	readonly clientId: ClientId;
	readonly productKey: string;
	readonly deviceName: string;
	readonly connect: Connect;
	readonly context: PlatformContext;
}

/** @throws ConnackError 2 if it came over plain TCP */
export function requireTls({ connect }: ParsedConnect, what: string): void {
	if (!connect.overTls) throw new ConnackError(2, `${what} requires TLS. Connect to the TLS port.`);
}

/** @throws ConnackError 4 if there is none */
export function requirePassword({ connect }: ParsedConnect): string {
	if (connect.password) return connect.password;
	throw new ConnackError(4, "The password is missing.");
}
