import type { CloudName } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host } from "dynreg/contracts/host";
import type { Attackers } from "../contract/cases/attackers.js";
import type { Servers } from "../contract/cases/case.js";

/** A test case that runs on a board. */
export interface DeviceCase {
	readonly name: string;
	/** The parts of the fixture that the case needs from the desktop. Default: none. */
	readonly needs?: readonly (keyof Fixture)[];
	/**
	 * One function for each run of the board, with a restart in between; flash is kept. A run ends when its function
	 * returns or requests a power cut. It may return `Measurements`: numbers by name, with the unit.
	 *
	 * @throws Error with the expected and the actual value
	 */
	readonly runs: readonly DeviceRun[];
	/** The meaning of each run's duration, if it is a measurement. */
	readonly durations?: readonly string[];
	/** Begin with a restarted board. */
	readonly freshBoard?: boolean;
	/** The reason if it cannot run on an ESP8266. */
	readonly notOnEsp8266?: string;
}

export type Measurements = Readonly<Record<string, number>>;

export type DeviceRun = (device: Device, fixture: Fixture) => Promise<unknown>;

/** The board, for the cases. */
export interface Device {
	readonly host: Host;
	/** Which run of the case this is, from 0. */
	readonly run: number;
	/** Has the desktop cut the power at once. Does not return. */
	powerCut(): never;
	/** Collects garbage; the desktop then measures memory for two seconds under this name. */
	measureMemory(phase: string): Promise<void>;
	/** Runs it later, where its exceptions are uncaught. */
	runUncaught(work: () => void): void;
	/** Whether the SDK's own secure socket, without this project's checks, accepts the attacker. */
	sdkAcceptsAttacker(attackers: Attackers, attacker: "polite" | "unsigned"): Promise<boolean>;
}

/** Vectors by kind, as in `conformance/vectors.json`. */
export const vectorKinds = [
	"tencent_v1_sign",
	"tencent_v2_sign",
	"tencent_payload",
	"tencent_mqtt",
	"aliyun_register_sign",
	"aliyun_session",
	"volcengine_sign",
	"volcengine_payload",
	"volcengine_session",
	"azure_derived_key",
	"azure_token",
] as const;

export type VectorKind = (typeof vectorKinds)[number];

/** What the desktop sends a board: plain data, only what the case needs. By the clouds: configurations for the local cloud. */
export interface Fixture
	extends Readonly<Record<CloudName, RawConfiguration>>,
		Readonly<Record<VectorKind, readonly Vector[]>> {
	readonly servers: Servers;
	/** `servers.device`, which is large. */
	readonly certificates: Servers["device"];
	readonly attackers: Attackers;
}

/** Of all kinds; each has what it needs. */
export interface Vector {
	readonly origin: string;
	readonly productId: string;
	readonly productKey: string;
	readonly productSecret: string;
	readonly deviceName: string;
	readonly deviceSecret: string;
	readonly psk: string;
	readonly username: string;
	readonly password: string;
	readonly algorithm: "hmacsha1" | "hmacsha256";
	readonly signMethod: "hmacmd5" | "hmacsha1" | "hmacsha256";
	readonly host: string;
	readonly body: string;
	readonly nonce: number;
	/** Volcengine's `auth_type`. */
	readonly authType: 0 | 1;
	/** Decimal. */
	readonly random: string;
	/** Seconds since 1970. */
	readonly timestamp: number;
	readonly signature: string;
	readonly sign: string;
	/** Names and values one after another, as they are signed. */
	readonly content: string;
	/** Base64. */
	readonly groupKey: string;
	readonly registrationId: string;
	/** Base64. */
	readonly deviceKey: string;
	/** Base64, of a token. */
	readonly key: string;
	/** What a token is for, as it is sent. */
	readonly sr: string;
	/** The end of a token: seconds since 1970. */
	readonly se: number;
	/** Of a token. */
	readonly sig: string;
	readonly payload: string;
	readonly len: number;
	/** JSON. */
	readonly plain: string;
}

/** What the desktop answers: the next thing to do, or nothing more in this run. */
export interface Assignment extends Partial<Fixture> {
	readonly case?: string;
	readonly run?: number;
}

/** The board's request: empty after power-up, otherwise the result of its assignment. */
export interface Report {
	readonly case?: string;
	readonly run?: number;
	readonly error?: string;
	readonly measurements?: Measurements;
	/** Milliseconds. */
	readonly duration?: number;
}
