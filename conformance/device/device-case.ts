import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Host } from "dynreg/contracts/host";
import type { Attackers } from "../contract/cases/attackers.js";
import type { Servers } from "../contract/cases/case.js";

/** One thing that a board must do. */
export interface DeviceCase {
	readonly name: string;
	/** What the desktop is to tell the board for it; default: nothing. */
	readonly needs?: readonly (keyof World)[];
	/**
	 * What is done in each life of the board: between two of them the machine is restarted, and flash stays. A
	 * life ends when its function returns, or asks for the power to be cut.
	 *
	 * If it returns `Measured`, that is reported: numbers by what they are, unit included.
	 *
	 * @throws Error that says what was expected and what came
	 */
	readonly lives: readonly Life[];
	/** What the time of each life is, where it is more than how long the case took. */
	readonly timed?: readonly string[];
	/** Begin with a board that has just been switched on. */
	readonly fresh?: boolean;
	/** Why it does not run on an ESP8266. */
	readonly notOnEsp8266?: string;
}

export type Measured = Readonly<Record<string, number>>;

export type Life = (device: Device, world: World) => Promise<unknown>;

/** The board, as the cases need it. */
export interface Device {
	readonly host: Host;
	/** Which life of the case this is, from 0. */
	readonly life: number;
	/** The desktop cuts the power at once. Does not return. */
	powerCut(): never;
	/** Memory is cleaned up, and measured by the desktop for two seconds under this name. */
	rest(phase: string): Promise<void>;
	/** Does it later, where nobody catches what it throws. */
	alone(work: () => void): void;
	/** Whether the SDK's own secure socket, without what this project adds, takes the attacker for the server. */
	goesOn(attackers: Attackers, attacker: "polite" | "unsigned"): Promise<boolean>;
}

/** What the desktop tells a board: plain data, and of this only what the case needs. */
export interface World {
	readonly servers: Servers;
	/** `servers.device`, which is large. */
	readonly certificates: Servers["device"];
	readonly attackers: Attackers;
	/** Configurations for the local cloud. */
	readonly tencent: RawConfiguration;
	readonly aliyun: RawConfiguration;
	/** Vectors by kind, as in `conformance/vectors.json`. */
	readonly tencent_v1_sign: readonly Vector[];
	readonly tencent_v2_sign: readonly Vector[];
	readonly tencent_payload: readonly Vector[];
	readonly tencent_mqtt: readonly Vector[];
	readonly aliyun_register_sign: readonly Vector[];
	readonly aliyun_session: readonly Vector[];
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
	/** Decimal. */
	readonly random: string;
	/** Seconds since 1970. */
	readonly timestamp: number;
	readonly signature: string;
	readonly sign: string;
	/** Names and values one after another, as they are signed. */
	readonly content: string;
	readonly payload: string;
	readonly len: number;
	/** JSON. */
	readonly plain: string;
}

/** What the desktop answers: the next thing to do, or nothing more in this life. */
export interface Assignment extends Partial<World> {
	readonly case?: string;
	readonly life?: number;
}

/** What the board asks with: nothing when it has just been switched on, else what came of its assignment. */
export interface Report {
	readonly case?: string;
	readonly life?: number;
	readonly error?: string;
	readonly measured?: Measured;
	/** Milliseconds. */
	readonly took?: number;
}
