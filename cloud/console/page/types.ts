/** What the administration responds with: the types of its operations. */

import type { listDevices } from "../../admin/device-list.js";
import type { DeviceView } from "../../admin/devices.js";
import type { Operation } from "../../admin/operation.js";
import type { ProductView } from "../../admin/products.js";
import type { getPlatforms, getStateOfDevice } from "../../admin/watching.js";
import type { NumberedEvent } from "../event-stream.js";

export type { ExpectedSignature } from "../../platforms/registration-refusal.js";
export type { FleetSecond } from "../fleet.js";

type ViewOf<Of> = Of extends Operation<string, infer _, infer View, infer __> ? View : never;

export type Auth = "key" | "certificate" | "private-ca";

export type Product = ProductView;
export type Device = DeviceView;
export type DeviceList = ViewOf<typeof listDevices>;
export type ListedDevice = DeviceList["devices"][number];
export type Platform = ViewOf<typeof getPlatforms>[number];
export type DeviceState = ViewOf<typeof getStateOfDevice>;
export type JournalEvent = NumberedEvent & { readonly type: "journal" };
export type MessageEvent = NumberedEvent & { readonly type: "message" };
export type CloudEvent = NumberedEvent;

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
