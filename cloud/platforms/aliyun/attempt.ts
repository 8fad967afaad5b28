import type { Connect, Context } from "../platform.js";
import type { ClientId } from "./client-id.js";
import { Rejection } from "./rejection.js";

/** A CONNECT that has been parsed. */
export interface Attempt {
	readonly clientId: ClientId;
	readonly productKey: string;
	readonly deviceName: string;
	readonly connect: Connect;
	readonly context: Context;
}

/** @throws Rejection 2 if it came over plain TCP */
export function demandTls({ connect }: Attempt, what: string): void {
	if (!connect.secure) throw new Rejection(2, `${what} is possible over TLS only: connect to the TLS port`);
}

/** @throws Rejection 4 if there is none */
export function password({ connect }: Attempt): string {
	if (connect.password) return connect.password;
	throw new Rejection(4, "the password is missing");
}
