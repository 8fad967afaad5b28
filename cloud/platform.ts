/**
 * What the local cloud needs to know of a platform. Adding one is a folder beside
 * `tencent/` and a line in `platforms.ts`.
 *
 * A platform decides and phrases; it does no I/O and keeps no state of its own.
 */

import type { IncomingHttpHeaders } from "node:http";
import type { Entry } from "./journal.js";
import type { Device, Product, Products } from "./products.js";

export interface Platform {
	/** As in the admin API: /products/{name}/… */
	readonly name: string;
	/** Its servers' names, for the certificate. */
	readonly hostNames: readonly string[];
	readonly rules: Rules;
	/** Registration endpoints by path; all are POST. */
	readonly endpoints: Readonly<Record<string, RegistrationEndpoint>>;
	/** @returns undefined if a CONNECT of this form is not for this platform */
	login(connect: Connect, context: Context): Login | undefined;
	/** The key of this TLS-PSK identity, if there is such a device. */
	preSharedKey(identity: string, products: Products): Buffer | undefined;
}

/** The form of names and secrets, each with the sentence that a violation is answered with. */
export interface Rules {
	readonly productId: Rule;
	readonly productSecret: Rule;
	readonly deviceName: Rule;
	/** What the admin API calls a device's secret. */
	readonly secretName: string;
	readonly deviceSecret: Rule;
	newDeviceSecret(): string;
}

export interface Rule {
	readonly pattern: RegExp;
	readonly sentence: string;
}

export interface Context {
	readonly products: Products;
	/** UTC in milliseconds since 1970. */
	readonly now: number;
	/** Refuse timestamps far from `now` where the platform does. */
	readonly checkTimestamps: boolean;
}

export interface RegistrationRequest {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** As received. */
	readonly body: Buffer;
}

/** What is written to the journal about it. */
export type Outcome = Pick<Entry, "product" | "device" | "verdict" | "reason" | "code" | "expected">;

export interface RegistrationEndpoint {
	readonly operation: string;
	answer(request: RegistrationRequest, context: Context): RegistrationAnswer;
}

export interface RegistrationAnswer {
	/** JSON; the HTTP status is 200. */
	readonly body: string;
	readonly outcome: Outcome;
}

export interface Connect {
	readonly clientId: string;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** The identity that TLS-PSK has proved already. */
	readonly preSharedIdentity: string | undefined;
}

export type Login = AcceptedLogin | RefusedLogin;

export interface AcceptedLogin {
	readonly verdict: "accepted";
	readonly product: Product;
	readonly device: Device;
	readonly session: Session;
}

export interface RefusedLogin {
	readonly verdict: "refused";
	/** CONNACK return code, MQTT 3.1.1 section 3.2.2.3. */
	readonly code: 2 | 3 | 4 | 5;
	readonly reason: string;
	readonly product?: string;
	readonly device?: string;
}

/** What a device may do once connected. */
export interface Session {
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
	/** Where commands go unless told otherwise. */
	readonly control: string;
	/** The platform's own answer to a message, if it gives one. */
	answer(topic: string, payload: Buffer, now: number): Message | undefined;
}

export interface Message {
	readonly topic: string;
	readonly payload: string;
}
