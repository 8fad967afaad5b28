/**
 * What the local cloud needs to know of a platform. Adding one is a folder beside
 * `tencent/` and a line in `platforms.ts`.
 *
 * A platform decides and phrases; it does no I/O and keeps no state of its own.
 */

import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { DeviceCertificates } from "./device-certificates.js";
import type { PlatformFault } from "./faults/kinds.js";
import type { Entry } from "./journal.js";
import type { Auth, Board, Device, Product, Products, RegistrationMode } from "./products.js";
import type { ExpectedSignature } from "./refusal.js";

export interface Platform {
	/** As in the admin API: /products/{name}/… */
	readonly name: string;
	/** Its servers' names, for the certificate. */
	readonly hostNames: readonly string[];
	readonly rules: Rules;
	/** What its devices may authenticate with; the first is for products that do not say. */
	readonly auths: readonly [Auth, ...Auth[]];
	/** Who may register, in a product that does not say; and what it may say. */
	readonly registration: { readonly default: RegistrationMode; readonly modes: readonly RegistrationMode[] };
	/** What the journal calls registrations, whichever way they come. */
	readonly operations: readonly string[];
	/** Registration endpoints by path; all are POST. */
	readonly endpoints: Readonly<Record<string, RegistrationEndpoint>>;
	/** Faults that its answers to registrations may have. */
	readonly spoils: Spoils;
	/** Who a CONNECT says it is and what for; nothing of it is believed. @returns undefined if it is not of this platform's form */
	claim(connect: Pick<Connect, "clientId" | "username">, products: Products): Claim | undefined;
	/** @returns undefined if a CONNECT of this form is not for this platform */
	login(connect: Connect, context: Context): Login | undefined;
	/** The key of this TLS-PSK identity, if there is such a device. */
	preSharedKey(identity: string, products: Products): Buffer | undefined;
}

/** By fault: what becomes of a right answer to a registration. */
export type Spoils = Readonly<Partial<Record<PlatformFault, (answer: string, productSecret: string) => string>>>;

/** Names as somebody gives them, if they are well-formed. */
export type Names = Pick<Entry, "product" | "device">;

export interface Claim extends Names {
	/** As in the journal. */
	readonly operation: string;
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
	/** On platforms that divide products into instances. */
	readonly instanceId?: Rule;
}

export interface Rule {
	readonly pattern: RegExp;
	readonly sentence: string;
}

export interface Context {
	readonly products: Products;
	readonly certificates: DeviceCertificates;
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
	/** Who the request says it is; nothing of it is believed. */
	names(request: RegistrationRequest): Names;
	answer(request: RegistrationRequest, context: Context): RegistrationAnswer | Promise<RegistrationAnswer>;
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
	/** Whose private key TLS has proved that the client holds. Who issued it, and its dates, nobody has looked at. */
	readonly certificate: X509Certificate | undefined;
	/** It came over TLS. */
	readonly secure: boolean;
	/** Seconds; 0 for none. */
	readonly keepAlive: number;
}

export type Login = AcceptedLogin | RegistrationLogin | RefusedLogin;

export interface AcceptedLogin {
	readonly verdict: "accepted";
	readonly product: Product;
	readonly device: Device;
	/** The one of the device's boards that it is, if it has come with a token. */
	readonly board?: Board;
	readonly session: Session;
}

/**
 * A connection that is there for a registration, which has been carried out: it gets its answer
 * right after the CONNACK, without a subscription, and may neither publish nor subscribe.
 */
export interface RegistrationLogin {
	readonly verdict: "registered";
	/** As in the journal. */
	readonly operation: string;
	readonly reason: string;
	readonly product: Product;
	readonly device: Device;
	readonly answer: Message;
	/** How long the connection may last, in seconds. */
	readonly lasts: number;
}

export interface RefusedLogin {
	readonly verdict: "refused";
	/** CONNACK return code, MQTT 3.1.1 section 3.2.2.3. */
	readonly code: 2 | 3 | 4 | 5;
	readonly reason: string;
	/** As in the journal. Default: connect. */
	readonly operation?: string;
	readonly product?: string;
	readonly device?: string;
	readonly expected?: ExpectedSignature;
}

/** What a device may do once connected. */
export interface Session {
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
	/** Where commands go unless told otherwise. */
	readonly control: string;
	/** The platform's own answer to a message, if it gives one. It reaches only who asked. */
	answer(topic: string, payload: Buffer, now: number): Message | undefined;
	/** Hears of what the operator has sent to the device. */
	sent?(message: Message): void;
}

export interface Message {
	readonly topic: string;
	readonly payload: string;
}
