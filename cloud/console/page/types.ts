/** What the administration responds with, as the page uses it. `/openapi.json` describes all of it. */

export type Auth = "key" | "certificate" | "private-ca";

export interface Product {
	readonly platform: string;
	readonly id: string;
	readonly auth: Auth;
	readonly registration: string;
	readonly limit: number;
	readonly instanceId?: string;
	readonly devices: number;
}

export interface Device {
	readonly name: string;
	readonly state: "created" | "registered" | "active";
	readonly connected: boolean;
	readonly automatic: boolean;
	readonly nextSecretFixed: boolean;
	readonly lastSeen?: string;
	readonly boards?: number;
	readonly certificate?: { readonly kind: string; readonly expires: string; readonly revoked: boolean };
}

export interface ListedDevice {
	readonly platform: string;
	readonly product: string;
	readonly auth: Auth;
	readonly device: Device;
}

export interface DeviceList {
	readonly total: number;
	readonly counts: Readonly<Record<"created" | "registered" | "active" | "online", number>>;
	readonly devices: readonly ListedDevice[];
}

export interface Rule {
	readonly pattern: string;
	readonly violation: string;
}

export interface Platform {
	readonly name: string;
	readonly auths: readonly Auth[];
	readonly registration: { readonly default: string; readonly modes: readonly string[] };
	readonly operations: readonly string[];
	readonly secretName: string;
	readonly productId: Rule;
	readonly productSecret: Rule;
	readonly deviceName: Rule;
	readonly deviceSecret: Rule;
	readonly hasInstances: boolean;
}

export interface ExpectedSignature {
	readonly algorithm: string;
	readonly encoding?: string;
	readonly stringToSign: string;
}

export interface JournalEvent {
	readonly type: "journal";
	readonly seq: number;
	readonly time: string;
	readonly transport: string;
	readonly operation: string;
	readonly product?: string;
	readonly device?: string;
	readonly verdict: "accepted" | "refused" | "closed";
	readonly reason: string;
	readonly code?: number | string;
	readonly expected?: ExpectedSignature;
}

export interface MessageEvent {
	readonly type: "message";
	readonly seq: number;
	readonly time: string;
	readonly product: string;
	readonly device: string;
	readonly direction: "up" | "down";
	readonly topic: string;
	readonly payload: string;
	readonly binary?: true;
	readonly bytes: number;
}

export interface ChangeEvent {
	readonly type: "change";
	readonly seq: number;
	readonly time: string;
	readonly method: string;
	readonly path: string;
}

export type CloudEvent = JournalEvent | MessageEvent | ChangeEvent;

export interface FleetSecond {
	readonly at: number;
	readonly connections: number;
	readonly online: number;
}

export interface FaultRule {
	readonly operation: string;
	readonly fault: string;
	readonly count?: number;
	readonly triggered?: number;
	readonly [parameter: string]: unknown;
}

export interface FaultKind {
	readonly operation: string;
	readonly fault: string;
	readonly required: readonly string[];
	readonly allowed: readonly string[];
	readonly device: boolean;
}

export interface FaultParameter {
	readonly key: string;
	readonly type: "string" | "number";
	readonly expected: string;
}

export interface CloudDescription {
	readonly urls: Readonly<Record<string, string>>;
	readonly ca: string;
	readonly authority: string;
}
