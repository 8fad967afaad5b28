/**
 * The contract of a platform. Adding one is a folder beside `tencent/`, which exports it by the folder's name.
 *
 * A platform decides and phrases. It does no I/O and keeps no state of its own.
 */

import type { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { CloudName } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { DeviceCertificates } from "../certificates/device-certificates.js";
import type { PlatformFault } from "../faults/fault-kinds.js";
import type { AuthMethod, Board, Device, Product, RegistrationMode } from "../products/product.js";
import type { Products } from "../products/products.js";
import type { JournalEntry } from "../server/journal.js";
import type { ExpectedSignature } from "./registration-refusal.js";
import type { TopicRow } from "./topic-table.js";

export interface Platform {
	/** As in the admin API, /products/{name}/…, and in a configuration's `cloud`. */
	readonly name: CloudName;
	/** Host names of its servers, for the certificate. */
	readonly hostNames: readonly string[];
	readonly rules: PlatformRules;
	/** Boards register with a claim certificate, whose key is the product's secret. */
	readonly claims?: Claims;
	/** What its devices may authenticate with. The first is the default of a product. */
	readonly auths: readonly [AuthMethod, ...AuthMethod[]];
	/** Who may register: a product's default, and its choices. */
	readonly registration: { readonly default: RegistrationMode; readonly modes: readonly RegistrationMode[] };
	/** Keys of a board's configuration that follow from the product, besides the one for its id. */
	boardKeys?(product: BoardProduct): RawConfiguration;
	/** What it calls the properties that it keeps of a device. */
	readonly stateTitle: "Data template" | "Telemetry" | "Thing model" | "Device shadow";
	/** The topics of its devices. */
	readonly topicRows: readonly TopicRow[];
	/** The names of its registrations in the journal, over HTTP and MQTT. */
	readonly operations: readonly string[];
	/** Registration endpoints by path, in which `{…}` stands for one level. */
	readonly endpoints: Readonly<Record<string, RegistrationEndpoint>>;
	/** Faults that it can apply to its registration responses. */
	readonly corruptions: Corruptions;
	/** Which device a CONNECT names and what for, unverified. @returns undefined if its form is not this platform's */
	claimedIdentity(
		connect: Pick<Connect, "clientId" | "username" | "certificate">,
		products: Products,
	): ClaimedIdentity | undefined;
	/** @returns undefined if the form of the CONNECT is not this platform's */
	login(connect: Connect, context: PlatformContext): Login | undefined;
	/** @returns the device of this TLS-PSK identity, if there is one */
	preSharedDevice(identity: string, products: Products): PreSharedDevice | undefined;
}

/** Certificates for registration only, which all boards of a product share. */
export interface Claims {
	/** PEM. */
	newKey(): string;
	isKey(secret: string): boolean;
	/** The keys of a board's configuration, in place of the product's secret. */
	boardKeys(product: Pick<Product, "id" | "secret">, certificates: DeviceCertificates): Promise<RawConfiguration>;
}

/** What a board's configuration depends on. */
export type BoardProduct = Pick<Product, "id" | "registration" | "instanceId">;

/** A device that may connect with TLS-PSK. */
export interface PreSharedDevice {
	readonly product: string;
	readonly device: string;
	/** Undefined before the device has registered. */
	readonly key: Buffer | undefined;
	/** What the key is, to a person who has got it wrong. */
	readonly keyForm: string;
}

/** By fault: turns a valid registration response into an invalid one. */
export type Corruptions = Readonly<Partial<Record<PlatformFault, (response: string, productSecret: string) => string>>>;

/** The names in a request, where they are well-formed. */
export type RequestNames = Pick<JournalEntry, "product" | "device">;

export interface ClaimedIdentity extends RequestNames {
	/** As in the journal. */
	readonly operation: string;
}

/** The form of names and secrets, each with the sentence for a violation. */
export interface PlatformRules {
	readonly productId: FormatRule;
	readonly productSecret: FormatRule;
	readonly deviceName: FormatRule;
	/** The admin API's key for a device's secret. */
	readonly secretName: string;
	readonly deviceSecret: FormatRule;
	newDeviceSecret(): string;
	/** On platforms that divide products into instances. */
	readonly instanceId?: FormatRule;
}

export interface FormatRule {
	readonly pattern: RegExp;
	readonly violation: string;
}

export interface PlatformContext {
	readonly products: Products;
	readonly certificates: DeviceCertificates;
	/** UTC in milliseconds since 1970. */
	readonly now: number;
	/** Refuse timestamps far from `now` where the platform does. */
	readonly checkTimestamps: boolean;
}

export interface RegistrationRequest {
	readonly path: string;
	/** Without its question mark. */
	readonly query: string;
	readonly headers: IncomingHttpHeaders;
	/** As received. */
	readonly body: Buffer;
}

/** The journal's part of a registration. */
export type RegistrationOutcome = Pick<JournalEntry, "product" | "device" | "verdict" | "reason" | "code" | "expected">;

export interface RegistrationEndpoint {
	readonly operation: string;
	/** Default: POST. */
	readonly method?: "GET" | "PUT";
	/** The names in the request, unverified. */
	names(request: RegistrationRequest): RequestNames;
	respond(request: RegistrationRequest, context: PlatformContext): RegistrationResponse | Promise<RegistrationResponse>;
}

export interface RegistrationResponse {
	/** JSON. */
	readonly body: string;
	/** Default: 200. */
	readonly status?: number;
	/** Seconds, for the header `Retry-After`. */
	readonly retryAfter?: number;
	readonly outcome: RegistrationOutcome;
}

export interface Connect {
	readonly clientId: string;
	readonly username: string | undefined;
	readonly password: string | undefined;
	/** The identity that TLS-PSK has authenticated. */
	readonly preSharedIdentity: string | undefined;
	/** TLS has verified that the client holds its private key, but neither its issuer nor its dates. */
	readonly certificate: X509Certificate | undefined;
	/** The connection uses TLS. */
	readonly overTls: boolean;
	/** The server's port. */
	readonly port: number | undefined;
	/** The protocol that TLS has agreed on by ALPN. */
	readonly alpn: string | undefined;
	/** Seconds; 0 for none. */
	readonly keepAlive: number;
}

export type Login = AcceptedLogin | RegistrationLogin | ConversationLogin | RefusedLogin;

export interface AcceptedLogin {
	readonly verdict: "accepted";
	readonly product: Product;
	readonly device: Device;
	/** The device's board that has connected with its token. */
	readonly board?: Board;
	readonly session: Session;
	/** After which the platform ends the session, and why. Default: none. */
	readonly limit?: { readonly seconds: number; readonly reason: string };
}

/**
 * A connection for a registration, which has been carried out. Its response follows the CONNACK, without a
 * subscription. It may neither publish nor subscribe.
 */
export interface RegistrationLogin {
	readonly verdict: "registered";
	/** As in the journal. */
	readonly operation: string;
	readonly reason: string;
	readonly product: Product;
	readonly device: Device;
	readonly response: Message;
	/** Seconds after which the platform ends the connection. */
	readonly timeLimit: number;
}

/** A connection on which a board registers by messages. */
export interface ConversationLogin {
	readonly verdict: "registering";
	/** As in the journal. */
	readonly operation: string;
	readonly reason: string;
	readonly platform: CloudName;
	/** What the CONNECT has shown. */
	readonly names: RequestNames;
	readonly conversation: Conversation;
	/** Seconds after which the platform ends the connection. */
	readonly timeLimit: number;
}

/** What a board may do while it registers. */
export interface Conversation {
	/** A subscription that the policy forbids ends the connection, instead of SUBACK 128. */
	readonly closesOnRefusal?: true;
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
	/** @returns the response to a request, which arrives if the board has subscribed to its topic */
	respond(topic: string, payload: Buffer, context: PlatformContext): Promise<ConversationResponse>;
}

export interface ConversationResponse {
	/** As in the journal. */
	readonly operation: string;
	readonly message: Message;
	readonly outcome: RegistrationOutcome;
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

/** What a connected device may do. */
export interface Session {
	/** As of a conversation. */
	readonly closesOnRefusal?: true;
	mayPublish(topic: string): boolean;
	maySubscribe(filter: string): boolean;
	/** The platform subscribes the device to this topic by itself. */
	isAutomatic(topic: string): boolean;
	/** A device that has subscribed to the topic receives what it publishes there itself. */
	comesBack(topic: string): boolean;
	/** The default topic for commands to the device. */
	readonly control: string;
	/** @returns the platform's own response to a message, if any; only the sender receives it */
	respond(topic: string, payload: Buffer, now: number): Message | undefined;
	/** Called with each message that the operator sends to the device. */
	onMessageSent?(message: Message): void;
}

export interface Message {
	readonly topic: string;
	readonly payload: string;
}
