/**
 * A product and its devices.
 *
 * A device is `created` (known, without a credential), `registered` (it was given a credential, or its own certificate
 * was accepted) or `active` (it has connected with its credential).
 *
 * Several boards may share a device's name, each with a token of its own in place of the secret.
 */

import type { X509Certificate } from "node:crypto";

/**
 * What the devices of a product authenticate with: a key that registration hands out, a certificate that it hands
 * out, or a certificate of their own, issued by the customer's authority.
 */
export type AuthMethod = "key" | "certificate" | "private-ca";

export const authMethods: readonly AuthMethod[] = ["key", "certificate", "private-ca"];

/**
 * Who may register: nobody; devices that were created before; or any name, up to the product's limit, for a secret
 * (`automatic`) or for a token (`free`: secrets go only to devices created before).
 */
export type RegistrationMode = "off" | "pre-created" | "automatic" | "free";

export const registrationModes: readonly RegistrationMode[] = ["off", "pre-created", "automatic", "free"];

export type DeviceState = "created" | "registered" | "active";

export const deviceStates: readonly DeviceState[] = ["created", "registered", "active"];

export interface Product {
	readonly platform: string;
	readonly id: string;
	secret: string;
	auth: AuthMethod;
	/** PEM. The customer's authority, which issues the devices' certificates if `auth` is "private-ca". */
	authority?: string;
	registration: RegistrationMode;
	/** How many devices registration may create. */
	limit: number;
	/** How many devices registration has created. */
	automatic: number;
	/** The only instance that registrations may name, on platforms with instances. Default: any. */
	instanceId?: string;
	/** What the template puts before a serial number to name the thing, on platforms with templates. */
	thingPrefix?: string;
	/** SHA-256 fingerprints of revoked certificates. */
	revoked?: string[];
	readonly devices: Map<string, Device>;
}

export interface Device {
	readonly name: string;
	/** Registration created it. */
	readonly automatic: boolean;
	state: DeviceState;
	/** The valid secret of a key device. */
	secret?: string;
	/** The valid certificate of a certificate device. PEM, one certificate. */
	certificate?: string;
	/** It has registered since it was created or reset. */
	hasRegistered?: true;
	/** What only its platform knows of it. */
	details?: Readonly<Record<string, string>>;
	/** On platforms where they stay valid: those of earlier registrations. PEM. */
	earlierCertificates?: string[];
	/** Handed out at the next registration, once, in place of a new secret or token. */
	nextSecret?: string;
	/** The boards that have registered for a token. */
	boards?: Board[];
	/** When it last registered or sent anything: milliseconds since 1970. Not saved. */
	lastSeen?: number;
	/** The latest values of its thing model's properties. Not saved. */
	properties?: Readonly<Record<string, unknown>>;
	/** Not saved. */
	dataTemplate?: DataTemplate;
	/** Not saved. */
	shadow?: Shadow;
}

/** What a platform keeps of a device's state: what it has reported, and what applications want. */
export interface Shadow {
	readonly reported: Readonly<Record<string, unknown>>;
	readonly desired: Readonly<Record<string, unknown>>;
	/** When each reported value came. */
	readonly times: ReadonlyMap<string, number>;
	readonly version: number;
}

/** The state of a device's data template. */
export interface DataTemplate {
	/** The latest value of each property. */
	reported: Readonly<Record<string, unknown>>;
	/** Commands that the device has not answered yet, by client token: the properties that each sets. */
	readonly pendingCommands: Map<string, Readonly<Record<string, unknown>>>;
}

/** One of the boards that share a device's name, and its credential. */
export interface Board {
	readonly clientId: string;
	token: string;
}

/** How a platform creates boards. */
export interface BoardRules {
	/** How many boards may share a name. */
	readonly maxBoards: number;
	newClientId(): string;
	newToken(): string;
}

/** Holds a credential, and so one connection: a device with its secret or certificate, or a board with its token. */
export type CredentialHolder = Device | Board;

export type ProductSettings = Pick<
	Product,
	"secret" | "auth" | "authority" | "registration" | "limit" | "instanceId" | "thingPrefix"
>;

/** As in the state file. */
export interface SavedProduct extends ProductSettings {
	readonly platform: string;
	readonly id: string;
	readonly revoked?: string[];
	readonly devices: readonly Device[];
}

/** The device itself and its boards. */
export function credentialHolders(device: Device): CredentialHolder[] {
	return [device, ...(device.boards ?? [])];
}

export function isRevoked({ revoked }: Product, { fingerprint256 }: X509Certificate): boolean {
	return revoked?.includes(fingerprint256) ?? false;
}

/** All secrets and tokens of a device and its boards. */
export function secretsOf({ secret, nextSecret, boards = [] }: Device): string[] {
	return [secret, nextSecret, ...boards.map(({ token }) => token)].filter((one) => one !== undefined);
}
